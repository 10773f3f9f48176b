"""WeChat Pay's client against the simulated gateway, which verifies signatures with other code."""

from __future__ import annotations

import gzip
import hashlib
import re
from urllib.parse import urlsplit

from entrepot.connectors.live.bills import Bill, BillFeed, Link, Packing
from entrepot.connectors.live.contract import Retry
from entrepot.connectors.wechatpay import LIVE
from entrepot.connectors.wechatpay.api import FUNDS, TRADES
from entrepot.connectors.wechatpay.client import WeChatPayClient
from entrepot.sandbox.http.platform import Asked
from tests.connectors.live.gateway import Gateway

CLIENT = WeChatPayClient()
DAY = Bill("2026-11-01", "2026-11-01")


def asked(feed: BillFeed, day: str) -> Retry | None:
    """What the error table says of the answer."""
    gateway = Gateway("wechatpay", LIVE)
    failure = gateway.failure(CLIENT.link_call(feed, Bill(day, day)))
    rule = LIVE.api.rule_for(failure) if failure else None
    return rule.retry if rule else None


def test_a_bill_is_found_and_fetched_under_signatures_that_the_platform_verifies() -> None:
    gateway = Gateway("wechatpay", LIVE)
    for feed, first in ((TRADES, "交易时间"), (FUNDS, "记账时间")):
        link = CLIENT.link_in(gateway.ask(CLIENT.link_call(feed, DAY)))
        request = CLIENT.sign(CLIENT.download_call(feed, link), gateway.credentials, gateway.gateway, gateway.now_s)
        parts = urlsplit(request.url)
        headers = dict(request.headers)
        said = gateway.sandbox.answer(
            Asked("GET", parts.path, {"token": parts.query[6:]}, headers, b"", f"{parts.path}?{parts.query}")
        )
        assert said is not None
        plain = gzip.decompress(said.body)
        assert plain.decode().startswith(first)
        assert (link.packing, link.digest_name) == (Packing.GZIP, "sha1")
        assert hashlib.sha1(plain).hexdigest() == link.digest


def test_a_signature_of_another_target_or_time_is_refused() -> None:
    gateway = Gateway("wechatpay", LIVE)
    call = CLIENT.link_call(TRADES, DAY)
    assert gateway.failure(call) is None
    late = gateway.failure(call, late_s=400.0)
    assert late is not None
    assert late.code == "SIGN_ERROR"
    request = CLIENT.sign(call, gateway.credentials, gateway.gateway, gateway.now_s)
    target = urlsplit(request.url).path + "?bill_date=2026-11-02&bill_type=ALL&tar_type=GZIP"
    said = gateway.sandbox.answer(
        Asked("GET", "/v3/bill/tradebill", {"bill_date": "2026-11-02"}, dict(request.headers), b"", target)
    )
    assert said is not None
    assert said.status == 401


def test_a_signature_never_leaves_for_another_host() -> None:
    gateway = Gateway("wechatpay", LIVE)
    real = "https://api.mch.weixin.qq.com"
    signs = {
        "https://api.mch.weixin.qq.com/v3/billdownload/file?token=x": True,
        "https://api2.mch.weixin.qq.com/v3/billdownload/file?token=x": True,
        "https://mch.weixin.qq.com.example.com/v3/billdownload/file?token=x": False,
        "https://evilmch.weixin.qq.com/x": False,
    }
    for url, has_signature in signs.items():
        call = CLIENT.download_call(TRADES, Link(url))
        headers = CLIENT.sign(call, gateway.credentials, real, 1_793_462_400.0).headers
        assert ("authorization" in headers) is has_signature, url


def test_what_the_platform_says_of_days_is_told_apart() -> None:
    gateway = Gateway("wechatpay", LIVE)
    assert asked(TRADES, "2026-11-01") is None
    # Nothing happens behind the fourth day of this world; of today there is no bill at all.
    assert asked(TRADES, "2026-10-20") is Retry.NONE
    today = re.sub(r"T.*", "", "2026-11-05T")
    assert asked(TRADES, today) is Retry.NEVER
    assert gateway.failure(CLIENT.link_call(FUNDS, Bill("2026-13-01", "x"))) is not None
