"""Youzan's gateway as the pages of Youzan Cloud describe it: JSON by POST, a path per method and version, no signature.

Source: official pages of Youzan Cloud as published digests quote them, read 2026-11. Not sourced, and set here so that
they can be changed: which number too many calls have, the order of a list (here newest first), whether what was paid in
fact counts cards (here it does in every second order), that an old token ends at once.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.clock import beijing
from entrepot.sandbox.http.platform import Asked, Busy, Said, Simulated, truth_of_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.platform import SimClock
    from entrepot.sandbox.http.world import LiveLine, LiveWorld, OrderView

_ROOT = "/youzan"
_DAY = 86_400
_SPAN_MAX_S = 92 * _DAY
_STATUS = {
    "unpaid": "WAIT_BUYER_PAY",
    "paid": "WAIT_SELLER_SEND_GOODS",
    "shipped": "WAIT_BUYER_CONFIRM_GOODS",
    "done": "TRADE_SUCCESS",
    "cancelled": "TRADE_CLOSED",
    "closed": "TRADE_CLOSED",
}
_CASE_STATUS = {"applied": "WAIT_SELLER_AGREE", "agreed": "SUCCESS", "done": "SUCCESS", "closed": "CLOSED"}
_CASES = {
    "applied": ("applied", "none"),
    "agreed": ("succeeded", "pending"),
    "done": ("succeeded", "returned"),
    "closed": ("closed", "none"),
}


class _Refused(Exception):
    """The gateway's refusal, or the service's."""

    def __init__(self, code: int, text: str, *, by_gateway: bool = False) -> None:
        super().__init__(code, text)
        self.code, self.text, self.by_gateway = code, text, by_gateway


class Youzan(Simulated):
    """The simulated gateway."""

    name = "youzan"
    renamed = ("full_order_info.pay_info.payment", "full_order_info.pay_info.pay_fee")
    client_id, secret, kdt_id = "sandbox-client-of-youzan", "sandbox-secret-of-youzan", "42583152"
    token_life_s = 7 * _DAY
    # Each order costs a call of its own.
    busy = Busy(orders=40)

    def __init__(self, world: LiveWorld, clock: SimClock, faults: Faults) -> None:
        super().__init__(world, clock, faults)
        # The first token was given for the whole of the world.
        self._issued, self._token, self._ends = 1, "yzt-1", clock.now_s() + 90 * _DAY
        self._methods: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "/api/youzan.trades.sold.get/4.0.4": self._orders,
            "/api/youzan.trade.get/4.0.2": self._order,
            "/api/youzan.trade.refund.search/3.0.1": self._cases,
            "/api/youzan.trade.refund.get/3.0.1": self._case,
        }

    def claims(self, path: str) -> bool:
        """Everything under a root of our own."""
        return path == _ROOT or path.startswith(f"{_ROOT}/")

    def connection(self, base_url: str) -> dict[str, str]:
        """See `Simulated`."""
        return {
            "gateway_url": base_url + _ROOT,
            "app_key": self.client_id,
            "secret": self.secret,
            "kdt_id": self.kdt_id,
            "access_token": self._token,
        }

    def answer(self, asked: Asked) -> Said:
        """Check the token, then answer. Errors come with HTTP 200, those of the gateway in an envelope of their own."""
        if asked.verb == "HEAD":
            return _said({})
        try:
            data = self._told(asked)
        except _Refused as refused:
            if refused.by_gateway:
                return _said(
                    {"gw_err_resp": {"err_code": refused.code, "err_msg": refused.text, "trace_id": "sandbox"}}
                )
            empty: dict[str, Any] = {"full_order_info_list": [], "refunds": []}
            return _said({"success": False, "code": refused.code, "message": refused.text, "data": empty})
        return _said({"success": True, "code": 200, "message": "successful", "data": data, "trace_id": "sandbox"})

    def truth(self) -> dict[str, Any]:
        """Orders and cases now."""
        views = self.world.views(self.now)
        return {
            "orders": [_true_order(view) for view in views],
            "after_sales": [
                {
                    "case_id": _case_id(view),
                    "order_id": _tid(view),
                    "process": _CASES[view.refund_stage][0],
                    "money": _CASES[view.refund_stage][1],
                    "refund_minor": view.refund_minor,
                }
                for view in views
                if view.refund_stage != "none"
            ],
        }

    def _told(self, asked: Asked) -> dict[str, Any]:
        path = asked.path.removeprefix(_ROOT)
        if asked.verb != "POST" or not asked.headers.get("content-type", "").startswith("application/json"):
            raise _Refused(4007, "非法的请求姿势", by_gateway=True)
        asks = json.loads(asked.body or b"{}")
        if path == "/auth/token":
            return self._given(asks)
        if path not in self._methods:
            raise _Refused(4005, "非法的API", by_gateway=True)
        if self.faults.fires("token_expiry"):
            self._token = ""
        token = asked.query.get("access_token", "")
        if not token:
            raise _Refused(4201, "非法的请求凭证", by_gateway=True)
        if token != self._token:
            raise _Refused(4203, "Token 不存在", by_gateway=True)
        if self.now > self._ends:
            raise _Refused(4202, "请求凭证过期", by_gateway=True)
        if self.faults.fires("throttle"):
            raise _Refused(4300, "调用过于频繁，已被限流", by_gateway=True)
        return self._methods[path](asks)

    def _given(self, asks: dict[str, Any]) -> dict[str, Any]:
        """A token for the shop: the one that lives, unless a new one is asked for."""
        if asks.get("client_id") != self.client_id:
            raise _Refused(1103, "Client 不存在")
        if asks.get("client_secret") != self.secret:
            raise _Refused(1000, "应用信息错误")
        if asks.get("authorize_type") != "silent":
            raise _Refused(1105, "不支持的应用类型")
        if asks.get("grant_id") != self.kdt_id:
            raise _Refused(1103, "授权关系不存在")
        if not self._token or self.now >= self._ends or asks.get("refresh") is True:
            self._issued += 1
            self._token, self._ends = f"yzt-{self._issued}", self.now + self.token_life_s
        return {
            "access_token": self._token,
            "expires": int(self._ends * 1000),
            "scope": "trade",
            "authority_id": self.kdt_id,
        }

    @staticmethod
    def _paged(asks: dict[str, Any], start: int | None, end: int | None, deepest: int) -> tuple[int, int, int, int]:
        page, size = asks.get("page_no"), asks.get("page_size", 20)
        if not isinstance(page, int) or not isinstance(size, int) or not 0 < page <= 100 or not 0 < size <= 100:  # noqa: PLR2004
            raise _Refused(5000, "每页最多显示100条数据")
        if page * size > deepest:
            raise _Refused(5000, "超过ES搜索最大深度")
        if start is None or end is None or not 0 <= end - start <= _SPAN_MAX_S:
            raise _Refused(5000, "开始时间不能大于结束时间")
        return start, end, page, size

    def _orders(self, asks: dict[str, Any]) -> dict[str, Any]:
        start, end, page, size = self._paged(asks, _at(asks.get("start_update")), _at(asks.get("end_update")), 10_000)
        views = [view for view in self.world.views(self.now) if start <= view.modified_at <= end]
        views.sort(key=lambda view: (-view.modified_at, view.order.order_id))
        rows = [{"full_order_info": _whole(view)["full_order_info"]} for view in views]
        for row in rows:
            # What was paid in fact stands in the order itself only.
            del row["full_order_info"]["pay_info"]["real_payment"]
        return {"total_results": len(rows), "full_order_info_list": self.spoilt_rows(rows, page - 1, size)}

    def _order(self, asks: dict[str, Any]) -> dict[str, Any]:
        view = self.world.view(str(asks.get("tid", "")).removeprefix("E"), self.now)
        if view is None:
            raise _Refused(5000, "trade not found")
        told = _whole(view)
        if self.faults.fires("new_fields"):
            told["full_order_info"]["surprise_info"] = {"fee": "0.00"}
        if self.faults.fires("field_renamed"):
            paid = told["full_order_info"]["pay_info"]
            paid["pay_fee"] = paid.pop("payment")
        if self.faults.fires("field_retyped"):
            told["full_order_info"]["orders"] = "see the new method"
        return told

    def _cases(self, asks: dict[str, Any]) -> dict[str, Any]:
        since, until = asks.get("update_time_start"), asks.get("update_time_end")
        if not isinstance(since, int) or not isinstance(until, int):
            raise _Refused(5000, "update_time type error")
        start, end, page, size = self._paged(asks, since, until, 3_000)
        found = [
            (changed, view)
            for view in self.world.views(self.now)
            if (changed := view.refund_modified_at) is not None and start <= changed <= end
        ]
        found.sort(key=lambda each: (-each[0], each[1].order.case_id))
        rows = [
            {
                "refund_id": _case_id(view),
                "tid": _tid(view),
                "kdt_id": int(self.kdt_id),
                "status": _CASE_STATUS[view.refund_stage],
                "refund_fee": _yuan(view.refund_minor),
                "created": beijing(view.at("refund_applied")),
                "modified": beijing(changed),
            }
            for changed, view in found
        ]
        return {"total": len(rows), "refunds": self.spoilt_rows(rows, page - 1, size)}

    def _case(self, asks: dict[str, Any]) -> dict[str, Any]:
        view = self.world.view_of_case(str(asks.get("refund_id", "")).removeprefix("2026"), self.now)
        if view is None or view.refund_stage == "none":
            raise _Refused(103011024, "退款记录不存在")
        done, lines = view.at("refund_done"), view.refunded_lines
        funds = [{"refund_no": "1", "pay_way": 10, "refund_fee": view.refund_minor, "refund_mode": 0}]
        return {
            "refund_id": _case_id(view),
            "tid": _tid(view),
            "kdt_id": int(self.kdt_id),
            "oid": int(lines[0].line_id),
            "status": _CASE_STATUS[view.refund_stage],
            "demand": 1,
            "refund_type": "BUYER_APPLY_REFUND",
            "refund_fee": _yuan(view.refund_minor),
            "created": beijing(view.at("refund_applied")),
            "modified": beijing(view.refund_modified_at),
            "refund_account_time": beijing(done),
            "refund_fund_list": [{**each, "status": 2 if done is not None else 0} for each in funds]
            if _CASE_STATUS[view.refund_stage] == "SUCCESS"
            else [],
            "version": 1,
        }


def _whole(view: OrderView) -> dict[str, Any]:
    order, shipped = view.order, view.at("shipped")
    payment = order.cash_minor + order.points_minor
    is_paid = view.at("paid") is not None
    real = payment if int(order.order_id) % 2 else order.cash_minor
    return {
        "full_order_info": {
            "order_info": {
                "tid": _tid(view),
                "status": _STATUS[view.stage],
                "created": beijing(view.at("placed")),
                "update_time": beijing(view.modified_at),
                "pay_time": beijing(view.at("paid")),
                "consign_time": beijing(shipped),
                "success_time": beijing(view.at("confirmed")),
                "refund_state": 12 if view.stage == "closed" else 0,
                "express_type": 0,
                "type": 0,
            },
            "buyer_info": {"yz_open_id": order.buyer, "buyer_phone": "138****0000", "outer_user_id": "FAKE"},
            "address_info": {
                "receiver_name": "测*",
                "receiver_tel": "138****0000",
                "delivery_province": "浙江省",
                "delivery_city": "杭州市",
                "delivery_address": "**路**号",
            },
            "pay_info": {
                "total_fee": _yuan(order.goods_minor),
                "post_fee": _yuan(order.shipping_minor),
                "payment": _yuan(payment),
                "real_payment": _yuan(real) if is_paid else "0.00",
                # What cards pay is fen, in the same answer.
                "deduction_pay": order.points_minor,
                "deduction_real_pay": order.points_minor,
                "transaction": [],
            },
            "orders": [_line(line) for line in order.lines],
            "remark_info": {"buyer_message": "", "trade_memo": ""},
        },
        "order_promotion": {
            "item_discount_fee": _yuan(order.merchant_minor),
            "order_discount_fee": _yuan(order.platform_minor),
            "adjust_fee": "0.00",
            "item": [],
            "order": [],
        },
        "delivery_order": [
            {"pk_id": 1, "express_state": int(shipped is not None), "oids": [{"oid": line.line_id}], "dists": []}
            for line in order.lines
        ],
        "refund_order": [],
    }


def _line(line: LiveLine) -> dict[str, Any]:
    return {
        "oid": line.line_id,
        "item_id": int(line.listing_id),
        "sku_id": int(line.variant_id),
        "outer_sku_id": line.sku,
        "outer_item_id": "SPU",
        "title": line.title,
        "num": line.quantity,
        "price": _yuan(line.unit_minor),
        "total_fee": _yuan(line.goods_minor),
        "is_present": "false",
    }


def _tid(view: OrderView) -> str:
    return f"E{view.order.order_id}"


def _case_id(view: OrderView) -> str:
    return f"2026{view.order.case_id}"


def _true_order(view: OrderView) -> dict[str, Any]:
    """The shop is the merchant's own, so is every discount; what went back after shipping is not on the order."""
    told = truth_of_order(view, states_discounts=True)
    told["order_id"] = _tid(view)
    told["discount_merchant_minor"] += told["discount_platform_minor"]
    told["discount_platform_minor"] = 0
    if view.stage != "closed":
        told["refund_stated_minor"] = 0
    return told


def _at(text: object) -> int | None:
    """A text of Beijing's time; a date alone is none."""
    try:
        return int(
            (datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) - timedelta(hours=8)).timestamp()
        )
    except ValueError:
        return None


def _yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _said(value: dict[str, Any]) -> Said:
    return Said(json.dumps(value, ensure_ascii=False).encode())
