"""JD's gateway as its guides, its SDK's classes and public clients describe it: JSON in a form, envelopes misspelt.

Source: guide 2643 on signing, published contracts and clients, read 2026-11. Not sourced, and set here so that
they can be changed: the number of the error for a token that has ended, the life of a token, what a refresh before its
last day answers, that a list has nothing in states that were not asked for.
"""

from __future__ import annotations

import calendar
import hashlib
import json
import time
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl

from entrepot.sandbox.clock import beijing
from entrepot.sandbox.http.platform import Asked, Said, Simulated, truth_of_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.platform import SimClock
    from entrepot.sandbox.http.shelf import Product, Variant
    from entrepot.sandbox.http.world import LiveWorld, OrderView

_PATH, _OAUTH, _FIRST = "/routerjson", "/oauth2/refresh_token", "/oauth2/access_token"
_TOLERANCE_S = 360
_DAY = 86_400
_ORDERS = "jingdong.pop.order.enSearch"
_CANCELS = "jingdong.pop.afs.soa.refundapply.queryPageList"
_SERVICES = "jingdong.asc.serviceAndRefund.view"
_SKUS = "jingdong.sku.read.searchSkuList"
_STATUS = {
    "unpaid": "NOT_PAY",
    "paid": "WAIT_SELLER_STOCK_OUT",
    "shipped": "WAIT_GOODS_RECEIVE_CONFIRM",
    "done": "FINISHED_L",
    "cancelled": "TRADE_CANCELED",
    "closed": "TRADE_CANCELED",
}
_HELD = {"locked": "LOCKED", "paused": "PAUSE", "to_be_delivered": "WAIT_SELLER_DELIVERY"}
_TRUE_HELD = {
    "locked": {"commercial_state": "ship_forbidden"},
    "paused": {"commercial_state": "risk_hold"},
    "to_be_delivered": {"fulfilment_state": "released"},
}
_CANCEL_STATUS = {"applied": 0, "agreed": 1, "done": 3, "closed": 11}
_TRUE_CANCELS = {
    "applied": ("applied", "none"),
    "agreed": ("agreed", "pending"),
    "done": ("succeeded", "pending"),
    "closed": ("withdrawn", "none"),
}
# A service that was withdrawn looks like one that was only applied for.
_TRUE_SERVICES = {
    "applied": ("applied", "none"),
    "agreed": ("agreed", "pending"),
    "done": ("succeeded", "returned"),
    "closed": ("applied", "none"),
}


