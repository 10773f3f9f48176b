"""Payouts that arrive in one sum: over several days and a month end, of two shops, with one that came back, with one refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from entrepot.store import CellSettings, EntitySettings, ShopSettings
from entrepot.testing.memory_tables import derived_from

Rows = dict[str, list[dict[str, Any]]]

SETTINGS = CellSettings(
    entities=(EntitySettings("cn"),),
    shops=tuple(
        ShopSettings(shop, "jd", "cn", "own_shop", "shipped", "Asia/Shanghai") for shop in ("one", "two", "three")
    ),
)
_JD = "网银在线（北京）科技有限公司"


def _sent(number: str, month: int, day: int, minor: int, shop: str = "one", **facts: Any) -> dict[str, Any]:
    """A withdrawal that leaves the shop's wallet at noon in Shanghai."""
    plain = {
        "line_id": f"jd:{number}",
        "channel": "jd",
        "month": f"2026-{month:02d}",
        "shop": shop,
        "wallet_id": f"jd:{shop}",
        "kind": "withdrawal",
        "currency": "CNY",
        "amount_minor": -minor,
        "booked_at": datetime(2026, month, day, 4, tzinfo=UTC),
    }
    return plain | facts


def _line(number: str, month: int, day: int, minor: int, counterparty: str = _JD) -> dict[str, Any]:
    return {
        "bank_line_id": f"6222/{number}",
        "bank_account": "6222",
        "channel": "own",
        "month": f"2026-{month:02d}",
        "booked_on": date(2026, month, day),
        "currency": "CNY",
        "amount_minor": minor,
        "counterparty": counterparty,
    }


_FIRST, _LAST = _line("first", 9, 1, -1_00, "房东"), _line("last", 10, 31, -1_00, "房东")
"""The statement covers both months whole."""


def _derived(
    sent: list[dict[str, Any]], lines: list[dict[str, Any]], refused: tuple[tuple[str, str], ...] = ()
) -> Rows:
    decisions = [
        {"bank_line_id": f"6222/{line}", "payout_id": f"jd:{payout}", "channel": "own", "decision": "refused"}
        for line, payout in refused
    ]
    rows = {"settlement_lines": sent, "bank_lines": [_FIRST, *lines, _LAST], "bank_decisions": decisions}
    return derived_from(rows, SETTINGS)


def _found(derived: Rows, state: str = "matched") -> list[tuple[str, str, str, int | None]]:
    return sorted(
        (
            (row["bank_line_id"] or "").removeprefix("6222/"),
            (row["payout_id"] or "").removeprefix("jd:"),
            row["reason"] or row["rule"],
            row["payout_minor"],
        )
        for row in derived["bank_matches"]
        if row["state"] == state
    )


def _missing(derived: Rows) -> set[tuple[str, str, int]]:
    kinds = ("payout_not_in_bank", "bank_line_unexplained")
    return {
        (row["kind"], row["key"].removeprefix("6222/").removeprefix("jd:"), row["amount_minor"])
        for row in derived["exceptions"]
        if row["kind"] in kinds
    }


def _balance(derived: Rows, account: str, until: date) -> int:
    return sum(
        row["amount_minor"]
        for row in derived["ledger_entries"]
        if row["account"] == account and row["accounting_date"] <= until
    )


def test_payouts_of_three_days_over_a_month_end_arrive_in_one_sum_and_are_on_their_way_between() -> None:
    sent = [_sent("A", 9, 29, 300_00), _sent("B", 9, 30, 41_00), _sent("C", 10, 1, 9_00)]
    derived = _derived(sent, [_line("sum", 10, 2, 350_00)])
    assert _found(derived) == [
        ("sum", "A", "merged", 300_00),
        ("sum", "B", "merged", 41_00),
        ("sum", "C", "merged", 9_00),
    ]
    assert _missing(derived) == set()
    # At the end of September 341.00 have left the wallet and are not at the bank.
    assert _balance(derived, "cash_in_transit", date(2026, 9, 30)) == 341_00
    assert _balance(derived, "cash_in_transit", date(2026, 10, 31)) == 0
    assert _balance(derived, "bank", date(2026, 10, 31)) == 350_00


def test_payouts_with_a_gap_between_are_no_sum() -> None:
    # A and C would make 309.00, but B lies between them and stays away: nobody sends the first and the third day alone.
    sent = [_sent("A", 9, 29, 300_00), _sent("B", 9, 30, 41_00), _sent("C", 10, 1, 9_00)]
    derived = _derived(sent, [_line("sum", 10, 2, 309_00)])
    assert _found(derived) == []
    assert ("bank_line_unexplained", "sum", 309_00) in _missing(derived)
    assert {key for _, key, _ in _missing(derived)} == {"A", "B", "C", "sum"}


