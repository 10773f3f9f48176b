"""One small case per posting rule, with the whole entry: a rule that is missing leaves none."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from entrepot.ledger.derivation import RULES
from entrepot.store import CellSettings, EntitySettings, ShopSettings
from entrepot.testing.memory_tables import derived_from

_SETTINGS = CellSettings(
    entities=(EntitySettings("cn"),),
    shops=(ShopSettings("flagship", "tmall", "cn", "domestic_pop", "shipped", "Asia/Shanghai"),),
)
_AT = datetime(2026, 9, 10, 4, tzinfo=UTC)
_DAY = date(2026, 9, 10)
_SHOP = {"channel": "tmall", "month": "2026-09", "shop": "flagship", "currency": "CNY"}
_KEY = {"order_key": "tmall/flagship/1", "order_id": "1"}
_ORDER = {
    **_SHOP,
    **_KEY,
    "order_kind": "sale",
    "goods_minor": 113_00,
    "shipping_minor": 0,
    "tax_minor": 0,
    "paid_minor": 113_00,
    "payment_state": "captured",
    "commercial_state": "open",
    "fulfilment_state": "shipped",
    **dict.fromkeys(("placed_at", "paid_at", "shipped_at"), _AT),
}
_LINE = {**_SHOP, **_KEY, "line_id": "l1", "sku_id": "TEA", "quantity": 2, "goods_minor": 113_00}
_COST = {"sku_id": "TEA", "channel": "own", "valid_from": date(2026, 1, 1), "currency": "CNY", "cost_minor": 30_00}
_WALLET = {**_SHOP, **_KEY, "wallet_id": "w", "vat_rate_bp": 0, "booked_at": _AT}
_BILL = {
    **{name: value for name, value in _SHOP.items() if name not in ("channel", "shop")},
    "channel": "own",
    "bill_line_id": "own:SF:1",
    "bill_no": "SF",
    "line_no": 1,
    "vendor": "SF",
    "service": "express",
    "billed_on": _DAY,
    "amount_minor": 10_60,
    "vat_minor": 60,
    "shop_channel": "tmall",
    "shop": "flagship",
    "order_id": "1",
}
_JOURNAL = {
    "channel": "own",
    "month": "2026-09",
    "journal_id": "J",
    "kind": "adjustment",
    "accounting_date": _DAY,
    "currency": "CNY",
}
_PRESALE = {
    **_ORDER,
    "order_kind": "presale",
    "payment_state": "deposit_paid",
    "fulfilment_state": "unallocated",
    "paid_minor": 0,
    "deposit_minor": 20_00,
    "deposit_paid_at": _AT,
    "paid_at": None,
    "shipped_at": None,
}

CASES: dict[str, tuple[dict[str, list[dict[str, Any]]], dict[str, int]]] = {
    "paid": (
        {"orders": [_ORDER]},
        {"platform_receivable": 113_00, "contract_liability_unshipped": -113_00},
    ),
    "deposit": (
        {"orders": [_PRESALE]},
        {"platform_receivable": 20_00, "contract_liability_deposit": -20_00},
    ),
    "recognised": (
        {"orders": [_ORDER]},
        {"contract_liability_unshipped": 113_00, "revenue_goods": -100_00, "output_vat": -13_00},
    ),
    "cost": (
        {"orders": [_ORDER], "order_lines": [_LINE], "sku_costs": [_COST]},
        {"cogs": 60_00, "inventory": -60_00},
    ),
    "refunded": (
        {
            "orders": [_ORDER],
            "settlement_lines": [{**_WALLET, "line_id": "r", "kind": "order_refund", "amount_minor": -11_30}],
        },
        {"revenue_reduction": 10_00, "output_vat": 1_30, "refund_liability": -11_30},
    ),
    "settled": (
        {"settlement_lines": [{**_WALLET, "line_id": "w", "kind": "withdrawal", "amount_minor": -50_00}]},
        {"wallet": -50_00, "cash_in_transit": 50_00},
    ),
    "advertised": (
        {"ad_spend": [{**_SHOP, "spend_id": "a", "spent_on": _DAY, "amount_minor": 7_00}]},
        {"ad_spend": 7_00, "ad_prepaid": -7_00},
    ),
    "billed": (
        {"orders": [_ORDER], "service_bill_lines": [_BILL]},
        {"fee:logistics_fee": 10_00, "input_vat_pending": 60, "accounts_payable": -10_60},
    ),
    "journal": (
        {
            "journal_lines": [
                {**_JOURNAL, "journal_line_id": "1", "line_no": 1, "account": "cogs", "amount_minor": 12_50},
                {**_JOURNAL, "journal_line_id": "2", "line_no": 2, "account": "inventory", "amount_minor": -12_50},
            ]
        },
        {"cogs": 12_50, "inventory": -12_50},
    ),
}


def _entry(rows: list[dict[str, Any]], rule: str) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for row in rows:
        if row["posting_rule"] == rule:
            sums[row["account"]] += row["amount_minor"]
    return {account: minor for account, minor in sums.items() if minor}


@pytest.mark.parametrize("rule", CASES)
def test_the_rule_posts_its_entry(rule: str) -> None:
    observed, wanted = CASES[rule]
    assert _entry(derived_from(observed, _SETTINGS)["ledger_entries"], rule) == wanted


def test_every_rule_has_a_case() -> None:
    # Bank lines and invoices have whole files of their own: test_banked.py, test_invoiced.py.
    assert set(RULES) == {*CASES, "banked", "invoiced"}


def test_a_bill_belongs_to_the_order_it_names_and_to_its_shop() -> None:
    derived = derived_from(
        {
            "orders": [_ORDER],
            "service_bill_lines": [_BILL, {**_BILL, "bill_line_id": "own:SF:2", "line_no": 2, "order_id": None}],
        },
        _SETTINGS,
    )
    rows = [row for row in derived["ledger_entries"] if row["account"] == "fee:logistics_fee"]
    assert [
        (row["order_id"], row["shop"], row["channel"]) for row in sorted(rows, key=lambda row: row["entry_id"])
    ] == [
        ("tmall/flagship/1", "flagship", "tmall"),
        (None, "flagship", "tmall"),
    ]


def test_a_bill_that_two_files_tell_differently_is_not_booked() -> None:
    other = {**_BILL, "bill_line_id": "own:SF:1:other", "amount_minor": 21_20}
    derived = derived_from({"service_bill_lines": [_BILL, other]}, _SETTINGS)
    assert _entry(derived["ledger_entries"], "billed") == {}
    assert [(row["kind"], row["key"], row["cause"]) for row in derived["exceptions"]] == [
        ("bill_refused", "SF/SF", "told_twice")
    ]


_NO_SHOPS = CellSettings(entities=(EntitySettings("cn"),))
_TWO_COMPANIES = CellSettings(
    entities=(EntitySettings("cn"), EntitySettings("sh")), shops=(ShopSettings("flagship", "tmall", "sh"),)
)
_OTHER_BILL = {**_BILL, "bill_line_id": "own:YTO:1", "bill_no": "YTO", "vendor": "YTO"}
_MISSPELT: tuple[dict[str, str | None], ...] = (
    {"shop": "flagshop"},
    {"shop_channel": "tmal"},
    {"shop_channel": None, "shop": "flagshop"},
)


@pytest.mark.parametrize("named", _MISSPELT)
@pytest.mark.parametrize("settings", [_SETTINGS, _TWO_COMPANIES])
def test_a_bill_of_a_shop_that_is_not_there_is_not_booked(settings: CellSettings, named: dict[str, str | None]) -> None:
    wrong = {**_BILL, "bill_line_id": "own:SF:2", "line_no": 2, "order_id": None, **named}
    derived = derived_from({"orders": [_ORDER], "service_bill_lines": [_BILL, wrong, _OTHER_BILL]}, settings)
    rows = [row for row in derived["ledger_entries"] if row["posting_rule"] == "billed"]
    assert {row["cause_id"] for row in rows} == {"own:YTO:1"}
    assert [
        (row["key"], row["cause"], row["shop"], row["amount_minor"])
        for row in derived["exceptions"]
        if row["kind"] == "bill_refused"
    ] == [("SF/SF", "unknown_shop", named.get("shop", "flagship"), 21_20)]


@pytest.mark.parametrize(
    ("observed", "settings"),
    [
        ({"orders": [_ORDER]}, _NO_SHOPS),
        ({"ad_spend": [{**_SHOP, "spend_id": "a", "spent_on": _DAY, "amount_minor": 7_00}]}, _NO_SHOPS),
        ({}, _SETTINGS),
        ({}, _TWO_COMPANIES),
    ],
)
@pytest.mark.parametrize("named", [{}, {"shop_channel": None, "entity_id": "cn"}, {"shop": None, "entity_id": "cn"}])
def test_a_bill_of_a_shop_that_files_or_settings_name_is_booked(
    observed: dict[str, list[dict[str, Any]]], settings: CellSettings, named: dict[str, str | None]
) -> None:
    derived = derived_from({**observed, "service_bill_lines": [{**_BILL, "order_id": None, **named}]}, settings)
    assert _entry(derived["ledger_entries"], "billed") == CASES["billed"][1]
    assert not [row for row in derived["exceptions"] if row["kind"] == "bill_refused"]
