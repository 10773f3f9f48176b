"""Search a folder for persons: every value of a list, in every spelling in which bytes can carry it.

Reads bytes and opens no store. Packed contents (gzip, zstd, zip, Parquet pages, files of an envelope) are unpacked and
searched as well. What
is found is named by file, by row of the list and by spelling; the value itself is never told, not even where it stands
in the name of a file. Not seen are values inside encryption, other packings, and values that something cut in two.
"""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import io
import json
import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import ahocorasick_rs
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from entrepot.residency.envelope import MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Hit", "Hunted", "hunt", "values_of_list"]

SHORTEST = 6
"""Bytes of the shortest pattern: anything shorter stands in random bytes by chance."""

DEEPEST = 4
"""Packed contents inside packed contents are followed so far."""

UNPACKED_MAX = 1 << 30
"""Bytes unpacked of one file; what is packed more tightly is named as not read to its end."""

_MOBILE_DIGITS = 11
_STEP = 4096
_TOO_MUCH = "more than is unpacked"


@dataclass(frozen=True, slots=True)
class Hit:
    """A value that was found.

    Attributes:
        file: Path below the folder, with what was unpacked after `!`; a value of the list in it is shown as `***`.
        row: Row of the list, as a spreadsheet counts.
        column: Its column in the list.
        spelling: How the bytes carry it.
    """

    file: str
    row: int
    column: str
    spelling: str


@dataclass(slots=True)
class Hunted:
    """What a search did.

    Attributes:
        files: Files read.
        read_bytes: Bytes compared, unpacked ones included.
        values: Values looked for.
        patterns: Spellings looked for.
        too_short: Spellings left out, for so few bytes stand in any file by chance.
        not_read: Files, or packed contents, that could not be read to their end.
        hits: What was found, each value once per file and spelling.
    """

    files: int = 0
    read_bytes: int = 0
    values: int = 0
    patterns: int = 0
    too_short: int = 0
    not_read: list[str] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)


def values_of_list(path: Path) -> list[tuple[int, str, str]]:
    """Row, column and value of every cell of a CSV with a header."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines)
        header = next(reader, [])
        return [
            (number, header[at] if at < len(header) else str(at + 1), value.strip())
            for number, row in enumerate(reader, start=2)
            for at, value in enumerate(row)
            if value.strip()
        ]


def hunt(values: Sequence[tuple[int, str, str]], folder: Path) -> Hunted:
    """Search every file below a folder, names of files and folders included.

    Args:
        values: Row, column and value; see `values_of_list`.
        folder: What to search.
    """
    found = Hunted(values=len(values))
    meant: dict[bytes, list[tuple[int, str, str]]] = {}
    for row, column, value in values:
        for spelling, pattern in _spellings(value):
            if len(pattern) < SHORTEST:
                found.too_short += 1
            else:
                meant.setdefault(pattern, []).append((row, column, spelling))
    patterns = list(meant)
    found.patterns = len(patterns)
    searcher = _Searcher(ahocorasick_rs.BytesAhoCorasick(patterns) if patterns else None, patterns, meant, found)
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        searcher.search(name.encode("utf-8", "surrogateescape"), f"{name} (its name)")
        if path.is_file() and not path.is_symlink():
            found.files += 1
            searcher.search_packed(path.read_bytes(), name)
    return found


@dataclass(slots=True)
class _Searcher:
    """The automaton with what its patterns mean."""

    automaton: ahocorasick_rs.BytesAhoCorasick | None
    patterns: list[bytes]
    meant: dict[bytes, list[tuple[int, str, str]]]
    found: Hunted
    told: set[Hit] = field(default_factory=set)

    def search(self, content: bytes, name: str) -> None:
        """Look for every pattern in some bytes."""
        self.found.read_bytes += len(content)
        if self.automaton is None:
            return
        for at, _, _ in self.automaton.find_matches_as_indexes(content, overlapping=True):
            for row, column, spelling in self.meant[self.patterns[at]]:
                hit = Hit(self.shown(name), row, column, spelling)
                if hit not in self.told:
                    self.told.add(hit)
                    self.found.hits.append(hit)

    def search_packed(self, content: bytes, name: str, depth: int = 0) -> None:
        """The same, and in what the bytes hold packed."""
        self.search(content, name)
        if depth >= DEEPEST:
            return
        try:
            for inner, inside in _unpacked(content):
                self.search_packed(inside, f"{name}!{inner}", depth + 1)
        except _UNREADABLE:
            self.found.not_read.append(self.shown(name))

    def shown(self, name: str) -> str:
        """A path without the values that stand in it."""
        if self.automaton is None:
            return name
        content = name.encode("utf-8", "surrogateescape")
        kept = bytearray(b"\1" * len(content))
        for _, begin, end in self.automaton.find_matches_as_indexes(content, overlapping=True):
            kept[begin:end] = b"\0" * (end - begin)
        told, was_kept = bytearray(), True
        for letter, is_kept in zip(content, kept, strict=True):
            told += bytes((letter,)) if is_kept else (b"***" if was_kept else b"")
            was_kept = bool(is_kept)
        return told.decode("utf-8", "replace")


_UNREADABLE = (
    OSError,
    EOFError,
    RuntimeError,  # what zipfile says of an archive with a password, or of a packing it does not know
    ValueError,
    lzma.LZMAError,
    pa.ArrowException,
    zipfile.BadZipFile,
    zlib.error,
    zstandard.ZstdError,
)


def _unpacked(content: bytes) -> Iterator[tuple[str, bytes]]:
    """What bytes hold packed: name and content."""
    if content[:2] == b"\x1f\x8b":
        yield "gzip", _limited(gzip.GzipFile(fileobj=io.BytesIO(content)))
    elif content[:4] == b"\x28\xb5\x2f\xfd":
        yield from _frames(content)
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    with archive.open(entry) as inside:
                        yield entry.filename, _limited(inside)
    elif content.startswith(MAGIC):
        yield from _files_of_envelope(content)
    elif content[:4] == b"PAR1":
        # Also where its end is missing: then it cannot be read, and that is said.
        yield from _pages(content)


def _files_of_envelope(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Files of an envelope, as its manifest cuts it; whether its signature holds is not asked."""
    length, _, rest = content[len(MAGIC) :].partition(b"\n")
    begin = len(content) - len(rest) + int(length)
    manifest = json.loads(content[len(content) - len(rest) : begin].decode().partition("\n\n")[0])
    try:
        files = [(str(each["name"]), int(each["size"])) for each in manifest["files"]]
    except (KeyError, TypeError) as error:
        message = "its manifest names no files"
        raise ValueError(message) from error
    if begin + sum(size for _, size in files) != len(content):
        message = "it does not hold what its manifest names"
        raise ValueError(message)
    for name, size in files:
        yield name, content[begin : begin + size]
        begin += size


