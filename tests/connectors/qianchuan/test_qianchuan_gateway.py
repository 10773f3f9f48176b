"""Qianchuan's client against the simulated gateway, which reads requests with other code."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from entrepot.connectors.live.contract import Credentials, Retry
from entrepot.connectors.qianchuan import LIVE
from entrepot.connectors.qianchuan.api import ADS_FEED
from entrepot.connectors.qianchuan.client import QianchuanClient
from entrepot.sandbox.http.qianchuan import Qianchuan
from tests.connectors.live.gateway import Gateway

CLIENT = QianchuanClient()
DAY = "2026-11-01"
KEPT = Credentials({"app_id": "1780000000000123", "secret": "hush", "access_token": "token", "refresh_token": "renew"})


def test_a_report_is_asked_for_to_the_byte_and_the_token_stands_in_a_header() -> None:
    (part, *_) = CLIENT.day_parts(ADS_FEED, Credentials({"advertiser_ids": "1790000000000001"}))
    call = CLIENT.day_part_call(ADS_FEED, part, DAY)
    request = CLIENT.sign(call, KEPT, "https://api.oceanengine.com/open_api", 0.0)
    assert (request.verb, request.body, dict(request.headers)) == ("GET", b"", {"access-token": "token"})
    assert request.url == (
        "https://api.oceanengine.com/open_api/v1.0/qianchuan/report/all_promotion/get/?advertiser_id=1790000000000001"
        "&adlab_scene=UNI_PROJECT&start_time=2026-11-01+00%3A00%3A00&end_time=2026-11-01+23%3A59%3A59"
        "&marketing_goal=ALL&order_platform=ALL&fields=%5B%22stat_cost_for_roi2%22%5D"
    )


def test_tokens_are_asked_for_with_the_apps_secret_and_without_a_token() -> None:
    renewal, creation = CLIENT.refresh_call(KEPT), CLIENT.code_call(KEPT, "c1")
    assert renewal is not None
    for call, path, field in (
        (renewal, "refresh_token", {"refresh_token": "renew"}),
        (creation, "access_token", {"auth_code": "c1"}),
    ):
        request = CLIENT.sign(call, KEPT, "http://gw/open_api/", 0.0)
        assert (request.verb, request.url) == ("POST", f"http://gw/open_api/oauth2/{path}/")
        assert dict(request.headers) == {"content-type": "application/json"}
        assert json.loads(request.body) == {"app_id": 1780000000000123, "secret": "hush", **field}


def test_the_owner_says_yes_on_qianchuans_own_page() -> None:
    url = urlsplit(CLIENT.consent_url(KEPT, "https://brand.example/back", "s1"))
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://qianchuan.jinritemai.com/openapi/qc/audit/oauth.html"
    assert parse_qs(url.query) == {
        "app_id": ["1780000000000123"],
        "state": ["s1"],
        "material_auth": ["1"],
        "redirect_uri": ["https://brand.example/back"],
    }


def test_a_renewal_gives_both_tokens_and_the_old_one_opens_nothing() -> None:
    gateway = Gateway("qianchuan", LIVE)
    calls = [CLIENT.day_part_call(ADS_FEED, part, DAY) for part in CLIENT.day_parts(ADS_FEED, gateway.credentials)]
    assert [gateway.failure(call) for call in calls] == [None] * 4
    before = dict(gateway.credentials.values)
    assert gateway.renew() is None
    after = gateway.credentials
    assert {name for name, value in before.items() if after[name] != value} == {"access_token", "refresh_token"}
    assert after.expires_at_s == pytest.approx(gateway.now_s + 86_400, abs=2)
    assert gateway.failure(calls[0]) is None
    gateway.credentials = Credentials(before)
    failure = gateway.failure(calls[0])
    assert failure is not None
    assert failure.code == "40105"


def test_what_the_platform_says_is_told_apart() -> None:
    said: dict[str, Retry | None] = {}
    for name, changed in {
        "another token": {"access_token": "none"},
        "another account": {"advertiser_ids": "1"},
        "no account": {"advertiser_ids": ","},
    }.items():
        gateway = Gateway("qianchuan", LIVE)
        gateway.credentials = Credentials({**gateway.credentials.values, **changed})
        (part, *_) = CLIENT.day_parts(ADS_FEED, gateway.credentials)
        failure = gateway.failure(CLIENT.day_part_call(ADS_FEED, part, DAY))
        rule = LIVE.api.rule_for(failure) if failure else None
        said[name] = rule.retry if rule else None
    assert said == {"another token": Retry.TOKEN, "another account": Retry.PERSON, "no account": Retry.PERSON}
    gateway = Gateway("qianchuan", LIVE)
    gateway.credentials = Credentials({**gateway.credentials.values, "refresh_token": "of another"})
    failure = gateway.renew()
    assert failure is not None
    assert failure.code == "40107"


def test_the_platform_tells_sums_and_no_day() -> None:
    gateway = Gateway("qianchuan", LIVE)
    simulated = gateway.sandbox.platforms["qianchuan"]
    assert isinstance(simulated, Qianchuan)
    (part, *_) = CLIENT.day_parts(ADS_FEED, gateway.credentials)
    data = gateway.ask(CLIENT.day_part_call(ADS_FEED, part, DAY))["data"]
    (row,) = (each for each in simulated.ads.told(DAY, simulated.now) if each.campaign == "千川全域")
    assert data == {"stat_cost_for_roi2": row.minor / 100}
