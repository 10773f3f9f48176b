"""Close a period, look at what stands against it, and open it again.

A closing derives everything once more, posts what the month end needs, keeps every entry up to the last day as it
stands, and is published with all of it as one snapshot: a process that dies leaves the books as they were.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from entrepot.engine import parse
from entrepot.flows.asking import newest_tables
from entrepot.flows.calendars import check_calendar, check_closed
from entrepot.flows.errors import PeriodNotClosable, PeriodUnknown
from entrepot.flows.importing import LEASE, ImportReport, stage, tables_to_write
from entrepot.ledger import ClosedPeriod, Decision, closed_periods
from entrepot.ledger.closing import books_open_from, standing_checks
from entrepot.ledger.fiscal import fiscal_periods
from entrepot.store import State, TableStore

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import date

    from entrepot.engine import Engine
    from entrepot.flows.parts import CellParts

ALL = "all"
"""Accepts whatever stands against a closing."""

_POSTED = """
select posting_rule, channel, shop, account, currency, functional_currency,
       sum_exact(amount_minor) as amount_minor, sum_exact(functional_minor) as functional_minor
from closing_entries where reversal_of is null
group by posting_rule, channel, shop, account, currency, functional_currency
order by posting_rule, channel nulls last, shop nulls last, account, currency
"""

_VOUCHERS = """
select entity_id, fiscal_period, count(distinct voucher_no) as vouchers,
       min(voucher_no) as first_no, max(voucher_no) as last_no
from kept_entries where voucher_no is not null
group by entity_id, fiscal_period order by fiscal_period, entity_id
"""

_BACKTEST = "select * from return_backtest order by ends_on, channel, shop, currency"

_BY_PERIOD = """
select fiscal_period, entity_id, count(distinct entry_id) as entries,
       count(distinct case when posting_rule = 'restatement' then entry_id end) as restatements
