"""Qianchuan's report of accounts: sums whose day, account and kind of plans stand in the question alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from entrepot.connectors.live.contract import Credentials, Failure, Retry
from entrepot.connectors.live.staging import wire_digest
from entrepot.connectors.live.wire import Document, WireField
from entrepot.connectors.qianchuan import LIVE
from entrepot.connectors.qianchuan.client import QianchuanClient
from tests.connectors.live.casework import Told, feed_named, pulled

FEED = feed_named("qianchuan_live_ads")


def told(spent: Any, day: str = "2026-09-01", scene: str = "UNI_PROJECT", account: str = "1790000000000001") -> Told:
    asked = {
        "advertiser_id": account,
        "adlab_scene": scene,
        "start_time": f"{day} 00:00:00",
        "end_time": f"{day} 23:59:59",
        "fields": ["stat_cost_for_roi2"],
    }
    data = {"stat_cost_for_roi2": spent, "total_pay_order_count_for_roi2": 3}
    return Told({"code": 0, "message": "OK", "request_id": "1", "data": data}, asked)


def without(answer: Told, field: str) -> Told:
    data = {name: value for name, value in answer.answer["data"].items() if name != field}
    return Told({**answer.answer, "data": data}, answer.params)


ENGINE_CASES = {
    "qianchuan_live_ads": [
        told(1234.5),
        told(0, scene="OVERALL_PROJECT"),
        told("12.34", "2026-09-02", account="1790000000000002"),
        told(-1, "2026-09-03"),
        told(1, "2026-09-04", scene="A_NEW_KIND"),
        Told(told(1).answer, {**told(1).params, "end_time": "2026-09-02 23:59:59"}),
        Told(told(1).answer, {}),
        without(told(1), "stat_cost_for_roi2"),
    ]
}


def test_a_sum_is_the_spend_of_the_day_that_was_asked_for() -> None:
    found = pulled(FEED.name, *ENGINE_CASES[FEED.name][:3])
    assert (found.rejects, found.rows) == ({}, 3)
    # Nothing spent is no row.
    found.shows(
        "ad_spend",
        """
        shop     | channel | spent_on   | campaign | currency | amount_minor | gives_way_by
        our shop | douyin  | 2026-09-01 | 千川全域 | CNY      | 123450       |
        our shop | douyin  | 2026-09-02 | 千川全域 | CNY      | 1234         |
        """,
    )


def test_two_accounts_that_spent_alike_are_two_rows() -> None:
    found = pulled(FEED.name, told(5), told(5, account="1790000000000002"), told(5, scene="OVERALL_PROJECT"))
    assert sorted(row["campaign"] for row in found.tables["ad_spend"]) == ["千川乘方", "千川全域", "千川全域"]
    assert len({row["spend_id"] for row in found.tables["ad_spend"]}) == 3


def test_what_cannot_be_read_is_quarantined_a_span_of_two_days_and_a_figure_that_is_gone_included() -> None:
    found = pulled(FEED.name, *ENGINE_CASES[FEED.name][3:])
    assert sorted(found.rejects.values()) == [
        "bad_time:start_time",
        "missing_field:advertiser_id",
        "missing_field:stat_cost_for_roi2",
        "negative_amount:stat_cost_for_roi2",
        "unknown_code:adlab_scene:A_NEW_KIND",
    ]
    assert not found.tables.get("ad_spend")


def test_a_line_of_another_shape_keeps_its_question_and_spoils_no_other() -> None:
    other = Told({"code": 0, "data": ["?"]}, told(1).params)
    found = pulled(FEED.name, told(5), other)
    assert found.rejects == {"2": "missing_field:stat_cost_for_roi2"}
    assert [row["amount_minor"] for row in found.tables["ad_spend"]] == [500]


def test_what_is_read_of_the_question_decides_whether_a_staged_page_is_still_good() -> None:
    answered = tuple(replace(each, is_asked=False) for each in FEED.shape.fields if isinstance(each, WireField))
    # The text of a field is that of earlier versions, so their staged pages stay good.
    assert repr(answered) == repr(FEED.shape.fields)
    assert wire_digest(replace(FEED, shape=Document(answered))) != wire_digest(FEED)


def test_a_day_is_asked_of_each_account_in_each_kind_of_plans() -> None:
    client = QianchuanClient()
    parts = client.day_parts(
        FEED, Credentials({"advertiser_ids": " 1790000000000001, 1790000000000002,1790000000000001"})
    )
    calls = [client.day_part_call(FEED, part, "2026-09-01") for part in parts]
    assert [(call.params["advertiser_id"], call.params["adlab_scene"]) for call in calls] == [
        ("1790000000000001", "UNI_PROJECT"),
        ("1790000000000001", "OVERALL_PROJECT"),
        ("1790000000000002", "UNI_PROJECT"),
        ("1790000000000002", "OVERALL_PROJECT"),
    ]
    assert {(call.params["start_time"], call.params["end_time"]) for call in calls} == {
        ("2026-09-01 00:00:00", "2026-09-01 23:59:59")
    }
    # A connection that names no account is refused by the platform; a day without questions would be a day without spend.
    assert len(client.day_parts(FEED, Credentials({"advertiser_ids": " , "}))) == 2


def test_a_good_answer_without_figures_is_no_zero() -> None:
    client = QianchuanClient()
    assert client.failure_in(told(0).answer, 200) is None
    nothing: tuple[Any, ...] = (None, [], "none")
    for data in nothing:
        failure = client.failure_in({"code": 0, "message": "OK", "data": data}, 200)
        assert failure == Failure("no_data")
        rule = LIVE.api.rule_for(failure)
        assert rule is not None
        assert rule.retry is Retry.AGAIN
