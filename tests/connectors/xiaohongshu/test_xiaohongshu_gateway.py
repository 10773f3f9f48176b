"""Xiaohongshu's gateway: one envelope or two, errors told by their text, the life of a token, units of time."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from entrepot.connectors.live.contract import Credentials, Failure, Listed, Retry, Span
from entrepot.connectors.xiaohongshu import LIVE
from entrepot.connectors.xiaohongshu.api import API, CASES, ORDERS, SETTLEMENTS
from entrepot.connectors.xiaohongshu.client import XiaohongshuClient
from tests.connectors.live.gateway import Gateway

_DAY = 86_400
GOOD = {"error_code": 0, "error_msg": "", "success": True}
ERRORS: list[tuple[dict[str, Any], str, str, Retry | None]] = [
    ({"error_code": -2000400, "success": False, "error_msg": "请求参数错误"}, "-2000400", "", Retry.NEVER),
    ({"error_code": -1, "success": False, "error_msg": "accessToken 已过期"}, "-1", "token", Retry.TOKEN),
    ({"error_code": -1, "success": False, "error_msg": "触发限流"}, "-1", "limit", Retry.WAIT),
    ({"error_code": -1, "success": False, "error_msg": "签名错误"}, "-1", "sign", Retry.NEVER),
    ({"error_code": -9, "success": False, "error_msg": "?"}, "-9", "", None),
    ({"error_code": 0, "success": False}, "no envelope", "", None),
    ({"error_code": 5, "success": True}, "5", "", None),
    ({}, "no envelope", "", None),
    ({**GOOD, "data": {"code": -7, "msg": "?", "success": False}}, "-7", "", None),
    ({**GOOD, "data": {"code": 3, "success": True, "data": {}}}, "3", "", None),
]


@pytest.mark.parametrize(("answer", "code", "finer", "retry"), ERRORS, ids=[json.dumps(each[0]) for each in ERRORS])
def test_both_envelopes_have_to_say_success(answer: dict[str, Any], code: str, finer: str, retry: Retry | None) -> None:
    failure = XiaohongshuClient().failure_in(answer, 200)
    assert failure is not None
    assert (failure.code, failure.sub_code) == (code, finer)
    rule = API.rule_for(failure)
    assert (rule.retry if rule else None) is retry


def test_a_list_is_read_out_of_one_envelope_or_two() -> None:
    client, rows = XiaohongshuClient(), {"totalCount": 1, "afterSaleBasicInfos": [{"returnsId": "R1", "updatedAt": 5}]}
    one, two = {**GOOD, "data": rows}, {**GOOD, "data": {"code": 0, "msg": "", "success": True, "data": rows}}
    assert client.failure_in(one, 200) is client.failure_in(two, 200) is None
    assert client.page_in(CASES, one) == client.page_in(CASES, two)
    assert client.page_in(CASES, two).rows == (Listed("R1", "5"),)


def test_the_published_shape_of_a_list_is_read() -> None:
    row = {"orderId": "P700000000000000001", "orderStatus": 4, "updateTime": 1612518400000}
    answer = {**GOOD, "data": {"total": 1, "pageNo": 1, "pageSize": 50, "maxPageNo": 1, "orderList": [row]}}
    page = XiaohongshuClient().page_in(ORDERS, answer)
    assert (page.total, page.rows) == (1, (Listed("P700000000000000001", "1612518400000"),))


def test_windows_are_seconds_for_orders_and_milliseconds_for_cases_and_end_before_the_next_begins() -> None:
    client = XiaohongshuClient()
    orders = client.list_call(ORDERS, Span(100, 200), 3, with_total=True).params
    cases = client.list_call(CASES, Span(100, 200), 3, with_total=True).params
    assert (orders["startTime"], orders["endTime"], orders["pageNo"], orders["timeType"]) == (100, 199, 3, 2)
    assert (cases["startTime"], cases["endTime"]) == (100_000, 199_999)
    settled = client.list_call(SETTLEMENTS, Span(100, 200), 3, with_total=True).params
    assert (settled["startTime"], settled["endTime"], settled["pageNum"]) == (100_000, 200_000, 3)
    for feed in (ORDERS, CASES, SETTLEMENTS):
        assert feed.span_s + feed.overlap_s <= feed.span_s_max, "a window and its overlap are one call"


def test_neither_the_token_nor_what_is_asked_is_signed_but_time_and_secret_are() -> None:
    gateway = Gateway("xiaohongshu", LIVE)
    start = gateway.world.start_s
    call = LIVE.client.list_call(ORDERS, Span(start, start + 1800), 1, with_total=True)
    assert gateway.failure(call) is None
    assert gateway.failure(call, secret="another") == Failure("-1", "签名错误", "sign")
    assert gateway.failure(call, late_s=700) == Failure("-1", "timestamp不合法", "clock")
    signed = LIVE.client.sign(call, gateway.credentials, gateway.gateway, gateway.now_s)
    body = json.loads(signed.body)
    assert gateway.failure(call, body=json.dumps({**body, "pageNo": 2}).encode()) is None
    later = replace(call, params={**call.params, "endTime": start + 1801})
    assert gateway.failure(later) == Failure("-2000400", "请求参数错误")


def test_a_token_is_renewed_in_its_last_half_hour_and_the_old_one_lives_five_minutes_more() -> None:
    gateway = Gateway("xiaohongshu", LIVE)
    start = gateway.world.start_s
    call = LIVE.client.list_call(ORDERS, Span(start, start + 1800), 1, with_total=True)
    old = gateway.credentials
    assert gateway.renew() is None
    assert gateway.credentials["access_token"] == old["access_token"], "the same token comes back before that"
    ends = gateway.credentials.expires_at_s
    assert ends is not None
    assert API.token_margin_s < 1800
    gateway.sandbox.clock.advance(ends - gateway.now_s - API.token_margin_s)
    assert gateway.renew() is None
    new = gateway.credentials
    assert new["access_token"] != old["access_token"]
    assert new.expires_at_s is not None
    assert 6.9 * _DAY < new.expires_at_s - gateway.now_s <= 7 * _DAY
    gateway.credentials = old
    assert gateway.failure(call) is None
    gateway.sandbox.clock.advance(301)
    failure = gateway.failure(call)
    assert failure is not None
    assert failure.sub_code == "token"
    gateway.credentials = new
    assert gateway.failure(call) is None


def test_an_order_that_is_not_there_is_told_as_such() -> None:
    gateway = Gateway("xiaohongshu", LIVE)
    failure = gateway.failure(LIVE.client.detail_call(ORDERS, Listed("P1", "")))
    assert failure == Failure("-2000101", "包裹不存在")
    assert API.rule_for(failure).retry is Retry.NEVER  # type: ignore[union-attr]


def test_a_renewal_sends_no_token_that_may_have_ended() -> None:
    credentials = Credentials({"app_key": "k", "secret": "s", "access_token": "t", "refresh_token": "r"})
    call = LIVE.client.refresh_call(credentials)
    assert call is not None
    body = json.loads(LIVE.client.sign(call, credentials, API.gateway, 7.9).body)
    assert (body["method"], body["refreshToken"], body["timestamp"]) == ("oauth.refreshToken", "r", "7")
    assert "accessToken" not in body
