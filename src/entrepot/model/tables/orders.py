"""What was sold, at what price, by whom paid: orders and the parts of their money."""

from __future__ import annotations

from entrepot.model.fields import (
    Origin,
    PersonalKind,
    Table,
    boolean,
    instant,
    integer,
    local,
    minor,
    personal,
    pseudonym,
    text,
)

_ORDER = (
    pseudonym("order_key", "Channel and platform order id (and shop, where ids repeat across shops).", required=True),
    text("channel", "Platform the order was placed on.", required=True),
    text(
        "month",
        "Month of the order in the channel's zone, `YYYY-MM`, or `all` where a source has no time.",
        required=True,
    ),
)
_PART = ("channel", "month")
_UNNUMBERED = boolean(
    "is_unnumbered",
    "True where the source has no number of the line: the row gives way where another source tells the order.",
)

ORDERS = Table(
    "orders",
    Origin.OBSERVED,
    ("order_key",),
    (
        *_ORDER,
        text("shop", "Shop as the seller centre names it."),
        pseudonym("order_id", "The platform's order number.", required=True),
        pseudonym("parent_order_id", "Order that this one was split from."),
        text(
            "order_kind",
            "sale, presale, split_part, gift, sample, exchange_replacement, resend, fictitious …",
        ),
        text("sale_model", "Where the source says it: domestic_pop, cross_border_bonded_1210 …; else the shop's."),
        text("platform_status", "The platform's own word for the state."),
        text("payment_state", "Axis of payment: unpaid, deposit_paid, escrowed, captured, released, voided …"),
        text("commercial_state", "Axis of commerce: open, cancelled_unpaid, closed_refunded, completed_by_buyer …"),
        text("fulfilment_state", "Axis of fulfilment: unallocated, released, part_shipped, shipped, delivered …"),
        text("customs_state", "Axis of customs: none, declared, released …"),
        instant("placed_at", "When the buyer placed the order."),
        boolean("placed_is_estimated", "True where the file has no such time and it was taken from elsewhere."),
        instant("paid_at", "When the buyer paid (the balance, for presale)."),
        instant("deposit_paid_at", "When the presale deposit was paid."),
        instant("shipped_at", "When the first parcel left."),
        instant("confirmed_at", "When the buyer or the platform confirmed receipt."),
        instant("closed_at", "When the order was closed or cancelled."),
        instant("modified_at", "When the platform last changed the order."),
        text("currency", "ISO 4217 code of every amount of the order.", required=True),
        minor("goods_minor", "Goods before all discounts."),
        minor("shipping_minor", "Freight charged to the buyer."),
        minor("tax_minor", "Tax charged on top of prices."),
        minor("discount_merchant_minor", "Discounts funded by the merchant, as the order source states them."),
        minor("discount_platform_minor", "Discounts funded by the platform."),
        minor("discount_other_minor", "Discounts funded by talents, payment providers, banks, the government."),
        minor("tender_minor", "Points, balance, gift cards: paid in another form than cash."),
        minor("paid_minor", "What the buyer paid in cash before refunds; 0 until paid."),
        minor("deposit_minor", "Presale deposit paid."),
        minor("refund_stated_minor", "What the order source says was refunded."),
        pseudonym("buyer_key", "Keyed digest of the buyer's platform account; joins to `persons`."),
    ),
    "One row per platform order.",
    _PART,
)

ORDER_LINES = Table(
    "order_lines",
    Origin.OBSERVED,
    ("order_key", "line_id"),
    (
        *_ORDER,
        pseudonym("line_id", "The platform's line number, or a digest of the line's cells.", required=True),
        text("shop", "Shop, where the source of the line names it."),
        pseudonym("order_id", "The platform's order number.", required=True),
        text("listing_id", "The platform's product id."),
        text("variant_id", "The platform's SKU id."),
        text("sku_id", "The merchant's SKU code, as the file carries it."),
        text("spu_id", "The merchant's product code."),
        text("title", "Title of the product."),
        integer("quantity", "Units ordered.", required=True),
        text("currency", "ISO 4217 code.", required=True),
        minor("unit_price_minor", "Price of one unit before order-level discounts, where units divide."),
        minor("goods_minor", "Unit price times quantity, before every discount.", required=True),
        minor("discount_merchant_minor", "Merchant discount the platform states for this line; null = by order."),
        minor("shipping_minor", "Freight, where the platform states money by line."),
        minor("tax_minor", "Tax on top, stated for this line."),
        minor("paid_minor", "Cash paid for this line, where the platform states money by line."),
        text("after_sale_status", "The platform's word for the line's after-sale state."),
        boolean("is_cancelled", "True where this line was closed before its goods left, whatever became of the order."),
        _UNNUMBERED,
    ),
    "One row per line of an order.",
    _PART,
    gives_way="is_unnumbered",
)

DISCOUNTS = Table(
    "discounts",
    Origin.OBSERVED,
    ("order_key", "line_id", "funder", "kind"),
    (
        *_ORDER,
        pseudonym("line_id", "Line the discount belongs to; empty text for the whole order.", required=True),
        text(
            "funder",
            "merchant, platform, talent, payment_provider, bank, government, brand_or_supplier.",
            required=True,
        ),
        text("kind", "coupon, promotion, subsidy, price_change …", required=True),
        text("currency", "ISO 4217 code.", required=True),
        minor("amount_minor", "Taken off the price; never negative.", required=True),
        text("settled_through", "Wallet kind through which a third party's part reaches the merchant."),
        _UNNUMBERED,
    ),
    "One row per order or line, funder and kind; they add up to all that was taken off.",
    _PART,
    zero_means_absent="amount_minor",
    gives_way="is_unnumbered",
)

