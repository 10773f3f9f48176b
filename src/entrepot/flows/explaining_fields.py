"""Where a field comes from: from a table or report back to the columns of the files, read off the SQL itself.

Between a report and a file stand reports, posting rules, derivations and two mapping queries per connector; every one
of them is SQL. The path of a field is their lineage put end to end, with the expressions as they are written. Nothing
is kept beside the SQL that could disagree with it. Values are followed, not influence: see `engine.dialect.lineage`.
"""

from __future__ import annotations

import csv
import difflib
import io
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING

from sqlglot import exp

from entrepot.connectors.translation import FILES_SCHEMA
from entrepot.engine import parse
from entrepot.engine.dialect import How, lineage, steps
from entrepot.flows.errors import FieldUnknown
from entrepot.ledger.derivation import RULES, sql_file
from entrepot.model import TABLES, Origin
from entrepot.reports import REPORTS
from entrepot.reports.reading import VIEWS, readable_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.connectors.contract import Connector, FileFormat
    from entrepot.connectors.live.contract import Feed
    from entrepot.engine import Query
    from entrepot.engine.dialect import Origins, Step
    from entrepot.flows.parts import CellParts

_NEAR_MAX = 5
_WIRE_OWN = ("raw_id", "row_no", "row_hash")
_VIEW, _STORED = "view:", "base_"
_OWN_FILES = "own"
"""Channel of lists that a company writes itself; they hold for every platform."""


