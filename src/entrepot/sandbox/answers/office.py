"""Reports that need what the finance office has: stock turnover, and figures beside the seller centres'."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from entrepot.sandbox.answers.orders import placed_at, placed_minor
from entrepot.sandbox.arithmetic import half_up
from entrepot.sandbox.clock import DAY, day_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.sandbox.answers.known import Known, Row
    from entrepot.sandbox.rules import Judged

_REASONS = (
    "unpaid_orders",
    "closed_orders",
    "points_and_gift_cards",
    "shipping_revenue",
    "paid_by_third_parties",
    "refunds_inside_the_period",
    "days_in_utc",
)
_Event = tuple[str, int, int, tuple[int, int, int, int, int, int]]
"""Measure, instant, our amount, and what one side may count: the first six reasons."""


@lru_cache(maxsize=8)
def _events(known: Known, shop: str) -> tuple[_Event, ...]:
    return tuple(_of_shop(known, shop))


def _of_shop(known: Known, shop: str) -> Iterator[_Event]:
    for case in known.judged:
        order = case.order
        if order.shop != shop:
            continue
        is_paid, is_closed = order.paid_at is not None, order.is_closed_refunded
        placed, tender = placed_minor(order), order.points_minor + order.balance_minor
        funded = order.third_party_minor - order.points_minor
        shared = (-tender, -order.shipping_minor, funded)
        yield (
            "placed",
            placed_at(order),
            placed,
            (0 if is_paid else -placed, -placed if is_closed else 0, *shared, 0),
        )
        bought_at = known.bought_at(order)
        if bought_at is None:
            yield "paid", placed_at(order), 0, (placed, 0, 0, 0, 0, 0)
        else:
            bought = order.paid_minor + tender
            yield "paid", bought_at, bought, (0, -bought if is_closed else 0, *shared, 0)
        for at, minor in _refunds(known, case):
            yield "paid", at, 0, (0, 0, 0, 0, 0, -minor)
            yield "refunded", at, minor, (0, 0, 0, 0, 0, 0)


def _refunds(known: Known, case: Judged) -> Iterator[tuple[int, int]]:
    """Refunds when the money moved; one that only the order states has a day and no time: that of the books."""
    for back in case.after:
        if back.at is not None:
            yield back.at, back.minor
    if case.recognised_at is not None:
        day = date.fromisoformat(known.day(case.recognised_at, case.order.shop))
        for back in case.before:
            yield (day - date(1970, 1, 1)).days * DAY, back.minor


def our_figure(known: Known, shop: str, month: str, measure: str) -> tuple[int, list[int]]:
    """Our figure of a month, and what each of the seven reasons would change in it."""
    ours, in_utc, reasons = 0, 0, [0] * 7
    for what, at, minor, may_count in _events(known, shop):
        if what != measure:
            continue
        if known.day(at, shop)[:7] == month:
            ours += minor
            for number, part in enumerate(may_count):
                reasons[number] += part
        if day_of(at, "UTC")[:7] == month:
            in_utc += minor
    reasons[6] = in_utc - ours
    return ours, reasons


def _meeting(difference: int, reasons: list[int]) -> set[int]:
    """The one smallest set of reasons that meets a difference; none where there is no such set, or several."""
    sets = [
        {number for number, is_in in enumerate(choice) if is_in}
        for choice in product((False, True), repeat=len(reasons))
        if all(reasons[number] or not is_in for number, is_in in enumerate(choice))
    ]
    fitting = [each for each in sets if sum(reasons[number] for number in each) == difference]
    fewest = min((len(each) for each in fitting), default=0)
    smallest = [each for each in fitting if len(each) == fewest]
    return smallest[0] if len(smallest) == 1 else {-1}


def platform_figures(known: Known) -> list[Row]:
    """Our figure, what differs, and theirs, for each figure that was copied."""
    rows: list[Row] = []
    for stated in known.office.stated if known.office else ():
        ours, reasons = our_figure(known, stated.shop, stated.month, stated.measure)
        chosen = _meeting(stated.minor - ours, reasons)
        lines = [(10, "our_figure", "start", ours)]
        lines += [
            (21 + number, _REASONS[number], "difference" if number in chosen else "possible", minor)
            for number, minor in enumerate(reasons)
            if minor
        ]
        if -1 in chosen:
            lines.append((39, "unexplained", "difference", stated.minor - ours))
        lines.append((40, "their_figure", "subtotal", stated.minor))
        rows += [
            {
                "channel": known.shops[stated.shop].channel,
                "shop": stated.shop,
                "month": stated.month,
                "stated_for": stated.month,
                "measure": stated.measure,
                "line_no": number,
                "step": step,
                "role": role,
                "amount_minor": minor,
                "currency": "CNY",
                "figure_source": "后台",
            }
            for number, step, role, minor in lines
        ]
    return rows


@dataclass(slots=True)
class _Stock:
    """Mean stock of a month: hundredths of a unit, value where cost is known, currency of cost, days counted."""

    units_e2: int = 0
    minor: int | None = None
    currency: str | None = None
    uncosted: int = 0
    counts: int = 0

    def add(self, other: _Stock) -> None:
        """Another place's."""
        self.units_e2 += other.units_e2
        if other.minor is not None:
            self.minor = (self.minor or 0) + other.minor
        self.currency = self.currency or other.currency
        self.uncosted += other.uncosted
        self.counts = max(self.counts, other.counts)