from ledger_entries group by fiscal_period, entity_id
"""


@dataclass(slots=True)
class ClosingReport:
    """What a closing found and did.

    Attributes:
        decision: The decision.
        is_done: False when something stands against it, or when it was only tried.
        checks: What stands against it: name, channel, shop, currency, n, amount_minor.
        standing: Names of checks that stand against it and were not accepted.
        posted: Sums of what the month end posts, by rule, shop, account and currency.
        backtest: Earlier estimates of returns beside what came.
        vouchers: Voucher numbers by company and period.
        snapshot_id: The snapshot that readers now see; None when nothing was closed.
    """

    decision: Decision
    is_done: bool = False
    checks: list[dict[str, Any]] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)
    posted: list[dict[str, Any]] = field(default_factory=list)
    backtest: list[dict[str, Any]] = field(default_factory=list)
    vouchers: list[dict[str, Any]] = field(default_factory=list)
    snapshot_id: int | None = None


@dataclass(frozen=True, slots=True)
class PeriodState:
    """A fiscal period as the books have it.

    Attributes:
        fiscal_period: Its name.
        starts_on: First day.
        ends_on: Last day.
        state: open, closed, or partly_closed where some companies have closed it.
        closed_for: The companies that have entries in it and have closed it.
        entries: Number of entries.
        restatements: Of these, corrections of closed periods.
    """

    fiscal_period: str
    starts_on: date
    ends_on: date
    state: str
    closed_for: tuple[str, ...]
    entries: int
    restatements: int


def close_period(
    parts: CellParts,
    period: str,
    decided_by: str,
    today: date,
    *,
    entity: str | None = None,
    accepted: Collection[str] = (),
    reason: str = "",
    dry_run: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> ClosingReport:
    """Close a period, unless something stands against it.

    Args:
        parts: The cell.
        period: `FY2026-P09`, or `2026-09` where periods are calendar months.
        decided_by: Who decides; kept with the closing.
        today: The day on which it is decided.
        entity: The company that closes; None for all that have not yet.
        accepted: Names of checks that may stand against it, or `all`.
        reason: Why they are accepted; kept.
        dry_run: Compute everything and keep nothing.
        progress: As for `import_paths`.

    Raises:
        CellBusy: An import is running.
        PeriodUnknown: The calendar has no such period.
        NothingPublished: Nothing was imported yet.
        PeriodNotClosable: It is not over, is closed already, or is not the next one.
        CalendarChanged: Periods were closed with another calendar.
    """
    newest_tables(parts)  # a company folder that is not there is not made for the question
    with contextlib.closing(State(parts.layout)) as state, state.lease(LEASE):
        tables = tables_to_write(parts, state)
        decision = _closing_decision(parts, tables, period, decided_by, today, entity)
        decision = replace(decision, accepted=tuple(sorted(accepted)), reason=reason)
        report = ClosingReport(decision)

        def look(engine: Engine) -> None:
            report.checks = standing_checks(engine)
            report.posted = engine.read(parse(_POSTED, source="closing entries")).to_pylist()
            report.vouchers = engine.read(parse(_VOUCHERS, source="vouchers")).to_pylist()
            report.backtest = engine.read(parse(_BACKTEST, source="back-test")).to_pylist()

        tell = progress or (lambda _step, _done, _all: None)
        pending = stage(parts, state, tables, ImportReport(), tell, decision, look)
        names = sorted({row["name"] for row in report.checks})
        report.standing = [] if ALL in accepted else [name for name in names if name not in accepted]
        if dry_run or report.standing:
            # No reader ever saw what was written; the tables go back to the snapshot.
            TableStore(parts.layout, state.newest_snapshot()).restore()
            return report
        report.snapshot_id = state.publish(tables.versions, pending).id
        report.is_done = True
    return report


def reopen_period(
    parts: CellParts,
    period: str,
    decided_by: str,
    reason: str,
    today: date,
    *,
    entity: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> ClosingReport:
    """Open the newest closed period again; what its closing posted is reversed, what it held stays as it is.

    Raises:
        CellBusy: An import is running.
        PeriodUnknown: The calendar has no such period.
        NothingPublished: Nothing was imported yet.
        PeriodNotClosable: It is not the newest closed period.
        CalendarChanged: Periods were closed with another calendar.
    """
    newest_tables(parts)  # a company folder that is not there is not made for the question
    with contextlib.closing(State(parts.layout)) as state, state.lease(LEASE):
        tables = tables_to_write(parts, state)
        rows, closed = _decisions(parts, tables)
        name, starts_on, ends_on = _period(parts, period)
        closing_id = _newest_closing(name, entity, closed)
        decision = Decision(
            *("reopen", closing_id, len(rows) + 1, name, starts_on, ends_on, today, decided_by, reason),
            entity_id=entity,
        )
        report = ClosingReport(decision)
        tell = progress or (lambda _step, _done, _all: None)
        pending = stage(parts, state, tables, ImportReport(), tell, decision)
        report.snapshot_id = state.publish(tables.versions, pending).id
        report.is_done = True
    return report


def period_states(parts: CellParts) -> list[PeriodState]:
    """The periods in which there are entries, in order, and whether they are closed.

    Raises:
        NothingPublished: Nothing was imported yet.
        CalendarChanged: The tables were made, or periods closed, with another calendar.
    """
    tables = newest_tables(parts)
    rows, _ = _decisions(parts, tables)
    with parts.open_engine() as engine:
        check_calendar(parts, tables, engine)
        tables.open_into(engine, ["ledger_entries"])
        counts = engine.read(parse(_BY_PERIOD, source="periods")).to_pylist()
    return [
        _state(row, [each for each in counts if each["fiscal_period"] == row["fiscal_period"]], rows)
        for row in fiscal_periods(parts.settings.calendar).to_pylist()
        if any(each["fiscal_period"] == row["fiscal_period"] for each in counts)
    ]


def _state(period: dict[str, Any], counts: list[dict[str, Any]], decisions: list[dict[str, Any]]) -> PeriodState:
    """A period with entries of one or more companies."""
    companies = sorted(each["entity_id"] for each in counts)
    open_from = {each: books_open_from(decisions, each) for each in companies}
    closed = tuple(each for each, day in open_from.items() if day is not None and period["ends_on"] < day)
    return PeriodState(
        period["fiscal_period"],
        period["starts_on"],
        period["ends_on"],
        "open" if not closed else "closed" if len(closed) == len(companies) else "partly_closed",
        closed,
        sum(each["entries"] for each in counts),
        sum(each["restatements"] for each in counts),
    )


def _decisions(parts: CellParts, tables: TableStore) -> tuple[list[dict[str, Any]], list[ClosedPeriod]]:
    with parts.open_engine() as engine:
        rows = check_closed(parts, tables, engine)
    return rows, closed_periods(rows)


def _newest_closing(name: str, entity: str | None, closed: Sequence[ClosedPeriod]) -> str:
    """The closing that a reopening takes back: the newest of the company, closed for it alone or for all together."""
    mine = [each for each in closed if entity is None or each.entity_id in (None, entity)]
    newest = mine[-1] if mine else None
    if newest is None or newest.fiscal_period != name:
        last = f"the newest closed period is {newest.fiscal_period}" if newest else "no period is closed"
        raise PeriodNotClosable(name, f"{last}; periods are reopened from the newest back")
    found = next((each for each in mine if each.fiscal_period == name and each.entity_id == entity), None)
    if found is None:
        alone = ", ".join(sorted(each.entity_id for each in mine if each.fiscal_period == name and each.entity_id))
        how = "all companies together; leave `--entity` out" if entity else f"{alone} alone; name it with `--entity`"
        raise PeriodNotClosable(name, f"it was closed for {how}")
    return found.closing_id


def _closing_decision(
    parts: CellParts, tables: TableStore, period: str, decided_by: str, today: date, entity: str | None
) -> Decision:
    rows, _ = _decisions(parts, tables)
    name, starts_on, ends_on = _period(parts, period)
    companies = [each.id for each in parts.settings.entities]
    if entity is not None and entity not in companies:
        raise PeriodNotClosable(name, f"there is no company {entity}; cell.toml has {', '.join(companies)}")
    calendar = fiscal_periods(parts.settings.calendar).to_pylist()
    opened = {each: books_open_from(rows, each) for each in ([entity] if entity else companies)}
    closing = {each: day for each, day in opened.items() if day is None or day <= ends_on}
    if not closing:
        raise PeriodNotClosable(name, "it is closed already; `entrepot periods` shows what is open")
    for company, open_from in closing.items():
        following = next((row for row in calendar if open_from and row["ends_on"] >= open_from), None)
        if following and following["fiscal_period"] != name:
            of_company = f" of {company}" if any(row.get("entity_id") for row in rows) or entity else ""
            why = f"periods are closed in order, and {following['fiscal_period']} is the next{of_company}"
            raise PeriodNotClosable(name, why)
    if today <= ends_on:
        raise PeriodNotClosable(name, f"it ends on {ends_on}, which is not over yet")
    of = [row for row in rows if row["fiscal_period"] == name and row.get("entity_id") == entity]
    times = sum(row["action"] == "close" for row in of)
    return Decision(
        "close",
        ".".join([name, *([entity] if entity else []), str(times + 1)]),
        len(rows) + 1,
        name,
        starts_on,
        ends_on,
        today,
        decided_by,
        earlier_ends=tuple(_ends_before(calendar, ends_on)),
        entity_id=entity,
        entities=tuple(closing),
    )


def _ends_before(calendar: Sequence[dict[str, Any]], ends_on: date) -> list[date]:
    return [row["ends_on"] for row in calendar if row["ends_on"] < ends_on]


def _period(parts: CellParts, asked: str) -> tuple[str, date, date]:
    """Name, first and last day of the period that a person means."""
    calendar = fiscal_periods(parts.settings.calendar).to_pylist()
    by_month = parts.settings.calendar.pattern == "months"
    for row in calendar:
        if asked.upper() == row["fiscal_period"] or (by_month and asked == row["starts_on"].isoformat()[:7]):
            return row["fiscal_period"], row["starts_on"], row["ends_on"]
    example = next(row for row in calendar if row["starts_on"].year == 2026)  # noqa: PLR2004 any year shows the shape
    raise PeriodUnknown(asked, example["fiscal_period"], by_month=by_month)
