"""Shopify's Admin GraphQL API as its manual describes it: one query a request, points instead of calls, cursors.

Source: manual of version 2026-10, read 2026-11. Not sourced, and set here: how dear a list is (as many points as rows
are asked for, the dearest reading), the words of a refused token. GraphQL gives only what is asked for; the faults that
add, rename and retype fields change the answer all the same.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.http.graphql import FieldUnknown, read_query
from entrepot.sandbox.http.platform import Said, Simulated, truth_of_order

if TYPE_CHECKING:
    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.graphql import Asked as Query
    from entrepot.sandbox.http.platform import Asked, SimClock
    from entrepot.sandbox.http.shelf import Product, Variant
    from entrepot.sandbox.http.world import LiveLine, LiveWorld, OrderView

_GRAPHQL, _OAUTH = "/admin/api/2026-10/graphql.json", "/admin/oauth/access_token"
_COST_MAX, _BUCKET, _RESTORED_PER_S = 1000, 2000.0, 100.0
_PAGE_MAX = 250
_FILTER = re.compile(r"updated_at:>='([^']+)' AND updated_at:<'([^']+)'")
_RETURN = {"applied": "REQUESTED", "agreed": "OPEN", "done": "CLOSED", "closed": "CANCELED"}
_RETURN_OF_ORDER = {"applied": "RETURN_REQUESTED", "agreed": "IN_PROGRESS", "done": "RETURNED", "closed": "NO_RETURN"}
_PROCESS = {"applied": "applied", "agreed": "to_return", "done": "succeeded", "closed": "withdrawn"}
_ADDRESS = {
    "phone": "+15550100",
    "address1": "1 Sandbox St",
    "address2": None,
    "company": None,
    "city": "Springfield",
    "zip": "00001",
    "province": "Oregon",
    "countryCodeV2": "US",
}


class Shopify(Simulated):
    """The simulated API of one shop."""

    name = "shopify"
    renamed = ("displayFinancialStatus", "financialStatus")
    region = "EU"
    # A cursor holds the last row's place, not a number of rows: nothing can shift behind it.
    immune = frozenset({"page_shift"})
    client_id, secret = "sandbox-client", "sandbox-secret-of-shopify"
    token_life_s, own_token_life_s = 3_600, 86_399

    def __init__(self, world: LiveWorld, clock: SimClock, faults: Faults) -> None:
        super().__init__(world, clock, faults)
        self._issued, self._token, self._refresh, self._refresh_before = 1, "shpat-1", "shprt-1", ""
        self._ends = self.now + self.token_life_s
        self._points, self._filled_at = _BUCKET, clock.now_s()

    def claims(self, path: str) -> bool:
        """The address for queries and that for tokens."""
        return path in (_GRAPHQL, _OAUTH)

    def connection(self, base_url: str) -> dict[str, str]:
        """See `Simulated`."""
        return {
            "gateway_url": base_url + _GRAPHQL,
            "app_key": self.client_id,
            "secret": self.secret,
            "access_token": self._token,
            "refresh_token": self._refresh,
        }

    def answer(self, asked: Asked) -> Said:
        """Check the token and the bucket, then answer what the query asks for."""
        if asked.verb != "POST":
            return _said({"errors": "Not Found"}, 404)
        if asked.path == _OAUTH:
            return self._refreshed(json.loads(asked.body or b"{}"))
        if self.faults.fires("token_expiry"):
            self._token, self._ends = "none", 0
        if asked.headers.get("x-shopify-access-token") != self._token or self.now >= self._ends:
            return _said(
                {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}, 401
            )
        self._refresh_before = ""
        try:
            told = json.loads(asked.body)
            query = read_query(told["query"], told.get("variables") or {})
            return self._within_bucket(query)
        except FieldUnknown as error:
            message = f"Field '{error.name}' doesn't exist"
            return _said({"errors": [{"message": message, "extensions": {"code": "undefinedField"}}]})

    def truth(self) -> dict[str, Any]:
        """Orders, refunds and returns now."""
        views = self.world.views(self.now)
        cases: list[dict[str, Any]] = []
        for view in views:
            case = {"order_id": _name(view), "refund_minor": None, "money": "none"}
            if view.at("refund_done") is not None:
                money = {"process": "succeeded", "money": "returned", "refund_minor": view.refunded_minor}
                cases.append({**case, **money, "case_id": f"refund-{view.order.case_id}"})
            if _returns(view):
                cases.append(
                    {**case, "process": _PROCESS[view.refund_stage], "case_id": f"return-{view.order.case_id}"}
                )
        return {
            "orders": [self._true_order(view) for view in views],
            "after_sales": cases,
            # Nothing is banned here: what a platform takes off, a shop of one's own archives.
            "listings": [
                {**each, "state": "off_shelf" if each["state"] == "banned" else each["state"]}
                for each in self.shelf.truth(self.now)
            ],
        }

    @staticmethod
    def _true_order(view: OrderView) -> dict[str, Any]:
        """Nobody confirms receipt to a shop: the carrier says when a parcel arrived. Every discount is the shop's."""
        told = truth_of_order(view, states_discounts=True)
        order = view.order
        told["order_id"] = _name(view)
        if told["payment_state"] in ("escrowed", "released"):
            told["payment_state"] = "captured"
        if told["commercial_state"] == "completed_by_buyer":
            told["commercial_state"] = "open"
        if told["fulfilment_state"] == "allocated":
            told["fulfilment_state"] = "unallocated"
        told["confirmed_at"] = None
        told["discount_merchant_minor"] = order.merchant_minor + order.platform_minor
        told["discount_platform_minor"] = 0
        if view.at("paid") is None:
            told["tender_minor"] = 0
        return told

    def _within_bucket(self, query: Query) -> Said:
        """Take the query's points out of the bucket, or say when there are enough."""
        cost, now = query.cost, self.clock.now_s()
        self._points = min(self._points + (now - self._filled_at) * _RESTORED_PER_S, _BUCKET)
        self._filled_at = now
        if cost > _COST_MAX:
            code = {"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": _COST_MAX}
            return _said({"errors": [{"message": f"Query cost is {cost}", "extensions": code}]})
        is_dry = cost > self._points
        if is_dry or self.faults.fires("throttle"):
            left = self._points if is_dry else max(cost - _RESTORED_PER_S, 0.0)
            extensions = {"cost": _cost(cost, None, left)}
            return _said(
                {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": extensions}
            )
        self._points -= cost
        data = {name: self._root(name, each) for name, each in query.fields.items()}
        return _said({"data": data, "extensions": {"cost": _cost(cost, cost, self._points)}})

    def _root(self, name: str, query: Query) -> Any:  # noqa: ANN401 an answer is whatever JSON can hold
        if name == "orders":
            return query.of(self._orders(query))
        if name == "productVariants":
            return query.of(self._variants(query))
        if name == "order":
            view = self.world.view(str(query.arguments["id"]).rpartition("/")[2], self.now)
            return None if view is None else self._drifted(query.of(self._whole(view)))
        raise FieldUnknown(name)

    def _refreshed(self, params: dict[str, Any]) -> Said:
        given = params.get("refresh_token")
        if (params.get("client_id"), params.get("client_secret")) != (self.client_id, self.secret):
            return _said({"error": "invalid_client"}, 401)
        if params.get("grant_type") == "client_credentials":
            self._issued += 1
            self._token, self._ends = f"shpat-{self._issued}", self.now + self.own_token_life_s
            told = {"access_token": self._token, "expires_in": self.own_token_life_s}
            return _said({**told, "scope": "read_orders"})
        if params.get("grant_type") != "refresh_token" or given not in {self._refresh, self._refresh_before} - {""}:
            return _said({"error": "invalid_grant"}, 400)
        # The refresh token before is good until the new access token is used: an answer may be lost.
        self._issued += 1
        self._refresh_before = str(given)
        self._token, self._refresh = f"shpat-{self._issued}", f"shprt-{self._issued}"
        self._ends = self.now + self.token_life_s
        return _said({
            "access_token": self._token,
            "expires_in": self.token_life_s,
            "refresh_token": self._refresh,
            "refresh_token_expires_in": 90 * 86_400,
            "scope": "read_orders",
        })  # fmt: skip

    def _orders(self, query: Query) -> dict[str, Any]:
        span = _FILTER.fullmatch(str(query.arguments.get("query")))
        size = int(query.arguments.get("first") or 0)
        if span is None or query.arguments.get("sortKey") != "UPDATED_AT" or not 0 < size <= _PAGE_MAX:
            raise FieldUnknown("query")
        start, end = (_seconds(text) for text in span.groups())
        after = query.arguments.get("after")
        behind = tuple(json.loads(base64.b64decode(after))) if after else (0, "")
        keys = sorted(
            (view.modified_at, view.order.order_id)
            for view in self.world.views(self.now)
            if start <= view.modified_at < end
        )
        keys = [key for key in keys if key > behind]
        page = keys[:size]
        rows = [{"id": _gid("Order", order_id), "updatedAt": _iso(changed)} for changed, order_id in page]
        cursor = base64.b64encode(json.dumps(page[-1]).encode()).decode() if page else None
        return {
            "nodes": self.spoilt_rows(rows, 0, size),
            "pageInfo": {"hasNextPage": len(keys) > size, "endCursor": cursor},
        }

    def _variants(self, query: Query) -> dict[str, Any]:
        """Variants by their numbers; a cursor holds the number behind which it goes on."""
        size = int(query.arguments.get("first") or 0)
        if query.arguments.get("sortKey") != "ID" or not 0 < size <= _PAGE_MAX:
            raise FieldUnknown("sortKey")
        after = query.arguments.get("after")
        behind = int(base64.b64decode(after)) if after else 0
        found = sorted(
            (
                (int(variant.variant_id), product, variant)
                for product in self.shelf.products(self.now)
                for variant in product.variants
                if int(variant.variant_id) > behind
            ),
            key=lambda each: each[0],
        )
        page = found[:size]
        cursor = base64.b64encode(str(page[-1][0]).encode()).decode() if page else None
        return {
            "nodes": self.spoilt_rows([_variant(product, variant) for _, product, variant in page], 0, size),
            "pageInfo": {"hasNextPage": len(found) > size, "endCursor": cursor},
        }

    def _drifted(self, whole: dict[str, Any]) -> dict[str, Any]:
        if self.faults.fires("new_fields"):
            whole["surpriseAmount"] = "0.0"
        if self.faults.fires("field_renamed"):
            whole["financialStatus"] = whole.pop("displayFinancialStatus")
        if self.faults.fires("field_retyped"):
            whole["lineItems"] = "see the new connection"
        return whole

    def _whole(self, view: OrderView) -> dict[str, Any]:
        order = view.order
        address = {"name": f"Buyer {order.buyer}", **_ADDRESS}
        closed_at = view.at("cancelled") or (view.at("refund_done") if view.stage == "closed" else None)
        shares = _listed([_line(line) for line in order.lines])
        return {
            "id": _gid("Order", order.order_id),
            "name": _name(view),
            "createdAt": _iso(view.at("placed")),
            "updatedAt": _iso(view.modified_at),
            "cancelledAt": _iso(closed_at),
            "test": False,
            "currencyCode": "USD",
            "taxesIncluded": False,
            "email": f"{order.buyer}@example.com",
            "phone": None,
            "displayFinancialStatus": _financial(view),
            "displayFulfillmentStatus": "FULFILLED" if view.stage in ("shipped", "done") else "UNFULFILLED",
            "returnStatus": _RETURN_OF_ORDER[view.refund_stage] if _returns(view) else "NO_RETURN",
            "totalTaxSet": _money(0),
            "originalTotalDutiesSet": None,
            "billingAddress": address,
            "shippingAddress": address,
            "shippingLines": _listed([{"discountedPriceSet": _money(order.shipping_minor)}]),
            "lineItems": shares,
            "transactions": _transactions(view),
            "fulfillments": _parcels(view),
            "refunds": _refunds(view),
            "returns": _listed([
                {
                    "id": _gid("Return", order.case_id),
                    "status": _RETURN[view.refund_stage],
                    "createdAt": _iso(view.at("refund_applied")),
                }
            ] if _returns(view) else []),
        }  # fmt: skip


def _variant(product: Product, variant: Variant) -> dict[str, Any]:
    status = {"on_sale": "ACTIVE", "draft": "DRAFT"}.get(product.state, "ARCHIVED")
    price = _money(variant.unit_minor)["shopMoney"]["amount"]
    return {
        "id": _gid("ProductVariant", variant.variant_id),
        "sku": variant.sku,
        "barcode": variant.gtin or None,
        "title": "Default Title",
        "price": price,
        "inventoryQuantity": variant.units,
        "inventoryPolicy": "DENY",
        "updatedAt": _iso(product.changed_at),
        "inventoryItem": {"tracked": True},
        "product": {
            "id": _gid("Product", product.listing_id),
            "title": product.title,
            "status": status,
            "priceRangeV2": {"minVariantPrice": {"currencyCode": "USD"}},
        },
    }


def _returns(view: OrderView) -> bool:
    """Whether something is sent back: only what has left can be."""
    return view.refund_stage != "none" and any(event.what == "shipped" for event in view.order.events)


def _financial(view: OrderView) -> str:
    if view.at("paid") is None:
        return "VOIDED" if view.stage == "cancelled" else "PENDING"
    if view.refunded_minor >= view.paid_minor:
        return "REFUNDED"
    return "PARTIALLY_REFUNDED" if view.refunded_minor else "PAID"


def _line(line: LiveLine) -> dict[str, Any]:
    taken = [each for each in (line.merchant_minor, line.platform_minor) if each]
    return {
        "id": _gid("LineItem", line.line_id),
        "sku": line.sku,
        "title": line.title,
        "variantTitle": None,
        "quantity": line.quantity,
        "isGiftCard": False,
        "product": {"id": _gid("Product", line.listing_id)},
        "variant": {"id": _gid("ProductVariant", line.variant_id)},
        "originalUnitPriceSet": _money(line.unit_minor),
        "discountAllocations": [{"allocatedAmountSet": _money(each)} for each in taken],
    }


def _transactions(view: OrderView) -> list[dict[str, Any]]:
    """A card first fails, then pays; part of the money may come from a gift card."""
    paid_at = view.at("paid")
    if paid_at is None:
        return []
    told = {"kind": "SALE", "status": "SUCCESS", "gateway": "shopify_payments", "processedAt": _iso(paid_at)}
    rows = [{**told, "status": "FAILURE", "amountSet": _money(view.order.cash_minor)}]
    rows.append({**told, "amountSet": _money(view.order.cash_minor)})
    if view.order.points_minor:
        rows.append({**told, "gateway": "gift_card", "amountSet": _money(view.order.points_minor)})
    return rows


def _parcels(view: OrderView) -> list[dict[str, Any]]:
    shipped_at = view.at("shipped")
    if shipped_at is None:
        return []
    return [
        {
            "id": _gid("Fulfillment", view.order.case_id),
            "status": "SUCCESS",
            "createdAt": _iso(shipped_at),
            "deliveredAt": _iso(view.at("confirmed")),
            "trackingInfo": [{"number": f"1Z{view.order.order_id[-12:]}", "company": "UPS"}],
        }
    ]


def _refunds(view: OrderView) -> list[dict[str, Any]]:
    done_at = view.at("refund_done")
    if done_at is None:
        return []
    kind = "RETURN" if _returns(view) else "CANCEL"
    return [
        {
            "id": _gid("Refund", view.order.case_id),
            "createdAt": _iso(done_at),
            "totalRefundedSet": _money(view.refunded_minor),
            "refundLineItems": _listed(
                [
                    {"restockType": kind, "quantity": line.quantity, "lineItem": {"id": _gid("LineItem", line.line_id)}}
                    for line in view.refunded_lines
                ]
            ),
            "transactions": _listed([{"status": "SUCCESS"}]),
        }
    ]


def _listed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"nodes": rows, "pageInfo": {"hasNextPage": False}}


def _name(view: OrderView) -> str:
    return f"#{view.order.order_id}"


def _gid(kind: str, number: str) -> str:
    return f"gid://shopify/{kind}/{number}"


def _money(minor: int) -> dict[str, Any]:
    """An amount as the API writes it: no zero at the end but one."""
    text = f"{minor // 100}.{minor % 100:02d}"
    return {"shopMoney": {"amount": text.removesuffix("0") if text.endswith("0") else text}}


def _iso(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _cost(requested: int, actual: int | None, left: float) -> dict[str, Any]:
    status = {"maximumAvailable": _BUCKET, "currentlyAvailable": int(left), "restoreRate": _RESTORED_PER_S}
    return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}


def _said(value: dict[str, Any], status: int = 200) -> Said:
    return Said(json.dumps(value, ensure_ascii=False).encode(), status)
