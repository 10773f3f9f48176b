"""What follows from the observed tables: pieces of orders, refunds, entries, exceptions."""

from __future__ import annotations

from entrepot.model.fields import (
    Origin,
    ResidencyClass,
    Table,
    boolean,
    day,
    instant,
    integer,
    local,
    minor,
    pseudonym,
    text,
)

_ORDER = (
    pseudonym("order_key", "The order.", required=True),
    text("channel", "Platform.", required=True),
    text("shop", "Shop.", required=True),
)

ORDER_POSITIONS = Table(
    "order_positions",
    Origin.DERIVED,
    ("order_key",),
    (
        *_ORDER,
        pseudonym("order_id", "The platform's order number.", required=True),
        text("entity_id", "Seller of record.", required=True),
        text("sale_model", "How the shop sells.", required=True),
        text("currency", "ISO 4217 code.", required=True),
        text("state", "Readable summary of the axes."),
        boolean("is_paid", "Whether the buyer has paid, in cash or otherwise."),
        text("settlement_state", "not_due, in_escrow, part_settled, settled, clawed_back."),
        minor("goods_minor", "Goods before all discounts.", required=True),
        minor("shipping_minor", "Freight charged to the buyer.", required=True),
        minor("tax_minor", "Tax charged on top.", required=True),
        minor("discount_merchant_minor", "Discounts that reduce revenue.", required=True),
        minor("discount_platform_minor", "Discounts that the platform pays.", required=True),
        minor("discount_other_minor", "Discounts that talents, payment providers and others pay.", required=True),
        minor("tender_minor", "Paid in another form than cash.", required=True),
        minor("paid_minor", "Paid in cash before refunds.", required=True),
        minor("third_party_minor", "Discounts and points that others pay to the merchant.", required=True),
        minor("tax_kept_minor", "Tax that the platform collects and remits.", required=True),
        minor("refunded_before_minor", "Refunded before recognition.", required=True),
        minor("refunded_after_minor", "Refunded through wallet or payout lines.", required=True),
        minor("refunded_minor", "Refunded in all.", required=True),
        minor("income_minor", "Sum of order income lines; null without any."),
        minor("expected_minor", "Income that the order should have brought.", required=True),
        instant("recognised_at", "When revenue is recognised; null when it is not."),
        text("recognised_basis", "confirmed, shipped, settlement."),
        day("recognised_on", "Accounting date in the shop's business zone."),
        instant("settled_at", "First income line."),
        minor("identity_gap_minor", "Goods + shipping + tax - discounts - paid - tenders, of paid orders."),
    ),
    "One row per order: what it is worth, what came, what is due.",
    ("channel",),
)

ORDER_PIECES = Table(
    "order_pieces",
    Origin.DERIVED,
    ("order_key", "piece_no"),
    (
        *_ORDER,
        integer("piece_no", "Lines by line id from 1, then shipping, then tax.", required=True),
        text("kind", "line, shipping, tax.", required=True),
        pseudonym("line_id", "For lines."),
        text("sku_id", "For lines."),
        integer("quantity", "For lines."),
        text("currency", "ISO 4217 code.", required=True),
        minor("goods_minor", "Before discounts.", required=True),
        minor("discount_merchant_minor", "The line's part of the merchant's discounts.", required=True),
        minor("gross_minor", "Revenue with VAT, or the tax on top.", required=True),
        integer("vat_rate_bp", "VAT inside, in basis points.", required=True),
        minor("vat_minor", "VAT inside.", required=True),
        minor("refund_minor", "Part of all refunds that falls on this piece.", required=True),
        minor("cost_minor", "Cost of all units; null when the SKU has none on that day."),
        text("cost_currency", "Currency of the cost."),
        boolean("has_cost", "False when margin is unknown."),
    ),
    "Lines, shipping and tax of an order with their share of discounts, VAT, refunds and cost.",
    ("channel",),
)

REFUNDS = Table(
    "refunds",
    Origin.DERIVED,
    ("refund_id",),
    (
        pseudonym("refund_id", "Settlement line, or the order's statement.", required=True),
        *_ORDER,
        pseudonym("order_id", "The platform's order number."),
        pseudonym("order_line_id", "Line of the order that the source names."),
        text("listing_id", "Product that the source names."),
        text("sku_id", "SKU that the source names."),
        text("order_part", "goods, shipping or tax, where the source says so; null: all that was paid for it."),
        text("stage", "before_recognition, after_recognition.", required=True),
        text("money", "returned (a wallet line shows it), stated (only the order says so).", required=True),
        text("currency", "ISO 4217 code.", required=True),
        minor("amount_minor", "Positive when money leaves the seller.", required=True),
        instant("refunded_at", "When the money moved; null when only stated."),
        day("accounting_date", "Day it counts in the books; null when the sale is never recognised."),
    ),
    "Refunds, however they were learnt of.",
    ("channel",),
)

FEES = Table(
    "fees",
    Origin.DERIVED,
    ("line_id",),
    (
        pseudonym("line_id", "Settlement line.", required=True),
        text("channel", "Platform.", required=True),
        text("shop", "Shop.", required=True),
        text("entity_id", "Who bears it."),
        pseudonym("order_key", "Order that caused it, if any."),
        text("code", "commission, service_fee, payment_fee …", required=True),
        text("currency", "ISO 4217 code.", required=True),
        minor("gross_minor", "Positive when taken from the seller.", required=True),
        minor("net_minor", "Without VAT.", required=True),
        minor("vat_minor", "Input VAT inside.", required=True),
        text("vat_status", "pending, invoiced, not_creditable, reverse_charge."),
        text("invoice_issuer", "Who owes the invoice."),
        text("invoice_no", "Its number once it is there."),
        boolean("reverses_on_refund", "Whether the platform gives it back with a refund."),
        instant("booked_at", "When the platform took it."),
    ),
    "Platform fees with their VAT.",
    ("channel",),
)

