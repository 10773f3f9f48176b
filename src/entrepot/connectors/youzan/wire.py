"""Shapes of Youzan's orders and after-sale cases, as far as they are read.

Source: official pages of `youzan.trade.get` 4.0.2 and `youzan.trade.refund.get` 3.0.1 as published digests quote them,
read 2026-11. Amounts are yuan, those of cards and of a refund's ways are fen; instants are texts of Beijing (assumed).
"""

from entrepot.connectors.live.wire import Document, many, money, personal, pointer, text
from entrepot.model import PersonalKind

_ORDER, _PAY, _WHO, _WHERE = (
    f"full_order_info.{name}" for name in ("order_info", "pay_info", "buyer_info", "address_info")
)
_UNREAD_OF_ORDERS = (
    "status_str", "type", "refund_state", "express_type", "close_type", "pay_type", "pay_type_str", "channel_type",
    "order_tags", "order_extra", "expired_time", "confirm_time", "node_kdt_id", "root_kdt_id", "team_type",
    "offline_id", "activity_type", "is_retail_order", "shop_name",
)  # fmt: skip
_UNREAD_OF_LINES = (
    "total_fee", "payment", "discount_price", "sku_properties_name", "item_type", "is_present", "buyer_messages",
    "alias", "pic_path", "goods_url", "points_price", "item_barcode", "sku_barcode", "fenxiao_price", "fenxiao_payment",
    "sku_unique_code", "is_cross_border", "customs_code", "tax_total", "freight", "sub_order_no",
)  # fmt: skip
_UNREAD_OF_PLACES = (
    "delivery_city", "delivery_district", "delivery_postal_code", "address_extra", "self_fetch_info",
    "delivery_start_time", "delivery_end_time",
)  # fmt: skip

ORDER = Document(
    (
        pointer("tid", f"{_ORDER}.tid", required=True),
        text("status", f"{_ORDER}.status", required=True),
        text("update_time", f"{_ORDER}.update_time", required=True),
        *(text(name, f"{_ORDER}.{name}") for name in ("created", "pay_time", "consign_time", "success_time")),
        *(money(name, f"{_PAY}.{name}") for name in ("total_fee", "post_fee", "payment", "real_payment")),
        *(money(name, f"{_PAY}.{name}") for name in ("deduction_pay", "deduction_real_pay")),
        *(money(name, f"order_promotion.{name}") for name in ("item_discount_fee", "order_discount_fee", "adjust_fee")),
        personal("yz_open_id", PersonalKind.ACCOUNT, f"{_WHO}.yz_open_id"),
        personal("buyer_phone", PersonalKind.MOBILE, f"{_WHO}.buyer_phone"),
        text("province", f"{_WHERE}.delivery_province"),
        personal("receiver", PersonalKind.NAME, f"{_WHERE}.receiver_name"),
        personal("mobile", PersonalKind.MOBILE, f"{_WHERE}.receiver_tel"),
        personal("address", PersonalKind.ADDRESS, f"{_WHERE}.delivery_address"),
        many("deliveries", "delivery_order", text("express_state")),
        many(
            "lines",
            "full_order_info.orders",
            text("oid", required=True),
            *(text(name) for name in ("item_id", "sku_id", "outer_sku_id", "title", "num")),
            text("outer_item_id"),
            money("price"),
            required=True,
        ),
    ),
    frozenset(
        {
            *(f"{_ORDER}.{name}" for name in _UNREAD_OF_ORDERS),
            *(f"full_order_info.orders.{name}" for name in _UNREAD_OF_LINES),
            *(f"{_WHERE}.{name}" for name in _UNREAD_OF_PLACES),
            *(f"{_PAY}.{name}" for name in ("transaction", "outer_transactions", "phase_payments")),
            *(f"{_WHO}.{name}" for name in ("outer_user_id", "buyer_id", "fans_id", "fans_type", "fans_nickname")),
            *(f"delivery_order.{name}" for name in ("pk_id", "express_type", "oids", "dists")),
            *("order_promotion.item", "order_promotion.order", "refund_order"),
            *("full_order_info.remark_info", "full_order_info.child_info", "full_order_info.source_info"),
        }
    ),
)

CASE = Document(
    (
        pointer("refund_id", required=True),
        pointer("tid", required=True),
        text("status", required=True),
        text("modified", required=True),
        text("created"),
        text("demand"),
        text("oid"),
        money("refund_fee"),
        text("refund_account_time"),
        many("funds", "refund_fund_list", money("refund_fee"), text("status"), text("refund_mode")),
    ),
    frozenset(
        {
            "version", "refund_type", "return_goods", "refund_success_time", "item_id", "kdt_id", "node_kdt_id",
            "reason", "desc", "phase", "operator_id", "refund_postage", "refund_order_item", "exchange_item",
            "cs_status", "refund_message_list", "refund_fund_list.refund_no", "refund_fund_list.pay_way",
            "refund_item_list",
        }
    ),
)  # fmt: skip
