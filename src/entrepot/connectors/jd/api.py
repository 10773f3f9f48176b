"""Facts about JD's open platform (JOS), no code: feeds, limits, errors, terms."""

from entrepot.connectors.jd.wire import CANCEL, ORDER, SERVICE, SKU
from entrepot.connectors.live.contract import ApiSpec, ErrorRule, Feed, FullRefresh, Limit, ListPart, Method, Retry

_DAY = 86_400
_SOURCE = "open.jd.com guides, classes of the official SDK, a recorded order and public clients, read 2026-11"

# The platform publishes no figure per method; apps that are being tested have 500 calls a day.
_CALLS = (Limit(20, 1.0, source="assumed"),)

ORDERS = Feed(
    name="jd_live_orders",
    what="orders",
    channel="jd",
    title={"zh": "京东订单接口", "en": "JD orders by API"},
    source=_SOURCE,
    listing=Method("jingdong.pop.order.enSearch", _CALLS, source=_SOURCE),
    detail=None,
    documents="jingdong_pop_order_enSearch_responce.searchorderinfo_result.orderInfoList[]",
    shape=ORDER,
    span_s_max=28 * _DAY,
    span_s=1800,
    reach_s=90 * _DAY,
    # What was paid may be written up to a minute after the state that says so.
    lag_s=120,
)

# Neither list below is by time of change: it is asked again for as long as its cases usually change.
CANCELS = Feed(
    name="jd_live_cancels",
    what="refunds",
    channel="jd",
    title={"zh": "京东取消退款接口", "en": "JD cancellations by API"},
    source=_SOURCE,
    listing=Method(
        "jingdong.pop.afs.soa.refundapply.queryPageList",
        _CALLS,
        page_rows_max=50,
        rows_max=5000,
        money="fen",
        source=_SOURCE,
    ),
    detail=None,
    documents="jingdong_pop_afs_soa_refundapply_queryPageList_responce.queryResult.result[]",
    shape=CANCEL,
    span_s_max=7 * _DAY,
    span_s=_DAY,
    reach_s=90 * _DAY,
    overlap_s=14 * _DAY,
)

SERVICES = Feed(
    name="jd_live_services",
    what="refunds",
    channel="jd",
    title={"zh": "京东售后服务单接口", "en": "JD after-sale services by API"},
    source=_SOURCE,
    listing=Method("jingdong.asc.serviceAndRefund.view", _CALLS, page_rows_max=50, source=_SOURCE),
    detail=None,
    documents="jingdong_asc_serviceAndRefund_view_responce.pageResult.data[]",
    shape=SERVICE,
    span_s_max=7 * _DAY,
    span_s=_DAY,
    reach_s=90 * _DAY,
    overlap_s=30 * _DAY,
)

_SKUS = Method("jingdong.sku.read.searchSkuList", _CALLS, page_rows_max=50, source=_SOURCE)

SKUS = Feed(
    name="jd_live_skus",
    what="listings",
    channel="jd",
    title={"zh": "京东商品与库存接口", "en": "JD listings and stock by API"},
    source=_SOURCE,
    listing=_SKUS,
    detail=None,
    documents="jingdong_sku_read_searchSkuList_responce.page.data[]",
    shape=SKU,
    refresh=FullRefresh((ListPart("on and off the shelf", _SKUS),), order="skuId"),
)

API = ApiSpec(
    gateway="https://api.jd.com/routerjson",
    sandbox_gateway="https://api-dev.jd.com/routerjson",
    source=_SOURCE,
    zone_offset_hours=8,
    clock_tolerance_s=360,
    token_life_s=None,
    renewal="open-oauth.jd.com/oauth2/refresh_token, in the last day of a token's life; after its end the merchant has "
    "to authorise the app again",
    terms="receivers come encrypted and are decrypted by the platform's own software with a report of each use; what "
    "may leave the platform's cloud stands in the app's own agreement",
    feeds=(ORDERS, CANCELS, SERVICES, SKUS),
    early_renewal_tells_end=True,
    token_margin_s=20 * 3600,
    errors=(
        ErrorRule("*", Retry.TOKEN, "token", "the access token has ended"),
        ErrorRule("2", Retry.WAIT, "", "too many calls", wait_s=1.0),
        ErrorRule("8", Retry.CLOCK, "", "the clock is off by more than six minutes"),
        ErrorRule("12", Retry.NEVER, "", "the signature does not verify: check the app's secret"),
        ErrorRule("15", Retry.NEVER, "", "there is no such method"),
        ErrorRule("10500001", Retry.PERSON, "", "the token is of another merchant"),
        ErrorRule("10100021", Retry.NEVER, "", "a state that was asked for is not known to the platform"),
        ErrorRule("envelope", Retry.NEVER, "", "the envelope is spelt in another way than it was: nothing was read"),
    ),
)
