"""Fiscal calendars: every day in exactly one period, whatever the pattern."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.ledger.fiscal import fiscal_days, fiscal_periods
from entrepot.store import CalendarSettings, CellLayout, load_settings
from entrepot.store.errors import SettingsInvalid

if TYPE_CHECKING:
    from pathlib import Path

# The retail calendar of the United States: 4-5-4 weeks, ending on the Saturday nearest to the end of January.
_RETAIL = CalendarSettings("4-5-4", year_end="nearest", year_end_weekday="saturday", year_end_month=1, named_by="start")
_LAST_FRIDAY = CalendarSettings("4-4-5", year_end="last", year_end_weekday="friday", year_end_month=6)
_PATTERNS = {
    "months": CalendarSettings(),
    "April": CalendarSettings(first_month=4),
    "retail": _RETAIL,
    "last Friday": _LAST_FRIDAY,
    "5-4-4": CalendarSettings("5-4-4"),
}


def _year(settings: CalendarSettings, name: str) -> list[dict[str, Any]]:
    return [row for row in fiscal_periods(settings).to_pylist() if row["fiscal_year"] == name]


@pytest.mark.parametrize("pattern", _PATTERNS)
def test_no_day_is_in_two_periods_and_none_is_in_none(pattern: str) -> None:
    days = fiscal_days(_PATTERNS[pattern])["on_day"].to_pylist()
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert days[0] < date(2001, 1, 1)
    assert days[-1] > date(2048, 1, 1)
    names = fiscal_periods(_PATTERNS[pattern])["fiscal_period"].to_pylist()
    assert len(names) == len(set(names))


@pytest.mark.parametrize("year_end", ["last", "nearest"])
@pytest.mark.parametrize("named_by", ["start", "end"])
@pytest.mark.parametrize("weekday", ["friday", "saturday", "sunday"])
@pytest.mark.parametrize("month", [1, 2, 6, 9, 12])
def test_every_year_has_a_name_of_its_own(year_end: Any, named_by: Any, weekday: Any, month: int) -> None:
    settings = CalendarSettings("4-4-5", 1, year_end, weekday, month, named_by)
    first = [row for row in fiscal_periods(settings).to_pylist() if row["period_no"] == 1]
    years = [int(row["fiscal_year"].removeprefix("FY")) for row in first]
    assert years == list(range(years[0], years[0] + len(years)))
    # A year is called by one in which, or within days of which, it starts or ends.
    starts = [(row["starts_on"] + timedelta(days=7)).year for row in first]
    assert {year - start for year, start in zip(years, starts, strict=True)} <= {0, 1}


def test_a_year_of_53_weeks_that_ends_in_january_is_the_december_s() -> None:
    # Companies whose year ends on the Saturday nearest to 31 December called that to 2 January 2021 fiscal 2020.
    near_december = CalendarSettings("4-4-5", year_end="nearest")
    year = _year(near_december, "FY2020")
    assert (year[0]["starts_on"], year[-1]["ends_on"]) == (date(2019, 12, 29), date(2021, 1, 2))
    assert [row["weeks"] for row in year] == [4, 4, 5] * 3 + [4, 4, 6]
    assert _year(near_december, "FY2021")[0]["starts_on"] == date(2021, 1, 3)


def test_calendar_months_are_the_calendar_year() -> None:
    year = _year(CalendarSettings(), "FY2026")
    assert [(row["fiscal_period"], row["starts_on"], row["ends_on"]) for row in year[:2]] == [
        ("FY2026-P01", date(2026, 1, 1), date(2026, 1, 31)),
        ("FY2026-P02", date(2026, 2, 1), date(2026, 2, 28)),
    ]
    assert [row["quarter"] for row in year] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]


def test_a_year_from_april_is_called_by_the_march_in_which_it_ends() -> None:
    year = _year(CalendarSettings(first_month=4), "FY2027")
    assert (year[0]["starts_on"], year[-1]["ends_on"]) == (date(2026, 4, 1), date(2027, 3, 31))


def test_the_retail_year_2026_of_the_united_states() -> None:
    # National Retail Federation, 4-5-4 calendar 2026: 1 February 2026 to 30 January 2027, 52 weeks.
    year = _year(_RETAIL, "FY2026")
    assert (year[0]["starts_on"], year[-1]["ends_on"]) == (date(2026, 2, 1), date(2027, 1, 30))
    assert [row["weeks"] for row in year] == [4, 5, 4] * 4
    assert year[7]["starts_on"] == date(2026, 8, 30)


def test_a_year_of_53_weeks_gives_the_odd_one_to_its_last_period() -> None:
    # The retail year 2023 had 53 weeks: 29 January 2023 to 3 February 2024.
    year = _year(_RETAIL, "FY2023")
    assert (year[0]["starts_on"], year[-1]["ends_on"]) == (date(2023, 1, 29), date(2024, 2, 3))
    assert [row["weeks"] for row in year] == [4, 5, 4] * 3 + [4, 5, 5]


def test_a_year_that_ends_on_the_last_friday_of_june() -> None:
    year = _year(_LAST_FRIDAY, "FY2026")
    assert (year[0]["starts_on"], year[-1]["ends_on"]) == (date(2025, 6, 28), date(2026, 6, 26))
    assert [row["weeks"] for row in year] == [4, 4, 5] * 4


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ('pattern = "4-4-5"\nfirst_month = 2', "has no first_month; say by year_end_month where it ends"),
        ("year_end_month = 1", "year_end_month is of a year of weeks; set `pattern`"),
    ],
)
def test_a_setting_of_the_other_kind_of_calendar_is_refused(tmp_path: Path, told: str, said: str) -> None:
    (tmp_path / "cell.toml").write_text(f"[calendar]\n{told}\n", encoding="utf-8")
    with pytest.raises(SettingsInvalid, match=said):
        load_settings(CellLayout(tmp_path))
