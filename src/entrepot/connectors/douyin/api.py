"""Facts about Douyin Shop's open platform, no code: feeds, limits, errors, terms."""

from dataclasses import replace

from entrepot.connectors.douyin.client import DOWNLOAD
from entrepot.connectors.douyin.wire import CASE, ORDER
from entrepot.connectors.live.bills import BillFeed, Made
from entrepot.connectors.live.contract import ApiSpec, ErrorRule, Feed, Limit, Method, Retry

_DAY = 86_400
_SOURCE = "official Go SDK, recorded orders and public clients, read 2026-11"
_CALLS = (Limit(20, 1.0, source="assumed"),)

ORDERS = Feed(
    name="douyin_live_orders",
    what="orders",
    channel="douyin",
    title={"zh": "抖音订单接口", "en": "Douyin orders by API"},
    source=_SOURCE,
    listing=Method("order.searchList", _CALLS, first_page=0, rows_max=50_000, money="fen", source=_SOURCE),
    detail=None,
    documents="data.shop_order_list[]",
    shape=ORDER,
    span_s_max=_DAY,
    span_s=1800,
    reach_s=90 * _DAY,
)

CASES = Feed(
    name="douyin_live_cases",
    what="refunds",
    channel="douyin",
    title={"zh": "抖音售后接口", "en": "Douyin after-sale cases by API"},
    source=_SOURCE,
    # Page times size may be 50,000 at most.
    listing=Method("afterSale.List", _CALLS, first_page=0, rows_max=50_000, money="fen", source=_SOURCE),
    detail=None,
    documents="data.items[]",
    shape=CASE,
    span_s_max=_DAY,
    span_s=1800,
    reach_s=180 * _DAY,
)

_FILES = (
    "descriptions in the official SDKs for Java and C#, read 2026-11; that the files are the seller centre's: assumed"
)
_HOUR = 3_600

SETTLEMENTS = BillFeed(
    name="douyin_bills_settlements",
    what="settlements",
    channel="douyin",
    title={"zh": "抖音结算账单接口", "en": "Douyin settlements by API"},
    source=_FILES,
    made=Made.DAYS,
    asking=Method("order.downloadSettleItemToShop", _CALLS, source=_FILES),
    linking=Method("order.downloadToShop", _CALLS, source=_FILES),
    download=DOWNLOAD,
    formats=("douyin_settlement",),
    suffix=".csv",
    # How far back is not stated.
    reach_s=90 * _DAY,
    ready_s=10 * _HOUR,
    certain_s=34 * _HOUR,
)

FUNDS = replace(
    SETTLEMENTS,
    name="douyin_bills_funds",
    what="funds",
    title={"zh": "抖音资金流水接口", "en": "Douyin fund movements by API"},
    asking=Method("order.downloadShopAccountItem", _CALLS, source=_FILES),
    linking=Method("order.downloadShopAccountItemFile", _CALLS, source=_FILES),
    formats=("douyin_fund",),
    ready_s=15 * _HOUR,
    certain_s=39 * _HOUR,
)

API = ApiSpec(
    gateway="https://openapi-fxg.jinritemai.com",
    sandbox_gateway="https://openapi-sandbox.jinritemai.com",
    source=_SOURCE,
    zone_offset_hours=8,
    clock_tolerance_s=600,
    token_life_s=7 * _DAY,
    renewal="token.refresh; more than an hour before its end the same token comes back, a refresh token lives 14 days",
    terms="buyers' data come encrypted and are decrypted order by order under a quota; what may leave the platform's "
    "cloud stands in the app's own agreement",
    feeds=(ORDERS, CASES),
    bill_feeds=(SETTLEMENTS, FUNDS),
    early_renewal_tells_end=True,
    kept_secrets=("shop_id", "service_id"),
    errors=(
        ErrorRule("50002", Retry.LATE, "isv.business-failed:100027", "the day is not settled yet"),
        ErrorRule("50002", Retry.LATE, "isv.business-failed:100015", "the file is still being made"),
        ErrorRule("50002", Retry.ANEW, "isv.business-failed:100025", "making the file failed"),
        ErrorRule("50002", Retry.ANEW, "isv.business-failed:100002", "there is no such download"),
        ErrorRule("50002", Retry.ANEW, "isv.business-failed:100016", "the download has ended"),
        ErrorRule("40004", Retry.ANEW, "isv.parameter-invalid:100002", "there is no such download"),
        ErrorRule("40004", Retry.ANEW, "isv.parameter-invalid:100016", "the download has ended"),
        ErrorRule("40003", Retry.TOKEN, "isv.access-token-", "the access token has expired"),
        ErrorRule("40003", Retry.CLOCK, "isv.timestamp-invalid", "the clock is off by more than ten minutes"),
        ErrorRule("40003", Retry.NEVER, "isv.signature-invalid", "the signature does not verify: check the secret"),
        ErrorRule("30001", Retry.PERSON, "", "the app lacks a right, or the shop has not authorised it"),
        ErrorRule("30002", Retry.PERSON, "", "this computer's address is not on the app's list"),
        ErrorRule("60000", Retry.WAIT, "", "too many calls", wait_s=1.0),
        ErrorRule("20000", Retry.AGAIN, "", "the platform's own trouble"),
        ErrorRule("20001", Retry.AGAIN, "", "the platform's own trouble"),
        ErrorRule("*", Retry.AGAIN, "isp.", "the platform's own trouble"),
        ErrorRule("70000", Retry.PERSON, "", "the app is offline"),
        ErrorRule("*", Retry.NEVER, "isv.", "the request is wrong"),
    ),
)
