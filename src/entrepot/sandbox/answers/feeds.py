"""Reports about the files themselves: how good each feed is, and where the integration stands.

When a file arrives is not for the world to say: days of arrival are blank here, and what is measured against them
(`seen_within_two_days`, `freshness_p95`) is left out; `answers.NOT_OF_THE_WORLD` names who holds it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import TYPE_CHECKING

from entrepot.sandbox.answers.orders import placed_at, shipped_at
from entrepot.sandbox.clock import DAY, EARLY, day_of, month_of
from entrepot.sandbox.facts import as_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.sandbox.answers.known import Known, Row
    from entrepot.sandbox.facts import Movement, Order
    from entrepot.sandbox.rules import Judged

_FORMATS = {
    "pdd_orders": "pinduoduo_orders",
    "pdd_bill": "pinduoduo_bill",
    "declared_orders": "mini_program_orders",
    "sku_list": "own_sku_list",
    "ad_spend": "ad_spend_declared",
}
"""The product's name of a format, where the world's differs."""
ORDERS_IN = {
    "tmall": "tmall_orders",
    "jd": "jd_orders",
    "pinduoduo": "pinduoduo_orders",
    "douyin": "douyin_orders",
    "shopify": "shopify_orders",
    "own_shop": "mini_program_orders",
    "amazon": "amazon_settlement",
}
LINES_IN = {**ORDERS_IN, "tmall": "tmall_order_lines"}
MONEY_IN = {
    "tmall": "alipay_ledger",
    "jd": "jd_wallet",
    "pinduoduo": "pinduoduo_bill",
    "douyin": "douyin_settlement",
    "shopify": "shopify_payouts",
    "amazon": "amazon_settlement",
}
_OWN = "own"
"""Channel and shop of lists that belong to no shop."""

_Feed = tuple[str, str]
_Scores = defaultdict[tuple[str, str, str, str], list[int]]


def quality(known: Known) -> list[Row]:
    """What of each feed passes, by measure."""
    scores: _Scores = defaultdict(lambda: [0, 0])
    for counts in (_of_files, _of_orders, _of_money, _of_days):
        for feed, dimension, measure, passed, counted in counts(known):
            score = scores[(*feed, dimension, measure)]
            score[0] += passed
            score[1] += counted
    return [
        {
            "format": name,
            "shop": shop,
            "channel": _channel(known, name, shop),
            "dimension": dimension,
            "measure": measure,
            "passed": passed,
            "counted": counted,
            "score": passed * 100 // counted,
        }
        for (name, shop, dimension, measure), (passed, counted) in scores.items()
        if counted
    ]


def _channel(known: Known, name: str, shop: str) -> str:
    if shop == _OWN:
        return _OWN
    return "alipay" if name == "alipay_ledger" else known.shops[shop].channel


_Counted = tuple[_Feed, str, str, int, int]


def _of_files(known: Known) -> Iterator[_Counted]:
    """Files, their rows, and rows that were told before."""
    names: dict[str, _Feed] = {}
    for file in known.written:
        if file.role in ("company", "copy"):
            continue
        feed = (_FORMATS.get(file.kind, file.kind), file.shop or _OWN)
        name = file.path.rsplit("/", 1)[-1].replace(".zip", ".csv").removesuffix(".gz")
        names[name] = feed
        wrong = any(each.file == name and not each.settlement_id for each in known.world.wrong_totals)
        yield feed, "accuracy", "files_not_contradicting_themselves", 1 - wrong, 1
        if file.kind == "amazon_settlement":
            wrong = any(each.file == name for each in known.world.wrong_totals)
            yield feed, "accuracy", "totals_of_payouts", 1 - wrong, 1
        # The first row of Amazon's report is its head and no row of the table.
        understood = file.rows - len(known.world.broken_in(name))
        yield feed, "validity", "rows_understood", understood, file.rows
        yield feed, "uniqueness", "rows_not_told_before", understood, understood
    for feed, repeated in _repeated(known).items():
        yield feed, "uniqueness", "rows_not_told_before", -repeated, 0


def _repeated(known: Known) -> Counter[_Feed]:
    """Rows of earlier exports that the last ones repeat as they were."""
    found: Counter[_Feed] = Counter()
    found["own_sku_list", _OWN] = sum(len(sku.costs[:1]) or 1 for sku in known.world.skus if sku.listed)
    earlier = {file.shop: file.kind for file in known.written if file.role == "earlier" and "lines" not in file.kind}
    for order in known.world.orders:
        then = as_of(order, EARLY) if order.shop in earlier and month_of(order.placed_at) == "2026-09" else None
        if then is None:
            continue
        if order.channel == "douyin":
            found["douyin_orders", order.shop] += sum(
                _douyin_cells(then, number) == _douyin_cells(order, number) for number in range(len(order.lines))
            )
        else:
            found["tmall_orders", order.shop] += then == order
            found["tmall_order_lines", order.shop] += len(order.lines) * (_state(then) == _state(order))
    return found


def _douyin_cells(order: Order, number: int) -> tuple[object, ...]:
    """What of a sub-order's row may change."""
    back = order.is_closed_refunded or any(refund.line == number for refund in order.refunds)
    return (order.paid_at, order.shipped_at, order.confirmed_at, order.closed_at is None, back)


