"""A log's tree and entries as the files of C2SP `tlog-tiles`.

    tile/<level>/<index>[.p/<width>]    up to 256 neighbouring hashes of a level; a level is eight heights of the tree
    tile/entries/<index>[.p/<width>]    up to 256 entries, each after its length in two bytes

An index is written in groups of three digits, all but the last behind an x: 1234067 is `x001/x234/067`. A tile that is
not full yet has its width in its name, so no file ever changes.

Source: c2sp.org/tlog-tiles, read 2026-11.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from entrepot.residency.border_errors import LogDamaged
from entrepot.residency.transferlog.tree import HASH_BYTES, compact_root, compacted, leaf_hash, root_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["ENTRIES", "ENTRY_BYTES_MAX", "Edge", "Tiles", "grown", "tile_from_name", "tile_name"]

WIDTH = 256
HEIGHT = 8
ENTRIES = -1
"""The level of the bundles of entries."""
ENTRY_BYTES_MAX = 65_535
_LENGTH_BYTES = 2
_NAME = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class Edge:
    """What has to be known of a log in order to add to it: its tiles that are not full.

    Attributes:
        size: Number of entries.
        levels: For each level from 0 up, the hashes of its last tile, fewer than 256.
        bundle: The content of the last bundle of entries, empty when it is full.
    """

    size: int = 0
    levels: tuple[tuple[bytes, ...], ...] = ()
    bundle: bytes = b""

    @property
    def root(self) -> bytes:
        """Root of the whole tree."""
        return compact_root([each for level in reversed(self.levels) for each in compacted(level)])


def grown(edge: Edge, entries: Sequence[bytes]) -> tuple[Edge, dict[str, bytes]]:
    """The edge after these entries, and the files that have to be written for it; full ones come as they fill."""
    files: dict[str, bytes] = {}
    bundle, at = bytearray(edge.bundle), edge.size
    for entry in entries:
        bundle += len(entry).to_bytes(_LENGTH_BYTES, "big") + entry
        at += 1
        if at % WIDTH == 0:
            files[tile_name(ENTRIES, at // WIDTH - 1)] = bytes(bundle)
            bundle.clear()
    if at % WIDTH:
        files[tile_name(ENTRIES, at // WIDTH, at % WIDTH)] = bytes(bundle)
    levels: list[tuple[bytes, ...]] = []
    new = [leaf_hash(entry) for entry in entries]
    while new or len(levels) < len(edge.levels):
        kept = edge.levels[len(levels)] if len(levels) < len(edge.levels) else ()
        index = (edge.size >> (HEIGHT * len(levels))) // WIDTH
        kept, new = _filled(len(levels), index, kept, new, files)
        levels.append(kept)
    return replace(edge, size=at, levels=tuple(levels), bundle=bytes(bundle)), files


def _filled(
    level: int, index: int, kept: tuple[bytes, ...], new: list[bytes], files: dict[str, bytes]
) -> tuple[tuple[bytes, ...], list[bytes]]:
    """Cut a level into tiles; returns what stays at the edge, and the roots of full tiles for the level above."""
    hashes, roots = [*kept, *new], []
    full = len(hashes) // WIDTH * WIDTH
    for at in range(0, full, WIDTH):
        tile = hashes[at : at + WIDTH]
        files[tile_name(level, index + at // WIDTH)] = b"".join(tile)
        roots.append(root_of(tile))
    left = hashes[full:]
    if left and new:  # else the tile stands there since its hashes came
        files[tile_name(level, index + full // WIDTH, len(left))] = b"".join(left)
    return tuple(left), roots


class Tiles:
    """The files of one log, read and checked for their lengths only; `TransferLog` compares the root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def edge(self, size: int) -> Edge:
        """The edge of the tree of this size.

        Raises:
            LogDamaged: A file is missing or too short.
        """
        levels: list[tuple[bytes, ...]] = []
        count = size
        while count:
            width = count % WIDTH
            levels.append(tuple(self.hashes(len(levels), count // WIDTH, width)) if width else ())
            count //= WIDTH
        bundle = b"".join(_framed(self.bundle(size // WIDTH, size % WIDTH))) if size % WIDTH else b""
        return Edge(size, tuple(levels), bundle)

    def node(self, height: int, index: int, size: int) -> bytes:
        """The root of a whole subtree; `size` is the log's present one, which says how wide the last tiles are.

        Raises:
            LogDamaged: A file is missing or too short.
        """
        level, inner = divmod(height, HEIGHT)
        first = index << inner
        tile, at = divmod(first, WIDTH)
        width = min(WIDTH, (size >> (HEIGHT * level)) - tile * WIDTH)
        return root_of(self.hashes(level, tile, width)[at : at + (1 << inner)])

    def hashes(self, level: int, index: int, width: int) -> list[bytes]:
        """The first hashes of a tile.

        Raises:
            LogDamaged: The file is missing or has another length.
        """
        name, content = self._content(level, index, width)
        if len(content) != HASH_BYTES * (width if name.endswith(f".p/{width}") else WIDTH):
            raise LogDamaged(name, "it is not as long as its tile")
        return [content[at : at + HASH_BYTES] for at in range(0, width * HASH_BYTES, HASH_BYTES)]

    def bundle(self, index: int, width: int) -> list[bytes]:
        """The first entries of a bundle.

        Raises:
            LogDamaged: The file is missing, or its lengths do not fit.
        """
        name, content = self._content(ENTRIES, index, width)
        found: list[bytes] = []
        at = 0
        while at < len(content) and len(found) < width:
            length = int.from_bytes(content[at : at + _LENGTH_BYTES], "big")
            at += _LENGTH_BYTES + length
            if at > len(content):
                raise LogDamaged(name, "an entry ends before its length")
            found.append(content[at - length : at])
        if len(found) < width:
            raise LogDamaged(name, f"it has {len(found)} entries, not {width}")
        return found

    def _content(self, level: int, index: int, width: int) -> tuple[str, bytes]:
        """A tile that filled up in the meantime is read for the narrower one, which is thrown away then."""
        name = tile_name(level, index, width)
        for each in dict.fromkeys((name, tile_name(level, index))):
            try:
                return each, (self._folder / each).read_bytes()
            except FileNotFoundError:
                continue
        raise LogDamaged(name, "the file is missing")

    def remainders(self, size: int) -> Iterator[Path]:
        """Files that a crash left: beyond the size, not whole, or narrower than the full tile that followed."""
        for path in sorted((self._folder / "tile").rglob("*")):
            if not path.is_file():
                continue
            name = path.relative_to(self._folder).as_posix()
            tile = tile_from_name(name)
            if tile is None:
                if name.endswith(".new"):
                    yield path
                continue
            level, index, width = tile
            count = size >> (HEIGHT * max(level, 0))
            if index * WIDTH + width > count or (width < WIDTH and (index + 1) * WIDTH <= count):
                yield path


def tile_name(level: int, index: int, width: int = WIDTH) -> str:
    """The name of a tile below the log's folder; level `ENTRIES` is the bundle of entries."""
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{'entries' if level == ENTRIES else level}/{'/'.join(groups)}{partial}"


def tile_from_name(name: str) -> tuple[int, int, int] | None:
    """Level, index and width of a tile's name; None when it is no such name."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    level, groups, last, width = match.groups()
    index = int(groups.replace("x", "").replace("/", "") + last)
    found = (ENTRIES if level == "entries" else int(level), index, int(width) if width else WIDTH)
    return found if tile_name(*found) == name and found[2] <= WIDTH else None


def _framed(entries: Sequence[bytes]) -> Iterator[bytes]:
    for entry in entries:
        yield len(entry).to_bytes(_LENGTH_BYTES, "big") + entry
