"""Advertising of Pinduoduo by API: days in li, as copies of the official SDK describe them, in three kinds of promotion."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.connectors.live.contract import Failure
from entrepot.connectors.pinduoduo.client import PinduoduoClient
from tests.connectors.live.casework import feed_named, pulled


def answer(*rows: dict[str, Any]) -> dict[str, Any]:
    known = {"click": 3, "impression": 40, "gmv": 99_000}
    told = {"dailyReportList": [{**known, **row} for row in rows], "sumReport": {"spend": 1}}
    return {"response": {"success": True, "errorCode": 0, "errorMsg": "", "result": told}}


ENGINE_CASES = {
    "pinduoduo_live_ads_search": [
        answer({"date": "2026-09-01", "spend": 123_456}, {"date": "2026-09-02", "spend": "5"}),
        answer({"date": "2026-09-03", "spend": -10}, {"date": "yesterday", "spend": 10}),
    ]
}


@pytest.mark.parametrize(
    ("feed", "scene", "campaign"),
    [
        ("pinduoduo_live_ads_search", 0, "多多搜索"),
        ("pinduoduo_live_ads_star", 1, "明星店铺"),
        ("pinduoduo_live_ads_display", 2, "多多场景"),
    ],
)
def test_a_day_in_li_is_one_row_in_fen(feed: str, scene: int, campaign: str) -> None:
    days = ({"date": "2026-09-01", "spend": 123_455}, {"date": "2026-09-02", "spend": 0})
    found = pulled(feed, answer(*days))
    assert (found.rejects, found.rows) == ({}, 2)
    # 123.455 yuan: half a fen counts.
    found.shows(
        "ad_spend",
        f"""
        shop     | spent_on   | campaign   | currency | amount_minor | gives_way_by
        our shop | 2026-09-01 | {campaign} | CNY      | 12346        |
        """,
    )
    call = PinduoduoClient().day_call(feed_named(feed), "2026-09-01", "")
    assert (call.params["scenesType"], call.params["queryDimensionType"]) == (scene, 0)
    assert call.params["startDateString"] == call.params["endDateString"] == "2026-09-01"


def test_what_cannot_be_read_is_quarantined_and_errors_stand_in_the_response() -> None:
    found = pulled("pinduoduo_live_ads_search", ENGINE_CASES["pinduoduo_live_ads_search"][1])
    assert sorted(found.rejects.values()) == ["bad_money:spend", "bad_time:date"]
    refused = {"response": {"success": False, "errorCode": 1000, "errorMsg": "no", "result": None}}
    assert PinduoduoClient().failure_in(refused, 200) == Failure("1000", "no")
    assert PinduoduoClient().failure_in(answer(), 200) is None
