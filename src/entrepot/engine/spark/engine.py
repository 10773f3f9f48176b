"""The engine of many workers: Spark Connect, spoken to Apache Spark or to Sail."""

import shutil
import tempfile
from collections.abc import Generator, Sequence
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from entrepot.engine.contract import ZSTD_LEVEL, ColumnType, ListOf, Schema
from entrepot.engine.dialect import Query, in_turn
from entrepot.engine.errors import ShapeBroken
from entrepot.engine.names import Folders, by_folder, check_folder_columns, checked_name, quoted
from entrepot.engine.shapes import batches_in_shape, table_in_shape
from entrepot.engine.spark.session import batches_of, failures, parquet_at, schema_of, session_at, stop, table_of

__all__ = ["SparkEngine"]

_TYPES: dict[ColumnType, str] = {
    ColumnType.TEXT: "string",
    ColumnType.INTEGER: "bigint",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.INSTANT: "timestamp",
    ColumnType.DATE: "date",
}
assert set(_TYPES) == set(ColumnType), "every column type has a name in Spark"


class SparkEngine:
    """Queries on a Spark Connect server.

    Args:
        remote_url: Such as ``sc://127.0.0.1:15002``.
        scratch: A folder that this process and every worker see under the same path; Arrow tables and materialised
            relations pass through it. None: a temporary folder of this machine, right for a server beside us.
    """

    name = "spark"

    def __init__(self, remote_url: str, *, scratch: str | Path | None = None) -> None:
        self._session = session_at(remote_url)
        self._scratch = Path(tempfile.mkdtemp(prefix="entrepot-spark-", dir=scratch))
        self._files = count()
        self._closed = False

    def add_arrow(self, name: str, table: pa.Table) -> None:
        """Give an Arrow table a name; it passes through one Parquet file in the scratch folder."""
        checked_name(name)
        path = self._next_file()
        readable = _readable(table)
        pq.write_table(readable, path)
        with failures(name):
            parquet_at(self._session, path, readable.schema).createOrReplaceTempView(name)

    def add_parquet(self, name: str, paths: Sequence[str], schema: Schema) -> None:
        """Give Parquet files a name; see the contract."""
        checked_name(name)
        if not paths:
            self.add_arrow(name, schema.arrow().empty_table())
            return
        check_folder_columns(name, paths, schema)
        with failures(name):
            frames = [self._files_of(found, values, schema) for values, found in by_folder(paths, schema).items()]
            frame = frames[0]
            for other in frames[1:]:
                frame = frame.unionAll(other)
            frame.createOrReplaceTempView(name)

    def define(self, name: str, query: Query, *, materialise: bool = False) -> None:
        """Give a query a name; materialised rows pass through this process into the scratch folder."""
        checked_name(name)
        if name in query.inputs():
            raise ShapeBroken(name, "*", "a relation cannot be defined from itself")
        with failures(query.source):
            if materialise:
                self._materialise(name, self._frame(query))
            else:
                self._session.sql(query.sql("spark")).createOrReplaceTempView(name)

    def read(self, what: Query | str, schema: Schema | None = None) -> pa.Table:
        """All rows of a query or of a named relation; see the contract."""
        with failures(_source(what)):
            table = table_of(self._frame(what))
        return table if schema is None else table_in_shape(table, schema, _source(what))

    def stream(self, what: Query | str, schema: Schema) -> pa.RecordBatchReader:
        """The rows in batches as the server sends them; see the contract."""
        source = _source(what)
        with failures(source):
            frame = self._frame(what)
            found = schema_of(frame)
        _check_names(found, schema, source)
        batches = batches_in_shape(_guarded(batches_of(frame), source), schema, source)
        return pa.RecordBatchReader.from_batches(schema.arrow(), batches)

    def write_parquet(self, what: Query | str, path: str, schema: Schema) -> int:
        """Write the rows to one local Parquet file, zstd; see the contract."""
        rows = 0
        try:
            with pq.ParquetWriter(path, schema.arrow(), compression="zstd", compression_level=ZSTD_LEVEL) as writer:
                for batch in self.stream(what, schema):
                    writer.write_batch(batch)
                    rows += batch.num_rows
        except BaseException:
            Path(path).unlink(missing_ok=True)
            raise
        return rows

    def columns(self, name: str) -> tuple[str, ...]:
        """Column names of a relation, in order."""
        with failures(name):
            return schema_of(self._session.table(checked_name(name)))

    def drop(self, name: str) -> None:
        """Forget a relation; not an error when there is none."""
        with failures(name):
            self._session.sql(f"DROP VIEW IF EXISTS {checked_name(name)}").collect()

    def close(self) -> None:
        """Stop the session and empty the scratch folder; may be called twice."""
        if not self._closed:
            self._closed = True
            stop(self._session)
            shutil.rmtree(self._scratch, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _frame(self, what: Query | str) -> Any:  # noqa: ANN401  (the client has no types)
        if not isinstance(what, Query):
            return self._session.table(checked_name(what))
        # Both servers put the text of a CTE wherever it is read, so what is read twice would be computed twice, and
        # what reads it twice again four times.
        first, rest = in_turn(what, "spark", lambda name: f"{name}__{next(self._files)}")
        for name, text in first:
            self._materialise(name, self._session.sql(text))
        return self._session.sql(rest)

    def _materialise(self, name: str, frame: Any) -> None:  # noqa: ANN401
        path = self._next_file()
        shape = self._keep(frame, path)
        parquet_at(self._session, path, shape).createOrReplaceTempView(name)

    def _files_of(self, paths: Sequence[str], folders: Folders, schema: Schema) -> Any:  # noqa: ANN401
        # Sail 0.7 gives null for a declared column that is a folder, Spark guesses its type when it is not declared;
        # so the files are read without folders, and the folders' values are written beside them.
        values = dict(folders)
        inside = [each for each in schema.columns if each.name not in values]
        declared = ", ".join(f"{quoted(each.name, '`')} {_type_name(each.type)}" for each in inside)
        frame = self._session.read.schema(declared).parquet(*map(str, paths))
        return frame.selectExpr(*(_folder_text(each.name, values) for each in schema.columns))

    def _next_file(self) -> str:
        return str(self._scratch / f"{next(self._files):06d}.parquet")

    def _keep(self, frame: Any, path: str) -> pa.Schema:  # noqa: ANN401
        """Write the rows of a data frame into a file, and tell its shape."""
        writer: pq.ParquetWriter | None = None
        try:
            for batch in batches_of(frame):
                writer = writer or pq.ParquetWriter(path, batch.schema)
                writer.write_batch(batch)
        finally:
            if writer is not None:
                writer.close()
        if writer is not None:
            return writer.schema
        empty = table_of(frame)
        pq.write_table(empty, path)
        return empty.schema


def _guarded(batches: Generator[pa.RecordBatch], source: str) -> Generator[pa.RecordBatch]:
    with failures(source):
        yield from batches


def _type_name(of: ColumnType | ListOf) -> str:
    return of.nested(_TYPES[ColumnType.TEXT]) if isinstance(of, ListOf) else _TYPES[of]


def _folder_text(name: str, values: dict[str, str | None]) -> str:
    column = quoted(name, "`")
    if name not in values:
        return column
    value = values[name]
    text = "NULL" if value is None else "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return f"CAST({text} AS STRING) AS {column}"


def _source(what: Query | str) -> str:
    return what.source if isinstance(what, Query) else what


def _check_names(found: tuple[str, ...], schema: Schema, source: str) -> None:
    for name in schema.names:
        if found.count(name) != 1:
            raise ShapeBroken(source, name, f"declared once, found {found.count(name)} times")
    for name in found:
        if name not in schema.names:
            raise ShapeBroken(source, name, "not declared")


def _readable(table: pa.Table) -> pa.Table:
    """The table with microsecond instants in UTC, which every reader takes; a column of nulls alone becomes text."""
    fields: list[pa.Field] = []
    for field in table.schema:
        kind = field.type
        if pa.types.is_null(kind):
            kind = pa.string()
        elif pa.types.is_timestamp(kind) and kind.tz is not None:
            kind = pa.timestamp("us", tz="UTC")
        fields.append(pa.field(field.name, kind))
    return table.cast(pa.schema(fields))
