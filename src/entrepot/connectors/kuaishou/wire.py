"""Shapes of Kuaishou's orders and after-sale cases, as far as they are read.

Source: published clients of `open.order.cursor.list` and `open.seller.order.refund.pcursor.list`, read 2026-11. Amounts
are fen, instants milliseconds, 0 is none. An order is of one article. Receivers come masked and encrypted.
"""

from entrepot.connectors.contract import Whose
from entrepot.connectors.live.wire import Document, WireField, many, money, personal, pointer, text
from entrepot.model import PersonalKind, ResidencyClass

_BASE, _ITEM, _ADDRESS = "orderBaseInfo", "orderItemInfo", "orderAddress"
_UNREAD_OF_BASE = (
    "orderLabels", "channel", "remark", "remindShipmentSign", "remindShipmentTime", "sellerOpenId", "sellerNick",
    "orderSellerRoleInfo", "buyerImage", "multiplePiecesNo", "orderDomainCode", "expressCode", "refundTime",
    "enableSplitDeliveryOrder", "validPromiseShipmentTimeStamp", "disableDeliveryReasonCode", "cpsType", "riskCode",
    "promiseTimeStampOfDelivery", "orderRiskEventInfo", "theDayOfDeliverGoodsTime", "commentStatus", "payChannel",
    "tradeInPayAfterPromoAmount", "coType", "allActivityType", "activityType", "sellerDelayPromiseTimeStamp",
    "allowanceExpressFee", "priorityDelivery", "carrierType", "carrierId",
)  # fmt: skip
_UNREAD_OF_ITEMS = (
    "itemPicUrl", "itemLinkUrl", "itemType", "orderItemId", "itemExtra", "warehouseCode", "relItemId", "relSkuId",
    "skuDesc", "originalPrice", "discountFee",
)  # fmt: skip
_UNREAD_OF_ADDRESSES = (
    "districtCode", "town", "city", "townCode", "cityCode", "provinceCode", "district", "consignee", "mobile",
    "address", "encryptedConsignee", "encryptedMobile", "encryptedAddress",
)  # fmt: skip
_UNREAD_OF_DELIVERIES = (
    "splitDeliveryOrder", "mergeDeliveryType", "deliveryNum", "enableAppendPackage", "totalPackageNum", "maxPackageNum",
    "deliveryStatus", "packageNum",
)  # fmt: skip
_UNREAD_OF_CPS = ("activityUserId", "activityUserNickName", "kwaiMoneyUserId", "kwaiMoneyUserNickName")


def _talent(name: str, kind: PersonalKind, at: str) -> WireField:
    return WireField(name, at, ResidencyClass.PERSONAL, kind, Whose.TALENT)


ORDER = Document(
    (
        pointer("oid", f"{_BASE}.oid", required=True),
        text("updateTime", f"{_BASE}.updateTime", required=True),
        text("status", f"{_BASE}.status", required=True),
        *(text(name, f"{_BASE}.{name}") for name in ("createTime", "payTime", "sendTime", "recvTime")),
        *(text(name, f"{_BASE}.{name}") for name in ("payType", "preSale")),
        *(money(name, f"{_BASE}.{name}") for name in ("totalFee", "discountFee", "expressFee")),
        *(money(name, f"{_BASE}.{name}") for name in ("payChannelDiscount", "governmentDiscount")),
        personal("buyerOpenId", PersonalKind.ACCOUNT, f"{_BASE}.buyerOpenId"),
        personal("buyerNick", PersonalKind.NAME, f"{_BASE}.buyerNick"),
        text("province", f"{_ADDRESS}.province"),
        personal("receiver", PersonalKind.NAME, f"{_ADDRESS}.desensitiseConsignee"),
        personal("mobile", PersonalKind.MOBILE, f"{_ADDRESS}.desensitiseMobile"),
        personal("address", PersonalKind.ADDRESS, f"{_ADDRESS}.desensitiseAddress"),
        personal("openAddressId", PersonalKind.ACCOUNT, "orderDeliveryInfo.openAddressId"),
        text("itemId", f"{_ITEM}.itemId", required=True),
        *(text(name, f"{_ITEM}.{name}") for name in ("skuId", "skuNick", "goodsCode", "itemTitle", "num")),
        money("price", f"{_ITEM}.price"),
        _talent("distributorId", PersonalKind.ACCOUNT, "orderCpsInfo.distributorId"),
        _talent("distributorName", PersonalKind.NAME, "orderCpsInfo.distributorName"),
        many("parcels", "orderLogisticsInfo", pointer("expressNo"), text("expressCode")),
    ),
    frozenset(
        {
            *(f"{_BASE}.{name}" for name in _UNREAD_OF_BASE),
            *(f"{_ITEM}.{name}" for name in _UNREAD_OF_ITEMS),
            *(f"{_ADDRESS}.{name}" for name in _UNREAD_OF_ADDRESSES),
            *(f"orderDeliveryInfo.{name}" for name in _UNREAD_OF_DELIVERIES),
            *(f"orderCpsInfo.{name}" for name in _UNREAD_OF_CPS),
            "orderLogisticsInfo.logisticsId", "orderRefundList", "subOrderInfo", "orderNote",
        }
    ),
)  # fmt: skip

CASE = Document(
    (
        pointer("refundId", required=True),
        pointer("oid", required=True),
        text("status", required=True),
        text("updateTime", required=True),
        text("handlingWay"),
        text("negotiateStatus"),
        text("createTime"),
        text("endTime"),
        money("refundFee"),
        text("itemId"),
        text("skuNick"),
    ),
    frozenset(
        {
            "logisticsId", "refundReasonDesc", "refundType", "refundDesc", "relItemId", "relSkuId", "skuId",
            "urgeTimes", "sellerId", "negotiateUpdateTime", "requireReturnFreight", "refundReason", "expireTime",
            "receiptStatus", "submitTime",
        }
    ),
)  # fmt: skip
