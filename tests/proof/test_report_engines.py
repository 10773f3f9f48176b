"""The second engine gives the controller's reports row for row, over companies in which every column has something to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.engine import DuckDBEngine, SparkEngine
from entrepot.reports import run_report
from entrepot.testing.engine_suite import compare_relations
from entrepot.testing.sail import sail_session
from tests.reports.small_books import COMPANIES, CUT_OFF

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def sail_engine() -> Iterator[SparkEngine]:
    with sail_session() as address, SparkEngine(address) as engine:
        yield engine


@pytest.mark.parametrize("name", COMPANIES)
def test_sail_gives_the_report_of_duckdb(sail_engine: SparkEngine, name: str) -> None:
    tables = COMPANIES[name]()
    with DuckDBEngine(threads=1) as engine:
        wanted = run_report(engine, tables, name, at=CUT_OFF)
    found = run_report(sail_engine, tables, name, at=CUT_OFF)
    assert compare_relations({name: wanted}, {name: found})[name] > 0
