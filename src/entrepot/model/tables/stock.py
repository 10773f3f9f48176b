"""Stock as the one who keeps it states it: a snapshot by day, to be compared, never booked."""

from __future__ import annotations

from entrepot.model.fields import Origin, ResidencyClass, Table, day, integer, text

_BUSINESS = ResidencyClass.BUSINESS

STOCK_SNAPSHOTS = Table(
    "stock_snapshots",
    Origin.OBSERVED,
    ("snapshot_key",),
    (
        text("snapshot_key", "Digest of the day and of every dimension.", required=True),
        text("channel", "Always `own`: the list is the company's.", required=True),
        text("month", "Month of the day, `YYYY-MM`.", required=True),
        day("stock_day", "Day whose end is stated."),
        text("sku_id", "The merchant's SKU code.", required=True),
        text("entity_id", "Who owns it; empty where the list does not say.", _BUSINESS),
        text("location", "Warehouse.", _BUSINESS, required=True),
        text("custodian", "Who keeps it: own, cainiao, jd, fba, agency, other.", required=True),
        text("customs_regime", "duty_paid or bonded.", required=True),
        text("account_book", "Customs account book of bonded stock.", _BUSINESS),
        integer("account_item", "Item number in the account book."),
        text("lot", "Lot."),
        day("expires_on", "Last day of use."),
        text("quality", "good, damaged, expired, blocked.", required=True),
        text("purpose", "free, channel_reserved, presale, activity_locked, consignment, sample.", required=True),
        integer("quantity", "Units; below nothing where late messages made it so.", _BUSINESS, required=True),
        text("unit", "Unit of stock keeping."),
    ),
    "Stock by day, place, keeper, customs regime, lot, quality and purpose, as its keeper states it.",
    ("channel", "month"),
)

STOCK_TABLES = (STOCK_SNAPSHOTS,)
