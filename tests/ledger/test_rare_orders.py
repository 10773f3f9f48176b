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
