"""How canonical tables are packed: their columns as engine and Delta declare them, and how their files are written."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa
from deltalake import Schema as DeltaSchema
from deltalake import WriterProperties
from deltalake.writer import ColumnProperties

from entrepot.engine import Column, ColumnType, Schema
from entrepot.model import FieldType, ResidencyClass

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from entrepot.model import Table

_TYPES = {
    FieldType.TEXT: ColumnType.TEXT,
    FieldType.INTEGER: ColumnType.INTEGER,
    FieldType.BOOLEAN: ColumnType.BOOLEAN,
    FieldType.INSTANT: ColumnType.INSTANT,
    FieldType.DATE: ColumnType.DATE,
}
assert set(_TYPES) == set(FieldType), "every field type has a column type"

_GROUP_ROWS = 131_072
"""Rows of a group within a file; a group is in memory while it is written."""

_HIDDEN = {ResidencyClass.PERSONAL, ResidencyClass.SECRET}
_OF_ONE = {ResidencyClass.PSEUDONYMOUS}
"""Classes of numbers and tokens of one order or person. A dictionary of them was a third of the work of writing."""
_EACH_ITS_OWN = {"version", "row_hash"}


@lru_cache(maxsize=512)
def schema_of(of: Table) -> Schema:
    """The columns of a table as the engine declares them, provenance included."""
    return Schema(tuple(Column(field.name, _TYPES[field.type], field.nullable) for field in of.all_fields))


@lru_cache(maxsize=512)
def delta_schema(of: Table) -> pa.Schema:
    """The columns of a table as Delta stores them."""
    # Nullability is checked by the engine on the way out; Delta's own non-null feature would raise the writer version.
    return pa.schema([pa.field(field.name, field.type) for field in schema_of(of).arrow()])


def is_current(of: Table, handle: DeltaTable) -> bool:
    """Whether a stored table has the columns of today."""
    return handle.schema() == _stored_schema(of)


@lru_cache(maxsize=512)
def _stored_schema(of: Table) -> DeltaSchema:
    return DeltaSchema.from_arrow(delta_schema(of))


def configuration(of: Table) -> dict[str, str | None]:
    """Leave personal columns out of the table's statistics, which would keep their least and greatest value."""
    open_columns = [
        field.name for field in of.all_fields if field.residency not in _HIDDEN and field.name not in of.partition
    ]
    return {"delta.dataSkippingStatsColumns": ",".join(open_columns)}


@lru_cache(maxsize=512)
def writer_properties(of: Table) -> WriterProperties:
    """How files are packed: no statistics of personal columns, no dictionary where nearly every row differs."""
    properties = {
        field.name: ColumnProperties(
            statistics_enabled="NONE" if field.residency in _HIDDEN else None,
            dictionary_enabled=False if field.residency in _OF_ONE or field.name in _EACH_ITS_OWN else None,
        )
        for field in of.all_fields
        if field.residency in _HIDDEN | _OF_ONE or field.name in _EACH_ITS_OWN
    }
    return WriterProperties(compression="ZSTD", max_row_group_size=_GROUP_ROWS, column_properties=properties or None)
