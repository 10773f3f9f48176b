"""Youzan's gateway: two envelopes of errors, units of time, tokens of two kinds of app."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from entrepot.connectors.live.contract import Credentials, Listed, Retry, Span
from entrepot.connectors.youzan import LIVE
from entrepot.connectors.youzan.api import API, CASES, ORDERS
from entrepot.connectors.youzan.client import YouzanClient
from tests.connectors.live.gateway import Gateway

OWN = {"app_key": "id", "secret": "hush", "kdt_id": "42583152", "access_token": "t"}


def test_a_call_goes_to_the_path_of_its_method_and_version() -> None:
    call = YouzanClient().detail_call(ORDERS, Listed("E1", ""))
    request = YouzanClient().sign(call, Credentials(OWN), "http://gw/", 7.9)
    parts = urlsplit(request.url)
    assert (request.verb, parts.path) == ("POST", "/api/youzan.trade.get/4.0.2")
    assert parse_qs(parts.query) == {"access_token": ["t"]}
    assert json.loads(request.body) == {"tid": "E1"}


def test_windows_are_texts_of_beijing_for_orders_and_seconds_for_cases_and_end_before_the_next_begins() -> None:
    span = Span(1_793_462_400, 1_793_462_400 + 3600)
    orders = YouzanClient().list_call(ORDERS, span, 3, with_total=True).params
    cases = YouzanClient().list_call(CASES, span, 3, with_total=True).params
    assert orders == {
        "page_no": 3,
        "page_size": 100,
        "start_update": "2026-11-01 00:00:00",
        "end_update": "2026-11-01 00:59:59",
    }
    assert (cases["update_time_start"], cases["update_time_end"]) == (span.start_s, span.end_s - 1)


def test_the_published_shape_of_a_list_is_read() -> None:
    row = {"full_order_info": {"order_info": {"tid": "E1", "update_time": "2026-11-01 00:00:00"}}}
    answer = {
        "trace_id": "x",
        "code": 200,
        "success": True,
        "data": {"total_results": 1, "full_order_info_list": [row]},
    }
    page = YouzanClient().page_in(ORDERS, answer)
    assert (page.total, page.rows) == (1, (Listed("E1", "2026-11-01 00:00:00"),))
    empty = YouzanClient().page_in(CASES, {"code": "200", "success": True, "data": {"total": 0, "refunds": []}})
    assert (empty.total, empty.rows) == (0, ())


def gateway_says(code: int, text: str = "?") -> dict[str, Any]:
    return {"gw_err_resp": {"err_code": code, "err_msg": text}}


ERRORS: list[tuple[dict[str, Any], str, Retry | None]] = [
    (gateway_says(4201), "4201", Retry.TOKEN),
    (gateway_says(4202), "4202", Retry.TOKEN),
    (gateway_says(4203), "4203", Retry.TOKEN),
    (gateway_says(4204), "4204", Retry.PERSON),
    (gateway_says(4007, "源IP地址非法调用有赞云"), "4007", Retry.PERSON),
    (gateway_says(4007, "非法的请求姿势"), "4007", Retry.NEVER),
    (gateway_says(4300, "调用过于频繁"), "4300", Retry.WAIT),
    ({"success": False, "code": 106000001, "message": "?"}, "106000001", Retry.AGAIN),
    ({"success": False, "code": 5000, "data": {"full_order_info_list": []}}, "5000", Retry.NEVER),
    ({"success": True, "code": 7}, "7", None),
    ({}, "no envelope", None),
]


@pytest.mark.parametrize(("answer", "code", "retry"), ERRORS, ids=[json.dumps(each[0]) for each in ERRORS])
def test_the_gateway_and_the_service_have_envelopes_of_their_own(
    answer: dict[str, Any], code: str, retry: Retry | None
) -> None:
    failure = YouzanClient().failure_in(answer, 200)
    assert failure is not None
    assert failure.code == code
    rule = API.rule_for(failure)
    assert (rule.retry if rule else None) is retry


def test_a_number_of_success_may_be_a_text() -> None:
    assert YouzanClient().failure_in({"success": True, "code": "200", "data": {}}, 200) is None


def test_a_merchants_own_app_gets_its_token_by_the_number_of_its_shop() -> None:
    gateway = Gateway("youzan", LIVE)
    old = gateway.credentials
    assert gateway.renew() is None
    new = gateway.credentials
    assert new["access_token"] != old["access_token"]
    # The end is an instant in milliseconds: read as a life it would lie in the far future.
    assert new.expires_at_s == pytest.approx(gateway.now_s + 7 * 86_400, abs=5)
    assert "refresh_token" not in new.values
    start = gateway.world.start_s
    call = LIVE.client.list_call(ORDERS, Span(start, start + 86_400), 1, with_total=True)
    assert gateway.failure(call) is None
    gateway.sandbox.clock.advance(7 * 86_400 + 1)
    failure = gateway.failure(call)
    assert failure is not None
    assert failure.code == "4202"


def test_an_app_of_a_service_provider_renews_with_its_refresh_token() -> None:
    credentials = Credentials({**OWN, "refresh_token": "r"})
    call = YouzanClient().refresh_call(credentials)
    assert call is not None
    request = YouzanClient().sign(call, credentials, "http://gw", 7.9)
    assert request.url == "http://gw/auth/token"
    assert json.loads(request.body) == {
        "authorize_type": "refresh_token",
        "refresh_token": "r",
        "client_id": "id",
        "client_secret": "hush",
    }
    answer = {
        "success": True,
        "code": 200,
        "data": {"access_token": "t2", "refresh_token": "r2", "expires": 1_793_462_400_000},
    }
    new = YouzanClient().refreshed(answer, credentials, 0.0)
    assert (new["access_token"], new["refresh_token"], new.expires_at_s) == ("t2", "r2", 1_793_462_400.0)


def test_a_wrong_shop_or_secret_is_told_as_such() -> None:
    gateway = Gateway("youzan", LIVE)
    call = LIVE.client.refresh_call(gateway.credentials)
    assert call is not None
    wrong_secret = gateway.failure(call, secret="another")
    gateway.credentials.values["kdt_id"] = "1"
    wrong_shop = gateway.renew()
    assert wrong_secret is not None
    assert wrong_shop is not None
    assert (wrong_secret.code, wrong_shop.code) == ("1000", "1103")


def test_pages_deeper_than_the_platform_goes_are_never_asked_for() -> None:
    gateway = Gateway("youzan", LIVE)
    start = gateway.world.start_s
    call = LIVE.client.list_call(CASES, Span(start, start + 86_400), 31, with_total=True)
    failure = gateway.failure(call)
    assert failure is not None
    assert failure.code == "5000"
    for feed in (ORDERS, CASES):
        assert feed.listing.rows_max is not None
        deepest = -(-feed.listing.rows_max // feed.listing.page_rows_max)
        last = LIVE.client.list_call(feed, Span(start, start + 86_400), deepest, with_total=True)
        assert gateway.failure(last) is None, feed.name
