"""SKUs of JD by API: answers as sent, one canonical row each, every state the platform has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.live.casework import pulled

SKU: dict[str, Any] = {
    "skuId": 10020030040051,
    "wareId": 10010020030,
    "status": 1,
    "jdPrice": "99.90",
    "outerId": "TEE-WHITE-M",
    "skuName": "小衫 白色 M",
    "wareTitle": "小衫",
    "stockNum": 7,
    "barCode": "6901234567892",
    "modified": "2026-11-03 10:00:00",
}


def answer(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"jingdong_sku_read_searchSkuList_responce": {"code": "0", "page": {"totalItem": 1, "data": list(rows)}}}


def sku(**changed: Any) -> dict[str, Any]:
    return {**SKU, **changed}


def test_a_sku_is_a_listing_for_it_has_a_page_of_its_own() -> None:
    millis = sku(skuId=10020030040052, modified=1_793_671_200_000, outerId="", barCode="", skuName="")
    found = pulled("jd_live_skus", answer(sku(), millis))
    assert (found.rejects, found.rows) == ({}, 2)
    found.shows(
        "listings",
        """
        listing_key                 | shop     | listing_id     | variant_id | sku_id      | title       | gtin          | currency | price_minor | state   | platform_state | listed_units | changed_at
        jd:our shop:10020030040051: | our shop | 10020030040051 |            | TEE-WHITE-M | 小衫 白色 M | 6901234567892 | CNY      | 9990        | on_sale | 1              | 7            | 2026-11-03 10:00:00
        jd:our shop:10020030040052: | our shop | 10020030040052 |            |             | 小衫        |               | CNY      | 9990        | on_sale | 1              | 7            | 2026-11-03 10:00:00
    """,
    )


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, "on_sale"),
        ({"stockNum": 0}, "sold_out"),
        ({"status": 2}, "off_shelf"),
        ({"status": 2, "stockNum": 0}, "off_shelf"),
    ],
)
def test_every_state_of_a_sku(changed: dict[str, Any], state: str) -> None:
    (row,) = pulled("jd_live_skus", answer(sku(**changed))).tables["listings"]
    assert row["state"] == state


def test_a_sku_that_was_deleted_is_no_listing_and_no_refusal() -> None:
    found = pulled("jd_live_skus", answer(sku(status=4)))
    assert (found.rejects, found.tables["listings"]) == ({}, [])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"status": 8}, "unknown_code:status:8"),
        ({"skuId": "?"}, "bad_id:skuId"),
        ({"jdPrice": None}, "bad_money:jdPrice"),
        ({"jdPrice": "-1.00"}, "negative_amount:jdPrice"),
        ({"stockNum": "many"}, "bad_number:stockNum"),
        ({"modified": "yesterday"}, "bad_time:modified"),
    ],
)
def test_what_cannot_be_read_is_quarantined(changed: dict[str, Any], reason: str) -> None:
    found = pulled("jd_live_skus", answer(sku(**changed)))
    assert list(found.rejects.values()) == [reason]
    assert found.tables["listings"] == []


ENGINE_CASES = {
    "jd_live_skus": [
        answer(
            sku(),
            sku(skuId=2, modified=1_793_671_200_123, stockNum=0),
            sku(skuId=3, status=4),
            sku(skuId=4, status=8),
            sku(skuId=5, jdPrice="1e3"),
        )
    ]
}
