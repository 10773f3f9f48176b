"""Douyin Shop's gateway as its Go SDK describes it: a path per method, JSON bodies, pages from 0, fen.

Source: structures and signing of the official SDK, read 2026-11. Not sourced, and set here: limits, that a refund
amount holds the freight, that a lost refresh may be asked for again.
"""

from __future__ import annotations

import calendar
import hashlib
import hmac
import json
import math
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.http.douyin_bills import LINKED, ORDERED, STORED, Bills
from entrepot.sandbox.http.douyin_messages import DouyinMessages
from entrepot.sandbox.http.platform import Asked, Said, Simulated, truth_of_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.platform import SimClock
    from entrepot.sandbox.http.world import LiveLine, LiveWorld, OrderView

_TOLERANCE_S = 600
_PAGE_MAX = 100
_DEPTH_MAX = 50_000
_STATUS = {"unpaid": 1, "paid": 105, "shipped": 3, "done": 5, "cancelled": 4, "closed": 4}
_CASE_STATUS = {"applied": 6, "agreed": 7, "done": 12, "closed": 28}
_REFUND_STATUS = {"applied": 1, "agreed": 1, "done": 3, "closed": 1}
_CASES = {
    "applied": ("applied", "pending"),
    "agreed": ("to_return", "pending"),
    "done": ("succeeded", "returned"),
    "closed": ("closed", "none"),
}


