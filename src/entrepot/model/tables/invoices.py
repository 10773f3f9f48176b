"""Tax invoices as the tax platform lists them, and what they are for: orders that were sold, fees that were taken."""

from __future__ import annotations

from entrepot.model.fields import Origin, ResidencyClass, Table, day, instant, integer, local, minor, pseudonym, text

_BUSINESS = ResidencyClass.BUSINESS
_PART = ("channel", "month")
_CHANNEL = text("channel", "Always `own`: the list is the company's.", required=True)
_MONTH = text("month", "Month of issue in Beijing, `YYYY-MM`.", required=True)

INVOICES = Table(
    "invoices",
    Origin.OBSERVED,
    ("invoice_key",),
    (
        text("invoice_key", "Digital number, or code and number of a paper invoice.", _BUSINESS, required=True),
        _CHANNEL,
        _MONTH,
        text("seller_tax_no", "Tax number of the seller: ours on issued invoices.", _BUSINESS),
        text("seller_name", "Name of the seller.", _BUSINESS),
        local("buyer_tax_no", "Tax number of the buyer, who may be a person."),
        local("buyer_name", "Name of the buyer, who may be a person."),
        text("platform_kind", "The platform's own word for the kind of invoice."),
        text("state", "valid, voided, reversed, part_reversed.", required=True),
        text("platform_status", "The platform's own word for the state."),
        text("is_red", "yes for an invoice that takes another one back, otherwise no.", required=True),
        text("corrects_key", "The invoice that a red one takes back, where its remark names it.", _BUSINESS),
        pseudonym("order_id", "Order number in the remark, where it names one."),
        text("currency", "ISO 4217 code.", required=True),
        minor("net_minor", "Amount without tax.", required=True),
        minor("tax_minor", "Tax.", required=True),
        minor("gross_minor", "Amount with tax.", required=True),
        instant("issued_at", "When it was issued."),
    ),
    "Tax invoices, issued and received, as the tax platform lists them.",
    _PART,
)

INVOICE_LINES = Table(
    "invoice_lines",
    Origin.OBSERVED,
    ("invoice_key", "line_no"),
    (
        text("invoice_key", "Invoice of the line.", _BUSINESS, required=True),
        integer("line_no", "From 1, in the order of the list.", required=True),
        _CHANNEL,
        _MONTH,
        text("tax_code", "Tax classification code.", _BUSINESS),
        text("title", "Goods or service as written on the invoice.", _BUSINESS),
        text("currency", "ISO 4217 code.", required=True),
        integer("vat_rate_bp", "Rate in basis points; none where the line is exempt or not taxed.", _BUSINESS),
        minor("net_minor", "Amount without tax; below nothing for a discount or on a red invoice.", required=True),
        minor("tax_minor", "Tax.", required=True),
    ),
    "Lines of tax invoices.",
    _PART,
)

INVOICE_ISSUERS = Table(
    "invoice_issuers",
    Origin.OBSERVED,
    ("channel", "seller_name"),
    (
        text("channel", "Platform or payment provider whose fees it invoices.", required=True),
        text("seller_name", "Name of the company on its invoices.", _BUSINESS, required=True),
        text("seller_tax_no", "Its tax number.", _BUSINESS),
        text("fee_codes", "Fees that it invoices, separated by blanks; all of them where empty.", _BUSINESS),
    ),
    "Which company invoices the fees of a platform, as a list says; a shipped list is read too.",
    ("channel",),
)

INVOICE_MATCHES = Table(
    "invoice_matches",
    Origin.DERIVED,
    ("invoice_key",),
    (
        text("invoice_key", "The invoice.", _BUSINESS, required=True),
        text("side", "issued (a sale) or received (fees).", required=True),
        text("state", "matched, proposed (a person decides), unmatched.", required=True),
        text("rule", "order_number, corrects, amount_and_day, fees_of_month, several_alike."),
        pseudonym("order_key", "The order that it is for."),
        text("channel", "Platform of the shop, or whose fees they are."),
        text("shop", "Shop; none where an invoice is for the fees of several."),
        text("entity_id", "Company."),
        text("fee_month", "Month of the fees, `YYYY-MM`."),
        text("bundle", "Digest of the invoices and fees that are matched together.", _BUSINESS),
        day("issued_on", "Day of issue in Beijing."),
        text("currency", "ISO 4217 code.", required=True),
        minor("gross_minor", "What it counts with tax: nothing where it is void, or taken back by one not listed."),
        minor("tax_minor", "Tax of that."),
    ),
    "What each tax invoice is for.",
)

INVOICE_TABLES = (INVOICES, INVOICE_LINES, INVOICE_ISSUERS, INVOICE_MATCHES)
