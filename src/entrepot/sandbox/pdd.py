"""The Pinduoduo shop and its bill, as events. An order holds one article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import half_up
from entrepot.sandbox.brand import PDD
from entrepot.sandbox.clock import DAY, END, HOUR, START, beijing
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

INCOME = "交易收入||0010002|交易收入-订单收入"
_REFUND = "退款||0020002|交易退款-订单退款"
_SERVICE = "技术服务费|基础技术服务费|0030002|技术服务费-基础技术服务费"
_SERVICE_BACK = "技术服务费|基础技术服务费返还|0030002|技术服务费-基础技术服务费"
_OTHER = "其他支出|合作费追回|0140028|其他支出-合作费追回"
_WITHDRAWAL = "提现|提现到银行卡|0070001|提现-提现到银行卡"
_TOPUP = "转账|多多推广充值|0050001|推广充值-多多推广"

_PLANTS = {
    23: "short",
    87: "never_settled",
    151: "identity",
    219: "confirmation_hidden",
    283: "three_do_not_divide",
    311: "no_deal_time",
}
_PLANT_EVERY = 340
_SERVICE_BP = 60


def grow(dice: Random, count: int, skus: Sequence[Sku]) -> tuple[list[Order], list[Movement]]:
    """Draw the orders of three months and the rows of the bill.

    Returns:
        Orders as they stand at the end, and movements whose `label` is type, remark and description of the
        bill.
    """
    orders: list[Order] = []
    movements: list[Movement] = []
    for number, placed in enumerate(placed_instants(dice, count)):
        day = beijing(placed)[2:10].replace("-", "")
        order_id = f"{day}-{number:06d}{dice.randrange(10**9):09d}"
        plant = _PLANTS.get(number % _PLANT_EVERY, "") if placed < END - 45 * DAY else ""
        order = _order(dice, order_id, life(dice, placed, "done" if plant else ""), skus, number)
        if plant == "identity":
            order.paid_minor -= dice.randrange(50, 300)
        if plant == "three_do_not_divide":
            _one_of_the_whole(order)
        if plant in ("confirmation_hidden", "no_deal_time", "three_do_not_divide"):
            order.quirks |= {plant}
        orders.append(order)
        if order.confirmed_at is not None and plant != "never_settled":
            movements += _billed(dice, order, plant)
    return cut_orders(orders), cut_movements([*movements, *_cash_calls(dice)])


def _order(dice: Random, order_id: str, drawn: Life, skus: Sequence[Sku], number: int) -> Order:
    lines = basket(dice, order_id, skus, "CNY", lines_max=1)
    order = Order("pinduoduo", PDD.shop, order_id, "CNY", lines, drawn.placed, number)
    goods = order.goods_minor
    order.shipping_minor = some(dice, 6, 300, 800)
    order.discounts = {
        "merchant": percent(dice, goods, 45, 3, 20),
        "platform": min(some(dice, 30, 200, 2000), goods // 8),
        "payment_provider": min(some(dice, 12, 10, 300), goods // 20),
    }
    order.paid_minor = goods + order.shipping_minor - sum(order.discounts.values())
    if drawn.fate == "unpaid":
        order.closed_at = drawn.closed
        return order
    # The export knows one instant for placing and paying.
    order.paid_at = drawn.placed
    if drawn.fate == "cancelled":
        order.closed_at = drawn.closed
    else:
        order.shipped_at, order.confirmed_at = drawn.shipped, drawn.confirmed
    order.refunds = refund_of(dice, order, drawn)
    return order


def _one_of_the_whole(order: Order) -> None:
    """Let the goods be a sum that three articles cannot have: it is read as one unit of the whole."""
    line = order.lines[0]
    line.unit_minor, line.quantity = line.goods_minor * 3 // line.quantity + 1, 1
    order.discounts = {}
    order.paid_minor = line.unit_minor + order.shipping_minor


def _billed(dice: Random, order: Order, plant: str) -> list[Movement]:
    assert order.confirmed_at is not None, "the bill follows the buyer's confirmation"
    at = order.confirmed_at + dice.randrange(60, 2 * DAY)
    income = order.paid_minor + order.third_party_minor
    short = dice.randrange(1, 400) if plant == "short" else 0

    def row(when: int, kind: str, minor: int, label: str, code: str = "") -> Movement:
        return Movement(when, "pinduoduo", PDD.shop, kind, minor, "CNY", code, order.order_id, None, "", label)

    fee = max(1, half_up(income * _SERVICE_BP, 10_000))
    moves = [row(at, "order_income", income - short, INCOME), row(at, "fee", -fee, _SERVICE, "service_fee")]
    if chance(dice, 3):
        moves.append(row(at + HOUR, "fee", -dice.randrange(100, 900), _OTHER, "other_fee"))
    for refund in order.refunds:
        moves.append(row(refund.at, "order_refund", -refund.minor, _REFUND))
        back = half_up(refund.minor * _SERVICE_BP, 10_000)
        if back and refund.after:
            moves.append(row(refund.at + 60, "fee", back, _SERVICE_BACK, "service_fee"))
    return moves


def _cash_calls(dice: Random) -> list[Movement]:
    """A withdrawal and an advertising top-up every week."""
    moves: list[Movement] = []
    for week in range(2, 13):
        at = START + week * 7 * DAY + dice.randrange(HOUR, 20 * HOUR)
        for kind, minor, label in (
            ("withdrawal", dice.randrange(300_000, 900_000), _WITHDRAWAL),
            ("ad_topup", 100_000, _TOPUP),
        ):
            moves.append(Movement(at, "pinduoduo", PDD.shop, kind, -minor, "CNY", "", None, None, "", label))
    return moves
