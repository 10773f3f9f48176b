"""Check a file's rows against the totals that the file itself states."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from entrepot.connectors.contract import ControlTotal, TotalOf

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.connectors.contract import FileFormat
    from entrepot.connectors.reading import StagedFile


@dataclass(frozen=True, slots=True)
class Finding:
    """A doubt about a file that was nevertheless read.

    Attributes:
        kind: control_total, unknown_column, repeated_column, shop_assumed, sheet_not_read, unclosed_quote, undecodable,
            column_renamed, column_vanished, column_retyped; of answers of a platform unknown_field, far_fewer_listed.
        name: Which column or total.
        stated: What the file states, in minor units or rows.
        found: What its rows give.
        agrees: Whether stated and found are the same; only control totals may agree.
    """

    kind: str
    name: str
    stated: int | None = None
    found: int | None = None

    @property
    def agrees(self) -> bool:
        """Whether the file is right about itself."""
        return self.kind == "control_total" and self.stated == self.found

    def as_dict(self) -> dict[str, str | int | None]:
        """For JSON."""
        return {"kind": self.kind, "name": self.name, "stated": self.stated, "found": self.found}


def check_totals(wire: FileFormat, staged: StagedFile, rows: Path) -> list[Finding]:
    """Every control total that the file states, with what its rows give.

    Args:
        wire: The format, with its totals.
        staged: Lines outside the data.
        rows: The staged rows.
    Returns:
        One finding per stated total, also those that agree; amounts in minor units with two decimals.
    """
    findings = []
    for total in wire.totals:
        for line in staged.outside:
            if match := re.search(total.pattern, line):
                stated = _minor(match["stated"]) if total.of is TotalOf.SUM else int(match["stated"])
                findings.append(Finding("control_total", total.name, stated, _found(total, rows)))
                break
    return findings


_TIME_WORDS = re.compile(r"时间|日期|date|time|created at|paid at", re.IGNORECASE)
_NAMED_DAY = r"^(?P<year>20[0-9]{2})[-/](?P<month>[0-9]{1,2})[-/](?P<day>[0-9]{1,2})"


def period_of(wire: FileFormat, rows: Path) -> tuple[str, str] | None:
    """First and last day in the first column of times that has any, as `YYYY-MM-DD`; for people, decides nothing."""
    for column in wire.columns:
        if not _TIME_WORDS.search(column.name):
            continue
        cells = pc.drop_null(pq.read_table(rows, columns=[column.name])[column.name])
        days = pc.extract_regex(cells, _NAMED_DAY)
        found = pc.drop_null(days.combine_chunks())
        if len(found):
            parts = [pc.struct_field(found, [index]) for index in range(3)]
            padded = [parts[0], *(pc.utf8_lpad(part, 2, "0") for part in parts[1:])]
            texts = pc.min_max(pc.binary_join_element_wise(*padded, "-")).as_py()
            return str(texts["min"]), str(texts["max"])
    return None


def _minor(text: str) -> int:
    whole, _, part = text.replace(",", "").lstrip("+-").partition(".")
    sign = -1 if text.startswith("-") else 1
    return sign * (int(whole or "0") * 100 + int((part + "00")[:2]))


def _found(total: ControlTotal, rows: Path) -> int:
    column = pq.read_table(rows, columns=[total.column])[total.column].combine_chunks()
    plain = column.filter(pc.match_substring_regex(column, r"^-?[0-9]{1,15}([.][0-9]{1,2})?$"))
    amounts = pc.cast(plain, pa.decimal128(20, 2))
    filled = amounts.filter(pc.not_equal(amounts, pa.scalar(0, pa.decimal128(20, 2))))
    if total.of is TotalOf.COUNT:
        return len(filled)
    added = pc.sum(pc.abs(filled) if total.absolute else filled).as_py()
    return int(added * 100) if added is not None else 0
