"""The second engine computes what the first does: every mapping, rule and report over a sample company."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from entrepot.engine import DuckDBEngine, Query, Schema, SparkEngine
from entrepot.flows.importing import import_paths
from entrepot.ledger.derivation import RULES
from entrepot.reports import REPORTS
from entrepot.testing.engine_suite import Material, check_engine, material_of, relations_of
from entrepot.testing.sail import sail_session
from entrepot.testing.sample_company import write_company

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.sandbox import World


_JOURNALS = """\
journal,kind,date,entity,account,debit,credit,currency,reason,prepared_by,approved_by
OPEN,opening,2026-09-01,cn-shanghai,wallet,1000.00,,CNY,,,
ADJ,adjustment,2026-09-30,cn-shanghai,cogs,12.50,,CNY,stock count,Wang,Li
ADJ,adjustment,2026-09-30,cn-shanghai,inventory,,12.50,CNY,stock count,Wang,Li
"""


_BILLS = """\
bill,vendor,kind,date,amount,vat,currency,entity,channel,shop,order_id
SF-09,SF,express,2026-09-12,10.60,0.60,CNY,cn-shanghai,tmall,,
CK-09,Depot,warehouse,2026-09-30,1060.00,60.00,CNY,cn-shanghai,,,
"""
_STATEMENT = "bank_account,booked_on,amount,currency,counterparty,reference,balance"
_INVOICES = (
    "数电发票号码,销方识别号,销方名称,购买方名称,开票日期,金额,税额,价税合计,发票票种,发票状态,是否正数发票,备注"
)


def _statement(world: World) -> str:
    """What Pinduoduo sent in the first month, a day later."""
    sent = [move for move in world.movements if move.kind == "withdrawal" and move.channel == "pinduoduo"][:4]
    rows = [
        f"6222,{_day(move.at + 86_400)},{-move.amount_minor / 100:.2f},CNY,上海付费通信息服务有限公司,,"
        for move in sent
    ]
    return "\n".join([_STATEMENT, *rows, "6222,2026-10-31,-9.00,CNY,房东,,", ""])


def _invoice(world: World) -> str:
    """One for what JD took as commission in September."""
    taken = [
        -move.amount_minor
        for move in world.movements
        if (move.channel, move.kind, move.code) == ("jd", "fee", "commission") and _day(move.at).startswith("2026-09")
    ]
    gross = sum(taken)
    tax = round(gross * 6 / 106)
    amounts = ",".join(f"{minor / 100:.2f}" for minor in (gross - tax, tax, gross))
    row = (
        f"26322000000000000009,,北京京东叁佰陆拾度电子商务有限公司,屿浔,2026-10-05 10:00:00,{amounts},数电发票,正常,是,"
    )
    return f"{_INVOICES}\n{row}\n"


def _day(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC) + timedelta(hours=8):%Y-%m-%d}"


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    company = write_company(tmp_path_factory.mktemp("company"), 3, 1_250)
    parts = company.new_cell(tmp_path_factory.mktemp("home"))
    lists = tmp_path_factory.mktemp("lists")
    (lists / "journals.csv").write_text(_JOURNALS, encoding="utf-8")
    (lists / "bills.csv").write_text(_BILLS, encoding="utf-8")
    (lists / "bank.csv").write_text(_statement(company.world), encoding="utf-8")
    (lists / "invoices.csv").write_text(_invoice(company.world), encoding="utf-8")
    import_paths(parts, [*company.data_files(), lists])
    return material_of(parts)


@pytest.fixture(scope="module")
def reference(material: Material) -> dict[str, pa.Table]:
    """What DuckDB makes of it."""
    with DuckDBEngine(threads=1) as engine:
        return relations_of(engine, material)


@pytest.fixture(scope="module")
def sail_engine() -> Iterator[SparkEngine]:
    with sail_session() as address, SparkEngine(address) as engine:
        yield engine


def test_sail_gives_the_rows_of_duckdb_from_raw_rows_to_reports(
    material: Material,
    reference: dict[str, pa.Table],
    sail_engine: SparkEngine,
) -> None:
    assert material.raw_rows >= 5_000
    compared = check_engine(sail_engine, material, reference)
    connectors = {batch.connector.spec.name for batch in material.batches}
    assert {"tmall", "alipay", "jd", "pinduoduo", "douyin", "shopify", "amazon", "own", "bank", "efapiao"} < connectors
    wanted = {f"raw rows of {name}" for name in connectors} | {f"rule {rule}" for rule in RULES}
    wanted |= {"order_positions", "order_pieces", "refunds", "fees", "exceptions", "ledger_entries"}
    wanted |= {f"report {report.name}" for report in REPORTS}
    assert wanted <= set(compared)
    assert sum(compared[f"raw rows of {name}"] for name in connectors) == material.raw_rows
    assert compared["ledger_entries"] > 5_000
    assert [rule for rule in RULES if not compared[f"rule {rule}"]] == []


def test_the_suite_sees_one_cent(material: Material, reference: dict[str, pa.Table]) -> None:
    class OneCentOff(DuckDBEngine):
        def read(self, what: Query | str, schema: Schema | None = None) -> pa.Table:
            rows = super().read(what, schema)
            if what == "rule_settled":
                at = rows.column_names.index("amount_minor")
                cents = rows["amount_minor"].to_pylist()
                rows = rows.set_column(at, "amount_minor", [[cents[0] + 1, *cents[1:]]])
            return rows

    with OneCentOff(threads=1) as engine, pytest.raises(AssertionError, match="rule settled: "):
        check_engine(engine, material, reference)


def test_the_suite_books_what_the_cell_books(reference: dict[str, pa.Table]) -> None:
    rows = reference["ledger_entries"].to_pylist()
    sums: dict[str, int] = {}
    for row in rows:
        sums[row["entry_id"]] = sums.get(row["entry_id"], 0) + row["amount_minor"]
    assert len(sums) > 1_000
    assert {entry: rest for entry, rest in sums.items() if rest} == {}
