"""The fiscal calendar of a company: calendar months, or weeks in the pattern 4-4-5 and its sisters."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.store import CalendarSettings

_FIRST_YEAR, _LAST_YEAR = 1999, 2050
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK = timedelta(days=7)

_Period = tuple[str, str, int, int, int | None, date, date]
"""Period, year, quarter, number, weeks, first day, last day."""


def fiscal_periods(settings: CalendarSettings) -> pa.Table:
    """The table `fiscal_periods` for the years 1999 to 2050: no day belongs to two periods, none to none."""
    rows = list(_months(settings) if settings.pattern == "months" else _weeks(settings))
    names = ("fiscal_period", "fiscal_year", "quarter", "period_no", "weeks", "starts_on", "ends_on")
    types = (pa.string(), pa.string(), pa.int64(), pa.int64(), pa.int64(), pa.date32(), pa.date32())
    columns = zip(*rows, strict=True)
    return pa.table(
        {name: pa.array(list(values), type_) for name, type_, values in zip(names, types, columns, strict=True)}
    )


def fiscal_days(settings: CalendarSettings) -> pa.Table:
    """The relation `fiscal_days`: every day with its period, so that a join needs no range."""
    days: list[date] = []
    names: list[str] = []
    for row in fiscal_periods(settings).to_pylist():
        for number in range((row["ends_on"] - row["starts_on"]).days + 1):
            days.append(row["starts_on"] + timedelta(days=number))
            names.append(row["fiscal_period"])
    return pa.table({"on_day": pa.array(days, pa.date32()), "fiscal_period": pa.array(names, pa.string())})


def _named(settings: CalendarSettings, first: date, last: date) -> str:
    # By the calendar year of its first day or of its last, as the company is used to.
    return f"FY{first.year if settings.named_by == 'start' else last.year}"


def _months(settings: CalendarSettings) -> Iterator[_Period]:
    for year in range(_FIRST_YEAR, _LAST_YEAR):
        first = date(year, settings.first_month, 1)
        name = _named(settings, first, _month_after(first, 12) - timedelta(days=1))
        for number in range(12):
            start = _month_after(first, number)
            end = _month_after(first, number + 1) - timedelta(days=1)
            yield f"{name}-P{number + 1:02d}", name, number // 3 + 1, number + 1, None, start, end


def _month_after(first: date, months: int) -> date:
    count = first.month - 1 + months
    return date(first.year + count // 12, count % 12 + 1, 1)


def _weeks(settings: CalendarSettings) -> Iterator[_Period]:
    pattern = [int(part) for part in settings.pattern.split("-")] * 4
    for year in range(_FIRST_YEAR, _LAST_YEAR):
        first = _year_end(settings, year) + timedelta(days=1)
        last = _year_end(settings, year + 1)
        weeks = list(pattern)
        # A year of 53 weeks gives the odd one to its last period.
        weeks[-1] += (last - first).days // 7 + 1 - sum(pattern)
        # A year that ends beside December starts beside January: by its very days two years would get one name, and a
        # year between them none.
        is_calendar_year = settings.named_by == "end" or settings.year_end_month == 12  # noqa: PLR2004 December
        name, start = f"FY{year + 1 if is_calendar_year else year}", first
        for number, count in enumerate(weeks):
            end = start + count * _WEEK - timedelta(days=1)
            yield f"{name}-P{number + 1:02d}", name, number // 3 + 1, number + 1, count, start, end
            start = end + timedelta(days=1)


def _year_end(settings: CalendarSettings, year: int) -> date:
    """The last day of the fiscal year that ends in or beside a month of this calendar year."""
    end = _month_after(date(year, settings.year_end_month, 1), 1) - timedelta(days=1)
    back = timedelta(days=(end.weekday() - _DAYS.index(settings.year_end_weekday)) % 7)
    if settings.year_end == "nearest" and back.days > 3:  # noqa: PLR2004 half a week
        return end - back + _WEEK
    return end - back
