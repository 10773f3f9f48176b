"""The files of the Shopify shops: orders export and payout transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import decimal
from entrepot.sandbox.brand import BRAND_EN, SHOPIFY_EU, SHOPIFY_US
from entrepot.sandbox.clock import DAY, MONTHS, START, day_of, month_of, with_offset
from entrepot.sandbox.paper import WrittenFile, put, sparse_quoted
from entrepot.sandbox.people import person
from entrepot.sandbox.shopify import payout_week

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.sandbox.company import World
    from entrepot.sandbox.facts import Line, Movement, Order, Shop, Sku

_ADDRESS = [
    "Name",
    "Street",
    "Address1",
    "Address2",
    "Company",
    "City",
    "Zip",
    "Province",
    "Country",
    "Phone",
]
_ORDER_HEADER = [
    *[
        "Name",
        "Email",
        "Financial Status",
        "Paid at",
        "Fulfillment Status",
        "Fulfilled at",
        "Accepts Marketing",
    ],
    *[
        "Currency",
        "Subtotal",
        "Shipping",
        "Taxes",
        "Total",
        "Discount Code",
        "Discount Amount",
        "Shipping Method",
        "Created at",
    ],
    *["Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem compare at price", "Lineitem sku"],
    *["Lineitem requires shipping", "Lineitem taxable", "Lineitem fulfillment status"],
    *(f"{who} {cell}" for who in ("Billing", "Shipping") for cell in _ADDRESS),
    *[
        "Notes",
        "Note Attributes",
        "Cancelled at",
        "Payment Method",
        "Payment Reference",
        "Refunded Amount",
        "Vendor",
    ],
    *[
        "Outstanding Balance",
        "Employee",
        "Location",
        "Device ID",
        "Id",
        "Tags",
        "Risk Level",
        "Source",
        "Lineitem discount",
    ],
    *["Tax 1 Name", "Tax 1 Value", "Phone", "Receipt Number", "Duties"],
]
_AT = {name: at for at, name in enumerate(_ORDER_HEADER)}
_PAYOUT_HEADER = [
    "Transaction Date",
    "Type",
    "Order",
    "Card Brand",
    "Card Source",
    "Payout Status",
    "Payout Date",
    "Payout ID",
    "Available On",
    "Amount",
    "Fee",
    "Net",
    "Checkout",
    "Payment Method Name",
    "Presentment Amount",
    "Presentment Currency",
    "Currency",
]
ORDERS_NAME = "orders_export_1.csv"


def write_shopify(world: World, files: Path) -> list[WrittenFile]:
    """Write one orders export per shop and one file of payout transactions per shop and month."""
    skus = {sku.sku_id: sku for sku in world.skus}
    written: list[WrittenFile] = []
    for shop in (SHOPIFY_US, SHOPIFY_EU):
        if shop not in world.shops:
            continue
        folder = files / shop.folder
        rows = [row for order in world.orders_of(shop.shop) for row in _order_rows(order, shop, skus)]
        put(folder / ORDERS_NAME, sparse_quoted([_ORDER_HEADER, *rows]).encode())
        written.append(WrittenFile(f"files/{shop.folder}/{ORDERS_NAME}", "shopify_orders", shop.shop, len(rows)))
        by_doc: dict[str, list[Movement]] = {}
        for move in world.movements_of(shop.shop):
            by_doc.setdefault(move.doc, []).append(move)
        for month in MONTHS:
            # The last hours of July, which the shop's clock still shows, go with August.
            part = [doc for doc in by_doc.values() if max(month_of(doc[0].at, shop.zone), MONTHS[0]) == month]
            name = f"payment_transactions_export_{month}.csv"
            lines = [_payout_row(doc, shop) for doc in part]
            put(folder / name, sparse_quoted([_PAYOUT_HEADER, *lines]).encode())
            written.append(WrittenFile(f"files/{shop.folder}/{name}", "shopify_payouts", shop.shop, len(lines)))
    return written


def _financial_status(order: Order) -> str:
    if order.paid_at is None:
        return "pending" if order.closed_at is None else "voided"
    if not order.refunds:
        return "paid"
    return "refunded" if order.refunded_minor == order.paid_minor else "partially_refunded"


def _order_rows(order: Order, shop: Shop, skus: dict[str, Sku]) -> list[list[str]]:
    rows = []
    for number, line in enumerate(order.lines):
        row = [""] * len(_ORDER_HEADER)
        row[_AT["Name"]] = order.order_id
        row[_AT["Email"]] = person(order.buyer).email
        if number == 0:
            _fill_order(row, order, shop)
        _fill_line(row, order, line, skus[line.sku], shop)
        rows.append(row)
    return rows


def _fill_line(row: list[str], order: Order, line: Line, sku: Sku, shop: Shop) -> None:
    for name, cell in (
        ("Created at", with_offset(order.placed_at, shop.zone)),
        ("Lineitem quantity", str(line.quantity)),
        ("Lineitem name", f"{BRAND_EN} {sku.name_en}"),
        ("Lineitem price", decimal(line.unit_minor)),
        ("Lineitem sku", line.sku),
        ("Lineitem requires shipping", "true"),
        ("Lineitem taxable", "true"),
        ("Lineitem fulfillment status", "fulfilled" if order.shipped_at is not None else "pending"),
        ("Lineitem discount", "0.00"),
        ("Vendor", BRAND_EN),
    ):
        row[_AT[name]] = cell


def _fill_order(row: list[str], order: Order, shop: Shop) -> None:
    who = person(order.buyer)
    off = order.discounts["merchant"]
    total = order.goods_minor - off + order.shipping_minor + order.tax_minor
    eu = shop == SHOPIFY_EU

    def when(instant: int | None) -> str:
        return with_offset(instant, shop.zone) if instant is not None else ""

    cells = {
        "Financial Status": _financial_status(order),
        "Paid at": when(order.paid_at),
        "Fulfillment Status": "fulfilled" if order.shipped_at is not None else "unfulfilled",
        "Fulfilled at": when(order.shipped_at),
        "Accepts Marketing": "no",
        "Currency": shop.currency,
        "Subtotal": decimal(order.goods_minor - off),
        "Shipping": decimal(order.shipping_minor),
        "Taxes": decimal(order.tax_minor + order.vat_included_minor),
        "Total": decimal(total),
        "Discount Code": "AUTUMN" if off else "",
        "Discount Amount": decimal(off),
        "Shipping Method": "Standard",
        "Cancelled at": when(order.closed_at),
        "Payment Method": "Shopify Payments",
        "Refunded Amount": decimal(order.refunded_minor),
        "Outstanding Balance": decimal(0 if order.paid_at is not None else total),
        "Id": f"58{1 if eu else 2}{order.buyer:010d}",
        "Risk Level": "Low",
        "Source": "web",
        "Tax 1 Name": "DE MwSt 19%" if eu else "State Tax",
        "Phone": who.phone,
    }
    for side in ("Billing", "Shipping"):
        cells |= {
            f"{side} Name": who.name,
            f"{side} Street": who.address,
            f"{side} Address1": who.address,
            f"{side} City": "Nowhere",
            f"{side} Zip": "00000",
            f"{side} Country": "DE" if eu else "US",
            f"{side} Phone": who.phone,
        }
    for name, cell in cells.items():
        row[_AT[name]] = cell


def _payout_row(doc: Sequence[Movement], shop: Shop) -> list[str]:
    head = doc[0]
    fee = -sum(move.amount_minor for move in doc if move.kind == "fee")
    amount = sum(move.amount_minor for move in doc if move.kind != "fee")
    week = payout_week(head.at)
    paid_out = day_of(START + (week + 1) * 7 * DAY, shop.zone)
    return [
        with_offset(head.at, shop.zone),
        head.label,
        head.order_ref or "",
        "visa" if head.order_ref else "",
        "online" if head.order_ref else "",
        "paid",
        paid_out,
        f"{90_000_000 + week}",
        paid_out,
        decimal(amount),
        decimal(fee),
        decimal(amount - fee),
        f"#C{head.order_ref[1:]}" if head.order_ref else "",
        "card" if head.order_ref else "",
        decimal(amount),
        shop.currency,
        shop.currency,
    ]
