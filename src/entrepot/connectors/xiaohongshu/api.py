"""Facts about Xiaohongshu's open platform, no code: feeds, limits, errors, terms."""

from entrepot.connectors.live.contract import ApiSpec, ErrorRule, Feed, FullRefresh, Limit, ListPart, Method, Retry
from entrepot.connectors.xiaohongshu.wire import CASE, ORDER, SETTLEMENT, SKU

_DAY = 86_400
_SOURCE = "open.xiaohongshu.com, published contracts and clients, read 2026-11"
_LIMITS = "open.xiaohongshu.com on limits, 2024-09"
_CALLS = (Limit(100, 1.0, "app", _LIMITS), Limit(200, 1.0, source=_LIMITS))

ORDERS = Feed(
    name="xiaohongshu_live_orders",
    what="orders",
    channel="xiaohongshu",
    title={"zh": "小红书订单接口", "en": "Xiaohongshu orders by API"},
    source=_SOURCE,
    # A hundred pages at most; the platform itself says to read from the last one to the first.
    listing=Method("order.getOrderList", _CALLS, rows_max=10_000, money="fen", source=_SOURCE),
    detail=Method("order.getOrderDetail", _CALLS, money="fen", source=_SOURCE),
    documents="data",
    shape=ORDER,
    span_s_max=1800,
    # With its overlap a window is just what one call may ask for.
    span_s=1200,
    reach_s=90 * _DAY,
    lag_s=180,
)

CASES = Feed(
    name="xiaohongshu_live_cases",
    what="refunds",
    channel="xiaohongshu",
    title={"zh": "小红书售后接口", "en": "Xiaohongshu after-sale cases by API"},
    source=_SOURCE,
    # Page times size may be 50,000 at most.
    listing=Method("afterSale.listAfterSaleInfos", _CALLS, rows_max=50_000, source=_SOURCE),
    detail=Method("afterSale.getAfterSaleInfo", _CALLS, source=_SOURCE),
    # Contracts disagree whether newer methods have an envelope of their own within the gateway's.
    documents="data.afterSaleInfo|data.data.afterSaleInfo",
    shape=CASE,
    span_s_max=1800,
    # With its overlap a window is just what one call may ask for.
    span_s=1200,
    reach_s=90 * _DAY,
    lag_s=180,
)

SETTLEMENTS = Feed(
    name="xiaohongshu_live_settlements",
    what="settlements",
    channel="xiaohongshu",
    title={"zh": "小红书货款结算接口", "en": "Xiaohongshu settlements by API"},
    source=_SOURCE,
    # Asked for what is settled, its windows are of the time of settlement.
    listing=Method("finance.pageQueryTransaction", _CALLS, page_rows_max=50, source=_SOURCE),
    detail=None,
    documents="data.transactions|data.data.transactions[]",
    shape=SETTLEMENT,
    span_s_max=_DAY,
    span_s=3 * 3600,
    reach_s=90 * _DAY,
    # When a settlement is listed after it was made is not known (assumed: within the hour).
    overlap_s=3600,
    lag_s=600,
)

_SKUS = Method("product.getDetailSkuList", _CALLS, money="fen", source=_SOURCE)

SKUS = Feed(
    name="xiaohongshu_live_skus",
    what="listings",
    channel="xiaohongshu",
    title={"zh": "小红书商品与库存接口", "en": "Xiaohongshu listings and stock by API"},
    source=_SOURCE,
    listing=_SKUS,
    detail=None,
    documents="data.data[]",
    shape=SKU,
    refresh=FullRefresh((ListPart("all", _SKUS),), order="the platform's own order, which no field sets"),
)

API = ApiSpec(
    gateway="https://ark.xiaohongshu.com/ark/open_api/v3/common_controller",
    source=_SOURCE,
    zone_offset_hours=8,
    clock_tolerance_s=600,
    token_life_s=7 * _DAY,
    renewal="oauth.refreshToken; more than half an hour before its end the same token comes back, the old one lives "
    "five minutes more, a refresh token lives 14 days",
    terms="receivers are no part of an order and are given one by one to apps that may have them; what may leave the "
    "platform's cloud stands in the app's own agreement",
    feeds=(ORDERS, CASES, SETTLEMENTS, SKUS),
    early_renewal_tells_end=True,
    errors=(
        # No table of errors is published; the finer code is what the text of an answer speaks of (assumed).
        ErrorRule("*", Retry.TOKEN, "token", "the access token has ended"),
        ErrorRule("*", Retry.WAIT, "limit", "too many calls", wait_s=1.0),
        ErrorRule("*", Retry.CLOCK, "clock", "the clock is off"),
        ErrorRule("*", Retry.NEVER, "sign", "the signature does not verify: check the app's secret"),
        ErrorRule("-2000400", Retry.NEVER, "", "the parameters are wrong"),
        ErrorRule("-2000101", Retry.NEVER, "", "there is no such order"),
    ),
)
