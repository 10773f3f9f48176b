"""Random operations on orders by the million, the invariants held after every few thousand.

    python -m tests.ledger.money_soak --operations 1000000 --seed 1

The operations and the checks are those of test_money_machine.py; here dice draw them instead of hypothesis, so that one
ledger holds thousands of orders at once. Rounds are independent: each begins with an empty company.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.ledger.test_money_machine import _SHOPS, Money

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PER_ROUND = 4_000


class _Round(Money):
    """One company; its days are shorter, so that thousands of operations stay within a few months."""

    def _tick(self) -> datetime:
        self.now += timedelta(minutes=29)
        self.changed = True
        return self.now


def _operations(company: Money, dice: Random) -> list[Callable[[], None]]:
    """What may happen next, drawn anew each time; placing is as likely as everything else together with an order."""
    shop = dice.choice(sorted(_SHOPS))
    minor, few, index = dice.randint(1, 99_999), dice.randint(0, 999), dice.randrange(1_000_000)
    prices = [(dice.randint(0, 3), dice.randint(1, 4), dice.randint(1, 99_999)) for _ in range(dice.randint(1, 4))]
    amounts = [dice.randint(0, 999) for _ in range(6)]
    kinds = ("ad_topup", "withdrawal", "reserve", "compensation", "adjustment")
    place = lambda: company.place(shop, prices, *amounts, pays=dice.random() < 0.8)  # noqa: E731 one of a list of calls
    return [
        *[place] * 4,
        *[lambda: company.confirm_or_ship(index)] * 3,
        lambda: company.close_and_refund_all(index),
        lambda: company.refund_before(index, minor, all_of_it=dice.random() < 0.3),
        lambda: company.refund_through_the_wallet(index, minor, dice.choice(("part", "rest", "too much"))),
        *[lambda: company.settle(index, dice.randint(1, 3), dice.choice((0, 0, 0, 1, 250)))] * 3,
        lambda: company.charge(shop, few, given_back=dice.random() < 0.2, of_order=dice.random() < 0.5),
        lambda: company.move_otherwise(dice.choice(kinds), minor),
        lambda: company.settle_an_order_that_nobody_knows(minor),
        lambda: company.lose_a_line_of_the_statement(minor),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run rounds until enough operations are done; a violation ends it with its assertion."""
    parser = argparse.ArgumentParser(prog="python -m tests.ledger.money_soak")
    parser.add_argument("--operations", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    dice, began, done = Random(chosen.seed), time.monotonic(), 0
    while done < chosen.operations:
        company = _Round()
        company.open_the_wallet(dice.randint(1, 99_999))
        for _ in range(min(_PER_ROUND, chosen.operations - done)):
            dice.choice(_operations(company, dice))()
            done += 1
        company._check()
        sys.stderr.write(f"{done:,} operations, 0 violations, {time.monotonic() - began:,.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
