"""The tables of a cell in memory: what the ledger derives from given rows, without files and without a disk."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.engine import DuckDBEngine
from entrepot.ledger import derive
from entrepot.model import TABLES, Origin
from entrepot.store import CellLayout, CellSettings, TableStore, schema_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from entrepot.engine import Engine
    from entrepot.ledger import Decision

__all__ = ["MemoryTables", "derived_from", "derived_in_turn", "typed"]


_SHIPPED = frozenset({"fx_rates", "fiscal_periods"})
"""Large tables that are the same for everybody; see `entrepot.ledger.rate_rows`."""


class MemoryTables(TableStore):
    """A `TableStore` that keeps Arrow tables.

    Args:
        observed: Observed tables, as readers see them. Tables that are not named are empty.
    """

    def __init__(self, observed: Mapping[str, pa.Table]) -> None:
        super().__init__(CellLayout(Path()), None)
        self.rows: dict[str, pa.Table] = dict(observed)

    def open_into(self, engine: Engine, names: Iterable[str], prefix: str = "") -> None:
        """Name tables in an engine, as readers see them."""
        for name in names:
            rows = self.rows.get(name)
            rows = typed(name, []) if rows is None else rows
            if zero := TABLES[name].zero_means_absent:
                kept = [bool(value) for value in rows[zero].to_pylist()]
                rows = rows.filter(pa.array(kept, pa.bool_()))
            engine.add_arrow(prefix + name, rows)

    def replace(self, engine: Engine, name: str, relation: str) -> None:
        """Keep the rows of a relation as a table."""
        self.rows[name] = engine.read(relation, schema_of(TABLES[name]))


def typed(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows of a table with the columns that readers see; a missing column is null."""
    table = TABLES[name]
    hidden = {"is_current"} if table.origin is Origin.OBSERVED else set()
    fields = [pa.field(field.name, field.type) for field in schema_of(table).arrow() if field.name not in hidden]
    unknown = {column for row in rows for column in row} - {field.name for field in fields}
    assert not unknown, f"{name} has no columns {sorted(unknown)}"
    return pa.Table.from_pylist([dict(row) for row in rows], schema=pa.schema(fields))


def derived_from(
    observed: Mapping[str, Sequence[Mapping[str, Any]]], settings: CellSettings
) -> dict[str, list[dict[str, Any]]]:
    """Everything that the ledger derives from rows of observed tables, as rows by table; settings name every shop."""
    return derived_in_turn([(observed, None)], settings)[-1]


def derived_in_turn(
    turns: Sequence[tuple[Mapping[str, Sequence[Mapping[str, Any]]], Decision | None]],
    settings: CellSettings,
    engine: Engine | None = None,
) -> list[dict[str, list[dict[str, Any]]]]:
    """What the ledger derives turn by turn, each on top of what the one before kept.

    Args:
        turns: Rows of observed tables as they are then, and a period that is closed or reopened then.
        settings: They name every shop.
        engine: Where everything is computed; None for a DuckDB of its own each turn.
    Returns:
        Per turn the rows of every table, what the closing posted included; shipped rates are not among them.
    """
    tables = MemoryTables({})
    results = []
    for observed, decision in turns:
        tables.rows.update({name: typed(name, []) for name in tables.rows if TABLES[name].origin is Origin.OBSERVED})
        tables.rows.update({name: typed(name, rows) for name, rows in observed.items()})
        with DuckDBEngine(threads=1) if engine is None else contextlib.nullcontext(engine) as chosen:
            derive(chosen, tables, settings, {}, typed("raw_files", []), [], lambda _done, _of: None, decision=decision)
        results.append({name: rows.to_pylist() for name, rows in tables.rows.items() if name not in _SHIPPED})
    return results
