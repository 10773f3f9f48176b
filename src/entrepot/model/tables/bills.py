"""Bills of services around the order: express, warehouse, agency."""

from __future__ import annotations

from entrepot.model.fields import Origin, ResidencyClass, Table, day, integer, local, minor, pseudonym, text

_BUSINESS = ResidencyClass.BUSINESS

SERVICE_BILL_LINES = Table(
    "service_bill_lines",
    Origin.OBSERVED,
    ("bill_line_id",),
    (
        local("bill_line_id", "Vendor, bill, number of its line and what it says.", required=True),
        text("channel", "Always `own`: people bring the list.", required=True),
        text("month", "Month of the service, `YYYY-MM`.", required=True),
        text("bill_no", "Number of the bill.", _BUSINESS, required=True),
        integer("line_no", "From 1, in the order of the file.", required=True),
        text("vendor", "Who sent it.", _BUSINESS, required=True),
        text("service", "express, warehouse, agency, other.", required=True),
        day("billed_on", "Day of the service.", required=True),
        text("currency", "ISO 4217 code.", _BUSINESS, required=True),
        minor("amount_minor", "With tax; a credit is negative.", required=True),
        minor("vat_minor", "Tax inside.", required=True),
        text("entity_id", "Whose books; where it is empty, the shop's company, or the only one.", _BUSINESS),
        text("shop_channel", "Platform it concerns.", _BUSINESS),
        text("shop", "Shop it concerns.", _BUSINESS),
        pseudonym("order_id", "The platform's number of the order it concerns."),
    ),
    "Lines of express, warehouse and agency bills.",
    ("channel", "month"),
)

BILL_TABLES = (SERVICE_BILL_LINES,)
