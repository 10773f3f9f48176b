"""Orders, items, refunds, claims and chargebacks of Amazon by API: answers as sent, canonical rows, every order status."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from entrepot.connectors.amazon import LIVE
from entrepot.connectors.live.contract import Credentials, Exchanging, Retry, Span
from entrepot.connectors.registry import CONNECTORS, connector_of
from entrepot.sandbox.http.amazon import Amazon
from entrepot.sandbox.http.faults import Faults
from entrepot.sandbox.http.platform import Asked, SimClock
from entrepot.sandbox.http.world import LiveWorld
from tests.connectors.live.casework import pulled

CLIENT = LIVE.client
ORDER: dict[str, Any] = {
    "AmazonOrderId": "112-0000000-0000001",
    "PurchaseDate": "2026-09-01T04:00:00Z",
    "LastUpdateDate": "2026-09-02T04:00:21Z",
    "OrderStatus": "Shipped",
    "FulfillmentChannel": "AFN",
    "MarketplaceId": "ATVPDKIKX0DER",
    "OrderTotal": {"CurrencyCode": "USD", "Amount": "85.40"},
    "IsReplacementOrder": "false",
    "BuyerInfo": {"BuyerEmail": "Tester@marketplace.example", "BuyerName": "A. Tester"},
    "ShippingAddress": {
        "Name": "A. Tester",
        "Phone": "+15550100",
        "AddressLine1": "1 Test St",
        "City": "Springfield",
        "PostalCode": "00001",
        "StateOrRegion": "OR",
        "CountryCode": "US",
    },
}
ITEM: dict[str, Any] = {
    "OrderItemId": "60000000000001",
    "ASIN": "B000000001",
    "SellerSKU": "SKU-1",
    "Title": "Linen shirt",
    "QuantityOrdered": 2,
    "QuantityShipped": 2,
    "ItemPrice": {"CurrencyCode": "USD", "Amount": "80.00"},
    "ItemTax": {"CurrencyCode": "USD", "Amount": "5.40"},
    "ShippingPrice": {"CurrencyCode": "USD", "Amount": "10.00"},
    "ShippingTax": {"CurrencyCode": "USD", "Amount": "0.60"},
    "ShippingDiscount": {"CurrencyCode": "USD", "Amount": "2.00"},
    "ShippingDiscountTax": {"CurrencyCode": "USD", "Amount": "0.10"},
    "PromotionDiscount": {"CurrencyCode": "USD", "Amount": "8.00"},
    "PromotionDiscountTax": {"CurrencyCode": "USD", "Amount": "0.50"},
    "TaxCollection": {"Model": "MarketplaceFacilitator", "ResponsibleParty": "Amazon Services, Inc."},
}
BARE = ("OrderItemId", "ASIN", "SellerSKU", "Title")


def order(number: int = 1, **changed: Any) -> dict[str, Any]:
    return {**ORDER, "AmazonOrderId": f"112-0000000-{number:07d}", **changed}


def orders(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"payload": {"Orders": list(rows), "NextToken": "more"}}


def items(number: int, *rows: dict[str, Any], **beside: Any) -> dict[str, Any]:
    return {"payload": {"AmazonOrderId": f"112-0000000-{number:07d}", "OrderItems": list(rows), **beside}}


STATUSES = """
    PendingAvailability | unpaid               | open             | unallocated
    Pending             | pending_confirmation | open             | unallocated
    Unshipped           | preauthorised        | open             | allocated
    PartiallyShipped    | part_paid            | open             | part_shipped
    Shipped             | captured             | open             | shipped
    InvoiceUnconfirmed  | captured             | open             | shipped
    Canceled            | voided               | cancelled_unpaid | unallocated
    Unfulfillable       | unpaid               | ship_forbidden   | unallocated
