"""Amazon's settlement report, flat file version 2: tab-separated, the first row holds the total only."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from entrepot.sandbox.amazon import PERIOD, batch_paid_at, settlement_id
from entrepot.sandbox.arithmetic import decimal
from entrepot.sandbox.brand import AMAZON_US
from entrepot.sandbox.clock import END, START
from entrepot.sandbox.paper import WrittenFile, put, sparse_quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.sandbox.company import World
    from entrepot.sandbox.facts import Movement, Order

_HEADER = [
    "settlement-id",
    "settlement-start-date",
    "settlement-end-date",
    "deposit-date",
    "total-amount",
    "currency",
    "transaction-type",
    "order-id",
    "merchant-order-id",
    "adjustment-id",
    "shipment-id",
    "marketplace-name",
    "amount-type",
    "amount-description",
    "amount",
    "fulfillment-id",
    "posted-date",
    "posted-date-time",
    "order-item-code",
    "merchant-order-item-id",
    "merchant-adjustment-item-id",
    "sku",
    "quantity-purchased",
    "promotion-id",
]
TOTAL = "total-amount"


def settlement_name(number: str) -> str:
    """File name of one settlement."""
    return f"settlement_v2_{number}.txt"


def write_amazon(world: World, files: Path) -> list[WrittenFile]:
    """Write one report per fortnight."""
    if AMAZON_US not in world.shops:
        return []
    orders = {order.order_id: order for order in world.orders_of(AMAZON_US.shop)}
    by_settlement: dict[str, list[Movement]] = {}
    for move in world.movements_of(AMAZON_US.shop):
        by_settlement.setdefault(move.doc, []).append(move)
    written: list[WrittenFile] = []
    for first in range(START, END, PERIOD):
        number = settlement_id(first)
        name, moves = settlement_name(number), by_settlement.get(number, [])
        planted = sum(wrong.excess_minor for wrong in world.wrong_totals if wrong.settlement_id == number)
        total = sum(move.amount_minor for move in moves) + planted
        rows = [_head(number, first, total), *(_row(move, orders) for move in moves)]
        put(files / AMAZON_US.folder / name, sparse_quoted([_HEADER, *rows], comma="\t").encode())
        path = f"files/{AMAZON_US.folder}/{name}"
        written.append(WrittenFile(path, "amazon_settlement", AMAZON_US.shop, len(rows)))
    return written


def _utc(at: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))


def _head(number: str, first: int, total: int) -> Sequence[str]:
    end = min(first + PERIOD, END)
    row = [number, _utc(first), _utc(end), _utc(batch_paid_at(number)), decimal(total), "USD"]
    return [*row, *([""] * (len(_HEADER) - len(row)))]


def _row(move: Movement, orders: dict[str, Order]) -> Sequence[str]:
    transaction, amount_type, description = move.label.split("|", 2)
    order = orders.get(move.order_ref or "")
    line = order.lines[move.line] if order is not None and move.line is not None else None
    item = f"{move.order_ref.replace('-', '')[-13:]}{move.line}" if move.order_ref else ""
    priced = transaction == "Order" and move.label.endswith("ItemPrice|Principal")
    return [
        move.doc,
        "",
        "",
        "",
        "",
        "",
        transaction,
        move.order_ref or "",
        move.order_ref or "",
        f"ADJ{item}" if transaction == "Refund" else "",
        f"D{item}" if transaction == "Order" else "",
        "Amazon.com" if move.order_ref else "",
        amount_type,
        description,
        decimal(move.amount_minor),
        "AFN" if move.order_ref else "",
        _utc(move.at)[:10],
        _utc(move.at),
        item,
        "",
        "",
        line.sku if line else "",
        str(line.quantity) if line and priced else "",
        "AUTUMN" if amount_type == "Promotion" else "",
    ]
