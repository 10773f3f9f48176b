from __future__ import annotations

from itertools import permutations

import pytest

from entrepot.sandbox.arithmetic import allocate, decimal, half_up, is_tie_free, translate, vat_inside


@pytest.mark.parametrize(
    ("numerator", "denominator", "whole"),
    [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (-4, 3, -1), (0, 7, 0), (3, 2, 2), (1, 2, 1)],
)
def test_halves_are_rounded_away_from_zero(numerator: int, denominator: int, whole: int) -> None:
    assert half_up(numerator, denominator) == whole


def test_vat_is_taken_out_of_a_gross_amount() -> None:
    assert vat_inside(11_300, 1300) == 1_300
    assert vat_inside(18_000, 1300) == 2_071
    assert vat_inside(-1_175, 600) == -67
    assert vat_inside(999, 0) == 0


def test_what_is_left_over_goes_to_the_largest_remainders_and_ties_to_the_earlier() -> None:
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(-100, [1, 1, 1]) == [-34, -33, -33]
    assert allocate(10, [3, 3, 1]) == [4, 4, 2]
    assert allocate(5, [0, 0]) == [3, 2]
    assert allocate(0, [4, 5]) == [0, 0]
    assert allocate(7, []) == []


def test_an_amount_is_free_of_ties_when_no_order_of_the_lines_changes_a_share() -> None:
    for amount in range(40):
        for lines in ([3, 3], [5, 3], [4, 2, 2], [7, 5, 1]):
            tail = [2]
            shares = {
                tuple(sorted(zip(order, allocate(amount, [lines[at] for at in order] + tail), strict=False)))
                for order in permutations(range(len(lines)))
            }
            assert is_tie_free(amount, lines, tail) == (len(shares) == 1), (amount, lines)


def test_an_amount_is_translated_over_the_euro() -> None:
    assert translate(213, 1_200_000, 7_800_000) == 1_385
    assert translate(-213, 1_200_000, 7_800_000) == -1_385


def test_amounts_are_written_with_two_decimals() -> None:
    assert [decimal(minor) for minor in (0, 5, -5, 123_456)] == ["0.00", "0.05", "-0.05", "1234.56"]
