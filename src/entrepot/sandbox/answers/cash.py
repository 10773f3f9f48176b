"""When what is earned will be there: the forecast of the next sixty days, and the same question four weeks before."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.sandbox.answers.known import days_between, later
from entrepot.sandbox.arithmetic import half_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.sandbox.answers.known import Known, Row
    from entrepot.sandbox.rules import Judged

_HORIZON = {"forecast": 60, "backtest": 28}
_LATE_DAYS = 15
_ON_ITS_WAY_DAYS = 14


@dataclass(frozen=True, slots=True)
class _Sale:
    """One paid order with the days that matter.

    Attributes:
        received_minor: Everything that settlements say of it, fees taken off.
        paid_on: Day of the shop's next payout after it was settled; of the settlement where the shop never pays out.
    """

    shop: str
    expected_minor: int
    value_minor: int
    received_minor: int
    is_closed: bool
    bought_on: str | None
    recognised_on: str | None
    settled_on: str | None
    paid_on: str | None

    def pending(self, cut: str) -> tuple[str, str, int] | None:
        """Stage, first day and amount of what is awaited at the end of a day."""
        if self.settled_on is not None and self.settled_on <= cut:
            return None
        if self.recognised_on is not None and self.recognised_on <= cut:
            return "earned", self.recognised_on, self.expected_minor
        if self.bought_on is not None and self.bought_on <= cut and not self.is_closed:
            return "paid", self.bought_on, self.value_minor
        return None


def cash_forecast(known: Known) -> list[Row]:
    """Days on which money is expected, by shop, stage and scenario."""
    sales = _sales(known)
    rows: list[Row] = []
    for scenario, cut in (("forecast", known.last_told), ("backtest", later(known.last_told, -28))):
        for shop in {sale.shop for sale in sales}:
            own = [sale for sale in sales if sale.shop == shop]
            rows += _of_shop(known, scenario, cut, shop, own)
    return rows


def _sales(known: Known) -> list[_Sale]:
    paid_days = {
        shop: sorted({payout.day for payout in known.payouts if payout.shop == shop and payout.minor > 0})
        for shop in known.shops
    }
    return [_sale(known, case, paid_days[case.order.shop]) for case in known.paid_cases if case.value_minor > 0]


def _sale(known: Known, case: Judged, paid_days: list[str]) -> _Sale:
    order = case.order
    moves = known.moves_by_order.get((order.shop, order.order_id), [])
    incomes = [move.at for move in moves if move.kind == "order_income"]
    settled_on = known.day(min(incomes), order.shop) if incomes else None
    paid_on = settled_on
    if paid_days and settled_on is not None:
        paid_on = next((day for day in paid_days if day >= settled_on), None)
    bought_at = None if "no_deal_time" in order.quirks else order.paid_at
    return _Sale(
        shop=order.shop,
        expected_minor=case.settlement_due_minor,
        value_minor=case.value_minor,
        received_minor=sum(move.amount_minor for move in moves),
        is_closed=order.closed_at is not None,
        bought_on=None if bought_at is None else known.day(bought_at, order.shop),
        recognised_on=None if case.recognised_at is None else known.day(case.recognised_at, order.shop),
        settled_on=settled_on,
        paid_on=paid_on,
    )


def _nearest_rank(days: list[int], per_cent: int) -> int | None:
    """The fewest days within which so many of a hundred were there."""
    ordered = sorted(days)
    return ordered[-(-len(ordered) * per_cent // 100) - 1] if ordered else None


def _steps(known: Known, sales: list[_Sale], shop: str, cut: str) -> dict[str, list[int]]:
    """Days that each step took, as far as it was known."""
    steps: defaultdict[str, list[int]] = defaultdict(list)
    for sale in sales:
        if sale.paid_on is None or sale.paid_on > cut:
            continue
        for step, first in (("earned", sale.recognised_on), ("paid", sale.bought_on), ("settled", sale.settled_on)):
            if first is not None:
                steps[step].append(days_between(first, sale.paid_on))
    for payout in known.payouts:
        if payout.shop == shop and payout.minor > 0 and payout.arrived_on is not None and payout.arrived_on <= cut:
            steps["in_transit"].append(days_between(payout.day, payout.arrived_on))
    return steps


def _shares(sales: list[_Sale], cut: str) -> dict[str, tuple[int, int]]:
    """What arrives of what is sold, by stage: received and what it is a part of."""
    settled = [sale for sale in sales if sale.settled_on is not None and sale.settled_on <= cut]
    earned = [sale for sale in settled if sale.expected_minor > 0]
    ended = [sale for sale in sales if sale in settled or sale.is_closed]
    paid = [sale for sale in ended if sale.bought_on is not None and sale.bought_on <= cut]
    return {
        "earned": (sum(sale.received_minor for sale in earned), sum(sale.expected_minor for sale in earned)),
        "paid": (sum(sale.received_minor for sale in paid), sum(sale.value_minor for sale in paid)),
    }


def _awaited(known: Known, scenario: str, cut: str, shop: str, sales: list[_Sale]) -> Counter[tuple[str, int]]:
    """Stage and age to what is awaited."""
    found: Counter[tuple[str, int]] = Counter()
    for sale in sales:
        pending = sale.pending(cut)
        if pending is not None:
            stage, first, minor = pending
            found[stage, days_between(first, cut)] += minor
    if scenario == "backtest":
        return found
    payouts = [payout for payout in known.payouts if payout.shop == shop and payout.minor > 0]
    wallet = sum(p.minor for p in known.postings if p.shop == shop and p.account == "wallet" and p.day <= cut)
    if payouts and wallet > 0:
        found["settled", 0] += wallet
    for payout in payouts:
        age = days_between(payout.day, cut)
        if payout.arrived_on is None and 0 <= age <= _ON_ITS_WAY_DAYS:
            found["in_transit", age] += payout.minor
    return found


def _of_shop(known: Known, scenario: str, cut: str, shop: str, sales: list[_Sale]) -> list[Row]:
    steps = _steps(known, sales, shop, cut)
    if not steps:
        return []
    half = {step: _nearest_rank(days, 50) for step, days in steps.items()}
    most = {step: _nearest_rank(days, 80) for step, days in steps.items()}
    bank_half, bank_most = half.get("in_transit") or 0, most.get("in_transit") or 0
    found: defaultdict[tuple[str, int], Row] = defaultdict(lambda: {"p50_minor": 0, "p80_minor": 0, "came_minor": 0})
    shares = _shares(sales, cut)
    for (stage, age), gross in _awaited(known, scenario, cut, shop, sales).items():
        own_half, own_most = half.get(stage), most.get(stage)
        if own_half is None or own_most is None:
            continue
        if stage in ("earned", "paid") and age > own_most + bank_most + _LATE_DAYS:
            continue
        received, base = shares.get(stage, (0, 0))
        minor = half_up(gross * received, base) if base > 0 else gross
        more_half, more_most = (0, 0) if stage == "in_transit" else (bank_half, bank_most)
        for name, at_day in (("p50_minor", own_half + more_half - age), ("p80_minor", own_most + more_most - age)):
            row = found[stage, max(at_day, 1)]
            row[name] += minor
            row["history"] = len(steps[stage])
    if scenario == "backtest":
        for stage, at_day, minor in _came(sales, cut, bank_half):
            found[stage, at_day]["came_minor"] += minor
    return [
        {
            "scenario": scenario,
            "channel": known.shops[shop].channel,
            "shop": shop,
            "stage": stage,
            "currency": known.shops[shop].currency,
            "week_no": (at_day - 1) // 7 + 1,
            "expected_on": later(cut, at_day),
            "as_of": cut,
            "history": None,
            **row,
            "came_minor": row["came_minor"] if scenario == "backtest" else None,
        }
        for (stage, at_day), row in found.items()
        if 1 <= at_day <= _HORIZON[scenario]
    ]


def _came(sales: list[_Sale], cut: str, bank_half: int) -> Iterator[tuple[str, int, int]]:
    """What of the same orders really came."""
    for sale in sales:
        pending = sale.pending(cut)
        if pending is not None and sale.paid_on is not None:
            yield pending[0], bank_half + days_between(cut, sale.paid_on), sale.received_minor