class Jd(Simulated):
    """The simulated gateway.

    Attributes:
        home: Beginning of its paths.
    """

    name = "jd"
    home: ClassVar[str] = ""
    renamed = ("orderTotalPrice", "orderGoodsPrice")
    titles = ("skuName",)
    app_key, secret = "SANDBOXJDKEY", "sandbox-secret-of-jd"
    token_life_s = 30 * _DAY

    def __init__(self, world: LiveWorld, clock: SimClock, faults: Faults) -> None:
        super().__init__(world, clock, faults)
        self._issued, self._token, self._refresh, self._refresh_before = 1, "jd-1", "jdr-1", ""
        self._ends = clock.now_s() + self.token_life_s
        self._methods: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            _ORDERS: self._orders,
            _CANCELS: self._cancels,
            _SERVICES: self._services,
            _SKUS: self._skus,
        }

    def claims(self, path: str) -> bool:
        """The gateway, and the place where tokens are renewed."""
        return path in (self.home + _PATH, self.home + _OAUTH, self.home + _FIRST)

    def connection(self, base_url: str) -> dict[str, str]:
        """See `Simulated`."""
        return {
            "gateway_url": base_url + self.home + _PATH,
            "app_key": self.app_key,
            "secret": self.secret,
            "access_token": self._token,
            "refresh_token": self._refresh,
        }

    def answer(self, asked: Asked) -> Said:
        """Check time, signature and token, then answer in the method's envelope. Errors come with HTTP 200."""
        if asked.path == self.home + _OAUTH:
            return _said(self._refreshed(dict(asked.query)))
        if asked.path == self.home + _FIRST:
            return _said(self._created(dict(asked.query)))
        params = {**asked.query, **dict(parse_qsl(asked.body.decode(), keep_blank_values=True))}
        method = params.get("method", "")
        refused = self._refusal(params, method)
        if refused is not None:
            code, zh, en = refused
            return _said({"error_response": {"code": code, "zh_desc": zh, "en_desc": en}})
        asks = json.loads(params["360buy_param_json"])
        return _said({method.replace(".", "_") + "_responce": {"code": "0", **self._methods[method](asks)}})

    def truth(self) -> dict[str, Any]:
        """Orders and cases now."""
        views = self.world.views(self.now)
        return {
            "orders": [_true_order(view) for view in views],
            "after_sales": [_true_case(view) for view in views if view.refund_stage != "none"],
            # A SKU has a page of its own; why one is off the shelf its list does not tell.
            "listings": [
                {
                    **each,
                    "listing_id": each["variant_id"],
                    "variant_id": None,
                    "state": "off_shelf" if each["state"] in ("draft", "banned") else each["state"],
                }
                for each in self.shelf.truth(self.now)
            ],
        }

    def _refusal(self, params: dict[str, str], method: str) -> tuple[str, str, str] | None:
        late_s = abs(_instant(params.get("timestamp", "")) - self.now)
        joined = self.secret + "".join(key + params[key] for key in sorted(params) if key != "sign") + self.secret
        wanted = hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest().upper()
        if self.faults.fires("token_expiry"):
            self._token = "none"  # noqa: S105 no token
        ended = params.get("access_token") != self._token or self.now > self._ends
        checks = (
            (method not in self._methods, ("15", "不存在的方法名", "Invalid Method")),
            (late_s > _TOLERANCE_S, ("8", "非法的时间戳参数", "Invalid Timestamp")),
            (params.get("sign") != wanted, ("12", "无效签名", "Invalid Signature")),
            (ended, ("19", "无效access_token", "Invalid access_token")),
        )
        for fails, error in checks:
            if fails:
                return error
        if self.faults.fires("throttle"):
            return "2", "限制时间内调用失败次数", "App Call Limited"
        return None

    def _refreshed(self, params: dict[str, str]) -> dict[str, Any]:
        known = (self._refresh, self._refresh_before)
        if params.get("app_secret") != self.secret or params.get("refresh_token") not in known or self.now > self._ends:
            return {"code": 202, "msg": "invalid refresh_token: authorise again"}
        left_s = self._ends - self.now
        if self._token == "none" or left_s < _DAY:  # noqa: S105 no token
            if params["refresh_token"] == self._refresh:
                self._issued += 1
                self._refresh_before, self._refresh = self._refresh, f"jdr-{self._issued}"
                left_s = self.token_life_s
                self._ends = self.now + left_s
            self._token = f"jd-{self._issued}"
        return self._token_told(left_s)

    def _created(self, params: dict[str, str]) -> dict[str, Any]:
        if params.get("app_secret") != self.secret or not self.redeem(params.get("code")):
            return {"code": 202, "msg": "invalid code"}
        self._issued += 1
        self._refresh_before, self._refresh = "", f"jdr-{self._issued}"
        self._token, self._ends = f"jd-{self._issued}", self.now + self.token_life_s
        return self._token_told(self.token_life_s)

    def _token_told(self, left_s: float) -> dict[str, Any]:
        return {
            "access_token": self._token,
            "refresh_token": self._refresh,
            "expires_in": int(left_s),
            "xid": "o*sandbox",
            "scope": "snsapi_base",
        }

    def _orders(self, asks: dict[str, Any]) -> dict[str, Any]:
        start, end = _instant(asks.get("start_date") or ""), _instant(asks.get("end_date") or "")
        states = set((asks.get("order_state") or "").split(","))
        fields = set((asks.get("optional_fields") or "").split(","))
        if not start or end < start or end - start > 31 * _DAY or not isinstance(asks.get("page"), str) or not fields:
            return {"searchorderinfo_result": _failed("10100020", "参数错误")}
        by = "placed" if asks.get("dateType") == "1" else "modified"
        views = [
            view
            for view in self.world.views(self.now)
            if start <= (view.at("placed") if by == "placed" else view.modified_at or 0) <= end  # type: ignore[operator]
            and _status(view) in states
        ]
        views.sort(key=lambda view: (view.modified_at, view.order.order_id))
        page, size = int(asks["page"]), int(asks["page_size"])
        shown = self.spoilt_rows(views, page - 1, size)
        rows = [{name: value for name, value in self._order(view).items() if name in fields} for view in shown]
        for row in rows:
            self._drift(row)
        result = {"apiResult": {"success": True, "numberCode": 0}, "orderTotal": str(len(views)), "orderInfoList": rows}
        return {"searchorderinfo_result": result}

    def _skus(self, asks: dict[str, Any]) -> dict[str, Any]:
        """SKUs in the states asked for; half of them write their time of change in milliseconds, half as text."""
        wanted = set(str(asks.get("skuStatuValue") or "1").split(","))
        page, size = int(asks.get("pageNo", 1)), int(asks.get("page_size", 10))
        if page < 1 or not 1 <= size <= 100:  # noqa: PLR2004
            return {"page": {"success": False, "code": "10001", "msg": "参数错误"}}
        found = [
            (int(each.variant_id), _sku(product, each))
            for product in self.shelf.products(self.now)
            for each in product.variants
        ]
        found = [each for each in found if str(each[1]["status"]) in wanted]
        # Newest first, unless it is said otherwise.
        by_id = asks.get("orderFiled") == "skuId" and asks.get("orderType") == "asc"
        found.sort(key=lambda each: each[0] if by_id else -each[1]["created"])
        fields = set(str(asks.get("field") or "skuId").split(","))
        shown = self.spoilt_rows([each for _, each in found], page - 1, size)
        rows = [{name: value for name, value in each.items() if name in fields} for each in shown]
        return {"page": {"pageNo": page, "pageSize": size, "totalItem": len(found), "data": rows}}

    def _drift(self, row: dict[str, Any]) -> None:
        if self.faults.fires("new_fields"):
            row["surpriseFee"] = "0.00"
        if self.faults.fires("field_renamed"):
            row["orderGoodsPrice"] = row.pop("orderTotalPrice", None)
        if self.faults.fires("field_retyped"):
            row["itemInfoList"] = "see the new method"

    def _order(self, view: OrderView) -> dict[str, Any]:
        order = view.order
        due = _yuan(order.cash_minor)
        coupons = [
            {"orderId": order.order_id, "skuId": "", "couponType": kind, "couponPrice": _yuan(minor)}
            for kind, minor in (
                ("100-店铺优惠", order.merchant_minor),
                ("41-京东券优惠", order.platform_minor),
                ("39-京豆优惠", order.points_minor),
            )
            if minor
        ]
        return {
            "orderId": order.order_id,
            "orderType": "22",
            "venderId": "10622317",
            "orderState": _status(view),
            "payType": "4-在线支付",
            "orderStartTime": _time(view.at("placed")),
            "paymentConfirmTime": _time(view.at("paid")),
            "outBoundDate": _time(view.at("shipped")),
            "orderEndTime": _time(view.at("confirmed") or view.at("cancelled")),
            "modified": _time(view.modified_at),
            "parentOrderId": "0",
            "directParentOrderId": "0",
            "orderTotalPrice": _yuan(order.goods_minor),
            "orderSellerPrice": _yuan(order.goods_minor - order.merchant_minor),
            "sellerDiscount": _yuan(order.merchant_minor),
            "freightPrice": _yuan(order.shipping_minor),
            "balanceUsed": _yuan(order.balance_minor),
            "orderPayment": due,
            "shouldPay": due,
            "actualPay": due if view.at("paid") is not None else "0.00",
            "pin": "jd_sandbox",
            "open_id_buyer": order.buyer,
            "couponDetailList": coupons,
            "consigneeInfo": {
                "province": "广东",
                "city": "广州市",
                "fullname": "AAS/RkFLRS1OQU1F",
                "fullAddress": "AAS/RkFLRS1BRERSRVNT",
                "mobile": "136*******5",
            },
            "itemInfoList": [
                {
                    "skuId": line.variant_id,
                    "wareId": line.listing_id,
                    "outerSkuId": line.sku,
                    "productNo": line.sku.split("-", maxsplit=1)[0],
                    "skuName": line.title,
                    "itemTotal": str(line.quantity),
                    "jdPrice": _yuan(line.unit_minor),
                }
                for line in order.lines
            ],
        }

    def _cases(self, asks: dict[str, Any], starts: str, ends: str, *, shipped: bool) -> list[OrderView] | None:
        start, end = _instant(asks.get(starts) or ""), _instant(asks.get(ends) or "")
        if not start or end < start or end - start > 7 * _DAY:
            return None
        found = [
            view
            for view in self.world.views(self.now)
            if start <= (view.at("refund_applied") or 0) <= end and _has_left(view) == shipped
        ]
        return sorted(found, key=lambda view: (view.at("refund_applied"), view.order.case_id))

    def _cancels(self, asks: dict[str, Any]) -> dict[str, Any]:
        views = self._cases(asks, "applyTimeStart", "applyTimeEnd", shipped=False)
        page, size = int(asks.get("pageIndex", 1)), int(asks.get("pageSize", 10))
        if views is None or not 1 <= page <= 100 or not 1 <= size <= 50:  # noqa: PLR2004
            return {"queryResult": {"success": False, "errorCode": "1", "errorMessage": "参数错误"}}
        rows = [
            {
                "id": int(view.order.case_id),
                "orderId": view.order.order_id,
                "buyerName": "某人",
                "status": _CANCEL_STATUS[view.refund_stage],
                "applyTime": _time(view.at("refund_applied")),
                "checkTime": _time(view.refund_modified_at) if view.refund_stage != "applied" else None,
                # Fen here, where orders have yuan.
                "applyRefundSum": view.refund_minor,
            }
            for view in views
        ]
        return {
            "queryResult": {"success": True, "totalCount": len(rows), "result": self.spoilt_rows(rows, page - 1, size)}
        }

    def _services(self, asks: dict[str, Any]) -> dict[str, Any]:
        views = self._cases(asks, "applyTimeBegin", "applyTimeEnd", shipped=True)
        page, size = int(asks.get("pageNumber", 1)), int(asks.get("pageSize", 10))
        if views is None or not 1 <= size <= 50:  # noqa: PLR2004
            return {"pageResult": {"success": False, "code": "10001", "msg": "参数错误"}}
        rows = [self._service(view) for view in views]
        shown = self.spoilt_rows(rows, page - 1, size)
        return {"pageResult": {"success": "true", "code": "00000", "totalCount": str(len(rows)), "data": shown}}

    @staticmethod
    def _service(view: OrderView) -> dict[str, Any]:
        applied, agreed, done = view.at("refund_applied"), view.at("refund_agreed"), view.at("refund_done")
        bill = {
            "serviceId": int(view.order.case_id),
            "orderId": int(view.order.order_id),
            "wareId": int(view.refunded_lines[0].variant_id),
            "customerExpect": 10,
            "afsApplyTime": (applied or 0) * 1000,
        }
        if agreed is not None:
            bill["approveDate"] = agreed * 1000
        told: dict[str, Any] = {"sameOrderServiceBill": bill, "refoundAmount": _yuan(view.refund_minor)}
        if done is not None:
            told |= {"afsRefundId": 5, "status": 13, "completeTime": _time(done)}
        return told