_CUSTODY = {"cainiao": "tmall", "jd": "jd", "fba": "amazon"}


def _places(known: Known) -> dict[tuple[str, str, str, str], _Stock]:
    """Place, custodian, month and SKU to its mean stock. What a list does not name is not there."""
    lists: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    counts = known.office.counts if known.office else ()
    for each in counts:
        lists[each.place, each.day[:7]].add(each.day)
    units: Counter[tuple[str, str, str, str]] = Counter()
    values: Counter[tuple[str, str, str, str]] = Counter()
    found: dict[tuple[str, str, str, str], _Stock] = {}
    for each in counts:
        key = (each.place, each.custodian, each.day[:7], each.sku)
        stock = found.setdefault(key, _Stock(counts=len(lists[each.place, each.day[:7]])))
        sku = known.skus[each.sku]
        cost = sku.cost_on(each.day) if sku.listed else None
        units[key] += each.units
        if cost is None:
            stock.uncosted += 1
        else:
            stock.currency = cost.currency
            values[key] += each.units * cost.minor
    for key, stock in found.items():
        stock.units_e2 = half_up(units[key] * 100, stock.counts)
        stock.minor = half_up(values[key], stock.counts) if key in values else None
    return found


@dataclass(frozen=True)
class _Goods:
    """Stock and cost of goods by month and SKU.

    Attributes:
        places: By place and custodian too.
        by_sku: All places.
        shared: Places that no platform keeps.
        kept: Places that a platform keeps, by its channel.
        sold: Cost of goods by channel.
        in_all: Cost of goods of all channels.
        currencies: Currency of an article's cost.
    """

    places: dict[tuple[str, str, str, str], _Stock]
    by_sku: dict[tuple[str, str], _Stock]
    shared: dict[tuple[str, str], _Stock]
    kept: dict[tuple[str, str, str], _Stock]
    sold: Counter[tuple[str, str, str]]
    in_all: Counter[tuple[str, str]]
    currencies: dict[str, str]


def _goods(known: Known) -> _Goods:
    places = _places(known)
    by_sku: defaultdict[tuple[str, str], _Stock] = defaultdict(_Stock)
    shared: defaultdict[tuple[str, str], _Stock] = defaultdict(_Stock)
    kept: defaultdict[tuple[str, str, str], _Stock] = defaultdict(_Stock)
    for (_, custodian, month, sku), stock in places.items():
        by_sku[month, sku].add(stock)
        if custodian in _CUSTODY:
            kept[_CUSTODY[custodian], month, sku].add(stock)
        else:
            shared[month, sku].add(stock)
    sold: Counter[tuple[str, str, str]] = Counter()
    in_all: Counter[tuple[str, str]] = Counter()
    currencies: dict[str, str] = {}
    for posting in known.postings:
        if posting.account == "cogs":
            sold[known.shops[posting.shop].channel, posting.day[:7], posting.sku] += posting.minor
            in_all[posting.day[:7], posting.sku] += posting.minor
            currencies[posting.sku] = posting.currency
    return _Goods(places, by_sku, shared, kept, sold, in_all, currencies)


