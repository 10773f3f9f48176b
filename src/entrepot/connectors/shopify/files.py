"""Formats of the files that Shopify's admin exports.

Source: headers of real exports, read 2026-11. In the orders export the cells of the order stand on its first row only;
the rows of its other lines repeat name, e-mail and creation time.
"""

from entrepot.connectors.contract import FileFormat, Whose, WireColumn, money, unread
from entrepot.model import PersonalKind, ResidencyClass

_PSEUDONYMOUS = ResidencyClass.PSEUDONYMOUS
_BUSINESS = ResidencyClass.BUSINESS
_PERSONAL = ResidencyClass.PERSONAL
_TAXES = 5


def _address(who: str) -> tuple[WireColumn, ...]:
    return (
        WireColumn(f"{who} Name", _PERSONAL, kind=PersonalKind.NAME, free_text=True),
        *(
            WireColumn(f"{who} {part}", _PERSONAL, kind=PersonalKind.ADDRESS, free_text=True)
            for part in ("Street", "Address1", "Address2", "Company", "City", "Zip")
        ),
        WireColumn(f"{who} Province"),
        WireColumn(f"{who} Country"),
        WireColumn(f"{who} Phone", _PERSONAL, kind=PersonalKind.MOBILE),
    )


ORDERS = FileFormat(
    name="shopify_orders",
    channel="shopify",
    comment_mark="",  # names are #1001
    numbered_by_shop=("Name", "Created at"),
    title={"zh": "Shopify 订单导出", "en": "Shopify orders export"},
    source="real exports; 79 columns, one row per line",
    columns=(
        WireColumn("Name", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("Email", _PERSONAL, kind=PersonalKind.EMAIL),
        WireColumn("Financial Status"),
        WireColumn("Paid at"),
        WireColumn("Fulfillment Status"),
        WireColumn("Fulfilled at"),
        WireColumn("Accepts Marketing"),
        WireColumn("Currency", required=True),
        money("Subtotal"),
        money("Shipping"),
        money("Taxes"),
        money("Total", required=True),
        WireColumn("Discount Code", _BUSINESS, free_text=True),
        money("Discount Amount"),
        WireColumn("Shipping Method", free_text=True),
        WireColumn("Created at", required=True),
        WireColumn("Lineitem quantity", required=True),
        WireColumn("Lineitem name", required=True, free_text=True),
        money("Lineitem price", required=True),
        money("Lineitem compare at price"),
        WireColumn("Lineitem sku"),
        WireColumn("Lineitem requires shipping"),
        WireColumn("Lineitem taxable"),
        WireColumn("Lineitem fulfillment status"),
        *_address("Billing"),
        *_address("Shipping"),
        *unread("Notes", "Note Attributes"),
        WireColumn("Cancelled at"),
        WireColumn("Payment Method"),
        WireColumn("Payment Reference", _PSEUDONYMOUS),
        money("Refunded Amount"),
        WireColumn("Vendor"),
        money("Outstanding Balance"),
        WireColumn("Employee", _PERSONAL, kind=PersonalKind.NAME, whose=Whose.STAFF),
        WireColumn("Location"),
        WireColumn("Device ID", _PSEUDONYMOUS),
        WireColumn("Id", _PSEUDONYMOUS),
        *unread("Tags"),
        WireColumn("Risk Level"),
        WireColumn("Source"),
        money("Lineitem discount"),
        *(
            column
            for number in range(1, _TAXES + 1)
            for column in (WireColumn(f"Tax {number} Name"), money(f"Tax {number} Value"))
        ),
        WireColumn("Phone", _PERSONAL, kind=PersonalKind.MOBILE),
        WireColumn("Receipt Number", _PSEUDONYMOUS),
        money("Duties"),
        WireColumn("Billing Province Name"),
        WireColumn("Shipping Province Name"),
        WireColumn("Payment ID", _PSEUDONYMOUS),
        WireColumn("Payment Terms Name"),
        WireColumn("Next Payment Due At"),
        WireColumn("Payment References", _PSEUDONYMOUS),
    ),
)

PAYOUTS = FileFormat(
    name="shopify_payouts",
    channel="shopify",
    title={"zh": "Shopify 收款明细", "en": "Shopify payment transactions export"},
    source="real exports; seventeen columns, one row per transaction",
    columns=(
        WireColumn("Transaction Date", required=True),
        WireColumn("Type", required=True),
        WireColumn("Order", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("Card Brand"),
        WireColumn("Card Source"),
        WireColumn("Payout Status"),
        WireColumn("Payout Date"),
        WireColumn("Payout ID", is_id=True),
        WireColumn("Available On"),
        money("Amount", required=True),
        money("Fee", required=True),
        money("Net", required=True),
        WireColumn("Checkout", _PSEUDONYMOUS),
        WireColumn("Payment Method Name"),
        money("Presentment Amount"),
        WireColumn("Presentment Currency"),
        WireColumn("Currency"),
    ),
)

FORMATS = (ORDERS, PAYOUTS)