class Douyin(Simulated):
    """The simulated gateway."""

    name = "douyin"
    renamed = ("pay_amount", "paid_amount")
    titles = ("product_name",)
    app_key, secret = "3409409348479354011", "sandbox-secret-of-douyin"
    token_life_s, refresh_early_s = 7 * 86_400, 3_600

    def __init__(self, world: LiveWorld, clock: SimClock, faults: Faults) -> None:
        super().__init__(world, clock, faults)
        self._issued, self._refresh_before = 1, ""
        self._token, self._refresh, self._ends = "access-1", "renew-1", self.now + self.token_life_s
        self._methods: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "order.searchList": self._orders,
            "order.orderDetail": self._order,
            "afterSale.List": self._cases,
            "token.refresh": self._refreshed,
            "token.create": self._created,
        }
        self.bills = Bills(world, faults)
        self.messages = DouyinMessages(world, faults, lambda: self.now, self.app_key, self.secret)
        self._methods |= {method: partial(self._ordered, method) for method in ORDERED}
        self._methods |= {method: partial(self._linked, method) for method in LINKED}

    def claims(self, path: str) -> bool:
        """A path per method, and the bare host."""
        return path.strip("/").replace("/", ".") in self._methods or path == "/" or path.startswith(STORED)

    def connection(self, base_url: str) -> dict[str, str]:
        """See `Simulated`. Files lie at the same address here; at Douyin they lie with its storage."""
        self._base = base_url
        return {
            "gateway_url": base_url + "/",
            "app_key": self.app_key,
            "secret": self.secret,
            "access_token": self._token,
            "refresh_token": self._refresh,
        }

    def answer(self, asked: Asked) -> Said:
        """Check signature, time and token, then answer with code 10000; or give a file."""
        if asked.path.startswith(STORED):
            content = self.bills.stored(asked.query.get("x-signature", ""), self.now)
            if content is None:
                return Said(b"<Error><Code>AccessDenied</Code></Error>", 403, {"content-type": "application/xml"})
            return Said(content, 200, {"content-type": "text/csv"})
        method = asked.path.strip("/").replace("/", ".")
        error = self._refusal(asked, method)
        if error is not None:
            code, sub_code, message = error
            return _said({"code": code, "msg": message, "sub_code": sub_code, "sub_msg": message, "log_id": "sandbox"})
        try:
            data = self._methods[method](json.loads(asked.body or b"{}"))
        except (KeyError, ValueError) as missing:
            data = {"refused": {"code": 40004, "msg": f"参数错误: {missing}", "sub_code": "isv.parameter-invalid"}}
        good = {"code": 10000, "msg": "success", "sub_code": "", "sub_msg": "", "log_id": "sandbox"}
        whole = {**good, "err_no": 0, "message": "success", "data": data}
        return _said(data.get("refused", whole))

    def send_to(self, address: str) -> None:
        """See `Simulated`."""
        self.messages.outbox.skip(self.now)
        self.messages.to = address

    def push(self) -> int:
        """See `Simulated`."""
        return self.messages.post()

    def truth(self) -> dict[str, Any]:
        """Orders and cases now."""
        views = self.world.views(self.now)
        return {
            "orders": [truth_of_order(view, points_are_tender=False, states_discounts=True) for view in views],
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

    def _ordered(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        return self.bills.ordered(method, params, self.now)

    def _linked(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        return self.bills.linked(method, params, self.now, self._base)

    def files(self) -> dict[str, bytes]:
        """Every file of settlements and funds that may be ordered by now."""
        return self.bills.files(self.now)

    def _refusal(self, asked: Asked, method: str) -> tuple[int, str, str] | None:
        query, refreshes = asked.query, method in ("token.refresh", "token.create")
        stamp = query.get("timestamp", "")
        late_s = min(abs(at - self.now) for at in _instants(stamp))
        # The raw body is what was signed, however its sender escapes.
        said = (
            f"app_key{query.get('app_key', '')}method{query.get('method', '')}"
            f"param_json{asked.body.decode()}timestamp{stamp}v{query.get('v', '')}"
        )
        wanted = hmac.new(self.secret.encode(), (self.secret + said + self.secret).encode(), hashlib.sha256).hexdigest()
        checks = (
            (method not in self._methods or query.get("method") != method, "isv.method-invalid", "no such method"),
            (query.get("app_key") != self.app_key, "isv.app-key-invalid", "no such app"),
            (query.get("sign") != wanted, "isv.signature-invalid", "sign不合法"),
            (late_s > _TOLERANCE_S, "isv.timestamp-invalid", "timestamp不合法"),
        )
        for fails, sub_code, message in checks:
            if fails:
                return 40003, sub_code, message
        if refreshes:
            return None
        if self.faults.fires("token_expiry"):
            self._token, self._ends = "none", 0
        if query.get("access_token") != self._token or self.now > self._ends:
            return 40003, "isv.access-token-expired", "access_token已过期"
        if self.faults.fires("throttle"):
            return 60000, "", "限流"
        return None

    def _refreshed(self, params: dict[str, Any]) -> dict[str, Any]:
        given = params.get("refresh_token")
        if given not in (self._refresh, self._refresh_before):
            return {"refused": {"code": 50001, "msg": "no", "sub_code": "isv.refresh-token-invalid", "sub_msg": "no"}}
        if given == self._refresh and self._ends - self.now < self.refresh_early_s:
            self._issued += 1
            self._refresh_before, self._refresh = self._refresh, f"renew-{self._issued}"
            self._token, self._ends = f"access-{self._issued}", self.now + self.token_life_s
        return self._token_told()

    def _token_told(self) -> dict[str, Any]:
        return {
            "access_token": self._token,
            "refresh_token": self._refresh,
            "expires_in": self._ends - self.now,
            "scope": "SCOPE",
            "shop_id": 100000001,
        }

    def _created(self, params: dict[str, Any]) -> dict[str, Any]:
        """The token of the shop that authorised the app; an app of one's own names the shop."""
        is_own = params.get("grant_type") == "authorization_self" and (params.get("shop_id") or params.get("test_shop"))
        has_code = params.get("grant_type") == "authorization_code" and self.redeem(params.get("code"))
        if not is_own and not has_code:
            return {"refused": {"code": 50002, "msg": "code无效", "sub_code": "isv.business-failed:4197"}}
        return self._token_told()

    def _order(self, params: dict[str, Any]) -> dict[str, Any]:
        view = self.world.view(str(params["shop_order_id"]), self.now)
        if view is None:
            return {"refused": {"code": 50002, "msg": "业务处理失败", "sub_code": "isv.business-failed:14"}}
        return {"shop_order_detail": self._whole(view)}

    def _orders(self, params: dict[str, Any]) -> dict[str, Any]:
        by = "create" if "create_time_start" in params else "update"
        start, end = int(params[f"{by}_time_start"]), int(params[f"{by}_time_end"])
        views = [
            view
            for view in self.world.views(self.now)
            if start <= (view.modified_at if by == "update" else view.at("placed") or 0) <= end
        ]
        views.sort(key=lambda view: (view.modified_at, view.order.order_id), reverse=not params.get("order_asc"))
        return self._listed([self._whole(view) for view in views], params, "shop_order_list")

    def _cases(self, params: dict[str, Any]) -> dict[str, Any]:
        """Cases that changed in a window, or the one that has a number."""
        wanted = str(params.get("aftersale_id", ""))
        start = 0 if wanted else int(params["update_start_time"])
        end = self.now if wanted else int(params["update_end_time"])
        found = [
            (changed, view)
            for view in self.world.views(self.now)
            if (changed := view.refund_modified_at) is not None and start <= changed <= end
        ]
        if wanted:
            found = [(changed, view) for changed, view in found if view.order.case_id == wanted]
        found.sort(key=lambda each: (each[0], each[1].order.case_id))
        return self._listed([self._case(view, changed) for changed, view in found], params, "items")

    def _listed(self, rows: list[dict[str, Any]], params: dict[str, Any], name: str) -> dict[str, Any]:
        page, size = int(params.get("page", 0)), int(params.get("size", 10))
        if not 0 < size <= _PAGE_MAX or page * size > _DEPTH_MAX:
            return {"refused": {"code": 50002, "msg": "业务处理失败", "sub_code": "isv.business-failed:4"}}
        shown = self.spoilt_rows(rows, page, size)
        return {
            "total": len(rows),
            "page": page,
            "size": len(shown),
            name: shown,
            "has_more": (page + 1) * size < len(rows),
        }

    def _whole(self, view: OrderView) -> dict[str, Any]:
        order = view.order
        times = {"pay_time": view.at("paid") or 0, "ship_time": view.at("shipped") or 0}
        closed = view.at("refund_done") if view.stage == "closed" else None
        finished = view.at("confirmed") or view.at("cancelled") or closed or 0
        whole = {
            "shop_id": 100000001,
            "order_id": order.order_id,
            "order_status": _STATUS[view.stage],
            "main_status": 21 if view.stage == "closed" else _STATUS[view.stage],
            "create_time": view.at("placed"),
            "update_time": view.modified_at,
            "finish_time": finished,
            **times,
            "trade_type": 0,
            "order_amount": order.cash_minor + order.points_minor,
            # What the payment channel adds is counted in.
            "pay_amount": order.cash_minor + order.points_minor,
            "promotion_pay_amount": order.points_minor,
            "post_amount": order.shipping_minor,
            "doudian_open_id": f"1@#{order.buyer}",
            "encrypt_post_receiver": f"##{order.buyer}*x#1##",
            "encrypt_post_tel": f"$${order.buyer}*x$1$$",
            "post_addr": {"province": {"name": "福建省", "id": "35"}, "encrypt_detail": f"##{order.buyer}*y#1##"},
            "sku_order_list": [self._line(view, line, place, finished) for place, line in enumerate(order.lines)],
            "logistics_info": [{"tracking_no": f"SF{order.order_id[-12:]}", "company_name": "顺丰"}]
            if times["ship_time"]
            else [],
        }
        if self.faults.fires("new_fields"):
            whole["surprise_amount"] = 1
        if self.faults.fires("field_renamed"):
            whole["paid_amount"] = whole.pop("pay_amount")
        if self.faults.fires("field_retyped"):
            whole["sku_order_list"] = "see the new method"
        return whole

    def _line(self, view: OrderView, line: LiveLine, place: int, finished: int) -> dict[str, Any]:
        status = 21 if view.stage == "closed" else _STATUS[view.stage]
        is_refunded = line in view.refunded_lines
        is_whole = view.refund_minor >= line.share_minor
        if is_refunded and is_whole and view.refund_stage == "done" and view.at("shipped") is not None:
            status = 39 if view.stage == "done" else 22
        post = view.order.shipping_minor if place == 0 else 0
        shown: dict[str, Any] = {
            "order_id": line.line_id,
            "parent_order_id": view.order.order_id,
            "order_status": _STATUS[view.stage],
            "main_status": status,
            "product_id": int(line.listing_id),
            "sku_id": int(line.variant_id),
            "code": line.sku,
            "out_sku_id": "",
            "out_product_id": "0",
            "product_name": line.title,
            "item_num": line.quantity,
            "origin_amount": line.unit_minor,
            "order_amount": line.share_minor + line.points_minor + post,
            "pay_amount": line.share_minor + line.points_minor,
            "promotion_pay_amount": line.points_minor,
            "shop_cost_amount": line.merchant_minor,
            # What the talent bears is counted in.
            "platform_cost_amount": line.platform_minor + line.talent_minor,
            "author_cost_amount": line.talent_minor,
            "post_amount": post,
            "pay_time": view.at("paid") or 0,
            "ship_time": view.at("shipped") or 0,
            "finish_time": finished,
            "inventory_list": [{}],
        }
        if is_refunded:
            shown["after_sale_info"] = {"after_sale_status": _CASE_STATUS[view.refund_stage], "after_sale_type": 1}
        return shown

    def _case(self, view: OrderView, changed: int) -> dict[str, Any]:
        shipped = any(event.what == "shipped" for event in view.order.events)
        return {
            "aftersale_info": {
                "aftersale_id": view.order.case_id,
                "aftersale_type": 1 if shipped else 2,
                "aftersale_status": _CASE_STATUS[view.refund_stage],
                "refund_status": _REFUND_STATUS[view.refund_stage],
                "related_id": view.order.order_id,
                "apply_time": view.at("refund_applied"),
                "update_time": changed,
                "refund_amount": view.refund_minor,
                "refund_post_amount": 0 if shipped else view.order.shipping_minor,
            },
            "order_info": {
                "shop_order_id": view.order.order_id,
                "related_order_info": [
                    {"sku_order_id": line.line_id, "product_id": int(line.listing_id), "shop_sku_code": line.sku}
                    for line in view.refunded_lines
                ],
            },
            "text_part": {},
        }


def _instants(stamp: str) -> tuple[float, ...]:
    """What a time may mean: unix seconds, or text in Beijing's time or, as clients write that too, this computer's."""
    if stamp.isdigit():
        return (int(stamp),)
    try:
        told = time.strptime(stamp, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return (-math.inf,)
    return (calendar.timegm(told) - 8 * 3600, time.mktime(told))


def _said(value: dict[str, Any]) -> Said:
    return Said(json.dumps(value, ensure_ascii=False).encode())
