"""Facts about Shopify's Admin GraphQL API, no code: feeds, limits, errors, terms."""

from entrepot.connectors.live.contract import (
    ApiSpec,
    Direction,
    ErrorRule,
    Feed,
    FullRefresh,
    Limit,
    ListPart,
    Method,
    Retry,
)
from entrepot.connectors.shopify.wire import ORDER, VARIANT

_DAY = 86_400
_SOURCE = "manual of the Admin GraphQL API 2026-10, read 2026-11"
# A bucket of points is shared by all queries: 100 a second on the smallest plan. An order costs about 30 in fact.
_POINTS = (Limit(60, 20.0, "app", "derived from 100 points a second at about 30 points a query"),)

ORDERS = Feed(
    name="shopify_live_orders",
    what="orders",
    channel="shopify",
    title={"zh": "Shopify 订单接口", "en": "Shopify orders by API"},
    source=_SOURCE,
    listing=Method(
        "orders",
        _POINTS,
        page_rows_max=250,
        rows_max=25_000,
        direction=Direction.CURSOR,
        money="decimal",
        source=_SOURCE,
    ),
    detail=Method("order", _POINTS, money="decimal", source=_SOURCE),
    documents="data.order",
    shape=ORDER,
    span_s_max=_DAY,
    span_s=3600,
    # Older orders are absent without a word unless the app has the scope read_all_orders.
    reach_s=60 * _DAY,
)

# A page of 100 variants costs about 500 points.
_VARIANTS = Method(
    "productVariants",
    (Limit(1, 5.0, "shop", "derived from 100 points a second at about 500 points a page"),),
    page_rows_max=100,
    direction=Direction.CURSOR,
    money="decimal",
    source=_SOURCE,
)

VARIANTS = Feed(
    name="shopify_live_variants",
    what="listings",
    channel="shopify",
    title={"zh": "Shopify 商品与库存接口", "en": "Shopify listings and stock by API"},
    source=_SOURCE,
    listing=_VARIANTS,
    detail=None,
    documents="data.productVariants.nodes[]",
    shape=VARIANT,
    refresh=FullRefresh((ListPart("all", _VARIANTS),)),
)

API = ApiSpec(
    gateway="https://YOUR-SHOP.myshopify.com/admin/api/2026-10/graphql.json",
    source=_SOURCE,
    zone_offset_hours=0,
    clock_tolerance_s=0,
    token_life_s=None,
    renewal="an app of the merchant's own gets a token of a day for its client id and secret (older ones have a token "
    "without end); other apps have one of an hour and a refresh token, which lives 90 days, is replaced each time, and "
    "ends with the first use of the new access token",
    token_margin_s=300,
    terms="protected customer data (names, addresses, e-mail, phone) need approval by Shopify for each app, may be "
    "read for the purpose declared there only and go when the merchant or the buyer asks; an API version lives a year",
    feeds=(ORDERS, VARIANTS),
    secrets=("app_key", "secret"),
    kept_secrets=("access_token",),
    errors=(
        ErrorRule("THROTTLED", Retry.WAIT, "", "too many points", r"(?P<seconds>[0-9]+(\.[0-9]+)?) seconds"),
        ErrorRule("ACCESS_DENIED", Retry.PERSON, "", "the app lacks a scope or access to protected customer data"),
        ErrorRule("MAX_COST_EXCEEDED", Retry.NEVER, "", "the query costs more than one query may"),
        ErrorRule("SHOP_INACTIVE", Retry.PERSON, "", "the shop is closed or not paid for"),
        ErrorRule("undefinedField", Retry.NEVER, "", "this version of the API has no such field"),
        ErrorRule("INTERNAL_SERVER_ERROR", Retry.AGAIN, "", "the platform's own trouble"),
        ErrorRule("TIMEOUT", Retry.AGAIN, "", "the platform's own trouble"),
        ErrorRule("401", Retry.TOKEN, "", "the access token has ended"),
        ErrorRule("402", Retry.PERSON, "", "the shop has not been paid for"),
        ErrorRule("403", Retry.PERSON, "", "the app lacks a scope, or the shop is closed"),
        ErrorRule("404", Retry.PERSON, "", "no such shop, or this version of the API has ended: mend gateway"),
        ErrorRule("423", Retry.PERSON, "", "the shop is locked"),
        ErrorRule("429", Retry.WAIT, "", "too many calls", wait_s=1.0),
        ErrorRule("430", Retry.WAIT, "", "taken for an attack", wait_s=30.0),
        ErrorRule("invalid_grant", Retry.PERSON, "", "the refresh token has ended: authorise the app again"),
        ErrorRule("invalid_request", Retry.PERSON, "", "the refresh token has ended: authorise the app again"),
        ErrorRule("invalid_client", Retry.PERSON, "", "client id or secret is wrong"),
    ),
)
