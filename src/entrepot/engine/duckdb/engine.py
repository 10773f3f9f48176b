"""The engine of one process: DuckDB in memory, with a folder to spill into."""

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from entrepot.engine.contract import ZSTD_LEVEL, Column, Schema
from entrepot.engine.dialect import Query
from entrepot.engine.errors import QueryFailed, ShapeBroken
from entrepot.engine.names import check_folder_columns, checked_name, quoted
from entrepot.engine.shapes import batches_in_shape, check_not_null, table_in_shape

__all__ = ["DuckDBEngine"]

BATCH_ROWS = 16_384
"""Rows of a batch of a stream: whoever writes them keeps some batches waiting."""

# These speak of the query's text alone; the others quote values of rows.
_ABOUT_TEXT = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)


class DuckDBEngine:
    """DuckDB in memory.

    Args:
        threads: At most so many; None leaves it to DuckDB (all cores).
        memory_limit: Such as ``"1GB"``; None leaves it to DuckDB (80 % of the machine).
        temp_directory: Where larger work spills to; None: nothing is spilled, for rows are to lie in their cell only
            and DuckDB's default is the folder that the process happens to stand in.
    """

    name = "duckdb"

    def __init__(
        self, *, threads: int | None = None, memory_limit: str | None = None, temp_directory: str | Path | None = None
    ) -> None:
        spill = "" if temp_directory is None else str(temp_directory)
        config: dict[str, str | bool | int | float | list[str]] = {"temp_directory": spill}
        if threads is not None:
            config["threads"] = threads
        if memory_limit is not None:
            config["memory_limit"] = memory_limit
        self._connection = duckdb.connect(":memory:", config=config)
        self._connection.execute("SET TimeZone='UTC'")
        # Else a name that no relation has would be looked for among the variables of our own Python code.
        self._connection.execute("SET python_enable_replacements=false")
        # It would be printed between the lines of a command whose query takes two seconds.
        self._connection.execute("SET enable_progress_bar=false")
        # A view opens its files again for each query that names it; a file that has changed is read anew all the same.
        self._connection.execute("SET parquet_metadata_cache=true")
        self._registered: set[str] = set()
        # What was defined here, as a view or a table: asking the catalogue took a quarter of a small import.
        self._defined: dict[str, str] = {}

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection itself, for what only DuckDB can do."""
        return self._connection

    def add_arrow(self, name: str, table: pa.Table) -> None:
        """Give an Arrow table a name; it is read in place, not copied."""
        self.drop(name)
        self._connection.register(checked_name(name), table)
        self._registered.add(name)

    def add_parquet(self, name: str, paths: Sequence[str], schema: Schema) -> None:
        """Give Parquet files a name; see the contract."""
        self.drop(name)
        with self._failures(name):
            sql = self._select_files(name, paths, schema) if paths else _select_nothing(schema)
            self._connection.execute(f"CREATE TEMP VIEW {quoted(name)} AS {sql}")
        self._defined[name] = "VIEW"

    def define(self, name: str, query: Query, *, materialise: bool = False) -> None:
        """Give a query a name; see the contract."""
        checked_name(name)
        if name in query.inputs():
            raise ShapeBroken(name, "*", "a relation cannot be defined from itself")
        self.drop(name)
        kind = "TABLE" if materialise else "VIEW"
        with self._failures(query.source):
            self._connection.execute(f"CREATE TEMP {kind} {quoted(name)} AS {query.sql('duckdb')}")
        self._defined[name] = kind

    def read(self, what: Query | str, schema: Schema | None = None) -> pa.Table:
        """All rows of a query or of a named relation; see the contract."""
        with self._failures(_source(what)):
            table = self._connection.sql(_sql(what)).to_arrow_table()
        return table if schema is None else table_in_shape(table, schema, _source(what))

    def stream(self, what: Query | str, schema: Schema) -> pa.RecordBatchReader:
        """The rows in batches of at most 16 384; see the contract."""
        with self._failures(_source(what)):
            reader = self._connection.sql(_sql(what)).to_arrow_reader(BATCH_ROWS)
        batches = batches_in_shape(self._guarded(reader, _source(what)), schema, _source(what))
        table_in_shape(reader.schema.empty_table(), schema, _source(what))
        return pa.RecordBatchReader.from_batches(schema.arrow(), batches)

    def write_parquet(self, what: Query | str, path: str, schema: Schema) -> int:
        """Write the rows to one Parquet file, zstd; see the contract."""
        source = _source(what)
        with self._failures(source):
            head = self._connection.sql(f"SELECT * FROM ({_sql(what)}) LIMIT 0").to_arrow_table()
        table_in_shape(head, schema, source)
        chosen = ", ".join(_cast(each) for each in schema.columns)
        target = str(path).replace("'", "''")
        with self._failures(source):
            form = f"FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {ZSTD_LEVEL}"
            self._connection.execute(f"COPY (SELECT {chosen} FROM ({_sql(what)})) TO '{target}' ({form})")
        return _checked_file(str(path), schema, source)

    def columns(self, name: str) -> tuple[str, ...]:
        """Column names of a relation, in order."""
        with self._failures(name):
            cursor = self._connection.execute(f"SELECT * FROM {quoted(name)} LIMIT 0")
            return tuple(each[0] for each in cursor.description or ())

    def drop(self, name: str) -> None:
        """Forget a relation; not an error when there is none."""
        checked_name(name)
        if name in self._registered:
            self._connection.unregister(name)
            self._registered.discard(name)
            return
        kind = self._defined.pop(name, None)
        if kind is not None:
            self._connection.execute(f"DROP {kind} {quoted(name)}")

    def close(self) -> None:
        """Close the connection; may be called twice."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _select_files(self, name: str, paths: Sequence[str], schema: Schema) -> str:
        listed = ", ".join("'" + os.fspath(path).replace("'", "''") + "'" for path in paths)
        source = f"read_parquet([{listed}], hive_partitioning=true, hive_types_autocast=false, union_by_name=true)"
        found = self._connection.execute(f"SELECT * FROM {source} LIMIT 0").description or ()
        here = {each[0] for each in found}
        check_folder_columns(name, paths, schema)
        columns = (
            _cast(each) if each.name in here else f"CAST(NULL AS {each.type.value}) AS {quoted(each.name)}"
            for each in schema.columns
        )
        return f"SELECT {', '.join(columns)} FROM {source}"

    def _guarded(self, reader: pa.RecordBatchReader, source: str) -> Generator[pa.RecordBatch]:
        with self._failures(source), closing(reader):
            yield from reader

    @contextmanager
    def _failures(self, source: str) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as error:
            raise _failure(error, source) from None
        except OSError as error:
            # Arrow wraps an engine's error in the middle of a stream; its text may quote a value.
            raise QueryFailed(self.name, source, type(error).__name__) from None


