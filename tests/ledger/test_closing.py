"""Closing a period: what stays, what is restated, what the month end posts, to the cent."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from entrepot.engine import DuckDBEngine
from entrepot.ledger import Decision, derive, rate_rows
from entrepot.ledger.closing import standing_checks
from entrepot.store import CellSettings, EntitySettings, ShopSettings
from entrepot.testing.memory_tables import MemoryTables, derived_in_turn, typed

_CN = CellSettings(
    entities=(EntitySettings("cn"),),
    shops=(ShopSettings("flagship", "tmall", "cn", "domestic_pop", "shipped", "Asia/Shanghai"),),
)
HK = CellSettings(
    entities=(EntitySettings("hk", functional_currency="CNY"),),
    shops=(ShopSettings("japan", "shopify", "hk", "own_shop", "shipped", "UTC"),),
)
SEPTEMBER = Decision(
    "close", "FY2026-P09.1", 1, "FY2026-P09", date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 5), "Li Na"
)
_OCTOBER = Decision(
    "close", "FY2026-P10.1", 2, "FY2026-P10", date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 5), "Li Na"
)
REOPENED = Decision(
    "reopen",
    "FY2026-P09.1",
    2,
    "FY2026-P09",
    date(2026, 9, 1),
    date(2026, 9, 30),
    date(2026, 10, 9),
    "Li Na",
    "late bill",
)
_AGAIN = Decision(
    "close", "FY2026-P09.2", 3, "FY2026-P09", date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 10), "Li Na"
)

Rows = dict[str, list[dict[str, Any]]]


def _at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 4, tzinfo=UTC)


def _order(order_id: str, shipped: datetime, paid: int, **facts: Any) -> dict[str, Any]:
    plain = {
        "order_key": f"tmall/flagship/{order_id}",
        "channel": "tmall",
        "month": "2026-09",
        "shop": "flagship",
        "order_id": order_id,
        "order_kind": "sale",
        "currency": "CNY",
        "goods_minor": paid,
        "shipping_minor": 0,
        "tax_minor": 0,
        "paid_minor": paid,
        "payment_state": "captured",
        "commercial_state": "open",
        "fulfilment_state": "shipped",
        "placed_at": shipped,
        "paid_at": shipped,
        "shipped_at": shipped,
    }
    return {**plain, **facts}


def _settled(line: str, order_id: str | None, kind: str, minor: int, booked: datetime, **facts: Any) -> dict[str, Any]:
    plain = {
        "line_id": line,
        "channel": "tmall",
        "month": "2026-09",
        "shop": "flagship",
        "wallet_id": "wallet-1",
        "order_key": f"tmall/flagship/{order_id}" if order_id else None,
        "order_id": order_id,
        "kind": kind,
        "fee_code": "commission" if kind == "fee" else None,
        "vat_rate_bp": 0,
        "currency": "CNY",
        "amount_minor": minor,
        "booked_at": booked,
    }
    return {**plain, **facts}


def _balances(rows: list[dict[str, Any]], column: str = "amount_minor", **wanted: str) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for row in rows:
        if all(row[key] == value for key, value in wanted.items()):
            sums[row["account"]] += row[column]
    return {account: minor for account, minor in sums.items() if minor}


def _cause(rows: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["cause_kind"] == kind]


_ONE_SALE = {"orders": [_order("1", _at(9, 10), 113_00)]}
_PAID_MORE = {"orders": [_order("1", _at(9, 10), 226_00)]}


def test_a_late_correction_of_a_closed_sale_is_restated_on_the_first_open_day() -> None:
    closed, later = derived_in_turn([(_ONE_SALE, SEPTEMBER), (_PAID_MORE, None)], _CN)
    frozen = [row for row in closed["ledger_entries"] if row["accounting_date"] <= date(2026, 9, 30)]
    assert [row for row in later["ledger_entries"] if row["accounting_date"] <= date(2026, 9, 30)] == frozen
    restated = _cause(later["ledger_entries"], "restatement")
    assert {(row["accounting_date"], row["period"], row["fiscal_period"]) for row in restated} == {
        (date(2026, 10, 1), "2026-10", "FY2026-P10")
    }
    assert {row["cause_id"] for row in restated} == {"paid:tmall/flagship/1", "recognised:tmall/flagship/1"}
    assert _balances(restated, cause_id="recognised:tmall/flagship/1") == {
        "contract_liability_unshipped": 113_00,
        "revenue_goods": -100_00,
        "output_vat": -13_00,
    }
    assert _balances(later["ledger_entries"])["revenue_goods"] == -200_00


def test_a_sale_of_a_closed_month_that_comes_later_counts_once_and_on_the_first_open_day() -> None:
    with_second = {"orders": [*_ONE_SALE["orders"], _order("2", _at(9, 20), 226_00)]}
    _, later = derived_in_turn([(_ONE_SALE, SEPTEMBER), (with_second, None)], _CN)
    restated = _cause(later["ledger_entries"], "restatement")
    assert {row["order_id"] for row in restated} == {"tmall/flagship/2"}
    assert {row["document_date"] for row in restated} == {date(2026, 9, 20)}
    assert _balances(later["ledger_entries"])["revenue_goods"] == -300_00


def test_a_sale_that_vanishes_after_closing_is_taken_back_in_the_open_month() -> None:
    _, later = derived_in_turn([(_ONE_SALE, SEPTEMBER), ({}, None)], _CN)
    assert _balances(later["ledger_entries"]) == {}
    assert _balances(_cause(later["ledger_entries"], "restatement"))["revenue_goods"] == 100_00


def test_a_restatement_that_was_closed_itself_is_not_posted_again() -> None:
    turns = [(_ONE_SALE, SEPTEMBER), (_PAID_MORE, None), (_PAID_MORE, _OCTOBER), (_PAID_MORE, None), (_ONE_SALE, None)]
    results = derived_in_turn(turns, _CN)
    after_october, back = results[3]["ledger_entries"], results[4]["ledger_entries"]
    assert _balances(after_october)["revenue_goods"] == -200_00
    assert {row["accounting_date"] for row in _cause(after_october, "restatement")} == {date(2026, 10, 1)}
    # The source takes it back after October was closed too: November has the difference.
    assert _balances(back)["revenue_goods"] == -100_00
    assert _balances(_cause(back, "restatement"), period="2026-11")["revenue_goods"] == 100_00


def test_nothing_is_restated_while_the_tables_say_the_same() -> None:
    both = {"orders": [*_ONE_SALE["orders"], _order("2", _at(10, 2), 50_00)]}
    closed, later = derived_in_turn([(both, SEPTEMBER), (both, None)], _CN)
    assert _cause(later["ledger_entries"], "restatement") == []
    assert later["ledger_entries"] == closed["ledger_entries"]


def test_vouchers_are_numbered_by_day_without_gaps() -> None:
    orders = {"orders": [_order(str(day), _at(9, day), 113_00) for day in (20, 3, 11)]}
    closed, opened, again = derived_in_turn([(orders, SEPTEMBER), (orders, REOPENED), (orders, _AGAIN)], _CN)
    numbers = {row["entry_id"]: row["voucher_no"] for row in closed["kept_entries"]}
    assert sorted(numbers.values()) == [f"FY2026-P09-{number:07d}" for number in range(1, 7)]
    assert numbers["recognised:tmall/flagship/3"] < numbers["recognised:tmall/flagship/11"]
    assert {row["voucher_no"] for row in opened["ledger_entries"]} == set(numbers.values())
    assert {row["entry_id"]: row["voucher_no"] for row in again["kept_entries"]} == numbers


def test_fees_that_the_platform_takes_after_the_month_count_in_it_and_turn_back() -> None:
    rows: Rows = {
        "orders": [_order("1", _at(9, 10), 100_00), _order("2", _at(9, 28), 200_00), _order("3", _at(9, 29), 50_00)],
        "settlement_lines": [
            _settled("a", "1", "order_income", 100_00, _at(9, 12)),
            _settled("b", "1", "fee", -5_00, _at(9, 12)),
            _settled("c", "2", "order_income", 200_00, _at(10, 2)),
            # The wallet that takes them is the payment provider's; the fee is the shop's.
            _settled("d", "2", "fee", -12_00, _at(10, 2), channel="alipay"),
        ],
    }
    closed = derived_in_turn([(rows, SEPTEMBER)], _CN)[0]["ledger_entries"]
    accrued = [row for row in closed if row["posting_rule"] == "accrued_fees"]
    assert {row["channel"] for row in accrued} == {"tmall"}
    # 12.00 of order 2 as its statement says; order 3 at the share of the settled ones: 50.00 x 17.00 / 300.00.
    assert _balances(accrued, period="2026-09") == {"fee:commission": 12_00 + 2_83, "accrued_fees": -14_83}
    assert _balances(accrued, period="2026-10") == {"fee:commission": -14_83, "accrued_fees": 14_83}
    assert {row["accounting_date"] for row in accrued} == {date(2026, 9, 30), date(2026, 10, 1)}
    assert _balances(closed)["fee:commission"] == 17_00


def test_a_fee_that_comes_back_with_a_later_refund_is_not_accrued() -> None:
    rows: Rows = {
        "orders": [_order("1", _at(9, 10), 100_00)],
        "settlement_lines": [
            _settled("a", "1", "order_income", 100_00, _at(9, 12)),
            _settled("b", "1", "fee", -5_00, _at(9, 12)),
            _settled("c", "1", "fee", 5_00, _at(10, 2)),
        ],
    }
    closed = derived_in_turn([(rows, SEPTEMBER)], _CN)[0]["ledger_entries"]
    assert [row for row in closed if row["posting_rule"] == "accrued_fees"] == []


def test_returns_to_come_are_provided_by_the_age_of_each_sale() -> None:
    # Ten old sales of which one came back after five days; two sales of the last days are exposed to that.
    old = [_order(str(number), _at(8, 1), 113_00) for number in range(10)]
    new = [_order("new", _at(9, 28), 113_00), _order("aged", _at(9, 24), 113_00)]
    income = [
        _settled(f"i{row['order_id']}", row["order_id"], "order_income", 113_00, row["shipped_at"]) for row in old
    ]
    rows: Rows = {
        "orders": [*old, *new],
        "settlement_lines": [*income, _settled("back", "3", "order_refund", -113_00, _at(8, 6))],
    }
    closed = derived_in_turn([(rows, SEPTEMBER)], _CN)[0]["ledger_entries"]
    provided = [row for row in closed if row["posting_rule"] == "returns_provided"]
    # Of 11 sales that reached an age of five days one was refunded: 90,909 ppm of the one that is two days old. The
    # sale of six days has that behind it.
    assert _balances(provided, period="2026-09") == {"revenue_reduction": 9_09, "refund_liability": -9_09}
    assert _balances(provided) == {}


def test_advertising_of_days_without_a_report_is_the_mean_of_the_last_week() -> None:
    spent = [
        {
            "spend_id": f"s{day}",
            "channel": "tmall",
            "month": "2026-09",
            "shop": "flagship",
            "spent_on": date(2026, 9, day),
            "currency": "CNY",
            "amount_minor": day * 100,
        }
        for day in range(1, 28)
    ]
    closed = derived_in_turn([({"ad_spend": spent}, SEPTEMBER)], _CN)[0]["ledger_entries"]
    estimate = [row for row in closed if row["posting_rule"] == "unbilled_ads"]
    # Days 21 to 27 are 168.00, three days are missing.
    assert _balances(estimate, period="2026-09") == {"ad_spend": 72_00, "accrued_advertising": -72_00}
    later = [*spent, {**spent[0], "spend_id": "s-october", "spent_on": date(2026, 10, 2)}]
    goes_on = derived_in_turn([({"ad_spend": later}, SEPTEMBER)], _CN)[0]["ledger_entries"]
    assert [row for row in goes_on if row["posting_rule"] == "unbilled_ads"] == []


def test_a_settlement_over_the_turn_of_the_month_is_carried_forward() -> None:
    lines = [
        _settled("a", None, "adjustment", 70_00, _at(9, 29), settlement_id="s1"),
        _settled("b", None, "adjustment", 30_00, _at(10, 2), settlement_id="s1"),
        _settled("c", None, "adjustment", 11_00, _at(9, 29), settlement_id="s0"),
    ]
    closed = derived_in_turn([({"settlement_lines": lines}, SEPTEMBER)], _CN)[0]["ledger_entries"]
    carried = [row for row in closed if row["posting_rule"] == "carried_forward"]
    assert _balances(carried, period="2026-09") == {"settlement_carried_forward": 70_00, "wallet": -70_00}
    assert _balances(carried) == {}
    september = [row for row in closed if row["period"] == "2026-09"]
    assert _balances(september)["wallet"] == 11_00


def yen(order_id: str, shipped: datetime) -> dict[str, Any]:
    facts = {"order_key": f"shopify/japan/{order_id}", "channel": "shopify", "shop": "japan", "currency": "JPY"}
    return _order(order_id, shipped, 10_000, **facts)


def _in_japan(line: str, order_id: str | None, kind: str, minor: int, booked: datetime, **facts: Any) -> dict[str, Any]:
    key = {"order_key": f"shopify/japan/{order_id}" if order_id else None}
    place = {"channel": "shopify", "shop": "japan", "currency": "JPY"}
    return _settled(line, order_id, kind, minor, booked, **{**place, **key, **facts})


MONTH_END: Rows = {
    # Something for every rule of the month end: settled and open sales, a refund, a batch over the turn, advertising.
    "orders": [yen(str(number), _at(9, day)) for number, day in enumerate((1, 2, 3, 10, 11, 25, 28), start=1)],
    "settlement_lines": [
        *[_in_japan(f"i{number}", str(number), "order_income", 10_000, _at(9, 12)) for number in (1, 2, 3, 4)],
        *[_in_japan(f"f{number}", str(number), "fee", -500, _at(9, 12)) for number in (1, 2, 3, 4)],
        _in_japan("r2", "2", "order_refund", -10_000, _at(9, 14)),
        _in_japan("b1", None, "adjustment", 700, _at(9, 29), settlement_id="s1"),
        _in_japan("b2", None, "adjustment", 300, _at(10, 2), settlement_id="s1"),
    ],
    "ad_spend": [
        {
            "channel": "shopify",
            "month": "2026-09",
            "shop": "japan",
            "currency": "JPY",
            "spend_id": f"s{day}",
            "spent_on": date(2026, 9, day),
            "amount_minor": 1_000,
        }
        for day in range(20, 29)
    ],
}


def _worth(day: date) -> int:
    """10,000 yen in fen by the shipped table; a yen has no smaller unit, a yuan has a hundred."""
    rows = rate_rows()
    rates = rows.filter(pc.equal(rows["rate_on"], pa.scalar(day))).to_pylist()
    per_euro = {str(row["currency"]): int(row["per_euro_e6"]) for row in rates}
    return round(10_000 * 100 * per_euro["CNY"] / per_euro["JPY"])


def test_yen_are_worth_what_they_are_worth() -> None:
    derived = derived_in_turn([({"orders": [yen("1", _at(9, 10))]}, None)], HK)[0]
    worth = _worth(date(2026, 9, 10))
    functional = _balances(derived["ledger_entries"], "functional_minor")
    assert functional["platform_receivable"] == worth
    assert 300_00 < worth < 700_00


def test_a_settled_claim_in_another_currency_leaves_its_difference_as_realised_and_an_open_one_is_valued() -> None:
    lines = [
        _settled(
            "a",
            "1",
            "order_income",
            10_000,
            _at(9, 25),
            channel="shopify",
            shop="japan",
            currency="JPY",
            order_key="shopify/japan/1",
        )
    ]
    rows: Rows = {"orders": [yen("1", _at(9, 10)), yen("2", _at(9, 11))], "settlement_lines": lines}
    derived = derived_in_turn([(rows, SEPTEMBER), (rows, None), (rows, _OCTOBER)], HK)
    on_10, on_25, on_30 = (_worth(date(2026, 9, day)) for day in (10, 25, 30))
    closed = derived[1]["ledger_entries"]
    realised = _balances([row for row in closed if row["posting_rule"] == "fx_realised"], "functional_minor")
    assert realised == {
        "platform_receivable": on_25 - on_10,
        "fx_realised": on_10 - on_25,
    }
    at_end = [row for row in closed if row["accounting_date"] <= date(2026, 9, 30)]
    # At the end of the month the open claim and the wallet stand at that day's rate.
    assert _balances(at_end, "functional_minor")["platform_receivable"] == on_30
    assert _balances(at_end, "functional_minor")["wallet"] == on_30
    valued = [row for row in closed if row["posting_rule"] == "fx_unrealised"]
    assert _balances(valued, "functional_minor") == {}
    assert all(row["amount_minor"] == 0 for row in valued)
    # October realises nothing twice.
    october = [row for row in derived[2]["ledger_entries"] if row["fiscal_period"] == "FY2026-P10"]
    assert _balances([row for row in october if row["posting_rule"] == "fx_realised"], "functional_minor") == {}


def test_a_restated_line_is_no_debit_in_the_one_currency_and_credit_in_the_other() -> None:
    """A late file says a closed sale of another day and by a little more: yen up and, at its rate, yuan down."""
    first, late = yen("1", _at(9, 10)), yen("1", _at(9, 25))
    late |= {"goods_minor": 10_005, "shipping_minor": 5, "paid_minor": 10_010}
    turns: list[tuple[Rows, Decision | None]] = [({"orders": [first]}, SEPTEMBER), ({"orders": [late]}, None)]
    after, kept, again = derived_in_turn([*turns, ({"orders": [late]}, _OCTOBER), ({"orders": [first]}, None)], HK)[1:]
    restated = _cause(after["ledger_entries"], "restatement")
    assert restated
    for row in restated:
        assert row["amount_minor"] * row["functional_minor"] >= 0, row
    # Ten yen are 43 fen and twice five are 42: what rounding leaves is on the largest line, as in any entry.
    assert set(_sums(restated).values()) == {(0, 0)}
    # What moved is at the rate of the 25th; the rest is what the rate makes of all that was booked at the other.
    at_rate, rest = 5 * _worth(date(2026, 9, 25)) / 10_000, _worth(date(2026, 9, 25)) - _worth(date(2026, 9, 10))
    entry = "restatement:2026-10-01:recognised:shopify/japan/1"
    of_sale = {row["entry_id"]: row for row in restated if row["account"] == "revenue_goods"}
    assert (of_sale[entry]["amount_minor"], of_sale[entry]["functional_minor"]) == (-5, -round(at_rate))
    assert of_sale[f"{entry}:rate"]["amount_minor"] == 0
    assert abs(of_sale[f"{entry}:rate"]["functional_minor"] + rest) <= 1
    for rows, order in ((after, late), (kept, late), (again, first)):
        alone = derived_in_turn([({"orders": [order]}, None)], HK)[0]["ledger_entries"]
        booked = [row for row in rows["ledger_entries"] if row["cause_kind"] != "closing"]
        for column in ("amount_minor", "functional_minor"):
            assert _balances(booked, column) == _balances(alone, column), "the books are what the tables now say"
    assert all(row["amount_minor"] * row["functional_minor"] >= 0 for row in again["ledger_entries"])


def _sums(rows: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """What each entry comes to in both currencies."""
    sums: dict[str, tuple[int, int]] = {}
    for row in rows:
        amount, functional = sums.get(row["entry_id"], (0, 0))
        sums[row["entry_id"]] = (amount + row["amount_minor"], functional + row["functional_minor"])
    return sums


def test_reopening_takes_the_month_end_back_and_leaves_the_rest() -> None:
    rows: Rows = {
        "orders": [_order("1", _at(9, 10), 100_00), _order("2", _at(9, 28), 200_00)],
        "settlement_lines": [
            _settled("a", "1", "order_income", 100_00, _at(9, 12)),
            _settled("b", "1", "fee", -5_00, _at(9, 12)),
        ],
    }
    late = {**rows, "settlement_lines": [*rows["settlement_lines"], _settled("z", "1", "fee", -1_00, _at(9, 30))]}
    closed, opened, after = derived_in_turn([(rows, SEPTEMBER), (rows, REOPENED), (late, None)], _CN)
    for period in ("2026-09", "2026-10"):
        assert _balances(_cause(closed["ledger_entries"], "closing"), period=period)
        assert _balances(_cause(opened["ledger_entries"], "closing"), period=period) == {}
    plain = [row for row in closed["ledger_entries"] if row["cause_kind"] != "closing"]
    assert [row for row in opened["ledger_entries"] if row["cause_kind"] != "closing"] == plain
    # The month is open: what comes now counts in it, on its own day.
    new = [row for row in after["ledger_entries"] if row["cause_id"] == "z"]
    assert {row["accounting_date"] for row in new} == {date(2026, 9, 30)}
    assert _cause(after["ledger_entries"], "restatement") == []


def test_entries_of_a_closing_sum_to_zero_in_both_currencies() -> None:
    rows: Rows = {"orders": [yen("1", _at(9, 10)), yen("2", _at(9, 11))]}
    closed = derived_in_turn([(rows, SEPTEMBER)], HK)[0]["ledger_entries"]
    sums: Counter[tuple[str, str]] = Counter()
    for row in closed:
        sums[row["entry_id"], "amount"] += row["amount_minor"]
        sums[row["entry_id"], "functional"] += row["functional_minor"]
    assert any(row["cause_kind"] == "closing" for row in closed)
    assert set(sums.values()) == {0}


def _checks(rows: Rows, decision: Decision) -> set[tuple[str, str | None]]:
    """Name and shop of what stands against a closing."""
    tables = MemoryTables({name: typed(name, each) for name, each in rows.items()})
    with DuckDBEngine(threads=1) as engine:
        derive(engine, tables, _CN, {}, typed("raw_files", []), [], lambda _done, _of: None, decision=decision)
        return {(str(row["name"]), row["shop"]) for row in standing_checks(engine)}  # type: ignore[misc]


def test_exceptions_of_sales_that_count_later_do_not_stand_against_closing() -> None:
    broken = {"goods_minor": 120_00}  # the money of the order does not add up
    paid = _settled("a", "1", "order_income", 100_00, _at(9, 28))
    rows: Rows = {"orders": [_order("1", _at(9, 10), 100_00), _order("2", _at(10, 3), 50_00, **broken)]}
    rows["settlement_lines"] = [paid]
    assert ("order_identity", "flagship") not in _checks(rows, SEPTEMBER)
    rows["orders"][1] = _order("2", _at(9, 30), 50_00, **broken)
    assert ("order_identity", "flagship") in _checks(rows, SEPTEMBER)


def test_settlements_that_end_more_than_a_week_before_the_period_stand_against_closing() -> None:
    rows: Rows = {"orders": [_order("1", _at(9, 10), 100_00)]}
    assert ("settlements_end_early", "flagship") in _checks(rows, SEPTEMBER)
    rows["settlement_lines"] = [_settled("a", "1", "order_income", 100_00, _at(9, 22))]
    assert ("settlements_end_early", "flagship") in _checks(rows, SEPTEMBER)
    rows["settlement_lines"] = [_settled("a", "1", "order_income", 100_00, _at(9, 23))]
    assert ("settlements_end_early", "flagship") not in _checks(rows, SEPTEMBER)


def test_goods_that_come_back_fit_for_sale_are_an_asset_where_the_policy_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    half = {"policy": "returned_goods_resaleable_bp", "value": "5000"}
    monkeypatch.setattr("entrepot.ledger.closing.decisions.read_data", lambda _name: [half])
    old = [_order(str(number), _at(8, 1), 113_00) for number in range(10)]
    line = {"channel": "tmall", "month": "2026-09", "currency": "CNY", "line_id": "1", "sku_id": "TEA", "quantity": 1}
    cost = {"sku_id": "TEA", "channel": "own", "valid_from": date(2026, 1, 1), "currency": "CNY", "cost_minor": 40_00}
    rows: Rows = {
        "orders": [*old, _order("new", _at(9, 28), 113_00)],
        "order_lines": [{**line, "order_key": "tmall/flagship/new", "order_id": "new", "goods_minor": 113_00}],
        "sku_costs": [cost],
        "settlement_lines": [
            *[_settled(f"i{number}", str(number), "order_income", 113_00, _at(8, 1)) for number in range(10)],
            _settled("back", "3", "order_refund", -113_00, _at(8, 6)),
        ],
    }
    closed = derived_in_turn([(rows, SEPTEMBER)], _CN)[0]["ledger_entries"]
    provided = [row for row in closed if row["posting_rule"] == "returns_provided"]
    # One of ten came back after five days: a tenth of 100.00, and half of a tenth of what it cost.
    assert _balances(provided, period="2026-09") == {
        "revenue_reduction": 10_00,
        "refund_liability": -10_00,
        "return_asset": 2_00,
        "cogs": -2_00,
    }
