"""A line's own amount in the remark of an ERP that keeps the company's currency only."""

from __future__ import annotations

import pytest

from entrepot.delivery.remarks import own_amount


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("EUR -90.50", ("EUR", -9_050)),
        ("JPY 1200", ("JPY", 1_200)),
        ("", ("USD", 10_010)),
        ("paid twice", ("USD", 10_010)),
        ("EUR many", ("USD", 10_010)),
    ],
)
def test_a_remark_that_somebody_wrote_is_no_amount(text: str, wanted: tuple[str, int]) -> None:
    assert own_amount(text, "USD", 10_010) == wanted
