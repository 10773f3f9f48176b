"""Pinduoduo's client against the simulated gateway: where a day's bill is, and what is said where there is none."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from entrepot.connectors.live.bills import Bill, Packing
from entrepot.connectors.live.contract import Retry
from entrepot.connectors.pinduoduo import LIVE
from entrepot.connectors.pinduoduo.api import BILL
from entrepot.connectors.pinduoduo.client import PinduoduoClient
from entrepot.sandbox.http.platform import Asked
from tests.connectors.live.gateway import Gateway

CLIENT = PinduoduoClient()
DAY = Bill("2026-11-02", "2026-11-02")
TOLD = "finance_balance_daily_bill_url_get_response"


def test_a_bill_is_found_and_fetched_with_nothing_but_its_address() -> None:
    gateway = Gateway("pinduoduo", LIVE)
    link = CLIENT.link_in(gateway.ask(CLIENT.link_call(BILL, DAY)))
    request = CLIENT.sign(CLIENT.download_call(BILL, link), gateway.credentials, gateway.gateway, gateway.now_s)
    # Neither token nor signature leaves for the storage.
    assert (request.verb, request.url, dict(request.headers), request.body) == ("GET", link.url, {}, b"")
    parts = urlsplit(request.url)
    said = gateway.sandbox.answer(Asked("GET", parts.path, dict(parse_qsl(parts.query)), {}, b""))
    assert said is not None
    assert "商户订单号,发生时间,收入金额（+元）" in said.body.decode("gb18030")
    gateway.sandbox.clock.advance(3_600)
    ended = gateway.sandbox.answer(Asked("GET", parts.path, dict(parse_qsl(parts.query)), {}, b""))
    assert ended is not None
    assert ended.status == 403


def refused(code: int) -> dict[str, Any]:
    return {"error_response": {"error_code": code, "error_msg": "x", "sub_code": str(code), "sub_msg": "x"}}


SAID: dict[str, tuple[dict[str, Any], Retry | None]] = {
    "a day without an address": ({TOLD: {"download_url": "", "request_id": "x"}}, Retry.NONE),
    "no word of an address": ({TOLD: {}}, Retry.NONE),
    "nothing within the envelope": ({TOLD: None}, Retry.NONE),
    "the service refuses": (refused(50001), Retry.LATE),
    "no right to the method": (refused(20031), Retry.PERSON),
    "an address that is not on the list": (refused(20005), Retry.PERSON),
    "a signature that does not verify": (refused(20004), Retry.NEVER),
    "an address": ({TOLD: {"download_url": "https://x/y.csv"}}, None),
}


@pytest.mark.parametrize("case", SAID)
def test_what_is_said_of_a_day_is_told_apart(case: str) -> None:
    answer, retry = SAID[case]
    failure = CLIENT.failure_in(answer, 200)
    rule = LIVE.api.rule_for(failure) if failure else None
    assert (rule.retry if rule else None) is retry


def test_the_simulated_platform_says_what_the_table_knows() -> None:
    gateway = Gateway("pinduoduo", LIVE)
    asked = {
        "2026-11-02": None,
        # Nobody has confirmed anything on the first day; a month from now has not been.
        "2026-11-01": "no_bill",
        "2026-12-01": "50001",
        "the first": "50001",
    }
    found = {day: gateway.failure(CLIENT.link_call(BILL, Bill(day, day))) for day in asked}
    assert {day: failure.code if failure else None for day, failure in found.items()} == asked


def test_how_a_file_comes_shows_at_the_end_of_its_path() -> None:
    said = {
        "https://x/a.csv?sign=b.zip": Packing.PLAIN,
        "https://x/a.ZIP?sign=b": Packing.ZIP,
        "https://x/a.csv.gz": Packing.GZIP,
        "https://x/a": Packing.PLAIN,
    }
    links = [CLIENT.link_in({TOLD: {"download_url": url}}) for url in said]
    assert [(link.url, link.packing) for link in links] == list(said.items())
