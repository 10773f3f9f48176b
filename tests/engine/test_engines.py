"""What every engine promises, on each engine in turn."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from entrepot.engine import (
    Column,
    ColumnType,
    DuckDBEngine,
    Engine,
    EngineUnreachable,
    QueryFailed,
    Schema,
    ShapeBroken,
    SparkEngine,
    parse,
)
from entrepot.engine.duckdb.engine import BATCH_ROWS
from entrepot.testing.sail import sail_session

SCHEMA = Schema(
    (
        Column("id", ColumnType.TEXT, nullable=False),
        Column("minor", ColumnType.INTEGER),
        Column("paid", ColumnType.BOOLEAN),
        Column("at", ColumnType.INSTANT),
        Column("day", ColumnType.DATE),
    )
)
NOON = datetime(2026, 9, 1, 12, 0, 0, 123456, tzinfo=UTC)
ROWS = [
    {"id": "2897498932092150001", "minor": -(2**62), "paid": True, "at": NOON, "day": date(2024, 2, 29)},
    {"id": "中文𠮷", "minor": None, "paid": None, "at": None, "day": None},
]
TABLE = pa.Table.from_pylist(ROWS, schema=SCHEMA.arrow())
PARTS = Schema((Column("id", ColumnType.TEXT), Column("n", ColumnType.INTEGER), Column("month", ColumnType.TEXT)))


def by_id(table: pa.Table) -> list[dict[str, object]]:
    return sorted(table.to_pylist(), key=lambda row: str(row["id"]))


def test_both_are_engines(engine: Engine) -> None:
    assert isinstance(engine, Engine)
    assert engine.name in {"duckdb", "spark"}


def test_a_table_comes_back_with_the_same_types_and_values(engine: Engine) -> None:
    engine.add_arrow("orders", TABLE)
    found = engine.read("orders", SCHEMA)
    assert found.schema == SCHEMA.arrow()
    assert by_id(found) == by_id(TABLE)


def test_columns_come_in_the_order_of_the_schema_and_widen(engine: Engine) -> None:
    engine.add_arrow("orders", TABLE)
    schema = Schema((Column("n", ColumnType.INTEGER), Column("id", ColumnType.TEXT), Column("y", ColumnType.INTEGER)))
    query = parse("select id, length(id) as n, sum_exact(minor) as y from orders where paid group by 1, 2")
    found = engine.read(query, schema)
    assert found.schema == schema.arrow()
    assert found.to_pylist() == [{"n": 19, "id": "2897498932092150001", "y": -(2**62)}]


def test_a_stream_gives_the_same_rows(engine: Engine) -> None:
    engine.add_arrow("numbers", pa.table({"n": range(300_000)}))
    schema = Schema((Column("n", ColumnType.INTEGER),))
    reader = engine.stream(parse("select n from numbers where n % 3 = 0"), schema)
    sizes = [(batch.num_rows, batch.schema) for batch in reader]
    assert sum(rows for rows, _ in sizes) == 100_000
    assert all(found == schema.arrow() for _, found in sizes)


def test_a_stream_that_is_let_go_leaves_the_engine_free(engine: Engine) -> None:
    engine.add_arrow("numbers", pa.table({"n": range(300_000)}))
    reader = engine.stream("numbers", Schema((Column("n", ColumnType.INTEGER),)))
    assert reader.read_next_batch().num_rows > 0
    del reader
    assert engine.read(parse("select count(*) as n from numbers")).to_pylist() == [{"n": 300_000}]


def test_an_empty_stream_has_its_schema(engine: Engine) -> None:
    engine.add_arrow("orders", TABLE)
    columns = ", ".join(SCHEMA.names)
    found = engine.stream(parse(f"select {columns} from orders where minor > 0"), SCHEMA).read_all()
    assert (found.num_rows, found.schema) == (0, SCHEMA.arrow())


def test_rows_are_written_to_one_file(engine: Engine, tmp_path: Path) -> None:
    engine.add_arrow("orders", TABLE)
    path = tmp_path / "it's.parquet"
    assert engine.write_parquet("orders", str(path), SCHEMA) == 2
    written = pq.read_table(path)
    assert written.schema.types == SCHEMA.arrow().types
    assert by_id(written) == by_id(TABLE)


def test_no_files_are_an_empty_relation(engine: Engine) -> None:
    engine.add_parquet("nothing", [], SCHEMA)
    assert engine.columns("nothing") == SCHEMA.names
    assert engine.read("nothing", SCHEMA).num_rows == 0
    assert engine.read(parse("select sum_exact(minor) as s from nothing")).to_pylist() == [{"s": None}]


@pytest.mark.parametrize(("first", "second"), [("2026-02", "2026-12"), ("01", "10"), ("20260201", "20260202")])
def test_folders_are_text_and_missing_columns_null(engine: Engine, tmp_path: Path, first: str, second: str) -> None:
    paths = []
    for month, columns in ((first, {"id": ["a"], "n": [1], "extra": [1]}), (second, {"id": ["b"]})):
        folder = tmp_path / "channel=10" / f"month={month}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table(columns), folder / "part.parquet")
        paths.append(str(folder / "part.parquet"))
    engine.add_parquet("parts", paths, PARTS)
    assert engine.columns("parts") == ("id", "n", "month")
    assert by_id(engine.read("parts", PARTS)) == [
        {"id": "a", "n": 1, "month": first},
        {"id": "b", "n": None, "month": second},
    ]
    assert engine.read(parse(f"select id from parts where month = '{second}'")).to_pylist() == [{"id": "b"}]


def test_a_folder_declared_as_a_number_is_refused(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "n=1"
    folder.mkdir()
    pq.write_table(pa.table({"id": ["a"]}), folder / "part.parquet")
    with pytest.raises(ShapeBroken, match="so it is text"):
        engine.add_parquet("parts", [str(folder / "part.parquet")], PARTS)


def test_a_query_gets_a_name_and_may_get_another_meaning(engine: Engine) -> None:
    engine.add_arrow("orders", TABLE)
    for first, then in ((False, True), (True, False)):
        engine.define("paid_orders", parse("select id, minor from orders where paid"), materialise=first)
        assert engine.read("paid_orders").num_rows == 1
        engine.define("paid_orders", parse("select id from orders"), materialise=then)
        assert engine.columns("paid_orders") == ("id",)
        assert engine.read("paid_orders").num_rows == 2


def test_materialised_rows_stay_when_their_source_goes(engine: Engine) -> None:
    engine.add_arrow("source", TABLE)
    engine.define("kept", parse("select id, at from source"), materialise=True)
    engine.define("kept_nothing", parse("select id, at from source where id = ''"), materialise=True)
    engine.drop("source")
    assert engine.read("kept").num_rows == 2
    assert engine.columns("kept_nothing") == ("id", "at")
    assert engine.read("kept_nothing").num_rows == 0


def test_a_dropped_relation_is_gone_and_dropping_twice_is_fine(engine: Engine) -> None:
    engine.add_arrow("short", TABLE)
    engine.drop("short")
    engine.drop("short")
    with pytest.raises(QueryFailed):
        engine.read("short")


def test_a_relation_is_not_defined_from_itself(engine: Engine) -> None:
    engine.add_arrow("orders", TABLE)
    with pytest.raises(ShapeBroken, match="from itself"):
        engine.define("orders", parse("select id from orders"))
    assert engine.columns("orders") == SCHEMA.names


@pytest.mark.parametrize("name", ["", "1a", "a b", "a.b", 'a"b', "订单"])
def test_a_name_that_no_query_can_read_is_refused(engine: Engine, name: str) -> None:
    with pytest.raises(ShapeBroken, match="letters, digits and _"):
        engine.add_arrow(name, TABLE)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("select id, minor, paid, at from orders", "day"),
        ("select *, id as other from orders", "other"),
        ("select id, minor, paid, at, cast(day as varchar) as day from orders", "day"),
        ("select id, cast(minor as varchar) as minor, paid, at, day from orders", "minor"),
        ("select nullif(id, '中文𠮷') as id, minor, paid, at, day from orders", "id"),
    ],
)
def test_rows_of_another_shape_are_refused(engine: Engine, tmp_path: Path, text: str, column: str) -> None:
    engine.add_arrow("orders", TABLE)
    path = tmp_path / "out.parquet"
    attempts: list[Callable[[], object]] = [
        lambda: engine.read(parse(text), SCHEMA),
        lambda: engine.stream(parse(text), SCHEMA).read_all(),
        lambda: engine.write_parquet(parse(text), str(path), SCHEMA),
    ]
    for attempt in attempts:
        with pytest.raises(ShapeBroken) as refusal:
            attempt()
        assert refusal.value.column == column
    assert not path.exists()


def test_a_bad_row_is_an_error_that_does_not_quote_it(engine: Engine) -> None:
    engine.add_arrow("people", pa.table({"phone": ["13800138000x"]}))
    schema = Schema((Column("n", ColumnType.INTEGER),))
    query = parse("select cast(phone as bigint) as n from people", source="people.sql")
    attempts: list[Callable[[], object]] = [
        lambda: engine.read(query),
        lambda: engine.stream(query, schema).read_all(),
    ]
    for attempt in attempts:
        with pytest.raises(QueryFailed) as failure:
            attempt()
        assert failure.value.source == "people.sql"
        assert "13800138000" not in str(failure.value)
        assert failure.value.__cause__ is None


def test_an_unknown_column_is_named(engine: Engine) -> None:
    engine.add_arrow("orders", TABLE)
    with pytest.raises(QueryFailed, match="no_such_column"):
        engine.read(parse("select no_such_column from orders"))


def test_variables_of_the_program_are_no_relations(duckdb_engine: DuckDBEngine) -> None:
    secret = pa.table({"a": [1]})
    with pytest.raises(QueryFailed):
        duckdb_engine.read(parse("select a from secret"))
    assert secret.num_rows == 1


def test_closing_twice_is_fine(tmp_path: Path) -> None:
    engine = DuckDBEngine(threads=1, memory_limit="200MB", temp_directory=tmp_path)
    engine.close()
    engine.close()


def test_a_stream_comes_in_small_batches(duckdb_engine: DuckDBEngine) -> None:
    """Whoever writes a stream keeps some of them waiting."""
    duckdb_engine.add_arrow("many", pa.table({"n": pa.array(range(100_000), pa.int64())}))
    stream = duckdb_engine.stream("many", Schema((Column("n", ColumnType.INTEGER),)))
    sizes = [batch.num_rows for batch in stream]
    assert (sum(sizes), max(sizes) <= BATCH_ROWS, BATCH_ROWS) == (100_000, True, 16_384)


_LARGE = "create temp table large as select md5(cast(n as varchar)) as text from range(4000000) as r(n)"


def test_what_is_too_large_goes_into_the_folder_and_nothing_of_it_stays(tmp_path: Path) -> None:
    with DuckDBEngine(threads=1, memory_limit="40MB", temp_directory=tmp_path) as engine:
        engine.connection.execute(_LARGE)
        spilled = engine.connection.execute("select path from duckdb_temporary_files()").fetchall()
        assert spilled, "it did not fit into the memory"
        assert {Path(path).parent for (path,) in spilled} == {tmp_path}
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_nothing_is_spilled_where_the_process_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with DuckDBEngine(threads=1, memory_limit="40MB") as engine:
        with pytest.raises(duckdb.OutOfMemoryException):
            engine.connection.execute(_LARGE)
        assert list(tmp_path.iterdir()) == []


def test_a_server_that_never_was_is_told_at_once() -> None:
    with pytest.raises(EngineUnreachable):
        SparkEngine("sc://127.0.0.1:1")


def test_a_server_that_went_away_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepot.engine.spark.session.RETRIES_MAX", 1)
    with sail_session(is_own=True) as address:
        engine = SparkEngine(address)
        engine.add_arrow("orders", TABLE)
    with pytest.raises(EngineUnreachable):
        engine.read("orders")
    engine.close()


def test_nothing_is_printed_while_a_query_runs_for_long() -> None:
    with DuckDBEngine() as engine:
        [told] = engine.connection.execute("select current_setting('enable_progress_bar')").fetchall()
    assert told == (False,)
