"""What every engine promises: relations with declared shapes in, Arrow tables with the same rows out.

An engine knows relations, columns and queries of the dialect, and nothing of the trade. One engine object belongs to
one thread at a time; open another engine for another thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import pyarrow as pa

from entrepot.engine.dialect import Query

__all__ = ["ZSTD_LEVEL", "Column", "ColumnType", "Engine", "ListOf", "Schema"]

ZSTD_LEVEL = 1
"""How hard Parquet files are packed. Tokens are random digits: level 3 took a third longer and made larger files."""


class ColumnType(Enum):
    """The five types a column between rooms may have; the value is the type's name in the dialect."""

    TEXT = "varchar"
    INTEGER = "bigint"
    BOOLEAN = "boolean"
    INSTANT = "timestamptz"
    DATE = "date"

    @property
    def arrow(self) -> pa.DataType:
        """The one Arrow type of the column: string, int64, bool, timestamp[us, tz=UTC] or date32."""
        return _ARROW[self]


_ARROW: dict[ColumnType, pa.DataType] = {
    ColumnType.TEXT: pa.string(),
    ColumnType.INTEGER: pa.int64(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.INSTANT: pa.timestamp("us", tz="UTC"),
    ColumnType.DATE: pa.date32(),
}
assert set(_ARROW) == set(ColumnType), "every column type has one Arrow type"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of rows, each of text or of lists again: how documents of a marketplace lie in files.

    Only files come with such columns; between rooms every column has one of the five types.

    Attributes:
        fields: Name to None for text, or to the list it is.
    """

    fields: tuple[tuple[str, "ListOf | None"], ...]

    @property
    def value(self) -> str:
        """The type's name in the dialect of DuckDB."""
        inside = ", ".join(f'"{name}" {each.value if each else "varchar"}' for name, each in self.fields)
        return f"struct({inside})[]"

    @property
    def arrow(self) -> pa.DataType:
        """The Arrow type."""
        return pa.list_(pa.struct([(name, each.arrow if each else pa.string()) for name, each in self.fields]))

    def nested(self, text: str) -> str:
        """The type's name where lists are `array<struct<…>>`; `text` is the name of text there."""
        inside = ", ".join(f"`{name}`: {each.nested(text) if each else text}" for name, each in self.fields)
        return f"array<struct<{inside}>>"


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name, type and whether it may be null."""

    name: str
    type: ColumnType | ListOf
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Schema:
    """Declared columns, in the order in which they leave an engine."""

    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        assert len(set(self.names)) == len(self.columns), "a schema names each column once"

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    def arrow(self) -> pa.Schema:
        """The same columns as an Arrow schema, nullability included."""
        return _arrow_schema(self)


@lru_cache(maxsize=1024)
def _arrow_schema(schema: Schema) -> pa.Schema:
    return pa.schema([pa.field(each.name, each.type.arrow, nullable=each.nullable) for each in schema.columns])


@runtime_checkable
class Engine(Protocol):
    """A place where queries of the dialect run over named relations.

    Every method raises ``QueryFailed`` when the engine refuses a query or a row breaks it (overflow, bad cast),
    ``ShapeBroken`` when the rows do not fit the declared schema, ``EngineUnreachable`` when a server is gone.
    """

    name: str

    def add_arrow(self, name: str, table: pa.Table) -> None:
        """Give an Arrow table a name, replacing any relation of that name. Nested columns are allowed."""

    def add_parquet(self, name: str, paths: Sequence[str], schema: Schema) -> None:
        """Give Parquet files a name.

        Args:
            name: The relation's name.
            paths: Files, absolute; none at all gives an empty relation.
            schema: The relation's columns, exactly. A column that is a folder of the path (``month=2026-09``) comes
                from there, as text; a column that a file lacks is null in its rows; other columns are not read.
        """

    def define(self, name: str, query: Query, *, materialise: bool = False) -> None:
        """Give a query a name; with ``materialise`` its rows are computed now and once."""

    def read(self, what: Query | str, schema: Schema | None = None) -> pa.Table:
        """All rows of a query or of a named relation; with a schema, cast to it and in its column order."""

    def stream(self, what: Query | str, schema: Schema) -> pa.RecordBatchReader:
        """The same rows in batches, in bounded memory.

        Read it to its end, or let go of the reader (``del``; ``close()`` alone keeps the query open in DuckDB),
        before the next query on this engine.
        """

    def write_parquet(self, what: Query | str, path: str, schema: Schema) -> int:
        """Write the rows to one local Parquet file and return how many there were."""

    def columns(self, name: str) -> tuple[str, ...]:
        """Column names of a relation, in order."""

    def drop(self, name: str) -> None:
        """Forget a relation; not an error when there is none."""

    def close(self) -> None:
        """Give everything back. May be called twice."""

    def __enter__(self) -> Self:
        """The engine itself; leaving the block closes it."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the engine."""
