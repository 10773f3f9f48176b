"""Reports about orders: settlement, presale deposits, days around a cut-off, what new buyers cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import half_up
from entrepot.sandbox.clock import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.sandbox.answers.known import Known, Row
    from entrepot.sandbox.facts import Order
    from entrepot.sandbox.rules import Judged

_NAMES_BUYERS = ("tmall", "jd", "shopify", "own_shop")
"""Platforms whose files name a buyer by something that stays the same: an account, or a number that is not masked."""


_NO_TIME_OF_SHIPPING = ("amazon", "jd", "tmall")
"""Platforms whose files say that an order was shipped and not when."""


def settlement_state(case: Judged) -> str:
    """Where the money of a recognised order stands."""
    if case.income_minor is None:
        return "in_escrow" if case.settlement_due_minor else "not_due"
    if case.after_minor > 0:
        return "clawed_back"
    return "part_settled" if case.income_minor < case.settlement_due_minor else "settled"


def settlement_status(known: Known) -> list[Row]:
    """Recognised orders by where their money stands."""
    found: dict[tuple[str, ...], Row] = {}
    for case in known.judged:
        if case.recognised_at is None:
            continue
        order, state = case.order, settlement_state(case)
        row = found.setdefault(
            (order.shop, order.currency, state),
            {
                **_place(order),
                "settlement_state": state,
                **dict.fromkeys(("orders", "expected_minor", "income_minor", "difference_minor"), 0),
            },
        )
        row["orders"] += 1
        row["expected_minor"] += case.settlement_due_minor
        row["income_minor"] += case.income_minor or 0
        if case.income_minor is not None:
            row["difference_minor"] += case.income_minor - case.settlement_due_minor
    return list(found.values())


def _place(order: Order) -> Row:
    return {"channel": order.channel, "shop": order.shop, "currency": order.currency}


def presale(known: Known, at: int | None = None) -> list[Row]:
    """Deposits that were paid before an instant, and what had become of them by then."""
    found: dict[str, Row] = {}
    figures = (
        *("orders", "deposits_minor", "balance_orders", "deposits_completed_minor", "balances_minor", "closed_orders"),
        *("forfeited_minor", "given_back_minor", "open_orders", "open_minor"),
    )
    for case in known.judged:
        order = case.order
        if order.deposit_at is None or (at is not None and order.deposit_at >= at):
            continue
        row = found.setdefault(order.shop, {**_place(order), **dict.fromkeys(figures, 0)})
        row["orders"] += 1
        row["deposits_minor"] += order.deposit_minor
        if order.paid_at is not None and (at is None or order.paid_at < at):
            row["balance_orders"] += 1
            row["deposits_completed_minor"] += order.deposit_minor
            row["balances_minor"] += order.paid_minor + order.points_minor + order.balance_minor - order.deposit_minor
        elif order.closed_at is not None and order.paid_at is None:
            # The list does not say when it was closed: it counts as closed from the deposit on.
            row["closed_orders"] += 1
            row["forfeited_minor"] += order.deposit_minor
        else:
            row["open_orders"] += 1
            row["open_minor"] += order.deposit_minor
    return list(found.values())


def placed_minor(order: Order) -> int:
    """What a buyer placed: before payment, after discounts."""
    return order.goods_minor + order.shipping_minor + order.tax_minor - sum(order.discounts.values())


def placed_at(order: Order) -> int:
    """When an order was placed, as far as its file tells: without that, Pinduoduo's number has the day."""
    is_dated = order.paid_at is not None and "no_deal_time" not in order.quirks
    if order.channel != "pinduoduo" or is_dated:
        return order.placed_at
    return order.placed_at - (order.placed_at + 8 * HOUR) % DAY


def shipped_at(order: Order) -> int | None:
    """When the first parcel left, as far as its file tells."""
    return None if order.channel in _NO_TIME_OF_SHIPPING else order.shipped_at