@dataclass(frozen=True, slots=True)
class FileColumns:
    """How one format fills a field.

    Attributes:
        connector: Its name.
        format: Its name.
        sources: The mapping's SQL files: the table's, then the rows'.
        steps: Expressions of both, the last one first.
        columns: Header words of the file to how the value gets here: copied, converted, computed, looked_up.
    """

    connector: str
    format: str
    sources: tuple[str, str]
    steps: tuple[Step, ...]
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FieldNode:
    """One column on the way.

    Attributes:
        id: `table.column`; `view:table.column` for a table as readers see it, where that differs from the stored one.
        stage: report, view, derived, rule, observed, given.
        source: SQL file; empty for what no query makes.
        steps: Expressions of this query on the way to the column, the last one first.
        parts: Ids of the columns it is made of.
        files: For observed tables: the formats that fill it.
    """

    id: str
    stage: str
    source: str
    steps: tuple[Step, ...] = ()
    parts: tuple[str, ...] = ()
    files: tuple[FileColumns, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldPath:
    """The way of one field.

    Attributes:
        field: As asked.
        meaning: What the field means; empty for a column of a report.
        nodes: By id, from the field on, each before what it is made of where it is first met.
    """

    field: str
    meaning: str
    nodes: Mapping[str, FieldNode]

    @property
    def root(self) -> FieldNode:
        """The field itself."""
        return next(iter(self.nodes.values()))


def explain_field(parts: CellParts, asked: str, channel: str | None = None) -> FieldPath:
    """The path of a field back to the columns of files.

    Args:
        parts: The cell; its declared formats count too.
        asked: `table.column`, where the table is one that readers see, or a report.
        channel: Only formats of this platform.
    Raises:
        FieldUnknown: There is no such table or column; the error names near ones.
    """
    return FieldPaths(parts.connectors, channel).path(asked)


def known_fields() -> dict[str, tuple[str, ...]]:
    """Every table that readers see and every report, with their columns."""
    fields = {name: tuple(each.name for each in readable_columns(name)) for name in TABLES}
    for report in REPORTS:
        fields[report.name] = _report_query(report.name).output_names()
    return fields


def channels_known(connectors: Sequence[Connector]) -> frozenset[str]:
    """Platforms that some format brings rows of."""
    return frozenset(wire.channel for connector in connectors for wire in connector.sources)


def _near(asked: str, known: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    relation, _, column = asked.partition(".")
    if relation in known:
        of_it = difflib.get_close_matches(column, known[relation], _NEAR_MAX, 0.4) or known[relation][:_NEAR_MAX]
        yield from (f"{relation}.{name}" for name in of_it)
        return
    every = [f"{name}.{each}" for name, columns in known.items() for each in columns]
    found = difflib.get_close_matches(asked, every, _NEAR_MAX, 0.5)
    yield from found or (f"{name}.…" for name in difflib.get_close_matches(relation, known, _NEAR_MAX, 0.3))


def _report_query(name: str) -> Query:
    return _query_of("entrepot.reports", "sql", name)


def _query_of(package: str, folder: str, name: str) -> Query:
    text = resources.files(package).joinpath(folder, f"{name}.sql").read_text(encoding="utf-8")
    return parse(text, source=f"{package.rpartition('.')[2]}/{folder}/{name}.sql")


@dataclass
class _Traced:
    """One query, its lineage and its expressions."""

    source: str
    origins: Mapping[str, Origins]
    steps: Mapping[str, tuple[Step, ...]]


@dataclass
class FieldPaths:
    """Paths of fields over the connectors of a cell; every query is traced once.

    Attributes:
        connectors: Those of the cell.
        channel: Only formats of this platform, and lists that the company writes itself; None for all.
    """

    connectors: Sequence[Connector]
    channel: str | None
    _traced: dict[str, _Traced | None] = field(default_factory=dict)
    _mappings: dict[str, MappingPaths] = field(default_factory=dict)

    def path(self, asked: str) -> FieldPath:
        """The path of one field.

        Raises:
            FieldUnknown: There is no such table or column; the error names near ones.
        """
        relation, _, column = asked.partition(".")
        known = known_fields()
        if column not in known.get(relation, ()):
            raise FieldUnknown(asked, tuple(_near(asked, known)))
        root = f"{_VIEW}{relation}" if relation in VIEWS else relation
        nodes: dict[str, FieldNode] = {}
        waiting = [f"{root}.{column}"]
        while waiting:
            here = waiting.pop(0)
            if here not in nodes:
                nodes[here] = self._node(*here.rsplit(".", maxsplit=1))
                waiting = [*nodes[here].parts, *waiting]
        meanings = {each.name: each.meaning for each in readable_columns(relation)} if relation in TABLES else {}
        return FieldPath(asked, meanings.get(column, ""), nodes)

    def _node(self, relation: str, column: str) -> FieldNode:
        here = f"{relation}.{column}"
        table = TABLES.get(relation)
        if table is not None and table.origin is Origin.OBSERVED:
            return FieldNode(here, "observed", "", files=tuple(self._files(relation, column)))
        if relation == "postings":
            return FieldNode(here, "derived", "ledger/rules", parts=tuple(f"rule_{rule}.{column}" for rule in RULES))
        traced = self._trace(relation)
        if traced is None:
            return FieldNode(here, "given", "")
        stage = "view" if relation.startswith(_VIEW) else "rule" if relation.startswith("rule_") else "derived"
        if relation in {report.name for report in REPORTS}:
            stage = "report"
        parts = sorted(f"{_stored(name)}.{each}" for name, each in traced.origins.get(column, {}))
        return FieldNode(here, stage, traced.source, traced.steps.get(column, ()), tuple(parts))

    def _files(self, relation: str, column: str) -> Iterator[FileColumns]:
        for connector in self.connectors:
            mapping = self._mappings.setdefault(connector.spec.name, MappingPaths(connector))
            for found in mapping.filling(relation, column):
                wire = next(each for each in connector.sources if each.name == found.format)
                if self.channel in (None, wire.channel, connector.spec.serves) or wire.channel == _OWN_FILES:
                    yield found

    def _trace(self, relation: str) -> _Traced | None:
        if relation not in self._traced:
            query = _query_behind(relation)
            self._traced[relation] = None
            if query is not None:
                relations = {
                    name: self._columns(_stored(name)) or _columns_read(query, name) for name in query.inputs()
                }
                origins = lineage(query, relations).columns
                self._traced[relation] = _Traced(query.source, origins, steps(query, relations))
        return self._traced[relation]

    def _columns(self, relation: str) -> tuple[str, ...]:
        if relation in TABLES:
            return tuple(each.name for each in TABLES[relation].all_fields)
        if relation == "postings":
            return ("posting_rule", "rule_version", *self._columns(f"rule_{RULES[0]}"))
        traced = self._trace(relation)
        return tuple(traced.origins) if traced is not None else ()


def _query_behind(relation: str) -> Query | None:
    if relation.startswith(_VIEW):
        return _query_of("entrepot.reports", "views", relation.removeprefix(_VIEW))
    if relation.startswith("rule_"):
        rule = relation.removeprefix("rule_")
        return parse(sql_file("rules", rule), source=f"ledger/rules/{rule}.sql")
    if resources.files("entrepot.ledger").joinpath("derived", f"{relation}.sql").is_file():
        return parse(sql_file("derived", relation), source=f"ledger/derived/{relation}.sql")
    return _report_query(relation) if relation in {report.name for report in REPORTS} else None


def _columns_read(query: Query, relation: str) -> tuple[str, ...]:
    """Columns that a query names of a relation that no query makes: days, rates, settings."""
    found: dict[str, None] = {}
    for table in query.tree.find_all(exp.Table):
        select = table.find_ancestor(exp.Select)
        if table.name == relation and select is not None:
            names = (each.name for each in select.find_all(exp.Column) if each.table == table.alias_or_name)
            found |= dict.fromkeys(names)
    return tuple(found)


def _stored(name: str) -> str:
    """The stored table that a view reads under another name."""
    return name.removeprefix(_STORED)


@dataclass
class MappingPaths:
    """The two queries between the files of a connector and a canonical table.

    Attributes:
        connector: Whose mapping.
    """

    connector: Connector
    _tables: dict[str, _Traced] = field(default_factory=dict)
    _rows: dict[str, _Traced] = field(default_factory=dict)

    def filling(
        self, table: str, column: str, format_name: str | None = None, path: str | None = None
    ) -> Iterator[FileColumns]:
        """How the formats fill a column of a canonical table.

        Args:
            table: An observed table.
            column: One of its columns.
            format_name: Only this format.
            path: Only this SQL file of the mapping.
        """
        for name, shown, text in self.connector.table_queries:
            if name != table or path not in (None, shown):
                continue
            query = parse(text, source=f"{self.connector.spec.name}/{shown}")
            traced = self._table(query)
            if column not in traced.origins:
                continue
            for wire in self.connector.sources:
                if wire.name in query.inputs() and format_name in (None, wire.name):
                    yield self._filled(wire, traced, column)

    def _filled(self, wire: FileFormat | Feed, traced: _Traced, column: str) -> FileColumns:
        rows = self._rows_of(wire)
        columns: dict[str, How] = {}
        on_the_way = list(traced.steps.get(column, ()))
        for (relation, middle), later in traced.origins[column].items():
            if relation != wire.name:
                continue
            on_the_way += rows.steps.get(middle, ())
            for (place, header), sooner in rows.origins.get(middle, {}).items():
                if place == "wire" and header not in _WIRE_OWN:
                    columns[header] = max(sooner, later, columns.get(header, How.COPIED))
        return FileColumns(
            self.connector.spec.name,
            wire.name,
            (traced.source, rows.source),
            tuple(dict.fromkeys(on_the_way)),
            {header: how.name.lower() for header, how in columns.items()},
        )

    @cached_property
    def _lists(self) -> dict[str, tuple[str, ...]]:
        return {
            name: tuple(csv.DictReader(io.StringIO(text)).fieldnames or ())
            for name, text in self.connector.code_lists.items()
        }

    def _rows_of(self, wire: FileFormat | Feed) -> _Traced:
        if wire.name not in self._rows:
            source = self.connector.row_source(wire.name)
            query = parse(self.connector.row_queries[wire.name], source=source)
            cells = (*_WIRE_OWN, *(column.name for column in wire.columns))
            relations = {**self._lists, "files": FILES_SCHEMA.names, "wire": cells}
            self._rows[wire.name] = _Traced(
                source, lineage(query, relations, self._lists).columns, steps(query, relations, self._lists)
            )
        return self._rows[wire.name]

    def _table(self, query: Query) -> _Traced:
        if query.source not in self._tables:
            rows = {wire.name: tuple(self._rows_of(wire).origins) for wire in self.connector.sources}
            # Once its rows are typed, a format's name stands for them, also where a code list has the same name.
            lists = {name: columns for name, columns in self._lists.items() if name not in rows}
            relations = {**lists, **rows}
            self._tables[query.source] = _Traced(
                query.source, lineage(query, relations, lists).columns, steps(query, relations, lists)
            )
        return self._tables[query.source]