def _frames(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Frames of zstd, one after the other; the library's own reader takes a frame that breaks off for a whole one."""
    begin = 0
    while content[begin : begin + 4] == b"\x28\xb5\x2f\xfd":
        unpacker, unpacked = zstandard.ZstdDecompressor().decompressobj(), bytearray()
        while not unpacker.eof and begin < len(content):
            unpacked += unpacker.decompress(content[begin : begin + _STEP])
            begin = min(begin + _STEP, len(content))
            if len(unpacked) > UNPACKED_MAX:
                raise ValueError(_TOO_MUCH)
        begin -= len(unpacker.unused_data)
        yield "zstd", bytes(unpacked)
        if not unpacker.eof:
            message = "it breaks off"
            raise EOFError(message)


def _pages(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Values of a Parquet file as they stand in memory, one column after the other."""
    file = pq.ParquetFile(io.BytesIO(content))
    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        for name, column in zip(table.column_names, table.columns, strict=True):
            # As a stream of Arrow, which has every buffer, those of dictionaries and of nested values included.
            written = pa.BufferOutputStream()
            one = pa.table({name: column})
            with pa.ipc.new_stream(written, one.schema) as stream:
                stream.write_table(one)
            yield name, written.getvalue().to_pybytes()


def _limited(stream: object) -> bytes:
    content: bytes = stream.read(UNPACKED_MAX + 1)  # type: ignore[attr-defined]
    if len(content) > UNPACKED_MAX:
        raise ValueError(_TOO_MUCH)
    return content


def _spellings(value: str) -> Iterator[tuple[str, bytes]]:
    """Every way in which bytes may carry a text."""
    texts = {"as it is": value, "reversed": value[::-1]}
    digits = "".join(letter for letter in value if letter.isdigit())
    if len(digits) == _MOBILE_DIGITS and value.isascii():
        for mark, named in ((" ", "with blanks"), ("-", "with hyphens")):
            texts[named] = mark.join((digits[:3], digits[3:7], digits[7:]))
    for named, text in texts.items():
        yield named, text.encode()
    yield "UTF-16 LE", value.encode("utf-16-le")
    yield "UTF-16 BE", value.encode("utf-16-be")
    if not value.isascii():
        yield "GB18030", value.encode("gb18030")
    yield from _escaped(value)
    for named, content in (("", value.encode()), (" of GB18030", value.encode("gb18030"))):
        if named and value.isascii():
            continue
        yield f"hexadecimal{named}", content.hex().encode()
        yield f"hexadecimal{named}", content.hex().upper().encode()
        for shift in range(3):
            whole = _base64(content, shift)
            yield f"Base64{named}", whole
            if b"+" in whole or b"/" in whole:
                yield f"Base64{named} for URLs", whole.replace(b"+", b"-").replace(b"/", b"_")
        for algorithm in ("md5", "sha1", "sha256"):
            digest = hashlib.new(algorithm, content, usedforsecurity=False).digest()
            yield f"{algorithm}{named}", digest
            yield f"{algorithm}{named}", digest.hex().encode()
            yield f"{algorithm}{named}", digest.hex().upper().encode()


def _escaped(value: str) -> Iterator[tuple[str, bytes]]:
    """Spellings with escapes, where they differ from the value; digits of escapes in both cases."""
    json_text = json.dumps(value)[1:-1]
    spelled: dict[str, tuple[str, ...]] = {
        "JSON escapes": (json_text, re.sub(r"\\u[0-9a-f]{4}", lambda found: "\\u" + found[0][2:].upper(), json_text)),
        "URL escapes": (quote(value, safe=""), quote_plus(value, safe="")),
    }
    spelled["URL escapes"] += tuple(
        re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), text) for text in spelled["URL escapes"]
    )
    for named, texts in spelled.items():
        for text in dict.fromkeys(texts):
            if text != value:
                yield named, text.encode()


def _base64(content: bytes, shift: int) -> bytes:
    """What of the Base64 of a longer text follows from these bytes alone, at one of three places."""
    whole = base64.b64encode(b"\0" * shift + content)
    begin = (shift * 8 + 5) // 6
    end = ((shift + len(content)) * 8) // 6
    return whole[begin:end]
