"""Amazon's Selling Partner API as its manual describes it: tokens from Login with Amazon, lists with a token per page.

Source: manual and models of orders v0, finances v0 and tokens 2021-03-01, read 2026-11. Not sourced, and set here: the
words of errors, that what is called off has neither price nor quantity, that a page token keeps its place and at times
gives rows once more, that financial events are there at once.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from entrepot.sandbox.http.amazon_reports import KEPT_S, REPORT_TYPE, Reports, amazon_order_id
from entrepot.sandbox.http.bills import Links, flipped
from entrepot.sandbox.http.platform import Asked, Busy, Said, Simulated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.platform import SimClock
    from entrepot.sandbox.http.world import LiveLine, LiveWorld, OrderView

_ORDERS, _EVENTS = "/orders/v0/orders", "/finances/v0/financialEvents"
_LOGIN, _RESTRICTED = "/auth/o2/token", "/tokens/2021-03-01/restrictedDataToken"
_REPORTS, _DOCUMENTS = "/reports/2021-06-30/reports", "/reports/2021-06-30/documents/"
_STORED = "/amazon-storage/document"
_LAG_S, _PAGE_MAX, _SPAN_MAX_S = 120, 100, 180 * 86_400
_STATUS = {
    "unpaid": "Pending",
    "paid": "Unshipped",
    "shipped": "Shipped",
    "done": "Shipped",
    "cancelled": "Canceled",
    "closed": "Canceled",
}
_STATES = {
    "Pending": ("pending_confirmation", "open", "unallocated"),
    "Unshipped": ("preauthorised", "open", "allocated"),
    "Shipped": ("captured", "open", "shipped"),
    "Canceled": ("voided", "cancelled_unpaid", "unallocated"),
}


class _Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, message: str, details: str = "") -> None:
        super().__init__(code)
        error = {"code": code, "message": message, "details": details}
        self.said = _said({"errors": [error]}, status)


class Amazon(Simulated):
    """The simulated gateway of one region, with one seller."""

    name = "amazon"
    renamed = ("OrderStatus", "Status")
    titles = ("Title",)
    region = "EU"
    # One listing is read for several feeds: windows are longer.
    busy = Busy(orders=48, days=1, span_hours=16)
    client_id, secret, marketplace = "amzn1.sandbox", "sandbox-secret-of-amazon", "ATVPDKIKX0DER"
    refresh_token = "Atzr|sandbox"  # noqa: S105 of the sandbox
    token_life_s = 3_600
    link_life_s = 300.0
    reports_page_max = 2

    def __init__(self, world: LiveWorld, clock: SimClock, faults: Faults) -> None:
        super().__init__(world, clock, faults)
        self._reports, self._links = Reports(world), Links(self.link_life_s)
        self._issued, self._token, self._restricted, self._ends = 1, "Atza|1", "", self.now + self.token_life_s

    def claims(self, path: str) -> bool:
        """Its paths; tokens come from the same address here."""
        return path in (_LOGIN, _RESTRICTED, _EVENTS, _REPORTS, _STORED) or path.startswith((_ORDERS, _DOCUMENTS))

    def connection(self, base_url: str) -> dict[str, str]:
        """See `Simulated`. Documents lie at the same address here; at Amazon they lie with its storage."""
        self._base = base_url
        return {
            "gateway_url": base_url,
            "app_key": self.client_id,
            "secret": self.secret,
            "access_token": self._token,
            "refresh_token": self.refresh_token,
            "marketplace_ids": self.marketplace,
        }

    def answer(self, asked: Asked) -> Said:
        """Check the token, then answer `payload`; errors have a status of their own."""
        try:
            if asked.path == _LOGIN:
                return self._logged_in(dict(parse_qsl(asked.body.decode())))
            if asked.path == _STORED:
                return self._stored(asked)
            may_see = self._checked(asked)
            if asked.path == _RESTRICTED:
                return self._exchanged(json.loads(asked.body))
            if asked.path.startswith((_REPORTS, _DOCUMENTS)):
                return _said(self._of_reports(asked))
            return _said({"payload": self._payload(asked, may_see=may_see)})
        except _Refused as refused:
            return refused.said

    def _of_reports(self, asked: Asked) -> dict[str, Any]:
        """A page of the list, or where a document is. Beside a token for the next page nothing may be asked."""
        if self.faults.fires("throttle"):
            raise _Refused(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")
        if asked.path == _REPORTS:
            query, behind = dict(asked.query), 0
            if token := query.get("nextToken"):
                if len(query) > 1:
                    raise _Refused(400, "InvalidInput", "nextToken goes alone")
                query, behind = json.loads(base64.b64decode(token))
            size = min(int(query.get("pageSize", "10")), self.reports_page_max)
            if query.get("reportTypes") != REPORT_TYPE:
                raise _Refused(400, "InvalidInput", "only settlement reports are simulated")
            if _instant(query.get("createdSince")) and _instant(query["createdSince"]) < self.now - KEPT_S:
                raise _Refused(400, "InvalidInput", "createdSince is more than 90 days ago")
            rows = self._reports.listed(query, self.now)
            shown = {"reports": self.spoilt_rows(rows[behind : behind + size], 0, size)}
            if behind + size >= len(rows):
                return shown
            return {**shown, "nextToken": base64.b64encode(json.dumps([query, behind + size]).encode()).decode()}
        document_id = asked.path.removeprefix(_DOCUMENTS)
        if self._reports.document(document_id, self.now) is None:
            raise _Refused(404, "NotFound", "there is no such document")
        token = self._links.give(document_id, self.now, is_over=self.faults.fires("link_expired"))
        url = f"{self._base}{_STORED}?X-Amz-Signature={token}"
        return {"reportDocumentId": document_id, "url": url, "compressionAlgorithm": "GZIP"}

    def _stored(self, asked: Asked) -> Said:
        """A document from storage, which knows its own signature and no token."""
        if "x-amz-access-token" in asked.headers:
            return Said(b"<Error><Code>InvalidArgument</Code></Error>", 400, {"content-type": "application/xml"})
        document_id = self._links.leads_to(asked.query.get("X-Amz-Signature", ""), self.now)
        packed = self._reports.document(document_id, self.now) if document_id else None
        if packed is None:
            return Said(b"<Error><Code>AccessDenied</Code></Error>", 403, {"content-type": "application/xml"})
        content = flipped(packed) if self.faults.fires("digest_wrong") else packed
        return Said(content, 200, {"content-type": "application/octet-stream"})

    def files(self) -> dict[str, bytes]:
        """Every settlement report that is done, by name, as a person would download it."""
        done = [each for each in self._reports.begun(self.now) if "reportDocumentId" in each.row(self.now)]
        return {f"settlement_{each.settlement_id}.txt": self._reports.text(each).encode() for each in done}

    def settled_minor(self) -> dict[str, int]:
        """Settlement to what it pays out, for those whose report is done."""
        done = [each for each in self._reports.begun(self.now) if "reportDocumentId" in each.row(self.now)]
        return {each.settlement_id: self._reports.total_minor(each) for each in done}

    def _payload(self, asked: Asked, *, may_see: bool) -> dict[str, Any]:
        if self.faults.fires("throttle"):
            raise _Refused(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")
        if asked.path == _EVENTS:
            return self._events(asked.query)
        if asked.path == _ORDERS:
            return self._orders(asked.query, may_see=may_see)
        return self._of_order(asked.path, may_see=may_see)

    def truth(self) -> dict[str, Any]:
        """Orders, lines and refunds now. Before goods leave nothing is captured, and nothing is given back."""
        views = self.world.views(self.now)
        return {
            "orders": [self._true_order(view) for view in views],
            "after_sales": [
                {
                    "case_id": f"{_order_id(view)}-{_adjustment_id(line)}",
                    "order_id": _order_id(view),
                    "process": "succeeded",
                    "money": "returned",
                    "refund_minor": line.share_minor + line.points_minor,
                }
                for view in views
                if _refunded(view)
                for line in view.refunded_lines
            ],
        }

    @staticmethod
    def _true_order(view: OrderView) -> dict[str, Any]:
        """Money stands on lines; who is pending has none, and what is called off has a quantity of zero."""
        status = _STATUS[view.stage]
        payment, commercial, fulfilment = _STATES[status]
        is_off = status == "Canceled"
        lines = [] if status == "Pending" else view.order.lines
        return {
            "order_id": _order_id(view),
            "payment_state": payment,
            "commercial_state": commercial,
            "fulfilment_state": fulfilment,
            "placed_at": view.at("placed"),
            "paid_at": view.at("placed") if status in ("Unshipped", "Shipped") else None,
            "shipped_at": None,
            "confirmed_at": None,
            "modified_at": view.modified_at,
            "lines": [
                {
                    "line_id": line.line_id,
                    "sku_id": line.sku,
                    "quantity": 0 if is_off else line.quantity,
                    "goods_minor": 0 if is_off else line.goods_minor,
                }
                for line in lines
            ],
        }

    def _logged_in(self, form: dict[str, str]) -> Said:
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.secret):
            return _said({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        if (form.get("grant_type"), form.get("refresh_token")) != ("refresh_token", self.refresh_token):
            return _said({"error": "invalid_grant", "error_description": "The request has an invalid grant"}, 400)
        self._issued += 1
        self._token, self._restricted, self._ends = f"Atza|{self._issued}", "", self.now + self.token_life_s
        told = {"access_token": self._token, "refresh_token": self.refresh_token, "token_type": "bearer"}
        return _said({**told, "expires_in": self.token_life_s})

    def _exchanged(self, body: dict[str, Any]) -> Said:
        wanted = [{"method": "GET", "path": _ORDERS, "dataElements": ["buyerInfo", "shippingAddress"]}]
        if body.get("restrictedResources") != wanted:
            raise _Refused(400, "InvalidInput", "Could not match input arguments")
        self._restricted = f"Atz.sprdt|{self._issued}"
        return _said({"restrictedDataToken": self._restricted, "expiresIn": self.token_life_s})

    def _checked(self, asked: Asked) -> bool:
        """Whether the caller may see who bought."""
        if asked.path != _RESTRICTED and self.faults.fires("token_expiry"):
            self._token, self._restricted = "none", ""
        given = asked.headers.get("x-amz-access-token", "")
        denied = "Access to requested resource is denied."
        if not given:
            raise _Refused(403, "Unauthorized", denied, "Access token is missing in the request header.")
        if given not in (self._token, self._restricted) or self.now >= self._ends:
            raise _Refused(403, "Unauthorized", denied, "The access token you provided has expired.")
        if given == self._restricted and asked.path != _ORDERS:
            raise _Refused(403, "Unauthorized", denied)
        return given == self._restricted

    def _orders(self, query: Mapping[str, str], *, may_see: bool) -> dict[str, Any]:
        if self.marketplace not in query.get("MarketplaceIds", "").split(","):
            raise _Refused(400, "InvalidInput", "MarketplaceIds is missing or wrong")
        by, start, end, behind = self._place(query, "Created" if "CreatedAfter" in query else "LastUpdated")
        views = {
            (at, _order_id(view)): view
            for view in self.world.views(self.now)
            if start <= (at := view.modified_at if by == "LastUpdated" else view.at("placed") or 0) <= end
        }
        keys, token = self._page(views, query, (by, start, end, behind))
        rows = [self._whole(views[key], may_see=may_see) for key in keys]
        return {"Orders": self.spoilt_rows(rows, 0, len(rows)), **token}

    def _events(self, query: Mapping[str, str]) -> dict[str, Any]:
        by, start, end, behind = self._place(query, "Posted")
        views = {
            (at, _order_id(view)): view
            for view in self.world.views(self.now)
            if _refunded(view) and start <= (at := view.at("refund_done") or 0) < end
        }
        keys, token = self._page(views, query, (by, start, end, behind))
        rows = [_event(views[key]) for key in keys]
        shown = self.spoilt_rows(rows, 0, len(rows))
        return {"FinancialEvents": {"ShipmentEventList": [], "RefundEventList": shown}, **token}

    def _place(self, query: Mapping[str, str], by: str) -> tuple[str, int, int, tuple[int, str]]:
        """Which time counts, window and place of a page; where a page token is given, nothing else is looked at."""
        if query.get("NextToken"):
            by, start, end, at, order_id = json.loads(base64.b64decode(query["NextToken"]))
            return by, start, end, (at, order_id)
        after, before = f"{by}After", f"{by}Before"
        start, end = _instant(query.get(after)), _instant(query.get(before)) or self.now - _LAG_S
        if not start or not start <= end <= self.now - _LAG_S or (by == "Posted" and end - start > _SPAN_MAX_S):
            raise _Refused(400, "InvalidInput", f"{before} must be later than {after} and two minutes before now")
        return by, start, end, (0, "")

    def _page(
        self, keys: Iterable[tuple[int, str]], query: Mapping[str, str], place: tuple[str, int, int, tuple[int, str]]
    ) -> tuple[list[tuple[int, str]], dict[str, str]]:
        """Keys of a page and the token of the next; a page may begin with rows of the one before."""
        size = int(query.get("MaxResultsPerPage", _PAGE_MAX))
        if not 0 < size <= _PAGE_MAX:
            raise _Refused(400, "InvalidInput", "MaxResultsPerPage is wrong")
        by, start, end, behind = place
        ordered = sorted(keys)
        first = sum(key <= behind for key in ordered)
        if first > 0 and self.faults.fires("page_shift"):
            first -= max(size // 2, 1)
        shown = ordered[max(first, 0) : max(first, 0) + size]
        if not shown or shown[-1] == ordered[-1]:
            return shown, {}
        token = base64.b64encode(json.dumps([by, start, end, *shown[-1]]).encode()).decode()
        return shown, {"NextToken": token}

    def _of_order(self, path: str, *, may_see: bool) -> dict[str, Any]:
        """One order, or its items."""
        order_id, _, what = path.removeprefix(f"{_ORDERS}/").partition("/")
        view = self.world.view("28" + order_id.replace("-", ""), self.now)
        if view is None or what not in ("", "orderItems"):
            raise _Refused(404, "NotFound", "no such order")
        return self._items(view, order_id) if what else self._whole(view, may_see=may_see)

    def _items(self, view: OrderView, order_id: str) -> dict[str, Any]:
        status = _STATUS[view.stage]
        items: Any = [_item(view, line, place, status) for place, line in enumerate(view.order.lines)]
        if self.faults.fires("field_retyped"):
            items = "see the new method"
        return {"AmazonOrderId": order_id, "OrderItems": items}

    def _whole(self, view: OrderView, *, may_see: bool) -> dict[str, Any]:
        status, order = _STATUS[view.stage], view.order
        told: dict[str, Any] = {
            "AmazonOrderId": _order_id(view),
            "PurchaseDate": _iso(view.at("placed")),
            "LastUpdateDate": _iso(view.modified_at),
            "OrderStatus": status,
            "FulfillmentChannel": "AFN",
            "MarketplaceId": self.marketplace,
            "IsReplacementOrder": "false",
            "ShippingAddress": {
                "City": "Springfield",
                "StateOrRegion": "OR",
                "PostalCode": "00001",
                "CountryCode": "US",
            },
        }
        if status in ("Unshipped", "Shipped"):
            told["OrderTotal"] = _money(order.cash_minor)
        if may_see:
            told["BuyerInfo"] = {
                "BuyerEmail": f"{order.buyer}@marketplace.example",
                "BuyerName": f"Buyer {order.buyer}",
            }
            told["ShippingAddress"] |= {"Name": f"Buyer {order.buyer}", "AddressLine1": "1 Sandbox St"}
        if self.faults.fires("new_fields"):
            told["SurpriseAmount"] = "0.00"
        if self.faults.fires("field_renamed"):
            told["Status"] = told.pop("OrderStatus")
        return told


def _refunded(view: OrderView) -> bool:
    """Whether money went back after goods had left."""
    return view.at("refund_done") is not None and any(event.what == "shipped" for event in view.order.events)


def _item(view: OrderView, line: LiveLine, place: int, status: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "OrderItemId": line.line_id,
        "ASIN": f"B0{line.listing_id[-8:]}",
        "SellerSKU": line.sku,
        "Title": line.title,
        "QuantityOrdered": 0 if status == "Canceled" else line.quantity,
        "IsGift": "false",
    }
    if status in ("Unshipped", "Shipped"):
        told["ItemPrice"] = _money(line.goods_minor)
        told["PromotionDiscount"] = _money(line.merchant_minor + line.platform_minor)
        told["ShippingPrice"] = _money(view.order.shipping_minor if place == 0 else 0)
        told["ItemTax"] = _money(0)
    return told


def _event(view: OrderView) -> dict[str, Any]:
    return {
        "AmazonOrderId": _order_id(view),
        "PostedDate": _iso(view.at("refund_done")),
        "MarketplaceName": "Amazon.com",
        "ShipmentItemAdjustmentList": [
            {
                "OrderAdjustmentItemId": _adjustment_id(line),
                "OrderItemId": line.line_id,
                "SellerSKU": line.sku,
                "QuantityShipped": line.quantity,
                "ItemChargeAdjustmentList": [
                    {"ChargeType": "Principal", "ChargeAmount": _amount(-line.goods_minor)},
                    {"ChargeType": "Tax", "ChargeAmount": _amount(0)},
                ],
                "PromotionAdjustmentList": [
                    {
                        "PromotionType": "PromotionMetaDataDefinitionValue",
                        "PromotionAmount": _amount(line.merchant_minor + line.platform_minor),
                    }
                ],
            }
            for line in view.refunded_lines
        ],
    }


def _adjustment_id(line: LiveLine) -> str:
    return f"9{line.line_id[-12:]}"


def _order_id(view: OrderView) -> str:
    return amazon_order_id(view.order.order_id)


def _money(minor: int) -> dict[str, str]:
    return {"CurrencyCode": "USD", "Amount": f"{minor // 100}.{minor % 100:02d}"}


def _amount(minor: int) -> dict[str, Any]:
    """Finances write numbers."""
    return {"CurrencyCode": "USD", "CurrencyAmount": minor / 100}


def _instant(text: str | None) -> int:
    """A time of ISO 8601, in UTC where it names no zone; 0 for anything else."""
    try:
        told = datetime.fromisoformat(text or "")
    except ValueError:
        return 0
    return int((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp())


def _iso(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _said(value: dict[str, Any], status: int = 200) -> Said:
    return Said(json.dumps(value, ensure_ascii=False).encode(), status)
