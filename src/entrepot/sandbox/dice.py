"""Chance, shared by all shops: what is bought, and how an order's life goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import tie_free_below
from entrepot.sandbox.clock import DAY, DAYS, END, HOUR, START
from entrepot.sandbox.facts import Line, Movement, Order, Refund, Sku, as_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

_FESTIVALS = {8: 3, 18: 2, 38: 4, 39: 3, 56: 2, 75: 3, 80: 4, 81: 3}
"""Days of the world that sell several times as much: Qixi, 9.9, Mid-Autumn, Double Eleven."""


@dataclass(frozen=True, slots=True)
class Life:
    """How the life of one order goes. Instants may lie behind the end of the world; they are cut there."""

    fate: str
    placed: int
    paid: int
    shipped: int
    confirmed: int
    closed: int


def placed_instants(dice: Random, count: int) -> list[int]:
    """Instants at which orders are placed, ascending and all different."""
    weights = [_FESTIVALS.get(day, 1) for day in range(DAYS)]
    taken: set[int] = set()
    for day in dice.choices(range(DAYS), weights, k=count):
        instant = START + day * DAY + min(int(dice.triangular(0, DAY - 3600, 20 * HOUR)), DAY - 3600)
        while instant in taken:
            instant += 7
        taken.add(instant)
    return sorted(taken)


def basket(dice: Random, order_id: str, skus: Sequence[Sku], currency: str, lines_max: int = 3) -> list[Line]:
    """One to a few different articles, in quantities of one to three."""
    count = min(dice.choices((1, 2, 3), (70, 22, 8))[0], lines_max)
    return [
        Line(
            line_id=f"{order_id}-{number}",
            sku=sku.sku_id,
            quantity=dice.choices((1, 2, 3), (76, 18, 6))[0],
            unit_minor=sku.prices[currency],
        )
        for number, sku in enumerate(dice.sample(skus, count), start=1)
    ]


def life(dice: Random, placed: int, forced: str = "") -> Life:
    """Draw the life of an order.

    Args:
        dice: Chance.
        placed: When it was placed.
        forced: A fate that is wanted here: planted anomalies need an order that goes its ordinary way.
    """
    fate = (
        forced or dice.choices(("done", "unpaid", "cancelled", "before", "after", "full"), (862, 45, 35, 20, 22, 16))[0]
    )
    paid = placed + dice.randrange(5, 1500)
    shipped = paid + dice.randrange(3 * HOUR, 3 * DAY)
    confirmed = shipped + dice.randrange(2 * DAY, 11 * DAY)
    closed = placed + dice.randrange(HOUR, DAY) if fate == "unpaid" else paid + dice.randrange(HOUR, 2 * DAY)
    return Life(fate, placed, paid, shipped, confirmed, closed)


def some(dice: Random, share_percent: int, low: int, high: int) -> int:
    """An amount between two bounds in a share of all cases, else nothing."""
    hit = chance(dice, share_percent)
    amount = dice.randrange(low, high + 1)
    return amount if hit else 0


def chance(dice: Random, share_percent: int) -> bool:
    """Does something happen that happens in so many of a hundred cases?"""
    return dice.randrange(100) < share_percent


def percent(dice: Random, of_minor: int, share_percent: int, low: int, high: int) -> int:
    """A percentage of an amount, in a share of all cases, else nothing. Whole minor units."""
    return of_minor * some(dice, share_percent, low, high) // 100


def cut_orders(orders: Sequence[Order]) -> list[Order]:
    """The orders as they stand at the end of the world, in the order in which they were placed."""
    seen = (as_of(order, END) for order in orders)
    return sorted((order for order in seen if order), key=lambda order: (order.placed_at, order.order_id))


def cut_movements(movements: Sequence[Movement]) -> list[Movement]:
    """The movements before the end of the world, oldest first; equal instants keep their order."""
    return sorted((move for move in movements if move.at < END), key=lambda move: move.at)


def refund_of(dice: Random, order: Order, drawn: Life) -> list[Refund]:
    """The refund that an order's life asks for, if any: at most one.

    A closed order gets everything back on the day it is closed; `before` lies between shipping and
    confirmation, `after` and `full` behind the confirmation. Amounts do not depend on the order of the lines
    when shared out.
    """
    if drawn.fate == "cancelled":
        return [Refund(drawn.closed, order.paid_minor, 0, after=False)]
    if drawn.fate not in ("before", "after", "full"):
        return []
    lines, tail = order.weights()
    share = 100 if drawn.fate == "full" else dice.randrange(10, 60)
    minor = tie_free_below(order.paid_minor * share // 100, lines, tail)
    if drawn.fate == "before":
        at = drawn.shipped + (drawn.confirmed - drawn.shipped) * dice.randrange(20, 90) // 100
    else:
        at = drawn.confirmed + dice.randrange(2 * HOUR, 14 * DAY)
    return [Refund(at, minor, 0, after=drawn.fate != "before")]
