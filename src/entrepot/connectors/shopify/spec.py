"""Facts about Shopify, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="shopify",
    title={"zh": "Shopify", "en": "Shopify"},
    source="exports of orders and payment transactions of the admin, headers read 2026-11; Admin GraphQL API 2026-10",
    sale_model="own_shop",
    recognition="shipped",
    business_zone="UTC",
    gaps={
        "payouts by API": not_yet("orders, refunds, returns and listings are pulled so far"),
        "stock by location": not_yet("of a variant the sum over locations is read, as the shop offers it"),
        "other sales channels of a shop": not_yet("a product counts as on sale, whichever of them show it"),
        "orders of more than 75 lines by API": not_yet("such an order is quarantined: no part of its lines is read"),
        "bulk operations": not_yet("a backfill reads order by order, within the points of the shop's plan"),
        "tips": not_yet("a tip is part of what was paid and stands in no column of its own"),
        "orders older than 60 days": not_offered("by API only to apps that have the scope read_all_orders"),
        "tax by line": not_offered("the export states the tax of the whole order"),
        "gift cards as tender": not_offered("the export names the way of payment, not how much was paid which way"),
        "refund lines": not_offered("the export states the refunded amount of the whole order"),
        "returns": not_offered("the orders export has no column for them"),
        "parcels": not_offered("the export has no tracking number and one time of fulfilment per order"),
        "total of a payout": not_yet("a payout is not compared with its transactions: files cut it at month ends"),
        "other payment providers": not_yet("PayPal and others pay out through files of their own"),
    },
)
