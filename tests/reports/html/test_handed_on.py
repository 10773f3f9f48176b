"""The page that is handed on: its charts are its tables, GMV leads to the margin, ages add up to what is owed."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from entrepot.engine import DuckDBEngine
from entrepot.flows.asking import html_report, newest_tables, report_rows, select_rows
from entrepot.ledger.rates import rates_by_day
from entrepot.reports import statement_of
from entrepot.reports.html import PageData, PageFigures, page_figures, render_page
from entrepot.reports.html.figures import _query
from entrepot.reports.html.journey import journey, waterfall
from entrepot.reports.questions import add_currencies

if TYPE_CHECKING:
    from entrepot.testing.sample_company import ImportedCompany

STEPS = ("unpaid", "third_party", "closed_before_recognition", "not_shipped", "not_recognised", "refunds")


@pytest.fixture(scope="module")
def figures(one_imported: ImportedCompany) -> PageFigures:
    with one_imported.parts.open_engine() as engine:
        return page_figures(engine, newest_tables(one_imported.parts), "CNY")


@pytest.fixture(scope="module")
def page(one_imported: ImportedCompany) -> str:
    return html_report(one_imported.parts, "en")


def _embedded(page: str) -> dict[str, Any]:
    found = re.search(r'id="figures">(.*?)</script>', page, re.DOTALL)
    assert found
    embedded: dict[str, Any] = json.loads(found[1])
    return embedded


def _section(page: str, heading: str) -> list[list[str]]:
    body = page.split(f"<h2>{heading}</h2>", maxsplit=1)[1].split("</section>", maxsplit=1)[0]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>.*?</t[hd]>", row)] for row in rows
    ]


def _minor(text: str) -> int:
    return int(text.replace("−", "-").replace(",", "").replace(".", ""))


def test_each_bar_of_the_waterfall_is_a_line_of_the_table_under_it(page: str) -> None:
    bars = _embedded(page)["waterfall"]
    totals = {row[0]: _minor(row[-1]) for row in _section(page, "From GMV to contribution margin")[1:]}
    assert bars[0]["name"] == "Placed"
    assert bars[-1]["name"] == "Contribution margin"
    assert {bar["name"]: bar["to"] - bar["from"] for bar in bars} == {
        name: total for name, total in totals.items() if total or name == "Placed"
    }


def test_the_way_ends_at_the_margin_that_the_profit_and_loss_account_has(
    one_imported: ImportedCompany, figures: PageFigures
) -> None:
    statement = statement_of(report_rows(one_imported.parts, "pnl").to_pylist(), "channel", "CNY")
    channels, steps = journey(figures.gmv, statement, "en")
    assert set(channels) == set(statement.columns) | {row["channel"] for row in figures.gmv}
    assert steps[-1].total == statement.total("contribution_margin")
    for channel in channels:
        level = 0
        for step in steps:
            amount = step.cells[channel] or 0
            level = amount if step.key == "placed" else level if step.is_level else level + amount
            assert not step.is_level or level == amount, f"{channel}: {step.key}"


def test_in_the_reporting_currency_the_translated_bridge_is_the_bridge(
    one_imported: ImportedCompany, figures: PageFigures
) -> None:
    bridge = report_rows(one_imported.parts, "gmv_bridge").to_pylist()
    foreign = {row["channel"] for row in bridge if row["currency"] != "CNY"}
    compared = 0
    for row in figures.gmv:
        own = [each for each in bridge if each["channel"] == row["channel"]]
        assert row["orders"] == sum(each["orders"] for each in own)
        if row["channel"] not in foreign:
            compared += 1
            for step in ("placed", *STEPS, "net"):
                assert row[f"{step}_minor"] == sum(each[f"{step}_minor"] for each in own), step
    assert compared == 5
    assert foreign == {"amazon", "shopify"}


def test_what_is_owed_by_age_is_what_the_settlement_report_has_in_escrow(
    one_imported: ImportedCompany, figures: PageFigures
) -> None:
    owed: dict[tuple[str, str, str], list[int]] = {}
    for row in figures.ageing:
        of = owed.setdefault((row["channel"], row["shop"], row["currency"]), [0, 0])
        of[0] += row["orders"]
        of[1] += row["owed_minor"]
    escrow = {
        (row["channel"], row["shop"], row["currency"]): [row["orders"], row["expected_minor"]]
        for row in report_rows(one_imported.parts, "settlement_status").to_pylist()
        if row["settlement_state"] == "in_escrow"
    }
    assert owed == escrow
    assert owed


def _positions(*recognised: tuple[str, date, str, int]) -> pa.Table:
    rows = [
        {
            "channel": "tmall",
            "shop": "T",
            "currency": currency,
            "settlement_state": state,
            "recognised_at": datetime(day.year, day.month, day.day, tzinfo=UTC),
            "recognised_on": day,
            "expected_minor": expected,
        }
        for state, day, currency, expected in recognised
    ]
    return pa.Table.from_pylist(rows)


def test_what_is_owed_is_as_old_as_the_days_from_recognition_to_the_last_day_that_the_files_reach() -> None:
    last = date(2026, 9, 30)
    ages = (0, 7, 8, 15, 16, 30, 31, 200)
    owed = [("in_escrow", last - timedelta(days=age), "CNY", 10**at) for at, age in enumerate(ages)]
    entries = [
        ("order", last),
        ("closing", date(2026, 12, 31)),
        ("journal", date(2027, 1, 1)),
        ("bank", date(2026, 10, 9)),
    ]
    kinds = {"cause_kind": [kind for kind, _ in entries], "accounting_date": [day for _, day in entries]}
    with DuckDBEngine() as engine:
        add_currencies(engine, "CNY")
        engine.add_arrow("fx_days", rates_by_day())
        engine.add_arrow("ledger_entries", pa.table({**kinds, "book": ["local"] * 4}))
        engine.add_arrow(
            "order_positions", _positions(*owed, ("settled", last, "CNY", 5), ("in_escrow", last, "EUR", 100))
        )
        rows = engine.read(_query("ageing")).to_pylist()
    found = {(row["currency"], row["days_owed"]): (row["orders"], row["owed_minor"]) for row in rows}
    assert found == {
        ("CNY", "0-7"): (2, 11),
        ("CNY", "8-15"): (2, 1_100),
        ("CNY", "16-30"): (2, 110_000),
        ("CNY", "31+"): (2, 11_000_000),
        ("EUR", "0-7"): (1, 100),
    }
    assert {row["as_of"] for row in rows} == {last}
    assert all(row["translated_minor"] == row["owed_minor"] for row in rows if row["currency"] == "CNY")
    assert 700 < next(row["translated_minor"] for row in rows if row["currency"] == "EUR") < 900


def test_the_chart_of_ages_is_the_table_of_ages_in_the_reporting_currency(page: str) -> None:
    chart = _embedded(page)["ageing"]
    rows = _section(page, "What platforms owe, by days since recognition")
    by_channel: dict[str, int] = {}
    for row in rows[1:]:
        by_channel[row[0]] = by_channel.get(row[0], 0) + _minor(row[-1])
    assert {series["name"]: sum(series["data"]) for series in chart["series"]} == by_channel
    assert chart["days"] == ["0-7 days", "8-15 days", "16-30 days", "31+ days"]


def test_contribution_by_channel_and_month_adds_up_to_the_table_by_month(page: str) -> None:
    chart = _embedded(page)["contribution"]
    rows = {row[0]: row[1:] for row in _section(page, "By month")}
    sums = [sum(series["data"][at] for series in chart["series"]) for at in range(len(chart["months"]))]
    assert chart["months"] == ["2026-08", "2026-09", "2026-10"]
    assert sums == [_minor(cell) for cell in rows["Contribution margin"][:-1]]


def test_every_feed_shows_the_last_event_of_its_shop_and_the_last_file(
    one_imported: ImportedCompany, figures: PageFigures, page: str
) -> None:
    feeds = {(row["format"], row["shop"]): row for row in figures.feeds}
    assert {name for name, _ in feeds} == {
        row["format"] for row in select_rows(one_imported.parts, "select distinct format from raw_files").to_pylist()
    }
    wallet = select_rows(
        one_imported.parts,
        "select cast(max(booked_at) + interval 8 hour as date) as last_on from wallet_lines where channel = 'jd'",
    ).to_pylist()[0]
    assert feeds["jd_wallet", "10215487"]["last_event_on"] == wallet["last_on"]
    assert feeds["own_sku_list", "own"]["last_event_on"] is None
    shown = _section(page, "How far the files reach")
    assert len(shown) == 1 + len(feeds)
    assert ["JD wallet statement", "10215487"] in [row[:2] for row in shown]
    assert min(row["days_behind"] for row in feeds.values() if row["days_behind"] is not None) == 0


def test_a_way_without_a_known_cost_ends_at_net_revenue() -> None:
    of = {"channel": "tmall", "shop": "s", "sku_id": "S-1", "month": "2026-09", "currency": "CNY", "detail": "x"}
    pnl = [
        {**of, "line": "revenue_goods", "amount_minor": 88_50},
        {**of, "line": "revenue_without_cost", "amount_minor": -88_50},
        {**of, "line": "fees", "amount_minor": -5_00},
    ]
    amounts = dict.fromkeys((*STEPS, "placed", "paid", "shipped", "recognised", "net"), 0)
    gmv = [{"channel": "tmall", **{f"{key}_minor": value for key, value in amounts.items()}}]
    for key in ("placed", "paid", "shipped", "recognised", "net"):
        gmv[0][f"{key}_minor"] = 100_00
    _, steps = journey(gmv, statement_of(pnl, "channel", "CNY"), "en")
    bars = waterfall(steps)
    assert [(bar["name"], bar["to"] - bar["from"]) for bar in bars[-3:]] == [
        ("Net", 100_00),
        ("VAT inside, and what no order explains", -11_50),
        ("Net revenue", 88_50),
    ]
    page = render_page(PageData(pnl, [], [], [], {}, {"tmall": "Tmall"}, "CNY", "", figures=PageFigures(gmv=gmv)), "en")
    assert _section(page, "From GMV to contribution margin")[-1] == ["Contribution margin", "unknown", "unknown"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_loads_nothing_and_says_how_it_is_printed(one_imported: ImportedCompany, lang: str) -> None:
    page = html_report(one_imported.parts, lang)
    without_library = page.replace(page.split("<script>")[2].split("</script>")[0], "")
    assert not re.search(r'(src|href)\s*=\s*["\']|url\(|@import|fetch\(|XMLHttpRequest', without_library)
    assert "@page { size: A4 landscape" in page
    assert "thead { display: table-header-group; }" in page
