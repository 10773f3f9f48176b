"""Products of Taobao by API: answers as sent, one canonical row per SKU, every state the platform has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.live.casework import pulled

SKU = {"sku_id": 5120000000001, "outer_id": "TEE-WHITE-M", "price": "99.90", "quantity": 7, "barcode": "6901234567892"}
ITEM: dict[str, Any] = {
    "num_iid": 680000000001,
    "title": "\t小衫",
    "approve_status": "onsale",
    "num": 7,
    "price": "99.90",
    "outer_id": "TEE",
    "modified": "2026-11-03 10:00:00",
    "violation": False,
    "skus": {"sku": [SKU, {**SKU, "sku_id": 5120000000002, "outer_id": "TEE-WHITE-L", "quantity": 0, "barcode": ""}]},
}


def answer(**changed: Any) -> dict[str, Any]:
    return {"item_seller_get_response": {"item": {**ITEM, **changed}, "request_id": "x"}}


def without_skus(**changed: Any) -> dict[str, Any]:
    plain = {**ITEM, "outer_id": "SOCKS", "barcode": "6909876543217", **changed}
    return {"item_seller_get_response": {"item": {name: value for name, value in plain.items() if name != "skus"}}}


def test_a_product_is_one_row_per_sku_and_one_of_them_may_be_sold_out() -> None:
    found = pulled("tmall_live_items", answer())
    assert (found.rejects, found.rows) == ({}, 1)
    found.shows(
        "listings",
        """
        listing_key                                       | shop     | listing_id   | variant_id    | sku_id      | title | gtin          | currency | price_minor | state    | platform_state | listed_units | changed_at
        tmall:our shop:680000000001:5120000000001 | our shop | 680000000001 | 5120000000001 | TEE-WHITE-M | 小衫  | 6901234567892 | CNY      | 9990        | on_sale  | onsale         | 7            | 2026-11-03 10:00:00
        tmall:our shop:680000000001:5120000000002 | our shop | 680000000001 | 5120000000002 | TEE-WHITE-L | 小衫  |               | CNY      | 9990        | sold_out | onsale         | 0            | 2026-11-03 10:00:00
    """,
    )


def test_a_product_without_skus_is_one_row_with_its_own_code() -> None:
    found = pulled("tmall_live_items", without_skus())
    found.shows(
        "listings",
        """
        listing_key                         | variant_id | sku_id | gtin          | price_minor | listed_units | state
        tmall:our shop:680000000001: |            | SOCKS  | 6909876543217 | 9990        | 7            | on_sale
    """,
    )


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, "on_sale"),
        ({"num": 0}, "sold_out"),
        ({"approve_status": "instock"}, "off_shelf"),
        ({"approve_status": "instock", "num": 0}, "sold_out"),
        ({"approve_status": "instock", "violation": True}, "banned"),
        ({"approve_status": "instock", "num": 0, "violation": True}, "banned"),
    ],
)
def test_every_state_of_a_product(changed: dict[str, Any], state: str) -> None:
    (row,) = pulled("tmall_live_items", without_skus(**changed)).tables["listings"]
    assert row["state"] == state


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"approve_status": "preview"}, "unknown_code:approve_status:preview"),
        ({"violation": "perhaps"}, "unknown_code:violation:perhaps"),
        ({"modified": "yesterday"}, "bad_time:modified"),
        ({"num_iid": "x y"}, "bad_id:num_iid"),
        ({"num": "many"}, "bad_number:num"),
        ({"price": "-1.00"}, "negative_amount:price"),
        ({"skus": {"sku": [{**SKU, "price": "1e3"}]}}, "bad_money:skus.price"),
        ({"skus": {"sku": [{**SKU, "quantity": -1}]}}, "bad_number:skus.quantity"),
        ({"skus": {"sku": [{**SKU, "sku_id": "?"}]}}, "bad_id:sku_id"),
    ],
)
def test_what_cannot_be_read_is_quarantined_whole(changed: dict[str, Any], reason: str) -> None:
    found = pulled("tmall_live_items", answer(**changed))
    assert list(found.rejects.values()) == [reason]
    assert found.tables["listings"] == []


ENGINE_CASES = {
    "tmall_live_items": [
        answer(),
        without_skus(num_iid=680000000002),
        answer(num_iid=680000000003, approve_status="instock", violation=True),
        answer(num_iid=680000000004, approve_status="preview"),
        answer(num_iid=680000000005, skus={"sku": [{**SKU, "price": "1e3"}]}),
    ]
}
