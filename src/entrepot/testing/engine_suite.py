"""One suite for every engine: the Tmall and Alipay mappings, the posting rules and the P&L, row for row like DuckDB.

To prove an engine of your own, run `check_engine(yours, material)`; `material_of` takes the raw rows from a cell that
has imported files of these connectors. Queries, code lists and their order are the product's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from entrepot.connectors.registry import CONNECTORS
from entrepot.connectors.translation import Batch, canonical_batches, type_rows
from entrepot.engine import DuckDBEngine, parse
from entrepot.flows.asking import newest_tables
from entrepot.flows.translating import files_table
from entrepot.ledger.calendar import zone_days
from entrepot.ledger.derivation import RULES, sql_file
from entrepot.ledger.rates import rate_spans
from entrepot.model import TABLES, Origin
from entrepot.reports import run_report
from entrepot.residency import person_pads
from entrepot.store import RawFile, RawLog, State, schema_of
from entrepot.testing.memory_tables import MemoryTables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from entrepot.connectors.contract import Connector
    from entrepot.engine import Engine
    from entrepot.flows.parts import CellParts

__all__ = ["DERIVED", "MAPPINGS", "Material", "check_engine", "material_of", "relations_of"]

MAPPINGS = ("tmall", "alipay")
DERIVED = ("order_money", "settled", "order_positions", "refunds", "pieces", "refund_pieces", "order_pieces", "fees")
REPORT = "pnl"


@dataclass(frozen=True)
class Material:
    """What an engine is given.

    Attributes:
        batches: For each mapping: connector, staged files by format, the relation `files`.
        pads: The relation `person_pads`.
        tables: Arrow tables by the name under which queries read them.
        raw_rows: Raw rows in all.
    """

    batches: tuple[Batch, ...]
    pads: pa.Table
    tables: Mapping[str, pa.Table]
    raw_rows: int


def material_of(parts: CellParts) -> Material:
    """Take raw rows and reference tables from a cell with imported files."""
    state = State(parts.layout)
    try:
        files = [file for file in state.files() if file.connector in MAPPINGS]
    finally:
        state.close()
    connectors = [connector for connector in CONNECTORS if connector.spec.name in MAPPINGS]
    batches = tuple(
        _batch(parts, connector, [file for file in files if file.connector == connector.spec.name])
        for connector in connectors
    )
    tables = _reference_tables(parts)
    return Material(batches, person_pads(parts.layout.keys), tables, sum(file.row_count for file in files))


def _batch(parts: CellParts, connector: Connector, files: list[RawFile]) -> Batch:
    raw = RawLog(parts.layout)
    staged: dict[str, list[str]] = {}
    for file in files:
        staged.setdefault(file.format, []).append(str(raw.staged_path(file.raw_id, file.format)))
    return Batch(connector, staged, files_table(files))


def _reference_tables(parts: CellParts) -> dict[str, pa.Table]:
    """Tables that the derivation reads: as the cell has them, observed ones empty unless a mapping fills them."""
    store = newest_tables(parts)
    tables: dict[str, pa.Table] = {}
    with parts.open_engine() as engine:
        store.open_into(engine, [name for name, table in TABLES.items() if table.origin is Origin.REFERENCE])
        store.open_into(engine, ["skus", "sku_costs"])
        for name in ("legal_entities", "shops", "skus", "sku_costs", "policies"):
            tables[name] = engine.read(name)
    policies = tables["policies"].to_pylist()
    rates = [(row["scope"], int(row["value"])) for row in policies if row["policy"] == "vat_rate_bp"]
    tables["vat_policy"] = pa.table(
        {
            "sale_model": pa.array([scope for scope, _ in rates], pa.string()),
            "rate_bp": pa.array([rate for _, rate in rates], pa.int64()),
        }
    )
    days = next(int(row["value"]) for row in policies if row["policy"] == "settlement_days_max")
    tables["policy_values"] = pa.table({"settlement_days_max": pa.array([days], pa.int64())})
    tables["zone_days"] = zone_days(tuple(row["business_zone"] for row in tables["shops"].to_pylist()))
    tables["fx_days"] = rate_spans().filter(pc.greater_equal(rate_spans()["next_on"], pa.scalar(_SINCE, pa.date32())))
    return tables


_SINCE = 20_000  # days since 1970: rates before 2024 are read by no row of the sample


def relations_of(engine: Engine, material: Material) -> dict[str, pa.Table]:
    """Run everything on an engine.

    Returns:
        Rows by relation: raw rows of each mapping, canonical tables, derived relations, postings, the report.
    """
    found: dict[str, pa.Table] = {}
    canonical = _translated(engine, material, found)
    for name, table in TABLES.items():
        if table.origin is Origin.OBSERVED and name not in material.tables:
            engine.add_arrow(name, canonical.get(name, schema_of(table).arrow().empty_table()))
    for name, rows in material.tables.items():
        engine.add_arrow(name, rows)
    for name in DERIVED:
        engine.define(
            name,
            parse(sql_file("derived", name), source=f"derived/{name}", strict_output=name in TABLES),
            materialise=True,
        )
        found[name] = engine.read(name)
    selects = []
    for rule in RULES:
        engine.define(
            f"rule_{rule}", parse(sql_file("rules", rule), source=f"rules/{rule}", strict_output=True), materialise=True
        )
        found[f"rule {rule}"] = engine.read(f"rule_{rule}")
        columns = ", ".join(f'"{name}"' for name in engine.columns(f"rule_{rule}"))
        selects.append(f"select '{rule}' as posting_rule, '1' as rule_version, {columns} from rule_{rule}")
    engine.define("postings", parse("\nunion all\n".join(selects), source="postings"), materialise=True)
    engine.define(
        "ledger_entries",
        parse(sql_file("derived", "ledger_entries"), source="derived/ledger_entries", strict_output=True),
        materialise=True,
    )
    found["ledger_entries"] = engine.read("ledger_entries")
    found[f"report {REPORT}"] = run_report(engine, _Defined({}), REPORT)
    return found


class _Defined(MemoryTables):
    """Stands in for the cell's tables where an engine has all relations already."""

    def open_into(self, engine: Engine, names: Iterable[str], prefix: str = "") -> None:
        """Nothing is left to open."""


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
            pages.setdefault(table, []).append(rows)
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


def check_engine(engine: Engine, material: Material) -> dict[str, int]:
    """Compare an engine with DuckDB over the same material.

    Returns:
        Rows compared, by relation.
    Raises:
        AssertionError: A relation has other columns, types or rows; the message names the first rows that differ.
    """
    with DuckDBEngine(threads=1) as reference:
        wanted = relations_of(reference, material)
    found = relations_of(engine, material)
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
    only = [row for row in first if row not in set(second)][:2], [row for row in second if row not in set(first)][:2]
    assert first == second, (
        f"{name}: {len(first)} rows and {len(second)}; only in DuckDB {only[0]}; only here {only[1]}"
    )


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
