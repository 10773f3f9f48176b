"""The Amazon shop as its settlement tells it: there is no order list, so an order is what its lines say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import half_up
from entrepot.sandbox.brand import AMAZON_US
from entrepot.sandbox.clock import DAY, END, HOUR, START
from entrepot.sandbox.dice import basket, chance, cut_movements, cut_orders, percent, placed_instants
from entrepot.sandbox.facts import Movement, Order, Sku
from entrepot.sandbox.people import ABROAD_FROM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

PERIOD = 14 * DAY
_TAX_BP = (0, 600, 825, 1025)
_COMMISSION_BP = 1500


def settlement_id(at: int) -> str:
    """Number of the fortnightly settlement that an instant falls into."""
    return f"{18_800_000_000 + (at - START) // PERIOD}"


def batch_paid_at(number: str) -> int:
    """When a settlement is paid out: two days after it ends, as its first row says."""
    first = START + (int(number) - 18_800_000_000) * PERIOD
    return min(first + PERIOD, END) + 2 * DAY


def grow(dice: Random, count: int, skus: Sequence[Sku]) -> tuple[list[Order], list[Movement]]:
    """Draw the orders of three months and the lines of the settlements.

    Returns:
        Orders as they stand at the end, and movements whose `doc` is the settlement, `label` transaction
        type, amount type and description, `line` the article.
    """
    orders: list[Order] = []
    movements: list[Movement] = []
    for number, placed in enumerate(placed_instants(dice, count)):
        order_id = f"112-{number:07d}-{dice.randrange(10**7):07d}"
        order = _order(dice, order_id, placed, ABROAD_FROM + 2_000_000 + number, skus)
        orders.append(order)
        movements += _posted(order)
        if chance(dice, 5):
            movements += _refunded(dice, order)
    return cut_orders(orders), cut_movements([*movements, *_other(dice)])


def _order(dice: Random, order_id: str, placed: int, buyer: int, skus: Sequence[Sku]) -> Order:
    lines = basket(dice, order_id, skus, "USD")
    if chance(dice, 80):
        lines = lines[:1]
    rate = dice.choice(_TAX_BP)
    for line in lines:
        line.merchant_minor = percent(dice, line.goods_minor, 15, 5, 20)
        line.tax_minor = half_up((line.goods_minor - line.merchant_minor) * rate, 10_000)
    if chance(dice, 15):
        lines[0].shipping_minor = 599
    order = Order("amazon", AMAZON_US.shop, order_id, "USD", lines, placed, buyer, stated_per_line=True)
    order.shipping_minor = lines[0].shipping_minor
    order.tax_minor = sum(line.tax_minor for line in lines) + _shipping_tax(order, rate)
    order.discounts = {"merchant": sum(line.merchant_minor for line in lines)}
    order.paid_minor = order.goods_minor + order.shipping_minor + order.tax_minor - order.discounts["merchant"]
    # All that is known of an Amazon order is the day on which its lines were posted.
    order.paid_at = order.shipped_at = placed
    return order


def _shipping_tax(order: Order, rate: int) -> int:
    return half_up(order.shipping_minor * rate, 10_000)


def _row(order: Order, at: int, number: int, kind: str, minor: int, label: str, code: str = "") -> Movement:
    return Movement(
        at, "amazon", order.shop, kind, minor, "USD", code, order.order_id, number, settlement_id(at), label
    )


def _posted(order: Order) -> list[Movement]:
    """Price, tax and promotion are income; the marketplace withholds the tax again and takes its fees."""
    moves: list[Movement] = []
    at = order.placed_at
    shipping_tax = order.tax_minor - sum(line.tax_minor for line in order.lines)
    for number, line in enumerate(order.lines):
        extra = shipping_tax if number == 0 else 0
        commission = half_up((line.goods_minor - line.merchant_minor) * _COMMISSION_BP, 10_000)
        for kind, minor, label, code in (
            ("order_income", line.goods_minor, "ItemPrice|Principal", ""),
            ("order_income", line.tax_minor, "ItemPrice|Tax", ""),
            ("order_income", line.shipping_minor, "ItemPrice|Shipping", ""),
            ("order_income", extra, "ItemPrice|ShippingTax", ""),
            ("order_income", -line.merchant_minor, "Promotion|Principal", ""),
            ("tax_withheld", -line.tax_minor, "ItemWithheldTax|MarketplaceFacilitatorTax-Principal", ""),
            ("tax_withheld", -extra, "ItemWithheldTax|MarketplaceFacilitatorTax-Shipping", ""),
            ("fee", -commission, "ItemFees|Commission", "commission"),
            ("fee", -(309 + 41 * line.quantity), "ItemFees|FBAPerUnitFulfillmentFee", "logistics_fee"),
            ("fee", -line.shipping_minor, "ItemFees|ShippingChargeback", "shipping_fee"),
        ):
            if minor:
                moves.append(_row(order, at, number, kind, minor, f"Order|{label}", code))
    return moves


def _refunded(dice: Random, order: Order) -> list[Movement]:
    """All or half of the article goes back: the same lines, signs turned, and most of the commission."""
    at, number = order.placed_at + dice.randrange(3 * DAY, 25 * DAY), dice.randrange(len(order.lines))
    line = order.lines[number]
    part = dice.choice((1, 1, 2))
    price, tax, off = line.goods_minor // part, line.tax_minor // part, line.merchant_minor // part
    commission = half_up((price - off) * _COMMISSION_BP, 10_000)
    return [
        _row(order, at, number, kind, minor, f"Refund|{label}", code)
        for kind, minor, label, code in (
            ("order_refund", -price, "ItemPrice|Principal", ""),
            ("order_refund", -tax, "ItemPrice|Tax", ""),
            ("order_refund", off, "Promotion|Principal", ""),
            ("tax_withheld", tax, "ItemWithheldTax|MarketplaceFacilitatorTax-Principal", ""),
            ("fee", commission, "ItemFees|Commission", "commission"),
            ("fee", -min(commission // 5, 500), "ItemFees|RefundCommission", "commission"),
        )
        if minor
    ]


def _other(dice: Random) -> list[Movement]:
    """What belongs to no order: advertising every week, storage and subscription every month, the reserve."""
    moves: list[Movement] = []

    def other(at: int, kind: str, minor: int, label: str, code: str = "") -> None:
        moves.append(
            Movement(at, "amazon", AMAZON_US.shop, kind, minor, "USD", code, None, None, settlement_id(at), label)
        )

    for week in range(13):
        at = START + week * 7 * DAY + 5 * DAY
        spent = dice.randrange(15_000, 40_000)
        other(at, "ad_spend", -spent, "ServiceFee|Cost of Advertising|TransactionTotalAmount")
    for month in range(3):
        at = START + (month * 30 + 9) * DAY
        other(
            at,
            "fee",
            -dice.randrange(2_000, 6_000),
            "other-transaction|other-transaction|Storage Fee",
            "storage_fee",
        )
        other(at, "fee", -3_999, "other-transaction|other-transaction|Subscription Fee", "subscription_fee")
    held = 0
    for first in range(START, END, PERIOD):
        if held:
            label = "other-transaction|other-transaction|Previous Reserve Amount Balance"
            other(first + HOUR, "reserve", held, label)
        held = dice.randrange(20_000, 60_000)
        label = "other-transaction|other-transaction|Current Reserve Amount"
        other(min(first + PERIOD, END) - HOUR, "reserve", -held, label)
    return moves
