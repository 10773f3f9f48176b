"""Orders that are rare enough to be forgotten: what the ledger makes of them, by hand."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from entrepot.store import CellSettings, EntitySettings, ShopSettings
from entrepot.testing.memory_tables import derived_from

_AT = datetime(2026, 3, 1, 4, tzinfo=UTC)
_SETTINGS = CellSettings(
    entities=(EntitySettings("cn"),),
    shops=(ShopSettings("flagship", "tmall", "cn", "domestic_pop", "confirmed", "Asia/Shanghai"),),
)
_HEAD = {"order_key": "tmall:1", "channel": "tmall", "month": "2026-03", "currency": "CNY"}


def _order(**facts: Any) -> dict[str, Any]:
    plain = {
        "shop": "flagship",
        "order_id": "1",
        "order_kind": "sale",
        "payment_state": "escrowed",
        "commercial_state": "open",
        "fulfilment_state": "shipped",
        "placed_at": _AT,
        "paid_at": _AT,
        "confirmed_at": _AT,
        "goods_minor": 10_000,
        "shipping_minor": 0,
        "tax_minor": 0,
        "paid_minor": 10_000,
        "seen_at": _AT,
    }
    return {**_HEAD, **plain, **facts}


def _points(minor: int) -> dict[str, Any]:
    return {**_HEAD, "kind": "points", "amount_minor": minor}


def _refund(number: int, minor: int) -> dict[str, Any]:
    return {
        "line_id": f"alipay:{number}",
        "channel": "alipay",
        "month": "2026-03",
        "shop": "flagship",
        "wallet_id": "wallet",
        "order_key": "tmall:1",
        "order_id": "1",
        "kind": "order_refund",
        "currency": "CNY",
        "amount_minor": -minor,
        "booked_at": _AT,
    }


def _balances(derived: dict[str, list[dict[str, Any]]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for row in derived["ledger_entries"]:
        sums[row["account"]] += row["amount_minor"]
    return {account: minor for account, minor in sums.items() if minor}


def _line(line_id: str, minor: int, **facts: Any) -> dict[str, Any]:
    plain = {"line_id": line_id, "order_id": "1", "sku_id": f"SKU-{line_id}", "quantity": 1, "goods_minor": minor}
    return {**_HEAD, **plain, **facts}


def _cost(line_id: str, minor: int) -> dict[str, Any]:
    return {
        "sku_id": f"SKU-{line_id}",
        "channel": "own",
        "valid_from": _AT.date(),
        "currency": "CNY",
        "cost_minor": minor,
    }


def _refunded_by_piece(derived: dict[str, list[dict[str, Any]]]) -> dict[str, int]:
    return {row["line_id"] or row["kind"]: row["refund_minor"] for row in derived["order_pieces"]}


def test_points_that_an_unpaid_order_would_use_are_nobodys_money_yet() -> None:
    order = _order(
        paid_at=None, confirmed_at=None, paid_minor=0, payment_state="unpaid", fulfilment_state="unallocated"
    )
    derived = derived_from({"orders": [order], "tenders": [_points(500)]}, _SETTINGS)
    assert derived["ledger_entries"] == []


def test_an_order_paid_with_points_alone_is_refunded_like_any_other() -> None:
    derived = derived_from(
        {"orders": [_order(paid_minor=0)], "tenders": [_points(10_000)], "settlement_lines": [_refund(1, 10_000)]},
        _SETTINGS,
    )
    # 100.00 with 13 % inside are 88.50 net; what the platform owes and what the wallet paid stay open between them.
    assert _balances(derived) == {
        "platform_receivable": 10_000,
        "wallet": -10_000,
        "revenue_goods": -8_850,
        "revenue_reduction": 8_850,
    }


def test_refunds_in_parts_of_the_whole_order_end_at_exactly_nothing() -> None:
    refunds = [_refund(number, 2_500) for number in range(4)]
    derived = derived_from({"orders": [_order()], "settlement_lines": refunds}, _SETTINGS)
    assert [row["refunded_minor"] for row in derived["order_positions"]] == [10_000]
    assert [row["refund_minor"] for row in derived["order_pieces"]] == [10_000]
    assert [row["kind"] for row in derived["exceptions"] if row["kind"] == "refund_exceeds_paid"] == []


def test_one_fen_refunded_beyond_what_was_paid_is_an_exception_of_one_fen() -> None:
    refunds = [_refund(1, 9_999), _refund(2, 2)]
    derived = derived_from({"orders": [_order()], "settlement_lines": refunds}, _SETTINGS)
    found = [
        (row["kind"], row["amount_minor"]) for row in derived["exceptions"] if row["kind"] == "refund_exceeds_paid"
    ]
    assert found == [("refund_exceeds_paid", 1)]


def test_a_refund_that_names_a_line_takes_back_that_lines_money_with_its_own_freight_and_tax() -> None:
    lines = [_line("a", 6_000), _line("b", 4_000, shipping_minor=300, tax_minor=200)]
    order = _order(goods_minor=10_000, shipping_minor=500, tax_minor=900, paid_minor=11_400)
    refund = {**_refund(1, 4_500), "order_line_id": "b"}
    derived = derived_from({"orders": [order], "order_lines": lines, "settlement_lines": [refund]}, _SETTINGS)
    assert _refunded_by_piece(derived) == {"a": 0, "b": 4_000, "shipping": 300, "tax": 200}


def test_a_refund_that_names_an_article_and_a_part_of_the_price_touches_nothing_else() -> None:
    lines = [_line("a", 6_000, listing_id="100"), _line("b", 4_000, listing_id="200")]
    order = _order(goods_minor=10_000, shipping_minor=500, paid_minor=10_500)
    refunds = [
        {**_refund(1, 1_500), "listing_id": "200", "order_part": "goods"},
        {**_refund(2, 700), "sku_id": "SKU-a", "order_part": "goods"},
        {**_refund(3, 400), "order_part": "shipping"},
    ]
    derived = derived_from({"orders": [order], "order_lines": lines, "settlement_lines": refunds}, _SETTINGS)
    assert _refunded_by_piece(derived) == {"a": 700, "b": 1_500, "shipping": 400}


def test_a_refund_that_names_what_the_order_has_not_is_shared_over_the_whole_order() -> None:
    lines = [_line("a", 6_000), _line("b", 4_000)]
    refunds = [{**_refund(1, 1_000), "sku_id": "SKU-z"}, {**_refund(2, 100), "order_part": "tax"}]
    derived = derived_from({"orders": [_order()], "order_lines": lines, "settlement_lines": refunds}, _SETTINGS)
    assert _refunded_by_piece(derived) == {"a": 660, "b": 440}


def test_a_line_cancelled_before_its_goods_left_costs_nothing_and_its_coupons_lapse() -> None:
    # Of 60.00 and 40.00 the platform pays 6.00 and 4.00; the second line is closed and the buyer's 36.00 go back.
    lines = [_line("a", 6_000, is_cancelled=False), _line("b", 4_000, is_cancelled=True)]
    coupons = [
        {**_HEAD, "line_id": line, "funder": "platform", "kind": "coupon", "amount_minor": minor}
        for line, minor in (("a", 600), ("b", 400))
    ]
    closed = {
        **_HEAD,
        "statement_id": "tmall:b:closed",
        "order_line_id": "b",
        "stage": "before_settlement",
        "amount_minor": 3_600,
    }
    income = {**_refund(1, -6_000), "kind": "order_income"}
    derived = derived_from(
        {
            "orders": [_order(paid_minor=9_000)],
            "order_lines": lines,
            "discounts": coupons,
            "refund_statements": [closed],
            "settlement_lines": [income],
            "sku_costs": [_cost("a", 2_000), _cost("b", 1_500)],
        },
        _SETTINGS,
    )
    assert [row["expected_minor"] for row in derived["order_positions"]] == [6_000]
    assert derived["exceptions"] == []
    # 60.00 with 13 % inside are 53.10; the cancelled 40.00 (35.40 net) were sold and taken back on the same day.
    assert _balances(derived) == {
        "wallet": 6_000,
        "revenue_goods": -5_310 - 3_540,
        "revenue_reduction": 3_540,
        "output_vat": -690,
        "cogs": 2_000,
        "inventory": -2_000,
    }


def test_tax_that_the_platform_keeps_leaves_no_claim_and_no_debt() -> None:
    shop = ShopSettings("flagship", "tmall", "cn", "cross_border_bonded_1210", "confirmed", "Asia/Shanghai")
    tax = {
        **_HEAD,
        "line_id": "",
        "kind": "customs_composite",
        "amount_minor": 910,
        "collected_by": "platform",
        "remitted_by": "platform",
    }
    observed = {
        "orders": [_order(tax_minor=910, paid_minor=10_910)],
        "taxes": [tax],
        "settlement_lines": [{**_refund(1, -10_000), "kind": "order_income"}],
    }
    derived = derived_from(observed, CellSettings(entities=_SETTINGS.entities, shops=(shop,)))
    assert _balances(derived) == {"wallet": 10_000, "revenue_goods": -10_000}
    assert [row["kind"] for row in derived["exceptions"]] == ["sku_without_cost"]

    in_a_domestic_shop = derived_from(observed, _SETTINGS)
    found = [(row["kind"], row["key"], row["amount_minor"]) for row in in_a_domestic_shop["exceptions"]]
    assert ("tax_in_domestic_shop", "tmall/flagship/CNY", 910) in found


def test_an_adjustment_waits_in_suspense_for_a_person_to_say_what_it_was() -> None:
    line = {**_refund(1, 250), "kind": "adjustment", "order_key": None, "order_id": None, "platform_item": "correction"}
    derived = derived_from({"settlement_lines": [line]}, _SETTINGS)
    found = [(row["kind"], row["key"], row["amount_minor"], row["cause"]) for row in derived["exceptions"]]
    assert found == [("settlement_adjustment", "alipay/flagship/alipay:1", -250, "correction")]
    assert _balances(derived) == {"wallet": -250, "suspense": 250}


def test_an_order_that_cost_the_buyer_nothing_waits_for_no_settlement() -> None:
    free = _order(goods_minor=0, paid_minor=0)
    derived = derived_from({"orders": [free]}, _SETTINGS)
    assert [(row["state"], row["settlement_state"]) for row in derived["order_positions"]] == [("shipped", "not_due")]


def _split(number: int, minor: int, **facts: Any) -> dict[str, Any]:
    named = {"order_key": f"tmall:{number}", "order_id": str(number), "goods_minor": minor, "paid_minor": minor}
    return _order(**{**named, **facts})


def test_an_order_that_was_split_is_its_parts_also_where_they_come_later() -> None:
    whole = _split(1, 10_000, commercial_state="completed_by_buyer")
    parts = [
        _split(number, minor, order_kind="split_part", parent_order_id="1", commercial_state="completed_by_buyer")
        for number, minor in ((2, 6_000), (3, 4_000))
    ]
    before = derived_from({"orders": [whole]}, _SETTINGS)
    after = derived_from({"orders": [whole, *parts]}, _SETTINGS)
    assert _balances(after) == _balances(before), "split or not, it is one sale"
    positions = {row["order_key"]: row for row in after["order_positions"]}
    assert [positions[key]["is_paid"] for key in ("tmall:1", "tmall:2", "tmall:3")] == [False, True, True]
    assert positions["tmall:1"]["state"] == "split"


def test_an_order_that_another_one_replaces_stays_a_sale() -> None:
    again = _split(2, 10_000, parent_order_id="1")
    derived = derived_from({"orders": [_split(1, 10_000), again]}, _SETTINGS)
    assert [row["is_paid"] for row in derived["order_positions"]] == [True, True]
