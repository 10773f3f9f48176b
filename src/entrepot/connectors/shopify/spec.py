"""Facts about Shopify, no code."""

from entrepot.connectors.contract import ConnectorSpec, not_offered, not_yet

SPEC = ConnectorSpec(
    name="shopify",
    title={"zh": "Shopify", "en": "Shopify"},
    source="orders export and payment transactions export of the admin, headers read 2026-11",
    sale_model="own_shop",
    recognition="shipped",
    business_zone="UTC",
    gaps={
        "orders by API": not_yet("only files so far"),
        "tax by line": not_offered("the export states the tax of the whole order"),
        "gift cards as tender": not_offered("the export names the way of payment, not how much was paid which way"),
        "refund lines": not_offered("the export states the refunded amount of the whole order"),
        "returns": not_offered("the orders export has no column for them"),
        "parcels": not_offered("the export has no tracking number and one time of fulfilment per order"),
        "total of a payout": not_yet("a payout is not compared with its transactions: files cut it at month ends"),
        "other payment providers": not_yet("PayPal and others pay out through files of their own"),
    },
)
