"""Facts about Youzan Cloud's API, no code: feeds, limits, errors, terms."""

from entrepot.connectors.live.contract import ApiSpec, ErrorRule, Feed, Method, Retry
from entrepot.connectors.youzan.wire import CASE, ORDER

_DAY = 86_400
_SOURCE = "official pages of Youzan Cloud as published digests quote them, read 2026-11"

ORDERS = Feed(
    name="youzan_live_orders",
    what="orders",
    channel="youzan",
    title={"zh": "有赞订单接口", "en": "Youzan orders by API"},
    source=_SOURCE,
    # A hundred pages at most. What was paid in fact only the order itself tells.
    listing=Method("youzan.trades.sold.get/4.0.4", rows_max=10_000, source=_SOURCE),
    detail=Method("youzan.trade.get/4.0.2", source=_SOURCE),
    documents="data",
    shape=ORDER,
    # Three months are allowed, of whichever length.
    span_s_max=89 * _DAY,
    span_s=6 * 3600,
    reach_s=89 * _DAY,
    # Lists and orders are half a minute behind.
    lag_s=90,
)

CASES = Feed(
    name="youzan_live_cases",
    what="refunds",
    channel="youzan",
    title={"zh": "有赞售后接口", "en": "Youzan after-sale cases by API"},
    source=_SOURCE,
    # Page times size may be 3,000 at most.
    listing=Method("youzan.trade.refund.search/3.0.1", rows_max=3_000, source=_SOURCE),
    detail=Method("youzan.trade.refund.get/3.0.1", source=_SOURCE),
    documents="data",
    shape=CASE,
    span_s_max=89 * _DAY,
    span_s=6 * 3600,
    reach_s=89 * _DAY,
    lag_s=90,
)

API = ApiSpec(
    gateway="https://open.youzanyun.com",
    source=_SOURCE,
    zone_offset_hours=8,
    # No call carries a time.
    clock_tolerance_s=_DAY,
    token_life_s=7 * _DAY,
    renewal="auth/token, for a merchant's own app with the shop's number and its secret, else with the refresh token, "
    "which lives 28 days; the end is an instant in milliseconds; pages disagree whether the old token ends at once",
    terms="most calls are charged; what may leave Youzan's cloud stands in the app's own agreement, which has not been "
    "seen; apps outside its containers may have to list their addresses",
    feeds=(ORDERS, CASES),
    errors=(
        ErrorRule("4201", Retry.TOKEN, "", "no access token was sent"),
        ErrorRule("4202", Retry.TOKEN, "", "the access token has ended"),
        ErrorRule("4203", Retry.TOKEN, "", "there is no such access token"),
        ErrorRule("4204", Retry.PERSON, "", "the app lacks the package of this method"),
        ErrorRule("4007", Retry.PERSON, "address", "put this computer's address on the app's list"),
        ErrorRule("4007", Retry.NEVER, "", "the request is wrong"),
        ErrorRule("4001", Retry.NEVER, "", "there is no such address"),
        ErrorRule("4005", Retry.NEVER, "", "there is no such method or version"),
        ErrorRule("1000", Retry.NEVER, "", "check the app's secret"),
        ErrorRule("1004", Retry.PERSON, "", "the shop's order of the app has ended: renew it there"),
        ErrorRule("1103", Retry.NEVER, "", "check app_key and kdt_id, and that the shop granted the app"),
        ErrorRule("1105", Retry.NEVER, "", "an app of a service provider needs a refresh token"),
        ErrorRule("106000001", Retry.AGAIN, "", "a timeout of the platform"),
        ErrorRule("106100118", Retry.AGAIN, "", "a timeout of the platform"),
        ErrorRule("-100", Retry.AGAIN, "", "the platform's own trouble"),
        ErrorRule("106000003", Retry.NEVER, "", "the window ends too late"),
        ErrorRule("5000", Retry.NEVER, "", "the parameters are wrong, or the order is another shop's"),
        # Which code too many calls have is published nowhere: the text tells (assumed).
        ErrorRule("*", Retry.WAIT, "limit", "too many calls", wait_s=1.0),
    ),
    secrets=("app_key", "secret"),
    kept_secrets=("kdt_id", "access_token"),
)
