"""Shapes of Douyin Shop's orders and after-sale cases, as far as they are read; class by class.

Source: structures of the official Go SDK and a recorded order, read 2026-11. Amounts are fen, instants unix seconds.
"""

from entrepot.connectors.live.wire import Document, many, money, personal, pointer, text
from entrepot.model import PersonalKind

_LINE_MONEY = (
    "origin_amount", "order_amount", "pay_amount", "promotion_amount", "shop_cost_amount", "platform_cost_amount",
    "only_platform_cost_amount", "author_cost_amount", "promotion_pay_amount", "post_amount", "tax_amount",
    "modify_amount",
)  # fmt: skip

ORDER = Document(
    (
        pointer("order_id", required=True),
        text("order_status", required=True),
        text("main_status"),
        text("update_time", required=True),
        text("create_time", required=True),
        text("pay_time"),
        text("finish_time"),
        text("trade_type"),
        money("pay_amount"),
        money("order_amount"),
        money("post_amount"),
        money("promotion_pay_amount"),
        personal("doudian_open_id", PersonalKind.ACCOUNT),
        text("province", "post_addr.province.name"),
        personal("receiver", PersonalKind.NAME, "encrypt_post_receiver"),
        personal("mobile", PersonalKind.MOBILE, "encrypt_post_tel"),
        personal("address", PersonalKind.ADDRESS, "post_addr.encrypt_detail"),
        many(
            "lines",
            "sku_order_list",
            pointer("line_id", "order_id", required=True),
            text("order_status"),
            text("main_status"),
            text("product_id"),
            text("sku_id"),
            text("code"),
            text("out_sku_id"),
            text("out_product_id"),
            text("product_name"),
            text("item_num"),
            text("pay_time"),
            text("ship_time"),
            text("finish_time"),
            text("after_sale_status", "after_sale_info.after_sale_status"),
            *(money(name) for name in _LINE_MONEY),
            required=True,
        ),
        many(
            "parcels",
            "logistics_info",
            pointer("tracking_no"),
            text("company_name"),
            text("ship_time"),
        ),
    ),
    frozenset({"shop_id", "shop_name", "order_level", "order_phase_list", "serial_number_list", "seller_remark_stars"}),
)

CASE = Document(
    (
        pointer("case_id", "aftersale_info.aftersale_id", required=True),
        text("case_status", "aftersale_info.aftersale_status", required=True),
        text("case_type", "aftersale_info.aftersale_type"),
        text("update_time", "aftersale_info.update_time", required=True),
        text("apply_time", "aftersale_info.apply_time"),
        text("refund_status", "aftersale_info.refund_status"),
        money("refund_amount", "aftersale_info.refund_amount"),
        money("refund_post_amount", "aftersale_info.refund_post_amount"),
        money("refund_tax_amount", "aftersale_info.refund_tax_amount"),
        pointer("order_id", "order_info.shop_order_id", required=True),
        pointer("related_id", "aftersale_info.related_id"),
        many(
            "lines",
            "order_info.related_order_info",
            pointer("line_id", "sku_order_id"),
            text("product_id"),
            text("shop_sku_code"),
        ),
    ),
    frozenset({"text_part", "seller_logs"}),
)
