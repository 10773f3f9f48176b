// The part of API_SALES_ORDER_SRV that orders are written through; names and types as in its published metadata. The
// compositions and what orders.js does are ours.

@path : 'API_SALES_ORDER_SRV'
service API_SALES_ORDER_SRV {
    entity A_SalesOrder {
        key SalesOrder                : String(10);
            SalesOrderType            : String(4);
            SalesOrganization         : String(4);
            DistributionChannel       : String(2);
            OrganizationDivision      : String(2);
            SoldToParty               : String(10);
            PurchaseOrderByCustomer   : String(35);
            SalesOrderDate            : Date;
            TransactionCurrency       : String(5);
            TotalNetAmount            : Decimal(16, 3);
            HeaderBillingBlockReason  : String(2) default '';
            DeliveryBlockReason       : String(2) default '';
            @odata.etag
            LastChangeDateTime        : Timestamp;
            to_Item                   : Composition of many A_SalesOrderItem
                                            on to_Item.SalesOrder = SalesOrder;
    }

    entity A_SalesOrderItem {
        key SalesOrder                : String(10);
        key SalesOrderItem            : String(6);
            Material                  : String(40);
            SalesOrderItemText        : String(40);
            RequestedQuantity         : Decimal(15, 3);
            RequestedQuantityUnit     : String(3);
            TransactionCurrency       : String(5);
            NetAmount                 : Decimal(16, 3);
            to_PricingElement         : Composition of many A_SalesOrderItemPrElement
                                            on  to_PricingElement.SalesOrder     = SalesOrder
                                            and to_PricingElement.SalesOrderItem = SalesOrderItem;
    }

    entity A_SalesOrderItemPrElement {
        key SalesOrder                : String(10);
        key SalesOrderItem            : String(6);
        key PricingProcedureStep      : String(3);
        key PricingProcedureCounter   : String(3);
            ConditionType             : String(4);
            ConditionRateValue        : Decimal(24, 9);
            ConditionCurrency         : String(5);
            ConditionQuantity         : Decimal(5);
            ConditionQuantityUnit     : String(3);
    }
}
