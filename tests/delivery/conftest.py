"""A few ledger entries in both engines: what is exported must not depend on the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest

from entrepot.delivery import JournalAsked, JournalTotals, build_journals, layout_named, mapping_text, read_mapping
from entrepot.engine import DuckDBEngine, Engine, SparkEngine
from entrepot.testing.sail import sail_session
from tests.delivery.entries import entries_table


@pytest.fixture(scope="session")
def sail_engine() -> Iterator[SparkEngine]:
    with sail_session() as address, SparkEngine(address) as engine:
        yield engine


@pytest.fixture
def duckdb_engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1) as engine:
        yield engine


@pytest.fixture(params=["duckdb_engine", "sail_engine"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Engine)
    return found


@pytest.fixture
def export(engine: Engine) -> Callable[..., tuple[list[dict[str, str]], JournalTotals]]:
    """Export entries through a layout: the file's rows, and their totals."""

    def run(
        entries: list[list[dict[str, Any]]],
        per: str = "day",
        layout: str = "plain",
        mapping: str | None = None,
        entity: str = "",
        settlements: tuple[tuple[str, str | None, str], ...] = (),
        period: str = "2026-09",
    ) -> tuple[list[dict[str, str]], JournalTotals]:
        engine.add_arrow("ledger_entries", entries_table([row for each in entries for row in each]))
        engine.add_arrow(
            "settlement_lines",
            pa.table(
                {
                    name: pa.array([row[at] for row in settlements], pa.string())
                    for at, name in enumerate(("line_id", "settlement_id", "channel"))
                }
            ),
        )
        of = layout_named(layout)
        accounts = read_mapping(mapping or mapping_text(of), "accounts.csv", of.dimensions_max)
        table, totals = build_journals(
            engine, JournalAsked(period, per, entity, is_fiscal=period.startswith("FY")), of, accounts
        )
        return table.to_pylist(), totals

    return run
