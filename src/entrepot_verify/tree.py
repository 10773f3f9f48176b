"""The tree over the entries, built from the entries alone (RFC 6962 section 2.1)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["GrowingTree", "hash_of_entry"]

TILE = 256


def hash_of_entry(entry: bytes) -> bytes:
    """A leaf of the tree."""
    return hashlib.sha256(b"\0" + entry).digest()


class GrowingTree:
    """Takes leaves in lots of one tile and hands out finished tiles of every level."""

    def __init__(self) -> None:
        self.levels: list[list[bytes]] = []
        """For each level the hashes of its tile that is not full."""
        self._finished: list[int] = []

    def add(self, leaves: Sequence[bytes]) -> Iterator[tuple[int, int, list[bytes]]]:
        """Add at most as many leaves as fill the tile; yields level, index and hashes of each tile that is full."""
        level, hashes = 0, list(leaves)
        while hashes:
            if level == len(self.levels):
                self.levels.append([])
                self._finished.append(0)
            tile = self.levels[level]
            tile += hashes
            assert len(tile) <= TILE, "leaves come in lots that fill a tile"
            if len(tile) < TILE:
                return
            yield level, self._finished[level], tile
            self.levels[level], self._finished[level] = [], self._finished[level] + 1
            level, hashes = level + 1, [_joined([(0, each) for each in tile])]

    def unfinished(self) -> Iterator[tuple[int, int, list[bytes]]]:
        """Level, index and hashes of each tile that is not full."""
        for level, tile in enumerate(self.levels):
            if tile:
                yield level, self._finished[level], tile

    def root(self, more: Sequence[bytes] = ()) -> bytes:
        """Root over everything so far, and over a few more leaves."""
        nodes = [(8 * level, each) for level in reversed(range(len(self.levels))) for each in self.levels[level]]
        return _joined([*nodes, *((0, each) for each in more)])


def _joined(nodes: Sequence[tuple[int, bytes]]) -> bytes:
    """Root over whole subtrees, each with its height: equal neighbours join at once, what is left joins at the end."""
    stack: list[tuple[int, bytes]] = []
    for node in nodes:
        stack.append(node)
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            height, right = stack.pop()
            stack[-1] = (height + 1, hashlib.sha256(b"\1" + stack[-1][1] + right).digest())
    if not stack:
        return hashlib.sha256(b"").digest()
    root = stack.pop()[1]
    while stack:
        root = hashlib.sha256(b"\1" + stack.pop()[1] + root).digest()
    return root
