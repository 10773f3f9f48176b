"""The brand's two Shopify shops and their payouts, as events."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import half_up, tie_free_below, vat_inside
from entrepot.sandbox.brand import SHOPIFY_EU, SHOPIFY_US
from entrepot.sandbox.clock import DAY, END, HOUR, START
from entrepot.sandbox.dice import basket, cut_movements, cut_orders, life, percent, placed_instants, some
from entrepot.sandbox.facts import Movement, Order, Refund, Shop, Sku
from entrepot.sandbox.people import ABROAD_FROM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

_TAX_BP = (0, 400, 600, 725, 887)
"""Sales tax of the states that buy; zero where none is owed."""
_EU_TAX_BP = 1900
"""VAT inside the prices of the European shop; stated per order, so what is used is the amount."""
_FREE_SHIPPING_FROM = 6_000
_FEE_BP, _FEE_FIXED = 290, 30


def grow_us(dice: Random, count: int, skus: Sequence[Sku]) -> tuple[list[Order], list[Movement]]:
    """Draw the American shop: sales tax on top of the prices."""
    return _grow(dice, SHOPIFY_US, "#US", ABROAD_FROM, count, skus)


def grow_eu(dice: Random, count: int, skus: Sequence[Sku]) -> tuple[list[Order], list[Movement]]:
    """Draw the European shop: tax inside the prices."""
    return _grow(dice, SHOPIFY_EU, "#EU", ABROAD_FROM + 500_000, count, skus)


def _grow(
    dice: Random, shop: Shop, head: str, first_buyer: int, count: int, skus: Sequence[Sku]
) -> tuple[list[Order], list[Movement]]:
    """Draw the orders of three months and the transactions of the payouts.

    Returns:
        Orders as they stand at the end, and movements: those of one transaction share `doc`, `label` is its
        type.
    """
    orders: list[Order] = []
    movements: list[Movement] = []
    for number, placed in enumerate(placed_instants(dice, count)):
        order = _order(dice, shop, f"{head}{1001 + number}", placed, first_buyer + number, skus)
        orders.append(order)
        movements += _charged(order)
    moves = cut_movements(movements)
    moves += _oddities(dice, shop, moves)
    return cut_orders(orders), sorted([*moves, *_payouts(shop, moves)], key=lambda move: move.at)


def _order(dice: Random, shop: Shop, name: str, placed: int, buyer: int, skus: Sequence[Sku]) -> Order:
    drawn = life(dice, placed)
    order = Order("shopify", shop.shop, name, shop.currency, basket(dice, name, skus, shop.currency), placed, buyer)
    weights = [line.goods_minor for line in order.lines]
    goods = order.goods_minor
    order.shipping_minor = 0 if goods >= _FREE_SHIPPING_FROM else 595
    order.discounts = {"merchant": tie_free_below(percent(dice, goods, 30, 5, 20), weights)}
    if shop == SHOPIFY_US:
        taxed = goods + order.shipping_minor - order.discounts["merchant"]
        order.tax_minor = half_up(taxed * dice.choice(_TAX_BP), 10_000)
    order.paid_minor = goods + order.shipping_minor + order.tax_minor - order.discounts["merchant"]
    if shop == SHOPIFY_EU:
        inside = vat_inside(order.paid_minor, _EU_TAX_BP)
        order.vat_included_minor = tie_free_below(inside, *order.weights())
    if drawn.fate == "unpaid":
        # Half of them are voided, the others stay pending.
        order.closed_at = drawn.closed if dice.randrange(2) else None
        return order
    order.paid_at = placed + 30
    if drawn.fate == "cancelled":
        order.closed_at = drawn.closed
        order.refunds = [Refund(drawn.closed, order.paid_minor, 0, after=False)]
        return order
    order.shipped_at = placed + dice.randrange(8 * HOUR, 4 * DAY)
    lines, tail = order.weights()
    share = {"before": dice.randrange(5, 30), "after": dice.randrange(10, 60), "full": 100}.get(drawn.fate, 0)
    minor = tie_free_below(order.paid_minor * share // 100, lines, tail)
    if minor:
        order.refunds = [Refund(order.shipped_at + dice.randrange(DAY, 18 * DAY), minor, 0, after=True)]
    return order


def _charged(order: Order) -> list[Movement]:
    if order.paid_at is None:
        return []
    charge = _move(order, order.paid_at, "order_income", order.paid_minor, "charge")
    fee = _move(order, order.paid_at, "fee", -half_up(order.paid_minor * _FEE_BP, 10_000) - _FEE_FIXED, "charge")
    fee.code = "payment_fee"
    return [
        charge,
        fee,
        *(_move(order, back.at, "order_refund", -back.minor, "refund") for back in order.refunds),
    ]


def _move(order: Order, at: int, kind: str, minor: int, label: str) -> Movement:
    doc = f"{order.order_id}|{label}|{at}"
    return Movement(at, "shopify", order.shop, kind, minor, order.currency, "", order.order_id, None, doc, label)


def _oddities(dice: Random, shop: Shop, moves: Sequence[Movement]) -> list[Movement]:
    """An adjustment without order, a chargeback, and a charge for an order from before the world."""
    charged = [move for move in moves if move.label == "charge" and move.kind == "order_income"]
    disputed = charged[len(charged) // 3]
    strange = f"{'#US' if shop == SHOPIFY_US else '#EU'}0988"

    def row(at: int, kind: str, minor: int, label: str, order_ref: str | None) -> Movement:
        doc = f"{order_ref}|{label}|{at}"
        return Movement(at, "shopify", shop.shop, kind, minor, shop.currency, "", order_ref, None, doc, label)

    adjusted = START + 20 * DAY + dice.randrange(DAY)
    return [
        row(adjusted, "adjustment", -some(dice, 100, 100, 900), "adjustment", None),
        row(disputed.at + 12 * DAY, "adjustment", -disputed.amount_minor, "chargeback", disputed.order_ref),
        row(START + HOUR, "order_income", 4_995, "charge", strange),
    ]


def payout_week(at: int) -> int:
    """Number of the weekly payout that a transaction belongs to."""
    return (at - START) // (7 * DAY)


def _payouts(shop: Shop, moves: Sequence[Movement]) -> list[Movement]:
    """What is transferred to the bank for every whole week."""
    weeks: defaultdict[int, int] = defaultdict(int)
    for move in moves:
        weeks[payout_week(move.at)] += move.amount_minor
    out = []
    for week, minor in sorted(weeks.items()):
        at = START + (week + 1) * 7 * DAY - 1
        if at < END and minor > 0:
            doc = f"payout|{week}"
            out.append(
                Movement(at, "shopify", shop.shop, "transfer", -minor, shop.currency, "", None, None, doc, "payout")
            )
    return out
