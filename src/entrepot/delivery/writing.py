"""Write a table as text or as a workbook; the same rows give the same bytes.

Cells are text that the engine has printed. A workbook holds the layout's numbers as numbers where a double is exact.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from entrepot.delivery.errors import SheetTooLong

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.delivery.contract import Layout

SHEET_LINES_MAX = 1_048_576
"""Rows of a sheet, by the format's specification."""

_EXACT_DIGITS_MAX = 15
"""A spreadsheet keeps so many digits of a number; a longer one stays text."""

_SHEET = "xl/worksheets/sheet1.xml"
_LINES_AT_ONCE = 10_000
_PLAIN_ZIP_LINES = 500_000
"""Up to so many lines a sheet's text is surely under two gigabytes, beyond which a zip needs its wider form."""

_NOT_IN_XML = r"[\x00-\x08\x0B-\x1F]|_x[0-9A-Fa-f]{4}_"
"""Characters that XML has no place for, and texts that a spreadsheet would take for one of them."""

_MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)
"""A workbook names its day of birth; a fixed one lets the same journals be the same bytes."""


def write_table(table: pa.Table, layout: Layout, path: Path, form: str) -> None:
    """Write a file.

    Args:
        table: Columns of the layout, all text.
        layout: Form of the file.
        path: File to write; it is replaced.
        form: `csv` (the layout's text form) or `xlsx`.

    Raises:
        SheetTooLong: More lines than a sheet holds.
    """
    if form == "xlsx":
        _write_workbook(table, layout, path)
    else:
        _write_text(table, layout, path)


def _write_text(table: pa.Table, layout: Layout, path: Path) -> None:
    form = layout.text
    with path.open("w", encoding=form.encoding, newline="") as file:
        if form.first_line:
            file.write(form.first_line + form.line_end)
        if form.is_quoted:
            writer = csv.writer(file, lineterminator=form.line_end)
            if form.has_header:
                writer.writerow(table.column_names)
            for batch in table.to_batches():
                writer.writerows(zip(*(column.to_pylist() for column in batch.columns), strict=True))
        else:
            if form.has_header:
                file.write(",".join(table.column_names) + form.line_end)
            for batch in table.to_batches():
                rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
                file.writelines(",".join(row) + form.line_end for row in rows)


def _write_workbook(table: pa.Table, layout: Layout, path: Path) -> None:
    """XlsxWriter makes the workbook with its header; the lines go into the sheet's own text, column by column.

    Cell by cell it took 23 s of a core for 200,000 lines of 19 columns, nearly all of it in calls per cell.
    """
    if table.num_rows + 1 > SHEET_LINES_MAX:
        raise SheetTooLong(table.num_rows, SHEET_LINES_MAX - 1)
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"constant_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": _MADE_AT.replace(tzinfo=None)})
        sheet = book.add_worksheet(layout.sheet)
        for at, name in enumerate(table.column_names):
            sheet.write_string(0, at, name)
    with ZipFile(made) as empty, ZipFile(path, "w", ZIP_DEFLATED) as whole:
        for part in empty.infolist():
            if part.filename != _SHEET:
                whole.writestr(part, empty.read(part))
                continue
            head, end = empty.read(part).decode("utf-8").split("</sheetData>")
            last = f"{xl_col_to_name(len(table.column_names) - 1)}{table.num_rows + 1}"
            head = re.sub(r'<dimension ref="A1:[A-Z]+1"/>', f'<dimension ref="A1:{last}"/>', head)
            lines = ZipInfo(_SHEET, part.date_time)
            lines.compress_type = ZIP_DEFLATED
            with whole.open(lines, "w", force_zip64=table.num_rows > _PLAIN_ZIP_LINES) as file:
                file.write(head.encode("utf-8"))
                done = 0
                for batch in table.to_batches(max_chunksize=_LINES_AT_ONCE):
                    file.write(_rows(batch, layout, done + 2))
                    done += batch.num_rows
                file.write(f"</sheetData>{end}".encode())


def _rows(batch: pa.RecordBatch, layout: Layout, first: int) -> memoryview:
    """The sheet's text for lines, from row `first` on. Empty cells are left out."""
    numbers = pc.cast(pa.array(range(first, first + batch.num_rows), pa.int64()), pa.string())
    cells = []
    for at, name in enumerate(batch.schema.names):
        text = batch.column(at).fill_null("")
        start = pc.binary_join_element_wise(f'<c r="{xl_col_to_name(at)}', numbers, "")
        cell = _text_cells(text, start)
        if name in layout.numbers:
            digits = pc.utf8_length(pc.replace_substring_regex(text, "[-.]", ""))
            is_number = pc.and_(
                pc.match_substring_regex(text, r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"),
                pc.less_equal(digits, _EXACT_DIGITS_MAX),
            )
            cell = pc.if_else(is_number, pc.binary_join_element_wise(start, '"><v>', text, "</v></c>", ""), cell)
        cells.append(pc.if_else(pc.equal(text, ""), "", cell))
    rows = pc.cast(pc.binary_join_element_wise('<row r="', numbers, '">', *cells, "</row>", ""), pa.large_string())
    _, offsets, text_of_all = rows.buffers()
    ends = memoryview(offsets).cast("q")
    return memoryview(text_of_all)[ends[rows.offset] : ends[rows.offset + len(rows)]]


def _text_cells(text: pa.Array, start: pa.Array) -> pa.Array:
    """Cells that hold their text themselves."""
    for mark, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = pc.replace_substring(text, mark, written)
    odd = pc.match_substring_regex(text, _NOT_IN_XML)
    if pc.any(odd).as_py():
        texts = [re.sub(_NOT_IN_XML, _escaped, each) for each in text.filter(odd).to_pylist()]
        text = pc.replace_with_mask(text, odd, pa.array(texts, pa.string()))
    kept = pc.if_else(pc.match_substring_regex(text, r"^\s|\s$"), '<t xml:space="preserve">', "<t>")
    return pc.binary_join_element_wise(start, '" t="inlineStr"><is>', kept, text, "</t></is></c>", "")


def _escaped(found: re.Match[str]) -> str:
    """A control character as a spreadsheet writes it; what looks like one gets its underscore escaped."""
    mark = found[0]
    return f"_x005F{mark}" if mark.startswith("_x") else f"_x{ord(mark):04X}_"
