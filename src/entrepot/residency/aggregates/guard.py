"""The rules put to an engine's tables: which blocks two tables of many systems are cut into, and what may move later.

The arithmetic over persons is SQL; what is looped over here are cells of finished tables. Systems are numbers: one line
of one month, whose amounts are published by row cell (a shop under a channel) and by column cell (a group of SKUs).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from entrepot.engine import parse
from entrepot.residency.aggregates.cuts import connected, smallest_cut
from entrepot.residency.aggregates.pooling import ROOT, Partition, is_hiding, pooled
from entrepot.residency.aggregates.rules import Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from entrepot.engine import Engine, Query
    from entrepot.residency.aggregates.pooling import Blocks
    from entrepot.residency.aggregates.rules import Rule

__all__ = ["COLUMNS", "ROWS", "Guard", "Tables"]

_Found = TypeVar("_Found")
_Side = tuple[str, "Blocks", "Mapping[tuple[int, str], Measured]", "Mapping[tuple[int, str], Measured]"]
ROWS, COLUMNS = "row_cell", "col_cell"
_AMOUNTS = ("amount_minor", "persons", "parts_minor", "first_minor", "second_minor")


@dataclass(slots=True)
class Tables:
    """How the tables of one system are cut, and what their blocks are.

    Attributes:
        rows: The first table.
        columns: The second, where there is one.
        row_sums: Block of the first table to its amount.
        column_sums: Block of the second table to its amount.
    """

    rows: Partition
    columns: Partition | None = None
    row_sums: dict[str, int] = field(default_factory=dict)
    column_sums: dict[str, int] = field(default_factory=dict)


@lru_cache(maxsize=8)
def _asking(name: str) -> Query:
    folder = resources.files("entrepot.residency.aggregates").joinpath("sql")
    text = folder.joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return parse(text, source=f"aggregates/{name}.sql", strict_output=True)


class Guard:
    """Judges the relation `agg_parts` of an engine.

    Its columns: `system`, `row_cell`, `col_cell` (null where the system has no second table), `has_cost`, `person` (a
    digest; null for the company's own part) and `amount_minor`; `agg_released` has the same of what was released last.

    Args:
        engine: With those relations.
        rule: Of the permit.
        parents: The node above each row cell.
        two_sided: A system whose rows are a subset of another's, to that other: what is without cost, to the revenue. A
            block of it is shown only where the other has enough persons on both sides, for it tells both.
    """

    def __init__(
        self, engine: Engine, rule: Rule, parents: Mapping[int, str], two_sided: Mapping[int, int] | None = None
    ) -> None:
        self._engine, self._rule, self._parents = engine, rule, parents
        self._two_sided = dict(two_sided or {})
        self._gone: dict[int, int] = {}

    def first(self, systems: Iterable[int]) -> dict[int, Tables]:
        """Cut the tables of systems of which nothing was released yet."""
        asked = set(systems)
        also = self._also("agg_parts")
        row_cells = _of(self._cells("agg_parts", ROWS), asked)
        rows = pooled(row_cells, self._parents, self._rule, self._measure("agg_parts", ROWS), also)
        # What is a part of another system has no second table, see `also`.
        whole = asked - set(self._two_sided)
        cells = _of(self._cells("agg_parts", COLUMNS), whole)
        flat = dict.fromkeys((cell for each in cells.values() for cell in each), ROOT)
        columns = pooled(cells, flat, self._rule, self._measure("agg_parts", COLUMNS))
        found = {system: Tables(each, columns.get(system)) for system, each in rows.items()}
        for each in found.values():
            # The total bounds a group that is nearly all of it, also where no table by group is published.
            each.rows.is_shut |= each.columns is not None and each.columns.is_shut
            if each.rows.is_shut:
                each.columns = None
        self._part(found)
        self._add_sums(found)
        return found

    def moved(self, tables: Mapping[int, Tables]) -> set[int]:
        """Of systems that were released, cut as they were: those whose new amounts may follow the old ones.

        A system moves as a whole or stays. Every block that changed must have enough persons who were in no release of
        the system yet, and so must every difference of the two tables: whatever is then added up of all releases, the
        newest amount in it brings those persons with it.
        """
        engine = self._engine
        engine.define("agg_fresh", _asking("fresh"), materialise=True)
        changes: dict[int, list[tuple[int, int | None, int]]] = defaultdict(list)
        engine.define("agg_changed", _asking("changed"), materialise=True)
        for row in engine.read("agg_changed").to_pylist():
            changes[row["system"]].append((row[ROWS], row[COLUMNS], row["persons"]))
        row_blocks = {system: each.rows.blocks for system, each in tables.items() if system in changes}
        column_blocks = {
            system: each.columns.blocks
            for system, each in tables.items()
            if system in changes and each.columns is not None
        }
        self._gone = {row["system"]: row["persons"] for row in engine.read(_asking("gone")).to_pylist()}
        sides: list[_Side] = []
        unfit: set[int] = set()
        for side, blocks in ((ROWS, row_blocks), (COLUMNS, column_blocks)):
            # A cell that grew may be most of its pool by now.
            bare = _with_bare_pools(tables, side, self._cells("agg_parts", side), self._rule)
            now = self._measure("agg_parts", side)(blocks)
            fresh = self._measure("agg_fresh", side)(blocks)
            sides.append((side, blocks, now, fresh))
            unfit |= bare
        found = {
            system
            for system in changes
            if system in tables
            and system not in unfit
            and all(self._may_follow(system, changes[system], *each) for each in sides if system in each[1])
        }
        found -= self._telling(found, changes, row_blocks, column_blocks)
        for system in found:
            tables[system].row_sums = {b: m.amount_minor for (s, b), m in sides[0][2].items() if s == system}
            tables[system].column_sums = {b: m.amount_minor for (s, b), m in sides[1][2].items() if s == system}
        return found

    def _may_follow(
        self,
        system: int,
        changes: list[tuple[int, int | None, int]],
        side: str,
        blocks: Blocks,
        now: Mapping[tuple[int, str], Measured],
        fresh: Mapping[tuple[int, str], Measured],
    ) -> bool:
        """Whether every block of one table may be published anew."""
        also = self._also("agg_fresh")
        touched: dict[str, set[int]] = defaultdict(set)
        for row_cell, col_cell, persons in changes:
            cell = row_cell if side == ROWS else col_cell
            if persons and cell is not None:
                touched[blocks[system].get(cell, str(cell))].add(cell)
        for (found, _), measured in now.items():
            if found == system and not self._rule.allows(measured):
                return False
        for block, cells in touched.items():
            if now.get((system, block), Measured()).persons == 0:
                continue  # Everybody is gone: nothing is a sum of nobody.
            new = fresh.get((system, block), Measured())
            if not self._is_new(system, new) or (side == ROWS and not also(system, cells)):
                return False
        return True

    def _is_new(self, system: int, new: Measured) -> bool:
        """Whether enough persons are new, those who may only have got another key not counted."""
        sure = new.persons - self._gone.get(system, 0)
        return sure >= self._rule.persons_min and self._rule.allows(new)

    def _telling(
        self,
        systems: set[int],
        changes: Mapping[int, list[tuple[int, int | None, int]]],
        row_blocks: Blocks,
        column_blocks: Blocks,
    ) -> set[int]:
        """Systems of which the difference of both tables tells too much about what changed."""
        both = {system for system in systems if system in column_blocks}
        if not both:
            return set()
        edges = {}
        for system in both:
            edges[system] = {
                (f"row:{row_blocks[system].get(row, str(row))}", f"col:{column_blocks[system].get(col, str(col))}")
                for row, col, persons in changes[system]
                if persons and col is not None
            }
        weights, largest = self._edges("agg_fresh", _of(row_blocks, both), _of(column_blocks, both))
        return {
            system
            for system in both
            if self._cut(edges[system], weights[system], largest[system], self._gone.get(system, 0))
        }

    def _part(self, tables: Mapping[int, Tables]) -> None:
        """Pool columns until the difference of the two tables of a system tells of enough persons."""
        waiting = {system for system, each in tables.items() if each.columns is not None}
        while waiting:
            row_blocks = {system: tables[system].rows.blocks for system in waiting}
            column_blocks = {system: each.blocks for system in waiting if (each := tables[system].columns) is not None}
            weights, largest = self._edges("agg_parts", row_blocks, column_blocks)
            again = set()
            for system in waiting:
                columns = tables[system].columns
                side = self._cut(set(weights[system]), weights[system], largest[system])
                if side and columns is not None and _merged(columns, side):
                    again.add(system)
            waiting = again

    def _cut(
        self,
        edges: set[tuple[str, str]],
        weights: Mapping[tuple[str, str], tuple[int, int]],
        largest: tuple[int, int],
        doubtful: int = 0,
    ) -> set[str]:
        """Blocks on one side of a difference that tells too much; none when there is none.

        Args:
            edges: Rows of both tables that somebody stands behind.
            weights: The least persons and parts in each.
            largest: The two largest persons.
            doubtful: How many of the persons may not count.
        """
        for part in connected(edges):
            if len(part) == 2:  # noqa: PLR2004 one block of each table: their difference is nothing
                continue
            inside = {edge: weights.get(edge, (0, 0)) for edge in edges if edge[0] in part}
            persons, one = smallest_cut(part, {edge: each[0] for edge, each in inside.items()})
            minor, other = smallest_cut(part, {edge: each[1] for edge, each in inside.items()})
            persons -= doubtful
            if not self._rule.allows_cut(persons, minor, *largest):
                return one if persons < self._rule.persons_min else other
        return set()

    def _edges(
        self, relation: str, row_blocks: Blocks, column_blocks: Blocks
    ) -> tuple[dict[int, dict[tuple[str, str], tuple[int, int]]], dict[int, tuple[int, int]]]:
        """By system: each row of both tables with the least persons and parts in it; the two largest persons."""
        engine = self._engine
        engine.define("agg_asked", parse(f"select * from {relation}", source="parts"))
        engine.add_arrow("agg_row_blocks", _blocks_table(row_blocks))
        engine.add_arrow("agg_col_blocks", _blocks_table(column_blocks))
        edges: dict[int, dict[tuple[str, str], tuple[int, int]]] = defaultdict(dict)
        for row in engine.read(_asking("edges")).to_pylist():
            edge = (f"row:{row['row_block']}", f"col:{row['col_block']}")
            edges[row["system"]][edge] = (row["persons_min"], row["parts_min_minor"])
        largest: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for row in engine.read(_asking("largest")).to_pylist():
            largest[row["system"]] = (row["first_minor"], row["second_minor"])
        return edges, largest

    def _add_sums(self, tables: Mapping[int, Tables]) -> None:
        rows = self._measure("agg_parts", ROWS)({system: each.rows.blocks for system, each in tables.items()})
        for (system, block), measured in rows.items():
            assert self._rule.allows(measured), "every block that is published may be shown"
            tables[system].row_sums[block] = measured.amount_minor
        columns = self._measure("agg_parts", COLUMNS)(
            {system: each.columns.blocks for system, each in tables.items() if each.columns is not None}
        )
        for (system, block), measured in columns.items():
            assert self._rule.allows(measured), "every block that is published may be shown"
            tables[system].column_sums[block] = measured.amount_minor

    def _cells(self, relation: str, side: str) -> dict[int, dict[int, Measured]]:
        """Every cell by itself."""
        self._set_side(relation, side)
        own = "select distinct system, cell, cast(cell as varchar) as block from agg_side"
        self._engine.define("agg_blocks", parse(own, source="cells"), materialise=True)
        found: dict[int, dict[int, Measured]] = defaultdict(dict)
        for row in self._engine.read(_asking("measured")).to_pylist():
            found[row["system"]][int(row["block"])] = Measured(*(row[name] for name in _AMOUNTS))
        return found

    def _measure(self, relation: str, side: str) -> Callable[[Blocks], Mapping[tuple[int, str], Measured]]:
        def measure(blocks: Blocks) -> Mapping[tuple[int, str], Measured]:
            self._set_side(relation, side)
            self._engine.add_arrow("agg_blocks", _blocks_table(blocks))
            rows = self._engine.read(_asking("measured")).to_pylist()
            return {(row["system"], row["block"]): Measured(*(row[name] for name in _AMOUNTS)) for row in rows}

        return measure

    def _set_side(self, relation: str, cell: str) -> None:
        text = f"select system, {cell} as cell, person, amount_minor from {relation} where {cell} is not null"
        self._engine.drop("agg_blocks")
        self._engine.define("agg_side", parse(text, source="one table"))

    def _also(self, relation: str) -> Callable[[int, set[int]], bool]:
        """Whether a part of another system may be shown: somewhere within, enough persons are on both sides."""
        if not self._two_sided:
            return lambda _system, _cells: True
        # A place of both tables and a side of it as one number.
        side = "case when has_cost then 1 else 0 end"
        self._set_side(
            relation, f"(product_exact(row_cell, 2000000) + product_exact(coalesce(col_cell, 0), 2) + {side})"
        )
        own = "select distinct system, cell, cast(cell as varchar) as block from agg_side"
        self._engine.define("agg_blocks", parse(own, source="sides"), materialise=True)
        good: dict[tuple[int, int], set[int]] = defaultdict(set)
        for row in self._engine.read(_asking("measured")).to_pylist():
            measured = Measured(*(row[name] for name in _AMOUNTS))
            if measured.persons and self._rule.allows(measured):
                good[row["system"], int(row["block"]) // 2].add(int(row["block"]) % 2)
        both: dict[int, set[int]] = defaultdict(set)
        for (system, place), sides in good.items():
            if sides == {0, 1}:
                both[system].add(place // 1_000_000)
        return lambda system, cells: system not in self._two_sided or bool(both[self._two_sided[system]] & cells)


def _with_bare_pools(
    tables: Mapping[int, Tables], side: str, cells: Mapping[int, Mapping[int, Measured]], rule: Rule
) -> set[int]:
    """Systems with a pool in which a hidden cell is not hidden any more."""
    found = set()
    for system, each in tables.items():
        partition = each.rows if side == ROWS else each.columns
        now = Partition(dict(cells.get(system, {})), {})
        pools = partition.pools.values() if partition is not None else ()
        if not all(is_hiding(pool & set(now.cells), now, rule) for pool in pools):
            found.add(system)
    return found


def _merged(columns: Partition, side: set[str]) -> bool:
    """Pool two columns, one from each side of a cut; whether there were two blocks left to pool."""
    pool = columns.pools.get(ROOT, set())
    shown = columns.shown_under(ROOT)
    inside = [cell for cell in shown if f"col:{cell}" in side]
    outside = [cell for cell in shown if f"col:{cell}" not in side]
    if pool:
        from_here = outside if f"col:pool:{ROOT}" in side else inside
        picked = (from_here or shown)[:1]
    else:
        picked = [inside[0], outside[0]] if inside and outside else shown[:2]
        if len(picked) == 1:
            return False
    if not picked:
        return False
    columns.pools.setdefault(ROOT, set()).update(picked)
    return True


def _of(found: Mapping[int, _Found], systems: Iterable[int]) -> dict[int, _Found]:
    return {system: found[system] for system in systems if system in found}


def _blocks_table(blocks: Blocks) -> pa.Table:
    rows = [(system, cell, block) for system, each in blocks.items() for cell, block in each.items()]
    return pa.table(
        {
            "system": pa.array([each[0] for each in rows], pa.int64()),
            "cell": pa.array([each[1] for each in rows], pa.int64()),
            "block": pa.array([each[2] for each in rows], pa.string()),
        }
    )
