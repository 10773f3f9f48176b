"""Facts about Pinduoduo's open platform, no code: feeds, limits, errors, terms."""

from dataclasses import replace

from entrepot.connectors.live.bills import BillFeed, Made
from entrepot.connectors.live.contract import (
    ApiSpec,
    DayReports,
    Direction,
    ErrorRule,
    Feed,
    FullRefresh,
    Limit,
    ListPart,
    Method,
    Retry,
)
from entrepot.connectors.pinduoduo.client import DOWNLOAD
from entrepot.connectors.pinduoduo.wire import ADS, GOODS, ORDER, REFUND, WHOLE_ADS

_DAY = 86_400
_SOURCE = "copy of the official Java SDK, published contracts and clients, read 2026-11"
_LIMITS = "limits published per method, as of 2023-05"

ORDERS = Feed(
    name="pinduoduo_live_orders",
    what="orders",
    channel="pinduoduo",
    title={"zh": "拼多多订单接口", "en": "Pinduoduo orders by API"},
    source=_SOURCE,
    listing=Method("pdd.order.number.list.increment.get", (Limit(3000, 60.0, source=_LIMITS),), source=_SOURCE),
    detail=Method("pdd.order.information.get", (Limit(30_000, 60.0, source=_LIMITS),), source=_SOURCE),
    documents="order_info_get_response.order_info",
    shape=ORDER,
    span_s_max=1800,
    span_s=1800,
    reach_s=90 * _DAY,
    lag_s=180,
)

REFUNDS = Feed(
    name="pinduoduo_live_refunds",
    what="refunds",
    channel="pinduoduo",
    title={"zh": "拼多多售后接口", "en": "Pinduoduo refunds by API"},
    source=_SOURCE,
    listing=Method("pdd.refund.list.increment.get", (Limit(100, 10.0, source=_LIMITS),), source=_SOURCE),
    detail=None,
    documents="refund_increment_get_response.refund_list[]",
    shape=REFUND,
    span_s_max=1800,
    span_s=1800,
    reach_s=90 * _DAY,
    lag_s=180,
)

_GOODS = Method("pdd.goods.list.get", (Limit(600, 60.0, source=_LIMITS),), source=_SOURCE)

GOODS_FEED = Feed(
    name="pinduoduo_live_goods",
    what="listings",
    channel="pinduoduo",
    title={"zh": "拼多多商品与库存接口", "en": "Pinduoduo listings and stock by API"},
    source=_SOURCE,
    listing=_GOODS,
    detail=Method("pdd.goods.detail.get", (Limit(3000, 60.0, source=_LIMITS),), money="fen", source=_SOURCE),
    documents="goods_detail_get_response",
    shape=GOODS,
    refresh=FullRefresh(
        (ListPart("onsale", _GOODS), ListPart("offsale", _GOODS)), order="the platform's own order, which no field sets"
    ),
)

_HOUR = 3_600
_BILL = "copies of the official SDK, read 2026-11; that the file is the seller centre's, and when it is made: assumed"

BILL = BillFeed(
    name="pinduoduo_bills_account",
    what="settlements",
    channel="pinduoduo",
    title={"zh": "拼多多货款日账单接口", "en": "Pinduoduo bill of each day by API"},
    source=_BILL,
    made=Made.DAYS,
    asking=Method(
        "pdd.finance.balance.daily.bill.url.get",
        # The one limit that is published is of all shops together.
        (Limit(20, 1.0, source="assumed"),),
        source=_BILL,
    ),
    linking=None,
    download=DOWNLOAD,
    formats=("pinduoduo_bill",),
    suffix=".csv",
    # How far back is not stated.
    reach_s=90 * _DAY,
    ready_s=10 * _HOUR,
    certain_s=34 * _HOUR,
)

_ADS = "copy of the official SDK (pdd.ad.api.report.daily.report.query, advertiser dimension), read 2026-11"

