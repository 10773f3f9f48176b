"""Which cells of a table are shown, and which are pooled until their sum may be shown.

A table is a tree: cells, nodes above them (a channel above its shops), one root. What is published is a partition of
the cells into blocks: a cell by itself, or a pool of hidden cells under a node. Every total follows from the blocks, so
totals tell nothing more, and complementary suppression is nothing else but a pool that grows.

The tables of many systems (a line of a month each) are pooled at once, a query for a round of all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from entrepot.residency.aggregates.rules import Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from entrepot.residency.aggregates.rules import Rule

__all__ = ["ROOT", "Blocks", "Partition", "is_hiding", "pooled"]

ROOT = ""
"""The node above all others."""

Blocks = dict[int, dict[int, str]]
"""System to cell to the block that it is in."""


@dataclass(slots=True)
class Partition:
    """The cells of one system.

    Attributes:
        cells: What each cell is by itself.
        parents: The node above each cell.
        pools: Node to the cells that are pooled under it.
        is_shut: Not even the sum of everything may be shown.
    """

    cells: dict[int, Measured]
    parents: Mapping[int, str]
    pools: dict[str, set[int]] = field(default_factory=dict)
    is_shut: bool = False

    @property
    def hidden(self) -> set[int]:
        """Cells that are not shown."""
        return set(self.cells) if self.is_shut else {cell for pool in self.pools.values() for cell in pool}

    @property
    def blocks(self) -> dict[int, str]:
        """Cell to its block: its number, or `pool:` and the node."""
        if self.is_shut:
            return {}
        found = {cell: str(cell) for cell in self.cells}
        return found | {cell: f"pool:{node}" for node, pool in self.pools.items() for cell in pool}

    def shown_under(self, node: str) -> list[int]:
        """Cells under a node that are shown and that somebody stands behind, the smallest first."""
        hidden = self.hidden
        below = [
            cell
            for cell, measured in self.cells.items()
            if cell not in hidden and measured.persons and (node in {ROOT, self.parents[cell]})
        ]
        return sorted(below, key=lambda cell: (self.cells[cell].parts_minor, cell))


def pooled(
    cells: Mapping[int, Mapping[int, Measured]],
    parents: Mapping[int, str],
    rule: Rule,
    measure: Callable[[Blocks], Mapping[tuple[int, str], Measured]],
    also: Callable[[int, set[int]], bool] = lambda _system, _cells: True,
) -> dict[int, Partition]:
    """Pool what may not be shown by itself.

    Args:
        cells: System to cell to what it is; a cell that nothing is in has no entry.
        parents: The node above each cell, `ROOT` where there is none between.
        rule: When a sum may be shown.
        measure: What blocks are, by system and block, asked once a round.
        also: What else has to hold of the cells of a block that persons stand behind.
    """
    found = {system: Partition(dict(each), parents) for system, each in cells.items()}
    waiting: set[tuple[int, str]] = set()
    for system, partition in found.items():
        for cell, alone in partition.cells.items():
            if not rule.allows(alone) or (alone.persons and not also(system, {cell})):
                partition.pools.setdefault(parents[cell], set()).add(cell)
                waiting.add((system, parents[cell]))
    while waiting:
        measured = measure({system: found[system].blocks for system, _ in waiting})
        again: set[tuple[int, str]] = set()
        # Those below come first: what they give up, the root takes.
        for system, node in sorted(waiting, key=lambda each: (each[0], each[1] == ROOT)):
            # A root that has just taken cells is looked at once it is measured with them.
            if (system, node) not in again:
                again |= set(_grown(system, node, found[system], rule, measured, also))
        waiting = {(system, node) for system, node in again if not found[system].is_shut}
    return found


def _grown(
    system: int,
    node: str,
    partition: Partition,
    rule: Rule,
    measured: Mapping[tuple[int, str], Measured],
    also: Callable[[int, set[int]], bool],
) -> Iterable[tuple[int, str]]:
    """Let a pool grow by one cell, or give it to the root; what has to be looked at again."""
    pool = partition.pools.get(node, set())
    # A pool that another one grew into in this round is measured in the next.
    as_asked = measured.get((system, f"pool:{node}"))
    if not pool:
        return ()
    if as_asked is not None and rule.allows(as_asked) and is_hiding(pool, partition, rule) and also(system, pool):
        return ()
    more = partition.shown_under(node)
    if more:
        pool.add(more[0])
        return ((system, node),)
    if node != ROOT:
        partition.pools.setdefault(ROOT, set()).update(partition.pools.pop(node))
        return ((system, ROOT),)
    others = [each for each in partition.pools if each != ROOT]
    if others:
        # A pool elsewhere is a sum that may be shown: together they may be.
        pool |= partition.pools.pop(min(others))
        return ((system, ROOT),)
    partition.is_shut = True
    return ()


def is_hiding(pool: set[int], partition: Partition, rule: Rule) -> bool:
    """Whether no cell of a pool that may not be shown by itself is most of the pool."""
    cells = [partition.cells[cell] for cell in pool]
    whole = sum(each.parts_minor for each in cells)
    return all(rule.allows(each) or rule.hides(each, whole - each.parts_minor) for each in cells)
