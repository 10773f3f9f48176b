"""The JD shop and its wallet, as events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import allocate, half_up, tie_free_below
from entrepot.sandbox.brand import JD
from entrepot.sandbox.clock import DAY, END, HOUR
from entrepot.sandbox.dice import (
    Life,
    basket,
    chance,
    cut_movements,
    cut_orders,
    life,
    percent,
    placed_instants,
    refund_of,
    some,
)
from entrepot.sandbox.facts import Movement, Order, Sku

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

_PLANTS = {41: "short", 133: "never_settled"}
_PLANT_EVERY = 330
_COMMISSION_BP = 600
_HELD = {3: "locked", 7: "paused", 11: "to_be_delivered"}


def grow(dice: Random, count: int, skus: Sequence[Sku]) -> tuple[list[Order], list[Movement]]:
    """Draw the orders of three months and the lines of the wallet.

    Returns:
        Orders as they stand at the end, and movements whose `label` is fee item and document type, `doc` the
        document's number, `line` the article where the line names one.
    """
    orders: list[Order] = []
    movements: list[Movement] = []
    for number, placed in enumerate(placed_instants(dice, count)):
        order_id = f"31{number:06d}{dice.randrange(10**5):05d}"
        plant = _PLANTS.get(number % _PLANT_EVERY, "") if placed < END - 45 * DAY else ""
        order = _order(dice, order_id, life(dice, placed, "done" if plant else ""), skus, number)
        orders.append(order)
        if order.confirmed_at is not None and plant != "never_settled":
            movements += _settled(dice, order, plant)
            movements += _refunded(dice, order)
    return cut_orders(orders), cut_movements(movements)


def held(order: Order) -> str:
    """Why an order that is paid waits: `locked`, `paused`, `to_be_delivered`; empty for no reason of the platform."""
    waits = order.paid_at is not None and order.shipped_at is None and order.closed_at is None
    return _HELD.get(order.buyer % 17, "") if waits else ""


def _order(dice: Random, order_id: str, drawn: Life, skus: Sequence[Sku], number: int) -> Order:
    order = Order("jd", JD.shop, order_id, "CNY", basket(dice, order_id, skus, "CNY"), drawn.placed, number)
    goods = order.goods_minor
    order.shipping_minor = some(dice, 12, 600, 1000)
    merchant = percent(dice, goods, 30, 3, 15)
    order.discounts = {"merchant": tie_free_below(merchant, [line.goods_minor for line in order.lines])}
    tender = some(dice, 6, 500, 3000)
    platform = min(some(dice, 25, 200, 1500), goods // 10)
    if drawn.fate not in ("unpaid", "cancelled"):
        order.discounts["platform"] = platform
        order.balance_minor = min(tender, goods // 3)
    order.paid_minor = goods + order.shipping_minor - sum(order.discounts.values()) - order.balance_minor
    if drawn.fate == "unpaid":
        order.closed_at = drawn.closed
        return order
    order.paid_at = drawn.paid
    if drawn.fate == "cancelled":
        order.closed_at = drawn.closed
    else:
        order.shipped_at, order.confirmed_at = drawn.shipped, drawn.confirmed
    order.refunds = refund_of(dice, order, drawn)
    return order


def _line(order: Order, at: int, kind: str, minor: int, label: str, doc: str = "") -> Movement:
    return Movement(at, "jd", JD.shop, kind, minor, "CNY", "", order.order_id, None, doc or order.order_id, label)


def _settled(dice: Random, order: Order, plant: str) -> list[Movement]:
    """The document of an order: goods per article, freight, commission per article, and small fees."""
    assert order.confirmed_at is not None, "JD settles after the buyer's confirmation"
    at = order.confirmed_at + dice.randrange(DAY, 5 * DAY)
    goods = order.goods_minor - order.discounts["merchant"]
    weights = [line.goods_minor for line in order.lines]
    short = dice.randrange(1, 600) if plant == "short" else 0
    moves: list[Movement] = []
    for number, share in enumerate(allocate(goods, weights)):
        income = _line(order, at, "order_income", share - (short if number == 0 else 0), "货款|订单")
        commission = _line(order, at, "fee", -half_up(share * _COMMISSION_BP, 10_000), "佣金|订单")
        commission.code = "commission"
        income.line = commission.line = number
        moves += [income, commission]
    if order.shipping_minor:
        moves.append(_line(order, at, "order_income", order.shipping_minor, "代收配送费|订单"))
    if chance(dice, 30):
        beans = _line(order, at, "fee", -max(1, half_up(goods * 30, 10_000)), "随单送的京豆|订单")
        beans.code, beans.line = "points_cost", 0
        moves.append(beans)
    if chance(dice, 10):
        message = _line(order, at, "fee", -5, "短信服务费|订单")
        message.code = "message_fee"
        moves.append(message)
    return moves


def _refunded(dice: Random, order: Order) -> list[Movement]:
    """Refunds are documents of their own, each with its own day; after-sales give the commission back."""
    moves: list[Movement] = []
    for refund in order.refunds:
        kind = "售后服务单" if refund.after else "取消退款单"
        doc = f"AS{order.order_id}"
        at = refund.at + dice.randrange(HOUR, 10 * HOUR)
        back = _line(order, at, "order_refund", -refund.minor, f"货款|{kind}", doc)
        back.line = refund.line
        moves.append(back)
        if refund.after:
            given = _line(order, at, "fee", half_up(refund.minor * _COMMISSION_BP, 10_000), f"佣金|{kind}", doc)
            given.code, given.line = "commission", refund.line
            moves.append(given)
    return moves
