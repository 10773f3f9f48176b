"""The reports a controller asks for, over companies that can be computed with a pencil."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from entrepot.engine import DuckDBEngine
from entrepot.model import TABLES, ResidencyClass
from entrepot.reports import REPORTS, run_report
from entrepot.reports.report_words import REPORT_WORDS
from tests.reports.small_books import (
    COMPANIES,
    CUT_OFF,
    at,
    books,
    buyers,
    feeds,
    line,
    order,
    presales,
    quarter,
    report,
    stock,
)

_PAGES = Path(__file__).parents[2] / "docs" / "reference" / "reports"
_PLAIN = {
    "amount_minor",
    "channel",
    "currency",
    "entity_id",
    "format",
    "line_no",
    "location",
    "month",
    "shop",
    "sku_id",
}
"""Columns that mean the same everywhere."""


def _one(rows: list[dict[str, Any]], **which: Any) -> dict[str, Any]:
    (found,) = [row for row in rows if all(row[name] == value for name, value in which.items())]
    return found


def _steps(rows: list[dict[str, Any]], **which: Any) -> dict[str, int]:
    found = [row for row in rows if all(row[name] == value for name, value in which.items()) and row["role"] != "memo"]
    return {row["step"]: row["amount_minor"] for row in sorted(found, key=lambda row: row["line_no"])}


# Acquisition


def test_a_person_is_new_once_in_the_cell_and_returns_after() -> None:
    rows = report(buyers(), "acquisition")
    september, october = (_one(rows, channel="tmall", month=month) for month in ("2026-09", "2026-10"))
    assert (september["orders"], september["buyers"], september["new_buyers"], september["returning_buyers"]) == (
        2,
        1,
        1,
        0,
    )
    assert (october["orders"], october["buyers"], october["new_buyers"], october["returning_buyers"]) == (2, 2, 1, 1)


def test_a_new_buyer_costs_the_advertising_of_the_month_and_with_commission_that_too() -> None:
    rows = report(buyers(), "acquisition")
    row = _one(rows, channel="tmall", month="2026-09")
    # 300 of 500 of the month; 10.60 with 6 % VAT inside are 10.00 of commission.
    assert (row["spend_minor"], row["spend_share_bp"], row["commission_minor"]) == (300_00, 6_000, 10_00)
    assert (row["cost_per_new_buyer_minor"], row["cost_with_commission_minor"]) == (300_00, 310_00)


def test_a_month_is_the_shops_own_and_not_that_of_utc() -> None:
    rows = report(buyers(), "acquisition")
    assert _one(rows, channel="jd", month="2026-10")["new_buyers"] == 1
    assert _one(rows, channel="jd", month="2026-09")["buyers_known"] == "no_orders"


def test_a_channel_that_names_no_buyers_counts_its_orders_and_claims_no_cost() -> None:
    row = _one(report(buyers(), "acquisition"), channel="douyin")
    assert (row["orders"], row["orders_without_person"], row["buyers_known"], row["spend_minor"]) == (
        1,
        1,
        "no",
        100_00,
    )
    assert (row["buyers"], row["new_buyers"], row["cost_per_new_buyer_minor"]) == (None, None, None)


def test_a_buyer_known_by_the_order_alone_is_nobody() -> None:
    tables = books({"orders": [order("1", at(9, 1), 100, buyer_key="key of the order")]})
    assert _one(report(tables, "acquisition"), channel="tmall")["orders_without_person"] == 1


# Stock


def test_stock_turns_by_the_mean_of_the_months_snapshots_at_cost() -> None:
    row = _one(report(stock(), "stock_turnover"), scope="sku", sku_id="S1")
    # East: (100 + 50) / 2, JD: 20 once; 95 at 10.00. Sold 9 at 10.00: 90 * 365 / (950 * 30) = 1.15 a year.
    assert (row["stock_units_e2"], row["stock_minor"], row["cogs_minor"]) == (95_00, 950_00, 90_00)
    assert (row["turns_a_year_e2"], row["days_on_hand"], row["missing"]) == (115, 317, None)


def test_shared_stock_is_given_to_channels_by_their_cost_of_goods() -> None:
    rows = report(stock(), "stock_turnover")
    tmall, jd = (_one(rows, scope="channel", channel=channel, sku_id="S1") for channel in ("tmall", "jd"))
    assert (tmall["stock_minor"], tmall["turns_a_year_e2"], tmall["basis"]) == (500_00, 146, "shared_by_cost")
    assert (jd["stock_minor"], jd["turns_a_year_e2"], jd["basis"]) == (450_00, 81, "custody_and_share")


def test_a_place_turns_by_what_was_shipped_from_it_and_says_where_no_shipment_names_it() -> None:
    rows = report(stock(), "stock_turnover")
    assert _one(rows, scope="place", location="east", sku_id="S1")["turns_a_year_e2"] == 97
    north = _one(rows, scope="place", location="jd-north")
    assert (north["missing"], north["cogs_minor"], north["turns_a_year_e2"]) == ("no_shipments_from_here", None, None)


def test_a_missing_cost_or_snapshot_is_named_and_never_nothing() -> None:
    rows = report(stock(), "stock_turnover")
    without_cost, without_snapshot = (_one(rows, scope="sku", sku_id=sku) for sku in ("S2", "S3"))
    assert (without_cost["missing"], without_cost["stock_minor"], without_cost["stock_units_e2"]) == (
        "no_cost",
        None,
        5_00,
    )
    assert (without_snapshot["missing"], without_snapshot["stock_minor"]) == ("no_snapshot", None)
    total = _one(rows, scope="all_skus")
    assert (total["stock_minor"], total["cogs_minor"], total["turns_a_year_e2"]) == (950_00, 90_00, 115)
    assert (total["skus_left_out"], total["left_out_minor"]) == (2, 5_00)


def test_cost_in_two_currencies_is_neither_added_nor_set_against_stock() -> None:
    one, two = (
        order(number, at(9, 1), 100_00, confirmed_at=at(9, day), fulfilment_state="delivered")
        for number, day in (("1", 5), ("2", 15))
    )
    costs = [
        {"sku_id": "S1", "channel": "own", "valid_from": date(2026, 9, day), "currency": currency, "cost_minor": 10_00}
        for day, currency in ((1, "CNY"), (10, "USD"))
    ]
    tables = books({"orders": [one, two], "order_lines": [line(one, "S1", 1), line(two, "S1", 1)], "sku_costs": costs})
    row = _one(report(tables, "stock_turnover"), scope="sku", sku_id="S1")
    assert (row["missing"], row["cogs_minor"], row["turns_a_year_e2"]) == ("two_currencies", None, None)


# Tax bridge


def test_payments_of_a_quarter_lead_to_its_revenue_by_named_differences() -> None:
    assert _steps(report(quarter(), "tax_bridge"), basis="paid", quarter="2026-Q3") == {
        "counted_by_platform": 200_00,
        "closed": -20_00,
        "shipped_not_confirmed": -50_00,
        "recognised_in_other_quarter": -30_00,
        "counted_in_other_quarter": 40_00,
        "sales_with_vat": 140_00,
        "refunds": -5_00,
        "vat_inside": -15_52,  # 13 % inside of 100.00, 40.00 and -5.00
        "revenue": 119_48,
    }


def test_settlements_of_a_quarter_lead_to_the_same_revenue() -> None:
    rows = report(quarter(), "tax_bridge")
    third = _steps(rows, basis="settled", quarter="2026-Q3")
    assert (third["counted_by_platform"], third["never_counted"], third["revenue"]) == (100_00, 40_00, 119_48)
    assert _steps(rows, basis="settled", quarter="2026-Q4") == {
        "counted_by_platform": 29_90,
        "settlement_difference": 10,
        "sales_with_vat": 30_00,
        "vat_inside": -3_45,
        "revenue": 26_55,
    }


def test_every_bridge_arrives_and_leaves_nothing_unexplained() -> None:
    rows = report(quarter(), "tax_bridge")
    assert [row for row in rows if row["step"] == "unexplained"] == []
    for basis, of_quarter in {(row["basis"], row["quarter"]) for row in rows if row["basis"] != "invoices"}:
        lines = [row for row in rows if (row["basis"], row["quarter"]) == (basis, of_quarter)]
        moved = sum(row["amount_minor"] for row in lines if row["role"] in ("start", "difference"))
        assert moved == sum(row["amount_minor"] for row in lines if row["step"] == "revenue")


def test_invoices_are_held_beside_sales_without_voided_ones_and_those_of_others() -> None:
    assert _steps(report(quarter(), "tax_bridge"), basis="invoices", quarter="2026-Q3") == {
        "sales_less_refunds": 135_00,
        "paid_by_third_parties": -10_00,
        "not_invoiced": -35_00,
        "invoiced": 90_00,
    }


def test_income_of_an_order_that_is_not_there_is_a_difference_of_its_own() -> None:
    steps = _steps(report(feeds(), "tax_bridge"), basis="settled", quarter="2026-Q3", channel="tmall")
    assert (steps["counted_by_platform"], steps["order_unknown"], steps["sales_with_vat"]) == (112_00, -12_00, 100_00)


# Platform figures


def _figures(stated_for: str, measure: str) -> dict[str, tuple[int, str]]:
    rows = [
        row
        for row in report(quarter(), "platform_figures")
        if (row["stated_for"], row["measure"]) == (stated_for, measure)
    ]
    return {row["step"]: (row["amount_minor"], row["role"]) for row in sorted(rows, key=lambda row: row["line_no"])}


def test_a_difference_is_named_where_one_reason_alone_meets_it_to_the_cent() -> None:
    assert _figures("2026-09", "paid") == {
        "our_figure": (100_00, "start"),
        "unpaid_orders": (7_00, "possible"),
        "closed_orders": (-20_00, "difference"),
        "refunds_inside_the_period": (-5_00, "possible"),
        "their_figure": (80_00, "subtotal"),
    }
    assert _figures("2026-08-20", "paid")["paid_by_third_parties"] == (10_00, "difference")


def test_figures_that_agree_have_no_difference_but_what_could_have_been_one() -> None:
    assert {role for _, role in _figures("2026-09", "placed").values()} == {"start", "possible", "subtotal"}


def test_a_cent_that_nothing_meets_stays_unexplained() -> None:
    assert _figures("2026-09", "refunded")["unexplained"] == (-1, "difference")


def test_two_reasons_of_one_size_explain_nothing() -> None:
    closed = order("1", at(9, 1), 10_00, commercial_state="closed_refunded", shipping_minor=0)
    posted = order("2", at(9, 2), 30_00, shipping_minor=10_00, goods_minor=20_00)
    figure = {
        "channel": "own",
        "month": "2026-09",
        "platform": "tmall",
        "shop": "flagship",
        "stated_for": "2026-09",
        "measure": "paid",
        "currency": "CNY",
        "amount_minor": 30_00,
    }
    rows = report(books({"orders": [closed, posted], "stated_figures": [figure]}), "platform_figures")
    assert {row["step"]: (row["amount_minor"], row["role"]) for row in rows} == {
        "our_figure": (40_00, "start"),
        "closed_orders": (-10_00, "possible"),
        "shipping_revenue": (-10_00, "possible"),
        "unexplained": (-10_00, "difference"),
        "their_figure": (30_00, "subtotal"),
    }


# Presale and cut-off


def test_every_deposit_before_the_cut_off_was_completed_kept_given_back_or_is_open() -> None:
    (row,) = report(presales(), "presale", CUT_OFF)
    assert (row["orders"], row["deposits_minor"]) == (4, 90_00)
    assert (row["balance_orders"], row["deposits_completed_minor"], row["balances_minor"]) == (1, 50_00, 250_00)
    assert (row["closed_orders"], row["forfeited_minor"], row["given_back_minor"]) == (2, 10_00, 10_00)
    assert (row["open_orders"], row["open_minor"]) == (1, 20_00)


def test_a_balance_paid_at_the_very_instant_of_the_cut_off_comes_after_it() -> None:
    rows = report(presales(), "cut_off", CUT_OFF)
    paid = {
        (str(row["day"]), row["side"]): (row["paid_orders"], row["paid_minor"]) for row in rows if row["paid_orders"]
    }
    assert paid == {("2026-11-10", "before"): (1, 300_00), ("2026-11-11", "after"): (1, 200_00)}


def test_without_a_cut_off_everything_counts() -> None:
    (row,) = report(presales(), "presale")
    assert (row["orders"], row["balance_orders"], row["open_minor"]) == (5, 2, 30_00)
    assert {row["side"] for row in report(presales(), "cut_off")} == {"all"}


# Quality and metrics


@pytest.mark.parametrize(
    ("format_name", "day", "measure", "passed", "counted", "score"),
    [
        ("tmall_orders", 4, "rows_understood", 2, 3, 66),
        ("tmall_orders", 4, "fields_filled", 9, 10, 90),
        ("tmall_orders", 6, "rows_not_told_before", 1, 2, 50),
        ("tmall_orders", 6, "money_agrees", 0, 1, 0),
        ("tmall_orders", 4, "files_not_contradicting_themselves", 1, 1, 100),
        ("alipay_ledger", 9, "files_not_contradicting_themselves", 0, 1, 0),
        ("alipay_ledger", 9, "money_agrees", 1, 2, 50),
        ("alipay_ledger", 9, "days_covered", 2, 5, 40),
        ("alipay_ledger", 9, "seen_within_two_days", 1, 2, 50),
    ],
)
def test_a_feed_is_scored_with_the_counts_behind_it(
    format_name: str, day: int, measure: str, passed: int, counted: int, score: int
) -> None:
    row = _one(report(feeds(), "quality"), format=format_name, day=at(9, day).date(), measure=measure)
    assert (row["passed"], row["counted"], row["score"]) == (passed, counted, score)


def test_all_six_dimensions_are_scored() -> None:
    assert {row["dimension"] for row in report(feeds(), "quality")} == set(REPORT_WORDS["dimension"])


@pytest.mark.parametrize(
    ("metric", "channel", "month", "value", "standing"),
    [
        ("freshness_p95", "tmall", "2026-09", 1_440, "missed"),
        ("freshness_p95", "alipay", "2026-09", 5 * 1_440, "missed"),
        ("settlement_match_rate", "tmall", "2026-09", 5_000, "missed"),
        ("settlement_unexplained", "tmall", "2026-09", 0, "met"),
        ("sku_mapping_rate", "tmall", "2026-09", 3_333, "missed"),
        ("duplicates_absorbed", "tmall", "2026-09", 1, "no_target"),
        ("rows_lost", "tmall", "2026-09", 0, "met"),
        ("rows_lost", "alipay", "2026-09", 1, "missed"),
        ("days_to_close", None, "FY2026-P08", 1, "met"),
        ("days_to_close", None, "FY2026-P09", 6, "missed"),
        ("manual_hours", None, "now", None, "not_measured"),
    ],
)
def test_a_metric_stands_beside_its_target(
    metric: str, channel: str | None, month: str, value: int | None, standing: str
) -> None:
    row = _one(report(feeds(), "metrics"), metric=metric, channel=channel, month=month)
    assert (row["value"], row["standing"]) == (value, standing)


def test_what_is_not_measured_says_why() -> None:
    rows = report(books({}), "metrics")
    unmeasured = {row["metric"]: row["reason"] for row in rows if row["standing"] == "not_measured"}
    assert unmeasured["days_to_close"] == "no_period_closed"
    assert all(unmeasured.values())
    assert _one(rows, metric="exceptions_open")["value"] == 0


# All of them


@pytest.mark.parametrize("name", COMPANIES)
def test_a_report_gives_no_column_that_points_at_a_person(name: str) -> None:
    pointing = {
        field.name
        for table in TABLES.values()
        for field in table.all_fields
        if field.residency in (ResidencyClass.PERSONAL, ResidencyClass.PSEUDONYMOUS, ResidencyClass.LOCAL)
    } - {"name", "reason"}  # also columns of other meaning
    assert set(report(COMPANIES[name](), name)[0]) & pointing == set()


@pytest.mark.parametrize("name", COMPANIES)
def test_every_code_of_a_report_has_words(name: str) -> None:
    columns = (
        "step",
        "role",
        "basis",
        "measure",
        "dimension",
        "metric",
        "standing",
        "missing",
        "scope",
        "side",
        "unit",
    )
    rows = report(COMPANIES[name](), name, CUT_OFF)
    codes = {(column, row[column]) for row in rows for column in columns if row.get(column) is not None}
    assert [(column, code) for column, code in codes if code not in REPORT_WORDS.get(column, {})] == []


@pytest.mark.parametrize("name", COMPANIES)
def test_every_column_of_a_report_stands_on_its_page(name: str) -> None:
    page = (_PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert {column for column in report(COMPANIES[name](), name)[0] if f"`{column}`" not in page} - _PLAIN == set()
    assert "**What it does not say.**" in page


@pytest.mark.parametrize("name", [each.name for each in REPORTS])
def test_a_cell_without_rows_has_a_report_without_errors(name: str) -> None:
    with DuckDBEngine(threads=1) as engine:
        assert run_report(engine, books({}), name).num_rows >= 0


def test_every_company_is_for_a_report_that_there_is() -> None:
    assert set(COMPANIES) <= {each.name for each in REPORTS}
