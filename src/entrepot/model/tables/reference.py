"""What the brand knows about itself: entities, shops, SKUs, costs, rates, policies."""

from __future__ import annotations

from entrepot.model.fields import Origin, ResidencyClass, Table, day, instant, integer, local, minor, text

LEGAL_ENTITIES = Table(
    "legal_entities",
    Origin.REFERENCE,
    ("entity_id",),
    (
        text("entity_id", "Our id of the company.", required=True),
        text("country", "ISO 3166 code.", ResidencyClass.BUSINESS),
        text("functional_currency", "Currency its books are kept in.", ResidencyClass.BUSINESS, required=True),
        text("tax_registrations", "Numbers, separated by blanks.", ResidencyClass.BUSINESS),
    ),
    "Companies of the group that this cell keeps books for.",
)

SHOPS = Table(
    "shops",
    Origin.REFERENCE,
    ("channel", "shop"),
    (
        text("shop", "Shop as files or folders name it.", required=True),
        text("channel", "Platform.", required=True),
        text("entity_id", "Seller of record.", required=True),
        text(
            "sale_model", "domestic_pop, cross_border_bonded_1210, own_shop, marketplace_facilitator …", required=True
        ),
        text("business_zone", "Time zone of its business days.", required=True),
        text("recognition", "Instant at which revenue is recognised: confirmed, shipped, settled.", required=True),
        text("is_declared", "yes when cell.toml names the shop, no when it was found in a file."),
        day("valid_from", "First day of this row."),
        day("valid_to", "Last day of this row."),
    ),
    "Shops, and how their sales are booked.",
)

WALLETS = Table(
    "wallets",
    Origin.REFERENCE,
    ("wallet_id",),
    (
        text("wallet_id", "Channel and account.", required=True),
        text("entity_id", "Owner."),
        text("shop", "Shop it serves."),
        text("kind", "in_escrow, settled, frozen, security_deposit, ad_balance, points."),
        text("currency", "ISO 4217 code."),
    ),
    "Accounts with platforms and payment providers.",
)

SKUS = Table(
    "skus",
    Origin.OBSERVED,
    ("sku_id",),
    (
        text("sku_id", "The merchant's SKU code.", required=True),
        text("channel", "Always `own`: the list is the merchant's.", required=True),
        text("name", "Name in Chinese or the brand's language.", ResidencyClass.BUSINESS),
        text("name_en", "Name in English.", ResidencyClass.BUSINESS),
        text("brand", "Brand.", ResidencyClass.BUSINESS),
        text("category", "Category.", ResidencyClass.BUSINESS),
        integer("vat_rate_bp", "VAT rate in basis points.", ResidencyClass.BUSINESS),
        text("tax_code", "Tax classification code.", ResidencyClass.BUSINESS),
        text("hs_code", "Customs tariff number.", ResidencyClass.BUSINESS),
        text("unit", "Unit of stock keeping."),
        integer("pack_count", "Units in a pack."),
        integer("net_weight_g", "Net weight in grams."),
        integer("shelf_life_days", "Shelf life in days."),
        text("sensitivity", "none, health, intimate, child."),
        text("gtin", "Barcode of one unit (EAN, UPC), its check digit right."),
    ),
    "Stock keeping units.",
    ("channel",),
)

SKU_COSTS = Table(
    "sku_costs",
    Origin.OBSERVED,
    ("sku_id", "valid_from"),
    (
        text("sku_id", "The merchant's SKU code.", required=True),
        text("channel", "Always `own`.", required=True),
        day("valid_from", "First day of this cost.", required=True),
        text("currency", "ISO 4217 code.", ResidencyClass.BUSINESS, required=True),
        minor("cost_minor", "Cost of one unit.", required=True),
        text("method", "standard, average, fifo."),
    ),
    "Cost of one unit from a day on.",
    ("channel",),
)

