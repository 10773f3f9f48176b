"""What the difference of two tables over the same amounts tells, and the smallest such difference.

Two tables partition the same rows, one by shop and one by group of SKUs. Whatever follows from both is a combination
of their blocks. Give each block of the first table the number by which it is taken, and each of the second the number
by which it is taken off: a row counts where both differ. The fewest rows count where the numbers are 0 and 1 only, and
then they are the edges of a cut in the graph whose nodes are blocks and whose edges are rows. So the smallest group of
persons that two tables tell apart is a minimum cut of each connected part (Stoer and Wagner, Journal of the ACM 44,
1997).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["connected", "smallest_cut"]

Edges = dict[tuple[str, str], int]


def connected(edges: Iterable[tuple[str, str]]) -> list[set[str]]:
    """Nodes by connected part."""
    near: dict[str, set[str]] = defaultdict(set)
    for one, other in edges:
        near[one].add(other)
        near[other].add(one)
    parts, seen = [], set[str]()
    for start in sorted(near):
        if start in seen:
            continue
        part, open_ = {start}, [start]
        while open_:
            fresh = near[open_.pop()] - part
            part |= fresh
            open_ += fresh
        seen |= part
        parts.append(part)
    return parts


def smallest_cut(nodes: set[str], weights: Mapping[tuple[str, str], int]) -> tuple[int, set[str]]:
    """The smallest cut of a connected graph and the nodes on one side of it; at least two nodes.

    Args:
        nodes: All of one connected part.
        weights: Edge to its weight, 0 or more; an edge between others is passed over.
    """
    assert len(nodes) > 1, "one node alone cannot be cut"
    near: dict[str, dict[str, int]] = {node: {} for node in nodes}
    for (one, other), weight in weights.items():
        if one in nodes and other in nodes:
            near[one][other] = near[one].get(other, 0) + weight
            near[other][one] = near[other].get(one, 0) + weight
    merged = {node: {node} for node in nodes}
    best: tuple[int, set[str]] | None = None
    while len(near) > 1:
        before, last, cut = _one_phase(near)
        if best is None or cut < best[0]:
            best = (cut, set(merged[last]))
        merged[before] |= merged.pop(last)
        for other, weight in near.pop(last).items():
            del near[other][last]
            if other != before:
                near[before][other] = near[before].get(other, 0) + weight
                near[other][before] = near[other].get(before, 0) + weight
    assert best is not None, "a graph of two nodes has a cut"
    return best


def _one_phase(near: Mapping[str, Mapping[str, int]]) -> tuple[str, str, int]:
    """Take the nodes by how strongly they hang on those before; the last two, and the last one's weight."""
    start = min(near)
    hanging = {node: near[start].get(node, 0) for node in near if node != start}
    before, last, cut = start, start, 0
    while hanging:
        before, last = last, max(hanging, key=lambda node: (hanging[node], node))
        cut = hanging.pop(last)
        for other, weight in near[last].items():
            if other in hanging:
                hanging[other] += weight
    return before, last, cut
