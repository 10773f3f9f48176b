"""Shapes of JD's orders, cancellations and after-sale services, as far as they are read; class by class.

Source: a recorded order of `jingdong.pop.order.enSearch`, classes of the official SDK and published contracts, read
2026-11. Amounts of orders are yuan as text, those of cancellations fen; the unit of after-sale refunds is stated
nowhere and taken to be yuan (assumed). `0001-01-01 00:00:00` is no time.
"""

from entrepot.connectors.live.wire import Document, many, money, personal, pointer, text
from entrepot.model import PersonalKind

_MONEY = (
    "orderTotalPrice", "orderSellerPrice", "freightPrice", "taxFee", "balanceUsed", "orderPayment", "shouldPay",
    "actualPay",
)  # fmt: skip
_TIMES = ("orderStartTime", "paymentConfirmTime", "outBoundDate", "orderEndTime")
_UNREAD = (
    "venderId", "venderRemark", "flag", "orderSign", "sendpayMap", "orderStateRemark", "commission", "vatInfo",
    "invoiceInfo", "invoiceEasyInfo", "orderSource", "dataVersion", "deliveryType", "storeId", "mdbStoreId",
    "idSopShipmenttype", "idShipmenttype", "returnOrder", "storeOrder", "sellerDiscount", "orderType",
)  # fmt: skip
_UNREAD_OF_RECEIVERS = (
    "town", "city", "county", "telephone", "cityId", "townId", "provinceId", "countyId", "desen_telephone",
    "desen_mobile",
)  # fmt: skip
_UNREAD_OF_ITEMS = ("wareId", "invoiceContentId", "itemExt", "giftPoint", "newStoreId")

ORDER = Document(
    (
        pointer("orderId", required=True),
        text("modified", required=True),
        text("orderState", required=True),
        text("payType"),
        *(text(name) for name in _TIMES),
        *(money(name) for name in _MONEY),
        pointer("parentOrderId"),
        pointer("directParentOrderId"),
        personal("open_id_buyer", PersonalKind.ACCOUNT),
        personal("pin", PersonalKind.ACCOUNT),
        text("province", "consigneeInfo.province"),
        personal("receiver", PersonalKind.NAME, "consigneeInfo.fullname"),
        personal("mobile", PersonalKind.MOBILE, "consigneeInfo.mobile"),
        personal("address", PersonalKind.ADDRESS, "consigneeInfo.fullAddress"),
        many(
            "items",
            "itemInfoList",
            text("skuId", required=True),
            text("id"),
            text("outerSkuId"),
            text("productNo"),
            text("skuName"),
            text("itemTotal"),
            money("jdPrice"),
            required=True,
        ),
        many("coupons", "couponDetailList", text("couponType"), money("couponPrice"), text("skuId")),
        many(
            "payments",
            "paymentDetailList",
            many(
                "expands",
                "amountExpands",
                text("type"),
                money("amount"),
                many("costs", "orderCostAmounts", text("bearer"), money("bearAmount")),
            ),
        ),
    ),
    frozenset(
        {
            *_UNREAD,
            *(f"consigneeInfo.{name}" for name in _UNREAD_OF_RECEIVERS),
            *(f"itemInfoList.{name}" for name in _UNREAD_OF_ITEMS),
            "couponDetailList.orderId",
        }
    ),
)

CANCEL = Document(
    (
        pointer("id", required=True),
        pointer("orderId", required=True),
        text("status", required=True),
        text("applyTime"),
        text("checkTime"),
        text("modified"),
        money("applyRefundSum"),
    ),
    # Who asked and who decided are persons; nothing reads them.
    frozenset({"buyerId", "buyerName", "checkUserName", "checkRemark", "reason", "systemId", "venderId", "storeId"}),
)

_BILL = "sameOrderServiceBill"

SERVICE = Document(
    (
        pointer("serviceId", f"{_BILL}.serviceId", required=True),
        pointer("orderId", f"{_BILL}.orderId", required=True),
        text("skuId", f"{_BILL}.wareId"),
        text("customerExpect", f"{_BILL}.customerExpect"),
        text("afsApplyTime", f"{_BILL}.afsApplyTime"),
        text("approveDate", f"{_BILL}.approveDate"),
        pointer("afsRefundId"),
        text("status"),
        text("completeTime"),
        money("refoundAmount"),
    ),
    frozenset(
        f"{_BILL}.{name}"
        for name in (
            "afsApplyId", "wareName", "approveName", "questionDesc", "customerPin", "customerName", "approveNotes",
            "applyReason", "serviceCount", "serviceState", "serviceStateName",
        )
    ),
)  # fmt: skip

SKU = Document(
    (
        text("skuId", required=True),
        text("wareId"),
        text("status", required=True),
        money("jdPrice"),
        text("outerId"),
        text("skuName"),
        text("wareTitle"),
        text("stockNum"),
        text("barCode"),
        text("modified"),
    ),
    frozenset(
        {"categoryId", "logo", "created", "saleAttrs", "features", "multiCateProps", "multiCategoryId", "capacity"}
    ),
)
"""Source: public clients of `jingdong.sku.read.searchSkuList`, read 2026-11. Whether `modified` is text or milliseconds
they do not agree on; both are read."""
