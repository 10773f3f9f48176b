"""Write a table as text or as a workbook; the same rows give the same bytes.

Cells are text that the engine has printed. A workbook holds the layout's numbers as numbers where a double is exact.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import xlsxwriter

from entrepot.delivery.errors import SheetTooLong

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from entrepot.delivery.contract import Layout

SHEET_LINES_MAX = 1_048_576
"""Rows of a sheet, by the format's specification."""

_EXACT_DIGITS_MAX = 15
"""A spreadsheet keeps so many digits of a number; a longer one stays text."""

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
    if table.num_rows + 1 > SHEET_LINES_MAX:
        raise SheetTooLong(table.num_rows, SHEET_LINES_MAX - 1)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": _MADE_AT.replace(tzinfo=None)})
        sheet = book.add_worksheet(layout.sheet)
        for at, name in enumerate(table.column_names):
            sheet.write_string(0, at, name)
        numeric = [name in layout.numbers for name in table.column_names]
        number = 0
        for batch in table.to_batches():
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                for at, cell in enumerate(row):
                    if not cell:
                        continue
                    if numeric[at] and len(cell.strip("-").replace(".", "")) <= _EXACT_DIGITS_MAX:
                        sheet.write_number(number, at, float(cell))
                    else:
                        sheet.write_string(number, at, cell)