def _events(known: Known, case: Judged) -> Iterator[tuple[str, int | None, int]]:
    order = case.order
    yield "placed", placed_at(order), placed_minor(order)
    yield "paid", known.bought_at(order), case.value_minor
    value = case.value_minor if order.paid_at is not None else placed_minor(order)
    yield "shipped", shipped_at(order), value
    yield "recognised", case.recognised_at, case.value_minor


def cut_off(known: Known, at: int | None = None) -> list[Row]:
    """Orders and amounts by the day of each event, before and after an instant."""
    sums: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for case in known.judged:
        for event, when, minor in _events(known, case):
            if when is None:
                continue
            side = "all" if at is None else "before" if when < at else "after"
            counted = sums[case.order.shop, known.day(when, case.order.shop), side]
            counted[f"{event}_orders"] += 1
            counted[f"{event}_minor"] += minor
    figures = [
        f"{event}_{what}" for event in ("placed", "paid", "shipped", "recognised") for what in ("orders", "minor")
    ]
    return [
        {
            "channel": known.shops[shop].channel,
            "shop": shop,
            "month": day[:7],
            "day": day,
            "side": side,
            "currency": known.shops[shop].currency,
            **{name: counted[name] for name in figures},
        }
        for (shop, day, side), counted in sums.items()
    ]


def acquisition(known: Known) -> list[Row]:
    """Advertising beside people who bought for the first time, by channel and month."""
    orders: Counter[tuple[str, str]] = Counter()
    people: defaultdict[tuple[str, str], set[tuple[str, int]]] = defaultdict(set)
    first: dict[tuple[str, int], tuple[int, str, tuple[str, str]]] = {}
    for case in known.judged:
        order, at = case.order, known.bought_at(case.order)
        if at is None:
            continue
        key = (order.channel, known.day(at, order.shop)[:7])
        orders[key] += 1
        if order.channel in _NAMES_BUYERS:
            person = (order.channel, order.buyer)
            people[key].add(person)
            first[person] = min(first.get(person, (at, order.order_id, key)), (at, order.order_id, key))
    new = Counter(key for _, _, key in first.values())
    spend, commission = _spent(known, "ad_spend"), _spent(known, "fee:affiliate_commission")
    by_month: Counter[str] = Counter()
    for (_, month), minor in spend.items():
        by_month[month] += minor
    return [
        _acquired(known, key, orders[key], people, new[key], spend[key], commission[key], by_month[key[1]])
        for key in {*orders, *spend, *commission}
    ]


def _acquired(
    known: Known,
    key: tuple[str, str],
    orders: int,
    people: dict[tuple[str, str], set[tuple[str, int]]],
    new: int,
    spend: int,
    commission: int,
    all_spend: int,
) -> Row:
    channel, month = key
    named = channel in _NAMES_BUYERS and orders > 0
    buyers = len(people.get(key, ()))
    is_known = (named or not orders) and new > 0
    return {
        "channel": channel,
        "month": month,
        "currency": known.currency,
        "orders": orders,
        "orders_without_person": 0 if named else orders,
        "buyers_known": "no_orders" if not orders else "yes" if named else "no",
        "buyers": buyers if named else None,
        "new_buyers": new if named else None,
        "returning_buyers": buyers - new if named else None,
        "spend_minor": spend,
        "spend_share_bp": half_up(spend * 10_000, all_spend) if all_spend > 0 else None,
        "commission_minor": commission,
        "cost_per_new_buyer_minor": half_up(spend, new) if is_known else None,
        "cost_with_commission_minor": half_up(spend + commission, new) if is_known else None,
    }


def _spent(known: Known, account: str) -> Counter[tuple[str, str]]:
    """An account by channel and month in the reporting currency, translated per day, channel and currency."""
    daily: Counter[tuple[str, str, str]] = Counter()
    for posting in known.postings:
        if posting.account == account:
            daily[known.shops[posting.shop].channel, posting.day, posting.currency] += posting.minor
    found: Counter[tuple[str, str]] = Counter()
    for (channel, day, currency), minor in daily.items():
        found[channel, day[:7]] += known.translated(minor, currency, known.currency, day)
    return found
