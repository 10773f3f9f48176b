"""Alipay's client against the simulated gateway, which verifies signatures with other code."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import parse_qsl, urlsplit

from entrepot.connectors.alipay import LIVE
from entrepot.connectors.alipay.api import LEDGER
from entrepot.connectors.alipay.client import AlipayClient
from entrepot.connectors.live.bills import Bill, Packing
from entrepot.connectors.live.contract import Credentials, Retry
from entrepot.sandbox.http.bills import private_key_text
from entrepot.sandbox.http.platform import Asked
from tests.connectors.live.gateway import Gateway

CLIENT = AlipayClient()


def test_a_days_ledger_is_found_under_a_signature_that_the_platform_verifies_and_fetched_bare() -> None:
    gateway = Gateway("alipay", LIVE)
    link = CLIENT.link_in(gateway.ask(CLIENT.link_call(LEDGER, Bill("2026-11-02", "2026-11-02"))))
    assert link.packing is Packing.ZIP
    request = CLIENT.sign(CLIENT.download_call(LEDGER, link), gateway.credentials, gateway.gateway, gateway.now_s)
    assert (request.verb, dict(request.headers), request.body) == ("GET", {}, b"")
    parts = urlsplit(request.url)
    said = gateway.sandbox.answer(Asked("GET", parts.path, dict(parse_qsl(parts.query)), {}, b""))
    assert said is not None
    with zipfile.ZipFile(io.BytesIO(said.body)) as archive:
        texts = [archive.read(name).decode("gbk") for name in archive.namelist()]
    assert texts[0].startswith("#支付宝账务明细查询")
    # Its link lives for half a minute.
    gateway.sandbox.clock.advance(31)
    late = gateway.sandbox.answer(Asked("GET", parts.path, dict(parse_qsl(parts.query)), {}, b""))
    assert late is not None
    assert late.status == 403


def test_what_is_signed_is_what_is_sent_sorted_and_without_what_is_empty() -> None:
    credentials = Credentials({"app_id": "2021", "private_key": private_key_text()})
    call = CLIENT.link_call(LEDGER, Bill("2026-11-01", "2026-11-01"))
    form = dict(parse_qsl(CLIENT.sign(call, credentials, "http://gw", 1_793_462_400.0).body.decode()))
    assert form.pop("sign")
    assert form == {
        "app_id": "2021",
        "biz_content": '{"bill_type":"signcustomer","bill_date":"2026-11-01"}',
        "charset": "utf-8",
        "format": "JSON",
        "method": "alipay.data.dataservice.bill.downloadurl.query",
        "sign_type": "RSA2",
        "timestamp": "2026-11-01 00:00:00",
        "version": "1.0",
    }
    provider = Credentials({**credentials.values, "app_auth_token": "2026t"})
    assert b"app_auth_token=2026t" in CLIENT.sign(call, provider, "http://gw", 1_793_462_400.0).body


def test_what_the_platform_says_is_told_apart() -> None:
    gateway = Gateway("alipay", LIVE)
    said: dict[str, Retry | None] = {}
    cases = {
        "nothing moved": ("2026-10-20", {}),
        "today": ("2026-11-05", {}),
        "a slow clock": ("2026-11-01", {"late_s": 700.0}),
    }
    for name, (day, how) in cases.items():
        failure = gateway.failure(CLIENT.link_call(LEDGER, Bill(day, day)), **how)
        rule = LIVE.api.rule_for(failure) if failure else None
        said[name] = rule.retry if rule else None
    gateway.credentials = Credentials({**gateway.credentials.values, "app_id": "another"})
    failure = gateway.failure(CLIENT.link_call(LEDGER, Bill("2026-11-01", "2026-11-01")))
    assert failure is not None
    rule = LIVE.api.rule_for(failure)
    said["another app"] = rule.retry if rule else None
    assert said == {
        "nothing moved": Retry.NONE,
        "today": Retry.NEVER,
        "a slow clock": Retry.CLOCK,
        "another app": Retry.PERSON,
    }


def test_the_observed_and_the_documented_word_for_no_bill_mean_the_same() -> None:
    for word in ("isp.bill_not_exist", "BILL_NOT_EXIST"):
        answer = {"alipay_x_response": {"code": "40004", "sub_code": word, "sub_msg": "账单不存在"}}
        failure = CLIENT.failure_in(answer, 200)
        assert failure is not None
        rule = LIVE.api.rule_for(failure)
        assert rule is not None
        assert rule.retry is Retry.NONE