def _failure(error: duckdb.Error, source: str) -> QueryFailed:
    detail = str(error).split("\n", 1)[0] if isinstance(error, _ABOUT_TEXT) else ""
    return QueryFailed("duckdb", source, type(error).__name__, detail)


def _sql(what: Query | str) -> str:
    return what.sql("duckdb") if isinstance(what, Query) else f"SELECT * FROM {quoted(what)}"


def _source(what: Query | str) -> str:
    return what.source if isinstance(what, Query) else what


def _cast(column: Column) -> str:
    return f"CAST({quoted(column.name)} AS {column.type.value}) AS {quoted(column.name)}"


def _select_nothing(schema: Schema) -> str:
    columns = ", ".join(f"CAST(NULL AS {each.type.value}) AS {quoted(each.name)}" for each in schema.columns)
    return f"SELECT {columns} WHERE false"


def _checked_file(path: str, schema: Schema, source: str) -> int:
    """Count the rows of a written file and refuse nulls where none were declared; a refused file is removed."""
    footer = pq.read_metadata(path)
    try:
        for position, column in enumerate(schema.columns):
            groups = (footer.row_group(index).column(position) for index in range(footer.num_row_groups))
            nulls = sum(group.statistics.null_count or 0 for group in groups if group.statistics is not None)
            check_not_null(column, nulls, source)
    except ShapeBroken:
        Path(path).unlink()
        raise
    return int(footer.num_rows)
