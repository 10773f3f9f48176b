"""Shapes of Pinduoduo's orders, refunds and goods, as far as they are read; class by class.

Source: a copy of the official Java SDK and published contracts, read 2026-11. Amounts are yuan: numbers in orders, text
in refunds; prices of goods are fen; advertising is li, 1/1000 yuan.
"""

from entrepot.connectors.live.wire import Document, asked, many, money, personal, pointer, text
from entrepot.model import PersonalKind

_STATES = (
    "confirm_status", "group_status", "order_status", "refund_status", "risk_control_status", "is_lucky_flag",
    "trade_type", "after_sales_status",
)  # fmt: skip
_TIMES = ("created_time", "pay_time", "confirm_time", "shipping_time", "receive_time")
_MONEY = (
    "goods_amount", "pay_amount", "platform_discount", "seller_discount", "capital_free_discount", "postage",
    "duo_duo_pay_reduction",
)  # fmt: skip

ORDER = Document(
    (
        pointer("order_sn", required=True),
        text("updated_at", required=True),
        *(text(name) for name in _STATES),
        *(text(name) for name in _TIMES),
        *(money(name) for name in _MONEY),
        personal("open_address_id", PersonalKind.ACCOUNT),
        text("province"),
        personal("receiver", PersonalKind.NAME, "receiver_name_mask"),
        personal("mobile", PersonalKind.MOBILE, "receiver_phone_mask"),
        personal("address", PersonalKind.ADDRESS, "address_mask"),
        pointer("tracking_number"),
        many(
            "items",
            "item_list",
            text("goods_id"),
            text("sku_id"),
            text("outer_goods_id"),
            text("outer_id"),
            text("goods_name"),
            text("goods_count"),
            money("goods_price"),
            required=True,
        ),
    ),
    frozenset({"country", "country_id", "province_id", "city", "city_id", "town", "town_id", "logistics_id"}),
)

REFUND = Document(
    (
        pointer("refund_id", "id", required=True),
        pointer("order_sn", required=True),
        text("after_sales_status", required=True),
        text("after_sales_type"),
        text("updated_time", required=True),
        text("created_time"),
        money("refund_amount"),
        text("outer_id"),
        text("goods_id"),
        text("sku_id"),
    ),
    frozenset({"order_amount", "discount_amount", "goods_name", "goods_number"}),
)

GOODS = Document(
    (
        text("goods_id", required=True),
        text("goods_name"),
        text("status", required=True),
        text("outer_goods_id"),
        many(
            "skus",
            "sku_list",
            text("sku_id", required=True),
            text("outer_id", "out_sku_sn"),
            # What a group pays, and that is how this platform sells; `price` is what one buyer alone pays.
            money("multi_price"),
            money("price"),
            text("quantity"),
            text("is_onsale"),
        ),
    ),
    frozenset({
        "request_id", "sku_list.reserve_quantity", "sku_list.limit_quantity", "sku_list.weight", "sku_list.spec",
        "sku_list.thumb_url", "goods_type", "cat_id", "market_price", "image_url", "goods_desc", "tiny_name",
    }),
)  # fmt: skip

WHOLE_ADS = Document(
    (
        asked("startDate"),
        asked("endDate"),
        text("goodsId", required=True),
        text("adName"),
        money("spend", "reportInfo.spend"),
        text("impression", "reportInfo.impression"),
    ),
    frozenset({
        "adStatus", "auditRefusedReason", "bidType", "dataAccumulationStatus", "dataOperateStatus", "goodsName",
        "mallId", "maxCost", "minGroupPrice", "optimizationBid", "restrictionReason", "targetRoi", "thumbUrl",
        *(
            f"reportInfo.{name}"
            for name in (
                "avgDirectPayAmount", "avgIndirectPayAmount", "avgPayAmount", "click", "cpc", "cpm", "ctr", "cvr",
                "directGmv", "directOrderNum", "globalTakeRate", "gmv", "goodsFavNum", "indirectGmv",
                "indirectOrderNum", "mallFavNum", "orderNum", "rankAverage", "rankMedian", "roi",
                "transactionCost", "uniqueView",
            )
        ),
    }),
)  # fmt: skip
"""Promotions of the whole shop (全站推广), one for each article, with their sum over the days that were asked for.

Source: copies of the official SDK (pdd.ad.api.unit.tr.list.ad.info), read 2026-11. Amounts are li, 1/1000 yuan.
"""

ADS = Document(
    (text("date_text", "date", required=True), money("spend")),
    frozenset(
        [
            "avgPayAmount",
            "click",
            "cpc",
            "cpm",
            "ctr",
            "cvr",
            "gmv",
            "goodsFavNum",
            "impression",
            "mallFavNum",
            "orderNum",
            "roi",
            "transactionCost",
        ]
    ),
)
