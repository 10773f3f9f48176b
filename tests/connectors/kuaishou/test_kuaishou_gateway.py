"""Kuaishou's gateway: signatures to the byte, cursors, errors told by their text, the life of a token."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from entrepot.connectors.kuaishou import LIVE
from entrepot.connectors.kuaishou.api import API, CASES, ORDERS
from entrepot.connectors.kuaishou.client import KuaishouClient, signature
from entrepot.connectors.live.contract import Call, Credentials, Listed, Retry, Span
from tests.connectors.live.gateway import Gateway

SIGNED = {
    "access_token": "KAT",
    "appkey": "ks1",
    "method": "open.order.cursor.list",
    "param": '{"beginTime":1788192000000,"cursor":"","endTime":1788278400000,"orderViewStatus":1,"pageSize":20,"queryType":2,"sort":1}',
    "signMethod": "MD5",
    "timestamp": "1788192000123",
    "version": "1",
}
"""Signed alike by a public client of the platform: secret `signsec`."""


VECTORS = {
    "MD5": "ffd8301f60a464bbc895e8cb669eb638",
    "HMAC_SHA256": "4ty4IwrlXJPLAx1NK/XdGkA4ee07JJRtpOUrCif7U90=",
}


@pytest.mark.parametrize("way", VECTORS)
def test_a_call_is_signed_as_a_public_client_signs_it_and_sent_as_it_was_signed(way: str) -> None:
    signed = {**SIGNED, "signMethod": way}
    assert signature({**signed, "sign": "of another time"}, "signsec") == VECTORS[way]
    params: dict[str, Any] = json.loads(SIGNED["param"])
    credentials = Credentials({"app_key": "ks1", "secret": "app", "sign_secret": "signsec", "access_token": "KAT"})
    client = KuaishouClient()
    client.sign_method = way
    request = client.sign(Call(ORDERS.listing, params), credentials, "http://gw/", 1788192000.123)
    parts = urlsplit(request.url)
    assert (request.verb, parts.path, request.body) == ("GET", "/open/order/cursor/list", b"")
    assert dict(parse_qsl(parts.query, keep_blank_values=True)) == {**signed, "sign": VECTORS[way]}
    assert "signsec" not in request.url


@pytest.mark.parametrize("way", VECTORS)
def test_the_gateway_takes_both_ways_of_signing(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KuaishouClient, "sign_method", way)
    gateway = Gateway("kuaishou", LIVE)
    start = gateway.world.start_s
    assert gateway.failure(LIVE.client.list_call(ORDERS, Span(start, start + 86_400), "", with_total=True)) is None


def test_windows_are_milliseconds_and_end_before_the_next_begins() -> None:
    orders = KuaishouClient().list_call(ORDERS, Span(100, 200), "", with_total=True).params
    cases = KuaishouClient().list_call(CASES, Span(100, 200), "7_x", with_total=True).params
    assert (orders["beginTime"], orders["endTime"], orders["cursor"], orders["queryType"]) == (100_000, 199_999, "", 2)
    assert (cases["beginTime"], cases["endTime"], cases["pcursor"], cases["type"]) == (100_000, 199_999, "7_x", 9)


def test_a_list_ends_where_its_cursor_says_so() -> None:
    row = {"orderBaseInfo": {"oid": 2**60 + 1, "updateTime": 5}}
    page = KuaishouClient().page_in(ORDERS, {"result": 1, "data": {"cursor": "abc", "orderList": [row]}})
    assert (page.rows, page.total, page.next_cursor) == ((Listed("1152921504606846977", "5"),), None, "abc")
    last = KuaishouClient().page_in(CASES, {"result": 1, "data": {"pcursor": "nomore", "refundOrderInfoList": []}})
    assert (last.rows, last.next_cursor) == ((), "")


ERRORS: list[tuple[dict[str, Any], str, Retry | None]] = [
    ({"result": 24, "error_msg": "access_token无效或已过期"}, "token", Retry.TOKEN),
    ({"result": 25, "error_msg": "调用频率超限"}, "limit", Retry.WAIT),
    ({"result": 22, "error_msg": "签名验证失败"}, "sign", Retry.NEVER),
    ({"result": 23, "error_msg": "timestamp已过期"}, "clock", Retry.CLOCK),
    ({"result": 26, "error_msg": "没有接口权限"}, "right", Retry.PERSON),
    ({"result": 101, "error_msg": "查询时间范围不合法"}, "span", Retry.SPLIT),
    ({"result": 999, "error_msg": "?"}, "", None),
    ({}, "", None),
]


@pytest.mark.parametrize(("answer", "finer", "retry"), ERRORS, ids=[json.dumps(each[0]) for each in ERRORS])
def test_any_result_but_one_is_an_error(answer: dict[str, Any], finer: str, retry: Retry | None) -> None:
    failure = KuaishouClient().failure_in(answer, 200)
    assert failure is not None
    assert failure.sub_code == finer
    rule = API.rule_for(failure)
    assert (rule.retry if rule else None) is retry


def test_the_gateway_takes_what_is_signed_with_the_signing_secret_only() -> None:
    gateway = Gateway("kuaishou", LIVE)
    start = gateway.world.start_s
    call = LIVE.client.list_call(ORDERS, Span(start, start + 86_400), "", with_total=True)
    assert gateway.failure(call) is None
    assert gateway.failure(call, secret="another") is None, "the app's secret signs nothing"
    late = gateway.failure(call, late_s=700)
    assert late is not None
    assert late.sub_code == "clock"
    gateway.credentials.values["sign_secret"] = "another"
    wrong = gateway.failure(call)
    assert wrong is not None
    assert wrong.sub_code == "sign"


def test_a_window_that_is_too_long_is_to_be_halved() -> None:
    gateway = Gateway("kuaishou", LIVE)
    start = gateway.world.start_s
    failure = gateway.failure(LIVE.client.list_call(CASES, Span(start, start + 86_402), "", with_total=True))
    assert failure is not None
    rule = API.rule_for(failure)
    assert rule is not None
    assert rule.retry is Retry.SPLIT


def test_a_renewal_gives_both_tokens_and_the_old_refresh_token_lives_five_minutes_more() -> None:
    gateway = Gateway("kuaishou", LIVE)
    old = gateway.credentials
    assert gateway.renew() is None
    new = gateway.credentials
    assert new["access_token"] != old["access_token"]
    assert new["refresh_token"] != old["refresh_token"]
    assert new["sign_secret"] == old["sign_secret"]
    assert new.expires_at_s == pytest.approx(gateway.now_s + 2 * 86_400, abs=5)
    # A worker that dies between the answer and its keeping asks again with the token that it has.
    gateway.credentials = old
    assert gateway.renew() is None
    gateway.credentials = old
    gateway.sandbox.clock.advance(301)
    failure = gateway.renew()
    assert failure is not None


def test_a_renewal_sends_no_token_that_may_have_ended() -> None:
    credentials = Credentials(
        {"app_key": "k", "secret": "s", "sign_secret": "q", "access_token": "t", "refresh_token": "r"}
    )
    call = LIVE.client.refresh_call(credentials)
    assert call is not None
    request = LIVE.client.sign(call, credentials, API.gateway, 7.9)
    assert (request.verb, request.url) == ("POST", "https://openapi.kwaixiaodian.com/oauth2/refresh_token")
    sent = dict(parse_qsl(request.body.decode()))
    assert sent == {"grant_type": "refresh_token", "refresh_token": "r", "app_id": "k", "app_secret": "s"}
