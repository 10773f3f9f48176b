"""The Merkle tree of RFC 6962: hashes, roots, proofs. Nothing here knows a file.

A node is named by its height and its place in that height: node (0, 5) is the sixth leaf's hash, node (3, 0) the root
of the first eight. Proofs are asked of a function that returns such nodes; only whole subtrees are ever asked for.

Source: RFC 6962 section 2.1; verification as RFC 9162 sections 2.1.3.2 and 2.1.4.2 describe it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "EMPTY_ROOT",
    "compact_root",
    "consistency_path",
    "inclusion_path",
    "is_consistent",
    "is_included",
    "leaf_hash",
    "node_hash",
    "range_root",
    "root_of",
]

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Root over neighbouring nodes of one height; every one but the last few may be halved away pair by pair."""
    return compact_root(compacted(hashes))


def compacted(hashes: Sequence[bytes]) -> list[bytes]:
    """The roots of the whole subtrees that the nodes make, greatest first."""
    level, found = list(hashes), []
    while level:
        if len(level) % 2:
            found.append(level.pop())
        level = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return found[::-1]


def compact_root(subtrees: Sequence[bytes]) -> bytes:
    """Root over whole subtrees from left to right, each smaller than the one before."""
    if not subtrees:
        return EMPTY_ROOT
    root = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        root = node_hash(left, root)
    return root


def range_root(first: int, last: int, node: Callable[[int, int], bytes]) -> bytes:
    """Root over the leaves from `first` to before `last`, where `first` is one that RFC 6962 splits at."""
    subtrees, at = [], first
    while at < last:
        height = (last - at).bit_length() - 1
        assert at % (1 << height) == 0, "a range starts where the tree is split"
        subtrees.append(node(height, at >> height))
        at += 1 << height
    return compact_root(subtrees)


def inclusion_path(index: int, size: int, node: Callable[[int, int], bytes]) -> list[bytes]:
    """The hashes beside the way from a leaf to the root, lowest first (`PATH` of RFC 6962)."""
    assert 0 <= index < size, "the leaf is in the tree"
    first, last, path = 0, size, []
    while last - first > 1:
        split = first + _split(last - first)
        if index < split:
            path.append(range_root(split, last, node))
            last = split
        else:
            path.append(range_root(first, split, node))
            first = split
    return path[::-1]


def consistency_path(old: int, size: int, node: Callable[[int, int], bytes]) -> list[bytes]:
    """What shows that a tree of `size` leaves begins with the one of `old` leaves (`PROOF` of RFC 6962)."""
    assert 0 <= old <= size, "the old tree is not greater"
    if old in {0, size}:
        return []
    first, last, path = 0, size, []
    while old != last:
        split = first + _split(last - first)
        if old <= split:
            path.append(range_root(split, last, node))
            last = split
        else:
            path.append(range_root(first, split, node))
            first = split
    # The old tree itself need not be sent: whoever checks has its root.
    return [*([range_root(first, last, node)] if first else []), *path[::-1]]


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path leads from the leaf's hash to the root."""
    if not 0 <= index < size:
        return False
    at, end, found = index, size - 1, leaf
    for beside in path:
        if end == 0:
            return False
        if at % 2 or at == end:
            found = node_hash(beside, found)
            while at % 2 == 0 and at:
                at, end = at >> 1, end >> 1
        else:
            found = node_hash(found, beside)
        at, end = at >> 1, end >> 1
    return end == 0 and found == root


def is_consistent(old: int, size: int, old_root: bytes, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path shows that the tree of `size` leaves and this root begins with the old one."""
    if not 0 <= old <= size:
        return False
    if old in {0, size}:
        return not path and old_root == (EMPTY_ROOT if old == 0 else root)
    steps = list(path) if old & (old - 1) else [old_root, *path]
    if not steps:
        return False
    at, end = old - 1, size - 1
    while at % 2:
        at, end = at >> 1, end >> 1
    seen_old = seen = steps[0]
    for beside in steps[1:]:
        if end == 0:
            return False
        if at % 2 or at == end:
            seen_old, seen = node_hash(beside, seen_old), node_hash(beside, seen)
            while at % 2 == 0 and at:
                at, end = at >> 1, end >> 1
        else:
            seen = node_hash(seen, beside)
        at, end = at >> 1, end >> 1
    return end == 0 and seen_old == old_root and seen == root


def _split(count: int) -> int:
    """The greatest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)
