"""WeChat Store's API as its official pages describe it: JSON by POST, the token in the query, no signature.

Source: official pages of the store's API as published contracts and clients quote them, read 2026-11. Not sourced, and
set here so that they can be changed: rows on a page of cases, whether the ends of a window are in it (here they are),
that a key keeps its place, in which field the platform's own discounts stand (here in none).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.http.platform import Asked, Busy, Said, Simulated, truth_of_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.platform import SimClock
    from entrepot.sandbox.http.world import LiveWorld, OrderView

_ROOT = "/wechatstore"
_DAY = 86_400
_CASES_PER_PAGE = 3
_STATUS = {"unpaid": 10, "paid": 20, "shipped": 30, "done": 100, "cancelled": 250, "closed": 200}
_CASE_STATUS = {
    "applied": "MERCHANT_PROCESSING",
    "agreed": "PLATFORM_REFUNDING",
    "done": "MERCHANT_REFUND_SUCCESS",
    "closed": "USER_CANCELD",
}
_CASES = {
    "applied": ("applied", "none"),
    "agreed": ("agreed", "pending"),
    "done": ("succeeded", "returned"),
    "closed": ("withdrawn", "none"),
}


class _Refused(Exception):
    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code, self.text = code, text


class WechatStore(Simulated):
    """The simulated API."""

    name = "wechatstore"
    renamed = ("order_detail.price_info.order_price", "order_detail.price_info.pay_price")
    app_id, secret = "wx00000000sandbox", "sandbox-secret-of-wechat"
    token_life_s = 7200
    # Its lists give ids only: each order costs a call of its own.
    busy = Busy(orders=32)

    def __init__(self, world: LiveWorld, clock: SimClock, faults: Faults) -> None:
        super().__init__(world, clock, faults)
        self._issued, self._token, self._ends = 1, "wxt-1", clock.now_s() + 90 * _DAY
        self._methods: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "/channels/ec/order/list/get": self._orders,
            "/channels/ec/order/get": self._order,
            "/channels/ec/aftersale/getaftersalelist": self._cases,
            "/channels/ec/aftersale/getaftersaleorder": self._case,
        }

    def claims(self, path: str) -> bool:
        """Everything under a root of our own."""
        return path == _ROOT or path.startswith(f"{_ROOT}/")

    def connection(self, base_url: str) -> dict[str, str]:
        """See `Simulated`."""
        return {
            "gateway_url": base_url + _ROOT,
            "app_key": self.app_id,
            "secret": self.secret,
            "access_token": self._token,
        }

    def answer(self, asked: Asked) -> Said:
        """Check the token, then answer. Errors come with HTTP 200."""
        if asked.verb == "HEAD":
            return _said({})
        try:
            return _said(self._told(asked))
        except _Refused as refused:
            return _said({"errcode": refused.code, "errmsg": refused.text})

    def _told(self, asked: Asked) -> dict[str, Any]:
        path, asks = asked.path.removeprefix(_ROOT), json.loads(asked.body or b"{}")
        if asked.verb != "POST":
            raise _Refused(43002, "require POST method")
        if path == "/cgi-bin/stable_token":
            return self._given(asks)
        if path not in self._methods:
            raise _Refused(40066, "invalid url")
        self._check(asked.query.get("access_token", ""))
        return {"errcode": 0, "errmsg": "ok", **self._methods[path](asks)}

    def truth(self) -> dict[str, Any]:
        """Orders and cases now."""
        views = self.world.views(self.now)
        return {
            "orders": [_true_order(view) for view in views],
            "after_sales": [
                {
                    "case_id": view.order.case_id,
                    "order_id": view.order.order_id,
                    "process": _CASES[view.refund_stage][0],
                    "money": _CASES[view.refund_stage][1],
                    "refund_minor": view.refund_minor,
                }
                for view in views
                if view.refund_stage != "none"
            ],
        }

    def _check(self, token: str) -> None:
        if self.faults.fires("token_expiry"):
            self._token = ""
        if not token:
            raise _Refused(41001, "access_token missing")
        if token != self._token:
            raise _Refused(40001, "invalid credential, access_token is invalid or not latest")
        if self.now > self._ends:
            raise _Refused(42001, "access_token expired")
        if self.faults.fires("throttle"):
            raise _Refused(45011, "api minute-quota reach limit, must slower, retry next minute")

    def _given(self, asks: dict[str, Any]) -> dict[str, Any]:
        """The token of now: the same one with the rest of its life, as long as it lives."""
        if asks.get("grant_type") != "client_credential":
            raise _Refused(40002, "invalid grant_type")
        if asks.get("appid") != self.app_id:
            raise _Refused(40013, "invalid appid")
        if asks.get("secret") != self.secret:
            raise _Refused(40125, "invalid appsecret")
        if not self._token or self.now >= self._ends or asks.get("force_refresh") is True:
            self._issued += 1
            self._token, self._ends = f"wxt-{self._issued}", self.now + self.token_life_s
        return {"access_token": self._token, "expires_in": int(self._ends - self.now)}

    @staticmethod
    def _window(start: object, end: object, span_max_s: int) -> tuple[int, int]:
        if not isinstance(start, int) or not isinstance(end, int) or not 0 < end - start <= span_max_s:
            raise _Refused(40097, "invalid request body")
        return start, end

    def _page(self, found: set[tuple[int, str]], asks: dict[str, Any], size: int) -> tuple[list[str], dict[str, Any]]:
        """Ids of a page, oldest change first, and the key of the next one."""
        ordered, key, said = sorted(found), asks.get("next_key"), json.dumps({**asks, "next_key": 0}, sort_keys=True)
        behind = 0
        if key is not None:
            at, order_id, before = json.loads(key)
            if before != said:
                raise _Refused(606006, "next_key does not match the parameters of the page before")
            behind = sum(each <= (at, order_id) for each in ordered)
        shown, page = self.rows_behind(ordered, behind, size)
        more = bool(page) and page[-1] != ordered[-1]
        return [order_id for _, order_id in shown], {
            "next_key": json.dumps([*page[-1], said]) if page else "",
            "has_more": more,
        }

    def _orders(self, asks: dict[str, Any]) -> dict[str, Any]:
        asked, size = asks.get("update_time_range") or {}, asks.get("page_size")
        start, end = self._window(asked.get("start_time"), asked.get("end_time"), 7 * _DAY)
        if not isinstance(size, int) or not 0 < size <= 100:  # noqa: PLR2004
            raise _Refused(40097, "invalid request body")
        views = self.world.views(self.now)
        ids, rest = self._page(
            {(view.modified_at, view.order.order_id) for view in views if start <= view.modified_at <= end}, asks, size
        )
        return {"order_id_list": ids, **rest}

    def _order(self, asks: dict[str, Any]) -> dict[str, Any]:
        view = self.world.view(str(asks.get("order_id", "")), self.now)
        if view is None:
            raise _Refused(101004, "order not exist")
        told = _whole(view)
        if self.faults.fires("new_fields"):
            told["surprise_price"] = 0
        if self.faults.fires("field_renamed"):
            prices = told["order_detail"]["price_info"]
            prices["pay_price"] = prices.pop("order_price")
        if self.faults.fires("field_retyped"):
            told["order_detail"]["product_infos"] = "see the new method"
        return {"order": told}

    def _cases(self, asks: dict[str, Any]) -> dict[str, Any]:
        start, end = self._window(asks.get("begin_update_time"), asks.get("end_update_time"), _DAY)
        if {"page", "page_size"} & asks.keys():
            raise _Refused(40097, "invalid request body")
        found = {
            (changed, view.order.case_id)
            for view in self.world.views(self.now)
            if (changed := view.refund_modified_at) is not None and start <= changed <= end
        }
        ids, rest = self._page(found, asks, _CASES_PER_PAGE)
        return {"after_sale_order_id_list": ids, **rest}

    def _case(self, asks: dict[str, Any]) -> dict[str, Any]:
        view = self.world.view_of_case(str(asks.get("after_sale_order_id", "")), self.now)
        if view is None or view.refund_stage == "none":
            raise _Refused(101005, "after sale order not exist")
        lines = view.refunded_lines
        return {
            "after_sale_order": {
                "after_sale_order_id": view.order.case_id,
                "order_id": view.order.order_id,
                "openid": view.order.buyer,
                "status": _CASE_STATUS[view.refund_stage],
                "type": "REFUND",
                "create_time": view.at("refund_applied"),
                "update_time": view.refund_modified_at,
                "complete_time": view.at("refund_done") or view.at("refund_closed") or 0,
                "refund_info": {"amount": view.refund_minor, "refund_reason": 3},
                "product_info": {"product_id": lines[0].listing_id, "sku_id": lines[0].variant_id, "count": 1},
            }
        }


def _whole(view: OrderView) -> dict[str, Any]:
    order, shipped = view.order, view.at("shipped")
    parcel: dict[str, Any] = {
        "waybill_id": f"WX{order.order_id[-12:]}",
        "delivery_id": "SF",
        "delivery_name": "顺丰速运",
        "delivery_time": shipped,
        "product_infos": [],
    }
    return {
        "order_id": order.order_id,
        "status": _STATUS[view.stage],
        "create_time": view.at("placed"),
        "update_time": view.modified_at,
        "openid": order.buyer,
        "order_detail": {
            "product_infos": [
                {
                    "product_id": line.listing_id,
                    "sku_id": line.variant_id,
                    "sku_code": line.sku,
                    "title": line.title,
                    "sku_cnt": line.quantity,
                    "sale_price": line.unit_minor,
                    "on_aftersale_sku_cnt": 0,
                }
                for line in order.lines
            ],
            "price_info": {
                "product_price": order.goods_minor,
                "original_order_price": order.goods_minor + order.shipping_minor,
                "freight": order.shipping_minor,
                "discounted_price": order.merchant_minor,
                "merchant_discounted_price": order.merchant_minor,
                "finder_discounted_price": 0,
                "deduction_price": order.points_minor,
                "order_price": order.cash_minor,
                "is_change_freight": False,
            },
            "pay_info": {"pay_time": view.at("paid") or 0, "payment_method": 1, "transaction_id": "FAKE"},
            "delivery_info": {
                "address_info": {
                    "province_name": "广东省",
                    "city_name": "广州市",
                    "user_name": "测*",
                    "tel_number": "138****0000",
                },
                "delivery_product_info": [parcel] if shipped is not None else [],
                "ship_done_time": shipped or 0,
                "deliver_method": 0,
            },
            "ext_info": {"customer_notes": "", "confirm_receipt_time": view.at("confirmed") or 0},
        },
    }


def _true_order(view: OrderView) -> dict[str, Any]:
    """Lines are known by variant; what went back after shipping is not on the order."""
    told = truth_of_order(view, states_discounts=True)
    lines = zip(told["lines"], view.order.lines, strict=True)
    told["lines"] = [{**line, "line_id": known.variant_id} for line, known in lines]
    if view.stage != "closed":
        told["refund_stated_minor"] = 0
    return told


def _said(value: dict[str, Any]) -> Said:
    return Said(json.dumps(value, ensure_ascii=False).encode())
