"""Pinduoduo's gateway as its published contracts describe it: a form, states as tuples, windows of half an hour.

Source: contracts, public clients and copies of the platform's table of errors, read 2026-11. Not sourced, and set here:
the number of the error for a wrong clock, the life of a token, that a lost refresh may be asked for again.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from entrepot.sandbox.clock import beijing
from entrepot.sandbox.http.pinduoduo_bills import METHOD, STORED, Bills, order_sn
from entrepot.sandbox.http.pinduoduo_messages import PinduoduoMessages
from entrepot.sandbox.http.platform import Asked, Busy, Said, Simulated, truth_of_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.platform import SimClock
    from entrepot.sandbox.http.websocket import WebSocket
    from entrepot.sandbox.http.world import LiveWorld, OrderView

_PATH = "/api/router"
_TOLERANCE_S = 600
_SPAN_MAX_S, _LAG_S = 1800, 180
_PAGE_MAX = 100
_SCENES = {"0": "多多搜索", "1": "明星店铺", "2": "多多场景"}
_REFUND = {"none": 1, "applied": 2, "agreed": 3, "done": 4, "closed": 1}
_CASE_STATUS = {"applied": 2, "agreed": 4, "done": 10, "closed": 11}
_CASES = {
    "applied": ("applied", "none"),
    "agreed": ("agreed", "pending"),
    "done": ("succeeded", "returned"),
    "closed": ("withdrawn", "none"),
}


class Pinduoduo(Simulated):
    """The simulated gateway."""

    name = "pinduoduo"
    # What is no kind of promotion is one of the whole shop.
    advertises = ("多多搜索", "多多场景", "全站推广 羊毛围巾")
    renamed = ("pay_amount", "paid_amount")
    titles = ("goods_name",)
    # Its windows are half an hour at most: orders have to come thick for windows of several pages.
    busy = Busy(orders=64, days=1, page_rows=2)
    lines_max = 1
    client_id, secret = "sandbox-client", "sandbox-secret-of-pinduoduo"
    token_life_s = 86_400

    def __init__(self, world: LiveWorld, clock: SimClock, faults: Faults) -> None:
        super().__init__(world, clock, faults)
        self._issued, self._token, self._refresh, self._refresh_before = 1, "pdd-1", "pddr-1", ""
        self._methods = {
            "pdd.order.number.list.increment.get": self._orders,
            "pdd.order.information.get": self._order,
            "pdd.refund.list.increment.get": self._refunds,
            "pdd.goods.list.get": self._goods,
            "pdd.goods.detail.get": self._one_of_goods,
            "pdd.pop.auth.token.refresh": self._refreshed,
            "pdd.pop.auth.token.create": self._created,
            METHOD: self._bill,
            "pdd.ad.api.report.daily.report.query": self._ads_of_days,
            "pdd.ad.api.unit.tr.list.ad.info": self._whole_ads,
        }
        self.bills = Bills(world, faults)
        self.messages = PinduoduoMessages(world, faults, lambda: self.now, self.client_id, self.secret)
        self._methods["pdd.pmc.user.permit"] = self.messages.permitted

    def claims(self, path: str) -> bool:
        """One address for everything, and the one where files lie."""
        return path == _PATH or path.startswith(STORED)

    def connection(self, base_url: str) -> dict[str, str]:
        """See `Simulated`. Files lie at the same address here; at Pinduoduo they lie with its storage."""
        self._base = base_url
        return {
            "gateway_url": base_url + _PATH,
            "app_key": self.client_id,
            "secret": self.secret,
            "access_token": self._token,
            "refresh_token": self._refresh,
        }

    def answer(self, asked: Asked) -> Said:
        """Check signature, time and token, then answer in the method's envelope. Errors come with HTTP 200."""
        if asked.path.startswith(STORED):
            content = self.bills.stored(asked.query.get("sign", ""), self.now)
            if content is None:
                return Said(b"<Error><Code>AccessDenied</Code></Error>", 403, {"content-type": "application/xml"})
            return Said(content, 200, {"content-type": "text/csv"})
        params = {**asked.query, **dict(parse_qsl(asked.body.decode(), keep_blank_values=True))}
        method = params.get("type", "")
        refused = self._refusal(params, method)
        if refused is not None:
            code, message = refused
            error = {"error_code": code, "error_msg": message, "sub_code": None, "sub_msg": message}
            return _said({"error_response": {**error, "request_id": "sandbox"}})
        return _said(self._methods[method](params))

    def line(self, path: str) -> Callable[[WebSocket], None] | None:
        """See `Simulated`."""
        return self.messages.talk if self.messages.admits(path) else None

    def push(self) -> int:
        """See `Simulated`: messages go out by themselves on a connection that was opened; this waits for them."""
        return self.messages.settled()

    def stop(self) -> bool:
        """See `Simulated`."""
        self.messages.stop()
        return True

    def truth(self) -> dict[str, Any]:
        """Orders and refunds now."""
        views = self.world.views(self.now)
        return {
            "orders": [self._true_order(view) for view in views],
            "after_sales": [
                {
                    "case_id": view.order.case_id,
                    "order_id": order_sn(view.order),
                    "process": _CASES[view.refund_stage][0],
                    "money": _CASES[view.refund_stage][1],
                    "refund_minor": view.refund_minor,
                }
                for view in views
                if view.refund_stage != "none"
            ],
            "ad_spend": self.ads.truth(self.now),
            # Why something is off nobody is told, nor when it changed.
            "listings": [
                {
                    **{name: value for name, value in each.items() if name != "changed_at"},
                    "state": "off_shelf" if each["state"] in ("draft", "banned") else each["state"],
                }
                for each in self.shelf.truth(self.now, with_barcodes=False)
            ],
        }

    def files(self) -> dict[str, bytes]:
        """Every bill that may be asked for by now."""
        return self.bills.files(self.now)

    def _bill(self, params: dict[str, str]) -> dict[str, Any]:
        return self.bills.linked(params, self.now, self._base)

    @staticmethod
    def _true_order(view: OrderView) -> dict[str, Any]:
        """An order that asks for its money back before it left is held; a refund after shipping is not on the order."""
        told = truth_of_order(view, points_are_tender=False, states_discounts=True)
        told["order_id"] = order_sn(view.order)
        told["lines"] = [{**line, "line_id": "1"} for line in told["lines"]]
        if view.stage == "paid" and view.refund_stage in ("applied", "agreed"):
            told["commercial_state"] = "cancel_requested"
        if view.stage != "closed":
            told["refund_stated_minor"] = 0
        return told

    def _refusal(self, params: dict[str, str], method: str) -> tuple[int, str] | None:
        stamp, refreshes = params.get("timestamp", ""), method.startswith("pdd.pop.auth.token.")
        late_s = abs(int(stamp) - self.now) if stamp.isdigit() else _TOLERANCE_S + 1
        joined = "".join(name + params[name] for name in sorted(params) if name != "sign")
        wanted = hashlib.md5((self.secret + joined + self.secret).encode(), usedforsecurity=False).hexdigest().upper()
        checks = (
            (method not in self._methods, 10017, "type不正确"),
            (params.get("client_id") != self.client_id, 10016, "client下线或者clientId不正确"),
            (params.get("sign") != wanted, 20004, "签名sign校验失败"),
            (late_s > _TOLERANCE_S, 10003, "timestamp不合法"),
        )
        for fails, code, message in checks:
            if fails:
                return code, message
        return None if refreshes else self._hindered(params, method)

    def _hindered(self, params: dict[str, str], method: str) -> tuple[int, str] | None:
        if self.faults.fires("token_expiry"):
            self._token = ""
        if params.get("access_token") != self._token:
            return 10019, "access_token已过期"
        if self.faults.fires("throttle"):
            return 70031, "调用过于频繁，请调整调用频率"
        # With the number of an order the list of refunds heeds nothing else, and demands it all the same.
        if "start_updated_at" in params and "order_sn" not in params:
            start, end = int(params["start_updated_at"]), int(params["end_updated_at"])
            if end <= start or end - start > _SPAN_MAX_S or end > self.now - _LAG_S + 1:
                return 50001, "时间范围不合法"
            if not 0 < int(params.get("page_size", "100")) <= _PAGE_MAX:
                return 50001, "page_size不合法"
        if (
            method == "pdd.refund.list.increment.get"
            and not {"after_sales_status", "after_sales_type"} <= params.keys()
        ):
            return 50001, "缺少参数"
        return None

    def _refreshed(self, params: dict[str, str]) -> dict[str, Any]:
        given = params.get("refresh_token")
        if given not in (self._refresh, self._refresh_before):
            return {"error_response": {"error_code": 10035, "error_msg": "refresh_token已过期"}}
        if given == self._refresh:
            self._issued += 1
            self._refresh_before, self._refresh = self._refresh, f"pddr-{self._issued}"
        return self._token_told("refresh")

    def _created(self, params: dict[str, str]) -> dict[str, Any]:
        """Each new authorisation ends the tokens before."""
        if not self.redeem(params.get("code")):
            return {"error_response": {"error_code": 10036, "error_msg": "code已过期"}}
        self._issued += 1
        self._refresh_before, self._refresh = "", f"pddr-{self._issued}"
        return self._token_told("create")

    def _token_told(self, how: str) -> dict[str, Any]:
        self._token = f"pdd-{self._issued}"
        body = {"access_token": self._token, "refresh_token": self._refresh, "expires_in": self.token_life_s}
        return {f"pop_auth_token_{how}_response": body}

    def _orders(self, params: dict[str, str]) -> dict[str, Any]:
        start, end = int(params["start_updated_at"]), int(params["end_updated_at"])
        views = [view for view in self.world.views(self.now) if start <= view.modified_at <= end]
        views.sort(key=lambda view: (-view.modified_at, view.order.order_id))
        rows = [{"order_sn": order_sn(view.order), "updated_at": beijing(view.modified_at)} for view in views]
        page, size = int(params.get("page", "1")), int(params.get("page_size", "100"))
        body: dict[str, Any] = {"order_sn_list": self.spoilt_rows(rows, page - 1, size), "request_id": "sandbox"}
        if params.get("use_has_next") == "true":
            body["has_next"] = page * size < len(rows)
        else:
            body["total_count"] = len(rows)
        return {"order_sn_increment_get_response": body}

    def _refunds(self, params: dict[str, str]) -> dict[str, Any]:
        start, end, wanted = int(params["start_updated_at"]), int(params["end_updated_at"]), params.get("order_sn")
        found = [
            (changed, view)
            for view in self.world.views(self.now)
            if (changed := view.refund_modified_at) is not None
            and (start <= changed <= end if wanted is None else order_sn(view.order) == wanted)
        ]
        found.sort(key=lambda each: (-each[0], each[1].order.case_id))
        rows = [
            {
                "id": int(view.order.case_id),
                "order_sn": order_sn(view.order),
                "after_sales_status": _CASE_STATUS[view.refund_stage],
                "after_sales_type": 2,
                "order_amount": _yuan(view.order.cash_minor),
                "refund_amount": _yuan(view.refund_minor),
                "outer_id": view.order.lines[0].sku,
                "created_time": beijing(view.at("refund_applied")),
                "updated_time": beijing(changed),
            }
            for changed, view in found
        ]
        shown = self.spoilt_rows(rows, int(params.get("page", "1")) - 1, int(params.get("page_size", "100")))
        return {"refund_increment_get_response": {"refund_list": shown, "total_count": len(rows)}}

    def _ads_of_days(self, params: dict[str, str]) -> dict[str, Any]:
        """What the advertiser spent on a day in one kind of promotion, in li; this sandbox tells one day at a time."""
        day, scene = params.get("startDateString", ""), _SCENES.get(params.get("scenesType", ""))
        if scene is None or params.get("queryDimensionType") != "0" or day != params.get("endDateString"):
            return {"response": {"success": False, "errorCode": 1000, "errorMsg": "参数错误", "result": None}}
        spent = sum(each.minor for each in self.ads.told(day, self.now) if each.campaign == scene)
        rows = [{"date": day, "spend": spent * 10, "gmv": spent * 40, "click": spent // 50}] if spent else []
        result = {"dailyReportList": rows, "sumReport": {"spend": spent * 10}}
        return {"response": {"success": True, "errorCode": 0, "errorMsg": "", "result": result}}

    def _whole_ads(self, params: dict[str, str]) -> dict[str, Any]:
        """Every promotion of the whole shop, with figures for those that spent on a day; it is not said which day."""
        start, end = params.get("startDate", ""), params.get("endDate", "")
        day = start.removesuffix(" 00:00:00")
        if len(start) != len("2026-11-01 00:00:00") or end != f"{day} 23:59:59":
            return {"response": {"success": False, "errorCode": 1000, "errorMsg": "参数错误", "result": None}}
        spent = {each.campaign: each.minor for each in self.ads.told(day, self.now)}
        rows = [
            {
                "goodsId": int(goods),
                "adName": name,
                "reportInfo": {"spend": spent[name] * 10, "impression": spent[name] // 9} if name in spent else None,
            }
            for name, goods in self.ads.named().items()
            if name not in _SCENES.values()
        ]
        rows.sort(key=lambda row: (-spent.get(str(row["adName"]), 0), row["goodsId"]))
        page, size = int(params.get("pageNumber", "1")), int(params.get("pageSize", "10"))
        result = {"adInfos": self.spoilt_rows(rows, page - 1, size) or None, "totalAdNum": len(rows)}
        return {"response": {"success": True, "errorCode": 0, "errorMsg": "", "result": result}}

    def _goods(self, params: dict[str, str]) -> dict[str, Any]:
        """Goods on sale or not; what is sold out is still on the shelf."""
        wanted = params.get("is_onsale") == "1"
        rows = [
            {
                "goods_id": int(product.listing_id),
                "goods_name": product.title,
                "is_onsale": int(wanted),
                "goods_quantity": product.units,
            }
            for product in self.shelf.products(self.now)
            if (product.state == "on_sale") == wanted
        ]
        page, size = int(params.get("page", "1")), int(params.get("page_size", "100"))
        if not 0 < size <= _PAGE_MAX:
            return {"error_response": {"error_code": 50001, "error_msg": "page_size不合法"}}
        body = {"goods_list": self.spoilt_rows(rows, page - 1, size), "total_count": len(rows)}
        return {"goods_list_get_response": {**body, "request_id": "sandbox"}}

    def _one_of_goods(self, params: dict[str, str]) -> dict[str, Any]:
        product = self.shelf.product(params.get("goods_id", ""), self.now)
        if product is None:
            gone = {"goods_id": int(params.get("goods_id", "0")), "status": 4, "sku_list": []}
            return {"goods_detail_get_response": {**gone, "request_id": "sandbox"}}
        status = 2 if product.state != "on_sale" else 1 if product.units else 3
        skus = [
            {
                "sku_id": int(each.variant_id),
                "out_sku_sn": each.sku,
                "price": each.unit_minor + 500,
                "multi_price": each.unit_minor,
                "quantity": each.units,
                "is_onsale": 1,
            }
            for each in product.variants
        ]
        known = {"goods_id": int(product.listing_id), "goods_name": product.title, "status": status, "sku_list": skus}
        return {"goods_detail_get_response": {**known, "request_id": "sandbox"}}

    def _order(self, params: dict[str, str]) -> dict[str, Any]:
        view = self.world.view(params.get("order_sn", "").partition("-")[2], self.now)
        if view is None:
            return {"error_response": {"error_code": 50001, "error_msg": "订单不存在"}}
        order, line = view.order, view.order.lines[0]
        is_cancelled = view.stage == "cancelled"
        known = {
            "order_sn": order_sn(view.order),
            "created_time": beijing(view.at("placed")),
            "pay_time": beijing(view.at("paid")),
            "confirm_time": beijing(view.at("paid")),
            "updated_at": beijing(view.modified_at),
            "shipping_time": beijing(view.at("shipped")),
            "receive_time": beijing(view.at("confirmed")),
            "confirm_status": 2 if is_cancelled else 0 if view.stage == "unpaid" else 1,
            "group_status": 0 if view.stage in ("unpaid", "cancelled") else 1,
            "order_status": {"shipped": 2, "done": 3}.get(view.stage, 1),
            "refund_status": _REFUND[view.refund_stage],
            "after_sales_status": 0,
            "trade_type": 0,
            "is_lucky_flag": 1,
            "risk_control_status": 0,
            # Amounts are numbers of yuan here.
            "goods_amount": order.goods_minor / 100,
            "platform_discount": order.platform_minor / 100,
            "seller_discount": order.merchant_minor / 100,
            "capital_free_discount": order.points_minor / 100,
            "postage": order.shipping_minor / 100,
            "pay_amount": order.cash_minor / 100,
            "duo_duo_pay_reduction": 0.0,
            "province": "上海市",
            "receiver_name_mask": "测*",
            "receiver_phone_mask": "138****0000",
            "open_address_id": order.buyer,
            "tracking_number": "",
            "item_list": [
                {
                    "goods_id": line.listing_id,
                    "sku_id": line.variant_id,
                    "outer_goods_id": "SPU",
                    "outer_id": line.sku,
                    "goods_name": line.title,
                    "goods_price": line.unit_minor / 100,
                    "goods_count": line.quantity,
                }
            ],
        }
        if self.faults.fires("new_fields"):
            known["surprise_amount"] = 0.0
        if self.faults.fires("field_renamed"):
            known["paid_amount"] = known.pop("pay_amount")
        if self.faults.fires("field_retyped"):
            known["item_list"] = "see the new method"
        return {"order_info_get_response": {"order_info": known, "request_id": "sandbox"}}


def _yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _said(value: dict[str, Any]) -> Said:
    return Said(json.dumps(value, ensure_ascii=False).encode())
