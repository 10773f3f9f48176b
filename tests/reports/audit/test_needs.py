"""What each report needs: months between, statements that end early, costs, rates; and the order that follows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from entrepot.reports import REPORTS
from entrepot.reports.audit.counting import translated_minor
from entrepot.reports.audit.needs import NEEDS, NEEDS_OF_COMPANY, Found, months_between, needs_of
from entrepot.reports.audit.rollout import rollout_of
from entrepot.reports.audit.shape import AuditedFile, Coverage, Missing, Platform, Title
from entrepot.reports.audit.words import NEED_TITLES, REPORT_TITLES

if TYPE_CHECKING:
    from collections.abc import Mapping

TMALL = Platform("tmall", {"en": "Tmall", "zh": "天猫"}, 10, 12, ("CNY",), 500_00, 3, 3)
SOURCES = {("tmall", "settlement_lines"): ({"en": "Alipay account ledger", "zh": "支付宝账务明细"},)}


def _covers(table: str, *months: str, last: str = "", channel: str = "tmall", shop: str = "") -> Coverage:
    return Coverage(table, channel, shop, months, len(months), f"{months[0]}-01", last or f"{months[-1]}-28")


WHOLE = tuple(
    _covers(table, "2026-07", "2026-08", last="2026-08-31")
    for table in ("orders", "order_lines", "settlement_lines", "ad_spend")
)


def _pnl(*coverage: Coverage, platform: Platform = TMALL) -> dict[str, Missing]:
    found = needs_of(Found((platform,), coverage, SOURCES, {"CNY", "EUR"}))
    return {each.need: each for each in found if each.report == "pnl"}


def _of_company(*coverage: Coverage, sources: Mapping[tuple[str, str], tuple[Title, ...]]) -> dict[str, Missing]:
    found = needs_of(Found((TMALL, replace(TMALL, channel="jd")), (*WHOLE, *coverage), sources, {"CNY"}))
    assert len([each for each in found if not each.channel]) == len({each.report for each in found if not each.channel})
    return {each.report: each for each in found if not each.channel}


def test_what_the_company_has_once_is_named_once_with_the_file_that_brings_it() -> None:
    titles = ({"en": "Stock list", "zh": "库存清单"},)
    found = _of_company(sources={("tmall", "stock_snapshots"): titles})
    assert found["stock_turnover"] == Missing("stock_turnover", "", "stock_snapshots", "missing", sources=titles)
    assert found["on_offer"] == Missing("on_offer", "", "listings", "missing", detail="by_api")
    assert {each.need for each in found.values()} == {
        *("bank_lines", "invoices", "stock_snapshots", "stated_figures", "listings"),
    }


def test_a_statement_of_the_bank_lacks_the_months_in_which_there_are_orders() -> None:
    titles = ({"en": "ICBC statement", "zh": "工商银行账户明细"},)
    sources = {("own_shop", "bank_lines"): titles}
    half = _of_company(_covers("bank_lines", "2026-08", channel="own"), sources=sources)
    assert half["cash_forecast"] == Missing("cash_forecast", "", "bank_lines", "partly", ("2026-07",), sources=titles)
    whole = _of_company(_covers("bank_lines", "2026-07", "2026-08", channel="own"), sources=sources)
    assert (whole["ageing"].state, whole["cash_forecast"].state) == ("there", "there")


def test_figures_of_the_seller_centre_may_be_of_one_month() -> None:
    found = _of_company(_covers("stated_figures", "2026-08", channel="own"), sources={})
    assert found["platform_figures"].state == "there"


def test_every_report_that_the_audit_names_is_one_and_has_words() -> None:
    named = {*NEEDS, *NEEDS_OF_COMPANY}
    titles = {report.name: report.title for report in REPORTS}
    assert named - {"wallet_check"} <= titles.keys()
    told = {name: {"en": REPORT_TITLES[name][0], "zh": REPORT_TITLES[name][1]} for name in NEEDS_OF_COMPANY}
    assert told == {name: dict(titles[name]) for name in NEEDS_OF_COMPANY}
    assert named == set(REPORT_TITLES)
    assert {need for needs in (*NEEDS.values(), *NEEDS_OF_COMPANY.values()) for need in needs} == set(NEED_TITLES)


def test_months_run_over_the_end_of_a_year() -> None:
    assert months_between("2026-11", "2027-02") == ["2026-11", "2026-12", "2027-01", "2027-02"]


def test_a_platform_with_everything_lacks_nothing() -> None:
    assert {each.state for each in _pnl(*WHOLE).values()} == {"there"}


@pytest.mark.parametrize(("last", "state"), [("2026-08-24", "there"), ("2026-08-23", "partly")])
def test_a_settlement_may_end_a_week_before_the_orders_and_no_earlier(last: str, state: str) -> None:
    early = _covers("settlement_lines", "2026-07", "2026-08", last=last)
    need = _pnl(*(each for each in WHOLE if each.table != early.table), early)["settlement_lines"]
    assert need.state == state
    expected = {} if state == "there" else {"orders_last": "2026-08-31", "settlement_last": last}
    assert (need.detail, need.facts) == ("ends_early" if expected else "", expected)


def test_a_shop_with_a_hole_is_not_hidden_by_another_shop_that_has_the_month() -> None:
    orders = (_covers("orders", "2026-07", "2026-09", shop="a"), _covers("orders", "2026-08", "2026-09", shop="b"))
    assert _pnl(*orders)["orders"].months == ("2026-08",)


def test_orders_without_a_time_are_there_and_in_no_month() -> None:
    timeless = replace(_covers("orders", "2026-07"), months=(), first_on="", last_on="")
    need = _pnl(timeless)["orders"]
    assert (need.state, need.months) == ("there", ())


def test_a_currency_without_a_rate_and_skus_without_a_cost_are_named_with_their_numbers() -> None:
    needs = _pnl(*WHOLE, platform=replace(TMALL, currencies=("CNY", "XXX"), skus_with_cost=1))
    assert (needs["fx_rates"].state, needs["fx_rates"].facts) == ("missing", {"currencies": ["XXX"]})
    assert (needs["sku_costs"].state, needs["sku_costs"].facts) == ("partly", {"skus_sold": 3, "skus_with_cost": 1})


@pytest.mark.parametrize(("others_with_cost", "state"), [(0, "missing"), (3, "there")])
def test_a_platform_that_sold_no_known_sku_asks_for_a_list_of_costs_only_where_there_is_none(
    others_with_cost: int, state: str
) -> None:
    silent, other = replace(TMALL, skus_sold=0, skus_with_cost=0), replace(TMALL, channel="jd")
    platforms = (silent, replace(other, skus_with_cost=others_with_cost))
    found = needs_of(Found(platforms, WHOLE, SOURCES, {"CNY"}))
    assert next(each.state for each in found if (each.channel, each.need) == ("tmall", "sku_costs")) == state


def test_a_file_that_we_do_not_read_is_told_apart_from_one_that_is_not_there() -> None:
    needs = _pnl(*WHOLE[:1])
    assert (needs["settlement_lines"].detail, needs["ad_spend"].detail) == ("", "no_format")


@pytest.mark.parametrize(
    ("amount", "to_rate", "from_rate", "to_scale", "from_scale", "value"),
    [
        (100_00, 1, 1, 1, 1, 100_00),
        (100_00, 8_000_000, 1_000_000, 1, 1, 800_00),
        (1_000, 8_000_000, 160_000_000, 100, 1, 50_00),  # yen into yuan
        (-1, 1_000_000, 2_000_000, 1, 1, -1),
        (10**17, 1_700_000_000, 1_000_000, 1, 100, 17 * 10**17),  # more than a BIGINT on the way
        (100_00, None, 1_000_000, 1, 1, 0),
    ],
)
def test_values_are_translated_half_up_however_large_a_folder_is(
    amount: int, to_rate: int | None, from_rate: int, to_scale: int, from_scale: int, value: int
) -> None:
    row = {"amount_minor": amount, "to_rate": to_rate, "from_rate": from_rate}
    assert translated_minor({**row, "to_scale": to_scale, "from_scale": from_scale}) == value


def test_the_whole_platform_goes_first_even_where_one_with_gaps_is_worth_more() -> None:
    jd = replace(TMALL, channel="jd", value_minor=900_00)
    coverage = (*WHOLE, _covers("orders", "2026-07", "2026-08", channel="jd"))
    missing = needs_of(Found((jd, TMALL), coverage, SOURCES, {"CNY"}))
    steps = rollout_of((jd, TMALL), missing, (AuditedFile("a", "recognised"),), 2)
    assert [(step.what, step.channel, step.reason) for step in steps] == [
        ("costs", "", "no_margin_without_costs"),
        ("platform", "tmall", "whole_and_first"),
        ("platform", "jd", "gaps_first"),
        ("advertising", "", "advertising_missing"),
        ("close", "", "close_by_exception"),
    ]
    assert steps[2].facts["lacking"] == ["order_lines", "settlement_lines"]


def test_of_two_whole_platforms_the_more_valuable_goes_first() -> None:
    jd = replace(TMALL, channel="jd", value_minor=900_00)
    coverage = (*WHOLE, *(replace(each, channel="jd") for each in WHOLE))
    missing = needs_of(Found((TMALL, jd), coverage, SOURCES, {"CNY"}))
    steps = rollout_of((TMALL, jd), missing, (AuditedFile("a", "recognised"),), 0)
    assert [(step.channel, step.reason) for step in steps][:2] == [("jd", "whole_and_first"), ("tmall", "whole")]
