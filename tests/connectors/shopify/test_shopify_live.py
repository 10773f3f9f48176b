"""Orders, refunds and returns of Shopify by API: answers as sent, canonical rows, every state that the manual names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from entrepot.connectors.live.contract import Credentials, Retry, Span
from entrepot.connectors.shopify import LIVE
from entrepot.connectors.shopify.wire import DETAIL_QUERY
from entrepot.connectors.shopify.wire import ORDER as ORDER_SHAPE
from entrepot.sandbox.http.graphql import read_query
from tests.connectors.live.casework import pulled

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT = LIVE.client


def usd(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount}}


def line(number: int = 1, **changed: Any) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/LineItem/{900 + number}",
        "sku": f"SKU-{number}",
        "title": "Linen shirt",
        "variantTitle": "M",
        "quantity": 2,
        "isGiftCard": False,
        "product": {"id": "gid://shopify/Product/71"},
        "variant": {"id": "gid://shopify/ProductVariant/82"},
        "originalUnitPriceSet": usd("40.00"),
        "discountAllocations": [{"allocatedAmountSet": usd("8.0")}],
        **changed,
    }


def nodes(*rows: Any, more: bool = False) -> dict[str, Any]:
    return {"nodes": list(rows), "pageInfo": {"hasNextPage": more}}


SALE: dict[str, Any] = {
    "kind": "SALE",
    "status": "SUCCESS",
    "gateway": "shopify_payments",
    "processedAt": "2026-09-01T04:00:18Z",
    "amountSet": usd("85.40"),
}
PARCEL: dict[str, Any] = {
    "id": "gid://shopify/Fulfillment/5",
    "status": "SUCCESS",
    "createdAt": "2026-09-02T10:00:00Z",
    "deliveredAt": None,
    "trackingInfo": [{"number": "1Z999", "company": "UPS"}],
}
ADDRESS = {
    "name": "A. Tester",
    "phone": "+15550100",
    "address1": "1 Test St",
    "address2": None,
    "company": None,
    "city": "Springfield",
    "zip": "00001",
    "province": "Oregon",
    "countryCodeV2": "US",
}
ORDER: dict[str, Any] = {
    "id": "gid://shopify/Order/1001",
    "name": "#1001",
    "createdAt": "2026-09-01T04:00:00Z",
    "updatedAt": "2026-09-01T04:00:21Z",
    "cancelledAt": None,
    "test": False,
    "currencyCode": "USD",
    "taxesIncluded": False,
    "email": "Tester@Example.com",
    "phone": None,
    "displayFinancialStatus": "PAID",
    "displayFulfillmentStatus": "UNFULFILLED",
    "returnStatus": "NO_RETURN",
    "totalTaxSet": usd("5.40"),
    "originalTotalDutiesSet": None,
    "billingAddress": ADDRESS,
    "shippingAddress": ADDRESS,
    "shippingLines": nodes({"discountedPriceSet": usd("8.00")}),
    "lineItems": nodes(line()),
    "transactions": [SALE],
    "fulfillments": [],
    "refunds": [],
    "returns": {"nodes": []},
}


def answer(number: int = 1001, **changed: Any) -> dict[str, Any]:
    told = {**ORDER, "id": f"gid://shopify/Order/{number}", "name": f"#{number}", **changed}
    return {"data": {"order": told}, "extensions": {"cost": {"requestedQueryCost": 700}}}


def test_an_order_has_its_money_its_lines_and_its_people() -> None:
    found = pulled("shopify_live_orders", answer(fulfillments=[PARCEL], displayFulfillmentStatus="FULFILLED"))
    assert (found.rejects, found.rows) == ({}, 1)
    found.shows(
        "orders",
        """
        order_key              | month   | payment_state | fulfilment_state | goods_minor | shipping_minor | tax_minor | discount_merchant_minor | paid_minor | paid_at             | shipped_at
        shopify:our shop:#1001 | 2026-09 | captured      | shipped          | 8000        | 800            | 540       | 800                     | 8540       | 2026-09-01 12:00:18 | 2026-09-02 18:00:00
    """,
    )
    found.shows(
        "order_lines",
        "line_id | listing_id | variant_id | sku_id | quantity | unit_price_minor\n901 | 71 | 82 | SKU-1 | 2 | 4000",
    )
    found.shows("discounts", "line_id | funder | amount_minor\n901 | merchant | 800")
    found.shows("shipments", "shipment_id | carrier\n1Z999 | UPS")
    found.shows("persons", "name | email\nA. Tester | tester@example.com")
    found.shows("addresses", "role | province\nrecipient | Oregon\nbilling | Oregon")


def test_a_gift_card_is_a_tender_duties_are_a_tax_and_tax_may_stand_inside_prices() -> None:
    card = {**SALE, "gateway": "gift_card", "amountSet": usd("20.00")}
    failed = {**SALE, "status": "FAILURE", "amountSet": usd("99.00")}
    held = {**SALE, "kind": "AUTHORIZATION"}
    yen = {
        "currencyCode": "JPY",
        "lineItems": nodes(line(originalUnitPriceSet=usd("4000.0"), discountAllocations=[])),
        "shippingLines": nodes(),
        "totalTaxSet": usd("727.0"),
        "transactions": [{**SALE, "amountSet": usd("8000.0")}],
        "taxesIncluded": True,
    }
    found = pulled(
        "shopify_live_orders",
        answer(1001, transactions=[held, failed, {**SALE, "amountSet": usd("65.40")}, card]),
        answer(1002, originalTotalDutiesSet=usd("12.00"), transactions=[{**SALE, "amountSet": usd("97.40")}]),
        answer(1003, **yen),
    )
    assert found.rejects == {}
    found.shows(
        "orders",
        """
        order_id | currency | goods_minor | shipping_minor | tax_minor | paid_minor | tender_minor
        #1001    | USD      | 8000        | 800            | 540       | 6540       | 2000
        #1002    | USD      | 8000        | 800            | 1740      | 9740       | 0
        #1003    | JPY      | 8000        | 0              | 0         | 8000       | 0
    """,
    )
    assert {(row["order_key"][-5:], row["kind"], row["amount_minor"]) for row in found.tables["taxes"]} >= {
        ("#1002", "customs_composite", 1200),
        ("#1002", "tax_added", 540),
        ("#1003", "vat_included", 727),
        ("#1003", "tax_added", 0),
    }


FINANCIAL: list[tuple[dict[str, Any], str, str]] = [
    ({"displayFinancialStatus": "PENDING", "transactions": []}, "unpaid", "open"),
    ({"displayFinancialStatus": "AUTHORIZED", "transactions": [{**SALE, "kind": "AUTHORIZATION"}]}, "preauthorised", "open"),
    ({"displayFinancialStatus": "PARTIALLY_PAID"}, "part_paid", "open"),
    ({"displayFinancialStatus": "PAID"}, "captured", "open"),
    ({"displayFinancialStatus": "PARTIALLY_REFUNDED"}, "captured", "open"),
    ({"displayFinancialStatus": "REFUNDED"}, "voided", "closed_refunded"),
    ({"displayFinancialStatus": "REFUNDED", "displayFulfillmentStatus": "FULFILLED"}, "captured", "open"),
    ({"displayFinancialStatus": "VOIDED", "transactions": []}, "voided", "cancelled_unpaid"),
    ({"displayFinancialStatus": "EXPIRED", "transactions": []}, "voided", "cancelled_unpaid"),
    ({"displayFinancialStatus": "PENDING", "transactions": [], "cancelledAt": "2026-09-02T00:00:00Z"}, "voided", "cancelled_unpaid"),
    ({"displayFinancialStatus": "PAID", "cancelledAt": "2026-09-02T00:00:00Z"}, "voided", "closed_refunded"),
]  # fmt: skip


def test_every_financial_status() -> None:
    found = pulled(
        "shopify_live_orders", *(answer(number, **told) for number, (told, *_) in enumerate(FINANCIAL, 1001))
    )
    assert found.rejects == {}
    lines = [f"#{number} | {payment} | {commerce}" for number, (_, payment, commerce) in enumerate(FINANCIAL, 1001)]
    found.shows("orders", "\n".join(["order_id | payment_state | commercial_state", *lines]))


FULFILMENT = (
    ("UNFULFILLED", "unallocated"),
    ("OPEN", "unallocated"),
    ("RESTOCKED", "unallocated"),
    ("ON_HOLD", "allocated"),
    ("SCHEDULED", "allocated"),
    ("REQUEST_DECLINED", "allocated"),
    ("PENDING_FULFILLMENT", "released"),
    ("IN_PROGRESS", "released"),
    ("PARTIALLY_FULFILLED", "part_shipped"),
    ("FULFILLED", "shipped"),
    ("FULFILLMENT_NOT_REQUIRED", "not_required"),
)


def test_every_fulfilment_status_and_what_the_carrier_says() -> None:
    arrived = {**PARCEL, "deliveredAt": "2026-09-04T10:00:00Z"}
    called_off = {**PARCEL, "status": "CANCELLED"}
    parcels = {1101: [arrived], 1102: [arrived, PARCEL], 1103: [called_off, arrived], 1104: [called_off]}
    found = pulled(
        "shopify_live_orders",
        *(answer(number, displayFulfillmentStatus=word) for number, (word, _) in enumerate(FULFILMENT, 1001)),
        *(answer(number, displayFulfillmentStatus="FULFILLED", fulfillments=each) for number, each in parcels.items()),
    )
    assert found.rejects == {}
    lines = [f"#{number} | {state}" for number, (_, state) in enumerate(FULFILMENT, 1001)]
    lines += ["#1101 | delivered", "#1102 | shipped", "#1103 | delivered", "#1104 | shipped"]
    found.shows("orders", "\n".join(["order_id | fulfilment_state", *lines]))


def refund(number: int, kind: str, *statuses: str) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Refund/{number}",
        "createdAt": "2026-09-05T10:00:00Z",
        "totalRefundedSet": usd("36.0"),
        "refundLineItems": {"nodes": [{"restockType": kind}]},
        "transactions": {"nodes": [{"status": status} for status in statuses]},
    }


def sent_back(number: int, status: str) -> dict[str, Any]:
    return {"id": f"gid://shopify/Return/{number}", "status": status, "createdAt": "2026-09-03T10:00:00Z"}


def test_every_state_of_refunds_and_returns() -> None:
    refunds = [
        refund(1, "CANCEL", "SUCCESS"),
        refund(2, "NO_RESTOCK", "PENDING"),
        refund(3, "RETURN", "SUCCESS", "SUCCESS"),
        refund(4, "LEGACY_RESTOCK", "FAILURE"),
        refund(5, "RETURN"),
    ]
    words = ("REQUESTED", "OPEN", "CLOSED", "DECLINED", "CANCELED")
    returns = {"nodes": [sent_back(number, word) for number, word in enumerate(words, 1)]}
    found = pulled("shopify_live_orders", answer(refunds=refunds, returns=returns))
    assert found.rejects == {}
    found.shows(
        "after_sales",
        """
        case_id  | kind               | process   | money    | refund_minor | refunded_at
        refund-1 | cancel_before_ship | succeeded | returned | 3600         | 2026-09-05 18:00:00
        refund-2 | refund_only        | succeeded | pending  | 3600         |
        refund-3 | return_refund      | succeeded | returned | 3600         | 2026-09-05 18:00:00
        refund-4 | return_refund      | succeeded | failed   | 3600         |
        refund-5 | return_refund      | succeeded | none     | 3600         |
        return-1 | return_refund      | applied   | none     |              |
        return-2 | return_refund      | to_return | none     |              |
        return-3 | return_refund      | succeeded | none     |              |
        return-4 | return_refund      | refused   | none     |              |
        return-5 | return_refund      | withdrawn | none     |              |
    """,
    )
    found.shows("orders", "refund_stated_minor\n18000")


def test_goods_that_a_refund_restocks_as_returned_are_back_with_it() -> None:
    lines = [
        [("RETURN", 2, 31)],
        # Of two lines the case says that goods came back, and not which.
        [("RETURN", 1, 31), ("RETURN", 1, 32)],
        [("LEGACY_RESTOCK", 1, 31)],
        [("NO_RESTOCK", 1, 31)],
        [("CANCEL", 1, 31)],
        [("RETURN", 0, 31)],
    ]
    refunds = [
        {
            **refund(number, "RETURN", "SUCCESS"),
            "refundLineItems": {
                "nodes": [
                    {"restockType": kind, "quantity": count, "lineItem": {"id": f"gid://shopify/LineItem/{line}"}}
                    for kind, count, line in several
                ]
            },
        }
        for number, several in enumerate(lines, 1)
    ]
    found = pulled("shopify_live_orders", answer(refunds=[*refunds, refund(7, "RETURN", "SUCCESS")]))
    assert found.rejects == {}
    found.shows(
        "after_sales",
        """
        case_id  | kind               | order_line_id | received_at         | received_quantity
        refund-1 | return_refund      | 31            | 2026-09-05 18:00:00 | 2
        refund-2 | return_refund      |               | 2026-09-05 18:00:00 |
        refund-3 | return_refund      | 31            |                     |
        refund-4 | refund_only        | 31            |                     |
        refund-5 | cancel_before_ship | 31            |                     |
        refund-6 | return_refund      | 31            | 2026-09-05 18:00:00 |
        refund-7 | return_refund      |               | 2026-09-05 18:00:00 |
    """,
    )


def test_every_return_status_of_an_order_is_known() -> None:
    words = ("NO_RETURN", "RETURN_REQUESTED", "IN_PROGRESS", "INSPECTION_COMPLETE", "RETURN_FAILED", "RETURNED")
    found = pulled(
        "shopify_live_orders", *(answer(number, returnStatus=word) for number, word in enumerate(words, 1001))
    )
    assert (found.rejects, found.rows) == ({}, len(words))


def test_orders_that_are_no_sale() -> None:
    card = line(isGiftCard=True)
    found = pulled(
        "shopify_live_orders",
        answer(1001, test=True),
        answer(1002, lineItems=nodes(card)),
        answer(1003, lineItems=nodes(card, line(2))),
        answer(
            1004, lineItems=nodes(line(discountAllocations=[{"allocatedAmountSet": usd("80.00")}])), transactions=[]
        ),
    )
    found.shows(
        "orders",
        """
        order_id | order_kind         | paid_minor | paid_at
        #1001    | sample             | 8540       | 2026-09-01 12:00:18
        #1002    | stored_value_topup | 8540       | 2026-09-01 12:00:18
        #1003    | sale               | 8540       | 2026-09-01 12:00:18
        #1004    | sale               | 0          | 2026-09-01 12:00:00
    """,
    )


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"displayFinancialStatus": "LENT"}, "unknown_code:displayFinancialStatus:lent"),
    ({"displayFulfillmentStatus": "BEAMED"}, "unknown_code:displayFulfillmentStatus:beamed"),
    ({"returnStatus": "LOST"}, "unknown_code:returnStatus:LOST"),
    ({"returns": {"nodes": [sent_back(1, "LOST")]}}, "unknown_code:returns.status:LOST"),
    ({"refunds": [refund(1, "BURN", "SUCCESS")]}, "unknown_code:restockType:BURN"),
    ({"currencyCode": "XXQ"}, "unknown_code:currencyCode:XXQ"),
    ({"createdAt": "yesterday"}, "bad_time:createdAt"),
    ({"updatedAt": None}, "missing_field:updatedAt"),
    ({"totalTaxSet": usd("5.405")}, "bad_money:totalTaxSet"),
    ({"transactions": [{**SALE, "amountSet": usd("a lot")}]}, "bad_money:transactions"),
    ({"lineItems": nodes()}, "missing_field:lineItems.nodes"),
    ({"lineItems": nodes(line(), more=True)}, "list_cut_off:lineItems"),
    ({"lineItems": nodes(line(quantity="two"))}, "bad_number:quantity"),
    ({"lineItems": nodes(line(originalUnitPriceSet=None))}, "bad_money:originalUnitPriceSet"),
    ({"lineItems": nodes(line(discountAllocations=[{"allocatedAmountSet": usd("81")}]))}, "amounts_disagree:discountAllocations"),
    ({"transactions": [SALE] * 25}, "list_cut_off:transactions"),
    (
        {"refunds": [{**refund(1, "RETURN"), "refundLineItems": nodes({"restockType": "RETURN"}, more=True)}]},
        "list_cut_off:refundLineItems",
    ),
]  # fmt: skip


def test_what_is_not_understood_is_quarantined_whole() -> None:
    answers = [answer(number, **told) for number, (told, _) in enumerate(BROKEN, start=1002)]
    found = pulled("shopify_live_orders", answer(1001), *answers)
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(BROKEN, start=2)}
    assert [row["order_id"] for row in found.tables["orders"]] == ["#1001"]


def test_what_is_asked_for_is_what_is_read() -> None:
    asked = set(_paths(read_query(DETAIL_QUERY, {}).fields["order"], ""))
    beside = {"lineItems.pageInfo.hasNextPage", "shippingLines.pageInfo.hasNextPage"}
    assert {path for path, _ in ORDER_SHAPE.leaves()} | beside == asked
    assert read_query(DETAIL_QUERY, {}).cost <= 1000


def _paths(asked: Any, prefix: str) -> Iterator[str]:
    for name, each in asked.fields.items():
        if each.fields:
            yield from _paths(each, f"{prefix}{name}.")
        else:
            yield prefix + name


CREDENTIALS = Credentials({"app_key": "id", "secret": "hush", "access_token": "shpat", "refresh_token": "shprt"})
GATEWAY = "https://shop.example/admin/api/2026-10/graphql.json"


def test_a_throttle_says_how_long_the_bucket_fills() -> None:
    cost = {
        "requestedQueryCost": 252,
        "actualQueryCost": None,
        "throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": 48, "restoreRate": 100.0},
    }
    errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    failure = CLIENT.failure_in({"errors": errors, "extensions": {"cost": cost}}, 200)
    assert failure is not None
    rule = LIVE.api.rule_for(failure)
    assert (failure.code, failure.message, rule and rule.retry) == ("THROTTLED", "2.0 seconds", Retry.WAIT)


def test_errors_say_what_to_do() -> None:
    refused = {"errors": "[API] Invalid API key or access token"}
    denied = {
        "errors": [{"message": "Access denied", "extensions": {"code": "ACCESS_DENIED"}}],
        "data": {"order": None},
    }
    said: list[tuple[dict[str, Any], int]] = [
        (refused, 401),
        (denied, 200),
        ({"error": "invalid_grant"}, 400),
        ({}, 404),
        ({"data": {}}, 200),
    ]
    rules = [LIVE.api.rule_for(each) if (each := CLIENT.failure_in(*one)) else None for one in said]
    assert [rule and rule.retry for rule in rules] == [Retry.TOKEN, Retry.PERSON, Retry.PERSON, Retry.PERSON, None]


def test_a_token_is_renewed_at_the_shop_and_stands_in_no_query() -> None:
    call = CLIENT.refresh_call(CREDENTIALS)
    assert call is not None
    request = CLIENT.sign(call, CREDENTIALS, GATEWAY, 0.0)
    assert request.url == "https://shop.example/admin/oauth/access_token"
    assert json.loads(request.body)["refresh_token"] == "shprt"
    listing = CLIENT.sign(CLIENT.list_call(LIVE.feeds[0], Span(0, 60), "", with_total=False), CREDENTIALS, GATEWAY, 0.0)
    assert listing.headers["x-shopify-access-token"] == "shpat"
    assert b"shpat" not in listing.body
    assert "updated_at:>='1970-01-01T00:00:00Z' AND updated_at:<'1970-01-01T00:01:00Z'" in listing.body.decode()
    assert CLIENT.refresh_call(Credentials({"access_token": "of an app that nobody knows"})) is None


ENGINE_CASES: dict[str, list[Any]] = {
    "shopify_live_orders": [
        *(answer(number, **told) for number, (told, _) in enumerate(BROKEN, start=1002)),
        answer(refunds=[refund(1, "RETURN", "SUCCESS")], fulfillments=[PARCEL]),
    ],
}
