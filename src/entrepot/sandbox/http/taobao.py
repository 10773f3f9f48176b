"""Taobao's gateway as its manual and public clients describe it: a form, three ways to sign, lists nested twice.

Source: reference of the open platform, read 2026-11. Not sourced, and set here so that they can be changed: the life of
a session, the limit of calls, error code 31 for a wrong clock.
"""

from __future__ import annotations

import calendar
import hashlib
import hmac
import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from entrepot.sandbox.clock import beijing
from entrepot.sandbox.http.platform import Asked, Said, Simulated, truth_of_order
from entrepot.sandbox.http.taobao_ads import campaign_report
from entrepot.sandbox.http.taobao_batch import MOST, calls_in, separator_in
from entrepot.sandbox.http.taobao_batch import PATH as BATCH_PATH
from entrepot.sandbox.http.taobao_items import banner_of, item_of, yuan
from entrepot.sandbox.http.taobao_messages import TaobaoMessages

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.platform import SimClock
    from entrepot.sandbox.http.shelf import Product
    from entrepot.sandbox.http.world import LiveLine, LiveWorld, OrderView

_PATH = "/router/rest"
_TOKENS = ("taobao.top.auth.token.refresh", "taobao.top.auth.token.create")
_TOLERANCE_S, _SPAN_MAX_S = 600, 86_400
_PAGE_MAX = 100
_ITEMS_PAGE_MAX, _ITEMS_MAX = 200, 20_000
_STATUS = {
    "unpaid": "WAIT_BUYER_PAY",
    "paid": "WAIT_SELLER_SEND_GOODS",
    "shipped": "WAIT_BUYER_CONFIRM_GOODS",
    "done": "TRADE_FINISHED",
    "cancelled": "TRADE_CLOSED_BY_TAOBAO",
    "closed": "TRADE_CLOSED",
}
_REFUND_STATUS = {
    "applied": "WAIT_SELLER_AGREE",
    "agreed": "WAIT_BUYER_RETURN_GOODS",
    "done": "SUCCESS",
    "closed": "CLOSED",
}
_CASES = {
    "applied": ("applied", "none"),
    "agreed": ("to_return", "none"),
    "done": ("succeeded", "returned"),
    "closed": ("closed", "none"),
}


