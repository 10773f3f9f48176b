"""What a layout declares: facts about an ERP's import file, before any code.

A layout is a folder: `spec.py` (facts with their source), `layout.sql` (journal lines to the file's columns) and
`accounts.csv` (an example of the account mapping). Shared code never asks for a layout by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from entrepot.ledger import accounts

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUPINGS = ("day", "order", "settlement")
"""What one journal holds; see `sql/exported_lines.sql`."""

MAPPING_COLUMNS = ("kind", "ours", "theirs", "tax_code", "dimensions", "note")
"""Header of an account mapping."""


@dataclass(frozen=True, slots=True)
class FileForm:
    """How the layout looks as text.

    Attributes:
        suffix: Ending of the file's name.
        encoding: Codec of the bytes.
        first_line: A line before everything else, if the ERP wants one.
        has_header: Whether a line with the names of the columns follows.
        is_quoted: Whether a cell that holds the comma may be quoted; else the layout's SQL takes commas out.
        line_end: What ends a line.
    """

    suffix: str = "csv"
    encoding: str = "utf-8-sig"
    first_line: str = ""
    has_header: bool = True
    is_quoted: bool = True
    line_end: str = "\r\n"


@dataclass(frozen=True)
class Layout:
    """One import file of one ERP.

    Attributes:
        name: Equals the folder's name.
        title: What people call it, by language.
        source: Where the columns were read, and what is our assumption.
        numbers: Columns that a spreadsheet holds as numbers; all others are text.
        dimensions_max: How many dimensions a line can carry.
        has_entity: Whether the file names the company; else a file holds one company only.
        needs_mapping: Whether the accounts are the ERP's own; else ours are written where no mapping is given.
        text: Form of the file as text.
        sheet: Name of the sheet in a workbook.
    """

    name: str
    title: Mapping[str, str]
    source: str
    numbers: frozenset[str]
    dimensions_max: int = 3
    has_entity: bool = True
    needs_mapping: bool = True
    text: FileForm = FileForm()
    sheet: str = "Journal"

    @property
    def sql(self) -> str:
        """The SELECT from `exported_lines` to the file's columns."""
        return _asset(self.name, "layout.sql")


def mapping_text(layout: Layout) -> str:
    """The layout's example of an account mapping, as CSV; where our accounts are written, each maps to itself."""
    if layout.needs_mapping:
        return _asset(layout.name, "accounts.csv")
    rows = [f"account,{each.account},{each.account},own,channel shop sku,{each.name_en}" for each in accounts()]
    return "\n".join([",".join(MAPPING_COLUMNS), *rows]) + "\n"


def _asset(layout: str, name: str) -> str:
    return resources.files(f"entrepot.delivery.{layout}").joinpath(name).read_text(encoding="utf-8")