_ENTRY = (
    pseudonym("entry_id", "Rule and cause; the same on every run.", required=True),
    integer("line_no", "From 1.", required=True),
    text("entity_id", "Whose books.", ResidencyClass.BUSINESS, required=True),
    text("book", "local or group.", ResidencyClass.BUSINESS, required=True),
    text("account", "Account of the shipped chart.", ResidencyClass.BUSINESS, required=True),
    minor("amount_minor", "Debit positive, credit negative.", required=True),
    text("currency", "Original currency.", ResidencyClass.BUSINESS, required=True),
    minor("functional_minor", "The same in the entity's currency.", required=True),
    text("functional_currency", "The entity's currency.", ResidencyClass.BUSINESS, required=True),
    text("fx_rate_id", "Source and day of the rate; null when none was needed.", ResidencyClass.BUSINESS),
    day("document_date", "Day of the event.", required=True),
    day("accounting_date", "Day it counts.", required=True),
    text("period", "`YYYY-MM` of the accounting date.", ResidencyClass.BUSINESS, required=True),
    text("fiscal_period", "Period of the fiscal calendar, `FY2026-P09`.", ResidencyClass.BUSINESS),
    text("posting_rule", "The rule that made it.", ResidencyClass.BUSINESS, required=True),
    text("rule_version", "Digest of that rule.", ResidencyClass.BUSINESS, required=True),
    text(
        "cause_kind",
        "order, refund, settlement_line, ad_spend, service_bill, journal, restatement, closing.",
        ResidencyClass.BUSINESS,
        required=True,
    ),
    pseudonym("cause_id", "Which.", required=True),
    pseudonym("order_id", "The order's key, where one caused it."),
    pseudonym("order_line_id", "The line's id."),
    text("sku_id", "The SKU.", ResidencyClass.BUSINESS),
    text("channel", "Platform.", ResidencyClass.BUSINESS),
    text("shop", "Shop.", ResidencyClass.BUSINESS),
    text("counterparty_id", "Platform or company on the other side.", ResidencyClass.BUSINESS),
    text("tax_code", "VAT rate or kind of tax.", ResidencyClass.BUSINESS),
    text("wallet_id", "Wallet that moved.", ResidencyClass.BUSINESS),
    text("reversal_of", "Entry that this one reverses.", ResidencyClass.PSEUDONYMOUS),
    text(
        "voucher_no",
        "Number without gaps per entity and period; given when a period closes.",
        ResidencyClass.BUSINESS,
    ),
    instant("posted_at", "When the raw data behind it was first seen; never the run's clock."),
)

LEDGER_ENTRIES = Table(
    "ledger_entries",
    Origin.DERIVED,
    ("entry_id", "line_no"),
    _ENTRY,
    "One row per posting; an entry's rows sum to zero per entity, book and currency.",
    ("period",),
)

KEPT_ENTRIES = Table(
    "kept_entries",
    Origin.BOOKED,
    ("entry_id", "line_no"),
    _ENTRY,
    "Entries that no replay touches: those of closed periods, what was posted on closing, and what was published and "
    "then taken back, with its reversal. `ledger_entries` holds them too.",
    ("period",),
)

CLOSINGS = Table(
    "closings",
    Origin.BOOKED,
    ("closing_id", "action"),
    (
        text("closing_id", "Period and how often it was closed: `FY2026-P09.1`.", required=True),
        text("action", "close or reopen.", required=True),
        integer("number", "Decisions in the order in which they were taken, from 1.", required=True),
        text("entity_id", "The company whose books it is about; empty: all that were open.", ResidencyClass.BUSINESS),
        text("fiscal_period", "The period.", required=True),
        day("starts_on", "Its first day.", required=True),
        day("ends_on", "Its last day; a first closing closes every day before it too.", required=True),
        day("decided_on", "Day of the decision.", required=True),
        local("decided_by", "Who decided."),
        local("reason", "Why it was reopened, or why it was closed although a check stood against it."),
        text("accepted", "Checks that stood against it and were accepted, separated by blanks."),
    ),
    "Periods that were closed and reopened.",
)

EXCEPTIONS = Table(
    "exceptions",
    Origin.DERIVED,
    ("exception_id",),
    (
        pseudonym("exception_id", "Kind and key.", required=True),
        text("kind", "See `docs/reference/accounting.md`, 9.", required=True),
        pseudonym("key", "What it concerns.", required=True),
        text("channel", "Platform."),
        text("shop", "Shop."),
        minor("amount_minor", "Amount at stake, signed as the page says."),
        text("currency", "ISO 4217 code.", ResidencyClass.BUSINESS),
        text("cause", "Reason word, for rows.", ResidencyClass.OPERATIONAL),
        local("where_found", "File and row, for rows."),
    ),
    "What a person must look at.",
)

LEDGER_TABLES = (ORDER_POSITIONS, ORDER_PIECES, REFUNDS, FEES, LEDGER_ENTRIES, KEPT_ENTRIES, CLOSINGS, EXCEPTIONS)
