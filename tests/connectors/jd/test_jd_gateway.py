"""JD's gateway: every place where an error may stand, the life of a token, what a list is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from entrepot.connectors.jd import LIVE
from entrepot.connectors.jd.api import API, CANCELS, ORDERS, SERVICES
from entrepot.connectors.jd.client import STATES, JdClient
from entrepot.connectors.live.contract import Call, Credentials, Failure, Method, Retry, Span
from tests.connectors.casework import code_list
from tests.connectors.live.gateway import Gateway

_DAY = 86_400
ENVELOPE = "jingdong_pop_order_enSearch_responce"
ERRORS: list[tuple[dict[str, Any], str, str, Retry | None]] = [
    (
        {"error_response": {"code": "2", "zh_desc": "限制时间内调用失败次数", "en_desc": "App Call Limited"}},
        "2",
        "",
        Retry.WAIT,
    ),
    ({"error_response": {"code": 12, "zh_desc": "无效签名", "en_desc": "Invalid Signature"}}, "12", "", Retry.NEVER),
    ({"error_response": {"code": "8", "zh_desc": "非法的时间戳参数"}}, "8", "", Retry.CLOCK),
    ({"error_response": {"code": "15", "zh_desc": "不存在的方法名"}}, "15", "", Retry.NEVER),
    ({"error_response": {"code": "19", "zh_desc": "无效的access_token"}}, "19", "token", Retry.TOKEN),
    (
        {ENVELOPE: {"searchorderinfo_result": {"apiResult": {"success": False, "numberCode": "10100021"}}}},
        "10100021",
        "",
        Retry.NEVER,
    ),
    ({ENVELOPE: {"searchorderinfo_result": {"apiResult": {"success": "false", "numberCode": "7"}}}}, "7", "", None),
    ({ENVELOPE: {"code": "43", "zh_desc": "系统处理错误"}}, "43", "", None),
    ({"code": "10500001", "errorMessage": "wrong merchant"}, "10500001", "", Retry.PERSON),
    ({"jingdong_asc_serviceAndRefund_view_responce": {"pageResult": {"success": True, "code": "9"}}}, "9", "", None),
    ({ENVELOPE.replace("responce", "response"): {"code": "0"}}, "envelope", "", Retry.NEVER),
    ({}, "no envelope", "", None),
]


@pytest.mark.parametrize(("answer", "code", "finer", "retry"), ERRORS, ids=[each[1] for each in ERRORS])
def test_an_error_is_found_wherever_it_stands(
    answer: dict[str, Any], code: str, finer: str, retry: Retry | None
) -> None:
    failure = JdClient().failure_in(answer, 200)
    assert failure is not None
    assert (failure.code, failure.sub_code) == (code, finer)
    rule = API.rule_for(failure)
    assert (rule.retry if rule else None) is retry


def test_success_is_told_in_three_ways() -> None:
    for result in (
        {"searchorderinfo_result": {"apiResult": {"success": "true", "numberCode": "0"}, "orderTotal": "0"}},
        {"pageResult": {"success": True, "code": "00000", "totalCount": "0"}},
        {"result": {"success": True, "code": 200}},
    ):
        assert JdClient().failure_in({ENVELOPE: {"code": "0", **result}}, 200) is None


def test_every_known_state_is_asked_for_and_known_to_the_code_list() -> None:
    listed = {row["source"].split(" ")[0] for row in code_list("jd", "status")}
    assert set(STATES.split(",")) == listed
    gateway = Gateway("jd", LIVE, orders=30)
    start = gateway.world.start_s
    call = LIVE.client.list_call(ORDERS, Span(start, start + 5 * _DAY), 1, with_total=True)
    page = LIVE.client.page_in(ORDERS, gateway.ask(call))
    assert page.total == len(page.rows) == 30
    fewer = replace(call, params={**call.params, "order_state": STATES.replace("FINISHED_L,", "")})
    assert LIVE.client.page_in(ORDERS, gateway.ask(fewer)).total != 30


def test_a_signature_covers_every_parameter_and_the_clock_may_be_six_minutes_off() -> None:
    gateway = Gateway("jd", LIVE)
    start = gateway.world.start_s
    call = LIVE.client.list_call(CANCELS, Span(start, start + _DAY), 1, with_total=True)
    assert gateway.failure(call) is None
    assert gateway.failure(call, late_s=300) is None
    assert gateway.failure(call, late_s=400) == Failure("8", "非法的时间戳参数")
    assert gateway.failure(call, secret="another") == Failure("12", "无效签名")
    signed = LIVE.client.sign(call, gateway.credentials, gateway.gateway, gateway.now_s)
    assert gateway.failure(call, body=signed.body.replace(b"pageIndex", b"pageindex")) == Failure("12", "无效签名")


def test_a_token_is_renewed_in_its_last_day_and_never_after_its_end() -> None:
    gateway = Gateway("jd", LIVE)
    old = gateway.credentials["access_token"]
    assert gateway.renew() is None
    assert gateway.credentials["access_token"] == old, "more than a day before its end the same token comes back"
    ends = gateway.credentials.expires_at_s
    assert ends is not None
    assert API.token_margin_s < _DAY
    gateway.sandbox.clock.advance(ends - gateway.now_s - API.token_margin_s)
    assert gateway.renew() is None
    assert gateway.credentials["access_token"] != old
    gateway.sandbox.clock.advance(31 * _DAY)
    call = LIVE.client.list_call(
        SERVICES, Span(gateway.world.start_s, gateway.world.start_s + _DAY), 1, with_total=True
    )
    failure = gateway.failure(call)
    assert failure is not None
    assert failure.sub_code == "token"
    refused = gateway.renew()
    assert refused is not None
    assert API.rule_for(refused) is None, "it needs the merchant: whoever renews gives up"


def test_the_secret_goes_to_the_host_of_authorisations_or_to_the_one_that_was_given() -> None:
    credentials = Credentials({"app_key": "k", "secret": "s", "access_token": "t", "refresh_token": "r"})
    call = LIVE.client.refresh_call(credentials)
    assert call is not None
    sent = LIVE.client.sign(call, credentials, API.gateway, 0.0)
    assert sent.url == (
        "https://open-oauth.jd.com/oauth2/refresh_token?app_key=k&app_secret=s&grant_type=refresh_token&refresh_token=r"
    )
    assert LIVE.client.sign(call, credentials, "http://127.0.0.1:9/routerjson", 0.0).url.startswith(
        "http://127.0.0.1:9/oauth2/refresh_token?"
    )
    assert LIVE.client.sign(call, credentials, "https://notjd.com/routerjson", 0.0).url.startswith("https://notjd.com/")


def test_the_amount_is_part_of_an_orders_version_for_it_comes_later_than_the_state() -> None:
    row = {
        "orderId": "1",
        "modified": "2026-11-01 00:00:00",
        "orderState": "WAIT_SELLER_STOCK_OUT",
        "actualPay": "0.00",
    }
    body = {"apiResult": {"success": True}, "orderTotal": 1}

    def version(**changed: str) -> str:
        answer = {ENVELOPE: {"searchorderinfo_result": {**body, "orderInfoList": [{**row, **changed}]}}}
        return JdClient().page_in(ORDERS, answer).rows[0].version

    assert version() == version()
    assert version() != version(actualPay="1.00")


def test_a_call_is_one_json_text_in_a_form() -> None:
    signed = JdClient().sign(Call(Method("m"), {"name": "张三"}), Credentials({"app_key": "1"}), "http://gw", 0.0)
    assert b"360buy_param_json=%7B%22name%22%3A%22%E5%BC%A0%E4%B8%89%22%7D" in signed.body
    assert b"timestamp=1970-01-01+08%3A00%3A00" in signed.body
