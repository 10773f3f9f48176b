"""Erasure in text files: bytes in, bytes out, and nothing changes but the cells that have to.

Rows are split where the reader of imports splits them: a quotation mark opens a cell only at its beginning, and in a
file whose marks do not pair each line stands for itself. Works on bytes, since no byte of a longer character in UTF-8
or GB18030 is a delimiter, a quotation mark or the end of a line; UTF-16 is turned into UTF-8 for the way.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from entrepot.residency.redaction import search_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.residency.redaction import Plan, Redactor

_RECORD_LINES_MAX = 2_000
"""A cell over more lines is a mark that never closes."""


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a text file is written.

    Attributes:
        encoding: utf-8-sig, gb18030 or utf-16.
        delimiter: Between cells.
        unbalanced_quotes: Its quotation marks do not pair.
    """

    encoding: str
    delimiter: str
    unbalanced_quotes: bool


def redact_text(source: Path, target: Path, form: TextForm, plan: Plan, redactor: Redactor) -> int:
    """Write a text file anew without what a plan erases.

    Args:
        source: The file.
        target: File to write.
        form: How it is written.
        plan: What is erased.
        redactor: For the file's columns.
    Returns:
        Number of cells replaced.
    """
    if form.encoding == "utf-16":
        return _through_utf8(source, target, form, plan, redactor)
    name = "gb18030" if form.encoding == "gb18030" else "utf-8"
    pattern = search_pattern(plan, name)
    splitter = _Splitter(form.delimiter.encode("ascii"))
    with source.open("rb") as stream, target.open("wb") as out:
        for record in _records(stream, splitter, unbalanced=form.unbalanced_quotes):
            if pattern is None or not pattern.search(record):
                out.write(record)
            else:
                out.write(_redacted(record, splitter, name, redactor))
    return redactor.cells


def _redacted(record: bytes, splitter: _Splitter, encoding: str, redactor: Redactor) -> bytes:
    body = record.rstrip(b"\r\n")
    mark = codecs.BOM_UTF8 if body.startswith(codecs.BOM_UTF8) else b""
    raw = splitter.cells(body[len(mark) :])
    texts = [cell.decode(encoding, errors="surrogateescape") for cell in raw]
    quoted = [len(text) > 1 and text.startswith('"') and text.endswith('"') for text in texts]
    plain = [
        text[1:-1].replace('""', '"') if has_quotes else text for text, has_quotes in zip(texts, quoted, strict=True)
    ]
    cells = []
    for old, new, has_quotes, before in zip(plain, redactor.row(plain), quoted, raw, strict=True):
        if old == new:
            cells.append(before)
            continue
        text = '"' + new.replace('"', '""') + '"' if has_quotes else new
        cells.append(text.encode(encoding, errors="surrogateescape"))
    return mark + splitter.mark.join(cells) + record[len(body) :]


class _Splitter:
    """Cells of a record, as bytes that make the record again when they are joined."""

    def __init__(self, mark: bytes) -> None:
        self.mark = mark
        other = b"[^" + re.escape(mark) + b"]*"
        self._cell = re.compile(b'"(?:[^"]|"")*"' + other + b"|" + other, re.DOTALL)
        self._closed = re.compile(b'"(?:[^"]|"")*"', re.DOTALL)

    def cells(self, body: bytes) -> list[bytes]:
        """The cells of a record without its line end."""
        found, at = [], 0
        while True:
            match = self._cell.match(body, at)
            assert match is not None, "any bytes are a cell"
            found.append(match[0])
            at = match.end()
            if at >= len(body):
                return found
            at += len(self.mark)

    def is_open(self, line: bytes) -> bool:
        """Whether the last cell begins with a quotation mark that does not close on this line."""
        return any(cell.startswith(b'"') and not self._closed.match(cell) for cell in self.cells(line)[-1:])


def _records(stream: BinaryIO, splitter: _Splitter, *, unbalanced: bool) -> Iterator[bytes]:
    """Rows with their line ends; a row goes on over lines while a quoted cell is open."""
    waiting: list[bytes] = []
    for line in _lines(stream):
        if not waiting and (unbalanced or line.count(b'"') % 2 == 0):
            yield line
            continue
        waiting.append(line)
        whole = b"".join(waiting)
        if not splitter.is_open(whole):
            yield whole
            waiting = []
        elif len(waiting) > _RECORD_LINES_MAX:
            yield from waiting
            waiting = []
    if waiting:
        yield b"".join(waiting)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    for chunk in stream:
        # Lines may end with a carriage return alone, as on an old Mac.
        yield from chunk.splitlines(keepends=True) if b"\r" in chunk[:-2] else (chunk,)


def _through_utf8(source: Path, target: Path, form: TextForm, plan: Plan, redactor: Redactor) -> int:
    with source.open("rb") as stream:
        start = stream.read(2)
    order = "utf-16-be" if start == codecs.BOM_UTF16_BE else "utf-16-le"
    between, after = target.with_suffix(".utf8"), target.with_suffix(".redacted")
    try:
        _transcode(source, between, order, "utf-8", skip=2)
        inner = TextForm("utf-8-sig", form.delimiter, form.unbalanced_quotes)
        cells = redact_text(between, after, inner, plan, redactor)
        _transcode(after, target, "utf-8", order, before=start)
    finally:
        between.unlink(missing_ok=True)
        after.unlink(missing_ok=True)
    return cells


def _transcode(source: Path, target: Path, old: str, new: str, *, skip: int = 0, before: bytes = b"") -> None:
    with source.open("rb") as stream, target.open("wb") as out:
        stream.seek(skip)
        out.write(before)
        decoder = codecs.getincrementaldecoder(old)(errors="surrogatepass")
        while chunk := stream.read(1 << 20):
            out.write(decoder.decode(chunk).encode(new, errors="surrogatepass"))
        # Half a character at the end is damage that was there before.
        out.write(decoder.decode(b"").encode(new, errors="surrogatepass"))
