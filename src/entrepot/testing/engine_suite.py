"""One suite for every engine: every mapping, every posting rule and every report, row for row like DuckDB.

To prove an engine of your own, run `check_engine(yours, material)`; `material_of` takes the raw rows from a cell with
imported files. Queries, code lists and their order are the product's own.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.connectors.translation import Batch, canonical_batches, type_rows
from entrepot.engine import DuckDBEngine, parse
from entrepot.flows.translating import files_table
from entrepot.ledger import derive
from entrepot.ledger.derivation import RULES
from entrepot.model import TABLES
from entrepot.reports import REPORTS, run_report
from entrepot.residency import person_pads
from entrepot.store import CellSettings, RawFile, RawLog, State
from entrepot.testing.memory_tables import MemoryTables, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.connectors.contract import Connector
    from entrepot.engine import Engine
    from entrepot.flows.parts import CellParts

__all__ = ["Material", "check_engine", "compare_relations", "material_of", "relations_of"]


@dataclass(frozen=True)
class Material:
    """What an engine is given.

    Attributes:
        batches: For each connector with files: itself, staged files by format, the relation `files`.
        pads: The relation `person_pads`.
        settings: Entities, shops, wallets.
        raw_rows: Raw rows in all.
    """

    batches: tuple[Batch, ...]
    pads: pa.Table
    settings: CellSettings
    raw_rows: int


def material_of(parts: CellParts) -> Material:
    """Take raw rows and settings from a cell with imported files."""
    with contextlib.closing(State(parts.layout)) as state:
        files = state.files()
    read = {file.connector for file in files}
    batches = tuple(
        _batch(parts, connector, [file for file in files if file.connector == connector.spec.name])
        for connector in parts.connectors
        if connector.spec.name in read
    )
    rows = sum(file.row_count for file in files)
    return Material(batches, person_pads(parts.layout.keys), parts.settings, rows)


def _batch(parts: CellParts, connector: Connector, files: list[RawFile]) -> Batch:
    raw = RawLog(parts.layout)
    staged: dict[str, list[str]] = {}
    for file in files:
        staged.setdefault(file.format, []).append(str(raw.staged_path(file.raw_id, file.format)))
    return Batch(connector, staged, files_table(files))


def relations_of(engine: Engine, material: Material) -> dict[str, pa.Table]:
    """Run everything on an engine.

    Returns:
        Rows by relation: raw rows of each mapping, canonical tables, derived tables, postings of each rule, reports.
    """
    found: dict[str, pa.Table] = {}
    tables = MemoryTables(_translated(engine, material, found))
    given = set(tables.rows)
    derive(engine, tables, material.settings, {}, typed("raw_files", []), [], lambda _done, _of: None)
    found.update({name: rows for name, rows in tables.rows.items() if name not in given})
    found.update({f"rule {rule}": engine.read(f"rule_{rule}") for rule in RULES})
    found.update({f"report {report.name}": run_report(engine, tables, report.name) for report in REPORTS})
    return found


def _translated(engine: Engine, material: Material, found: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Rows of canonical tables as a reader of the newest state sees them: the greatest version per key."""
    engine.add_arrow("person_pads", material.pads)
    pages: dict[str, list[pa.Table]] = {}
    for batch in material.batches:
        name = batch.connector.spec.name
        found[f"raw rows of {name}"] = type_rows(engine, batch)
        for table, relation in canonical_batches(engine, batch):
            rows = engine.read(relation)
            found[f"{name}: {table} from {relation}"] = rows
            # Only some mappings write a literal, and some engines then call a column not nullable.
            pages.setdefault(table, []).append(pa.Table.from_arrays(rows.columns, names=rows.column_names))
    canonical = {}
    for name, tables in pages.items():
        engine.add_arrow("unfolded", pa.concat_tables(tables))
        keys = ", ".join(f'"{key}"' for key in TABLES[name].key)
        columns = ", ".join(f'"{column}"' for column in tables[0].column_names)
        zero = TABLES[name].zero_means_absent
        shown = f"where {zero} <> 0" if zero else ""
        canonical[name] = engine.read(
            parse(
                f"with newest as (select {columns} from unfolded qualify row_number() over "
                f"(partition by {keys} order by version desc) = 1) select {columns} from newest {shown}",
                source=f"newest({name})",
            )
        )
    return canonical


def check_engine(engine: Engine, material: Material, wanted: Mapping[str, pa.Table] | None = None) -> dict[str, int]:
    """Compare an engine with DuckDB over the same material.

    Args:
        engine: The engine.
        material: What it works on.
        wanted: What DuckDB gave, where that is known already.
    Returns:
        Rows compared, by relation.
    Raises:
        AssertionError: A relation has other columns, types or rows; the message names the first rows that differ.
    """
    if wanted is None:
        with DuckDBEngine(threads=1) as reference:
            wanted = relations_of(reference, material)
    return compare_relations(wanted, relations_of(engine, material))


def compare_relations(wanted: Mapping[str, pa.Table], found: Mapping[str, pa.Table]) -> dict[str, int]:
    """Compare what two engines gave, whatever the order of rows.

    Returns:
        Rows compared, by relation.
    Raises:
        AssertionError: A relation has other columns, types or rows; the message names the first rows that differ.
    """
    assert list(found) == list(wanted), "both engines give the same relations"
    for name in wanted:
        _check_relation(name, wanted[name], found[name])
    return {name: rows.num_rows for name, rows in wanted.items()}


def _check_relation(name: str, wanted: pa.Table, found: pa.Table) -> None:
    assert found.column_names == wanted.column_names, f"{name}: columns {found.column_names}"
    types = {column.name: (str(column.type), str(found.schema.field(column.name).type)) for column in wanted.schema}
    differing = {column: both for column, both in types.items() if len(set(both)) > 1 and "null" not in both}
    assert not {column: both for column, both in differing.items() if not _same_values(*both)}, f"{name}: {differing}"
    first, second = (sorted(map(repr, _plain_rows(rows))) for rows in (wanted, found))
    if first == second:
        return
    only_wanted, only_found = sorted({*first} - {*second})[:2], sorted({*second} - {*first})[:2]
    message = f"{name}: {len(first)} rows and {len(second)}; only in DuckDB {only_wanted}; only here {only_found}"
    raise AssertionError(message)


def _same_values(first: str, second: str) -> bool:
    """Whether two Arrow types hold the same values, such as an integer of another width."""
    families = ("int", "decimal128", "string", "large_string", "timestamp", "date32", "bool")
    of = [next((family for family in families if kind.startswith(family)), kind) for kind in (first, second)]
    return {*of} <= {"int", "decimal128"} or {*of} <= {"string", "large_string"} or of[0] == of[1]


def _plain_rows(rows: pa.Table) -> list[tuple[object, ...]]:
    columns = [column.to_pylist() for column in rows.columns]
    plain = [[int(value) if _is_whole(value) else value for value in column] for column in columns]
    return list(zip(*plain, strict=True))


def _is_whole(value: object) -> bool:
    from decimal import Decimal

    return isinstance(value, Decimal) and value == value.to_integral_value()
