"""The brand's own mini-program shop: events, its CSV, and the description by which it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import decimal, tie_free_below
from entrepot.sandbox.brand import MINI
from entrepot.sandbox.clock import DAY, END, beijing
from entrepot.sandbox.dice import basket, cut_orders, life, percent, placed_instants, some
from entrepot.sandbox.facts import Movement, Order, Refund, Sku
from entrepot.sandbox.paper import WrittenFile, put, sparse_quoted
from entrepot.sandbox.people import person

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from random import Random

    from entrepot.sandbox.company import World

_HEADER = [
    "单号",
    "下单时间",
    "支付时间",
    "发货时间",
    "商品编码",
    "商品名称",
    "数量",
    "单价",
    "运费",
    "商家优惠",
    "实付",
    "退款",
    "状态",
    "昵称",
    "手机",
]
ORDERS_NAME = "mini_orders_2026.csv"
_PLANT_AT = 11
_YAML = """\
# The orders of the mini-program shop, one row per order with one article.
format: mini_program_orders
title: 小程序商城订单
table: orders
columns:
  单号: order_id
  下单时间: placed_at
  支付时间: paid_at
  发货时间: shipped_at
  商品编码: sku_id
  数量: quantity
  单价: unit_price
  运费: shipping
  商家优惠: discount_merchant
  实付: paid
  退款: refunded
  状态: state
personal:
  昵称: buyer_name
  手机: phone
states:
  待付款: open
  已取消: cancelled_unpaid
  待发货: open
  已发货: open
  已退款: closed_refunded
currency: CNY
zone: Asia/Shanghai
"""


def grow(dice: Random, count: int, skus: Sequence[Sku]) -> tuple[list[Order], list[Movement]]:
    """Draw the orders of three months. The shop is paid by card without any statement, so nothing moves."""
    return cut_orders(
        [
            _order(dice, f"MP{number:06d}{dice.randrange(10**4):04d}", placed, number, skus)
            for number, placed in enumerate(placed_instants(dice, count))
        ]
    ), []


def _order(dice: Random, order_id: str, placed: int, number: int, skus: Sequence[Sku]) -> Order:
    plant = number % 150 == _PLANT_AT and placed < END - 45 * DAY
    drawn = life(dice, placed, "done" if plant else "")
    lines = basket(dice, order_id, skus, "CNY", lines_max=1)
    order = Order("own_shop", MINI.shop, order_id, "CNY", lines, placed, 900_000 + number)
    order.shipping_minor = some(dice, 20, 800, 1000)
    order.discounts = {"merchant": percent(dice, order.goods_minor, 40, 3, 15)}
    order.paid_minor = order.goods_minor + order.shipping_minor - order.discounts["merchant"]
    if plant:
        order.paid_minor -= dice.randrange(50, 300)
    if drawn.fate == "unpaid":
        order.closed_at = drawn.closed
        return order
    order.paid_at = drawn.paid
    if drawn.fate == "cancelled":
        order.closed_at = drawn.closed
        order.refunds = [Refund(drawn.closed, order.paid_minor, 0, after=False)]
        return order
    order.shipped_at = drawn.shipped
    if drawn.fate != "done":
        lines_weight, tail = order.weights()
        share = 100 if drawn.fate == "full" else 30
        minor = tie_free_below(order.paid_minor * share // 100, lines_weight, tail)
        order.refunds = [Refund(drawn.confirmed, minor, 0, after=True)]
    return order


def write_mini(world: World, files: Path) -> list[WrittenFile]:
    """Write the orders of the shop, and the description beside the company file."""
    if MINI not in world.shops:
        return []
    skus = {sku.sku_id: sku for sku in world.skus}
    rows = [_row(order, skus) for order in world.orders_of(MINI.shop)]
    put(files / MINI.folder / ORDERS_NAME, sparse_quoted([_HEADER, *rows]).encode("utf-8-sig"))
    put(files.parent / "declared" / "mini_program_orders.yaml", _YAML.encode())
    return [
        WrittenFile(f"files/{MINI.folder}/{ORDERS_NAME}", "declared_orders", MINI.shop, len(rows)),
        WrittenFile("declared/mini_program_orders.yaml", "declared", MINI.shop, 0, "company"),
    ]


def _state(order: Order) -> str:
    if order.paid_at is None:
        return "待付款" if order.closed_at is None else "已取消"
    if order.closed_at is not None:
        return "已退款"
    return "待发货" if order.shipped_at is None else "已发货"


def _row(order: Order, skus: dict[str, Sku]) -> list[str]:
    line, who = order.lines[0], person(order.buyer)
    return [
        order.order_id,
        beijing(order.placed_at),
        beijing(order.paid_at),
        beijing(order.shipped_at),
        line.sku,
        skus[line.sku].name,
        str(line.quantity),
        decimal(line.unit_minor),
        decimal(order.shipping_minor),
        decimal(order.discounts["merchant"]),
        decimal(order.paid_minor if order.paid_at is not None else 0),
        decimal(order.refunded_minor),
        _state(order),
        who.nick,
        who.phone,
    ]
