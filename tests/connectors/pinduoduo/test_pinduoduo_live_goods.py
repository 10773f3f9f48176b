"""Goods of Pinduoduo by API: answers as sent, one canonical row per SKU, every state the platform has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.live.casework import pulled

SKU: dict[str, Any] = {
    "sku_id": 5120000000001,
    "out_sku_sn": "TEE-WHITE-M",
    "price": 10490,
    "multi_price": 9990,
    "quantity": 7,
    "is_onsale": 1,
}
GOODS: dict[str, Any] = {
    "goods_id": 680000000001,
    "goods_name": "小衫",
    "status": 1,
    "outer_goods_id": "TEE",
    "sku_list": [SKU, {**SKU, "sku_id": 5120000000002, "out_sku_sn": "", "quantity": 0}],
}


def answer(**changed: Any) -> dict[str, Any]:
    return {"goods_detail_get_response": {**GOODS, **changed, "request_id": "x"}}


def test_goods_are_one_row_per_sku_at_the_price_of_a_group() -> None:
    found = pulled("pinduoduo_live_goods", answer())
    assert (found.rejects, found.rows) == ({}, 1)
    found.shows(
        "listings",
        """
        listing_key                                   | shop     | listing_id   | variant_id    | sku_id      | title | gtin | currency | price_minor | state    | platform_state | listed_units | changed_at
        pinduoduo:our shop:680000000001:5120000000001 | our shop | 680000000001 | 5120000000001 | TEE-WHITE-M | 小衫  |      | CNY      | 9990        | on_sale  | 1              | 7            |
        pinduoduo:our shop:680000000001:5120000000002 | our shop | 680000000001 | 5120000000002 | TEE         | 小衫  |      | CNY      | 9990        | sold_out | 1              | 0            |
    """,
    )


@pytest.mark.parametrize(
    ("status", "is_onsale", "state"),
    [(1, 1, "on_sale"), (1, 0, "off_shelf"), (2, 1, "off_shelf"), (3, 1, "sold_out"), (3, 0, "sold_out")],
)
def test_every_state_of_goods(status: int, is_onsale: int, state: str) -> None:
    found = pulled("pinduoduo_live_goods", answer(status=status, sku_list=[{**SKU, "is_onsale": is_onsale}]))
    (row,) = found.tables["listings"]
    assert row["state"] == state


def test_goods_that_were_deleted_meanwhile_are_no_listing_and_no_refusal() -> None:
    gone = {"goods_detail_get_response": {"goods_id": 1, "status": 4, "sku_list": []}}
    found = pulled("pinduoduo_live_goods", gone)
    assert (found.rejects, found.rows, found.tables["listings"]) == ({}, 1, [])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"status": 9}, "unknown_code:status:9"),
        ({"goods_id": "?"}, "bad_id:goods_id"),
        ({"sku_list": []}, "missing_value:sku_list"),
        ({"sku_list": [{**SKU, "multi_price": 99.9}]}, "bad_money:multi_price"),
        ({"sku_list": [{**SKU, "multi_price": -1}]}, "bad_money:multi_price"),
        ({"sku_list": [{**SKU, "quantity": "many"}]}, "bad_number:quantity"),
        ({"sku_list": [{**SKU, "is_onsale": 2}]}, "unknown_code:is_onsale"),
        ({"sku_list": [{**SKU, "sku_id": "?"}]}, "bad_id:sku_id"),
    ],
)
def test_what_cannot_be_read_is_quarantined_whole(changed: dict[str, Any], reason: str) -> None:
    found = pulled("pinduoduo_live_goods", answer(**changed))
    assert list(found.rejects.values()) == [reason]
    assert found.tables["listings"] == []


ENGINE_CASES = {
    "pinduoduo_live_goods": [
        answer(),
        answer(goods_id=2, status=3),
        answer(goods_id=3, status=4, sku_list=[]),
        answer(goods_id=4, status=9),
        answer(goods_id=5, sku_list=[{**SKU, "multi_price": 99.9}]),
    ]
}
