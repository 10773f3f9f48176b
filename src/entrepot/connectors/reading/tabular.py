"""Open a file as a table of text: find out what it is, in which encoding, with which delimiter.

Encodings: UTF-8 with and without BOM, GB18030 (and so GBK), UTF-16 with BOM. A file that is valid UTF-8 is UTF-8; the
chance that a GBK file of any length is valid UTF-8 by accident is nil.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook

from entrepot.connectors.errors import FileUnreadable

HEAD_ROWS = 40
"""Rows in which a header is looked for."""

XLSX_BYTES_MAX = 200 * 1024 * 1024
"""A workbook is read whole; beyond this size the platform offers CSV."""

_HEAD_BYTES = 256 * 1024
_CHUNK = 1 << 20
_DELIMITERS = (",", "\t", ";")
_BINARY_SHARE_MAX = 0.02
_OTHER_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")


@dataclass(slots=True)
class Opened:
    """A file that can be read as a table.

    Attributes:
        path: Where its bytes are.
        kind: `csv` or `xlsx`.
        encoding: Name of the encoding, for CSV.
        delimiter: For CSV.
        head: First rows as text cells.
        sheet: Name of the sheet, for workbooks.
        unbalanced_quotes: Whether the file holds an odd number of quotation marks, so that a quoted cell never ends.
        undecodable: Whether some bytes do not belong to the encoding.
    """

    path: Path
    kind: str
    encoding: str = ""
    delimiter: str = ","
    head: list[list[str]] = field(default_factory=list)
    sheet: str = ""
    unbalanced_quotes: bool = False
    undecodable: bool = False


def open_tabular(path: Path, shown: str) -> list[Opened]:
    """Open a file; a workbook gives one table per sheet that is not empty.

    Raises:
        FileUnreadable: It is empty, binary, an old or damaged workbook, or too large a workbook.
    """
    with path.open("rb") as stream:
        start = stream.read(8)
    if not start:
        raise FileUnreadable(shown, "it is empty")
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _open_workbook(path, shown)
    if start.startswith(_OTHER_ARCHIVES):
        raise FileUnreadable(shown, "archives of RAR and 7z are not read; unpack it and import what is in it")
    return [_open_text(path, shown)]


def _open_workbook(path: Path, shown: str) -> list[Opened]:
    if path.stat().st_size > XLSX_BYTES_MAX:
        raise FileUnreadable(shown, f"workbooks over {XLSX_BYTES_MAX >> 20} MiB are not read; export it as CSV")
    try:
        book = CalamineWorkbook.from_path(path)
        names = list(book.sheet_names)
        sheets = []
        for name in names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=HEAD_ROWS)
            if rows:
                head = [[cell_text(cell) for cell in row] for row in rows]
                sheets.append(Opened(path, "xlsx", encoding="xlsx", head=head, sheet=name))
    except (CalamineError, OSError, ValueError) as error:
        raise FileUnreadable(shown, "it looks like a workbook but cannot be opened; save it again") from error
    if not sheets:
        raise FileUnreadable(shown, "every sheet of it is empty")
    return sheets


def cell_text(cell: object) -> str:
    """A workbook's cell as a text export would have written it.

    Whole numbers beyond 2^53 come back in scientific notation: the workbook has lost their digits, and the id check
    must see that.
    """
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell)) if abs(cell) < 2**53 else f"{cell:.14E}"
        return repr(round(cell, 10))
    if cell is None:
        return ""
    isoformat = getattr(cell, "isoformat", None)
    if isoformat is not None:
        return str(cell).split(".", maxsplit=1)[0]
    return str(cell)


def _open_text(path: Path, shown: str) -> Opened:
    encoding, undecodable, quotes, odd_bytes = _survey(path)
    if odd_bytes > _BINARY_SHARE_MAX:
        raise FileUnreadable(shown, "it is neither text nor a workbook")
    with text_stream(path, encoding) as stream:
        head_text = stream.read(_HEAD_BYTES)
    delimiter = _delimiter(head_text)
    rows = _head_rows(head_text, delimiter, shown)
    return Opened(path, "csv", encoding, delimiter, rows, unbalanced_quotes=quotes % 2 == 1, undecodable=undecodable)


def _head_rows(text: str, delimiter: str, shown: str) -> list[list[str]]:
    # A cell may be as long as the head; Python's own limit is shorter.
    csv.field_size_limit(_HEAD_BYTES)
    rows: list[list[str]] = []
    try:
        # Lines may end with a carriage return alone, as on an old Mac.
        for row in csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) == HEAD_ROWS:
                break
    except csv.Error as error:
        raise FileUnreadable(shown, "its first rows cannot be read as a table") from error
    return rows


def text_stream(path: Path, encoding: str) -> IO[str]:
    """Open text; bytes that do not belong to the encoding become U+FFFD and so their rows are quarantined."""
    return path.open(encoding=encoding, errors="replace", newline="")


def _survey(path: Path) -> tuple[str, bool, int, float]:
    """Encoding, whether some bytes do not fit it, number of quotation marks, share of control bytes."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", not _decodes(path, "utf-16"), 0, 0.0
    quotes = controls = size = 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            quotes += chunk.count(b'"')
            controls += len(chunk) - len(chunk.translate(None, _CONTROLS))
            size += len(chunk)
    share = controls / size
    for encoding in ("utf-8-sig", "gb18030"):
        if _decodes(path, encoding):
            return encoding, False, quotes, share
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", True, quotes, share
    return _less_damaged(path), True, quotes, share


_SEPARATING_TAB = re.compile(r'\t(?=[^,"\s]|\t)')

_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\r\n\x1a\x1b\x00")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _less_damaged(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    damage = {
        encoding: head.decode(encoding, errors="replace").count("\ufffd") for encoding in ("utf-8-sig", "gb18030")
    }
    return min(damage, key=lambda encoding: damage[encoding])


def _delimiter(head: str) -> str:
    lines = head.splitlines()[:HEAD_ROWS]
    return max(_DELIMITERS, key=lambda mark: max((_separations(line, mark) for line in lines), default=0))


def _separations(line: str, mark: str) -> int:
    """How often a mark separates cells; a tab that pads the end of a cell (Pinduoduo, Alipay) separates nothing."""
    return len(_SEPARATING_TAB.findall(line)) if mark == "\t" else line.count(mark)
