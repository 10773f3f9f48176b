"""One name of a fiscal period stands for the same days in `cell.toml`, in the tables and in what was closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.flows.asking import newest_tables
from entrepot.flows.errors import CalendarChanged
from entrepot.ledger.fiscal import fiscal_periods

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.engine import Engine
    from entrepot.flows.parts import CellParts
    from entrepot.store import TableStore


def check_closed(parts: CellParts, tables: TableStore, engine: Engine) -> list[dict[str, Any]]:
    """Hold that what was closed has the periods of `cell.toml`; gives the closings.

    Entries of a closed period keep its name: beside others that got theirs anew, one name would stand for two periods.

    Raises:
        CalendarChanged: It has others.
    """
    tables.open_into(engine, ["closings"])
    rows: list[dict[str, Any]] = engine.read("closings").to_pylist()
    _compare(parts, rows, is_closed=True)
    return rows


def check_calendar(parts: CellParts, tables: TableStore, engine: Engine) -> None:
    """Hold that the tables' fiscal periods, and those that were closed, are those of `cell.toml`.

    Raises:
        CalendarChanged: They are not.
    """
    check_closed(parts, tables, engine)
    tables.open_into(engine, ["fiscal_periods"])
    _compare(parts, engine.read("fiscal_periods").to_pylist(), is_closed=False)


def check_fiscal_report(parts: CellParts) -> None:
    """Hold, before a report by fiscal period is shown, that its periods are those of `cell.toml`.

    Raises:
        NothingPublished: Nothing was imported yet.
        CalendarChanged: The tables were made, or periods closed, with another calendar.
    """
    with parts.open_engine() as engine:
        check_calendar(parts, newest_tables(parts), engine)


def _compare(parts: CellParts, rows: Sequence[dict[str, Any]], *, is_closed: bool) -> None:
    calendar = {
        row["fiscal_period"]: (row["starts_on"], row["ends_on"])
        for row in fiscal_periods(parts.settings.calendar).to_pylist()
    }
    for row in rows:
        name, days = row["fiscal_period"], (row["starts_on"], row["ends_on"])
        if calendar.get(name) != days:
            raise CalendarChanged(name, *days, is_closed=is_closed)
