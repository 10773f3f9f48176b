"""The second engine computes what the first does: mappings, postings and P&L over a sample company (docs: engines)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from entrepot.engine import DuckDBEngine, Query, Schema, SparkEngine
from entrepot.flows.importing import import_paths
from entrepot.ledger.derivation import RULES
from entrepot.testing.engine_suite import MAPPINGS, Material, check_engine, material_of, relations_of
from entrepot.testing.sail import sail_session
from entrepot.testing.sample_company import write_company

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    company = write_company(tmp_path_factory.mktemp("company"), 3, 2_600)
    parts = company.new_cell(tmp_path_factory.mktemp("home"))
    import_paths(parts, company.data_files("tmall_orders", "tmall_order_lines", "alipay_ledger", "sku_list"))
    return material_of(parts)


@pytest.fixture(scope="module")
def sail_engine() -> Iterator[SparkEngine]:
    with sail_session() as address, SparkEngine(address) as engine:
        yield engine


def test_sail_gives_the_rows_of_duckdb_from_raw_rows_to_profit_and_loss(
    material: Material,
    sail_engine: SparkEngine,
) -> None:
    assert material.raw_rows >= 5_000
    compared = check_engine(sail_engine, material)
    wanted = {f"raw rows of {name}" for name in MAPPINGS} | {f"rule {rule}" for rule in RULES}
    wanted |= {"order_positions", "order_pieces", "refunds", "fees", "exceptions", "ledger_entries", "report pnl"}
    assert wanted <= set(compared)
    raw = sum(compared[f"raw rows of {name}"] for name in MAPPINGS)
    assert raw == material.raw_rows
    assert compared["ledger_entries"] > 5_000
    assert compared["report pnl"] > 100
    assert sum(1 for name in compared if ": " in name) == 8


def test_the_suite_sees_one_cent(material: Material) -> None:
    class OneCentOff(DuckDBEngine):
        def read(self, what: Query | str, schema: Schema | None = None) -> pa.Table:
            rows = super().read(what, schema)
            if what == "rule_settled":
                at = rows.column_names.index("amount_minor")
                cents = rows["amount_minor"].to_pylist()
                rows = rows.set_column(at, "amount_minor", [[cents[0] + 1, *cents[1:]]])
            return rows

    with OneCentOff(threads=1) as engine, pytest.raises(AssertionError, match="rule settled: "):
        check_engine(engine, material)


def test_the_suite_books_what_the_cell_books(material: Material) -> None:
    with DuckDBEngine(threads=1) as engine:
        rows = relations_of(engine, material)["ledger_entries"].to_pylist()
    sums: dict[str, int] = {}
    for row in rows:
        sums[row["entry_id"]] = sums.get(row["entry_id"], 0) + row["amount_minor"]
    assert len(sums) > 1_000
    assert {entry: rest for entry, rest in sums.items() if rest} == {}
