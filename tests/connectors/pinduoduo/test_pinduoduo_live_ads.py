"""Advertising of Pinduoduo by API: days in li, as copies of the official SDK describe them, in three kinds of promotion."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.connectors.live.contract import Failure
from entrepot.connectors.pinduoduo.client import PinduoduoClient
from tests.connectors.live.casework import Told, feed_named, pulled


def answer(*rows: dict[str, Any]) -> dict[str, Any]:
    known = {"click": 3, "impression": 40, "gmv": 99_000}
    told = {"dailyReportList": [{**known, **row} for row in rows], "sumReport": {"spend": 1}}
    return {"response": {"success": True, "errorCode": 0, "errorMsg": "", "result": told}}


def promotions(*rows: dict[str, Any], day: str = "2026-09-01", until: str = "") -> Told:
    """What each promotion of the whole shop tells of a day that only the question names."""
    known = {"goodsName": "羊毛围巾", "targetRoi": 40_000, "adStatus": 1}
    told = {"adInfos": [{**known, **row} for row in rows] or None, "totalAdNum": len(rows)}
    asked = {"startDate": f"{day} 00:00:00", "endDate": f"{until or day} 23:59:59", "pageNumber": 1}
    return Told({"response": {"success": True, "errorCode": 0, "errorMsg": "", "result": told}}, asked)


def figures(spend: Any) -> dict[str, Any]:
    return {"spend": spend, "impression": 40, "gmv": 99_000, "uniqueView": 3}


ENGINE_CASES: dict[str, list[Any]] = {
    "pinduoduo_live_ads_whole": [
        promotions(
            {"goodsId": 680_000_000_001, "adName": "围巾", "reportInfo": figures(123_455)},
            {"goodsId": 680_000_000_002, "reportInfo": figures(0)},
            {"goodsId": 680_000_000_003, "reportInfo": None},
            {"goodsId": 680_000_000_004, "reportInfo": figures("5")},
        ),
        promotions({"goodsId": 680_000_000_001, "adName": "围巾", "reportInfo": figures(10)}, day="2026-09-02"),
        promotions(
            {"goodsId": 1, "reportInfo": figures(None)},
            {"goodsId": 2, "reportInfo": figures(-5)},
            {"reportInfo": figures(5)},
        ),
        promotions({"goodsId": 1, "reportInfo": figures(5)}, until="2026-09-02"),
    ],
    "pinduoduo_live_ads_search": [
        answer({"date": "2026-09-01", "spend": 123_456}, {"date": "2026-09-02", "spend": "5"}),
        answer({"date": "2026-09-03", "spend": -10}, {"date": "yesterday", "spend": 10}),
    ],
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


def test_promotions_of_the_whole_shop_spent_on_the_day_that_was_asked_for() -> None:
    found = pulled("pinduoduo_live_ads_whole", *ENGINE_CASES["pinduoduo_live_ads_whole"][:2], promotions())
    assert (found.rejects, found.rows) == ({}, 5)
    # 0.5 fen count. A promotion that spent nothing, or has no figures, is no row.
    found.shows(
        "ad_spend",
        """
        shop     | spent_on   | campaign     | currency | amount_minor | gives_way_by
        our shop | 2026-09-01 | 680000000004 | CNY      | 1            |
        our shop | 2026-09-01 | 围巾         | CNY      | 12346        |
        our shop | 2026-09-02 | 围巾         | CNY      | 1            |
        """,
    )
    call = PinduoduoClient().day_call(feed_named("pinduoduo_live_ads_whole"), "2026-09-01", 2)
    assert call.params == {
        "startDate": "2026-09-01 00:00:00",
        "endDate": "2026-09-01 23:59:59",
        "orderBy": 4,
        "sortBy": 0,
        "pageNumber": 2,
        "pageSize": 10,
    }


def test_a_promotion_with_figures_and_without_spend_is_quarantined_as_is_a_span_of_days() -> None:
    found = pulled("pinduoduo_live_ads_whole", *ENGINE_CASES["pinduoduo_live_ads_whole"][2:])
    assert sorted(found.rejects.values()) == [
        "bad_money:spend",
        "bad_money:spend",
        "bad_time:startDate",
        "missing_field:goodsId",
    ]


def test_what_cannot_be_read_is_quarantined_and_errors_stand_in_the_response() -> None:
    found = pulled("pinduoduo_live_ads_search", ENGINE_CASES["pinduoduo_live_ads_search"][1])
    assert sorted(found.rejects.values()) == ["bad_money:spend", "bad_time:date"]
    refused = {"response": {"success": False, "errorCode": 1000, "errorMsg": "no", "result": None}}
    assert PinduoduoClient().failure_in(refused, 200) == Failure("1000", "no")
    assert PinduoduoClient().failure_in(answer(), 200) is None
