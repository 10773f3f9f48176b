"""Which column of a file reaches which column of which table, read off the mapping's own SQL.

Two queries lie between a file and a table: `rows/<format>.sql` types its rows, `<table>.sql` makes canonical ones. The
lineage of both, put end to end, is the field mapping; nothing is kept beside the SQL that could disagree with it.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from entrepot.connectors.translation import FILES_SCHEMA
from entrepot.engine import parse
from entrepot.engine.dialect import How, lineage
from entrepot.model import TABLES
from entrepot.model.fields import PROVENANCE
from entrepot.reports.audit.shape import FieldUse, FormatFields

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from entrepot.connectors.contract import Connector, FileFormat
    from entrepot.connectors.live.contract import Feed
    from entrepot.engine.dialect import Lineage

_OF_ITS_PLACE = frozenset(each.name for each in PROVENANCE)
_WIRE_OWN = ("raw_id", "row_no", "row_hash")


def fields_of(connector: Connector, wire: FileFormat | Feed, present: Collection[str]) -> FormatFields:
    """The field mapping of one format.

    Args:
        connector: Whose mapping.
        wire: One of its formats.
        present: Columns that the files found have.
    """
    lists = {
        name: tuple(csv.DictReader(io.StringIO(text)).fieldnames or ()) for name, text in connector.code_lists.items()
    }
    typed = {each.name: _typed(connector, each, lists) for each in connector.sources}
    feeds, used = _feeds(connector, wire, typed, lists), typed[wire.name].used
    return FormatFields(
        wire.name,
        dict(wire.title),
        wire.channel,
        tuple(
            FieldUse(
                column.name,
                column.residency.value,
                "feeds" if column.name in feeds else "decides" if ("wire", column.name) in used else "unread",
                column.name in present,
                tuple(
                    {"table": table, "column": name, "how": how.name.lower()}
                    for (table, name), how in sorted(feeds.get(column.name, {}).items())
                ),
            )
            for column in wire.columns
        ),
    )


def tables_fed(connector: Connector) -> Mapping[str, frozenset[str]]:
    """Canonical tables that each format of a connector brings rows to."""
    names = [wire.name for wire in connector.sources]
    inputs = [(table, parse(text, source=path).inputs()) for table, path, text in connector.table_queries]
    return {name: frozenset(table for table, read in inputs if name in read) for name in names}


def _typed(connector: Connector, wire: FileFormat | Feed, lists: Mapping[str, tuple[str, ...]]) -> Lineage:
    """Typed rows of a format back to its wire columns."""
    relations = {**lists, "files": FILES_SCHEMA.names, "wire": (*_WIRE_OWN, *(column.name for column in wire.columns))}
    query = parse(connector.row_queries[wire.name], source=connector.row_source(wire.name))
    return lineage(query, relations, lists)


def _feeds(
    connector: Connector, wire: FileFormat | Feed, typed: Mapping[str, Lineage], lists: Mapping[str, tuple[str, ...]]
) -> dict[str, dict[tuple[str, str], How]]:
    """Wire column to (table, column) and how the value gets there."""
    # A query may put several formats of a connector under each other, so that each needs all its columns here.
    rows = {name: tuple(column for column in each.columns if column != "reject") for name, each in typed.items()}
    # Once its rows are typed, a format's name stands for them, also where a code list has the same name.
    lists = {name: columns for name, columns in lists.items() if name not in rows}
    found: dict[str, dict[tuple[str, str], How]] = {}
    for table, path, text in connector.table_queries:
        query = parse(text, source=f"{connector.spec.name}/{path}")
        if wire.name not in query.inputs():
            continue
        for name, origins in lineage(query, {**lists, **rows}, lists).columns.items():
            if name in _OF_ITS_PLACE or name not in {field.name for field in TABLES[table].fields}:
                continue
            for (relation, middle), later in origins.items():
                for (place, column), sooner in (
                    typed[wire.name].columns[middle].items() if relation == wire.name else ()
                ):
                    if place != "wire":
                        continue
                    reached = found.setdefault(column, {})
                    reached[table, name] = max(sooner, later, reached.get((table, name), How.COPIED))
    return found
