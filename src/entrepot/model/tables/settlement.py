"""What the platforms paid, kept and took: settlements, wallets, advertising."""

from __future__ import annotations

from entrepot.model.fields import Origin, Table, day, instant, integer, minor, pseudonym, text

_CHANNEL = text("channel", "Platform or payment provider that wrote the statement.", required=True)
_MONTH = text("month", "Month of the booking in the statement's zone, `YYYY-MM`.", required=True)
_PART = ("channel", "month")

SETTLEMENT_LINES = Table(
    "settlement_lines",
    Origin.OBSERVED,
    ("line_id",),
    (
        pseudonym("line_id", "Channel and the statement's own line number, or a digest of the line.", required=True),
        _CHANNEL,
        _MONTH,
        text("shop", "Shop the statement belongs to."),
        text("wallet_id", "Wallet that moved."),
        text("settlement_id", "Batch the line belongs to, where the platform pays in batches."),
        pseudonym("order_key", "Order the line names, if any."),
        pseudonym("order_id", "The order number as the statement writes it."),
        pseudonym("order_line_id", "Line of the order, where the statement names one."),
        text("listing_id", "The platform's product id, where the line names one."),
        text("sku_id", "Merchant's SKU code, where the line names one."),
        text("order_part", "goods, shipping or tax, where the statement says which part of the price moved."),
        text(
            "kind",
            "order_income, order_refund, fee, ad_spend, ad_topup, tax_withheld, reserve, withdrawal, "
            "transfer, adjustment, compensation, opening.",
            required=True,
        ),
        text("fee_code", "For fees: which; see `fees.csv` of the connector."),
        text("platform_item", "The platform's own word for the item."),
        integer("vat_rate_bp", "VAT inside the amount that can be claimed, in basis points."),
        text("currency", "ISO 4217 code.", required=True),
        minor("amount_minor", "Signed; positive towards the seller.", required=True),
        instant("booked_at", "When the platform booked it."),
    ),
    "One row per movement of money that a platform states.",
    _PART,
)

WALLET_LINES = Table(
    "wallet_lines",
    Origin.OBSERVED,
    ("wallet_id", "line_id"),
    (
        text("wallet_id", "Channel and account or shop.", required=True),
        pseudonym("line_id", "The statement's line number.", required=True),
        _CHANNEL,
        _MONTH,
        text("shop", "Shop the wallet belongs to."),
        integer("statement_order", "Place of the row in its statement, earliest first."),
        text("currency", "ISO 4217 code.", required=True),
        minor("amount_minor", "Signed; positive into the wallet.", required=True),
        minor("balance_minor", "Balance after the movement, where the statement prints it."),
        instant("booked_at", "When it moved."),
    ),
    "Statements of wallets with every movement.",
    _PART,
)

SETTLEMENTS = Table(
    "settlements",
    Origin.OBSERVED,
    ("settlement_key",),
    (
        text("settlement_key", "Channel and batch number.", required=True),
        _CHANNEL,
        _MONTH,
        text("shop", "Shop the batch belongs to."),
        text("settlement_id", "The platform's batch number.", required=True),
        text("currency", "ISO 4217 code.", required=True),
        minor("stated_total_minor", "Total that the platform prints for the batch."),
        instant("period_start_at", "First instant covered."),
        instant("period_end_at", "Last instant covered."),
        instant("paid_out_at", "When it was paid to the bank."),
    ),
    "Batches of settlement lines that were paid out together.",
    _PART,
)

AD_SPEND = Table(
    "ad_spend",
    Origin.OBSERVED,
    ("spend_id",),
    (
        text("spend_id", "Digest of day, shop and campaign.", required=True),
        _CHANNEL,
        _MONTH,
        text("shop", "Shop that advertised."),
        day("spent_on", "Day in the shop's zone.", required=True),
        text("campaign", "Campaign or product of the ad platform."),
        text("currency", "ISO 4217 code.", required=True),
        minor("amount_minor", "Consumed, without bonus credit; positive.", required=True),
        text(
            "gives_way_by",
            "Of rows from files: `campaign` or `day`, by which a report by API takes their place.",
        ),
    ),
    "Advertising consumed per day.",
    _PART,
    gives_way_by=(
        "gives_way_by",
        (("day", ("channel", "shop", "spent_on")), ("campaign", ("channel", "shop", "spent_on", "campaign"))),
    ),
)

SETTLEMENT_TABLES = (SETTLEMENT_LINES, WALLET_LINES, SETTLEMENTS, AD_SPEND)