"""


@pytest.mark.parametrize("line", STATUSES.strip().splitlines(), ids=lambda line: line.partition("|")[0].strip())
def test_every_order_status(line: str) -> None:
    found = pulled("amazon_live_orders", orders(order(OrderStatus=line.partition("|")[0].strip())))
    assert found.rejects == {}
    found.shows("orders", f"platform_status | payment_state | commercial_state | fulfilment_state\n{line}")


MARKETPLACES = """
    ATVPDKIKX0DER  | USD
    A2EUQ1WTGCTBG2 | CAD
    A1AM78C64UM0Y8 | MXN
    A2Q3Y263D00KWC | BRL
    A1F83G8C2ARO7P | GBP
    A1PA6795UKMFR9 | EUR
    A13V1IB3VIYZZH | EUR
    APJ6JRA9NG5V4  | EUR
    A1RKKUPIHCS9HS | EUR
    A1805IZSGTT6HS | EUR
    AMEN7PMS3EDWL  | EUR
    A28R8C7NBKEWEA | EUR
    A2NODRKZP88ZB9 | SEK
    A1C3SOZRARQ6R3 | PLN
    A33AVAJ2PDY3EV | TRY
    ARBP9OOSHTCHU  | EGP
    A17E79C6D8DWNP | SAR
    A2VIGQ35RCS4UG | AED
    A21TJRUUN4KGV  | INR
    AE08WJ6YKNBMC  | ZAR
    A1VC38T7YXB528 | JPY
    A39IBJ37TRP1C6 | AUD
    A19VAU5U5O7RUS | SGD