def test_two_shops_of_a_day_and_two_shops_of_two_days_arrive_in_one_movement() -> None:
    sent = [
        *(_sent("A", 9, 3, 300_00), _sent("B", 9, 3, 41_00, "two")),
        *(_sent("C", 9, 29, 70_00), _sent("D", 9, 30, 8_00, "two")),
        # A third shop's money comes by itself.
        _sent("E", 9, 3, 5_00, "three"),
    ]
    lines = [_line("day", 9, 4, 341_00), _line("end", 10, 1, 78_00), _line("own", 9, 4, 5_00)]
    derived = _derived(sent, lines)
    assert _found(derived) == [
        ("day", "A", "merged", 300_00),
        ("day", "B", "merged", 41_00),
        ("end", "C", "merged", 70_00),
        ("end", "D", "merged", 8_00),
        ("own", "E", "exact", 5_00),
    ]
    assert _missing(derived) == set()


@pytest.mark.parametrize("back_on", [3, 5])
def test_a_payout_that_comes_back_out_of_a_sum_is_seen_where_the_bank_shows_it(back_on: int) -> None:
    sent = [_sent("A", 9, 3, 300_00), _sent("B", 9, 3, 41_00), _sent("BACK", 9, back_on, -41_00)]
    derived = _derived(sent, [_line("sum", 9, 4, 341_00), _line("back", 9, 6, -41_00)])
    assert _found(derived) == [
        ("back", "BACK", "exact", -41_00),
        ("sum", "A", "merged", 300_00),
        ("sum", "B", "merged", 41_00),
    ]
    assert _missing(derived) == set()


def test_a_payout_that_came_back_before_the_sum_was_sent_is_no_part_of_it() -> None:
    sent = [_sent("A", 9, 3, 300_00), _sent("B", 9, 3, 41_00), _sent("C", 9, 3, 9_00), _sent("BACK", 9, 5, -41_00)]
    derived = _derived(sent, [_line("sum", 9, 4, 309_00)])
    assert _found(derived) == [("sum", "A", "merged", 300_00), ("sum", "C", "merged", 9_00)]
    assert _found(derived, "returned") == [("", "B", "returned", 41_00), ("", "BACK", "returned", -41_00)]
    assert _missing(derived) == set()


def test_a_payout_that_a_person_takes_out_of_a_movement_leaves_the_others_in_it() -> None:
    sent = [_sent("A", 9, 3, 300_00), _sent("B", 9, 3, 41_00), _sent("C", 9, 3, 59_00)]
    lines = [_line("sum", 9, 4, 341_00)]
    whole = _derived(sent, lines)
    assert _found(whole) == []
    derived = _derived(sent, lines, (("sum", "C"),))
    assert _found(derived) == [("sum", "A", "merged", 300_00), ("sum", "B", "merged", 41_00)]
    assert _missing(derived) == {("payout_not_in_bank", "C", 59_00)}


def test_a_sum_of_which_a_person_refuses_a_payout_is_not_booked() -> None:
    sent = [_sent("A", 9, 3, 300_00), _sent("B", 9, 3, 41_00)]
    derived = _derived(sent, [_line("sum", 9, 4, 341_00)], (("sum", "B"),))
    assert _found(derived) == []
    assert _found(derived, "proposed") == []
    assert _balance(derived, "bank", date(2026, 10, 31)) == 0
    assert {key for _, key, _ in _missing(derived)} == {"A", "B", "sum"}


def test_of_two_sums_that_a_movement_could_be_a_person_decides() -> None:
    # Shop one's two days, or shop two's: the same amount, one movement.
    sent = [
        *(_sent("A", 9, 2, 300_00), _sent("B", 9, 3, 41_00)),
        *(_sent("C", 9, 2, 250_00, "two"), _sent("D", 9, 3, 91_00, "two")),
    ]
    derived = _derived(sent, [_line("sum", 9, 4, 341_00)])
    assert _found(derived) == []
    assert [(payout, reason) for _, payout, reason, _ in _found(derived, "proposed")] == [
        (name, "several_alike") for name in "ABCD"
    ]
    # The shop whose payouts a person refuses is out, and the other's are the movement.
    derived = _derived(sent, [_line("sum", 9, 4, 341_00)], (("sum", "C"), ("sum", "D")))
    assert [(line, payout) for line, payout, _, _ in _found(derived)] == [("sum", "A"), ("sum", "B")]


def test_one_sum_and_two_movements_of_that_amount_is_for_a_person() -> None:
    sent = [_sent("A", 9, 2, 300_00), _sent("B", 9, 3, 41_00)]
    derived = _derived(sent, [_line("x", 9, 4, 341_00), _line("y", 9, 5, 341_00)])
    assert _found(derived) == []
    assert {(line, payout) for line, payout, _, _ in _found(derived, "proposed")} == {
        (line, payout) for line in "xy" for payout in "AB"
    }


def test_a_sum_of_one_day_goes_before_one_of_several() -> None:
    # 341.00 is the third of September, and also the fourth and fifth together: the single day is the plainer reading.
    sent = [_sent("A", 9, 3, 300_00), _sent("B", 9, 3, 41_00), _sent("C", 9, 4, 340_00), _sent("D", 9, 5, 1_00)]
    derived = _derived(sent, [_line("sum", 9, 6, 341_00)])
    assert [(line, payout) for line, payout, _, _ in _found(derived)] == [("sum", "A"), ("sum", "B")]
    assert _missing(derived) == {("payout_not_in_bank", "C", 340_00), ("payout_not_in_bank", "D", 1_00)}
