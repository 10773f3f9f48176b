"""Xiaohongshu's gateway as its guides, published contracts and clients describe it: one address, one flat JSON object.

Source: guides 39, 40 and 292 of the open platform and public clients, read 2026-11. Not sourced, and set here so that
they can be changed: numbers and texts of errors, how far a clock may be off, when a refresh token has been used up,
which of the two readings of the contracts an answer about a case follows (here both do), when a sale is settled and at
what fees.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.http.platform import Asked, Busy, Said, Simulated, truth_of_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.platform import SimClock
    from entrepot.sandbox.http.world import LiveWorld, OrderView

_PATH = "/ark/open_api/v3/common_controller"
_TOLERANCE_S = 600
_SPAN_MAX_S = 1800
_DAY = 86_400
_STATUS = {"unpaid": 1, "paid": 4, "shipped": 6, "done": 7, "cancelled": 9, "closed": 8}
_AFTER_SALES = {"none": 1, "applied": 2, "agreed": 2, "done": 3, "closed": 7}
_CASE_STATUS = {"applied": 1, "agreed": 2, "done": 4, "closed": 5}
_REFUND_STATUS = {"applied": None, "agreed": 101, "done": 2, "closed": 401}
_CASES = {
    "applied": ("applied", "none"),
    "agreed": ("to_return", "pending"),
    "done": ("succeeded", "returned"),
    "closed": ("withdrawn", "none"),
}


class _Refused(Exception):
    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code, self.text = code, text


class Xiaohongshu(Simulated):
    """The simulated gateway."""

    name = "xiaohongshu"
    renamed = ("totalPayAmount", "totalPaymentAmount")
    titles = ("skuName", "name")
    # Its windows are half an hour at most: orders have to come thick for windows of several pages.
    busy = Busy(orders=64, days=1, page_rows=2)
    app_id, secret = "sandbox-app-of-red", "sandbox-secret-of-red"
    token_life_s, refresh_life_s = 7 * _DAY, 14 * _DAY
    renews_in_last_s, old_lives_s = 1800, 300

    def __init__(self, world: LiveWorld, clock: SimClock, faults: Faults) -> None:
        super().__init__(world, clock, faults)
        self._issued, self._token, self._refresh, self._refresh_before = 1, "red-1", "redr-1", ""
        # Other worlds last longer than a week: the first token was given for the whole of them.
        self._ends = clock.now_s() + 90 * _DAY
        self._old, self._old_ends = "", 0.0
        self._methods: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "order.getOrderList": self._orders,
            "order.getOrderDetail": self._order,
            "afterSale.listAfterSaleInfos": self._cases,
            "afterSale.getAfterSaleInfo": self._case,
            "finance.pageQueryTransaction": self._transactions,
            "product.getDetailSkuList": self._skus,
            "oauth.refreshToken": self._refreshed,
            "oauth.getAccessToken": self._created,
        }

    def claims(self, path: str) -> bool:
        """One address for everything."""
        return path == _PATH

    def connection(self, base_url: str) -> dict[str, str]:
        """See `Simulated`."""
        return {
            "gateway_url": base_url + _PATH,
            "app_key": self.app_id,
            "secret": self.secret,
            "access_token": self._token,
            "refresh_token": self._refresh,
        }

    def answer(self, asked: Asked) -> Said:
        """Check signature, time and token, then answer. Errors come with HTTP 200."""
        if asked.verb == "HEAD":
            return _said({})
        asks = json.loads(asked.body or b"{}")
        method = str(asks.get("method", ""))
        try:
            self._check(asks, method)
            data = self._methods[method](asks)
        except _Refused as refused:
            return _said({"error_code": refused.code, "error_msg": refused.text, "success": False, "data": None})
        return _said({"error_code": 0, "error_msg": "", "success": True, "data": data})

    def truth(self) -> dict[str, Any]:
        """Orders and cases now."""
        views = self.world.views(self.now)
        return {
            "orders": [_true_order(view) for view in views],
            "after_sales": [
                {
                    "case_id": _case_id(view),
                    "order_id": _order_id(view),
                    "process": _CASES[view.refund_stage][0],
                    "money": _CASES[view.refund_stage][1],
                    "refund_minor": view.refund_minor,
                }
                for view in views
                if view.refund_stage != "none"
            ],
            "settlement_lines": [line for each in self._settled() for line in each.lines()],
            # On the shelf or not: why is not told.
            "listings": [
                {**each, "state": "off_shelf" if each["state"] in ("draft", "banned") else each["state"]}
                for each in self.shelf.truth(self.now)
            ],
        }

    def _check(self, asks: dict[str, Any], method: str) -> None:
        stamp = asks.get("timestamp")
        text = f"{method}?appId={self.app_id}&timestamp={stamp}&version=2.0{self.secret}"
        wanted = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        if method not in self._methods or asks.get("appId") != self.app_id or asks.get("version") != "2.0":
            raise _Refused(-2000400, "请求参数错误")
        if asks.get("sign") != wanted:
            raise _Refused(-1, "签名错误")
        if not isinstance(stamp, str) or abs(int(stamp) - self.now) > _TOLERANCE_S:
            raise _Refused(-1, "timestamp不合法")
        if method.startswith("oauth."):
            return
        if self.faults.fires("token_expiry"):
            self._token, self._old = "", ""
        is_old = asks.get("accessToken") == self._old and self.now <= self._old_ends
        if (asks.get("accessToken") != self._token or self.now > self._ends) and not is_old:
            raise _Refused(-1, "accessToken已过期")
        if self.faults.fires("throttle"):
            raise _Refused(-1, "请求过于频繁")

    def _refreshed(self, asks: dict[str, Any]) -> dict[str, Any]:
        given = asks.get("refreshToken")
        if given not in (self._refresh, self._refresh_before):
            raise _Refused(-1, "refresh无效")
        if given == self._refresh and (not self._token or self._ends - self.now <= self.renews_in_last_s):
            self._old, self._old_ends = self._token, self.now + self.old_lives_s
            self._issued += 1
            self._refresh_before, self._refresh = self._refresh, f"redr-{self._issued}"
            self._ends = self.now + self.token_life_s
        return self._token_told()

    def _created(self, asks: dict[str, Any]) -> dict[str, Any]:
        if not self.redeem(asks.get("code")):
            raise _Refused(-1, "code无效")
        self._issued += 1
        self._refresh_before, self._refresh = "", f"redr-{self._issued}"
        self._ends = self.now + self.token_life_s
        return self._token_told()

    def _token_told(self) -> dict[str, Any]:
        self._token = f"red-{self._issued}"
        return {
            "accessToken": self._token,
            "accessTokenExpiresAt": int(self._ends * 1000),
            "refreshToken": self._refresh,
            "refreshTokenExpiresAt": int((self.now + self.refresh_life_s) * 1000),
            "sellerId": "5f0000000000000000000001",
            "sellerName": "sandbox",
        }

    def _window(self, asks: dict[str, Any], unit: int, most_rows: int) -> tuple[float, float]:
        start, end, page, size = (int(asks.get(name, 0)) for name in ("startTime", "endTime", "pageNo", "pageSize"))
        span = (end - start) / unit
        if asks.get("timeType") != 2 or not 0 < span <= _SPAN_MAX_S or not 0 < size <= 100 or page < 1:  # noqa: PLR2004
            raise _Refused(-2000400, "请求参数错误")
        if page * size > most_rows:
            raise _Refused(-2000400, "请求参数错误")
        return start / unit, end / unit

    def _orders(self, asks: dict[str, Any]) -> dict[str, Any]:
        start, end = self._window(asks, 1, 10_000)
        page, size = int(asks["pageNo"]), int(asks["pageSize"])
        views = [view for view in self.world.views(self.now) if start <= view.modified_at <= end]
        views.sort(key=lambda view: (-view.modified_at, view.order.order_id))
        rows = [
            {
                "orderId": _order_id(view),
                "orderStatus": _STATUS[view.stage],
                "orderType": 1,
                "createdTime": _ms(view.at("placed")),
                "updateTime": _ms(view.modified_at),
                "receiverProvinceName": "江苏省",
            }
            for view in views
        ]
        return {
            "total": len(rows),
            "pageNo": page,
            "pageSize": size,
            "maxPageNo": max(-(-len(rows) // size), 1),
            "orderList": self.spoilt_rows(rows, page - 1, size),
        }

    def _order(self, asks: dict[str, Any]) -> dict[str, Any]:
        view = self.world.view(str(asks.get("orderId", "")).removeprefix("P"), self.now)
        if view is None:
            raise _Refused(-2000101, "包裹不存在")
        told = self._whole(view)
        if self.faults.fires("new_fields"):
            told["surpriseAmount"] = 0
        if self.faults.fires("field_renamed"):
            told["totalPaymentAmount"] = told.pop("totalPayAmount")
        if self.faults.fires("field_retyped"):
            told["skuList"] = "see the new method"
        return told

    @staticmethod
    def _whole(view: OrderView) -> dict[str, Any]:
        order = view.order
        return {
            "orderId": _order_id(view),
            "orderType": 1,
            "orderStatus": _STATUS[view.stage],
            "orderAfterSalesStatus": _AFTER_SALES[view.refund_stage],
            "cancelStatus": 0,
            "createdTime": _ms(view.at("placed")),
            "paidTime": _ms(view.at("paid")),
            "updateTime": _ms(view.modified_at),
            "deliveryTime": _ms(view.at("shipped")),
            "cancelTime": _ms(view.at("cancelled") or (view.at("refund_done") if view.stage == "closed" else None)),
            "finishTime": _ms(view.at("confirmed")),
            "totalPayAmount": order.cash_minor,
            "totalShippingFree": order.shipping_minor,
            "totalDepositAmount": 0,
            "totalMerchantDiscount": order.merchant_minor,
            "totalRedDiscount": order.platform_minor,
            "outPromotionAmount": order.points_minor,
            "totalChangePriceAmount": 0,
            "totalTaxAmount": 0,
            "logisticsMode": 1,
            "userId": order.buyer,
            "openAddressId": hashlib.sha256(order.order_id.encode()).hexdigest()[:32],
            "receiverProvinceName": "江苏省",
            "expressCompanyCode": "yuantong" if view.at("shipped") is not None else "",
            "expressTrackingNo": f"YT{order.order_id[-12:]}" if view.at("shipped") is not None else "",
            "skuList": [
                {
                    "skuId": line.variant_id,
                    "itemId": line.listing_id,
                    "erpcode": line.sku,
                    "skuName": line.title,
                    "skuQuantity": line.quantity,
                    "skuDetailList": [
                        {
                            "skuId": line.variant_id,
                            "erpCode": line.sku,
                            "quantity": line.quantity,
                            "rawPricePerSku": line.unit_minor,
                        }
                    ],
                }
                for line in order.lines
            ],
        }

    def _cases(self, asks: dict[str, Any]) -> dict[str, Any]:
        start, end = self._window(asks, 1000, 50_000)
        page, size = int(asks["pageNo"]), int(asks["pageSize"])
        found = [
            (changed, view)
            for view in self.world.views(self.now)
            if (changed := view.refund_modified_at) is not None and start <= changed <= end
        ]
        found.sort(key=lambda each: (-each[0], each[1].order.case_id))
        rows = [
            {
                "returnsId": _case_id(view),
                "orderId": _order_id(view),
                "returnType": 1,
                "status": _CASE_STATUS[view.refund_stage],
                "updatedAt": _ms(changed),
            }
            for changed, view in found
        ]
        shown = self.spoilt_rows(rows, page - 1, size)
        return _wrapped({"afterSaleBasicInfos": shown, "totalCount": len(rows), "pageNo": page, "pageSize": size})

    def _settled(self) -> list[_Transaction]:
        """Every sale half an hour after its confirmation; what was given back, half an hour later."""
        found = []
        for view in self.world.views(self.now):
            confirmed = view.at("confirmed")
            if confirmed is None:
                continue
            found.append(_Transaction(view, 0, confirmed + 1800, view.order.cash_minor, view.order.platform_minor))
            if view.refunded_minor:
                found.append(_Transaction(view, 1, confirmed + 3600, -view.refunded_minor, 0))
        return [each for each in found if each.at <= self.now]

    def _transactions(self, asks: dict[str, Any]) -> dict[str, Any]:
        start, end, page, size = (int(asks.get(name, 0)) for name in ("startTime", "endTime", "pageNum", "pageSize"))
        if asks.get("commonSettleStatus") != 1 or not 0 < end - start <= _DAY * 1000 or page < 1 or not 0 < size <= 100:  # noqa: PLR2004
            raise _Refused(-2000400, "请求参数错误")
        # The end of a window is left out.
        found = [each for each in self._settled() if start <= each.at * 1000 < end]
        found.sort(key=lambda each: (-each.at, each.number))
        shown = self.spoilt_rows([each.row() for each in found], page - 1, size)
        return _wrapped({"total": len(found), "totalPage": -(-len(found) // size), "transactions": shown})

    def _skus(self, asks: dict[str, Any]) -> dict[str, Any]:
        page, size = int(asks.get("pageNo", 1)), int(asks.get("pageSize", 50))
        if page < 1 or not 0 < size <= 100 or "buyable" in asks:  # noqa: PLR2004
            raise _Refused(-2000400, "请求参数错误")
        rows = [
            {
                "item": {"id": product.listing_id, "name": product.title, "updateTime": _ms(product.changed_at)},
                "sku": {
                    "id": each.variant_id,
                    "itemId": product.listing_id,
                    "erpCode": each.sku,
                    "barcode": each.gtin,
                    "price": each.unit_minor,
                    "stock": each.units,
                    "buyable": product.state == "on_sale",
                    "updateTime": _ms(product.changed_at),
                    "isGift": False,
                },
            }
            for product in self.shelf.products(self.now)
            for each in product.variants
        ]
        return {"data": self.spoilt_rows(rows, page - 1, size), "pageNO": page, "pageSize": size, "total": len(rows)}

    def _case(self, asks: dict[str, Any]) -> dict[str, Any]:
        view = self.world.view_of_case(str(asks.get("returnsId", "")).removeprefix("R"), self.now)
        if view is None or view.refund_stage == "none":
            raise _Refused(-2000400, "售后单不存在")
        done = view.at("refund_done")
        told = {
            "returnsId": _case_id(view),
            "orderId": _order_id(view),
            "returnType": 1 if any(event.what == "shipped" for event in view.order.events) else 5,
            "status": _CASE_STATUS[view.refund_stage],
            "refundStatus": _REFUND_STATUS[view.refund_stage],
            "applyTime": _ms(view.at("refund_applied")),
            "updatedAt": _ms(view.refund_modified_at),
            "refundTime": _ms(done),
            # Yuan here, and numbers; fen in orders.
            "expectedRefundAmountYuan": view.refund_minor / 100,
            "refundAmountYuan": view.refund_minor / 100 if done is not None else 0,
            "skus": [{"skuId": line.variant_id, "skuERPCode": line.sku} for line in view.refunded_lines],
        }
        answer = {"afterSaleInfo": told, "logisticsInfo": {}}
        # Every second case has an envelope of its own.
        return _wrapped(answer) if int(view.order.case_id) % 2 else answer


@dataclass(frozen=True, slots=True)
class _Transaction:
    """What was settled of an order: fees are written negative, and come back with a refund."""

    view: OrderView
    kind: int
    at: int
    pay_minor: int
    subsidy_minor: int

    @property
    def number(self) -> str:
        return f"{self.view.order.case_id}{self.kind}"

    @property
    def fees(self) -> tuple[int, int]:
        """Commission of five per cent, payment fee of six per mille, half up."""
        sign = -1 if self.pay_minor >= 0 else 1
        return sign * ((abs(self.pay_minor) * 50 + 500) // 1000), sign * ((abs(self.pay_minor) * 6 + 500) // 1000)

    def row(self) -> dict[str, Any]:
        commission, channel = self.fees
        return {
            "transactionId": int(self.number),
            "packageId": _order_id(self.view),
            "returnId": _case_id(self.view) if self.kind else "",
            "settleBizType": self.kind,
            "commonSettleStatus": 1,
            "settledTime": self.at * 1000,
            "amount": _yuan(self.pay_minor + self.subsidy_minor + commission + channel),
            "goodsAmount": _yuan(self.pay_minor + self.subsidy_minor),
            "payAmount": _yuan(self.pay_minor),
            "appPromotion": _yuan(self.subsidy_minor),
            "freightAmount": "0.00",
            "taxAmount": "0.00",
            "commissionAmount": _yuan(commission),
            "payChannelAmount": _yuan(channel),
        }

    def lines(self) -> list[dict[str, Any]]:
        """The same in the words of the canonical tables."""
        commission, channel = self.fees
        sale = "order_refund" if self.kind else "order_income"
        parts = (
            ("sale", sale, self.pay_minor + self.subsidy_minor),
            ("commission", "fee", commission),
            ("payment", "fee", channel),
        )
        return [
            {
                "line_id": f"xiaohongshu:{_order_id(self.view)}:{self.number}:{part}",
                "order_id": _order_id(self.view),
                "kind": kind,
                "amount_minor": minor,
            }
            for part, kind, minor in parts
            if part == "sale" or minor
        ]


def _wrapped(data: dict[str, Any]) -> dict[str, Any]:
    """The second envelope of the newer methods."""
    return {"code": 0, "msg": "", "success": True, "data": data}


def _order_id(view: OrderView) -> str:
    return f"P{view.order.order_id}"


def _case_id(view: OrderView) -> str:
    return f"R{view.order.case_id}"


def _true_order(view: OrderView) -> dict[str, Any]:
    """Lines are known by article; what went back after shipping is not on the order."""
    told = truth_of_order(view, points_are_tender=False, states_discounts=True)
    told["order_id"] = _order_id(view)
    lines = zip(told["lines"], view.order.lines, strict=True)
    told["lines"] = [{**line, "line_id": known.variant_id} for line, known in lines]
    if view.stage != "closed":
        told["refund_stated_minor"] = 0
    return told


def _yuan(minor: int) -> str:
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def _ms(at: int | None) -> int:
    return at * 1000 if at is not None else 0


def _said(value: dict[str, Any]) -> Said:
    return Said(json.dumps(value, ensure_ascii=False).encode())
