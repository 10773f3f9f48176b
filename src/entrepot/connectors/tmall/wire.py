"""Shapes of Taobao's trades and refunds, as far as they are read; class by class.

Source: reference of `taobao.trade.fullinfo.get` and `taobao.refund.get`, read 2026-11. Amounts are yuan as text but for
`coupon_fee`, `tmall_coupon_fee`, `alipay_point` and `propoint`, which are fen.
"""

from entrepot.connectors.live.wire import Document, many, money, personal, pointer, text
from entrepot.model import PersonalKind

_MONEY = ("total_fee", "payment", "discount_fee", "adjust_fee", "post_fee", "received_payment", "step_paid_fee")
_POINTS = ("coupon_fee", "tmall_coupon_fee", "platform_subsidy_fee", "alipay_point", "propoint")
_TIMES = ("created", "pay_time", "consign_time", "end_time")

TRADE = Document(
    (
        pointer("tid", required=True),
        pointer("tid_str"),
        text("modified", required=True),
        text("status", required=True),
        text("type"),
        text("step_trade_status"),
        text("trade_source"),
        *(text(name) for name in _TIMES),
        *(money(name) for name in (*_MONEY, *_POINTS)),
        money("card_principal", "expandcard_info.basic_price_used"),
        money("card_bonus", "expandcard_info.expand_price_used"),
        text("cross_bonded_declare"),
        personal("buyer_open_uid", PersonalKind.ACCOUNT),
        personal("buyer_nick", PersonalKind.ACCOUNT),
        personal("oaid", PersonalKind.ACCOUNT),
        text("receiver_country"),
        text("receiver_state"),
        personal("receiver_name", PersonalKind.NAME),
        personal("receiver_mobile", PersonalKind.MOBILE),
        personal("receiver_address", PersonalKind.ADDRESS),
        many(
            "lines",
            "orders.order",
            pointer("oid", required=True),
            pointer("oid_str"),
            text("status"),
            text("refund_status"),
            text("num_iid"),
            text("sku_id"),
            text("outer_iid"),
            text("outer_sku_id"),
            text("title"),
            text("num"),
            money("price"),
            money("total_fee"),
            money("payment"),
            money("discount_fee"),
            money("adjust_fee"),
            money("divide_order_fee"),
            money("part_mjz_discount"),
            text("logistics_company"),
            pointer("invoice_no"),
            text("consign_time"),
            required=True,
        ),
        many(
            "promotions",
            "promotion_details.promotion_detail",
            pointer("applies_to", "id"),
            text("promotion_id"),
            text("promotion_name"),
            money("discount_fee"),
        ),
    ),
    frozenset({"seller_nick", "title", "num", "is_daixiao", "buyer_rate", "seller_rate", "price", "seller_flag"}),
)

REFUND = Document(
    (
        pointer("refund_id", required=True),
        pointer("tid", required=True),
        pointer("oid"),
        text("status", required=True),
        text("modified", required=True),
        text("created"),
        text("good_return_time"),
        text("end_time"),
        text("good_status"),
        text("has_good_return"),
        text("refund_phase"),
        text("refund_version"),
        text("dispute_type"),
        text("order_status"),
        text("num_iid"),
        text("outer_id"),
        text("num"),
        money("refund_fee"),
        money("payment"),
        money("total_fee"),
        pointer("sid"),
        text("company_name"),
    ),
    frozenset({"buyer_nick", "seller_nick", "title", "reason", "desc", "shipping_type", "sku", "address", "alipay_no"}),
)

ITEM = Document(
    (
        text("num_iid", required=True),
        text("title", required=True),
        text("approve_status", required=True),
        text("violation"),
        text("num"),
        money("price"),
        text("outer_id"),
        text("barcode"),
        text("modified", required=True),
        many(
            "skus",
            "skus.sku",
            text("sku_id", required=True),
            text("outer_id"),
            money("price"),
            text("quantity"),
            text("barcode"),
        ),
    ),
    frozenset({
        "nick", "type", "cid", "pic_url", "list_time", "delist_time", "created",
        "skus.sku.modified", "skus.sku.created", "skus.sku.properties", "skus.sku.properties_name",
    }),
)  # fmt: skip
"""Source: reference of `taobao.item.seller.get`, read 2026-11."""

ADS = Document(
    (
        text("thedate", required=True),
        text("campaign_id", required=True),
        text("campaign_name"),
        text("biz_code"),
        money("charge", "report_index.charge"),
    ),
    frozenset({"scene1_name"}),
)
