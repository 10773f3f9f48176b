"""Order lines take their SKUs from what people decided about the listing, as it held on the order's day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from entrepot.store import CellSettings, EntitySettings, ShopSettings
from entrepot.testing.memory_tables import derived_from

_SETTINGS = CellSettings(
    entities=(EntitySettings("cn"),),
    shops=(ShopSettings("flagship", "douyin", "cn", "domestic_pop", "confirmed", "Asia/Shanghai"),),
)
_HEAD = {"order_key": "douyin:1", "channel": "douyin", "month": "2026-09", "currency": "CNY", "order_id": "1"}
_PLACED = datetime(2026, 9, 9, 16, 30, tzinfo=UTC)
"""Half past midnight of 10 September in Shanghai."""


def _derived(*decisions: dict[str, Any], **line: Any) -> dict[str, list[dict[str, Any]]]:
    """One order of one line over 100.01, its merchant's discount 10.00, with a SKU list of three."""
    order = {
        **_HEAD,
        "shop": "flagship",
        "order_kind": "sale",
        "payment_state": "released",
        "commercial_state": "completed_by_buyer",
        "fulfilment_state": "delivered",
        "placed_at": _PLACED,
        "paid_at": _PLACED,
        "confirmed_at": datetime(2026, 9, 15, 4, tzinfo=UTC),
        "paid_minor": 9_001,
        "seen_at": _PLACED,
    }
    plain = {
        **_HEAD,
        "line_id": "1",
        "listing_id": "L9",
        "variant_id": "V9",
        "sku_id": "OLD",
        "title": "serum + cream",
        "quantity": 2,
        "goods_minor": 10_001,
    }
    skus = [
        {"sku_id": sku, "channel": "own", "vat_rate_bp": rate} for sku, rate in (("A", 1_300), ("B", 900), ("C", 0))
    ]
    costs = [
        {"sku_id": sku, "channel": "own", "valid_from": date(2026, 1, 1), "currency": "CNY", "cost_minor": cost}
        for sku, cost in (("A", 700), ("B", 300))
    ]
    discount = {**_HEAD, "line_id": "1", "funder": "merchant", "kind": "coupon", "amount_minor": 1_000}
    del discount["order_id"]
    return derived_from(
        {
            "orders": [order],
            "order_lines": [{**plain, **line}],
            "discounts": [discount],
            "skus": skus,
            "sku_costs": costs,
            "listing_map": list(decisions),
        },
        _SETTINGS,
    )


def _decision(sku: str, **facts: Any) -> dict[str, Any]:
    plain = {
        "channel": "douyin",
        "shop": "flagship",
        "listing_kind": "listing",
        "listing_id": "L9",
        "sku_id": sku,
        "valid_from": date(2026, 9, 1),
        "decided_at": datetime(2026, 9, 20, tzinfo=UTC),
        "qty": 1,
        "share_bp": 10_000,
    }
    return {**plain, **facts}


