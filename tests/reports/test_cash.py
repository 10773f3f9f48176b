"""What is still with the platforms, and when it will be there: one small shop, computed with a pencil."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tests.reports.small_books import at, books, money, order, report

if TYPE_CHECKING:
    from entrepot.testing.memory_tables import MemoryTables

Rows = dict[str, list[dict[str, Any]]]

# Number, day of September on which the order was settled; all were bought on 31 August and confirmed on 1 September.
_SETTLED = (("1", 2), ("2", 2), ("3", 3), ("4", 4), ("5", 5))


def _sold(number: str, bought: tuple[int, int], confirmed: tuple[int, int], minor: int) -> dict[str, Any]:
    return order(number, at(*bought), minor, "jd", confirmed_at=at(*confirmed), fulfilment_state="delivered")


def _income(number: str, day: int) -> list[dict[str, Any]]:
    """A hundred yuan less ten."""
    fee = {**money(f"F{number}", f"jd:{number}", "fee", -10_00, at(9, day), "jd"), "fee_code": "commission"}
    return [money(f"I{number}", f"jd:{number}", "order_income", 100_00, at(9, day), "jd"), fee]


def _withdrawn(day: int, minor: int) -> dict[str, Any]:
    line = money(f"W{day}", "jd:none", "withdrawal", -minor, at(9, day), "jd")
    return {**line, "order_key": None, "order_id": None}


OBSERVED: Rows = {
    "orders": [
        *(_sold(number, (8, 31), (9, 1), 100_00) for number, _ in _SETTLED),
        _sold("X", (9, 8), (9, 9), 100_00),
        _sold("Y", (10, 6), (10, 7), 200_00),
        order("Z", at(10, 5), 50_00, "jd"),
        order("closed", at(9, 20), 100_00, "jd", commercial_state="closed_refunded"),
    ],
    "settlement_lines": [
        *(each for number, day in _SETTLED for each in _income(number, day)),
        *_income("X", 15),
        _withdrawn(3, 270_00),
        _withdrawn(10, 100_00),
        _withdrawn(17, 50_00),
        # The last day of the books.
        {**_withdrawn(3, 3_00), "line_id": "jd:last", "kind": "fee", "fee_code": "other_fee", "booked_at": at(10, 8)},
    ],
}


@lru_cache(maxsize=1)
def tables() -> MemoryTables:
    return books(OBSERVED)


def test_what_is_with_the_platform_has_an_age_and_the_ages_add_up_to_the_accounts() -> None:
    rows = report(tables(), "ageing")
    found = sorted(
        (row["stage"], row["days"], row["items"], row["amount_minor"], str(row["oldest_on"])) for row in rows
    )
    assert found == [
        ("in_transit", "16-30", 2, 150_00, "2026-09-10"),
        ("in_transit", "31-60", 1, 270_00, "2026-09-03"),
        ("not_recognised", "0-7", 1, 50_00, "2026-10-05"),
        # Closed, and nothing says yet that the money went back.
        ("not_recognised", "16-30", 1, 100_00, "2026-09-20"),
        ("receivable", "0-7", 1, 200_00, "2026-10-07"),
        # 540.00 came in, 423.00 left: what came last is still there.
        ("settled", "16-30", 1, 90_00, "2026-09-15"),
        ("settled", "31-60", 1, 27_00, "2026-09-05"),
    ]
    assert {row["as_of"] for row in rows} == {date(2026, 10, 8)}
    balances: Counter[str] = Counter()
    for row in tables().rows["ledger_entries"].to_pylist():
        balances[row["account"]] += row["amount_minor"]
    assert sum(row["amount_minor"] for row in rows) == sum(
        balances[account] for account in ("platform_receivable", "wallet", "wallet_reserve", "cash_in_transit")
    )


def _rent_paid(day: int) -> dict[str, Any]:
    """A movement of the bank that is no platform's and posts nothing."""
    return {
        "bank_line_id": f"6222/{day}",
        "bank_account": "6222",
        "channel": "own",
        "month": "2026-10",
        "booked_on": date(2026, 10, day),
        "currency": "CNY",
        "amount_minor": -5_00,
        "counterparty": "房东",
    }


def test_a_statement_that_is_newer_than_the_last_posting_ages_what_is_still_missing() -> None:
    before = report(tables(), "ageing")
    later = books({**OBSERVED, "bank_lines": [_rent_paid(6), _rent_paid(20)]})
    assert later.rows["ledger_entries"].num_rows == tables().rows["ledger_entries"].num_rows
    rows = report(later, "ageing")
    assert {row["as_of"] for row in rows} == {date(2026, 10, 20)}
    # Twelve days older, the same money.
    days = {(row["stage"], row["days"], row["amount_minor"]) for row in rows}
    assert {("in_transit", "31-60", 420_00), ("receivable", "8-15", 200_00), ("settled", "31-60", 117_00)} <= days
    assert sum(row["amount_minor"] for row in rows) == sum(row["amount_minor"] for row in before)
    # A statement that ends before the last posting moves nothing.
    older = books({**OBSERVED, "bank_lines": [_rent_paid(6)]})
    assert report(older, "ageing") == before


def _forecast(scenario: str) -> list[tuple[Any, ...]]:
    rows = report(tables(), "cash_forecast")
    shown = ("stage", "expected_on", "week_no", "p50_minor", "p80_minor", "came_minor")
    return sorted(
        tuple(str(row[name]) if name == "expected_on" else row[name] for name in shown)
        for row in rows
        if row["scenario"] == scenario
    )


def test_cash_is_expected_after_the_days_that_it_took_before() -> None:
    # From recognition to payout it took 2, 2, 2, 8, 9, 9 days; from payment 3, 3, 3, 9, 10, 10; from the wallet 0, 1, 1, 2, 5, 6.
    assert _forecast("forecast") == [
        # 200.00 of yesterday: nine tenths arrive, tomorrow or in eight days.
        ("earned", "2026-10-09", 1, 180_00, 0, None),
        ("earned", "2026-10-16", 2, 0, 180_00, None),
        # 50.00 paid three days ago: of 700.00 that were paid, 540.00 arrived, for one order was closed.
        ("paid", "2026-10-09", 1, 38_57, 0, None),
        ("paid", "2026-10-15", 1, 0, 38_57, None),
        ("settled", "2026-10-09", 1, 117_00, 0, None),
        ("settled", "2026-10-13", 1, 0, 117_00, None),
    ]


def test_the_forecast_of_four_weeks_ago_stands_beside_what_came() -> None:
    # On 10 September it was 2, 2, 2, 9, 9 days; order X was a day old.
    assert _forecast("backtest") == [
        ("earned", "2026-09-11", 1, 90_00, 0, 0),
        ("earned", "2026-09-17", 1, 0, 0, 90_00),
        ("earned", "2026-09-18", 2, 0, 90_00, 0),
    ]