class Taobao(Simulated):
    """The simulated gateway."""

    name = "tmall"
    advertises = ("直通车", "引力魔方", "全站推广")
    renamed = ("payment", "pay_amount")
    app_key, secret = "12129701", "sandbox-secret-of-taobao"
    session_life_s = 86_400

    def __init__(self, world: LiveWorld, clock: SimClock, faults: Faults) -> None:
        super().__init__(world, clock, faults)
        self._session, self._refresh, self._issued = "session-1", "refresh-1", 1
        self._refresh_before = ""
        self._methods: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
            "taobao.trades.sold.increment.get": self._trades,
            "taobao.trades.sold.get": self._sold,
            "taobao.trade.fullinfo.get": self._trade,
            "taobao.refunds.receive.get": self._refunds,
            "taobao.refund.get": self._refund,
            "taobao.items.onsale.get": self._on_sale,
            "taobao.items.inventory.get": self._in_stock,
            "taobao.item.seller.get": self._item,
            "taobao.universalbp.report.query.campaign": lambda asked: campaign_report(asked, self),
            "taobao.time.get": lambda _params: {"time": beijing(self.now)},
        }
        self.messages = TaobaoMessages(world, faults, lambda: self.now)
        self._methods |= self.messages.methods

    def claims(self, path: str) -> bool:
        """One address for everything, and one for several calls in one."""
        return path in (_PATH, BATCH_PATH)

    def connection(self, base_url: str) -> dict[str, str]:
        """See `Simulated`."""
        return {
            "gateway_url": base_url + _PATH,
            "app_key": self.app_key,
            "secret": self.secret,
            "access_token": self._session,
            "refresh_token": self._refresh,
        }

    def answer(self, asked: Asked) -> Said:
        """Check time, signature and session, then answer in the method's envelope. Errors come with HTTP 200."""
        if asked.path == BATCH_PATH:
            return self._answer_several(asked)
        params = {**asked.query, **dict(parse_qsl(asked.body.decode(), keep_blank_values=True))}
        error = self._unsigned(params, "")
        return _said({"error_response": {**error, "request_id": "sandbox"}} if error else self._answer_one(params))

    def _answer_several(self, asked: Asked) -> Said:
        """Each call has its own answer, in the order of the calls; what is wrong with all of them is said once."""
        system, body, separator = dict(asked.query), asked.body.decode(), separator_in(asked.headers)
        error = self._unsigned(system, body)
        calls = [] if error else calls_in(body, separator)
        if len(calls) > MOST:
            error = {"code": 41, "msg": f"Invalid arguments: more than {MOST} calls"}
        if error:
            return _said({"error_response": {**error, "request_id": "sandbox"}})
        return Said(separator.encode().join(_said(self._answer_one({**system, **call})).body for call in calls))

    def _answer_one(self, params: dict[str, str]) -> dict[str, Any]:
        method = params.get("method", "")
        error = self._refusal(params, method)
        if error is not None:
            return {"error_response": {**error, "request_id": "sandbox"}}
        if method in _TOKENS:
            return self._refreshed(params) if "refresh" in method else self._created(params)
        try:
            body = self._methods[method](params)
        except _Refused as refused:
            return {"error_response": {**refused.error, "request_id": "sandbox"}}
        name = method.removeprefix("taobao.").replace(".", "_") + "_response"
        return {name: {**body, "request_id": "sandbox"}}

    def truth(self) -> dict[str, Any]:
        """Orders and refunds now."""
        views = self.world.views(self.now)
        return {
            "orders": [truth_of_order(view) for view in views],
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
            "ad_spend": self.ads.truth(self.now),
            # A product that is no draft on this platform: it is in the warehouse, like any other that is not on sale.
            "listings": [
                {**each, "state": "off_shelf" if each["state"] == "draft" else each["state"]}
                for each in self._true_offers()
            ],
        }

    def _true_offers(self) -> list[dict[str, Any]]:
        """A product with one SKU is shown without: its own code, price and barcode are those of the SKU."""
        rows = self.shelf.truth(self.now)
        skus = Counter(each["listing_id"] for each in rows)
        return [{**each, "variant_id": each["variant_id"] if skus[each["listing_id"]] > 1 else None} for each in rows]

    def _unsigned(self, params: dict[str, str], body: str) -> dict[str, Any] | None:
        late_s = abs(_instant(params.get("timestamp", "")) - self.now)
        checks = (
            (params.get("app_key") != self.app_key, 29, "Invalid app Key"),
            (late_s > _TOLERANCE_S, 31, "Invalid timestamp"),
            (params.get("sign") != _signature(params, self.secret, body), 25, "Invalid signature"),
        )
        return next(({"code": code, "msg": message} for fails, code, message in checks if fails), None)

    def _refusal(self, params: dict[str, str], method: str) -> dict[str, Any] | None:
        refreshes = method in _TOKENS
        checks = (
            (not method, 21, "Missing method"),
            (not refreshes and method not in self._methods, 22, "Invalid method"),
            (params.get("format", "xml") != "json", 23, "Invalid format: this sandbox speaks JSON"),
        )
        for fails, code, message in checks:
            if fails:
                return {"code": code, "msg": message}
        return None if refreshes else self._hindered(params, method)

    def _hindered(self, params: dict[str, str], method: str) -> dict[str, Any] | None:
        if self.faults.fires("token_expiry"):
            self._session = "none"
        if method != "taobao.time.get" and params.get("session") != self._session:
            return {"code": 27, "msg": "Invalid session", "sub_code": "invalid-sessionkey"}
        if self.faults.fires("throttle"):
            return {
                "code": 7,
                "msg": "App Call Limited",
                "sub_code": "accesscontrol.limited-by-api-access-count",
                "sub_msg": "This ban will last for 1 more seconds",
            }
        return None

    def _refreshed(self, params: dict[str, str]) -> dict[str, Any]:
        if params.get("refresh_token") not in (self._refresh, self._refresh_before):
            return {"error_response": {"code": 15, "sub_code": "isv.refresh-token-invalid", "msg": "no"}}
        if params.get("refresh_token") == self._refresh:
            # Whoever does not get the answer may ask with the same token again; not sourced for this platform.
            self._issued += 1
            self._refresh_before, self._refresh = self._refresh, f"refresh-{self._issued}"
        return self._token_told("refresh")

    def _created(self, params: dict[str, str]) -> dict[str, Any]:
        if not self.redeem(params.get("code")):
            return {"error_response": {"code": 15, "sub_code": "isv.code-invalid", "msg": "no"}}
        self._issued += 1
        self._refresh_before, self._refresh = "", f"refresh-{self._issued}"
        return self._token_told("create")

    def _token_told(self, how: str) -> dict[str, Any]:
        self._session = f"session-{self._issued}"
        token = {
            "access_token": self._session,
            "refresh_token": self._refresh,
            "expires_in": self.session_life_s,
        }
        return {f"top_auth_token_{how}_response": {"token_result": json.dumps(token)}}

    def _trades(self, params: dict[str, str]) -> dict[str, Any]:
        start, end = _window(params)
        views = [view for view in self._of_types(params) if start <= view.modified_at <= end]
        views.sort(key=lambda view: (-view.modified_at, view.order.order_id))
        return self._listed([self._asked(view, params) for view in views], params, "trades", "trade")

    def _sold(self, params: dict[str, str]) -> dict[str, Any]:
        """The same by the time of the order, of three months where no time is given."""
        start, end = (_instant(params.get(f"{side}_created", "")) for side in ("start", "end"))
        views = [view for view in self._of_types(params) if start <= (view.at("placed") or 0) <= (end or self.now)]
        views.sort(key=lambda view: (-(view.at("placed") or 0), view.order.order_id))
        return self._listed([self._asked(view, params) for view in views], params, "trades", "trade")

    def _of_types(self, params: dict[str, str]) -> list[OrderView]:
        """Orders of the types asked for; orders from abroad are told only to whoever names their type."""
        types = set(params.get("type", "guarantee_trade").split(","))
        return [view for view in self.world.views(self.now) if _type(view) in types]

    def _asked(self, view: OrderView, params: dict[str, str]) -> dict[str, Any]:
        """The fields asked for."""
        asked = set(params.get("fields", "").split(","))
        return {name: value for name, value in self._whole(view).items() if name in asked}

    def _refunds(self, params: dict[str, str]) -> dict[str, Any]:
        start, end = _window(params)
        views = [
            (changed, view)
            for view in self.world.views(self.now)
            if (changed := view.refund_modified_at) is not None and start <= changed <= end
        ]
        views.sort(key=lambda each: (-each[0], each[1].order.case_id))
        rows = [
            {"refund_id": int(view.order.case_id), "tid": int(view.order.order_id), "modified": beijing(changed)}
            for changed, view in views
        ]
        return self._listed(rows, params, "refunds", "refund")

    def _listed(
        self, rows: list[dict[str, Any]], params: dict[str, str], outer: str, inner: str, most: int = _PAGE_MAX
    ) -> dict[str, Any]:
        size, page = int(params.get("page_size", "40")), int(params.get("page_no", "1"))
        if not 0 < size <= most or page < 1:
            raise _Refused({"code": 41, "msg": "Invalid arguments:page_size"})
        shown = self.spoilt_rows(rows, page - 1, size)
        body: dict[str, Any] = {outer: {inner: shown}} if shown else {}
        if params.get("use_has_next") == "true":
            body["has_next"] = page * size < len(rows)
        else:
            body["total_results"] = len(rows)
        return body

    def _trade(self, params: dict[str, str]) -> dict[str, Any]:
        view = self.world.view(params.get("tid", ""), self.now)
        if view is None:
            raise _Refused({"code": 15, "msg": "Remote service error", "sub_code": "isv.trade-not-exist"})
        trade = self._asked(view, params)
        if self.faults.fires("new_fields"):
            trade["surprise_fee"] = "0.00"
        if self.faults.fires("field_renamed"):
            trade["pay_amount"] = trade.pop("payment", None)
        if self.faults.fires("field_retyped"):
            trade["orders"] = "see the new method"
        return {"trade": trade}

    def _whole(self, view: OrderView) -> dict[str, Any]:
        order, is_paid = view.order, view.at("paid") is not None
        ended = (
            view.at("confirmed") or view.at("cancelled") or (view.at("refund_done") if view.stage == "closed" else None)
        )
        times = {
            "pay_time": view.at("paid") or view.at("deposit"),
            "consign_time": view.at("shipped"),
            "end_time": ended,
        }
        due = order.cash_minor
        return {
            "tid": int(order.order_id),
            "tid_str": order.order_id,
            "status": _STATUS[view.stage],
            "type": _type(view),
            **_steps(view),
            "created": beijing(view.at("placed")),
            "modified": beijing(view.modified_at),
            **{name: beijing(at) for name, at in times.items() if at is not None},
            "total_fee": yuan(order.goods_minor),
            # It falls with every refund.
            "payment": yuan(due - view.refunded_minor),
            "discount_fee": yuan(order.merchant_minor),
            "adjust_fee": "0.00",
            "post_fee": yuan(order.shipping_minor),
            "received_payment": yuan(due - view.refunded_minor if view.stage == "done" else 0),
            "coupon_fee": order.platform_minor,
            "alipay_point": order.points_minor,
            "buyer_open_uid": order.buyer,
            "oaid": hashlib.sha256(order.order_id.encode()).hexdigest()[:32],
            "receiver_name": "张**",
            "receiver_mobile": "*******0011",
            "receiver_address": "******",
            "receiver_state": "浙江省",
            "orders": {"order": [self._line(view, line, is_paid=is_paid) for line in order.lines]},
            "promotion_details": {
                "promotion_detail": [
                    {
                        "id": int(order.order_id),
                        "promotion_name": "店铺优惠",
                        "discount_fee": yuan(order.merchant_minor),
                    }
                ]
            }
            if order.merchant_minor
            else {},
        }

    def _line(self, view: OrderView, line: LiveLine, *, is_paid: bool) -> dict[str, Any]:
        status = {"applied": "WAIT_SELLER_AGREE", "agreed": "WAIT_BUYER_RETURN_GOODS", "done": "SUCCESS"}
        is_refunded = line in view.refunded_lines
        freight = view.order.shipping_minor if len(view.order.lines) == 1 else 0
        shown = {
            "oid": int(line.line_id),
            "oid_str": line.line_id,
            "status": _STATUS[view.stage],
            "refund_status": status.get(view.refund_stage, "CLOSED") if is_refunded else "NO_REFUND",
            "num_iid": int(line.listing_id),
            "sku_id": line.variant_id,
            "outer_iid": line.sku.split("-")[0],
            "outer_sku_id": line.sku,
            "title": line.title,
            "num": line.quantity,
            "price": yuan(line.unit_minor),
            "total_fee": yuan(line.goods_minor),
            "payment": yuan(line.share_minor + freight),
            "divide_order_fee": yuan(line.share_minor),
            "adjust_fee": "0.00",
            "discount_fee": "0.00",
        }
        shipped = view.at("shipped")
        if shipped is not None and is_paid:
            shown |= {
                "consign_time": beijing(shipped),
                "logistics_company": "圆通速递",
                "invoice_no": f"YT{line.line_id[-12:]}",
            }
        return shown

    def _refund(self, params: dict[str, str]) -> dict[str, Any]:
        view = self.world.view_of_case(params.get("refund_id", ""), self.now)
        changed = view.refund_modified_at if view else None
        if view is None or changed is None:
            raise _Refused({"code": 15, "msg": "Remote service error", "sub_code": "isv.refund-not-exist"})
        line = view.refunded_lines[0]
        return {
            "refund": {
                "refund_id": int(view.order.case_id),
                "tid": int(view.order.order_id),
                "oid": int(line.line_id),
                "status": _REFUND_STATUS[view.refund_stage],
                "created": beijing(view.at("refund_applied")),
                "modified": beijing(changed),
                "refund_fee": yuan(view.refund_minor),
                "total_fee": yuan(view.order.goods_minor),
                "payment": yuan(view.order.cash_minor - view.refund_minor),
                "refund_phase": "onsale",
                "has_good_return": False,
                "good_status": "BUYER_NOT_RECEIVED" if view.at("shipped") is None else "BUYER_RECEIVED",
                "order_status": _STATUS[view.stage],
                "dispute_type": "REFUND",
                "num_iid": int(line.listing_id),
                "outer_id": line.sku,
                "num": line.quantity,
                "refund_version": changed * 1000,
            }
        }

    def _on_sale(self, params: dict[str, str]) -> dict[str, Any]:
        """Products on sale; what is sold out has left for the warehouse."""
        rows = [each for each in self.shelf.products(self.now) if each.state == "on_sale" and each.units]
        return self._shelved(rows, params)

    def _in_stock(self, params: dict[str, str]) -> dict[str, Any]:
        """Products in the warehouse, of one kind; without a kind only those that wait for being put on sale."""
        kind = params.get("banner", "for_shelved")
        rows = [each for each in self.shelf.products(self.now) if banner_of(each) == kind]
        return self._shelved(rows, params)

    def _shelved(self, products: list[Product], params: dict[str, str]) -> dict[str, Any]:
        size = int(params.get("page_size", "40"))
        if int(params.get("page_no", "1")) * size > _ITEMS_MAX:
            raise _Refused({"code": 15, "msg": "Remote service error", "sub_code": "isv.invalid-parameter:page_no"})
        column, _, way = params.get("order_by", "list_time:desc").partition(":")
        at = {"list_time": "listed_at", "modified": "changed_at", "num": "units"}[column]
        ordered = sorted(products, key=lambda each: (getattr(each, at), each.listing_id), reverse=way == "desc")
        asked = set(params.get("fields", "").split(","))
        rows = [{name: value for name, value in item_of(each).items() if name in asked} for each in ordered]
        return self._listed(rows, {"page_size": str(size), **params}, "items", "item", _ITEMS_PAGE_MAX)

    def _item(self, params: dict[str, str]) -> dict[str, Any]:
        product = self.shelf.product(params.get("num_iid", ""), self.now)
        if product is None:
            sub_code = "isv.item-get-service-error:ITEM_NOT_FOUND"
            raise _Refused({"code": 15, "msg": "Remote service error", "sub_code": sub_code})
        asked = {"skus" if name == "sku" else name for name in params.get("fields", "").split(",")}
        shown = {name: value for name, value in item_of(product).items() if name in asked}
        if self.faults.fires("new_fields"):
            shown["surprise_fee"] = "0.00"
        return {"item": shown}


