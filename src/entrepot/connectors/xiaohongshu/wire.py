"""Shapes of Xiaohongshu's orders, after-sale cases and settlements, as far as they are read; class by class.

Source: classes of the official SDK, published contracts and clients of `order.getOrderDetail`,
`afterSale.getAfterSaleInfo` and `finance.pageQueryTransaction`, read 2026-11. Amounts of orders are fen, all others
yuan; instants are milliseconds, 0 is none. Names and phones of receivers are no part of an order.
"""

from entrepot.connectors.contract import Whose
from entrepot.connectors.live.wire import Document, WireField, many, money, personal, pointer, text
from entrepot.model import PersonalKind, ResidencyClass

_TIMES = ("createdTime", "paidTime", "deliveryTime", "finishTime", "cancelTime")
_MONEY = (
    "totalPayAmount", "totalShippingFree", "totalDepositAmount", "totalMerchantDiscount", "totalRedDiscount",
    "totalChangePriceAmount", "outPromotionAmount", "totalTaxAmount",
)  # fmt: skip
_UNREAD = (
    "orderTagList", "receiverCityName", "receiverDistrictName", "receiverCountryName", "receiverCountryId",
    "receiverProvinceId", "receiverCityId", "receiverDistrictId", "customerRemark", "sellerRemark", "sellerRemarkFlag",
    "promiseLastDeliveryTime", "presaleDeliveryStartTime", "presaleDeliveryEndTime", "logistics", "unpack", "shopId",
    "shopName", "sellerId", "planInfoId", "planInfoName", "whcode", "merchantActualReceiveAmount", "paymentType",
    "outTradeNo", "totalNetWeight", "totalNetWeightAmount", "boundExtendInfo", "transferExtendInfo", "customsCode",
    "subsidySupplierId", "subsidySupplierName", "simpleDeliveryOrderList",
)  # fmt: skip
_UNREAD_OF_SKUS = (
    "skuSpec", "skuImage", "totalNetWeight", "skuTag", "isChannel", "channel", "Channel", "deliveryMode",
    "totalPaidAmount", "totalMerchantDiscount", "totalRedDiscount", "totalTaxAmount", "skuIdentifyCodeInfo",
)  # fmt: skip
_UNREAD_OF_PIECES = (
    "skuId", "barcode", "scSkuCode", "registerName", "skuName", "pricePerSku", "taxPerSku", "paidAmountPerSku",
    "depositAmountPerSku", "merchantDiscountPerSku", "redDiscountPerSku",
)  # fmt: skip


def _talent(name: str, kind: PersonalKind) -> WireField:
    return WireField(name, name, ResidencyClass.PERSONAL, kind, Whose.TALENT)


ORDER = Document(
    (
        pointer("orderId", required=True),
        text("updateTime", required=True),
        text("orderStatus", required=True),
        text("orderType"),
        text("orderAfterSalesStatus"),
        text("cancelStatus"),
        *(text(name) for name in _TIMES),
        *(money(name) for name in _MONEY),
        pointer("originalOrderId"),
        text("logisticsMode"),
        personal("userId", PersonalKind.ACCOUNT),
        personal("openAddressId", PersonalKind.ACCOUNT),
        text("province", "receiverProvinceName"),
        text("expressCompanyCode"),
        pointer("expressTrackingNo"),
        many(
            "skus",
            "skuList",
            text("skuId", required=True),
            text("itemId"),
            text("erpcode"),
            text("skuName"),
            text("skuQuantity"),
            text("skuAfterSaleStatus"),
            _talent("kolId", PersonalKind.ACCOUNT),
            _talent("kolName", PersonalKind.NAME),
            many("pieces", "skuDetailList", text("erpCode"), text("quantity"), money("rawPricePerSku")),
            required=True,
        ),
    ),
    frozenset(
        {
            *_UNREAD,
            *(f"skuList.{name}" for name in _UNREAD_OF_SKUS),
            *(f"skuList.skuDetailList.{name}" for name in _UNREAD_OF_PIECES),
        }
    ),
)

CASE = Document(
    (
        pointer("returnsId", required=True),
        pointer("orderId", required=True),
        text("status", required=True),
        text("updatedAt", required=True),
        text("returnType"),
        text("refundStatus"),
        text("applyTime"),
        text("refundTime"),
        money("expectedRefundAmountYuan"),
        money("refundAmountYuan"),
        many("skus", "skus", text("skuId"), text("skuERPCode")),
    ),
    frozenset(
        {
            "reasonId", "reasonNameZh", "userId", "expireTime", "returnAddress", "proofPhotos", "desc", "closeReasonZh",
            "supportCarriageInsurance", "openAddressId", "exchangeSKUs", "returnsTag", "appliedShipFeeAmountYuan",
            "appliedSkusAmountYuan", "cargoStatus", "skus.skuName", "skus.image", "skus.price", "skus.boughtCount",
            "skus.appliedCount", "skus.appliedTotalAmountYuan", "skus.scskucode", "skus.barcode", "skus.variants",
        }
    ),
)  # fmt: skip

_SETTLED_MONEY = (
    "amount", "payAmount", "appPromotion", "freightAmount", "freightAppPromotion", "taxAmount", "freightTaxAmount",
    "commissionAmount", "payChannelAmount", "cpsAmount", "installmentAmount", "extraAmount",
)  # fmt: skip

SETTLEMENT = Document(
    (
        pointer("transactionId", required=True),
        pointer("packageId", required=True),
        text("settleBizType", required=True),
        text("commonSettleStatus"),
        text("settledTime", required=True),
        *(money(name) for name in _SETTLED_MONEY),
    ),
    frozenset(
        {
            "statementType", "transactionBizType", "deliveryId", "transactionBizNo", "returnId", "orderTime",
            "canSettleTime", "predictableSettleTime", "erqingType", "transactionSettleStatus", "goodsAmount",
            "calculateRemark", "goodsDetails", "noFreightReason", "noTaxReason", "noFreightTaxReason",
            "noPayChannelReason",
            "noInstallmentReason", "noExtraReason",
        }
    ),
)  # fmt: skip

SKU = Document(
    (
        text("skuId", "sku.id", required=True),
        text("itemId", "item.id", required=True),
        text("title", "item.name"),
        text("erpCode", "sku.erpCode"),
        text("barcode", "sku.barcode"),
        money("price", "sku.price"),
        text("stock", "sku.stock"),
        text("buyable", "sku.buyable", required=True),
        text("updateTime", "sku.updateTime"),
    ),
    frozenset({
        *(f"sku.{name}" for name in (
            "isGift", "deliveryInfo", "itemId", "ipq", "originalPrice", "logisticsPlanId", "whcode", "priceType",
            "variants", "deliveryTime", "specImage", "scSkucode", "logisticsName", "createTime", "name",
            "unionItemDetails",
        )),
        *(f"item.{name}" for name in (
            "ename", "brandId", "categoryId", "attributes", "shippingTemplateId", "shippingGrossWeight", "variantIds",
            "images", "videoUrl", "articleNo", "imageDescriptions", "transparentImage", "description", "faq",
            "deliveryMode", "freeReturn", "createTime", "updateTime", "fulfillmentType",
        )),
    }),
)  # fmt: skip
"""Source: classes of the official SDK and an answer that a service provider prints, read 2026-11; prices are fen."""
