"""The last part of an explanation: from a component of a posting to rows of tables, and to the cells of files.

Cells come from the staged rows of the raw log: the file's own text, blanks around it left out. A cell of a personal or
secret column is named and never shown.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.connectors.reading import open_tabular
from entrepot.connectors.recognition import Recognised, recognise
from entrepot.connectors.registry import connector_of
from entrepot.connectors.translation import staged_schema
from entrepot.engine import parse
from entrepot.flows.explaining_fields import MappingPaths
from entrepot.model import TABLES, ResidencyClass
from entrepot.reports.explain.levels import add_row
from entrepot.reports.explain.sources import ALIASES, SOURCES
from entrepot.reports.explain.tree import More, Node
from entrepot.store import RawLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.connectors.contract import Connector, FileFormat
    from entrepot.connectors.live.contract import Feed
    from entrepot.engine import Engine
    from entrepot.engine.dialect import Step
    from entrepot.flows.parts import CellParts
    from entrepot.reports.explain.sources import Source
    from entrepot.store import TableStore

_HIDDEN = (ResidencyClass.PERSONAL, ResidencyClass.SECRET)
_GATHERING = ("over (", "sum_exact(", "sum(", "max(", "min(")
"""Marks of an expression that looks at more than one row of a file."""
_CAUSE = ("order_id", "order_line_id", "sku_id", "cause_id", "account", "day")


@dataclass
class CellReader:
    """Finds rows and cells in one cell of a company at one snapshot.

    Attributes:
        parts: The cell.
        engine: Any engine.
        tables: The tables.
        limit: Rows shown of a component; 0 for all.
    """

    parts: CellParts
    engine: Engine
    tables: TableStore
    limit: int
    _opened: set[str] = field(default_factory=set)
    _sheets: dict[str, str | None] = field(default_factory=dict)
    _files: dict[str, dict[str, Any]] = field(default_factory=dict)
    _mappings: dict[str, MappingPaths] = field(default_factory=dict)

    def add_rows(self, component: Node, cause: Mapping[str, str | None]) -> None:
        """Add to a component the rows it was read from, each with its cells.

        Args:
            component: Its name says which tables; see `reports.explain.sources`.
            cause: Order, line, SKU, cause, account and day of the posting.
        """
        add_row(self.engine, "asked_cause", **{name: cause.get(name) for name in _CAUSE})
        found: list[tuple[Source, dict[str, Any]]] = []
        for alternative in SOURCES.get(ALIASES.get(component.name, component.name), ()):
            found = [(source, row) for source in alternative for row in self._rows(source)]
            if found:
                break
        shown = found[: self.limit] if self.limit else found
        component.children = [self._row_node(source, row) for source, row in shown]
        amounts = [abs(child.amount_minor) for child in component.children if child.amount_minor is not None]
        whole = len(amounts) == len(found) and sum(amounts) == abs(component.amount_minor or 0)
        component.is_whole = whole
        if not whole and len(shown) == len(found) and amounts:
            component.facts["of_minor"] = sum(amounts)
        if len(shown) < len(found):
            rest = sum(int(row["value"]) for source, row in found[len(shown) :] if source.column.endswith("_minor"))
            component.more = More(len(found) - len(shown), rest)

    def row(self, raw_id: str, row_no: int) -> Node:
        """A row of a file with every cell that may be shown."""
        return self._cells_node("", "", raw_id, row_no, None)

    def _rows(self, source: Source) -> list[dict[str, Any]]:
        of = TABLES[source.table]
        if source.table not in self._opened:
            self.tables.open_into(self.engine, [source.table])
            self._opened.add(source.table)
        newest = ", ".join(f"t.{name}" for name in source.newest_of or of.key)
        by = f"t.{source.newest_by} desc nulls last, " if source.newest_by else ""
        has_currency = any(each.name == "currency" for each in of.fields)
        currency = "t.currency" if has_currency else "null"
        text = f"""
            with newest as (
                select t.raw_id, t.row_no, t.source, t.{source.column} as value, {currency} as currency
                from {source.table}__all as t cross join asked_cause as k
                where t.source <> 'merged' and t.{source.column} is not null and ({source.rows})
                qualify row_number() over (partition by {newest} order by {by}t.version desc nulls last) = 1
            )
            select raw_id, row_no, source, value, currency from newest
            where value <> 0 order by abs(value) desc nulls last, raw_id, row_no
        """
        rows: list[dict[str, Any]] = self.engine.read(parse(text, source=f"rows({source.table})")).to_pylist()
        return rows

    def _row_node(self, source: Source, row: dict[str, Any]) -> Node:
        node = self._cells_node(source.table, source.column, row["raw_id"], row["row_no"], row["source"])
        if source.column.endswith("_minor"):
            node.amount_minor, node.currency = int(row["value"]), row["currency"]
        else:
            node.facts["value"] = int(row["value"])
        return node

    def _cells_node(self, table: str, column: str, raw_id: str, row_no: int, source: str | None) -> Node:
        file = self.file_of(raw_id)
        assert file is not None, "a row names a file that is there"
        connector = connector_of(file["format"], self.parts.connectors)
        wire = next(each for each in connector.sources if each.name == file["format"])
        facts: dict[str, Any] = {"file": file["file_name"], "sheet": self._sheet(raw_id, file, wire), "row_no": row_no}
        node = Node("", "row", f"{table}.{column}" if table else "row", facts=facts)
        if source is None:
            wanted: Sequence[str] = [each.name for each in wire.columns]
            rows = [row_no]
        else:
            path = source.partition(":")[0].partition("/")[2]
            ways = list(self._mapping(connector).filling(table, column, wire.name, path))
            wanted = list(dict.fromkeys(name for way in ways for name in way.columns))
            steps = tuple(step for way in ways for step in way.steps)
            facts["mapping"] = [part for way in ways for part in way.sources]
            facts["steps"] = [step.sql for step in steps]
            rows = self._gathered(connector, wire, table, raw_id, row_no, path) if _is_gathered(steps) else [row_no]
        facts["cells"] = self._cells(wire, raw_id, rows, wanted, skip_empty=source is None)
        return node

    def _mapping(self, connector: Connector) -> MappingPaths:
        return self._mappings.setdefault(connector.spec.name, MappingPaths(connector))

    def file_of(self, raw_id: str) -> dict[str, Any] | None:
        """Name, format and encoding of a file; None where there is none of that id."""
        if not self._files:
            self.tables.open_into(self.engine, ["raw_files"])
            names = "raw_id, file_name, format, encoding"
            rows = self.engine.read(parse(f"select {names} from raw_files", source="files")).to_pylist()
            self._files = {row["raw_id"]: row for row in rows}
        return self._files.get(raw_id)

    def _sheet(self, raw_id: str, file: dict[str, Any], wire: FileFormat | Feed) -> str | None:
        """The sheet of a workbook; None for a file that has none."""
        if file["encoding"] != "xlsx":
            return None
        name: str = file["file_name"]
        if ".xlsx#" in name.lower():
            return name[name.lower().rindex(".xlsx#") + len(".xlsx#") :]
        if raw_id not in self._sheets:
            self.parts.layout.temporary.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.parts.layout.temporary) as folder:
                plain = Path(folder) / "file"
                RawLog(self.parts.layout).restore(raw_id, plain)
                self._sheets[raw_id] = next(
                    (
                        opened.sheet
                        for opened in open_tabular(plain, name)
                        if isinstance(answer := recognise(opened.head, self.parts.formats), Recognised)
                        and answer.format.name == wire.name
                    ),
                    None,
                )
        return self._sheets[raw_id]

    def _gathered(
        self, connector: Connector, wire: FileFormat | Feed, table: str, raw_id: str, row_no: int, path: str
    ) -> list[int]:
        """Rows of the file that say the same key: an order whose value is gathered from several rows of it."""
        headers: list[str] = []
        for key in TABLES[table].key:
            ways = list(self._mapping(connector).filling(table, key, wire.name, path))
            columns = [name for way in ways for name in way.columns]
            headers += columns if len(columns) == 1 else []
        if not headers or not self._open_staged(wire, raw_id):
            return [row_no]
        same = " and ".join(f'o."{name}" is not distinct from r."{name}"' for name in headers)
        add_row(self.engine, "asked_row", row_no=str(row_no))
        text = f"""
            select o.row_no from staged_cells as r
            join asked_row as k on r.row_no = cast(k.row_no as bigint)
            join staged_cells as o on {same}
            order by o.row_no limit {max(self.limit, 1) if self.limit else 1000}
        """
        found = [int(row["row_no"]) for row in self.engine.read(parse(text, source="rows of a key")).to_pylist()]
        return found if row_no in found else [row_no]

    def _open_staged(self, wire: FileFormat | Feed, raw_id: str) -> bool:
        path = RawLog(self.parts.layout).staged_path(raw_id, wire.name)
        if not path.exists():
            return False
        self.engine.add_parquet("staged_cells", [str(path)], staged_schema(wire))
        return True

    def _cells(
        self, wire: FileFormat | Feed, raw_id: str, rows: Sequence[int], names: Sequence[str], *, skip_empty: bool
    ) -> list[dict[str, Any]]:
        hidden = {each.name for each in wire.columns if each.residency in _HIDDEN}
        shown = [name for name in names if name not in hidden]
        cells: list[dict[str, Any]] = []
        found: list[dict[str, Any]] = []
        if shown and self._open_staged(wire, raw_id):
            self.engine.add_arrow("asked_rows", pa.table({"row_no": pa.array(list(rows), pa.int64())}))
            listed = ", ".join(f'c."{name}"' for name in shown)
            text = (
                f"select c.row_no, {listed} from staged_cells as c join asked_rows as k on c.row_no = k.row_no "
                "order by c.row_no"
            )
            found = self.engine.read(parse(text, source="cells")).to_pylist()
        for row in found:
            for name in names:
                if name in hidden:
                    cells.append({"row_no": row["row_no"], "column": name, "hidden": True})
                elif row[name] is not None or not skip_empty:
                    cells.append({"row_no": row["row_no"], "column": name, "text": row[name]})
        return cells


def _is_gathered(steps: Sequence[Step]) -> bool:
    return any(mark in step.sql.lower() for step in steps for mark in _GATHERING)
