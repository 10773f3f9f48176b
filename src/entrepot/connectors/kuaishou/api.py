"""Facts about Kuaishou's open platform, no code: feeds, limits, errors, terms."""

from entrepot.connectors.kuaishou.wire import CASE, ORDER
from entrepot.connectors.live.contract import ApiSpec, Direction, ErrorRule, Feed, Method, Retry

_DAY = 86_400
_SOURCE = "published contracts and clients of the open platform, read 2026-11"

ORDERS = Feed(
    name="kuaishou_live_orders",
    what="orders",
    channel="kuaishou",
    title={"zh": "快手小店订单接口", "en": "Kuaishou orders by API"},
    source=_SOURCE,
    # The list holds whole orders. That its cursor keeps its place while orders change is assumed.
    listing=Method("open.order.cursor.list", page_rows_max=50, direction=Direction.CURSOR, money="fen", source=_SOURCE),
    detail=None,
    documents="data.orderList[]",
    shape=ORDER,
    span_s_max=7 * _DAY,
    span_s=6 * 3600,
    # By time of change; orders placed more than 240 days ago are left out.
    reach_s=90 * _DAY,
    lag_s=120,
)

CASES = Feed(
    name="kuaishou_live_cases",
    what="refunds",
    channel="kuaishou",
    title={"zh": "快手小店售后接口", "en": "Kuaishou after-sale cases by API"},
    source=_SOURCE,
    listing=Method("open.seller.order.refund.pcursor.list", direction=Direction.CURSOR, money="fen", source=_SOURCE),
    detail=None,
    documents="data.refundOrderInfoList[]",
    shape=CASE,
    # In times of big sales the platform takes less, down to minutes.
    span_s_max=_DAY,
    span_s=6 * 3600,
    reach_s=90 * _DAY,
    lag_s=120,
)

API = ApiSpec(
    gateway="https://openapi.kwaixiaodian.com",
    source=_SOURCE,
    zone_offset_hours=8,
    clock_tolerance_s=600,
    token_life_s=None,
    renewal="oauth2/refresh_token gives both tokens anew; the refresh token keeps the end of the first authorisation, "
    "its forerunner lives five minutes more",
    terms="receivers come masked and encrypted and are decrypted one by one for apps that may; what may leave the "
    "platform's cloud stands in the app's own agreement, which has not been seen",
    feeds=(ORDERS, CASES),
    errors=(
        # Success is the result 1. No table of other results is published: the finer code is what the text speaks of
        # (assumed).
        ErrorRule("*", Retry.SPLIT, "span", "the window is longer than the platform takes now"),
        ErrorRule("*", Retry.TOKEN, "token", "the access token has ended"),
        ErrorRule("*", Retry.WAIT, "limit", "too many calls", wait_s=1.0),
        ErrorRule("*", Retry.CLOCK, "clock", "the clock is off"),
        ErrorRule(
            "*", Retry.NEVER, "sign", "the signature does not verify: check sign_secret, which is not the app's secret"
        ),
        ErrorRule("*", Retry.PERSON, "right", "the app lacks merchant_order or merchant_refund"),
    ),
    secrets=("app_key", "secret", "sign_secret", "access_token"),
)
