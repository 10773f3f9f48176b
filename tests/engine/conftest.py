"""Both engines for the tests of this room: DuckDB per test, one Sail server and session per worker."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from entrepot.engine import DuckDBEngine, Engine, SparkEngine, parse
from entrepot.testing.sail import sail_session


class BothEngines:
    """The same relations in two engines, and rows that are only given out when both agree."""

    def __init__(self, first: Engine, second: Engine) -> None:
        self.engines = (first, second)

    def add(self, name: str, table: pa.Table) -> None:
        for engine in self.engines:
            engine.add_arrow(name, table)

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        query = parse(text)
        first, second = ([tuple(row.values()) for row in engine.read(query).to_pylist()] for engine in self.engines)
        assert first == second
        return first

    def value(self, expression: str, **columns: Any) -> Any:
        """The expression over one row of the given columns."""
        self.add("one_row", pa.table({name: _array(value) for name, value in columns.items()} or {"unused": [1]}))
        return self.rows(f"select {expression} as x from one_row")[0][0]


def _array(value: Any) -> pa.Array:
    if isinstance(value, int) and not isinstance(value, bool):
        return pa.array([value], pa.int64())
    return pa.array([value]) if value is not None else pa.array([None], pa.string())


@pytest.fixture
def duckdb_engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1) as engine:
        yield engine


@pytest.fixture(scope="session")
def sail_engine() -> Iterator[SparkEngine]:
    with sail_session() as address, SparkEngine(address) as engine:
        yield engine


@pytest.fixture(params=["duckdb_engine", "sail_engine"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Engine)
    return found


@pytest.fixture
def both(duckdb_engine: DuckDBEngine, sail_engine: SparkEngine) -> BothEngines:
    return BothEngines(duckdb_engine, sail_engine)
