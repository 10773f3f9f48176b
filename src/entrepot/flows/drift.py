"""Has a platform changed its export? A file beside the last one of its format, column by column.

    column_renamed    a column is gone and an unknown one looks like it: it names both
    column_vanished   a column is gone and nothing looks like it
    column_retyped    a column holds another kind of cell than it did: it names both kinds

A column that nobody knows is `unknown_column`, whether it is new or not. Only names and kinds of cells are looked at;
no cell is shown.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rapidfuzz import fuzz

from entrepot.connectors.errors import shortened
from entrepot.flows.totals import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from entrepot.connectors.contract import FileFormat
    from entrepot.connectors.recognition import Recognised
    from entrepot.store import RawFile

DRIFT = frozenset({"column_renamed", "column_vanished", "column_retyped"})
"""Kinds of findings that tell of a change since the file before."""

_ROWS_LOOKED_AT = 5_000
_FILES_KEPT = 256
"""A file that is read now is the one before of the next."""

_ALIKE = 60.0
"""Of 100: 买家实际支付金额 and 买家实付金额 have 86, 订单编号 and 店铺名称 have 0."""

_MOSTLY = 0.9
_CELLS_MIN = 5
"""A kind is not told from fewer cells."""

_KINDS = (
    ("whole number", r"\A-?[0-9]{1,9}\z"),
    ("long number", r"\A[0-9]{10,}\z"),
    ("amount", r"\A-?[0-9]{1,12}[.][0-9]{1,6}\z"),
    ("day", r"\A[12][0-9]{3}[-/.][0-9]{1,2}[-/.][0-9]{1,2}\z"),
    ("instant", r"\A[12][0-9]{3}[-/.][0-9]{1,2}[-/.][0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}"),
)
_NUMBERS = frozenset({"whole number", "amount"})


def likely_names(missing: Mapping[str, Iterable[str]], extra: Sequence[str]) -> dict[str, str]:
    """For each missing column the unknown header that most likely took its place, each header once.

    Args:
        missing: Column to the headers it was known by.
        extra: Headers that nobody knows.
    """
    scores = sorted(
        (
            (max(fuzz.ratio(header.lower(), other.lower()) for header in headers), name, other)
            for name, headers in missing.items()
            for other in extra
        ),
        key=lambda each: (-each[0], each[1], each[2]),
    )
    found: dict[str, str] = {}
    for score, name, other in scores:
        if score >= _ALIKE and name not in found and other not in found.values():
            found[name] = other
    return found


def headers_of(wire: FileFormat) -> dict[str, tuple[str, ...]]:
    """Each column of a format with every header it is known by."""
    found: dict[str, list[str]] = {}
    for header, name in wire.header_names.items():
        found.setdefault(name, []).append(header)
    return {name: tuple(headers) for name, headers in found.items()}


def drift_findings(recognised: Recognised, staged: Path, before: RawFile | None, staged_before: Path) -> list[Finding]:
    """What has changed since the last file of the same format.

    Args:
        recognised: Header of this file.
        staged: Its rows as clean text.
        before: The last file of the format that was kept; None for a first one.
        staged_before: The rows of that one.
    Returns:
        Findings in the order of the format's columns.
    """
    if before is None:
        return []
    had = {name for name in before.column_set.split("|") if name}
    has = {name for name in recognised.columns if name}
    headers = headers_of(recognised.format)
    gone = [column.name for column in recognised.format.columns if column.name in had - has]
    renamed = likely_names({name: headers[name] for name in gone}, recognised.unknown)
    findings = [
        Finding("column_renamed", f"{name} → {shortened(renamed[name])}")
        if name in renamed
        else Finding("column_vanished", name)
        for name in gone
    ]
    if not staged_before.exists():
        return findings
    shared = [column.name for column in recognised.format.columns if column.name in had & has]
    kinds = _kinds(staged), _kinds(staged_before)
    now, then = ({name: kind for name, kind in each.items() if name in shared} for each in kinds)
    return findings + [
        Finding("column_retyped", f"{name}: {then[name]} → {now[name]}")
        for name in shared
        if name in now and name in then and now[name] != then[name] and not {now[name], then[name]} <= _NUMBERS
    ]


def _kinds(staged: Path) -> Mapping[str, str]:
    """Column to the kind that most of its cells are of; columns with few cells or of no one kind are left out."""
    return _kinds_of(staged, staged.stat().st_mtime_ns)


@lru_cache(maxsize=_FILES_KEPT)
def _kinds_of(staged: Path, _changed_ns: int) -> Mapping[str, str]:
    with pq.ParquetFile(staged) as source:
        batch = next(source.iter_batches(_ROWS_LOOKED_AT), None)
    if batch is None:
        return {}
    found = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        kind = _kind(column)
        if kind is not None:
            found[name] = kind
    return found


def _kind(cells: pa.Array) -> str | None:
    filled = cells.drop_null()
    if len(filled) < _CELLS_MIN or not pa.types.is_string(filled.type):
        return None
    shares = [
        (pc.sum(pc.match_substring_regex(filled, pattern)).as_py() / len(filled), kind) for kind, pattern in _KINDS
    ]
    share, kind = max(shares)
    if share >= _MOSTLY:
        return kind
    # Numbers are written with and without decimals in one column; that is one kind.
    if sum(each for each, name in shares if name in _NUMBERS) >= _MOSTLY:
        return "amount"
    return "text" if sum(each for each, _ in shares) <= 1 - _MOSTLY else None
