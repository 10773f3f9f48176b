"""The two Douyin shops and their settlement, as events: one at home, one across the border with tax."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import half_up, tie_free_below
from entrepot.sandbox.brand import DOUYIN, DOUYIN_GLOBAL
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
    some,
)
from entrepot.sandbox.facts import Line, Movement, Order, Refund, Shop, Sku

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

SETTLED, BACK, BACK_OTHERWISE = "已结算", "结算后退款-原路退回", "结算后退款-非原路退回"
FEES = (
    ("平台服务费", "service_fee"),
    ("佣金", "affiliate_commission"),
    ("渠道分成", "channel_share"),
    ("招商服务费", "recruiting_fee"),
    ("站外推广费", "promotion_fee"),
    ("其他分成", "other_fee"),
)
COMPOSITE_TAX_BP = 910

_PLANTS = {29: "short", 117: "never_settled", 173: "identity"}
_PLANT_EVERY = 300


def grow_domestic(dice: Random, count: int, skus: Sequence[Sku]) -> tuple[list[Order], list[Movement]]:
    """Draw the domestic shop: see `_grow`."""
    return _grow(dice, DOUYIN, "69", count, skus)


def grow_global(dice: Random, count: int, skus: Sequence[Sku]) -> tuple[list[Order], list[Movement]]:
    """Draw the cross-border shop: composite tax on top, collected and kept by the platform."""
    return _grow(dice, DOUYIN_GLOBAL, "68", count, skus)


def _grow(dice: Random, shop: Shop, head: str, count: int, skus: Sequence[Sku]) -> tuple[list[Order], list[Movement]]:
    """Draw the orders of three months and the rows of the settlement.

    Returns:
        Orders as they stand at the end, and movements: those of one settlement row share `doc`, `line` is the
        position of the sub-order, `label` the row's type.
    """
    orders: list[Order] = []
    movements: list[Movement] = []
    for number, placed in enumerate(placed_instants(dice, count)):
        order_id = f"{head}{number:06d}{dice.randrange(10**9):09d}00"
        plant = _PLANTS.get(number % _PLANT_EVERY, "") if placed < END - 45 * DAY else ""
        order = _order(dice, shop, order_id, life(dice, placed, "done" if plant else ""), skus, number)
        if plant == "identity":
            order.paid_minor -= dice.randrange(50, 300)
            order.quirks |= {"identity"}
        orders.append(order)
        if order.confirmed_at is not None and plant != "never_settled":
            movements += _settled(dice, order, plant)
    return cut_orders(orders), cut_movements(movements)


def _order(dice: Random, shop: Shop, order_id: str, drawn: Life, skus: Sequence[Sku], number: int) -> Order:
    lines = basket(dice, order_id, skus, "CNY")
    for at, line in enumerate(lines):
        line.line_id = order_id if len(lines) == 1 else f"{order_id[:-2]}{at + 1:02d}"
        _discount(dice, line, shop)
    if shop == DOUYIN:
        lines[0].shipping_minor = some(dice, 8, 500, 1000)
    order = Order("douyin", shop.shop, order_id, "CNY", lines, drawn.placed, number, stated_per_line=True)
    order.platform_keeps_tax = shop == DOUYIN_GLOBAL
    order.shipping_minor = lines[0].shipping_minor
    order.tax_minor = sum(line.tax_minor for line in lines)
    order.discounts = {
        "merchant": sum(line.merchant_minor for line in lines),
        "platform": sum(line.platform_minor for line in lines),
        "talent": sum(line.talent_minor for line in lines),
        "payment_provider": sum(line.payment_minor for line in lines),
    }
    order.paid_minor = sum(paid_for(line) for line in lines)
    if drawn.fate == "unpaid":
        order.closed_at = drawn.closed
        return order
    order.paid_at = drawn.paid
    if drawn.fate == "cancelled":
        order.closed_at = drawn.closed
        order.refunds = [Refund(drawn.closed, order.paid_minor, 0, after=False)]
        return order
    order.shipped_at, order.confirmed_at = drawn.shipped, drawn.confirmed
    order.refunds = _refund(dice, order, drawn)
    return order


def _discount(dice: Random, line: Line, shop: Shop) -> None:
    """Draw what each funder takes off a line, and the tax on what is left."""
    goods = line.goods_minor
    line.merchant_minor = percent(dice, goods, 40, 3, 15)
    line.platform_minor = min(some(dice, 30, 200, 1800), goods // 8)
    line.talent_minor = min(some(dice, 8, 100, 900), goods // 10)
    line.payment_minor = min(some(dice, 10, 10, 200), goods // 25)
    if shop == DOUYIN_GLOBAL:
        taxed = goods - line.merchant_minor - line.platform_minor - line.talent_minor
        line.tax_minor = half_up(taxed * COMPOSITE_TAX_BP, 10_000)


def payable_for(line: Line) -> int:
    """What a line costs after the discounts of the order, before the one that the payment provider grants."""
    off = line.merchant_minor + line.platform_minor + line.talent_minor
    return line.goods_minor + line.shipping_minor + line.tax_minor - off


def paid_for(line: Line) -> int:
    """What the buyer pays in cash for a line."""
    return payable_for(line) - line.payment_minor


def _refund(dice: Random, order: Order, drawn: Life) -> list[Refund]:
    """At most one refund, for the first sub-order: part of it, or all of it."""
    if drawn.fate not in ("before", "after", "full"):
        return []
    lines, tail = order.weights()
    share = 100 if drawn.fate == "full" else dice.randrange(10, 60)
    # Before the settlement no more can go back than the settlement would have paid out: the tax is not in it.
    most = paid_for(order.lines[0]) - (order.lines[0].tax_minor if drawn.fate == "before" else 0)
    minor = tie_free_below(most * share // 100, lines, tail)
    if drawn.fate == "before":
        at = drawn.shipped + (drawn.confirmed - drawn.shipped) * dice.randrange(20, 90) // 100
    else:
        # After the settlement: a refund between confirmation and settlement would still count as before.
        at = drawn.confirmed + 7 * DAY + dice.randrange(2 * HOUR, 8 * DAY)
    return [Refund(at, minor, 0, after=drawn.fate != "before")]


def _settled(dice: Random, order: Order, plant: str) -> list[Movement]:
    """One row per sub-order, and one for a refund that came later."""
    assert order.confirmed_at is not None, "Douyin settles after the buyer's confirmation"
    at = order.confirmed_at + dice.randrange(DAY, 6 * DAY)
    gap = order.paid_minor - sum(paid_for(line) for line in order.lines)
    moves: list[Movement] = []
    through_talent = chance(dice, 45)
    for number, line in enumerate(order.lines):
        third_party = line.platform_minor + line.talent_minor + line.payment_minor
        income = paid_for(line) - line.tax_minor + third_party
        if number == 0:
            income += gap - sum(refund.minor for refund in order.refunds if not refund.after)
            income -= dice.randrange(1, 500) if plant == "short" else 0
        rates = {
            "service_fee": 500,
            "affiliate_commission": dice.choice((1000, 1500, 2000)) if through_talent else 0,
            "channel_share": 200 if chance(dice, 6) else 0,
            "recruiting_fee": 300 if through_talent and chance(dice, 20) else 0,
            "promotion_fee": 150 if chance(dice, 5) else 0,
            "other_fee": 80 if chance(dice, 3) else 0,
        }
        head = _move(order, at, number, "order_income", income, SETTLED)
        moves.append(head)
        for code, rate in rates.items():
            fee = half_up(max(income, 0) * rate, 10_000)
            if fee:
                moves.append(_move(order, at, number, "fee", -fee, SETTLED, code))
    for refund in order.refunds:
        if refund.after:
            label = BACK if dice.randrange(4) else BACK_OTHERWISE
            moves.append(_move(order, refund.at, refund.line, "order_refund", -refund.minor, label))
    return moves


def _move(order: Order, at: int, number: int, kind: str, minor: int, label: str, code: str = "") -> Movement:
    doc = f"{order.lines[number].line_id}|{label}|{at}"
    return Movement(at, "douyin", order.shop, kind, minor, "CNY", code, order.order_id, number, doc, label)
