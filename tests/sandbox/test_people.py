"""Invented persons are nobody, and look like somebody to every search."""

from __future__ import annotations

from entrepot.residency.detectors import is_resident_id
from entrepot.sandbox.people import ABROAD_FROM, person


def test_an_invented_identity_number_is_nobodys_and_has_its_check_digit() -> None:
    numbers = [person(each).resident_id for each in (0, 1, 999, 1000, 39_999, 123_456)]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert len(number) == 18
        assert not is_resident_id(number)  # 99 is no province
    # The national standard's own weights, over a number with a province: only the province was wrong.
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    for number in numbers:
        total = sum(weight * int(digit) for weight, digit in zip(weights, number[:17], strict=True))
        assert number[17] == "10X98765432"[total % 11]


def test_who_lives_abroad_has_none() -> None:
    assert person(ABROAD_FROM).resident_id == ""
