"""Stock as the one who keeps it states it, and what platforms offer of it: to be compared, never booked."""

from __future__ import annotations

from entrepot.model.fields import Origin, ResidencyClass, Table, day, instant, integer, minor, text

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

LISTINGS = Table(
    "listings",
    Origin.OBSERVED,
    ("listing_key",),
    (
        text("listing_key", "Channel, shop, product id and SKU id of the platform.", required=True),
        text("channel", "Platform.", required=True),
        text("shop", "Shop."),
        text("listing_id", "The platform's product id.", required=True),
        text("variant_id", "The platform's SKU id; empty where a product has none."),
        text("sku_id", "The merchant's SKU code, as the platform has it; empty where nobody wrote one there."),
        text("title", "Title of the product."),
        text("gtin", "Barcode, where the platform tells it."),
        text("currency", "ISO 4217 code of the price.", _BUSINESS, required=True),
        minor("price_minor", "What one piece is offered at, before discounts and coupons.", required=True),
        text("state", "on_sale, sold_out, off_shelf, draft, banned.", required=True),
        text("platform_state", "The platform's own word."),
        integer("listed_units", "Pieces that the platform will still sell.", _BUSINESS),
        instant("changed_at", "When it last changed there, where the platform tells it."),
    ),
    "What each shop offers now, one row per SKU of the platform; what a complete refresh no longer names is gone.",
    ("channel",),
)

STOCK_TABLES = (STOCK_SNAPSHOTS, LISTINGS)
