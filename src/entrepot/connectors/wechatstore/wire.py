"""Shapes of WeChat Store's orders and after-sale cases, as far as they are read.

Source: official pages of `order/get` and `aftersale/getaftersaleorder` as published clients quote them, read 2026-11.
Amounts are fen, instants seconds, 0 is none.
"""

from entrepot.connectors.live.wire import Document, many, money, personal, pointer, text
from entrepot.model import PersonalKind

_DETAIL = "order_detail"
_PRICE, _PAID, _SENT = f"{_DETAIL}.price_info", f"{_DETAIL}.pay_info", f"{_DETAIL}.delivery_info"
_ADDRESS = f"{_SENT}.address_info"
_MONEY = (
    "order_price", "freight", "change_freight", "discounted_price", "merchant_discounted_price",
    "finder_discounted_price", "deduction_price", "change_down_price", "national_subsidy_discounted_price",
)  # fmt: skip
_UNREAD_OF_PRICES = (
    "product_price", "original_order_price", "estimate_product_price", "merchant_receieve_price", "is_discounted",
    "use_deduction", "vip_discounted_price", "bulkbuy_discounted_price", "cash_coupon_discounted_price",
)  # fmt: skip
_UNREAD_OF_PRODUCTS = (
    "thumb_img", "sku_attrs", "on_aftersale_sku_cnt", "finish_aftersale_sku_cnt", "market_price", "real_price",
    "estimate_price", "is_discounted", "change_price", "is_change_price", "out_product_id", "out_sku_id",
    "discounted_price", "merchant_discounted_price", "finder_discounted_price", "use_deduction", "deduction_price",
    "order_product_coupon_info_list", "delivery_deadline", "sku_deliver_info", "extra_service", "out_warehouse_id",
)  # fmt: skip
_UNREAD_OF_ADDRESSES = (
    "postal_code", "city_name", "county_name", "national_code", "house_number", "virtual_order_tel_number",
    "tel_number_ext_info", "use_tel_number", "hash_code", "purchaser_tel_number", "virtual_number_info",
)  # fmt: skip
_UNREAD = (
    "aftersale_detail", "unionid", "is_present", "present_order_id", "present_order_id_str", "present_note",
    "present_giver_openid", "present_giver_unionid", "present_send_type", "order_present_info",
)  # fmt: skip

ORDER = Document(
    (
        pointer("order_id", required=True),
        text("status", required=True),
        text("update_time", required=True),
        text("create_time"),
        personal("openid", PersonalKind.ACCOUNT),
        *(money(name, f"{_PRICE}.{name}") for name in _MONEY),
        text("is_change_freight", f"{_PRICE}.is_change_freight"),
        text("pay_time", f"{_PAID}.pay_time"),
        text("payment_method", f"{_PAID}.payment_method"),
        text("ship_done_time", f"{_SENT}.ship_done_time"),
        text("confirm_receipt_time", f"{_DETAIL}.ext_info.confirm_receipt_time"),
        text("province", f"{_ADDRESS}.province_name"),
        personal("receiver", PersonalKind.NAME, f"{_ADDRESS}.user_name"),
        personal("mobile", PersonalKind.MOBILE, f"{_ADDRESS}.tel_number"),
        personal("address", PersonalKind.ADDRESS, f"{_ADDRESS}.detail_info"),
        many(
            "parcels",
            f"{_SENT}.delivery_product_info",
            pointer("waybill_id"),
            text("delivery_id"),
            text("delivery_time"),
        ),
        many(
            "products",
            f"{_DETAIL}.product_infos",
            text("product_id"),
            text("sku_id", required=True),
            text("sku_code"),
            text("title"),
            text("sku_cnt"),
            money("sale_price"),
            required=True,
        ),
    ),
    frozenset(
        {
            *_UNREAD,
            *(f"{_PRICE}.{name}" for name in _UNREAD_OF_PRICES),
            *(f"{_DETAIL}.product_infos.{name}" for name in _UNREAD_OF_PRODUCTS),
            *(f"{_ADDRESS}.{name}" for name in _UNREAD_OF_ADDRESSES),
            *(f"{_PAID}.{name}" for name in ("prepay_id", "prepay_time", "transaction_id")),
            *(f"{_SENT}.{name}" for name in ("deliver_method", "ewaybill_order_code", "address_under_review")),
            *(f"{_SENT}.{name}" for name in ("address_apply_time", "recharge_info", "delivery_time")),
            *(f"{_SENT}.delivery_product_info.{name}" for name in ("delivery_name", "deliver_type", "product_infos")),
            *(f"{_SENT}.delivery_product_info.{name}" for name in ("delivery_address",)),
            *(f"{_DETAIL}.ext_info.{name}" for name in ("customer_notes", "merchant_notes", "finder_id", "live_id")),
            *(f"{_DETAIL}.{name}" for name in ("coupon_info", "commission_infos", "sharer_info", "settle_info")),
            *(f"{_DETAIL}.{name}" for name in ("sku_sharer_infos", "agent_info", "source_infos", "refund_info")),
        }
    ),
)

CASE = Document(
    (
        pointer("after_sale_order_id", required=True),
        pointer("order_id", required=True),
        text("status", required=True),
        text("update_time", required=True),
        text("type"),
        text("create_time"),
        text("complete_time"),
        money("amount", "refund_info.amount"),
        text("product_id", "product_info.product_id"),
        text("sku_id", "product_info.sku_id"),
    ),
    frozenset(
        {
            "openid", "unionid", "details", "return_info", "merchant_upload_info", "reason", "reason_text",
            "refund_info.refund_reason", "product_info.count", "product_info.fast_refund", "product_info.voucher_list",
            "product_info.gift_product_list", "exchange_product_info", "exchange_delivery_info", "virtual_tel_num_info",
            "deadline", "complaint_id", "refund_resp",
        }
    ),
)  # fmt: skip
