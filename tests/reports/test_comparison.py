"""A month beside an earlier one, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.reports import Against, ComparedLine, compared, earlier

NOW = [
    {"channel": "tmall", "line": "revenue_goods", "amount_minor": 150_00},
    {"channel": "tmall", "line": "cogs", "amount_minor": -60_00},
    {"channel": "jd", "line": "revenue_goods", "amount_minor": 40_00},
    {"channel": "jd", "line": "revenue_without_cost", "amount_minor": -40_00},
]
BEFORE = [
    {"channel": "tmall", "line": "revenue_goods", "amount_minor": 120_00},
    {"channel": "tmall", "line": "cogs", "amount_minor": -45_00},
    {"channel": "tmall", "line": "fees", "amount_minor": -3_00},
]


def _figures(column: str | None, key: str) -> tuple[int | None, int | None, int | None, int | None]:
    (found,) = [
        each for each in compared(NOW, BEFORE, "channel", "CNY") if (each.column, each.line.key) == (column, key)
    ]
    return found.now_minor, found.before_minor, found.difference_minor, found.change_bp


@pytest.mark.parametrize(
    ("value", "against", "found"),
    [
        ("2026-09", Against.PREVIOUS, "2026-08"),
        ("2026-01", Against.PREVIOUS, "2025-12"),
        ("2026-09", Against.YEAR, "2025-09"),
        ("FY2026-P09", Against.PREVIOUS, "FY2026-P08"),
        ("FY2026-P01", Against.PREVIOUS, "FY2025-P12"),
        ("FY2026-P01", Against.YEAR, "FY2025-P01"),
    ],
)
def test_a_month_and_a_period_know_the_one_before_and_that_of_the_year_before(
    value: str, against: Against, found: str
) -> None:
    assert earlier(value, against) == found


def test_a_line_shows_both_amounts_their_difference_and_its_part_of_the_earlier_one() -> None:
    assert _figures(None, "revenue_goods") == (190_00, 120_00, 70_00, 58_33)
    assert _figures("tmall", "revenue_goods") == (150_00, 120_00, 30_00, 25_00)
    assert _figures("tmall", "gross_margin") == (90_00, 75_00, 15_00, 20_00)


def test_a_cost_that_grows_is_a_change_downwards_and_one_that_goes_away_upwards() -> None:
    assert _figures("tmall", "cogs") == (-60_00, -45_00, -15_00, -33_33)
    assert _figures("tmall", "fees") == (0, -3_00, 3_00, 100_00)


def test_what_was_nothing_before_has_a_difference_and_no_per_cent() -> None:
    assert _figures("jd", "revenue_goods") == (40_00, 0, 40_00, None)


def test_a_margin_without_a_known_cost_is_compared_with_nothing() -> None:
    assert _figures("jd", "gross_margin") == (None, 0, None, None)


def test_half_a_basis_point_rounds_away_from_nothing_on_both_sides() -> None:
    def change(now: int) -> Any:
        return ComparedLine(None, compared(NOW, BEFORE, "channel", "CNY")[0].line, now, 20_000).change_bp

    assert (change(20_001), change(19_999)) == (1, -1)


def test_the_total_comes_first_and_then_each_channel() -> None:
    assert list(dict.fromkeys(each.column for each in compared(NOW, BEFORE, "channel", "CNY"))) == [None, "tmall", "jd"]
