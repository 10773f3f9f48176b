"""Shapes of Amazon's orders, their items and refunds, as far as they are read; class by class.

Source: models of the Orders API v0 and the Finances API v0, read 2026-11. Amounts are text in orders, numbers in
finances. Names, addresses and e-mail come only with a restricted data token.
"""

from entrepot.connectors.live.wire import Document, many, money, personal, pointer, text
from entrepot.model import PersonalKind

ORDER = Document(
    (
        pointer("order_id", "AmazonOrderId", required=True),
        text("purchased", "PurchaseDate", required=True),
        text("updated", "LastUpdateDate", required=True),
        text("status", "OrderStatus", required=True),
        text("marketplace", "MarketplaceId"),
        text("currency", "OrderTotal.CurrencyCode"),
        text("is_replacement", "IsReplacementOrder"),
        pointer("replaced_id", "ReplacedOrderId"),
        personal("email", PersonalKind.EMAIL, "BuyerInfo.BuyerEmail"),
        personal("buyer_name", PersonalKind.NAME, "BuyerInfo.BuyerName"),
        personal("receiver", PersonalKind.NAME, "ShippingAddress.Name"),
        personal("phone", PersonalKind.MOBILE, "ShippingAddress.Phone"),
        *(
            personal(name.lower(), PersonalKind.ADDRESS, f"ShippingAddress.{name}")
            for name in ("AddressLine1", "AddressLine2", "AddressLine3", "City", "PostalCode")
        ),
        text("province", "ShippingAddress.StateOrRegion"),
        text("country", "ShippingAddress.CountryCode"),
    ),
    frozenset({
        "SellerOrderId", "FulfillmentChannel", "SalesChannel", "OrderChannel", "ShipServiceLevel", "OrderTotal.Amount",
        "NumberOfItemsShipped", "NumberOfItemsUnshipped", "PaymentExecutionDetail", "PaymentMethod",
        "PaymentMethodDetails", "ShipmentServiceLevelCategory", "EasyShipShipmentStatus", "CbaDisplayableShippingLabel",
        "OrderType", "EarliestShipDate", "LatestShipDate", "EarliestDeliveryDate", "LatestDeliveryDate",
        "IsBusinessOrder", "IsPrime", "IsPremiumOrder", "IsGlobalExpressEnabled", "PromiseResponseDueDate",
        "IsEstimatedShipDateSet", "IsSoldByAB", "IsIBA", "DefaultShipFromLocationAddress", "BuyerInvoicePreference",
        "BuyerTaxInformation", "FulfillmentInstruction", "IsISPU", "IsAccessPointOrder", "MarketplaceTaxInfo",
        "SellerDisplayName", "HasRegulatedItems", "ElectronicInvoiceStatus", "AutomatedShippingSettings",
        "BuyerInfo.BuyerCounty", "BuyerInfo.BuyerTaxInfo", "BuyerInfo.PurchaseOrderNumber", "ShippingAddress.County",
        "ShippingAddress.District", "ShippingAddress.Municipality", "ShippingAddress.AddressType",
        "ShippingAddress.ExtendedFields", "ShippingAddress.CompanyName",
    }),
)  # fmt: skip

_MONEY = {
    "price": "ItemPrice",
    "tax": "ItemTax",
    "freight": "ShippingPrice",
    "freight_tax": "ShippingTax",
    "promotion": "PromotionDiscount",
    "promotion_tax": "PromotionDiscountTax",
    "freight_promotion": "ShippingDiscount",
    "freight_promotion_tax": "ShippingDiscountTax",
}

ITEMS = Document(
    (
        pointer("order_id", "AmazonOrderId", required=True),
        text("next_token", "NextToken"),
        many(
            "items",
            "OrderItems",
            pointer("item_id", "OrderItemId", required=True),
            text("asin", "ASIN"),
            text("sku", "SellerSKU"),
            text("title", "Title"),
            text("quantity", "QuantityOrdered", required=True),
            text("currency", "ItemPrice.CurrencyCode"),
            text("tax_model", "TaxCollection.Model"),
            *(money(name, f"{at}.Amount") for name, at in _MONEY.items()),
            required=True,
        ),
    ),
    frozenset({
        *(f"OrderItems.{at}.CurrencyCode" for at in _MONEY.values()),
        *(
            f"OrderItems.{name}"
            for name in (
                "AssociatedItems", "QuantityShipped", "ProductInfo", "PointsGranted", "PromotionIds", "CODFee",
                "CODFeeDiscount", "IsGift", "ConditionNote", "ConditionId", "ConditionSubtypeId",
                "ScheduledDeliveryStartDate", "ScheduledDeliveryEndDate", "PriceDesignation",
                "TaxCollection.ResponsibleParty", "SerialNumberRequired", "IsTransparency", "IossNumber",
                "StoreChainStoreId", "SubstitutionPreferences", "Measurement", "ShippingConstraints", "AmazonPrograms",
                "DeemedResellerCategory", "BuyerInfo", "BuyerRequestedCancel", "SerialNumbers",
            )
        ),
    }),
)  # fmt: skip

REFUND = Document(
    (
        pointer("order_id", "AmazonOrderId", required=True),
        text("posted", "PostedDate", required=True),
        many(
            "items",
            "ShipmentItemAdjustmentList",
            pointer("adjustment_id", "OrderAdjustmentItemId"),
            pointer("item_id", "OrderItemId"),
            text("sku", "SellerSKU"),
            many(
                "charges",
                "ItemChargeAdjustmentList",
                text("type", "ChargeType"),
                text("currency", "ChargeAmount.CurrencyCode"),
                money("amount", "ChargeAmount.CurrencyAmount"),
            ),
            many("promotions", "PromotionAdjustmentList", money("amount", "PromotionAmount.CurrencyAmount")),
            required=True,
        ),
    ),
    frozenset({
        "SellerOrderId", "MarketplaceName", "StoreName", "OrderChargeList", "OrderChargeAdjustmentList",
        "ShipmentFeeList", "ShipmentFeeAdjustmentList", "OrderFeeList", "OrderFeeAdjustmentList", "DirectPaymentList",
        "ShipmentItemList",
        *(
            f"ShipmentItemAdjustmentList.{name}"
            for name in (
                "QuantityShipped", "ItemChargeList", "ItemTaxWithheldList", "ItemFeeList", "ItemFeeAdjustmentList",
                "PromotionList", "CostOfPointsGranted", "CostOfPointsReturned", "PromotionAdjustmentList.PromotionType",
                "PromotionAdjustmentList.PromotionId", "PromotionAdjustmentList.PromotionAmount.CurrencyCode",
            )
        ),
    }),
)  # fmt: skip
"""A refund, a claim under the A-to-z guarantee or a chargeback: finances tell the three alike."""
