"""Amazon's Selling Partner API: asks, reads answers. No network, no clock; nothing is signed, a header holds the token.

Source: manual of the Selling Partner API (orders v0, finances v0, reports and tokens 2021) and of Login with Amazon,
read 2026-11. The words that tell an ended token from a missing right are our assumption.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from entrepot.connectors.live.bills import Bill, BillFeed, BillList, Link, Packing, address_of
from entrepot.connectors.live.contract import Call, Credentials, Failure, Feed, Listed, Method, Page, Request, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

REPORTS_TYPE = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
DOWNLOAD = Method("report document", source="manual of the Reports API 2021-06-30, read 2026-11")
REFRESH = Method("auth.o2.token", source="manual of Login with Amazon, read 2026-11")
EXCHANGE = Method("createRestrictedDataToken", source="manual of the Tokens API 2021-03-01, read 2026-11")
_ORDERS = "/orders/v0/orders"
_PATHS = {
    "getOrders": _ORDERS,
    "getOrderItems": _ORDERS + "/{id}/orderItems",
    "listFinancialEvents": "/finances/v0/financialEvents",
    "getReports": "/reports/2021-06-30/reports",
    "getReportDocument": "/reports/2021-06-30/documents/{id}",
    EXCHANGE.name: "/tokens/2021-03-01/restrictedDataToken",
}
_TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105 an address
_RESTRICTED = "getOrders"
_ENDED = ("expired", "missing", "invalid", "revoked", "malformed")
_REFUSED = 400


class AmazonClient:
    """The client of Amazon; see `Client`, `Exchanging` and `BillClient`."""

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """A GET of the method's path; tokens are asked for by POST, the first of them at Login with Amazon."""
        del now_s
        if call.method is DOWNLOAD:
            # The address is signed by Amazon, and lies with its storage: no token goes there.
            return Request("GET", str(call.params["url"]))
        headers = {"user-agent": "Entrepot (Language=Python)", "accept": "application/json"}
        if call.method is REFRESH:
            form = {"client_id": credentials["app_key"], "client_secret": credentials["secret"], **call.params}
            headers["content-type"] = "application/x-www-form-urlencoded;charset=UTF-8"
            return Request("POST", _token_url(gateway), headers, urlencode(form).encode())
        headers["x-amz-access-token"] = credentials["access_token"]
        params = dict(call.params)
        url = gateway.rstrip("/") + _PATHS[call.method.name].format(id=quote(str(params.pop("id", ""))))
        if call.method is EXCHANGE:
            headers["content-type"] = "application/json"
            return Request("POST", url, headers, json.dumps(params).encode())
        if call.method.name == _RESTRICTED:
            # Without the right to personal fields there is no such token, and orders come without them.
            headers["x-amz-access-token"] = credentials["restricted_token"] or credentials["access_token"]
            params["MarketplaceIds"] = credentials["marketplace_ids"]
        return Request("GET", f"{url}?{urlencode(params)}" if params else url, headers)

    def list_call(self, feed: Feed, span: Span, page: int | str, *, with_total: bool) -> Call:
        """One page of what changed in a window. Beside a token for the next page nothing else is read."""
        del with_total
        params: dict[str, object] = {"MaxResultsPerPage": feed.listing.page_rows_max}
        if page:
            params["NextToken"] = str(page)
        elif feed.what == "refunds":
            params |= {"PostedAfter": _iso(span.start_s), "PostedBefore": _iso(span.end_s)}
        else:
            # Both ends are included.
            params |= {"LastUpdatedAfter": _iso(span.start_s), "LastUpdatedBefore": _iso(span.end_s - 1)}
        return Call(feed.listing, params, str(page))

    def detail_call(self, feed: Feed, listed: Listed) -> Call:
        """The items of an order; orders and refunds stand whole in their lists."""
        assert feed.detail is not None, f"{feed.name} is not read by id"
        return Call(feed.detail, {"id": listed.id})

    def bills_call(self, feed: BillFeed, span: Span, cursor: str) -> Call:
        """Settlement reports made in a window: Amazon makes them, they are never asked for."""
        if cursor:
            return Call(feed.asking, {"nextToken": cursor}, cursor)
        params = {
            "reportTypes": REPORTS_TYPE,
            "processingStatuses": "DONE",
            "pageSize": feed.asking.page_rows_max,
            "createdSince": _iso(span.start_s),
            "createdUntil": _iso(span.end_s),
        }
        return Call(feed.asking, params)

    def bills_in(self, answer: Mapping[str, Any]) -> BillList:
        """Reports that have a document."""
        reports = [each for each in answer.get("reports") or [] if each.get("reportDocumentId")]
        bills = tuple(Bill(str(each["reportDocumentId"]), str(each["reportId"])) for each in reports)
        return BillList(bills, str(answer.get("nextToken") or ""))

    def link_call(self, feed: BillFeed, bill: Bill) -> Call:
        """Ask where a report's document is."""
        assert feed.linking is not None, "a listed file needs a link"
        return Call(feed.linking, {"id": bill.id})

    def link_in(self, answer: Mapping[str, Any]) -> Link:
        """Where it is for five minutes. No digest is stated: what is packed checks itself."""
        packing = Packing.GZIP if answer.get("compressionAlgorithm") == "GZIP" else Packing.PLAIN
        return Link(str(answer["url"]), packing)

    def download_call(self, feed: BillFeed, link: Link) -> Call:
        """Fetch it."""
        return Call(feed.download, {"url": address_of(link)})

    def failure_in(self, answer: Mapping[str, Any], status: int) -> Failure | None:
        """`errors` of the gateway, or the word of Login with Amazon."""
        if "error" in answer:
            return Failure(str(answer["error"]))
        errors = answer.get("errors")
        if not errors:
            return Failure(str(status)) if status >= _REFUSED else None
        said = f"{errors[0].get('message') or ''} {errors[0].get('details') or ''}".lower()
        is_ended = "token" in said and any(word in said for word in _ENDED)
        return Failure(str(errors[0].get("code")), "", "ended" if is_ended else "")

    def page_in(self, feed: Feed, answer: Mapping[str, Any]) -> Page:
        """Rows of a list and the token of its next page. A financial event has no number: it is what it adjusts."""
        body = answer["payload"]
        if feed.what == "refunds":
            kind = feed.documents.split(".")[-1].removesuffix("[]")
            events = (body.get("FinancialEvents") or {}).get(kind) or []
            listed = [Listed(_event_id(event), str(event.get("PostedDate"))) for event in events]
        else:
            orders = body.get("Orders") or []
            listed = [Listed(str(order["AmazonOrderId"]), str(order["LastUpdateDate"])) for order in orders]
        return Page(tuple(listed), None, str(body.get("NextToken") or ""))

    def refresh_call(self, credentials: Credentials) -> Call | None:
        """Ask for a new access token; the refresh token stays as it is."""
        return Call(REFRESH, {"grant_type": "refresh_token", "refresh_token": credentials["refresh_token"]})

    def refreshed(self, answer: Mapping[str, Any], credentials: Credentials, now_s: float) -> Credentials:
        """The new token; the restricted one that was bought with the old one is of no use any more."""
        values = {**credentials.values, "access_token": str(answer["access_token"]), "restricted_token": ""}
        return Credentials(values, now_s + float(answer["expires_in"]))

    def exchange_call(self, credentials: Credentials) -> Call | None:
        """Ask for a token that shows who bought and where it goes, for lists of orders only."""
        del credentials
        resource = {"method": "GET", "path": _ORDERS, "dataElements": ["buyerInfo", "shippingAddress"]}
        return Call(EXCHANGE, {"restrictedResources": [resource]})

    def exchanged(self, answer: Mapping[str, Any], credentials: Credentials, now_s: float) -> Credentials:
        """Both tokens, until the first of them ends."""
        values = {**credentials.values, "restricted_token": str(answer.get("restrictedDataToken") or "")}
        ends = [now_s + float(answer["expiresIn"])] if "expiresIn" in answer else []
        ends += [credentials.expires_at_s] if credentials.expires_at_s is not None else []
        return Credentials(values, min(ends, default=None))


def _event_id(event: Mapping[str, Any]) -> str:
    items = event.get("ShipmentItemAdjustmentList") or []
    names = sorted(str(item.get("OrderAdjustmentItemId") or item.get("OrderItemId")) for item in items)
    return "|".join([str(event.get("AmazonOrderId")), *names])


def _token_url(gateway: str) -> str:
    """Amazon's for Amazon's gateways; a simulated gateway gives tokens itself."""
    parts = urlsplit(gateway)
    is_amazon = (parts.hostname or "").endswith(".amazon.com")
    return _TOKEN_URL if is_amazon else f"{parts.scheme}://{parts.netloc}/auth/o2/token"


def _iso(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
