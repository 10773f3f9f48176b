"""The second engine gives the controller's reports row for row, over companies in which every column has something to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from entrepot.engine import DuckDBEngine, SparkEngine
from entrepot.flows.asking import newest_tables
from entrepot.flows.explaining_reports import define_parts
from entrepot.reports import REPORTS, run_report
from entrepot.testing.engine_suite import compare_relations
from entrepot.testing.sail import sail_session
from tests.reports.small_books import COMPANIES, CUT_OFF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.engine import Engine
    from entrepot.store import TableStore
    from entrepot.testing.sample_company import ImportedCompany

_WITH_PARTS = {report.name: report.figures for report in REPORTS if report.figures is not None}


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


def _parts(engine: Engine, tables: TableStore, name: str) -> dict[str, pa.Table]:
    """The parts of each figure of a report; one text serves all figures where the report has a file of parts."""
    figures = _WITH_PARTS[name]
    run_report(engine, tables, name, at=CUT_OFF)
    found = {}
    for figure in figures.names if figures.part else figures.names[:1]:
        define_parts(engine, tables, name, figure, CUT_OFF)
        found[f"{name}.{figure}"] = engine.read("figure_parts")
    return found


@pytest.mark.parametrize("name", sorted(_WITH_PARTS))
def test_sail_gives_the_parts_of_every_figure_that_duckdb_gives(
    sail_engine: SparkEngine, small_imported: ImportedCompany, name: str
) -> None:
    tables = COMPANIES[name]() if name in COMPANIES else newest_tables(small_imported.parts)
    with DuckDBEngine(threads=1) as engine:
        wanted = _parts(engine, tables, name)
    assert all(compare_relations(wanted, _parts(sail_engine, tables, name)).values())