SEARCH_ADS = Feed(
    name="pinduoduo_live_ads_search",
    what="ads",
    channel="pinduoduo",
    title={"zh": "拼多多搜索推广接口", "en": "Pinduoduo search promotion by API"},
    source=_ADS,
    # A report of a day is one answer without pages.
    listing=Method(
        "pdd.ad.api.report.daily.report.query",
        (Limit(20, 10.0, source="assumed, as of pdd.ad.api.report.entity.report.query"),),
        direction=Direction.CURSOR,
        money="li",
        source=_ADS,
    ),
    detail=None,
    documents="response.result.dailyReportList[]",
    shape=ADS,
    reach_s=90 * _DAY,
    # When a day is final is not stated.
    days=DayReports(ready_s=10 * _HOUR),
)
STAR_ADS = replace(
    SEARCH_ADS,
    name="pinduoduo_live_ads_star",
    title={"zh": "拼多多明星店铺推广接口", "en": "Pinduoduo promotion of the shop by API"},
    rows_like=SEARCH_ADS.name,
)
DISPLAY_ADS = replace(
    SEARCH_ADS,
    name="pinduoduo_live_ads_display",
    title={"zh": "拼多多场景推广接口", "en": "Pinduoduo display promotion by API"},
    rows_like=SEARCH_ADS.name,
)

WHOLE_ADS_FEED = Feed(
    name="pinduoduo_live_ads_whole",
    what="ads",
    channel="pinduoduo",
    title={"zh": "拼多多全站推广接口", "en": "Pinduoduo promotion of the whole shop by article by API"},
    source="copies of the official SDK (pdd.ad.api.unit.tr.list.ad.info), read 2026-11",
    listing=Method(
        "pdd.ad.api.unit.tr.list.ad.info",
        (Limit(20, 10.0, source="assumed, as of pdd.ad.api.report.entity.report.query"),),
        # What it gives where nothing is asked for; the most is not stated.
        page_rows_max=10,
        money="li",
        source="copies of the official SDK, read 2026-11",
    ),
    detail=None,
    documents="response.result.adInfos[]",
    shape=WHOLE_ADS,
    reach_s=90 * _DAY,
    # The list has the promotions that there are: one that was deleted meanwhile would be gone from a later answer.
    days=DayReports(ready_s=10 * _HOUR, again_days=()),
)

API = ApiSpec(
    gateway="https://gw-api.pinduoduo.com/api/router",
    source=_SOURCE,
    zone_offset_hours=8,
    clock_tolerance_s=600,
    token_life_s=None,
    renewal="pdd.pop.auth.token.refresh; a new authorisation ends the old tokens, only the main account may give one",
    terms="apps that a merchant develops for itself need a large brand and run in the platform's own cloud; receivers' "
    "data come masked or encrypted, decryption from outside has a quota of 100 a day",
    feeds=(ORDERS, REFUNDS, GOODS_FEED, SEARCH_ADS, STAR_ADS, DISPLAY_ADS, WHOLE_ADS_FEED),
    bill_feeds=(BILL,),
    errors=(
        ErrorRule("10019", Retry.TOKEN, "", "the access token has expired"),
        ErrorRule("20004", Retry.NEVER, "", "the signature does not verify: check the app's secret"),
        ErrorRule("20005", Retry.PERSON, "", "this computer's address is not on the app's list"),
        ErrorRule("20031", Retry.PERSON, "", "the app lacks the package of rights that has this method"),
        # Which finer code says that a bill is late is not known: while it is refused so, its day stays open.
        ErrorRule(
            "50001", Retry.LATE, "", "the service refuses; a bill is taken for one that is not made yet (assumed)"
        ),
        # Not a code of the platform's: an answer without an address.
        ErrorRule("no_bill", Retry.NONE, "", "no address is told, so nothing happened on the day (assumed)"),
        ErrorRule("70031", Retry.WAIT, "", "too many calls", wait_s=1.0),
        ErrorRule("52101", Retry.WAIT, "", "this method is limited", wait_s=1.0),
        ErrorRule("52102", Retry.AGAIN, "", "the method is unavailable for a moment"),
        ErrorRule("52103", Retry.AGAIN, "", "the method is unavailable for a moment"),
    ),
)
