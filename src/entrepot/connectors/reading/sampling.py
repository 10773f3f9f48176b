"""The first rows of a file, more of them than recognising it needs."""

from __future__ import annotations

import csv
from itertools import islice
from typing import TYPE_CHECKING

from python_calamine import CalamineWorkbook

from entrepot.connectors.errors import FileUnreadable
from entrepot.connectors.reading.tabular import cell_text

if TYPE_CHECKING:
    from entrepot.connectors.reading.tabular import Opened

_CELL_MAX = 1 << 20


def first_rows(opened: Opened, count: int, shown: str) -> list[list[str]]:
    """So many rows of a file as text cells, from its beginning.

    Raises:
        FileUnreadable: They cannot be read as a table.
    """
    if opened.kind == "xlsx":
        book = CalamineWorkbook.from_path(opened.path)
        rows = book.get_sheet_by_name(opened.sheet).to_python(skip_empty_area=False, nrows=count)
        return [[cell_text(cell) for cell in row] for row in rows]
    csv.field_size_limit(_CELL_MAX)
    try:
        # Lines end here as they like, also with a carriage return alone: a sample needs no faithful line breaks.
        with opened.path.open(encoding=opened.encoding, errors="replace") as stream:
            lines = (line.replace("\x00", "") for line in stream)
            return list(islice(csv.reader(lines, delimiter=opened.delimiter), count))
    except csv.Error as error:
        raise FileUnreadable(shown, "its first rows cannot be read as a table") from error