class _Refused(Exception):
    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error)
        self.error = error


def _window(params: dict[str, str]) -> tuple[int, int]:
    start, end = _instant(params.get("start_modified", "")), _instant(params.get("end_modified", ""))
    if not start or not end or end < start or end - start > _SPAN_MAX_S:
        raise _Refused({"code": 41, "msg": "Invalid arguments:end_modified", "sub_code": "isv.invalid-parameter"})
    return start, end


def _instant(text: str) -> int:
    """Beijing text or epoch milliseconds, as the platform's own SDKs send; 0 for anything else."""
    if text.isdigit():
        return int(text) // 1000
    try:
        return int(calendar.timegm(time.strptime(text, "%Y-%m-%d %H:%M:%S"))) - 8 * 3600
    except ValueError:
        return 0


def _type(view: OrderView) -> str:
    if view.order.deposit_minor:
        return "step"
    is_abroad = view.order.is_abroad
    return (
        "tmall_i18n" if (int(view.order.order_id) % 5 == 0 if is_abroad is None else is_abroad) else "guarantee_trade"
    )


def _steps(view: OrderView) -> dict[str, str]:
    """What a trade with a deposit shows of it."""
    if not view.order.deposit_minor:
        return {}
    state = "FRONT_PAID" if view.at("deposit") is not None else "FRONT_NOPAID"
    state += "_FINAL_PAID" if view.at("paid") is not None else "_FINAL_NOPAID"
    return {"step_trade_status": state, "step_paid_fee": yuan(view.order.deposit_minor)}


def _signature(params: dict[str, str], secret: str, body: str) -> str:
    text = ""
    for name in sorted(params):
        if name != "sign" and params[name]:
            text += name + params[name]
    text += body
    way = params.get("sign_method", "md5")
    if way == "md5":
        return hashlib.md5((secret + text + secret).encode(), usedforsecurity=False).hexdigest().upper()
    digest = {"hmac": "md5", "hmac-sha256": "sha256"}.get(way, "sha256")
    return hmac.new(secret.encode(), text.encode(), digest).hexdigest().upper()


def _said(value: dict[str, Any]) -> Said:
    return Said(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
