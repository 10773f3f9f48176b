"""The Tmall flagship shop and its Alipay account, as events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import half_up, tie_free_below
from entrepot.sandbox.brand import TMALL
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

OPENING_MINOR = 5_000_000
"""What stood in the Alipay account when the world began."""

_PLANTS = {17: "short", 99: "never_settled", 203: "twice_refunded", 307: "confirmation_hidden"}
_PLANT_EVERY = 360


def grow(dice: Random, count: int, skus: Sequence[Sku]) -> tuple[list[Order], list[Movement]]:
    """Draw the orders of three months and everything that moves on the Alipay account.

    Returns:
        Orders as they stand at the end, and the movements in statement order. `doc` is the ledger line
        number.
    """
    orders: list[Order] = []
    movements: list[Movement] = []
    for number, placed in enumerate(placed_instants(dice, count)):
        order_id = f"28{number:06d}{dice.randrange(10**11):011d}"
        plant = _PLANTS.get(number % _PLANT_EVERY, "") if placed < END - 45 * DAY else ""
        if plant or not chance(dice, 3):
            forced = "full" if plant == "twice_refunded" else "done" if plant else ""
            order = _sale(dice, order_id, life(dice, placed, forced), skus, number)
            if order.closed_at is None and order.confirmed_at is not None and plant != "never_settled":
                movements += _released(dice, order, plant)
            if plant == "confirmation_hidden":
                order.quirks |= {"confirmation_hidden"}
        else:
            order = _presale(dice, order_id, placed, skus, number)
            if order.paid_at is not None:
                movements += _released(dice, order, "")
        orders.append(order)
    movements.append(_stranger(dice))
    return cut_orders(orders), _numbered(_with_cash_calls(dice, cut_movements(movements)))


def _sale(dice: Random, order_id: str, drawn: Life, skus: Sequence[Sku], number: int) -> Order:
    order = Order("tmall", TMALL.shop, order_id, "CNY", basket(dice, order_id, skus, "CNY"), drawn.placed, number)
    order.shipping_minor = some(dice, 10, 600, 1200)
    goods = order.goods_minor
    if drawn.fate == "unpaid":
        # The list of an unpaid order shows what is payable, and no coupon has been used yet.
        order.closed_at = drawn.closed
        order.paid_minor = goods + order.shipping_minor
        return order
    merchant = percent(dice, goods, 35, 3, 12)
    order.discounts = {
        "merchant": tie_free_below(merchant, [line.goods_minor for line in order.lines]),
        "platform": min(some(dice, 22, 300, 2000), goods // 8),
    }
    order.points_minor = min(some(dice, 10, 10, 300), goods // 20)
    order.paid_minor = goods + order.shipping_minor - sum(order.discounts.values()) - order.points_minor
    order.paid_at = drawn.paid
    order.refunds = refund_of(dice, order, drawn)
    if drawn.fate == "cancelled":
        order.closed_at = drawn.closed
        # Some exports do not lower the amount paid by the refund; only where the sum gives it away.
        if dice.randrange(10) == 0 and 2 * order.paid_minor > goods + order.shipping_minor:
            order.quirks |= {"paid_not_lowered"}
        return order
    order.shipped_at, order.confirmed_at = drawn.shipped, drawn.confirmed
    return order


def _presale(dice: Random, order_id: str, placed: int, skus: Sequence[Sku], number: int) -> Order:
    """An order with a deposit and a balance: paid in full, still open, or given up."""
    lines = basket(dice, order_id, skus, "CNY", lines_max=1)
    order = Order("tmall", TMALL.shop, order_id, "CNY", lines, placed, number, kind="presale")
    order.paid_minor = order.goods_minor
    order.deposit_minor = order.goods_minor * dice.randrange(10, 25) // 100
    order.deposit_at = placed + dice.randrange(20, 600)
    balance_at = order.deposit_at + dice.randrange(5 * DAY, 10 * DAY)
    if chance(dice, 25):
        order.closed_at = order.deposit_at + 12 * DAY
        return order
    order.paid_at = balance_at
    order.shipped_at = balance_at + dice.randrange(6 * HOUR, 2 * DAY)
    order.confirmed_at = order.shipped_at + dice.randrange(2 * DAY, 11 * DAY)
    return order


def _released(dice: Random, order: Order, plant: str) -> list[Movement]:
    """What reaches the account once the buyer has confirmed, and what leaves it again."""
    assert order.confirmed_at is not None, "money is released at the buyer's confirmation"
    at = order.confirmed_at + dice.randrange(2, 90)
    before = sum(refund.minor for refund in order.refunds if not refund.after)
    buyer = order.paid_minor - before - (dice.randrange(1, 500) if plant == "short" else 0)
    third_party = order.third_party_minor
    income = buyer + third_party

    def line(kind: str, minor: int, label: str, code: str = "", when: int = at) -> Movement:
        return Movement(when, "tmall", TMALL.shop, kind, minor, "CNY", code, order.order_id, None, "", label)

    moves = [line("order_income", buyer, "在线支付|")]
    if third_party:
        moves.append(line("order_income", third_party, "交易付款|天猫卡券与集分宝结算"))
    # Fees are booked in the same second as the income: only the order of the rows tells the balances apart.
    moves.append(line("fee", -half_up(income * 500, 10_000), "其它|天猫佣金（类目）", "commission"))
    if chance(dice, 25):
        rate = dice.choice((800, 1000, 1500))
        moves.append(
            line(
                "fee",
                -half_up(buyer * rate, 10_000),
                f"其它|淘宝客佣金代扣款[{order.order_id}]",
                "affiliate_commission",
            )
        )
    if chance(dice, 40):
        moves.append(line("fee", -max(1, half_up(buyer * 50, 10_000)), "其它|代扣返点积分", "points_cost"))
    if chance(dice, 8):
        moves.append(line("fee", -max(1, half_up(buyer * 60, 10_000)), "收费|信用卡支付服务费", "payment_fee"))
    if chance(dice, 12):
        moves.append(line("fee", -dice.randrange(30, 90), "其它|保险承保-退货运费险", "insurance"))
    for refund in order.refunds:
        if refund.after:
            moves += [line("order_refund", -refund.minor, "交易退款|售后退款", "", refund.at)]
            if plant == "twice_refunded":
                moves += [line("order_refund", -refund.minor, "交易退款|售后退款", "", refund.at + 2 * HOUR)]
    return moves


def _stranger(dice: Random) -> Movement:
    """Money for an order that was placed before the world began, so no list names it."""
    order_ref = f"27999999{dice.randrange(10**11):011d}"
    at = START + 3 * DAY + dice.randrange(DAY)
    return Movement(at, "tmall", TMALL.shop, "order_income", 15_800, "CNY", "", order_ref, None, "", "在线支付|")


def _with_cash_calls(dice: Random, movements: list[Movement]) -> list[Movement]:
    """Put a withdrawal and an advertising top-up into every week, never more than the account holds."""
    out: list[Movement] = []
    balance, due = OPENING_MINOR, START + 7 * DAY
    for move in movements:
        if move.at >= due:
            topup, payout = min(300_000, balance // 10), balance // 2
            at = due + dice.randrange(60, HOUR)
            due += 7 * DAY
            if at < move.at and topup > 0:
                out.append(_cash(at, "ad_topup", -topup, "转账|阿里妈妈充值"))
                out.append(_cash(at + 30, "withdrawal", -payout, "提现|提现到银行卡"))
                balance -= topup + payout
        out.append(move)
        balance += move.amount_minor
    return sorted(out, key=lambda move: move.at)


def _cash(at: int, kind: str, minor: int, label: str) -> Movement:
    return Movement(at, "tmall", TMALL.shop, kind, minor, "CNY", "", None, None, "", label)


def _numbered(movements: list[Movement]) -> list[Movement]:
    for number, move in enumerate(movements):
        move.doc = f"{beijing(move.at)[:10].replace('-', '')}{number:010d}"
    return movements
