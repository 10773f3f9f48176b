"""Advertising of Tmall by API: a report of a day as the reference describes it, and calls that ask for it."""

from __future__ import annotations

import json
from typing import Any

from entrepot.connectors.live.contract import Failure
from entrepot.connectors.tmall.client import TmallClient
from tests.connectors.live.casework import feed_named, pulled

REPORT = "universalbp_report_query_campaign_response"


def row(**changed: Any) -> dict[str, Any]:
    known = {
        "thedate": "2026-09-01",
        "campaign_id": "68796878069",
        "campaign_name": "直通车",
        "biz_code": "onebpSearch",
    }
    return {**known, "report_index": {"charge": "12.34"}, **changed}


def answer(*rows: dict[str, Any]) -> dict[str, Any]:
    told = {"count": len(rows), "top_report_v_o_list": {"top_report_vo": list(rows)}}
    return {REPORT: {"result": {"info": {"ok": True}, "top_report_v_o_top_bulk_data": told}, "request_id": "x"}}


ENGINE_CASES = {
    "tmall_live_ads": [
        answer(row(), row(campaign_id="2", thedate="20260902"), row(campaign_id="3", thedate="soon")),
        answer(row(campaign_id="4", report_index={"charge": "-1.00"}), row(campaign_id="5", report_index={})),
    ]
}


def test_a_campaign_of_a_day_is_one_row_and_one_without_spend_is_none() -> None:
    found = pulled("tmall_live_ads", answer(row(), row(campaign_id="2", report_index={"charge": "0.00"})))
    assert (found.rejects, found.rows) == ({}, 2)
    found.shows(
        "ad_spend",
        """
        shop     | spent_on   | campaign | currency | amount_minor | gives_way_by
        our shop | 2026-09-01 | 直通车   | CNY      | 1234         |
        """,
    )


def test_what_cannot_be_read_is_quarantined() -> None:
    found = pulled("tmall_live_ads", *ENGINE_CASES["tmall_live_ads"])
    assert sorted(found.rejects.values()) == ["bad_money:charge", "bad_time:thedate", "negative_amount:charge"]


def test_a_day_is_asked_for_page_by_page_and_errors_stand_in_the_result() -> None:
    call = TmallClient().day_call(feed_named("tmall_live_ads"), "2026-09-01", 3)
    asked = json.loads(str(call.params["top_campaign_report_query_v_o"]))
    assert (asked["start_time"], asked["end_time"], asked["offset"], asked["page_size"]) == (
        "2026-09-01",
        "2026-09-01",
        200,
        100,
    )
    assert (asked["split_type"], asked["query_domains"]) == ("day", ["date", "campaign"])
    refused = {REPORT: {"result": {"info": {"ok": False, "message": "参数错误", "error_code": "E"}}}}
    assert TmallClient().failure_in(refused, 200) == Failure("E", "参数错误")
    assert TmallClient().failure_in(answer(), 200) is None