FX_RATES = Table(
    "fx_rates",
    Origin.REFERENCE,
    ("currency", "rate_on", "rate_source"),
    (
        text("currency", "ISO 4217 code.", ResidencyClass.BUSINESS, required=True),
        day("rate_on", "Day the rate was published.", required=True),
        integer(
            "per_euro_e6", "Units of the currency per euro, times 1,000,000.", ResidencyClass.BUSINESS, required=True
        ),
        text("rate_source", "Who published it.", ResidencyClass.BUSINESS, required=True),
    ),
    "Reference rates by day: shipped ones and those of imported lists.",
)

LISTED_RATES = Table(
    "listed_rates",
    Origin.OBSERVED,
    ("base_currency", "quote_currency", "rate_on", "rate_source"),
    (
        text("channel", "Always `own`.", required=True),
        text("base_currency", "ISO 4217 code; the rate is for one unit of it.", ResidencyClass.BUSINESS, required=True),
        text("quote_currency", "ISO 4217 code of the price.", ResidencyClass.BUSINESS, required=True),
        day("rate_on", "Day of the rate.", required=True),
        text("rate_source", "Who published it, as the list says; `own` where it says nothing.", required=True),
        integer("rate_e9", "Units of the quote currency for one of the base, times 10^9.", ResidencyClass.BUSINESS),
    ),
    "Exchange rates that a list brought.",
    ("channel",),
)

POLICIES = Table(
    "policies",
    Origin.REFERENCE,
    ("policy", "scope", "valid_from"),
    (
        text("policy", "What is decided.", ResidencyClass.BUSINESS, required=True),
        text("scope", "Sale model or `*`.", ResidencyClass.BUSINESS, required=True),
        day("valid_from", "First day.", required=True),
        text("value", "The decision.", ResidencyClass.BUSINESS, required=True),
        text("reason", "Why.", ResidencyClass.BUSINESS),
    ),
    "How the entity books what the rules leave open, as dated rows.",
)

_LISTING = (
    text("channel", "Platform.", required=True),
    text("shop", "Shop.", required=True),
    text(
        "listing_kind",
        "What `listing_id` is: variant, code (a seller code that no SKU has), listing, title.",
        required=True,
    ),
    text(
        "listing_id",
        "The platform's SKU or product id, the seller code as files write it, or the title.",
        required=True,
    ),
    text("sku_id", "The merchant's SKU code.", required=True),
)

LISTING_MAP = Table(
    "listing_map",
    Origin.OBSERVED,
    ("channel", "shop", "listing_kind", "listing_id", "sku_id", "valid_from", "decided_at"),
    (
        *_LISTING,
        day("valid_from", "First day, of the order in the shop's zone.", required=True),
        instant("decided_at", "When it was decided; where nobody says, the first day. The newest decision holds."),
        day("valid_to", "Last day."),
        integer("qty", "Units of the SKU in one piece of the listing.", required=True),
        integer(
            "share_bp", "Share of the price in basis points; the rows of a listing add up to 10,000.", required=True
        ),
        local("decided_by", "Who matched them."),
        local("reason", "Why."),
    ),
    "Which SKUs a listing sells, as people accepted it; multi-packs and bundles are rows, read at the order's day.",
    ("channel",),
)

LISTING_REFUSALS = Table(
    "listing_refusals",
    Origin.OBSERVED,
    ("channel", "shop", "listing_kind", "listing_id", "sku_id", "decided_at"),
    (
        *_LISTING,
        instant("decided_at", "When it was decided; where nobody says, the first day of the row."),
        local("decided_by", "Who refused it."),
        local("reason", "Why."),
    ),
    "Pairs of listing and SKU that people refused; they are not proposed again.",
    ("channel",),
)

REFERENCE_TABLES = (
    LEGAL_ENTITIES,
    SHOPS,
    WALLETS,
    SKUS,
    SKU_COSTS,
    FX_RATES,
    LISTED_RATES,
    POLICIES,
    LISTING_MAP,
    LISTING_REFUSALS,
)
