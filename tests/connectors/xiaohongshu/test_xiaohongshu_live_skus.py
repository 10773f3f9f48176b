"""SKUs of Xiaohongshu by API: answers as sent, one canonical row each, every state the platform has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.live.casework import pulled

ITEM = {"id": "67b6831c7b3de40001a9fb78", "name": "小衫"}
SKU: dict[str, Any] = {
    "id": "67b6831c7b3de40001a9fb97",
    "erpCode": "TEE-WHITE-M",
    "barcode": "6901234567892",
    "price": 9990,
    "stock": 7,
    "buyable": True,
    "updateTime": 1_793_671_200_000,
}


def answer(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"success": True, "error_code": 0, "data": {"data": list(rows), "total": len(rows), "pageNO": 1}}


def row(**changed: Any) -> dict[str, Any]:
    return {"item": ITEM, "sku": {**SKU, **changed}}


def test_a_sku_is_one_row_at_its_price_in_fen() -> None:
    found = pulled("xiaohongshu_live_skus", answer(row()))
    assert (found.rejects, found.rows) == ({}, 1)
    found.shows(
        "listings",
        """
        listing_key                                                             | shop     | listing_id               | variant_id               | sku_id      | title | gtin          | currency | price_minor | state   | platform_state | listed_units | changed_at
        xiaohongshu:our shop:67b6831c7b3de40001a9fb78:67b6831c7b3de40001a9fb97 | our shop | 67b6831c7b3de40001a9fb78 | 67b6831c7b3de40001a9fb97 | TEE-WHITE-M | 小衫  | 6901234567892 | CNY      | 9990        | on_sale | true           | 7            | 2026-11-03 10:00:00
    """,
    )


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, "on_sale"),
        ({"stock": 0}, "sold_out"),
        ({"buyable": False}, "off_shelf"),
        ({"buyable": False, "stock": 0}, "off_shelf"),
    ],
)
def test_every_state_of_a_sku(changed: dict[str, Any], state: str) -> None:
    (found,) = pulled("xiaohongshu_live_skus", answer(row(**changed))).tables["listings"]
    assert found["state"] == state


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"buyable": "perhaps"}, "unknown_code:buyable:perhaps"),
        ({"id": "?"}, "bad_id:sku.id"),
        ({"price": 99.9}, "bad_money:price"),
        ({"price": -1}, "negative_amount:price"),
        ({"stock": "many"}, "bad_number:stock"),
        ({"updateTime": "yesterday"}, "bad_time:updateTime"),
    ],
)
def test_what_cannot_be_read_is_quarantined(changed: dict[str, Any], reason: str) -> None:
    found = pulled("xiaohongshu_live_skus", answer(row(**changed)))
    assert list(found.rejects.values()) == [reason]
    assert found.tables["listings"] == []


ENGINE_CASES = {
    "xiaohongshu_live_skus": [
        answer(row(), row(id="2", stock=0), row(id="3", buyable="perhaps"), row(id="4", price=99.9, stock="many"))
    ]
}
