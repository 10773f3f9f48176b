"""Facts about Amazon's Selling Partner API, no code: feeds, limits, errors, terms."""

from dataclasses import replace

from entrepot.connectors.amazon.client import DOWNLOAD
from entrepot.connectors.amazon.wire import ITEMS, ORDER, REFUND
from entrepot.connectors.live.bills import BillFeed, Made
from entrepot.connectors.live.contract import ApiSpec, Direction, ErrorRule, Feed, Limit, Method, Retry

_DAY = 86_400
_SOURCE = "manual and models of the Selling Partner API, orders v0 and finances v0, read 2026-11"
_PLAN = "usage plan in the manual; a big seller's may be wider"

_LIST = Method(
    "getOrders",
    (Limit(20, 1200.0, source=_PLAN),),
    direction=Direction.CURSOR,
    money="decimal",
    source=_SOURCE,
)
_EVENTS = Method(
    "listFinancialEvents",
    (Limit(30, 60.0, source=_PLAN),),
    direction=Direction.CURSOR,
    money="decimal",
    source=_SOURCE,
)

ORDERS = Feed(
    name="amazon_live_orders",
    what="orders",
    channel="amazon",
    title={"zh": "亚马逊订单接口", "en": "Amazon orders by API"},
    source=_SOURCE,
    listing=_LIST,
    detail=None,
    documents="payload.Orders[]",
    shape=ORDER,
    span_s_max=30 * _DAY,
    span_s=_DAY,
    # Orders of two years; in Japan, Australia and Singapore since 2016.
    reach_s=730 * _DAY,
    # Changes are listed about two minutes late, and a window that ends later is refused.
    lag_s=180,
)

ITEMS_FEED = replace(
    ORDERS,
    name="amazon_live_items",
    what="items",
    title={"zh": "亚马逊订单商品接口", "en": "Amazon order items by API"},
    detail=Method("getOrderItems", (Limit(30, 60.0, source=_PLAN),), money="decimal", source=_SOURCE),
    documents="payload",
    shape=ITEMS,
)

REFUNDS = Feed(
    name="amazon_live_refunds",
    what="refunds",
    channel="amazon",
    title={"zh": "亚马逊退款接口", "en": "Amazon refunds by API"},
    source=_SOURCE,
    listing=_EVENTS,
    detail=None,
    documents="payload.FinancialEvents.RefundEventList[]",
    shape=REFUND,
    span_s_max=180 * _DAY,
    span_s=_DAY,
    reach_s=730 * _DAY,
    # An event may show up two days after the time it carries.
    overlap_s=2 * _DAY,
    lag_s=180,
)

CLAIMS = replace(
    REFUNDS,
    name="amazon_live_claims",
    rows_like="amazon_live_refunds",
    title={"zh": "亚马逊商城交易保障索赔接口", "en": "Amazon A-to-z claims by API"},
    documents="payload.FinancialEvents.GuaranteeClaimEventList[]",
)

CHARGEBACKS = replace(
    REFUNDS,
    name="amazon_live_chargebacks",
    rows_like="amazon_live_refunds",
    title={"zh": "亚马逊信用卡拒付接口", "en": "Amazon chargebacks by API"},
    documents="payload.FinancialEvents.ChargebackEventList[]",
)

_REPORTS = "manual of the Reports API 2021-06-30, read 2026-11"

SETTLEMENTS = BillFeed(
    name="amazon_bills_settlements",
    what="settlements",
    channel="amazon",
    title={"zh": "亚马逊结算报告接口", "en": "Amazon settlement reports by API"},
    source=_REPORTS,
    made=Made.LISTS,
    asking=Method("getReports", (Limit(10, 450.0, source=_PLAN),), source=_REPORTS),
    linking=Method("getReportDocument", (Limit(15, 900.0, source=_PLAN),), source=_REPORTS),
    download=DOWNLOAD,
    formats=("amazon_settlement",),
    suffix=".txt",
    span_s=30 * _DAY,
    # Reports are kept for 90 days.
    reach_s=90 * _DAY,
    # A list goes by when a report was begun, and shows it once it is done; how long that takes is assumed.
    overlap_s=2 * _DAY,
    lag_s=180,
    zone_offset_hours=0,
)

API = ApiSpec(
    gateway="https://sellingpartnerapi-na.amazon.com",
    sandbox_gateway="https://sandbox.sellingpartnerapi-na.amazon.com",
    source=_SOURCE,
    zone_offset_hours=0,
    clock_tolerance_s=0,
    token_life_s=3600,
    renewal="Login with Amazon gives an access token of an hour for a refresh token that stays; a second token, bought "
    "with the first, shows personal fields; the app's secret ends after 180 days, the authorisation after a year",
    token_margin_s=300,
    terms="personal fields need restricted roles, may be kept 30 days after delivery for shipping and tax only, "
    "encrypted; orders go to nobody else without the seller's word",
    feeds=(ORDERS, ITEMS_FEED, REFUNDS, CLAIMS, CHARGEBACKS),
    bill_feeds=(SETTLEMENTS,),
    errors=(
        ErrorRule("QuotaExceeded", Retry.WAIT, "", "too many calls", wait_s=60.0),
        ErrorRule("Unauthorized", Retry.TOKEN, "ended", "the access token has ended"),
        ErrorRule("Unauthorized", Retry.PERSON, "", "the app lacks a role, or the seller has not authorised it"),
        ErrorRule("AccessDenied", Retry.PERSON, "", "the app lacks a role"),
        ErrorRule("InvalidInput", Retry.NEVER, "", "the request is wrong: check marketplace_ids"),
        ErrorRule("NotFound", Retry.NEVER, "", "no such thing: check gateway, it differs by region"),
        ErrorRule("InternalFailure", Retry.AGAIN, "", "the platform's own trouble"),
        ErrorRule("InternalError", Retry.AGAIN, "", "the platform's own trouble"),
        ErrorRule("ServiceUnavailable", Retry.AGAIN, "", "the platform's own trouble"),
        ErrorRule("RequestThrottled", Retry.WAIT, "", "too many calls", wait_s=60.0),
        ErrorRule("invalid_grant", Retry.PERSON, "", "the refresh token is not good any more: authorise the app again"),
        ErrorRule("invalid_client", Retry.PERSON, "", "client id or secret is wrong, or older than 180 days"),
        ErrorRule("unauthorized_client", Retry.PERSON, "", "the seller authorised another app"),
    ),
    secrets=("app_key", "secret", "refresh_token", "marketplace_ids"),
    kept_secrets=("access_token", "restricted_token"),
)
