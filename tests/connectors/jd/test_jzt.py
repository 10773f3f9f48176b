"""Jingzhuntong's report of JD's advertising: as a file, and as it is ordered and fetched."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.connectors.jd.jzt import LIVE
from entrepot.connectors.jd.jzt.api import ADS_FEED, API
from entrepot.connectors.jd.jzt.client import JztClient
from entrepot.connectors.live.bills import Bill, Link, Packing
from entrepot.connectors.live.contract import Credentials, Failure, Retry
from tests.connectors.casework import CaseFile, Translated, lines_of, translated
from tests.connectors.live.gateway import Gateway

_DAY = 86_400
# The header of the published client; what is asked for here is part of it.
WHOLE = (
    "日期,账户名称,产品线,计划类型,计划ID,推广计划,单元ID,推广单元,创意ID,推广创意,品牌ID,品牌名称,类目ID,类目名称,跟单SKU ID,人群ID,"
    "人群名称,广告定向类型,展现数,点击数,总费用,直接订单行,直接订单金额,间接订单行,间接订单金额,总订单行,总订单金额,直接购物车数,间接购物车数,"
    "总购物车数,点赞数,评论数,分享数,关注数,互动数,互动率,预售订单行,预售订单金额,下单新客数,预约数,领劵数,商品关注数,店铺关注数"
)
ASKED = "日期,账户名称,产品线,计划ID,推广计划,展现数,点击数,总费用"
PLAIN = {
    "日期": "20260909",
    "账户名称": "jd_test",
    "产品线": "快车",
    "计划ID": "613000001",
    "推广计划": "上衣-类目词",
    "展现数": "3848",
    "点击数": "556",
    "总费用": "3848.45",
}
ORDERED = "jingdong_ads_ibg_UniversalJosService_custom_query_v1_responce"
LINKED = "jingdong_ads_ibg_UniversalJosService_download_responce"


def read(*rows: dict[str, str], header: str = ASKED, encoding: str = "utf-8-sig") -> Translated:
    return translated(CaseFile(lines_of(header, PLAIN, *rows), "ads.csv", encoding))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
@pytest.mark.parametrize("header", [ASKED, WHOLE], ids=["asked", "whole"])
def test_spend_of_a_campaign_on_a_day_is_the_sum_of_its_parts(header: str, encoding: str) -> None:
    found = read(
        {},
        {"总费用": "1,000.00"},
        {"产品线": "推荐广告", "计划ID": "613000002", "推广计划": "-", "总费用": "9.00"},
        {"日期": "2026-09-10", "总费用": "0.10"},
        {"计划ID": "613000003", "总费用": "0.00"},
        header=header,
        encoding=encoding,
    )
    assert (found.formats, found.rejects) == ({"ads.csv": "jzt_ads"}, {})
    found.shows(
        "ad_spend",
        """
        channel | month   | shop     | spent_on   | campaign    | currency | amount_minor
        jd      | 2026-09 | our shop | 2026-09-09 | 上衣-类目词 | CNY      | 484845
        jd      | 2026-09 | our shop | 2026-09-09 | 613000002   | CNY      | 900
        jd      | 2026-09 | our shop | 2026-09-10 | 上衣-类目词 | CNY      | 10
    """,
    )


def test_a_row_without_day_campaign_or_amount_is_quarantined_and_a_total_is_no_spend() -> None:
    found = read(
        {"日期": "2026年9月"},
        {"计划ID": ""},
        {"产品线": ""},
        {"总费用": "-1.00"},
        {"总费用": "1.234"},
        {"日期": "合计", "产品线": "", "计划ID": "", "总费用": "99.00"},
        {"产品线": "合计", "计划ID": "", "总费用": "99.00"},
    )
    assert sorted(found.rejects.values()) == [
        "bad_id:计划ID",
        "bad_money:总费用",
        "bad_money:总费用",
        "bad_time:日期",
        "unknown_code:产品线:",
    ]
    assert found.tables.get("ad_spend", []) == []


def test_a_day_as_a_spreadsheet_saves_it_is_read() -> None:
    found = read({"日期": "2026/9/9"})
    assert (found.rejects, str(found.tables["ad_spend"][0]["spent_on"])) == ({}, "2026-09-09")


def test_a_day_without_spend_is_a_header_and_no_rows() -> None:
    found = translated(CaseFile(f"{ASKED}\n", "ads.csv"))
    assert (found.formats, found.rows, found.rejects) == ({"ads.csv": "jzt_ads"}, 0, {})


def test_a_report_is_of_one_day_and_of_every_line_of_business() -> None:
    call = JztClient().order_call(ADS_FEED, Bill("2026-11-01", "2026-11-01"))
    assert call.method.name == "jingdong.ads.ibg.UniversalJosService.custom.query.v1"
    assert call.params == {
        "accessPin": "",
        "authType": "0",
        "platformBusinessType": "DST_JZT",
        "startDay": "2026-11-01",
        "endDay": "2026-11-01",
        "clickOrOrderDay": 0,
        "clickOrOrderCaliber": 0,
        "granularity": 1,
        "page": 0,
        "pageSize": 0,
        "dimensions": "pin,businessType,campaign",
        "normalMetrics": "impressions,clicks,cost",
        "isDownload": True,
    }


def told(envelope: str, code: object = "1", success: object = "true", **data: object) -> dict[str, Any]:
    return {envelope: {"returnType": {"msg": "m", "code": code, "success": success, "data": data}, "code": "0"}}


@pytest.mark.parametrize(
    ("answer", "failure", "retry"),
    [
        (told(ORDERED, downloadId=46847054), None, None),
        (told(ORDERED, 1, success=True, downloadId=46847054), None, None),
        (told(ORDERED), Failure("report", "", "no number"), Retry.LATE),
        (told(ORDERED, 401, success=False), Failure("401", "m", "ads"), Retry.WAIT),
        (told(ORDERED, "1", success=False, downloadId=1), Failure("1", "m", "ads"), None),
        (told(ORDERED, "0", downloadId=1), Failure("0", "m", "ads"), None),
        ({ORDERED: {"code": "0"}}, Failure("0", "", "ads"), None),
        ({ORDERED: {"code": "67", "zh_desc": "系统错误"}}, Failure("67", "系统错误", "ads"), None),
        (
            {"error_response": {"code": "19", "zh_desc": "无效access_token"}},
            Failure("19", "无效access_token", "token"),
            Retry.TOKEN,
        ),
        (told(LINKED, id=1, status=1), Failure("report", "", "making"), Retry.LATE),
        (told(LINKED, id=1, status="1"), Failure("report", "", "making"), Retry.LATE),
        (told(LINKED, id=1, status=3), Failure("report", "", "failed"), Retry.ANEW),
        (told(LINKED), Failure("report", "", "failed"), Retry.ANEW),
        (told(LINKED, id=1, status=2), Failure("report", "", "failed"), Retry.ANEW),
        (told(LINKED, id=1, status=2, downloadUrl="https://storage.jd.com/a.csv?Signature=s"), None, None),
    ],
)
def test_what_is_told_of_a_report(answer: dict[str, Any], failure: Failure | None, retry: Retry | None) -> None:
    assert JztClient().failure_in(answer, 200) == failure
    if failure is not None:
        rule = API.rule_for(failure)
        assert (rule.retry if rule else None) is retry


def test_a_report_is_ordered_looked_for_and_fetched_by_a_link_that_signs_itself() -> None:
    gateway, client = Gateway("jzt", LIVE), JztClient()
    number = client.ordered_in(gateway.ask(client.order_call(ADS_FEED, Bill("2026-11-01", "2026-11-01"))))
    link = client.link_call(ADS_FEED, Bill(number, "2026-11-01"))
    assert gateway.failure(link) == Failure("report", "", "making")
    gateway.sandbox.clock.advance(60)
    place = client.link_in(gateway.ask(link))
    request = client.sign(client.download_call(ADS_FEED, place), Credentials({}), gateway.gateway, 0.0)
    assert (request.verb, request.url, request.headers) == ("GET", place.url, {})
    assert place.url not in repr(place)
    gateway.sandbox.clock.advance(2 * _DAY)
    assert gateway.failure(link) == Failure("report", "", "failed")
    no_day = client.order_call(ADS_FEED, Bill("2026-11-31", "2026-11-31"))
    assert gateway.failure(no_day) == Failure("1000", "参数错误", "ads")
    assert gateway.failure(no_day, secret="another") == Failure("12", "无效签名")


@pytest.mark.parametrize(("suffix", "packing"), [("csv", Packing.PLAIN), ("zip", Packing.ZIP)])
def test_how_a_report_is_packed_stands_in_its_address(suffix: str, packing: Packing) -> None:
    url = f"https://storage.jd.com/x/%E8%87%AA.{suffix}?Expires=1&Signature=a.zip"
    assert JztClient().link_in(told(LINKED, status=2, downloadUrl=url)) == Link(url, packing)


def test_a_token_of_the_account_is_renewed_at_the_gateway_that_was_given() -> None:
    gateway = Gateway("jzt", LIVE)
    old = gateway.credentials["access_token"]
    ends_s = 30 * _DAY - 3_600
    gateway.sandbox.clock.advance(ends_s)
    assert gateway.renew() is None
    assert gateway.credentials["access_token"] != old