def _state(order: Order) -> tuple[bool, ...]:
    """What an order's state is made of."""
    return tuple(at is None for at in (order.closed_at, order.paid_at, order.shipped_at, order.confirmed_at))


def is_sound(case: Judged) -> bool:
    """Whether an order's own money adds up, and what came is what was due."""
    if case.identity_gap_minor or (case.income_minor is not None and case.income_minor != case.settlement_due_minor):
        return False
    return case.order.paid_at is None or case.refunded_minor <= case.value_minor


def _of_orders(known: Known) -> Iterator[_Counted]:
    """Cells of orders and lines, and whether the money of an order agrees."""
    for case in known.judged:
        order = case.order
        feed = (ORDERS_IN[order.channel], order.shop)
        yield feed, "completeness", "fields_filled", 5, 5
        yield feed, "consistency", "money_agrees", int(is_sound(case)), 1
    for order in known.world.orders:
        # The detail list still names an order whose own row cannot be read.
        is_there = order.channel == "tmall" or (order.shop, order.order_id) in known.known_orders
        if is_there:
            cells = 3 * len(order.lines)
            yield (LINES_IN[order.channel], order.shop), "completeness", "fields_filled", cells, cells


def _of_money(known: Known) -> Iterator[_Counted]:
    """Cells of settlement lines and of advertising, and whether the order of a line is there."""
    for move in known.world.movements:
        feed = (MONEY_IN[move.channel], move.shop)
        yield feed, "completeness", "fields_filled", 4, 4
        if move.kind in ("order_income", "order_refund"):
            yield feed, "consistency", "money_agrees", int(_is_known(known, move)), 1
    for _ in known.world.ad_spend:
        yield ("ad_spend_declared", _OWN), "completeness", "fields_filled", 2, 2


def _is_known(known: Known, move: Movement) -> bool:
    return (move.shop, move.order_ref or "") in known.known_orders


