"""Facts about WeChat Store's API, no code: feeds, limits, errors, terms."""

from entrepot.connectors.live.contract import ApiSpec, Direction, ErrorRule, Feed, Limit, Method, Retry
from entrepot.connectors.wechatstore.wire import CASE, ORDER

_DAY = 86_400
_SOURCE = "official pages of the store's API as published contracts quote them, read 2026-11"
_CALLS = (Limit(10_000, 60.0, "app", _SOURCE), Limit(500_000, float(_DAY), "app", _SOURCE))


def _method(path: str, **facts: object) -> Method:
    return Method(path, _CALLS, money="fen", source=_SOURCE, **facts)  # type: ignore[arg-type]


ORDERS = Feed(
    name="wechatstore_live_orders",
    what="orders",
    channel="wechatstore",
    title={"zh": "微信小店订单接口", "en": "WeChat Store orders by API"},
    source=_SOURCE,
    # The list has ids only, and no versions: what the overlap shows again is read again.
    listing=_method("channels/ec/order/list/get", direction=Direction.CURSOR),
    detail=_method("channels/ec/order/get"),
    documents="order",
    shape=ORDER,
    span_s_max=7 * _DAY,
    span_s=6 * 3600,
    # How far back it lists is published nowhere (assumed).
    reach_s=90 * _DAY,
    lag_s=60,
)

CASES = Feed(
    name="wechatstore_live_cases",
    what="refunds",
    channel="wechatstore",
    title={"zh": "微信小店售后接口", "en": "WeChat Store after-sale cases by API"},
    source=_SOURCE,
    # Rows per page are the platform's to choose.
    listing=_method("channels/ec/aftersale/getaftersalelist", direction=Direction.CURSOR),
    detail=_method("channels/ec/aftersale/getaftersaleorder"),
    documents="after_sale_order",
    shape=CASE,
    span_s_max=_DAY,
    span_s=6 * 3600,
    reach_s=90 * _DAY,
    lag_s=60,
)

API = ApiSpec(
    gateway="https://api.weixin.qq.com",
    source=_SOURCE,
    zone_offset_hours=8,
    # No call carries a time.
    clock_tolerance_s=_DAY,
    token_life_s=7200,
    renewal="cgi-bin/stable_token with the app's id and secret; as long as a token lives it comes back with the rest "
    "of its life, so its end is read from each answer; a new one before that is given 20 times a day and not asked for",
    terms="receivers come masked where the store has no right to see them; what may leave the platform's cloud "
    "stands in the store's agreement, which has not been seen; calls are taken from listed addresses only",
    feeds=(ORDERS, CASES),
    errors=(
        ErrorRule("-1", Retry.AGAIN, "", "the platform's own trouble"),
        ErrorRule("40001", Retry.TOKEN, "", "the access token is not valid"),
        ErrorRule("40014", Retry.TOKEN, "", "the access token is malformed"),
        ErrorRule("41001", Retry.TOKEN, "", "no access token was sent"),
        ErrorRule("42001", Retry.TOKEN, "", "the access token has ended"),
        ErrorRule("45009", Retry.WAIT, "", "the quota of the day is used up", wait_s=3600.0),
        ErrorRule("45011", Retry.WAIT, "", "too many calls in this minute", wait_s=60.0),
        ErrorRule("31042", Retry.SPLIT, "", "too many orders for one window"),
        ErrorRule("606006", Retry.NEVER, "", "a page was asked for with other parameters than the one before"),
        ErrorRule("40013", Retry.NEVER, "", "there is no such app: check app_key"),
        ErrorRule("40125", Retry.NEVER, "", "check the app's secret"),
        ErrorRule("40097", Retry.NEVER, "", "the request is wrong"),
        ErrorRule("48001", Retry.PERSON, "", "the app may not call this method: permission set 131"),
        ErrorRule("40164", Retry.PERSON, "", "put this computer's address on the app's list"),
        # A call from an address that is not listed is refused with the bare status.
        ErrorRule("http403", Retry.PERSON, "", "put this computer's address on the app's list"),
    ),
    # Before its end the same token would come back, again and again.
    token_margin_s=0,
    secrets=("app_key", "secret"),
    kept_secrets=("access_token",),
)
