"""Tax invoices: which sale, which fees, and what can be claimed from then on."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from entrepot.engine import DuckDBEngine
from entrepot.reports import run_report
from entrepot.store import CellSettings, EntitySettings, ShopSettings
from entrepot.testing.memory_tables import MemoryTables, derived_from, typed

Rows = dict[str, list[dict[str, Any]]]

OURS, PLATFORM = "91310000MA1K00001X", "91310114342302136N"
SETTINGS = CellSettings(
    entities=(EntitySettings("cn", tax_registrations=OURS),),
    shops=(
        ShopSettings("mall", "jd", "cn", "domestic_pop", "confirmed", "Asia/Shanghai"),
        ShopSettings("live", "douyin", "cn", "domestic_pop", "confirmed", "Asia/Shanghai"),
        ShopSettings("live-2", "douyin", "cn", "domestic_pop", "confirmed", "Asia/Shanghai"),
    ),
)


def at(month: int, day: int) -> datetime:
    """Noon in Shanghai."""
    return datetime(2026, month, day, 4, tzinfo=UTC)


def _sold(number: str, minor: int) -> dict[str, Any]:
    return {
        "order_key": f"jd:{number}",
        "channel": "jd",
        "shop": "mall",
        "month": "2026-09",
        "order_id": number,
        "order_kind": "sale",
        "payment_state": "released",
        "commercial_state": "completed_by_buyer",
        "fulfilment_state": "delivered",
        "placed_at": at(9, 1),
        "paid_at": at(9, 1),
        "confirmed_at": at(9, 5),
        "currency": "CNY",
        "goods_minor": minor,
        "shipping_minor": 0,
        "tax_minor": 0,
        "paid_minor": minor,
    }


def _line(number: str, channel: str, shop: str, kind: str, minor: int, month: int = 9, **facts: Any) -> dict[str, Any]:
    plain = {
        "line_id": f"{channel}:{number}",
        "channel": channel,
        "month": f"2026-{month:02}",
        "shop": shop,
        "wallet_id": channel,
        "kind": kind,
        "currency": "CNY",
        "amount_minor": minor,
        "booked_at": at(month, 10),
    }
    return {**plain, **facts}


def _fee(number: str, channel: str, shop: str, minor: int, code: str = "commission", month: int = 9) -> dict[str, Any]:
    return _line(number, channel, shop, "fee", -minor, month, fee_code=code, vat_rate_bp=600)


def _invoice(number: str, gross: int, tax: int, month: int = 9, day: int = 20, **facts: Any) -> dict[str, Any]:
    plain = {
        "invoice_key": number,
        "channel": "own",
        "month": f"2026-{month:02}",
        "seller_tax_no": OURS,
        "seller_name": "我们",
        "state": "valid",
        "is_red": "no",
        "currency": "CNY",
        "net_minor": gross - tax,
        "tax_minor": tax,
        "gross_minor": gross,
        "issued_at": at(month, day),
    }
    return {**plain, **facts}


def _bill(number: str, seller: str, gross: int, tax: int, month: int, day: int) -> dict[str, Any]:
    return _invoice(number, gross, tax, month, day, seller_tax_no="91000000000000000A", seller_name=seller)


_JD, _DOUYIN, _PDD = "北京京东叁佰陆拾度电子商务有限公司", "上海格物致品网络科技有限公司", "上海寻梦信息技术有限公司"

OBSERVED: Rows = {
    "orders": [_sold("1001", 113_00), _sold("1002", 226_00), _sold("1003", 50_00), _sold("1004", 70_00)],
    "settlement_lines": [
        _line("R2", "jd", "mall", "order_refund", -226_00, order_key="jd:1002", order_id="1002"),
        # JD took 106.00 and 53.00 in September, each with 6 % inside.
        _fee("J1", "jd", "mall", 106_00),
        _fee("J2", "jd", "mall", 53_00, "service_fee"),
        # Douyin took 10.00 three times in one shop, 21.20 in another.
        *(_fee(f"D{place}", "douyin", "live", 10_00) for place in (1, 2, 3)),
        _fee("D4", "douyin", "live-2", 21_20),
        # The same in two shops: nobody can say which of them the invoice is for.
        _fee("Q1", "pinduoduo", "pdd-1", 5_30, month=11),
        _fee("Q2", "pinduoduo", "pdd-2", 5_30, month=11),
        # Known only by a list of the company's own.
        _fee("T1", "tmall", "flagship", 2_12, month=11),
        # August of JD is never invoiced.
        _fee("J0", "jd", "mall", 42_40, month=8),
    ],
    "invoices": [
        _invoice("S1", 113_00, 13_00, order_id="1001"),
        # Refunded in full, half of it taken back.
        _invoice("S2", 226_00, 26_00, order_id="1002", state="part_reversed"),
        _invoice("S2-red", -113_00, -13_00, is_red="yes", corrects_key="S2"),
        _invoice("S3", 50_00, 5_75),
        _invoice("S4", 99_00, 11_39, order_id="9999"),
        _invoice("S5", 70_00, 8_05, order_id="1004", state="voided"),
        # Two invoices of a month are together what JD took.
        _bill("P1", _JD, 100_00, 5_66, 10, 8),
        _bill("P1b", _JD, 59_00, 3_34, 10, 9),
        # One invoice for each shop; the tax of the first is a cent less than that of its lines.
        _bill("P2", _DOUYIN, 30_00, 1_70, 9, 30),
        _bill("P3", _DOUYIN, 21_20, 1_20, 9, 30),
        _bill("P4", _PDD, 5_30, 30, 11, 30),
        {**_bill("P6", "某技术服务公司", 2_12, 12, 11, 30), "seller_tax_no": PLATFORM},
        _bill("P5", "某律师事务所", 5_30, 30, 9, 30),
    ],
    "invoice_issuers": [
        {"channel": "tmall", "seller_name": "技术服务公司", "seller_tax_no": PLATFORM},
    ],
}


@pytest.fixture(scope="module")
def derived() -> Rows:
    return derived_from(OBSERVED, SETTINGS)


def _balances(derived: Rows, rule: str) -> dict[tuple[str, str], int]:
    sums: Counter[tuple[str, str]] = Counter()
    for row in derived["ledger_entries"]:
        if row["posting_rule"] == rule:
            sums[row["account"], row["shop"]] += row["amount_minor"]
    return {key: minor for key, minor in sums.items() if minor}


def test_an_invoice_is_for_the_order_that_it_names_or_for_the_fees_that_are_its_sum(derived: Rows) -> None:
    found = sorted(
        (row["invoice_key"], row["side"], row["state"], row["rule"] or "", row["order_key"] or row["shop"] or "")
        for row in derived["invoice_matches"]
    )
    assert found == [
        ("P1", "received", "matched", "fees_of_month", "mall"),
        ("P1b", "received", "matched", "fees_of_month", "mall"),
        ("P2", "received", "matched", "fees_of_month", "live"),
        ("P3", "received", "matched", "fees_of_month", "live-2"),
        ("P4", "received", "proposed", "several_alike", "pdd-1"),
        ("P5", "issued", "unmatched", "", ""),
        ("P6", "received", "matched", "fees_of_month", "flagship"),
        ("S1", "issued", "matched", "order_number", "jd:1001"),
        ("S2", "issued", "matched", "order_number", "jd:1002"),
        ("S2-red", "issued", "matched", "corrects", "jd:1002"),
        ("S3", "issued", "proposed", "amount_and_day", "jd:1003"),
        ("S4", "issued", "unmatched", "", ""),
        ("S5", "issued", "matched", "order_number", "jd:1004"),
    ]


def test_the_vat_of_fees_can_be_claimed_on_the_day_of_the_invoice_with_the_tax_that_it_states(derived: Rows) -> None:
    # 10.00 three times holds 0.57 each: 1.71 waited, the invoice says 1.70.
    assert _balances(derived, "invoiced") == {
        ("input_vat", "mall"): 9_00,
        ("input_vat_pending", "mall"): -9_00,
        ("input_vat", "live"): 1_70,
        ("input_vat_pending", "live"): -1_71,
        ("fee:commission", "live"): 1,
        ("input_vat", "live-2"): 1_20,
        ("input_vat_pending", "live-2"): -1_20,
        ("input_vat", "flagship"): 12,
        ("input_vat_pending", "flagship"): -12,
    }
    days = {str(row["accounting_date"]) for row in derived["ledger_entries"] if row["posting_rule"] == "invoiced"}
    assert days == {"2026-09-30", "2026-10-09", "2026-11-30"}
    statuses = {row["line_id"]: (row["vat_status"], row["invoice_no"]) for row in derived["fees"]}
    assert statuses["jd:J1"] == ("invoiced", "P1b")
    assert statuses["jd:J0"] == ("pending", None)


def test_a_refund_without_a_red_invoice_and_fees_without_any_are_to_be_looked_at(derived: Rows) -> None:
    found = sorted(
        (row["kind"], row["key"], row["amount_minor"])
        for row in derived["exceptions"]
        if row["kind"] in ("over_invoiced_refunds", "fees_without_invoice")
    )
    # Invoices that are received begin on 30 September: what was taken before is not asked for.
    assert found == [("over_invoiced_refunds", "jd/mall/1002", 113_00)]
    more = [*OBSERVED["invoices"], _bill("P0", _PDD, 1_06, 6, 8, 1)]
    later = derived_from({**OBSERVED, "invoices": more}, SETTINGS)
    assert [
        (row["key"], row["amount_minor"]) for row in later["exceptions"] if row["kind"] == "fees_without_invoice"
    ] == [("jd/mall/2026-08", 2_40)]


def test_the_report_holds_sales_and_fees_beside_their_invoices(derived: Rows) -> None:
    tables = MemoryTables({name: typed(name, rows) for name, rows in derived.items()})
    with DuckDBEngine(threads=1) as engine:
        rows = run_report(engine, tables, "invoicing").to_pylist()
    columns = (
        "sales_minor",
        "invoiced_minor",
        "uninvoiced_minor",
        "over_invoiced_minor",
        "invoices_without_sale_minor",
    )
    sales = {(row["entity_id"], row["shop"], row["month"]): tuple(row[name] for name in columns) for row in rows}
    # 1001 is invoiced, 1002 refunded and half taken back, 1003 and 1004 are not invoiced.
    assert sales["cn", "mall", "2026-09"] == (113_00 + 50_00 + 70_00, 113_00 + 113_00, 50_00 + 70_00, 113_00, 50_00)
    # The order of S4 is not there, and P5 is nobody's.
    assert sales["cn", None, "2026-09"] == (0, 0, 0, 0, 99_00)
    assert sales[None, None, "2026-09"] == (0, 0, 0, 0, 5_30)
    fees = {
        (row["shop"], row["month"]): (row["fees_minor"], row["fee_vat_invoiced_minor"], row["fee_vat_pending_minor"])
        for row in rows
        if row["fees_minor"]
    }
    assert fees == {
        ("mall", "2026-09"): (159_00, 9_00, 0),
        ("live", "2026-09"): (30_00, 1_71, 0),
        ("live-2", "2026-09"): (21_20, 1_20, 0),
        ("mall", "2026-08"): (42_40, 0, 2_40),
        ("pdd-1", "2026-11"): (5_30, 0, 30),
        ("pdd-2", "2026-11"): (5_30, 0, 30),
        ("flagship", "2026-11"): (2_12, 12, 0),
    }
