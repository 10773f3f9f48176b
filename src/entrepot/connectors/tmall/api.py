"""Facts about Taobao's open platform (TOP), no code: feeds, limits, errors, terms."""

from entrepot.connectors.live.contract import (
    ApiSpec,
    DayReports,
    ErrorRule,
    Feed,
    FullRefresh,
    Limit,
    ListPart,
    Method,
    Retry,
)
from entrepot.connectors.tmall.wire import ADS, ITEM, REFUND, TRADE

_DAY = 86_400
_SOURCE = "open.taobao.com references of the methods and public clients, read 2026-11"
_BAN = r"ban will last for (?P<seconds>\d+) more second"

# The platform publishes no figure per method: a quota per app and day stands in its console.
_CALLS = (Limit(20, 1.0, source="assumed"),)

TRADES = Feed(
    name="tmall_live_trades",
    what="orders",
    channel="tmall",
    title={"zh": "天猫订单接口", "en": "Tmall trades by API"},
    source=_SOURCE,
    # Sorted by modification, newest first: pages are read from the last one on. Pages of 40 to 50 are advised to those
    # who list whole trades; two fields of each are asked for here, so pages are as long as may be.
    listing=Method("taobao.trades.sold.increment.get", _CALLS, page_rows_max=100, source=_SOURCE),
    detail=Method("taobao.trade.fullinfo.get", _CALLS, source=_SOURCE),
    documents="trade_fullinfo_get_response.trade",
    shape=TRADE,
    span_s_max=_DAY,
    span_s=1800,
    reach_s=90 * _DAY,
)

REFUNDS = Feed(
    name="tmall_live_refunds",
    what="refunds",
    channel="tmall",
    title={"zh": "天猫退款接口", "en": "Tmall refunds by API"},
    source=_SOURCE,
    listing=Method("taobao.refunds.receive.get", _CALLS, page_rows_max=100, source=_SOURCE),
    detail=Method("taobao.refund.get", _CALLS, source=_SOURCE),
    documents="refund_get_response.refund",
    shape=REFUND,
    span_s_max=_DAY,
    span_s=1800,
    reach_s=90 * _DAY,
)

# Pages of 200; beyond 20,000 rows the lists answer with an error.
_ON_SALE = Method("taobao.items.onsale.get", _CALLS, page_rows_max=200, rows_max=20_000, source=_SOURCE)
_IN_STOCK = Method("taobao.items.inventory.get", _CALLS, page_rows_max=200, rows_max=20_000, source=_SOURCE)

ITEMS = Feed(
    name="tmall_live_items",
    what="listings",
    channel="tmall",
    title={"zh": "天猫商品与库存接口", "en": "Tmall listings and stock by API"},
    source=_SOURCE,
    listing=_ON_SALE,
    detail=Method("taobao.item.seller.get", _CALLS, source=_SOURCE),
    documents="item_seller_get_response.item",
    shape=ITEM,
    refresh=FullRefresh(
        # Without a banner the warehouse lists only what waits for being put on sale: what is sold out or taken off for
        # a violation is left out without a word.
        (
            ListPart("onsale", _ON_SALE),
            ListPart("for_shelved", _IN_STOCK),
            ListPart("sold_out", _IN_STOCK),
            ListPart("violation_off_shelf", _IN_STOCK),
        ),
        order="list_time, which sales and changes of price leave alone",
    ),
)

_ADS = "copy of the open platform's reference of taobao.universalbp.report.query.campaign, read 2026-11"

ADS_FEED = Feed(
    name="tmall_live_ads",
    what="ads",
    channel="tmall",
    title={"zh": "天猫万相台计划报表接口", "en": "Tmall advertising by campaign by API (Wanxiangtai)"},
    source=_ADS,
    listing=Method("taobao.universalbp.report.query.campaign", _CALLS, page_rows_max=100, source=_ADS),
    detail=None,
    documents="universalbp_report_query_campaign_response.result.top_report_v_o_top_bulk_data"
    ".top_report_v_o_list.top_report_vo[]",
    shape=ADS,
    # How far back, and when a day is final, is not stated.
    reach_s=90 * _DAY,
    days=DayReports(ready_s=10 * 3_600),
)

API = ApiSpec(
    gateway="https://eco.taobao.com/router/rest",
    sandbox_gateway="https://gw.api.tbsandbox.com/router/rest",
    source=_SOURCE,
    zone_offset_hours=8,
    clock_tolerance_s=600,
    token_life_s=None,
    renewal="taobao.top.auth.token.refresh; lives stand in the answer only",
    terms="orders and buyers' data stay with apps in the platform's own cloud unless the platform allows otherwise; "
    "the order methods are open to listed kinds of apps only",
    feeds=(TRADES, REFUNDS, ITEMS, ADS_FEED),
    secrets=("app_key", "secret", "access_token"),
    errors=(
        ErrorRule("7", Retry.WAIT, "accesscontrol.", "call limit", _BAN, 60.0),
        ErrorRule("7", Retry.WAIT, "", "call limit", _BAN, 60.0),
        ErrorRule("25", Retry.NEVER, "", "the signature does not verify: check the app's secret"),
        ErrorRule("27", Retry.TOKEN, "", "the session has expired or was withdrawn"),
        ErrorRule("26", Retry.PERSON, "", "no session was sent: authorise the app"),
        ErrorRule("31", Retry.CLOCK, "", "the clock is off by more than ten minutes"),
        ErrorRule("11", Retry.PERSON, "", "the app lacks the right to call this method"),
        ErrorRule("12", Retry.PERSON, "", "the shop's owner has not granted this right to the app"),
        # Words of the reference's error tables, as public clients quote them.
        ErrorRule("15", Retry.GONE, "isv.item-get-service-error:ITEM_NOT_FOUND", "the product has been deleted"),
        ErrorRule("15", Retry.GONE, "isv.item-is-delete", "the product has been deleted"),
        ErrorRule("*", Retry.AGAIN, "isp.", "the platform's own trouble"),
        ErrorRule("530", Retry.AGAIN, "", "system busy"),
        ErrorRule("*", Retry.NEVER, "isv.", "the request is wrong"),
    ),
)
