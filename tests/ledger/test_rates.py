"""The shipped reference rates: units of a currency per euro in millionths, and how long one holds."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import pyarrow as pa

from entrepot.ledger.rates import (
    STALE_AFTER_DAYS,
    newest_rate_day,
    rate_rows,
    rated_currencies,
    rates_by_day,
    second_source,
)


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


def test_a_list_counts_where_it_is_newer_than_the_shipped_rates() -> None:
    newest = newest_rate_day()
    listed = pa.table(
        {
            "currency": ["USD", "USD", "EUR"],
            "rate_on": pa.array([newest, newest + timedelta(days=10), newest + timedelta(days=10)], pa.date32()),
            "per_euro_e6": pa.array([999_000_000, 1_200_000, 1_000_000], pa.int64()),
            "rate_source": ["PBOC", "PBOC", "PBOC"],
        }
    )
    rows = {(row["currency"], row["on_day"]): row for row in rates_by_day(listed).to_pylist()}

    def of(days: int) -> tuple[int, str]:
        row = rows["USD", newest + timedelta(days=days)]
        return row["per_euro_e6"], row["rate_source"]

    shipped = _by_day()["USD", newest][1]
    assert [of(0), of(9), of(10), of(400)] == [
        (shipped, "ecb"),
        (shipped, "ecb"),
        (1_200_000, "PBOC"),
        (1_200_000, "PBOC"),
    ]
    # The yen is in no list: it is as old as it was.
    assert ("JPY", newest + timedelta(days=401)) not in rows
    assert ("USD", newest + timedelta(days=410)) in rows


def test_the_federal_reserve_agrees_with_the_european_central_bank_month_by_month() -> None:
    """Two banks publish independently; monthly means of freely traded currencies lie within half a per cent."""
    ours: dict[tuple[str, str], list[float]] = {}
    for (currency, day), (rate_on, per_euro) in _by_day().items():
        if rate_on == day and day.year >= 2019:
            ours.setdefault((currency, day.isoformat()[:7]), []).append(per_euro / _by_day()["USD", day][1])
    theirs = {(row["currency"], row["month"]): row["per_usd_e6"] / 1e6 for row in second_source().to_pylist()}
    compared = {
        key: sum(rates) / len(rates) / theirs[key] - 1
        for key, rates in ours.items()
        if key in theirs and key[0] in {"CNY", "JPY", "HKD", "GBP", "EUR", "CHF"}
    }
    assert len(compared) > 400
    assert max(abs(difference) for difference in compared.values()) < 0.005