def stock_turnover(known: Known) -> list[Row]:
    """How often stock turns: by SKU, by channel, by place, and in sum."""
    goods = _goods(known)
    rows = [
        _turned({"scope": "sku"}, month, sku, goods.by_sku.get((month, sku)), goods, goods.in_all[month, sku])
        for month, sku in {*goods.by_sku, *goods.in_all}
    ]
    rows += _sums(known, rows)
    for channel, month, sku in {*goods.sold, *goods.kept}:
        stock, basis = _given(goods, channel, month, sku)
        head = {"scope": "channel", "channel": channel}
        rows.append(_turned(head, month, sku, stock, goods, goods.sold[channel, month, sku]) | {"basis": basis})
    for (place, _, month, sku), stock in goods.places.items():
        row = _turned({"scope": "place", "location": place}, month, sku, stock, goods, 0)
        if row["missing"] not in _LEFT_OUT:
            row |= {"missing": "no_shipments_from_here", "turns_a_year_e2": None, "days_on_hand": None}
        rows.append(row | {"cogs_minor": None})
    return rows


_LEFT_OUT = ("no_snapshot", "no_cost")


def _given(goods: _Goods, channel: str, month: str, sku: str) -> tuple[_Stock | None, str]:
    """A channel's stock: what its platform keeps, and its part of what serves all channels."""
    own, whole = goods.kept.get((channel, month, sku)), goods.by_sku.get((month, sku))
    if whole is None:
        return None, "shared_by_cost"
    common, cost = goods.shared.get((month, sku), _Stock()), goods.in_all[month, sku]
    stock = _Stock(currency=whole.currency, uncosted=whole.uncosted, counts=whole.counts)
    units, minor = (own.units_e2, own.minor or 0) if own else (0, 0)
    if cost > 0:
        part = goods.sold[channel, month, sku]
        units += half_up(common.units_e2 * part, cost)
        minor += half_up((common.minor or 0) * part, cost)
    stock.units_e2, stock.minor = units, minor
    return stock, "in_custody" if not common.units_e2 else "custody_and_share" if own else "shared_by_cost"


def _days(month: str) -> int:
    return monthrange(int(month[:4]), int(month[5:]))[1]


def _missing(stock: _Stock | None, cogs: int) -> str | None:
    if stock is None:
        return "no_snapshot"
    if stock.uncosted:
        return "no_cost"
    if not stock.minor or stock.minor <= 0:
        return "no_stock"
    return "no_sales" if cogs <= 0 else None


def _turned(head: Row, month: str, sku: str, stock: _Stock | None, goods: _Goods, cogs: int) -> Row:
    missing = _missing(stock, cogs)
    currency = goods.currencies.get(sku) or (stock.currency if stock else None)
    row = {
        "channel": None,
        "location": None,
        "sku_id": sku,
        "month": month,
        "days": _days(month),
        **head,
        "snapshots": stock.counts if stock else None,
        "stock_units_e2": stock.units_e2 if stock else None,
        "stock_minor": stock.minor if stock and missing not in _LEFT_OUT else None,
        "cogs_minor": cogs,
        "missing": missing,
        "basis": None,
        "skus_left_out": 0,
        "left_out_minor": 0,
        "currency": currency,
    }
    return row | _turns(row)


def _turns(row: Row) -> Row:
    """Turns a year and days on hand, where nothing is missing."""
    stock, cogs, days = row["stock_minor"] or 0, row["cogs_minor"], row["days"]
    is_whole = row["missing"] is None
    return {
        "turns_a_year_e2": half_up(cogs * 36_500, stock * days) if is_whole and stock > 0 else None,
        "days_on_hand": half_up(stock * days, cogs) if is_whole and cogs > 0 else None,
    }


def _sums(known: Known, skus: list[Row]) -> list[Row]:
    """All SKUs of a currency together; those without stock list or cost stand beside."""
    groups: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in skus:
        groups[row["month"], row["currency"] or known.currency].append(row)
    rows = []
    for (month, currency), of in groups.items():
        counted = [row for row in of if row["missing"] not in _LEFT_OUT]
        left = [row for row in of if row["missing"] in _LEFT_OUT]
        row = {
            "scope": "all_skus",
            "channel": None,
            "location": None,
            "sku_id": None,
            "month": month,
            "days": _days(month),
            "snapshots": max((row["snapshots"] or 0 for row in of), default=0) or None,
            "stock_units_e2": sum(row["stock_units_e2"] for row in counted) if counted else None,
            "stock_minor": sum(row["stock_minor"] for row in counted) if counted else None,
            "cogs_minor": sum(row["cogs_minor"] for row in counted),
            "basis": None,
            "currency": currency,
            "missing": None if counted else "no_snapshot",
            "skus_left_out": len(left),
            "left_out_minor": sum(row["cogs_minor"] for row in left),
        }
        rows.append(row | _turns(row))
    return rows
