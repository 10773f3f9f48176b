"""Shapes of Xiaohongshu's orders and after-sale cases, as far as they are read; class by class.

Source: classes of the official SDK, published contracts and clients of `order.getOrderDetail` and
`afterSale.getAfterSaleInfo`, read 2026-11. Amounts of orders are fen, those of cases yuan; instants are milliseconds, 0
is none. Names and phones of receivers are no part of an order.
"""

from entrepot.connectors.contract import Whose
from entrepot.connectors.live.wire import Document, WireField, WireList, many, money, personal, pointer, text
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
        pointer("openAddressId"),
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

_CASE = "afterSaleInfo"
_UNREAD_OF_CASES = (
    "reasonId", "reasonNameZh", "userId", "expireTime", "returnAddress", "proofPhotos", "desc", "closeReasonZh",
    "supportCarriageInsurance", "openAddressId", "exchangeSKUs", "returnsTag", "appliedShipFeeAmountYuan",
    "appliedSkusAmountYuan", "cargoStatus", "skus.skuName", "skus.image", "skus.price", "skus.boughtCount",
    "skus.appliedCount", "skus.appliedTotalAmountYuan", "skus.scskucode", "skus.barcode", "skus.variants",
)  # fmt: skip


def _case_fields(outer: str, suffix: str) -> tuple[WireField | WireList, ...]:
    at = f"{outer}{_CASE}."
    return (
        pointer(f"returnsId{suffix}", f"{at}returnsId"),
        pointer(f"orderId{suffix}", f"{at}orderId"),
        text(f"returnType{suffix}", f"{at}returnType"),
        text(f"status{suffix}", f"{at}status"),
        text(f"refundStatus{suffix}", f"{at}refundStatus"),
        text(f"applyTime{suffix}", f"{at}applyTime"),
        text(f"updatedAt{suffix}", f"{at}updatedAt"),
        text(f"refundTime{suffix}", f"{at}refundTime"),
        money(f"expectedRefundAmountYuan{suffix}", f"{at}expectedRefundAmountYuan"),
        money(f"refundAmountYuan{suffix}", f"{at}refundAmountYuan"),
        many(f"skus{suffix}", f"{at}skus", text("skuId"), text("skuERPCode")),
    )


# Contracts disagree whether a case stands in the gateway's envelope or in one more of its own within that.
CASE = Document(
    (*_case_fields("", ""), *_case_fields("data.", "_inner")),
    frozenset(
        {
            "code", "msg", "success",
            *(f"{outer}{name}" for outer in ("", "data.") for name in ("logisticsInfo", "negotiateRecords")),
            *(f"{_CASE}.{name}" for name in _UNREAD_OF_CASES),
            *(f"data.{_CASE}.{name}" for name in _UNREAD_OF_CASES),
        }
    ),
)  # fmt: skip