TENDERS = Table(
    "tenders",
    Origin.OBSERVED,
    ("order_key", "kind"),
    (
        *_ORDER,
        text(
            "kind",
            "cash, points, balance, gift_card, stored_value_principal, stored_value_bonus, pay_later.",
            required=True,
        ),
        text("issuer", "Who owes the tender: platform, merchant, bank."),
        text("currency", "ISO 4217 code.", required=True),
        minor("amount_minor", "Paid with this tender.", required=True),
    ),
    "What the buyer paid with, other than discounts.",
    _PART,
    zero_means_absent="amount_minor",
)

TAXES = Table(
    "taxes",
    Origin.OBSERVED,
    ("order_key", "line_id", "kind"),
    (
        *_ORDER,
        pseudonym("line_id", "Line, or empty text for the whole order.", required=True),
        text("kind", "vat_included, tax_added, customs_composite.", required=True),
        text("jurisdiction", "Country or state that takes the tax."),
        integer("rate_bp", "Rate in basis points, where stated."),
        text("currency", "ISO 4217 code.", required=True),
        minor("base_minor", "Amount the tax is taken of, where stated."),
        minor("amount_minor", "Tax.", required=True),
        text("liable_party", "Who owes it by law."),
        text("collected_by", "merchant, marketplace."),
        text("remitted_by", "merchant, marketplace."),
        text("borne_by", "buyer, merchant, platform."),
        _UNNUMBERED,
    ),
    "Tax that a source states; VAT inside Chinese prices is computed in `order_pieces`.",
    _PART,
    zero_means_absent="amount_minor",
    gives_way="is_unnumbered",
)

PAYMENTS = Table(
    "payments",
    Origin.OBSERVED,
    ("order_key", "payment_id"),
    (
        *_ORDER,
        pseudonym("payment_id", "The platform's payment number, or the phase of a presale.", required=True),
        text("phase", "full, deposit, balance."),
        instant("paid_at", "When it was captured."),
        text("currency", "ISO 4217 code.", required=True),
        minor("amount_minor", "Captured in cash, before refunds.", required=True),
    ),
    "Captured payments of an order.",
    _PART,
)

PERSONS = Table(
    "persons",
    Origin.OBSERVED,
    ("person_key", "role", "channel"),
    (
        pseudonym("person_key", "Keyed digest of phone, platform account or order; never leaves.", required=True),
        text("role", "buyer, recipient, talent …", required=True),
        text("channel", "Platform the person was seen on.", required=True),
        personal("platform_account", PersonalKind.ACCOUNT, "Account name on the platform."),
        personal("name", PersonalKind.NAME, "Name as the file writes it, masked or clear."),
        personal("mobile", PersonalKind.MOBILE, "Phone number."),
        personal("email", PersonalKind.EMAIL, "E-mail address."),
    ),
    "Buyers, talents and other people, apart from orders.",
    ("channel",),
)

ADDRESSES = Table(
    "addresses",
    Origin.OBSERVED,
    ("order_key", "role"),
    (
        *_ORDER,
        text("role", "recipient, billing.", required=True),
        pseudonym("person_key", "The person who receives."),
        text("country", "ISO 3166 code, where stated."),
        text("province", "Province or state, generalised enough to report."),
        personal("name", PersonalKind.NAME, "Recipient as the file writes it, masked or clear."),
        personal("mobile", PersonalKind.MOBILE, "Recipient's phone number."),
        personal("address", PersonalKind.ADDRESS, "Address as the file writes it."),
    ),
    "Delivery addresses, apart from orders.",
    _PART,
)

SHIPMENTS = Table(
    "shipments",
    Origin.OBSERVED,
    ("order_key", "shipment_id"),
    (
        *_ORDER,
        pseudonym("shipment_id", "Tracking number or the platform's parcel id.", required=True),
        text("carrier", "Carrier as the file names it."),
        instant("shipped_at", "When it left."),
        instant("delivered_at", "When it arrived."),
        text("location_id", "Warehouse it left from."),
        local("note", "Free text of the merchant."),
    ),
    "Parcels.",
    _PART,
)

REFUND_STATEMENTS = Table(
    "refund_statements",
    Origin.OBSERVED,
    ("statement_id",),
    (
        pseudonym("statement_id", "Channel and the sub-order or document that states the refund.", required=True),
        *_ORDER,
        pseudonym("order_line_id", "Line it is for, where the source names one."),
        text("stage", "before_settlement: the money never reached the merchant.", required=True),
        text("currency", "ISO 4217 code.", required=True),
        minor("amount_minor", "Refunded; positive.", required=True),
    ),
    "Refunds that a source states for a part of an order and for one stage; an order's own total stands in `orders`.",
    _PART,
    zero_means_absent="amount_minor",
)

ORDER_TABLES = (
    ORDERS,
    ORDER_LINES,
    DISCOUNTS,
    TENDERS,
    TAXES,
    PAYMENTS,
    REFUND_STATEMENTS,
    PERSONS,
    ADDRESSES,
    SHIPMENTS,
)
