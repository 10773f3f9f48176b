"""What follows a sale apart from its money: after-sale cases, and who is credited with having sold.

Both are statements of the platform beside the books: money is booked from statements of wallets and payouts only.
"""

from __future__ import annotations

from entrepot.model.fields import Origin, Table, instant, integer, minor, pseudonym, text

_CHANNEL = text("channel", "Platform the order was placed on.", required=True)
_PART = ("channel", "month")

AFTER_SALES = Table(
    "after_sales",
    Origin.OBSERVED,
    ("case_key",),
    (
        pseudonym("case_key", "Channel and the platform's case number.", required=True),
        _CHANNEL,
        text("month", "Month of the application in the channel's zone, `YYYY-MM`.", required=True),
        text("shop", "Shop, where the source names it."),
        pseudonym("case_id", "The platform's case number.", required=True),
        pseudonym("order_key", "Order the case belongs to."),
        pseudonym("order_id", "The platform's order number."),
        pseudonym("order_line_id", "Line of the order."),
        text("listing_id", "The platform's product id."),
        text("sku_id", "The merchant's SKU code."),
        text(
            "kind",
            "cancel_before_ship, refund_only, return_refund, exchange, resend, repair, price_protection.",
            required=True,
        ),
        text(
            "process",
            "applied, agreed, refused, to_return, returning, received, arbitration, withdrawn, closed, succeeded …",
            required=True,
        ),
        text("money", "none, pending, returned, failed.", required=True),
        text("platform_status", "The platform's own word for the state."),
        text("currency", "ISO 4217 code.", required=True),
        minor("refund_minor", "Cash that the case gives, or would give, back to the buyer."),
        minor("refund_goods_minor", "Part for goods, before what a payment provider takes back."),
        minor("refund_shipping_minor", "Part for freight."),
        minor("refund_tax_minor", "Part for tax on top."),
        minor("refund_provider_minor", "What a payment provider takes back of its discount; no cash."),
        instant("applied_at", "When the buyer applied."),
        instant("agreed_at", "When the merchant agreed."),
        instant("refunded_at", "When the merchant's refund was made."),
        instant("arrived_at", "When the money reached the buyer."),
        instant("closed_at", "When the case ended, with or without a refund."),
        instant("received_at", "When the goods came back; empty where the platform does not say that they did."),
        integer("received_quantity", "Pieces of the line that came back, where the platform counts them."),
    ),
    "Cases of cancellation, refund, return and exchange as the platform keeps them; a cross-check, never booked.",
    _PART,
)

ATTRIBUTIONS = Table(
    "attributions",
    Origin.OBSERVED,
    ("attribution_key",),
    (
        pseudonym("attribution_key", "Channel, line of the order and who is credited.", required=True),
        _CHANNEL,
        text("month", "Month of payment in the channel's zone, `YYYY-MM`.", required=True),
        text("shop", "Shop, where the source names it."),
        pseudonym("order_line_id", "Line of the order.", required=True),
        text("listing_id", "The platform's product id."),
        pseudonym("person_key", "The talent; joins to `persons`."),
        text("state", "paid, received, settled, refunded.", required=True),
        integer("rate_bp", "Rate of commission in basis points."),
        text("currency", "ISO 4217 code.", required=True),
        minor("paid_minor", "Amount the buyer paid for the line."),
        minor("settled_minor", "Amount the commission was settled on."),
        minor("commission_estimated_minor", "Commission expected; positive."),
        minor("commission_settled_minor", "Commission settled; positive."),
        instant("paid_at", "When the buyer paid."),
        instant("settled_at", "When the commission was settled."),
    ),
    "Which talent is credited with a line, at which commission; a cross-check of fees in settlements, never booked.",
    _PART,
)

AFTER_SALE_TABLES = (AFTER_SALES, ATTRIBUTIONS)
