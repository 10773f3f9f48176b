"""The HTML report: titles for codes, unknown margins as unknown, nothing empty, nothing cut."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from entrepot.reports.html import PageData, render_page

CHANNELS = {"tmall": "天猫", "jd": "京东"}


def _pnl(channel: str, **lines: int) -> list[dict[str, Any]]:
    of = {"channel": channel, "shop": f"{channel}-1", "sku_id": "S-1", "month": "2026-09", "currency": "CNY"}
    return [{**of, "line": line, "detail": line, "amount_minor": amount} for line, amount in lines.items()]


def _bridge(channel: str) -> dict[str, Any]:
    steps = ("placed", "unpaid", "third_party", "paid", "closed_before_recognition", "not_shipped", "shipped")
    amounts = dict.fromkeys((*steps, "not_recognised", "recognised", "refunds", "net"), 123_45)
    return {
        "channel": channel,
        "shop": f"{channel}-1",
        "currency": "CNY",
        "orders": 3,
        **{f"{step}_minor": amount for step, amount in amounts.items()},
    }


def _page(pnl: list[dict[str, Any]], lang: str = "zh", **others: list[dict[str, Any]]) -> str:
    rows: dict[str, Any] = {"bridge": [], "settlement": [], "exceptions": []} | others
    return render_page(PageData(pnl=pnl, sku_names={}, channels=CHANNELS, currency="CNY", company="", **rows), lang)


def _figures(page: str) -> dict[str, Any]:
    found = re.search(r'id="figures">(.*?)</script>', page, re.DOTALL)
    assert found
    figures: dict[str, Any] = json.loads(found[1])
    return figures


def _text(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", page.split("<body>")[1].split("<script", maxsplit=1)[0])


ALL_UNKNOWN = _pnl("tmall", revenue_goods=100_00, revenue_without_cost=-100_00, ad_spend=-9_00)


@pytest.mark.parametrize(("lang", "unknown"), [("en", "unknown"), ("zh", "未知")])
def test_a_company_without_costs_is_shown_no_margin_at_all(lang: str, unknown: str) -> None:
    page = _page(ALL_UNKNOWN, lang)
    assert f"<b>{unknown}</b>" in page
    assert "−9.00</b>" not in page
    assert page.count(f'<td class="unknown">{unknown}</td>') == 2 * 2 * 3  # two margins, column and total, three tables
    figures = _figures(page)
    assert figures["channels"]["margin"] == [None]
    assert figures["channels"]["names"] == [f"天猫 ({unknown})"]
    assert [step["to"] for step in figures["waterfall"]] == [100_00, 100_00]


def test_a_channel_with_costs_keeps_its_margin_beside_one_without() -> None:
    page = _page([*ALL_UNKNOWN, *_pnl("jd", revenue_goods=50_00, cogs=-20_00)])
    assert _figures(page)["channels"] == {"names": ["天猫 (未知)", "京东"], "margin": [None, 30_00]}
    assert "30.00" in page


def test_channels_are_called_by_their_titles_everywhere() -> None:
    page = _page(
        _pnl("tmall", revenue_goods=100_00, cogs=-40_00),
        bridge=[_bridge("tmall")],
        settlement=[
            {
                "channel": "tmall",
                "shop": "s",
                "settlement_state": "in_escrow",
                "currency": "CNY",
                "orders": 1,
                "expected_minor": 5,
                "income_minor": 0,
                "difference_minor": 0,
            }
        ],
    )
    assert "天猫" in _text(page)
    assert not re.search(r"\btmall\b(?!-)", _text(page))
    assert "待结算" in _text(page)
    assert _figures(page)["monthly"]["series"][0]["name"] == "天猫"


def test_a_state_or_kind_that_is_new_is_shown_by_its_code_and_breaks_no_page() -> None:
    exception = {
        "exception_id": "x",
        "kind": "just_invented",
        "key": "a/b",
        "shop": None,
        "amount_minor": None,
        "currency": None,
        "cause": "so_new",
        "where_found": None,
    }
    text = _text(_page(ALL_UNKNOWN, exceptions=[exception]))
    assert "just_invented" in text
    assert "so_new" in text


@pytest.mark.parametrize(("lang", "says"), [("en", "Nothing to report yet"), ("zh", "暂无数据")])
def test_an_empty_company_is_told_what_to_do_instead_of_empty_charts(lang: str, says: str) -> None:
    page = _page([], lang)
    assert says in page
    assert "entrepot import" in page
    assert 'class="chart"' not in page
    assert "<table" not in page
    assert "–" not in _text(page)
    assert "echarts" not in page


def test_the_bridge_has_its_steps_down_and_its_shops_across_so_that_it_fits() -> None:
    page = _page(ALL_UNKNOWN, bridge=[_bridge("tmall"), _bridge("jd")])
    bridge = page.split("GMV 到净额")[1].split("</section>")[0]
    assert bridge.count("<tr") == 1 + 1 + 11
    assert len(re.findall(r"<th>", bridge)) == 1 + 2


def test_a_chart_of_fees_stands_only_where_there_are_fees() -> None:
    assert 'id="fees"' not in _page(ALL_UNKNOWN)
    assert 'id="fees"' in _page([*ALL_UNKNOWN, *_pnl("jd", fees=-3_00)])


def test_short_amounts_are_counted_in_the_readers_units() -> None:
    assert _figures(_page(ALL_UNKNOWN, "zh"))["units"] == [[10**8, "亿"], [10**4, "万"]]
    assert _figures(_page(ALL_UNKNOWN, "en"))["units"] == [[10**9, "B"], [10**6, "M"], [10**3, "k"]]