def _sku(product: Product, each: Variant) -> dict[str, Any]:
    return {
        "skuId": int(each.variant_id),
        "wareId": int(product.listing_id),
        "status": 1 if product.state == "on_sale" else 2,
        "jdPrice": _yuan(each.unit_minor),
        "outerId": each.sku,
        "skuName": product.title,
        "wareTitle": product.title,
        "stockNum": each.units,
        "barCode": each.gtin,
        "created": product.listed_at * 1000,
        "modified": product.changed_at * 1000 if int(each.variant_id) % 2 else beijing(product.changed_at),
    }


def _status(view: OrderView) -> str:
    """An order that is paid may be held."""
    return _HELD.get(view.order.held, _STATUS["paid"]) if view.stage == "paid" else _STATUS[view.stage]


def _has_left(view: OrderView) -> bool:
    return any(event.what == "shipped" for event in view.order.events)


def _true_order(view: OrderView) -> dict[str, Any]:
    """Lines are known by article; what went back after shipping is not on the order."""
    told = truth_of_order(view, states_discounts=True)
    told["lines"] = [
        {**line, "line_id": f"{known.variant_id}-1"}
        for line, known in zip(told["lines"], view.order.lines, strict=True)
    ]
    if view.stage != "closed":
        told["refund_stated_minor"] = 0
    if view.stage == "paid":
        told |= _TRUE_HELD.get(view.order.held, {})
    return told


def _true_case(view: OrderView) -> dict[str, Any]:
    process, money = (_TRUE_SERVICES if _has_left(view) else _TRUE_CANCELS)[view.refund_stage]
    return {
        "case_id": view.order.case_id,
        "order_id": view.order.order_id,
        "process": process,
        "money": money,
        "refund_minor": view.refund_minor,
    }


def _failed(code: str, text: str) -> dict[str, Any]:
    return {"apiResult": {"success": False, "numberCode": code, "chineseErrCode": text}}


def _instant(text: str) -> int:
    """Beijing text with or without parts of a second and zone; 0 for anything else."""
    try:
        return int(calendar.timegm(time.strptime(text[:19], "%Y-%m-%d %H:%M:%S"))) - 8 * 3600
    except ValueError:
        return 0


def _time(at: int | None) -> str:
    return beijing(at) if at is not None else "0001-01-01 00:00:00"


def _yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _said(value: dict[str, Any]) -> Said:
    return Said(json.dumps(value, ensure_ascii=False).encode())
