"""The shipped reference rates: units of a currency per euro in millionths, and how long one holds."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from entrepot.ledger.rates import STALE_AFTER_DAYS, newest_rate_day, rate_rows, rated_currencies, rates_by_day


@lru_cache(maxsize=1)
def _by_day() -> dict[tuple[str, date], tuple[date, int]]:
    rows: list[dict[str, Any]] = rates_by_day().to_pylist()
    return {(row["currency"], row["on_day"]): (row["rate_on"], row["per_euro_e6"]) for row in rows}


def test_a_published_rate_is_the_banks_to_the_last_digit() -> None:
    # European Central Bank, 30 October 2026: 7.4326 yuan, 175.68 yen and 20275.17 rupiah for a euro.
    friday = date(2026, 10, 30)
    assert _by_day()["CNY", friday] == (friday, 7_432_600)
    assert _by_day()["JPY", friday] == (friday, 175_680_000)
    assert _by_day()["IDR", friday] == (friday, 20_275_170_000)
    assert _by_day()["EUR", friday] == (friday, 1_000_000)


def test_a_sunday_has_the_rate_of_friday() -> None:
    assert _by_day()["USD", date(2026, 10, 25)] == _by_day()["USD", date(2026, 10, 23)]
    assert _by_day()["USD", date(2026, 10, 25)][0] == date(2026, 10, 23)


def test_a_rate_holds_for_four_hundred_days_and_no_longer() -> None:
    newest = newest_rate_day()
    assert _by_day()["USD", newest + timedelta(days=STALE_AFTER_DAYS)][0] == newest
    assert ("USD", newest + timedelta(days=STALE_AFTER_DAYS + 1)) not in _by_day()


def test_a_currency_that_the_euro_replaced_has_no_rate_any_more() -> None:
    # Slovenia took the euro on 1 January 2007; the last rate of the tolar is of 29 December 2006.
    assert _by_day()["SIT", date(2007, 1, 2)][0] == date(2006, 12, 29)
    assert ("SIT", date(2010, 1, 4)) not in _by_day()


def test_the_table_of_rates_has_what_was_published_and_nothing_else() -> None:
    rows = rate_rows().to_pylist()
    assert {row["currency"] for row in rows} == rated_currencies()
    assert len({(row["currency"], row["rate_on"]) for row in rows}) == len(rows)
    assert all(row["rate_on"].weekday() < 5 for row in rows)
