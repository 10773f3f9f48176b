"""Shapes of a Shopify order and of a variant, as far as they are asked for, and the queries that ask.

Source: reference of the Admin GraphQL API, version 2026-10, read 2026-11; `Return.createdAt` and the names of filters
are our assumption. Amounts are text in the shop's own currency (`shopMoney`). GraphQL answers only what is asked for,
so query and shape are written side by side; a test holds them together.
"""

from entrepot.connectors.live.wire import Document, WireField, many, money, personal, pointer, text
from entrepot.model import PersonalKind

LINES_MAX = 75
"""Lines asked for with an order: more would cost more than one query may, by the dearest reading of the cost rules."""

RESTOCKS_MAX = 10
"""Lines asked for with a refund, as many as the cost of the query leaves room for."""

LIST_QUERY = """\
query ListOrders($filter: String!, $first: Int!, $after: String) {
  orders(first: $first, after: $after, sortKey: UPDATED_AT, query: $filter) {
    nodes { id updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}
"""

_AMOUNT = "{ shopMoney { amount } }"
_ADDRESS = "{ name phone address1 address2 company city zip province countryCodeV2 }"

DETAIL_QUERY = f"""\
query ReadOrder($id: ID!) {{
  order(id: $id) {{
    id name createdAt updatedAt cancelledAt test currencyCode taxesIncluded email phone
    displayFinancialStatus displayFulfillmentStatus returnStatus
    totalTaxSet {_AMOUNT} originalTotalDutiesSet {_AMOUNT}
    billingAddress {_ADDRESS} shippingAddress {_ADDRESS}
    shippingLines(first: 5) {{ nodes {{ discountedPriceSet {_AMOUNT} }} pageInfo {{ hasNextPage }} }}
    lineItems(first: {LINES_MAX}) {{
      nodes {{
        id sku title variantTitle quantity isGiftCard product {{ id }} variant {{ id }}
        originalUnitPriceSet {_AMOUNT}
        discountAllocations {{ allocatedAmountSet {_AMOUNT} }}
      }}
      pageInfo {{ hasNextPage }}
    }}
    transactions(first: 25) {{ kind status gateway processedAt amountSet {_AMOUNT} }}
    fulfillments(first: 10) {{ id status createdAt deliveredAt trackingInfo(first: 3) {{ number company }} }}
    refunds(first: 10) {{
      id createdAt totalRefundedSet {_AMOUNT}
      refundLineItems(first: {RESTOCKS_MAX}) {{
        nodes {{ restockType quantity lineItem {{ id }} }}
        pageInfo {{ hasNextPage }}
      }}
      transactions(first: 3) {{ nodes {{ status }} }}
    }}
    returns(first: 10) {{ nodes {{ id status createdAt }} }}
  }}
}}
"""

VARIANTS_QUERY = """\
query ListVariants($first: Int!, $after: String) {
  productVariants(first: $first, after: $after, sortKey: ID) {
    nodes {
      id sku barcode title price inventoryQuantity inventoryPolicy updatedAt
      inventoryItem { tracked }
      product { id title status priceRangeV2 { minVariantPrice { currencyCode } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""


def _address(who: str, at: str) -> tuple[WireField, ...]:
    return (
        personal(f"{who}_name", PersonalKind.NAME, f"{at}.name"),
        personal(f"{who}_phone", PersonalKind.MOBILE, f"{at}.phone"),
        *(
            personal(f"{who}_{part}", PersonalKind.ADDRESS, f"{at}.{part}")
            for part in ("address1", "address2", "company", "city", "zip")
        ),
        text(f"{who}_province", f"{at}.province"),
        text(f"{who}_country", f"{at}.countryCodeV2"),
    )


ORDER = Document(
    (
        pointer("gid", "id", required=True),
        pointer("name", required=True),
        text("created_at", "createdAt", required=True),
        text("updated_at", "updatedAt", required=True),
        text("cancelled_at", "cancelledAt"),
        text("is_test", "test"),
        text("currency", "currencyCode", required=True),
        text("taxes_included", "taxesIncluded"),
        text("financial", "displayFinancialStatus", required=True),
        text("fulfilment", "displayFulfillmentStatus", required=True),
        text("return_status", "returnStatus"),
        money("tax", "totalTaxSet.shopMoney.amount"),
        money("duties", "originalTotalDutiesSet.shopMoney.amount"),
        personal("email", PersonalKind.EMAIL),
        personal("phone", PersonalKind.MOBILE),
        *_address("billing", "billingAddress"),
        *_address("shipping", "shippingAddress"),
        text("has_more_lines", "lineItems.pageInfo.hasNextPage"),
        text("has_more_freight", "shippingLines.pageInfo.hasNextPage"),
        many("freight", "shippingLines.nodes", money("price", "discountedPriceSet.shopMoney.amount")),
        many(
            "lines",
            "lineItems.nodes",
            pointer("gid", "id", required=True),
            text("sku"),
            text("title"),
            text("variant_title", "variantTitle"),
            text("quantity", required=True),
            text("is_gift_card", "isGiftCard"),
            text("product", "product.id"),
            text("variant", "variant.id"),
            money("price", "originalUnitPriceSet.shopMoney.amount"),
            many("discounts", "discountAllocations", money("amount", "allocatedAmountSet.shopMoney.amount")),
            required=True,
        ),
        many(
            "payments",
            "transactions",
            text("kind"),
            text("status"),
            text("gateway"),
            text("processed_at", "processedAt"),
            money("amount", "amountSet.shopMoney.amount"),
        ),
        many(
            "parcels",
            "fulfillments",
            pointer("gid", "id"),
            text("status"),
            text("created_at", "createdAt"),
            text("delivered_at", "deliveredAt"),
            many("tracking", "trackingInfo", pointer("number"), text("company")),
        ),
        many(
            "refunds",
            "refunds",
            pointer("gid", "id"),
            text("created_at", "createdAt"),
            money("amount", "totalRefundedSet.shopMoney.amount"),
            text("has_more", "refundLineItems.pageInfo.hasNextPage"),
            many(
                "restocked",
                "refundLineItems.nodes",
                text("type", "restockType"),
                text("quantity"),
                pointer("line", "lineItem.id"),
            ),
            many("moved", "transactions.nodes", text("status")),
        ),
        many(
            "returns",
            "returns.nodes",
            pointer("gid", "id"),
            text("status"),
            text("created_at", "createdAt"),
        ),
    ),
)

VARIANT = Document(
    (
        text("gid", "id", required=True),
        text("sku"),
        text("barcode"),
        text("title"),
        money("price"),
        text("quantity", "inventoryQuantity"),
        text("policy", "inventoryPolicy"),
        text("updated_at", "updatedAt", required=True),
        text("is_tracked", "inventoryItem.tracked"),
        text("product", "product.id", required=True),
        text("product_title", "product.title", required=True),
        text("status", "product.status", required=True),
        # A variant's price does not say its currency, which is the shop's; its product's range of prices does.
        text("currency", "product.priceRangeV2.minVariantPrice.currencyCode", required=True),
    )
)
