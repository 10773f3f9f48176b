"""The figures of a day: what was placed and paid, what the books took up, what is new for a person to look at."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.engine import parse
from entrepot.reports.daily.feeds import daily_query, feed_rows, open_shops
from entrepot.reports.errors import DayUnknown
from entrepot.reports.questions import prepare_report, report_text
from entrepot.reports.statement import LINES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from entrepot.engine import Engine
    from entrepot.store import TableStore

_NET_REVENUE = next(line.parts for line in LINES if line.key == "net_revenue")


@dataclass(frozen=True, slots=True)
class ChannelDay:
    """One channel's day. Amounts are minor units of the reporting currency.

    Attributes:
        channel: Code of the platform.
        orders_placed: Orders that buyers placed on the day.
        orders_paid: Orders that were paid on the day, whenever they were placed.
        gmv_minor: Value of the orders placed, as the first step of the bridge counts it.
        refunds_minor: Refunds that the books took up on the day, negative.
        net_revenue_minor: Net revenue of the P&L for the day.
    """

    channel: str
    orders_placed: int = 0
    orders_paid: int = 0
    gmv_minor: int = 0
    refunds_minor: int = 0
    net_revenue_minor: int = 0


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Everything a message may say.

    Attributes:
        day: In each shop's own zone.
        currency: Reporting currency.
        channels: The largest GMV first; those without any figure are left out.
        exceptions: Kind, open items, and those that the snapshot before did not have (None where it is gone).
        feeds: Format and the last day of an event in the feed of it that reaches least far.
    """

    day: date
    currency: str
    channels: tuple[ChannelDay, ...]
    exceptions: tuple[tuple[str, int, int | None], ...]
    feeds: tuple[tuple[str, date], ...]

    @property
    def total(self) -> ChannelDay:
        """All channels together."""
        return ChannelDay(
            "",
            sum(each.orders_placed for each in self.channels),
            sum(each.orders_paid for each in self.channels),
            sum(each.gmv_minor for each in self.channels),
            sum(each.refunds_minor for each in self.channels),
            sum(each.net_revenue_minor for each in self.channels),
        )


def day_figures(
    engine: Engine, tables: TableStore, before: TableStore | None, currency: str, day: date | None
) -> DayFigures:
    """The figures of a day.

    Args:
        engine: Any engine; it is left with relations of one day.
        tables: The cell at a snapshot.
        before: The cell at the snapshot before; None where there is none.
        currency: Reporting currency.
        day: Which day; else the last one on which an order was placed.

    Raises:
        DayUnknown: No order was ever placed, or the day lies outside the days that the files tell of.
    """
    prepare_report(engine, tables, ("order_positions", "order_pieces"), currency)
    tables.open_into(engine, ["orders"])
    open_shops(engine, tables)
    engine.define("dated_orders", daily_query("dated_orders"), materialise=True)
    asked = _asked(engine, day)
    engine.add_arrow("asked", pa.table({"on_day": pa.array([asked], pa.date32())}))
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in engine.read(daily_query("orders_of_day")).to_pylist():
        found[row["channel"]] = {key: row[key] for key in ("orders_placed", "orders_paid", "gmv_minor")}
    for channel, booked in _booked(engine, tables).items():
        found[channel] = {**found[channel], **booked}
    channels = [ChannelDay(channel, **figures) for channel, figures in found.items()]
    return DayFigures(
        asked,
        currency,
        tuple(sorted(channels, key=lambda each: (-each.gmv_minor, each.channel))),
        _exceptions(engine, tables, before),
        _feeds(feed_rows(engine, tables)),
    )


def _asked(engine: Engine, day: date | None) -> date:
    query = parse(
        "select cast(min(placed_on) as date) as first_on, cast(max(placed_on) as date) as last_on from dated_orders",
        source="days of orders",
    )
    days = engine.read(query).to_pylist()[0]
    if days["last_on"] is None or (day is not None and not days["first_on"] <= day <= days["last_on"]):
        raise DayUnknown(str(day or ""), str(days["first_on"] or ""), str(days["last_on"] or ""))
    last: date = days["last_on"]
    return day or last


def _booked(engine: Engine, tables: TableStore) -> Mapping[str, dict[str, int]]:
    """Channel to refunds and net revenue: the P&L's own query over the entries of the day."""
    tables.open_into(engine, ["ledger_entries"], prefix="all_")
    query = parse(
        "select e.* from all_ledger_entries as e join asked as d on e.accounting_date = d.on_day",
        source="day's entries",
    )
    engine.define("ledger_entries", query)
    booked: dict[str, dict[str, int]] = {}
    for row in engine.read(parse(report_text("pnl"), source="reports/pnl.sql", strict_output=True)).to_pylist():
        if row["line"] in _NET_REVENUE:
            sums = booked.setdefault(row["channel"] or "-", {"refunds_minor": 0, "net_revenue_minor": 0})
            sums["net_revenue_minor"] += row["amount_minor"]
            sums["refunds_minor"] += row["amount_minor"] if row["line"] == "refunds" else 0
    return booked


def _exceptions(
    engine: Engine, tables: TableStore, before: TableStore | None
) -> tuple[tuple[str, int, int | None], ...]:
    tables.open_into(engine, ["exceptions"])
    if before is not None:
        before.open_into(engine, ["exceptions"], prefix="before_")
    query = f"select exception_id from {'before_exceptions' if before else 'exceptions'}"
    engine.define("exceptions_before", parse(query, source="exceptions before"))
    rows = engine.read(daily_query("exceptions_of_day")).to_pylist()
    found = [(row["kind"], row["items"], row["new_items"] if before else None) for row in rows]
    return tuple(sorted(found, key=lambda each: each[0]))


def _feeds(rows: list[dict[str, Any]]) -> tuple[tuple[str, date], ...]:
    least: dict[str, date] = {}
    for row in rows:
        if row["last_event_on"] is not None:
            least[row["format"]] = min(row["last_event_on"], least.get(row["format"], row["last_event_on"]))
    return tuple(sorted(least.items()))
