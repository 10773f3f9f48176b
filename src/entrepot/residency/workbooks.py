"""Erasure in workbooks: the workbook is written anew with the values of its cells and nothing else.

Comments, pivot caches, properties and change histories of a workbook may hold the person as well, and nothing reads
them; so they go with it. Numbers, days and truth values keep their types, so the next reading gives the same text.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import xlsxwriter
from python_calamine import CalamineWorkbook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.residency.redaction import Redactor

_FORMATS = {datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd", time: "hh:mm:ss", timedelta: "[h]:mm:ss"}


def redact_workbook(
    source: Path, target: Path, redactor_of: Callable[[str], Redactor], text_of: Callable[[object], str]
) -> int:
    """Write a workbook anew without what a plan erases.

    Args:
        source: The workbook, of any kind that is read.
        target: File to write, always XLSX.
        redactor_of: Redactor for the sheet of a name.
        text_of: A cell as the reader of imports takes it.
    Returns:
        Number of cells replaced; where there is none the file is of no use.
    """
    read = CalamineWorkbook.from_path(source)
    written = xlsxwriter.Workbook(
        str(target), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    formats = {kind: written.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
    cells = 0
    for name in read.sheet_names:
        sheet, redactor = written.add_worksheet(name), redactor_of(name)
        for number, row in enumerate(read.get_sheet_by_name(name).to_python(skip_empty_area=False)):
            texts = [text_of(cell) for cell in row]
            for at, (cell, old, new) in enumerate(zip(row, texts, redactor.row(texts), strict=True)):
                _write(sheet, number, at, cell if old == new else new, formats)
        cells += redactor.cells
    written.close()
    return cells


def _write(sheet: object, row: int, column: int, cell: object, formats: dict[type, object]) -> None:
    assert isinstance(sheet, xlsxwriter.worksheet.Worksheet), "sheets are those of the workbook"
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, (int, float)):
        sheet.write_number(row, column, cell)
    elif isinstance(cell, str):
        if cell:
            sheet.write_string(row, column, cell)
    elif isinstance(cell, (datetime, date, time, timedelta)):
        sheet.write_datetime(row, column, cell, formats[type(cell)])
