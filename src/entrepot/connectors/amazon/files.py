"""Formats of Amazon's settlement files.

Source: header of real reports (flat file version 2, tab-separated), read 2026-11. The first row holds the totals only.
European marketplaces write a decimal comma and days as dd.mm.yyyy.
"""

from entrepot.connectors.contract import FileFormat, WireColumn
from entrepot.model import ResidencyClass

_PSEUDONYMOUS = ResidencyClass.PSEUDONYMOUS
_BUSINESS = ResidencyClass.BUSINESS

SETTLEMENT = FileFormat(
    name="amazon_settlement",
    channel="amazon",
    title={"zh": "亚马逊结算报告 V2", "en": "Amazon settlement report, flat file version 2"},
    source="real reports; 24 columns, tab-separated",
    columns=(
        WireColumn("settlement-id", required=True, is_id=True),
        WireColumn("settlement-start-date"),
        WireColumn("settlement-end-date"),
        WireColumn("deposit-date"),
        WireColumn("total-amount", _BUSINESS, required=True),
        WireColumn("currency", required=True),
        WireColumn("transaction-type", required=True),
        WireColumn("order-id", _PSEUDONYMOUS, required=True, is_id=True),
        WireColumn("merchant-order-id", _PSEUDONYMOUS),
        WireColumn("adjustment-id", _PSEUDONYMOUS),
        WireColumn("shipment-id", _PSEUDONYMOUS),
        WireColumn("marketplace-name"),
        WireColumn("amount-type", required=True),
        WireColumn("amount-description", required=True),
        WireColumn("amount", _BUSINESS, required=True),
        WireColumn("fulfillment-id"),
        WireColumn("posted-date"),
        WireColumn("posted-date-time"),
        WireColumn("order-item-code", _PSEUDONYMOUS, is_id=True),
        WireColumn("merchant-order-item-id", _PSEUDONYMOUS),
        WireColumn("merchant-adjustment-item-id", _PSEUDONYMOUS),
        WireColumn("sku"),
        WireColumn("quantity-purchased"),
        WireColumn("promotion-id", _BUSINESS, free_text=True),
    ),
)

FORMATS = (SETTLEMENT,)
