"""How files are put on paper: encodings, quoting, archives. The bytes depend on nothing but their rows."""

from __future__ import annotations

import gzip
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_ZIP_DAY = (2026, 11, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file that was written.

    Attributes:
        path: Below the company folder, with forward slashes. kind: Kind of table in it, such as
        `tmall_orders`. shop: Shop it belongs to, blank for lists. rows: Rows of the table, broken ones
        included, without preamble, header and footer. role: `final`, `earlier` (an older export of the same
        orders), `late` (arrives after all others), `copy`
            (the bytes of another file under another name), or `company` for what is no data.
    """

    path: str
    kind: str
    shop: str
    rows: int
    role: str = "final"


def all_quoted(rows: Iterable[Sequence[str]], end: str = "\r\n") -> str:
    """CSV with every cell in quotes."""
    return "".join('"' + '","'.join(cell.replace('"', '""') for cell in row) + '"' + end for row in rows)


def sparse_quoted(rows: Iterable[Sequence[str]], end: str = "\n", comma: str = ",") -> str:
    """CSV with quotes only where a cell needs them."""

    def cell_text(cell: str) -> str:
        if comma in cell or '"' in cell or "\n" in cell:
            return '"' + cell.replace('"', '""') + '"'
        return cell

    return "".join(comma.join(map(cell_text, row)) + end for row in rows)


def put(path: Path, content: bytes) -> None:
    """Write bytes, making the folder where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def put_gz(path: Path, content: bytes) -> None:
    """Write bytes as a gzip file without name and time in it."""
    put(path, gzip.compress(content, compresslevel=6, mtime=0))


def put_zip(path: Path, member: str, content: bytes) -> None:
    """Write bytes as the only member of a zip archive."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(member, _ZIP_DAY), content, zipfile.ZIP_DEFLATED, 6)


def put_xlsx(path: Path, sheet: str, rows: Iterable[Sequence[str]]) -> None:
    """Write a workbook of one sheet in which every cell is text, as seller centres do to protect long ids."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": datetime(2026, 11, 1, tzinfo=UTC).replace(tzinfo=None)})
    page = book.add_worksheet(sheet)
    for row_at, row in enumerate(rows):
        for column_at, cell in enumerate(row):
            if cell:
                page.write_string(row_at, column_at, cell)
    book.close()
