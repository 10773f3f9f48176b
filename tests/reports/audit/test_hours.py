"""Hours of four approaches: the stated formula, half up, with assumptions that a reader can replace."""

from __future__ import annotations

import pytest

from entrepot.reports.audit import assumptions_with, hours_text, shipped_assumptions
from entrepot.reports.audit.hours import APPROACHES, ITEMS, hours_of
from entrepot.reports.audit.shape import Basis
from entrepot.reports.errors import AssumptionsInvalid

BASIS = Basis(months=3, files=54, order_lines=27_150, exceptions=152, links=14)
"""A brand of C54: three months, seven platforms and payment providers, nine thousand order lines a month."""


def test_every_shipped_assumption_is_dated_and_marked_as_ours() -> None:
    rows = shipped_assumptions()
    assert [(row["approach"], row["item"]) for row in rows] == [(one, other) for one in APPROACHES for other in ITEMS]
    assert {(row["as_of"], row["basis"]) for row in rows} == {("2026-11-22", "our assumption")}


def test_a_brand_with_nine_thousand_lines_a_month_loses_more_than_a_working_week_by_hand() -> None:
    by_hand, point_to_point, ipaas, ours = hours_of(BASIS, shipped_assumptions())
    # (54 files x 50 + 271.5 hundreds x 15 + 152 exceptions x 8) / 3 = 2,662.8 minutes.
    assert (by_hand.month_minutes, by_hand.setup_minutes, by_hand.saved_month_minutes) == (2_663, 0, 0)
    assert by_hand.month_minutes > 40 * 60
    # (54 x 5 + 271.5 x 8 + 152 x 8) / 3 + 14 links x 60, and 14 links x 60 hours before that.
    assert (point_to_point.month_minutes, point_to_point.setup_minutes) == (1_219 + 840, 14 * 3_600)
    assert ipaas.month_minutes == 1_219 + 420
    # (54 x 10 + 152 x 5) / 3 + 14 x 15.
    assert (ours.month_minutes, ours.setup_minutes, ours.saved_month_minutes) == (433 + 210, 840, 2_663 - 643)
    assert ours.year_minutes == 840 + 12 * 643


def test_a_reader_replaces_some_assumptions_and_keeps_the_others() -> None:
    rows = assumptions_with("mine.csv", "approach,item,minutes\nmanual,retype_file,0\n")
    assert len(rows) == len(shipped_assumptions())
    changed = next(row for row in rows if (row["approach"], row["item"]) == ("manual", "retype_file"))
    assert changed == {
        "approach": "manual",
        "item": "retype_file",
        "minutes": 0,
        "as_of": "",
        "basis": "given by the reader",
    }
    assert hours_of(BASIS, rows)[0].month_minutes == 2_663 - 54 * 40 // 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("approach,item\nmanual,retype_file\n", "mine.csv, row 1, minutes: the column is missing"),
        ("approach,item,minutes\nmanual,retype_file,5\nmagic,retype_file,5\n", "mine.csv, row 3, approach: known are"),
        ("approach,item,minutes\nmanual,sleep,5\n", "mine.csv, row 2, item: known are"),
        ("approach,item,minutes\nmanual,retype_file,-5\n", "mine.csv, row 2, minutes: write a whole number"),
        ("approach,item,minutes\nmanual,retype_file,1.5\n", "mine.csv, row 2, minutes: write a whole number"),
    ],
)
def test_an_assumption_that_cannot_be_used_is_refused_with_row_and_column(text: str, says: str) -> None:
    with pytest.raises(AssumptionsInvalid) as refused:
        assumptions_with("mine.csv", text)
    assert str(refused.value).startswith(says)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0.0"), (1_215, "20.3"), (3, "0.1"), (2, "0.0"), (-90, "−1.5"), (-2, "0.0"), (72_000, "1,200.0")],
)
def test_minutes_are_shown_as_hours_with_one_decimal_half_up(minutes: int, text: str) -> None:
    assert hours_text(minutes) == text
