"""From what an engine answered to the declared schema: the same types and values whichever engine it was.

Only widening is done here (int32 to int64, decimal(38,0) to int64 ...). A change of meaning, such as text to a number,
belongs into the query and is refused.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing

import pyarrow as pa
import pyarrow.compute as pc

from entrepot.engine.contract import Column, ColumnType, ListOf, Schema
from entrepot.engine.errors import ShapeBroken

__all__ = ["batches_in_shape", "check_not_null", "table_in_shape"]


def table_in_shape(table: pa.Table, schema: Schema, relation: str) -> pa.Table:
    """Cast a table to the declared columns, in their order.

    Raises:
        ShapeBroken: A column is missing, is extra, has another kind of type, or is null though declared never null.
    """
    names = list(table.column_names)
    for name in schema.names:
        if names.count(name) != 1:
            raise ShapeBroken(relation, name, f"declared once, found {names.count(name)} times")
    for name in names:
        if name not in schema.names:
            raise ShapeBroken(relation, name, "not declared")
    columns = [_column_in_shape(table.column(each.name), each, relation) for each in schema.columns]
    return pa.Table.from_arrays(columns, schema=schema.arrow())


def batches_in_shape(batches: Generator[pa.RecordBatch], schema: Schema, relation: str) -> Iterator[pa.RecordBatch]:
    """The same for a stream: each batch is cast when it is asked for, and the stream is closed however it ends."""
    with closing(batches):
        for batch in batches:
            table = table_in_shape(pa.Table.from_batches([batch]), schema, relation)
            yield from table.to_batches()


def check_not_null(column: Column, null_count: int, relation: str) -> None:
    """Raise ``ShapeBroken`` when a column declared never null holds nulls."""
    if null_count and not column.nullable:
        raise ShapeBroken(relation, column.name, f"declared never null, null in {null_count} rows")


def _column_in_shape(array: pa.ChunkedArray, column: Column, relation: str) -> pa.ChunkedArray:
    check_not_null(column, array.null_count, relation)
    if isinstance(column.type, ListOf):
        raise ShapeBroken(relation, column.name, "a list of rows stays within its engine")
    wanted = column.type.arrow
    if array.type == wanted:
        return array
    if not _widens(array.type, column.type):
        raise ShapeBroken(relation, column.name, f"declared {column.type.value}, found {array.type}")
    try:
        return pc.cast(array, wanted)
    except pa.ArrowInvalid:
        # Arrow's sentence quotes the value, so it is not passed on.
        raise ShapeBroken(relation, column.name, f"a value does not fit {column.type.value}") from None


def _widens(found: pa.DataType, wanted: ColumnType) -> bool:
    if pa.types.is_dictionary(found):
        return _widens(found.value_type, wanted)
    if pa.types.is_null(found):
        return True
    return bool(_WIDENS[wanted](found))


def _is_text(found: pa.DataType) -> bool:
    return bool(pa.types.is_string(found) or pa.types.is_large_string(found) or pa.types.is_string_view(found))


def _is_whole(found: pa.DataType) -> bool:
    return bool(pa.types.is_integer(found) or (pa.types.is_decimal(found) and found.scale == 0))


def _is_instant(found: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(found) and found.tz is not None)


_WIDENS: dict[ColumnType, Callable[[pa.DataType], bool]] = {
    ColumnType.TEXT: _is_text,
    ColumnType.INTEGER: _is_whole,
    ColumnType.BOOLEAN: pa.types.is_boolean,
    ColumnType.INSTANT: _is_instant,
    ColumnType.DATE: pa.types.is_date,
}
assert set(_WIDENS) == set(ColumnType), "every column type says what widens to it"