def _pieces(derived: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    shown = ("piece_no", "line_id", "sku_id", "quantity", "goods_minor", "discount_merchant_minor", "cost_minor")
    return [tuple(row[name] for name in shown) for row in derived["order_pieces"]]


def _skus(derived: dict[str, list[dict[str, Any]]]) -> list[str]:
    return [row["sku_id"] for row in derived["order_pieces"]]


def _kinds(derived: dict[str, list[dict[str, Any]]]) -> list[str]:
    return sorted(row["kind"] for row in derived["exceptions"])


def test_a_line_whose_seller_code_nobody_knows_keeps_it_and_has_no_cost() -> None:
    derived = _derived()
    assert _pieces(derived) == [(1, "1", "OLD", 2, 10_001, 1_000, None)]
    assert _kinds(derived) == ["sku_without_cost"]


def test_a_pack_of_three_costs_three_times_as_much() -> None:
    assert _pieces(_derived(_decision("A", qty=3))) == [(1, "1", "A", 6, 10_001, 1_000, 6 * 700)]


def test_a_bundle_is_a_piece_per_sku_and_its_shares_add_up_to_the_last_fen() -> None:
    derived = _derived(_decision("A", share_bp=3_333), _decision("B", qty=2, share_bp=6_667))
    assert _pieces(derived) == [
        (1, "1", "A", 2, 3_333, 333, 1_400),
        (2, "1", "B", 4, 6_668, 667, 1_200),
    ]
    assert [(row["vat_rate_bp"], row["gross_minor"]) for row in derived["order_pieces"]] == [
        (1_300, 3_000),
        (900, 6_001),
    ]
    revenue = {
        row["sku_id"]: -row["amount_minor"] for row in derived["ledger_entries"] if row["account"] == "revenue_goods"
    }
    assert revenue == {"A": 3_000 - 345, "B": 6_001 - 495}
    assert _kinds(derived) == []


def test_a_gift_has_a_cost_and_no_share_of_the_price() -> None:
    derived = _derived(_decision("A"), _decision("B", share_bp=0))
    assert _pieces(derived) == [(1, "1", "A", 2, 10_001, 1_000, 1_400), (2, "1", "B", 2, 0, 0, 600)]


def test_only_the_part_without_a_cost_stands_outside_margin() -> None:
    derived = _derived(_decision("A", share_bp=5_000), _decision("C", share_bp=5_000))
    found = [(row["key"], row["amount_minor"]) for row in derived["exceptions"]]
    # C has half of 10,001 less half of 1,000, and no VAT; the odd fen is A's, the first by name.
    assert found == [("flagship/C", 4_500)]


def test_a_seller_code_that_the_list_knows_stands_against_any_decision() -> None:
    assert _skus(_derived(_decision("A"), sku_id="B")) == ["B"]


@pytest.mark.parametrize(
    ("kind", "listing"), [("variant", "V9"), ("code", "OLD"), ("listing", "L9"), ("title", "serum + cream")]
)
def test_a_listing_is_known_by_variant_code_product_or_title(kind: str, listing: str) -> None:
    assert _skus(_derived(_decision("A", listing_kind=kind, listing_id=listing))) == ["A"]
    assert _skus(_derived(_decision("A", listing_kind=kind, listing_id=f"{listing}x"))) == ["OLD"]


def test_of_two_decisions_the_one_that_names_the_listing_more_closely_holds() -> None:
    decisions = [_decision("A"), _decision("B", listing_kind="variant", listing_id="V9")]
    assert _skus(_derived(*decisions)) == ["B"]


@pytest.mark.parametrize(
    ("first", "last", "sku"),
    [
        (date(2026, 9, 10), None, "A"),
        (date(2026, 9, 11), None, "OLD"),
        (date(2026, 9, 1), date(2026, 9, 10), "A"),
        (date(2026, 9, 1), date(2026, 9, 9), "OLD"),
    ],
)
def test_a_decision_holds_on_the_orders_day_in_the_shops_zone(first: date, last: date | None, sku: str) -> None:
    assert _skus(_derived(_decision("A", valid_from=first, valid_to=last))) == [sku]


def test_a_listing_that_changed_its_article_has_each_from_its_day_on() -> None:
    before, after = _decision("A"), _decision("B", valid_from=date(2026, 9, 10))
    assert _skus(_derived(before, after)) == ["B"]
    assert _skus(_derived(before, {**after, "valid_from": date(2026, 9, 11)})) == ["A"]


def test_a_later_decision_about_the_same_days_replaces_the_earlier() -> None:
    later = _decision("B", decided_at=datetime(2026, 9, 21, tzinfo=UTC))
    assert _skus(_derived(_decision("A"), later)) == ["B"]


def test_two_decisions_of_one_instant_that_disagree_decide_nothing_and_are_an_exception() -> None:
    derived = _derived(_decision("A"), _decision("B"))
    assert _skus(derived) == ["OLD"]
    assert [(row["kind"], row["key"]) for row in derived["exceptions"]] == [
        ("listing_map_refused", "flagship/listing/L9/2026-09-01"),
        ("sku_without_cost", "flagship/OLD"),
    ]


def test_another_shops_decision_says_nothing() -> None:
    assert _skus(_derived(_decision("A", shop="outlet"))) == ["OLD"]
