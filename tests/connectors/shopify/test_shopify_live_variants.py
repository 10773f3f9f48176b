"""Variants of Shopify by API: answers as sent, one canonical row each, every state a product has."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.connectors.shopify.wire import VARIANT, VARIANTS_QUERY
from entrepot.sandbox.http.graphql import read_query
from tests.connectors.live.casework import feed_named, pulled

NODE: dict[str, Any] = {
    "id": "gid://shopify/ProductVariant/5120000000001",
    "sku": "TEE-WHITE-M",
    "barcode": "6901234567892",
    "title": "White / M",
    "price": "19.9",
    "inventoryQuantity": 7,
    "inventoryPolicy": "DENY",
    "updatedAt": "2026-11-03T10:00:00Z",
    "inventoryItem": {"tracked": True},
    "product": {
        "id": "gid://shopify/Product/680000000001",
        "title": "Tee",
        "status": "ACTIVE",
        "priceRangeV2": {"minVariantPrice": {"currencyCode": "USD"}},
    },
}


def node(product: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    return {**NODE, **changed, "product": {**NODE["product"], **(product or {})}}


def answer(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"productVariants": {"nodes": list(nodes), "pageInfo": {"hasNextPage": False}}}}


def test_a_variant_is_one_row_in_the_currency_of_the_shop() -> None:
    single = node(id="gid://shopify/ProductVariant/5120000000002", title="Default Title", barcode=None, sku="")
    found = pulled("shopify_live_variants", answer(node(), single))
    assert (found.rejects, found.rows) == ({}, 2)
    found.shows(
        "listings",
        """
        listing_key                                 | shop     | listing_id   | variant_id    | sku_id      | title           | gtin          | currency | price_minor | state   | platform_state | listed_units | changed_at
        shopify:our shop:680000000001:5120000000001 | our shop | 680000000001 | 5120000000001 | TEE-WHITE-M | Tee - White / M | 6901234567892 | USD      | 1990        | on_sale | ACTIVE         | 7            | 2026-11-03 18:00:00
        shopify:our shop:680000000001:5120000000002 | our shop | 680000000001 | 5120000000002 |             | Tee             |               | USD      | 1990        | on_sale | ACTIVE         | 7            | 2026-11-03 18:00:00
    """,
    )


@pytest.mark.parametrize(
    ("status", "changed", "state", "units"),
    [
        ("ACTIVE", {}, "on_sale", 7),
        ("ACTIVE", {"inventoryQuantity": 0}, "sold_out", 0),
        ("ACTIVE", {"inventoryQuantity": -2}, "sold_out", -2),
        ("ACTIVE", {"inventoryQuantity": 0, "inventoryPolicy": "CONTINUE"}, "on_sale", 0),
        ("ACTIVE", {"inventoryQuantity": 0, "inventoryItem": {"tracked": False}}, "on_sale", None),
        ("UNLISTED", {}, "on_sale", 7),
        ("ARCHIVED", {}, "off_shelf", 7),
        ("ARCHIVED", {"inventoryQuantity": 0}, "off_shelf", 0),
        ("DRAFT", {}, "draft", 7),
    ],
)
def test_every_state_of_a_product(status: str, changed: dict[str, Any], state: str, units: int | None) -> None:
    (row,) = pulled("shopify_live_variants", answer(node({"status": status}, **changed))).tables["listings"]
    assert (row["state"], row["listed_units"]) == (state, units)


@pytest.mark.parametrize(
    ("product", "changed", "reason"),
    [
        ({"status": "SLEEPING"}, {}, "unknown_code:status:SLEEPING"),
        ({"id": "no number"}, {}, "bad_id:product.id"),
        (
            {"priceRangeV2": {"minVariantPrice": {"currencyCode": "XXX"}}},
            {},
            "unknown_code:currencyCode:XXX",
        ),
        ({}, {"price": "19,90"}, "bad_money:price"),
        ({}, {"price": "-1.00"}, "negative_amount:price"),
        ({}, {"updatedAt": "2026-11-03"}, "bad_time:updatedAt"),
        ({}, {"inventoryQuantity": "many"}, "bad_number:inventoryQuantity"),
    ],
)
def test_what_cannot_be_read_is_quarantined(product: dict[str, Any], changed: dict[str, Any], reason: str) -> None:
    found = pulled("shopify_live_variants", answer(node(product, **changed)))
    assert list(found.rejects.values()) == [reason]
    assert found.tables["listings"] == []


def test_the_query_asks_for_what_is_read_and_costs_what_one_query_may() -> None:
    feed = feed_named("shopify_live_variants")
    query = read_query(VARIANTS_QUERY, {"first": feed.listing.page_rows_max})
    asked = query.fields["productVariants"].fields["nodes"]
    for path, _ in VARIANT.leaves():
        here = asked
        for name in path.split("."):
            assert name in here.fields, f"{path} is read and not asked for"
            here = here.fields[name]
    assert query.cost <= 1000


ENGINE_CASES = {
    "shopify_live_variants": [
        answer(
            node(),
            node({"status": "DRAFT"}, id="gid://shopify/ProductVariant/2", inventoryQuantity=-1),
            node({"status": "SLEEPING"}, id="gid://shopify/ProductVariant/3"),
            node(id="gid://shopify/ProductVariant/4", price="1e3"),
        )
    ]
}
