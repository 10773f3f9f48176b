"""The account mapping: our account to the ERP's account, tax code and dimensions, as a CSV that its owner edits.

    kind,ours,theirs,tax_code,dimensions,note
    account,wallet,1012.01,,channel shop,
    account,wallet/amazon,1002.03,,channel shop,another account for one platform
    account,output_vat,2221.01,by_rate,,
    tax,1300,S13,,,
    shop,屿浔旗舰店,D01,,,

`account` rows are needed for every account of the period. A tax code is the ERP's; `by_rate` takes that of the line's
own rate from the `tax` rows, `own` writes our rate as it is. `entity`, `channel`, `shop`, `sku`, `currency` and
`dimension` rows translate single codes; a code without a row is written as it is.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import pyarrow as pa

from entrepot.delivery.contract import MAPPING_COLUMNS
from entrepot.delivery.errors import MappingInvalid

BY_RATE = "by_rate"
DIMENSIONS = ("channel", "shop", "sku")
KINDS = ("account", "tax", "entity", *DIMENSIONS, "currency", "dimension")

_ACCOUNT_COLUMNS = ("account", "channel", "erp_account", "tax_code", "dimension_1", "dimension_2", "dimension_3")


@dataclass(frozen=True, eq=False)
class AccountMapping:
    """A mapping as two relations.

    Attributes:
        accounts: account, channel ('' for all), erp_account, tax_code, dimension_1 to dimension_3 (words or null).
        values: kind, ours, theirs.
    """

    accounts: pa.Table
    values: pa.Table


def mapping_file_text(content: bytes, name: str) -> str:
    """The text of a mapping as a spreadsheet saves it: UTF-8, or the Chinese code page.

    Raises:
        MappingInvalid: It is neither.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise MappingInvalid(name, 1, "it is neither UTF-8 nor GB18030; save it as CSV in UTF-8")


def read_mapping(text: str, name: str, dimensions_max: int, channels: frozenset[str] = frozenset()) -> AccountMapping:
    """Read a mapping.

    Args:
        text: The CSV.
        name: The file's name, for messages.
        dimensions_max: How many dimensions the layout can carry.
        channels: Those that there are; empty where nobody knows.

    Raises:
        MappingInvalid: A column is missing; a kind, dimension or channel is not known; a row is there twice or says
            nothing.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [column for column in MAPPING_COLUMNS[:5] if column not in (reader.fieldnames or ())]
    if missing:
        raise MappingInvalid(
            name, 1, f"the column {', '.join(missing)} is missing; needed: {', '.join(MAPPING_COLUMNS)}"
        )
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for number, raw in enumerate(reader, start=2):
        row = {column: (raw.get(column) or "").strip() for column in MAPPING_COLUMNS}
        if not any(row.values()):
            continue
        problem = _problem(row, dimensions_max, channels) or (
            f"{row['kind']} {row['ours']} is there twice" if (row["kind"], row["ours"]) in rows else ""
        )
        if problem:
            raise MappingInvalid(name, number, problem)
        rows[row["kind"], row["ours"]] = row
    return AccountMapping(
        _table(_ACCOUNT_COLUMNS, [_account(row) for (kind, _), row in rows.items() if kind == "account"]),
        _table(
            ("kind", "ours", "theirs"),
            [(kind, ours, row["theirs"]) for (kind, ours), row in rows.items() if kind != "account"],
        ),
    )


def _problem(row: dict[str, str], dimensions_max: int, channels: frozenset[str]) -> str:
    """The first reason why a row cannot be used; empty when there is none."""
    dimensions = row["dimensions"].split()
    unknown = [word for word in dimensions if word not in DIMENSIONS]
    channel = (
        row["ours"] if row["kind"] == "channel" else row["ours"].partition("/")[2] if row["kind"] == "account" else ""
    )
    checks = (
        (row["kind"] not in KINDS, f"kind {row['kind'] or 'empty'} is not known; known are {', '.join(KINDS)}"),
        (not row["ours"], "`ours` is empty"),
        (not row["theirs"], f"`theirs` is empty for {row['ours']}"),
        (bool(unknown), f"dimension {' '.join(unknown)} is not known; known are {', '.join(DIMENSIONS)}"),
        # Its row would be passed over, and the account of all channels taken.
        (
            bool(channels and channel and channel not in channels),
            f"there is no channel {channel}; there are {', '.join(sorted(channels))}",
        ),
        (len(set(dimensions)) != len(dimensions), "a dimension is named twice"),
        (len(dimensions) > dimensions_max, f"{len(dimensions)} dimensions, and the layout holds {dimensions_max}"),
    )
    return next((problem for is_wrong, problem in checks if is_wrong), "")


def _account(row: dict[str, str]) -> tuple[str | None, ...]:
    account, _, channel = row["ours"].partition("/")
    words: list[str | None] = [*row["dimensions"].split()]
    padded = words + [None] * (len(DIMENSIONS) - len(words))
    return account, channel, row["theirs"], row["tax_code"] or None, *padded


def _table(columns: tuple[str, ...], rows: list[tuple[str | None, ...]]) -> pa.Table:
    return pa.table({name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(columns)})