"""


def test_a_pending_order_of_every_marketplace_has_its_currency() -> None:
    """It says no amount yet, so only the marketplace tells the currency."""
    lines = [line.strip() for line in MARKETPLACES.strip().splitlines()]
    pending = {"OrderStatus": "Pending", "OrderTotal": None}
    rows = [order(n, MarketplaceId=line.partition(" ")[0], **pending) for n, line in enumerate(lines, start=1)]
    found = pulled("amazon_live_orders", orders(*rows, order(99, MarketplaceId="A0NOWHERE", **pending)))
    assert found.rejects == {"24": "unknown_code:MarketplaceId:A0NOWHERE"}
    told = [f"amazon:112-0000000-{n:07d} | {line.partition('|')[2].strip()}" for n, line in enumerate(lines, start=1)]
    found.shows("orders", "order_key | currency\n" + "\n".join(told))


def test_an_order_has_times_people_and_the_currency_of_its_marketplace() -> None:
    plain = {"BuyerInfo": {}, "ShippingAddress": {"City": "Springfield", "StateOrRegion": "OR", "CountryCode": "US"}}
    pending = {"OrderStatus": "Pending", "OrderTotal": None, "MarketplaceId": "A1PA6795UKMFR9"}
    replacement = {"IsReplacementOrder": "true", "ReplacedOrderId": "112-0000000-0000001"}
    other_channel = {**order(), "AmazonOrderId": "S01-0000000-0000009"}
    found = pulled(
        "amazon_live_orders", orders(order(1), order(2, **plain, **pending), order(3, **replacement), other_channel)
    )
    assert (found.rejects, found.rows) == ({}, 4)
    found.shows(
        "orders",
        """
        order_key                  | month | order_kind           | currency | paid_at             | modified_at
        amazon:112-0000000-0000001 | all   | sale                 | USD      | 2026-09-01 12:00:00 | 2026-09-02 12:00:21
        amazon:112-0000000-0000002 | all   | sale                 | EUR      |                     | 2026-09-02 12:00:21
        amazon:112-0000000-0000003 | all   | exchange_replacement | USD      | 2026-09-01 12:00:00 | 2026-09-02 12:00:21
    """,
    )
    keys = {row["order_id"][-1]: row["buyer_key"] for row in found.tables["orders"]}
    assert keys["1"] == keys["3"] != keys["2"]
    found.shows("persons", "name | email\n" + "A. Tester | tester@marketplace.example\n" * 2)
    assert {row["order_key"][-1] for row in found.tables["addresses"]} == {"1", "3"}


def test_the_money_of_an_order_stands_on_its_items() -> None:
    euros = {**ITEM, "ItemPrice": {"CurrencyCode": "EUR", "Amount": "80.00"}, "TaxCollection": None}
    found = pulled("amazon_live_items", items(1, ITEM), items(2, euros))
    assert found.rejects == {}
    found.shows(
        "order_lines",
        """
        order_key                  | line_id        | sku_id | quantity | currency | unit_price_minor | goods_minor | discount_merchant_minor | shipping_minor | tax_minor | paid_minor | is_cancelled
        amazon:112-0000000-0000001 | 60000000000001 | SKU-1  | 2        | USD      | 4000             | 8000        | 800                     | 800            | 540       | 8540       | no
        amazon:112-0000000-0000002 | 60000000000001 | SKU-1  | 2        | EUR      | 4000             | 8000        | 800                     | 800            | 0         | 8000       | no
    """,
    )
    taxes = {(row["order_key"][-1], row["kind"]): row for row in found.tables["taxes"] if row["amount_minor"]}
    assert {key: (row["amount_minor"], row["liable_party"]) for key, row in taxes.items()} == {
        ("1", "tax_added"): (540, "marketplace"),
        ("2", "vat_included"): (540, "merchant"),
    }


def test_what_is_pending_has_no_price_yet_and_what_is_called_off_no_quantity() -> None:
    bare = {name: ITEM[name] for name in BARE}
    off = {**bare, "OrderItemId": "60000000000002", "QuantityOrdered": 0}
    found = pulled("amazon_live_items", items(1, {**bare, "QuantityOrdered": 2}), items(2, off), items(3, ITEM, off))
    assert (found.rejects, found.rows) == ({}, 3)
    found.shows(
        "order_lines",
        """
        order_key                  | line_id        | quantity | currency | goods_minor | is_cancelled
        amazon:112-0000000-0000002 | 60000000000002 | 0        | XXX      | 0           | yes
        amazon:112-0000000-0000003 | 60000000000001 | 2        | USD      | 8000        | no
        amazon:112-0000000-0000003 | 60000000000002 | 0        | USD      | 0           | yes
    """,
    )


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"OrderStatus": "Teleported"}, "unknown_code:OrderStatus:Teleported"),
    ({"OrderStatus": None}, "missing_field:OrderStatus"),
    ({"PurchaseDate": "yesterday"}, "bad_time:PurchaseDate"),
    ({"LastUpdateDate": "tomorrow"}, "bad_time:LastUpdateDate"),
    ({"AmazonOrderId": "number one"}, "bad_id:AmazonOrderId"),
    ({"OrderTotal": None, "MarketplaceId": "ATLANTIS"}, "unknown_code:MarketplaceId:ATLANTIS"),
]
BROKEN_ITEMS: list[tuple[dict[str, Any], str]] = [
    ({"QuantityOrdered": "two"}, "bad_number:QuantityOrdered"),
    ({"ItemPrice": {"CurrencyCode": "XXQ", "Amount": "1.00"}}, "unknown_code:CurrencyCode:XXQ"),
    ({"ItemPrice": {"CurrencyCode": "USD", "Amount": "1.005"}}, "bad_money:ItemPrice"),
    ({"ShippingTax": {"CurrencyCode": "USD", "Amount": "a bit"}}, "bad_money:OrderItems"),
    ({"OrderItemId": "number one"}, "bad_id:OrderItemId"),
]


def test_what_is_not_understood_is_quarantined_whole() -> None:
    rows = [order(number, **told) for number, (told, _) in enumerate(BROKEN, start=2)]
    found = pulled("amazon_live_orders", orders(order(1), *rows))
    assert found.rejects == {str(number): reason for number, (_, reason) in enumerate(BROKEN, start=2)}
    assert [row["order_id"] for row in found.tables["orders"]] == ["112-0000000-0000001"]
    answers = [items(number, {**ITEM, **told}) for number, (told, _) in enumerate(BROKEN_ITEMS, start=2)]
    found = pulled("amazon_live_items", items(1, ITEM), *answers, items(20, ITEM, NextToken="more"))
    wanted = {str(number): reason for number, (_, reason) in enumerate(BROKEN_ITEMS, start=2)}
    assert found.rejects == {**wanted, str(len(BROKEN_ITEMS) + 2): "list_cut_off:OrderItems"}
    assert {row["order_id"] for row in found.tables["order_lines"]} == {"112-0000000-0000001"}


def event(number: int = 1, **charges: Any) -> dict[str, Any]:
    told = charges or {
        "Principal": -80.0,
        "Tax": -5.4,
        "ShippingCharge": -8,
        "MarketplaceFacilitatorTax-Principal": 5.4,
    }
    return {
        "AmazonOrderId": f"112-0000000-{number:07d}",
        "PostedDate": "2026-09-09T10:00:00Z",
        "ShipmentItemAdjustmentList": [
            {
                "OrderAdjustmentItemId": f"7000000000000{number}",
                "SellerSKU": "SKU-1",
                "ItemChargeAdjustmentList": [
                    {"ChargeType": name, "ChargeAmount": {"CurrencyCode": "USD", "CurrencyAmount": amount}}
                    for name, amount in told.items()
                ],
                "PromotionAdjustmentList": [{"PromotionAmount": {"CurrencyCode": "USD", "CurrencyAmount": 8.0}}],
            }
        ],
    }


def events(kind: str, *rows: dict[str, Any]) -> dict[str, Any]:
    return {"payload": {"FinancialEvents": {kind: list(rows)}}}


@pytest.mark.parametrize(
    ("feed", "kind", "status", "ending"),
    [
        ("amazon_live_refunds", "RefundEventList", "Refund", ""),
        ("amazon_live_claims", "GuaranteeClaimEventList", "GuaranteeClaim", "-claim"),
        ("amazon_live_chargebacks", "ChargebackEventList", "Chargeback", "-chargeback"),
    ],
)
def test_refunds_claims_and_chargebacks_are_money_that_went_back(
    feed: str, kind: str, status: str, ending: str
) -> None:
    broken = [event(2, Principal="a lot"), event(3, Gift=-1), {**event(4), "PostedDate": "soon"}]
    found = pulled(feed, events(kind, event(1), *broken))
    assert found.rejects == {
        "2": "bad_money:ChargeAmount",
        "3": "unknown_code:ChargeType:Gift",
        "4": "bad_time:PostedDate",
    }
    found.shows(
        "after_sales",
        f"""
        case_id | platform_status | kind | process | money | refund_minor | refund_goods_minor | refund_shipping_minor | refund_tax_minor
        112-0000000-0000001-70000000000001{ending} | {status} | refund_only | succeeded | returned | 8540 | 7200 | 800 | 540
    """,
    )


CHARGES = {
    "goods": ("Discount", "Goodwill", "RestockingFee", "GenericDeduction"),
    "shipping": (
        *("ShippingCharge", "GiftWrap", "Giftwrap", "ReturnShipping", "FreeReplacementReturnShipping"),
        *("PaymentMethodFee", "ExportCharge", "CODItemCharge", "CODOrderCharge", "CODShippingCharge"),
        "ShippingDiscount",
    ),
    "tax": (
        *("Tax", "TaxDiscount", "ShippingTax", "GiftWrapTax", "GiftwrapTax", "CODItemTaxCharge", "CODOrderTaxCharge"),
        "CODShippingTaxCharge",
    ),
}


def test_every_kind_of_charge_goes_back_as_goods_shipping_or_tax_and_what_amazon_kept_as_none() -> None:
    told = connector_of("amazon_live_refunds", CONNECTORS).code_lists["amazon_charge_types"].splitlines()[1:]
    kinds = {row.split(",")[0]: row.split(",")[1] for row in told}
    wanted = {"Principal": "goods"} | {name: part for part, names in CHARGES.items() for name in names}
    kept = {name for name in kinds if name.startswith(("MarketplaceFacilitatorTax-", "MarketplaceFacilitatorVAT-"))}
    assert set(kinds) == {*wanted, *kept}, "each charge of the list has its case here"
    names = sorted(kinds.keys() - {"Principal"})
    answer = events("RefundEventList", event(1, Principal=-50), *(
        event(number, **{"Principal": -50, name: -1}) for number, name in enumerate(names, 2)
    ))  # fmt: skip
    found = pulled("amazon_live_refunds", answer)
    assert found.rejects == {}
    rows = {int(row["order_id"][-7:]): row for row in found.tables["after_sales"]}
    plain = rows.pop(1)
    for number, name in enumerate(names, 2):
        grew = {part for part in CHARGES if rows[number][f"refund_{part}_minor"] == plain[f"refund_{part}_minor"] + 100}
        assert grew == ({wanted[name]} if name in wanted else set()), name


CREDENTIALS = Credentials({"app_key": "id", "secret": "hush", "refresh_token": "Atzr", "access_token": "Atza",
                           "restricted_token": "Atz.sprdt", "marketplace_ids": "A1,B2"})  # fmt: skip
GATEWAY = "https://sellingpartnerapi-eu.amazon.com"


def test_personal_fields_are_asked_for_with_a_token_of_their_own_and_for_lists_of_orders_only() -> None:
    feed, items_feed = LIVE.feeds[0], LIVE.feeds[1]
    listing = CLIENT.sign(CLIENT.list_call(feed, Span(0, 60), "", with_total=False), CREDENTIALS, GATEWAY, 0.0)
    parts = urlsplit(listing.url)
    assert (parts.hostname, parts.path) == ("sellingpartnerapi-eu.amazon.com", "/orders/v0/orders")
    assert dict(parse_qsl(parts.query)) == {
        "MaxResultsPerPage": "100",
        "LastUpdatedAfter": "1970-01-01T00:00:00Z",
        "LastUpdatedBefore": "1970-01-01T00:00:59Z",
        "MarketplaceIds": "A1,B2",
    }
    assert listing.headers["x-amz-access-token"] == "Atz.sprdt"
    page = CLIENT.page_in(feed, orders(order(7)))
    detail = CLIENT.sign(CLIENT.detail_call(items_feed, page.rows[0]), CREDENTIALS, GATEWAY, 0.0)
    assert detail.url == f"{GATEWAY}/orders/v0/orders/112-0000000-0000007/orderItems"
    assert detail.headers["x-amz-access-token"] == "Atza"
    without = Credentials({**CREDENTIALS.values, "restricted_token": ""})
    again = CLIENT.sign(CLIENT.list_call(feed, Span(0, 60), page.next_cursor, with_total=False), without, GATEWAY, 0.0)
    assert again.headers["x-amz-access-token"] == "Atza"
    assert dict(parse_qsl(urlsplit(again.url).query))["NextToken"] == "more"


def test_tokens_come_from_amazon_and_a_refused_second_one_is_done_without() -> None:
    assert isinstance(CLIENT, Exchanging)
    call = CLIENT.refresh_call(CREDENTIALS)
    assert call is not None
    assert CLIENT.sign(call, CREDENTIALS, GATEWAY, 0.0).url == "https://api.amazon.com/auth/o2/token"
    first = CLIENT.refreshed({"access_token": "new", "expires_in": 3600}, CREDENTIALS, 100.0)
    assert (first["access_token"], first["restricted_token"], first["refresh_token"]) == ("new", "", "Atzr")
    both = CLIENT.exchanged({"restrictedDataToken": "seen", "expiresIn": 3000}, first, 100.0)
    assert (both["restricted_token"], both.expires_at_s) == ("seen", 3100.0)
    assert CLIENT.exchanged({}, first, 100.0).expires_at_s == 3700.0


def test_errors_say_what_to_do() -> None:
    def error(code: str, message: str = "Access to requested resource is denied.", details: str = "") -> dict[str, Any]:
        return {"errors": [{"code": code, "message": message, "details": details}]}

    said: list[tuple[dict[str, Any], int, Retry | None]] = [
        (error("Unauthorized", details="The access token you provided has expired."), 403, Retry.TOKEN),
        (error("Unauthorized"), 403, Retry.PERSON),
        (error("QuotaExceeded", "You exceeded your quota for the requested resource."), 429, Retry.WAIT),
        (error("InternalFailure", "We encountered an internal error."), 500, Retry.AGAIN),
        ({"error": "invalid_grant", "error_description": "no"}, 400, Retry.PERSON),
        ({"payload": {}}, 200, None),
    ]
    for answer, status, wanted in said:
        failure = CLIENT.failure_in(answer, status)
        rule = LIVE.api.rule_for(failure) if failure else None
        assert (rule.retry if rule else None) == wanted, answer


def test_the_sandbox_shows_who_bought_to_nobody_without_the_second_token() -> None:
    world = LiveWorld(5, 3, 1_793_462_400, 1)
    platform = Amazon(world, SimClock(1_793_462_400 + 3 * 86_400), Faults())
    query = {
        "MarketplaceIds": platform.marketplace,
        "LastUpdatedAfter": "2026-10-31T00:00:00Z",
        "LastUpdatedBefore": "2026-11-03T12:00:00Z",
    }

    def listed(token: str) -> dict[str, Any]:
        said = platform.answer(Asked("GET", "/orders/v0/orders", query, {"x-amz-access-token": token}, b""))
        found: dict[str, Any] = json.loads(said.body)
        return found

    assert "BuyerInfo" not in json.dumps(listed("Atza|1"))
    call = CLIENT.exchange_call(CREDENTIALS) if isinstance(CLIENT, Exchanging) else None
    assert call is not None
    body = CLIENT.sign(call, CREDENTIALS, "http://gw", 0.0).body
    path = "/tokens/2021-03-01/restrictedDataToken"
    said = json.loads(platform.answer(Asked("POST", path, {}, {"x-amz-access-token": "Atza|1"}, body)).body)
    assert "BuyerInfo" in json.dumps(listed(said["restrictedDataToken"]))
    assert listed("none")["errors"][0]["code"] == "Unauthorized"


ENGINE_CASES: dict[str, list[Any]] = {
    "amazon_live_orders": [orders(order(1), *(order(2, **told) for told, _ in BROKEN))],
    "amazon_live_items": [
        items(1, ITEM),
        *(items(2, {**ITEM, **told}) for told, _ in BROKEN_ITEMS),
    ],
    "amazon_live_refunds": [events("RefundEventList", event(1), event(2, Gift=-1))],
}
