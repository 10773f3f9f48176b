"""What a product of the simulated Taobao looks like in its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.sandbox.clock import beijing

if TYPE_CHECKING:
    from entrepot.sandbox.http.shelf import Product


def yuan(minor: int) -> str:
    """Money as Taobao writes it."""
    sign, minor = ("-", -minor) if minor < 0 else ("", minor)
    return f"{sign}{minor // 100}.{minor % 100:02d}"


def item_of(product: Product) -> dict[str, Any]:
    """A product; one SKU alone is not shown as such."""
    first = product.variants[0]
    skus = [
        {
            "sku_id": int(each.variant_id),
            "outer_id": each.sku,
            "price": yuan(each.unit_minor),
            "quantity": each.units,
            "barcode": each.gtin,
            "modified": beijing(product.changed_at),
        }
        for each in product.variants
    ]
    return {
        "num_iid": int(product.listing_id),
        "title": product.title,
        "approve_status": "onsale" if product.state == "on_sale" and product.units else "instock",
        "num": product.units,
        "price": yuan(min(each.unit_minor for each in product.variants)),
        "outer_id": first.sku if len(skus) == 1 else first.sku.split("-")[0],
        "barcode": first.gtin if len(skus) == 1 else "",
        "modified": beijing(product.changed_at),
        "list_time": beijing(product.listed_at),
        "violation": product.state == "banned",
        "skus": {"sku": skus} if len(skus) > 1 else {},
    }


def banner_of(product: Product) -> str:
    """In which part of the warehouse a product is; on sale it is in none."""
    if product.state == "on_sale":
        return "" if product.units else "sold_out"
    return "violation_off_shelf" if product.state == "banned" else "for_shelved"