def _of_days(known: Known) -> Iterator[_Counted]:
    """Days in UTC with an event, of those from the first to the last."""
    days: defaultdict[_Feed, set[int]] = defaultdict(set)
    for case in known.judged:
        order = case.order
        days[ORDERS_IN[order.channel], order.shop].add(_newest(known, order) // DAY)
        days[LINES_IN[order.channel], order.shop].add(placed_at(order) // DAY)
    for move in known.world.movements:
        days[MONEY_IN[move.channel], move.shop].add(move.at // DAY)
    for spend in known.world.ad_spend:
        days["ad_spend_declared", _OWN].add(date.fromisoformat(spend.day).toordinal())
    for feed, seen in days.items():
        yield feed, "completeness", "days_covered", len(seen), max(seen) - min(seen) + 1


def _newest(known: Known, order: Order) -> int:
    """The newest event that an order's row speaks of."""
    confirmed = None if "confirmation_hidden" in order.quirks else order.confirmed_at
    events = (placed_at(order), known.bought_at(order), shipped_at(order), confirmed, order.deposit_at)
    return max(event for event in events if event is not None)


_NOT_MEASURED = {
    "manual_hours": "files_do_not_say_what_people_did",
    "stock_accuracy": "no_stock_ledger_to_compare_with",
    "time_to_onboard": "work_of_people_outside_the_files",
    "time_to_repair": "work_of_people_outside_the_files",
    "transfers_without_approval": "stands_in_the_transfer_log",
    "days_to_close": "no_period_closed",
}
_TARGETS = {
    "settlement_match_rate": ("basis_points", 10_000, True),
    "settlement_unexplained": ("minor_units", 0, False),
    "sku_mapping_rate": ("basis_points", 9_950, True),
    "duplicates_absorbed": ("rows", None, False),
    "rows_lost": ("rows", 0, False),
    "exceptions_open": ("exceptions", 0, False),
    "days_to_close": ("days", 1, False),
    "manual_hours": ("hours", 1, False),
    "stock_accuracy": ("basis_points", 10_000, True),
    "time_to_onboard": ("days", None, False),
    "time_to_repair": ("hours", None, False),
    "transfers_without_approval": ("transfers", 0, False),
}


def metrics(known: Known) -> list[Row]:
    """Each metric with its target; months of arrival are blank."""
    rows = [
        _metric("settlement_match_rate", channel, month, value=there * 10_000 // lines)
        for (channel, month), (there, lines) in _shares(_matches(known)).items()
    ]
    rows += [
        _metric("sku_mapping_rate", channel, month, value=there * 10_000 // lines)
        for (channel, month), (there, lines) in _shares(_mapped(known)).items()
    ]
    rows += [
        _metric("settlement_unexplained", channel, month, value=minor, currency=currency)
        for (channel, currency, month), minor in _unexplained(known).items()
    ]
    repeated: Counter[str] = Counter()
    for row in quality(known):
        if row["measure"] == "rows_not_told_before":
            repeated[row["channel"]] += row["counted"] - row["passed"]
    for channel, count in repeated.items():
        rows.append(_metric("duplicates_absorbed", channel, "", value=count))
        rows.append(_metric("rows_lost", channel, "", value=0))
    waiting = Counter(channel for _, channel, *_ in known.exceptions)
    rows += [_metric("exceptions_open", channel, "now", value=count) for channel, count in waiting.items()]
    rows.append(_metric("exceptions_open", None, "now", value=waiting.total()))
    rows += [_metric(name, None, "now", reason=reason) for name, reason in _NOT_MEASURED.items()]
    return rows


def _metric(
    name: str, channel: str | None, month: str, *, value: int | None = None, currency: str = "", reason: str = ""
) -> Row:
    unit, target, is_floor = _TARGETS[name]
    standing = "not_measured"
    if value is not None:
        standing = "no_target"
        if target is not None:
            standing = "met" if (value >= target if is_floor else value <= target) else "missed"
    return {
        "metric": name,
        "channel": channel,
        "month": month,
        "value": value,
        "unit": unit,
        "target": target,
        "standing": standing,
        "reason": reason or None,
        "currency": currency or None,
    }


def _shares(seen: Iterator[tuple[str, str, bool]]) -> dict[tuple[str, str], tuple[int, int]]:
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for channel, month, is_there in seen:
        there, lines = found.get((channel, month), (0, 0))
        found[channel, month] = (there + is_there, lines + 1)
    return found


def _matches(known: Known) -> Iterator[tuple[str, str, bool]]:
    for move in known.world.movements:
        if move.kind in ("order_income", "order_refund"):
            yield move.channel, known.day(move.at, move.shop)[:7], _is_known(known, move)


def _mapped(known: Known) -> Iterator[tuple[str, str, bool]]:
    """Sold lines by the month of the order in UTC."""
    for case in known.judged:
        month = day_of(placed_at(case.order), "UTC")[:7]
        for piece in case.pieces:
            if piece.sku:
                yield case.order.channel, month, known.skus[piece.sku].listed


def _unexplained(known: Known) -> Counter[tuple[str, str, str]]:
    """Differences of settled income without sign, by the month of settlement in UTC."""
    found: Counter[tuple[str, str, str]] = Counter()
    for case in known.judged:
        if case.income_minor is None:
            continue
        moves = known.moves_by_order[case.order.shop, case.order.order_id]
        at = min(move.at for move in moves if move.kind == "order_income")
        key = (case.order.channel, case.order.currency, day_of(at, "UTC")[:7])
        found[key] += abs(case.income_minor - case.settlement_due_minor)
    return found


def exceptions_summary(known: Known) -> list[Row]:
    """What a person must look at, by kind, platform and shop."""
    found: dict[tuple[str, str, str | None, str | None], Row] = {}
    for kind, channel, shop, minor, currency in known.exceptions:
        row = found.setdefault(
            (kind, channel, shop, currency),
            {
                "kind": kind,
                "channel": channel,
                "shop": shop,
                "currency": currency,
                "items": 0,
                "at_stake_minor": None if minor is None else 0,
            },
        )
        row["items"] += 1
        if minor is not None:
            row["at_stake_minor"] += abs(minor)
    return list(found.values())
