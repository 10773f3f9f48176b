"""Kuaishou's gateway as published contracts and clients describe it: a GET per method, one JSON text of parameters.

Source: contracts and clients of the open platform that follow its Java SDK, read 2026-11. Not sourced, and set here so
that they can be changed: numbers and texts of errors, how far a clock may be off, the life of tokens, that a cursor
keeps its place, whether the end of a window is in it (here it is), that the total of an order is the merchant's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from entrepot.sandbox.http.platform import Asked, Said, Simulated, truth_of_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.platform import SimClock
    from entrepot.sandbox.http.world import LiveWorld, OrderView

_ROOT = "/kuaishou"
_TOLERANCE_S = 600
_DAY = 86_400
_STATUS = {"unpaid": 10, "paid": 30, "shipped": 40, "done": 70, "cancelled": 80, "closed": 80}
_CASE_STATUS = {"applied": 10, "agreed": 50, "done": 60, "closed": 70}
_CASES = {
    "applied": ("applied", "none"),
    "agreed": ("agreed", "pending"),
    "done": ("succeeded", "returned"),
    "closed": ("closed", "none"),
}
_NO_MORE = "nomore"


class _Refused(Exception):
    def __init__(self, result: int, text: str) -> None:
        super().__init__(result, text)
        self.result, self.text = result, text


class Kuaishou(Simulated):
    """The simulated gateway."""

    name = "kuaishou"
    renamed = ("orderBaseInfo.totalFee", "orderBaseInfo.payFee")
    titles = ("itemTitle",)
    lines_max = 1
    app_key, app_secret, sign_secret = "ks-sandbox", "sandbox-secret-of-kuaishou", "sandbox-signing-of-kuaishou"
    token_life_s, old_refresh_lives_s = 2 * _DAY, 300

    def __init__(self, world: LiveWorld, clock: SimClock, faults: Faults) -> None:
        super().__init__(world, clock, faults)
        self._issued, self._token, self._refresh, self._old_refresh = 1, "kst-1", "ksr-1", ""
        self._ends = clock.now_s() + 90 * _DAY
        self._old_ends = 0.0
        self._methods: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "open.order.cursor.list": self._orders,
            "open.seller.order.refund.pcursor.list": self._cases,
        }

    def claims(self, path: str) -> bool:
        """A path per method, under a root of our own: another platform has the same paths for its tokens."""
        return path == _ROOT or path.startswith(f"{_ROOT}/")

    def connection(self, base_url: str) -> dict[str, str]:
        """See `Simulated`."""
        return {
            "gateway_url": base_url + _ROOT,
            "app_key": self.app_key,
            "secret": self.app_secret,
            "sign_secret": self.sign_secret,
            "access_token": self._token,
            "refresh_token": self._refresh,
        }

    def answer(self, asked: Asked) -> Said:
        """Check signature, time and token, then answer. Errors come with HTTP 200."""
        if asked.verb == "HEAD":
            return _said({})
        path = asked.path.removeprefix(_ROOT)
        sent = {**asked.query, **dict(parse_qsl(asked.body.decode(), keep_blank_values=True))}
        try:
            if path == "/oauth2/refresh_token":
                return _said({"result": 1, **self._refreshed(sent)})
            method = self._checked(path, sent)
            data = self._methods[method](json.loads(sent.get("param", "{}")))
        except _Refused as refused:
            return _said({"result": refused.result, "error_msg": refused.text, "request_id": "sandbox"})
        return _said({"result": 1, "code": "1", "msg": "success", "data": data, "request_id": "sandbox"})

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

    def _checked(self, path: str, sent: dict[str, str]) -> str:
        """The method that is called, once everything else of the call is right."""
        method, way = sent.get("method", ""), sent.get("signMethod", "MD5")
        if method not in self._methods or path != "/" + method.replace(".", "/") or sent.get("version") != "1":
            raise _Refused(21, "method不存在")
        if sent.get("appkey") != self.app_key:
            raise _Refused(21, "appkey不存在")
        text = (
            "".join(f"{name}={sent[name]}&" for name in sorted(sent) if name != "sign")
            + f"signSecret={self.sign_secret}"
        )
        if way == "MD5":
            wanted = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        else:
            digest = hmac.new(self.sign_secret.encode(), text.encode(), hashlib.sha256).digest()
            wanted = base64.b64encode(digest).decode()
        if sent.get("sign") != wanted:
            raise _Refused(22, "签名验证失败")
        stamp = sent.get("timestamp", "")
        if not stamp.isdigit() or abs(int(stamp) / 1000 - self.now) > _TOLERANCE_S:
            raise _Refused(23, "timestamp已过期")
        if self.faults.fires("token_expiry"):
            self._token = ""
        if sent.get("access_token") != self._token or self.now > self._ends:
            raise _Refused(24, "access_token无效或已过期")
        if self.faults.fires("throttle"):
            raise _Refused(25, "调用频率超限，已被限流")
        return method

    def _refreshed(self, sent: dict[str, str]) -> dict[str, Any]:
        given = sent.get("refresh_token", "")
        is_old = bool(self._old_refresh) and given == self._old_refresh and self.now <= self._old_ends
        if sent.get("app_id") != self.app_key or sent.get("app_secret") != self.app_secret:
            raise _Refused(21, "app_id不存在")
        if given != self._refresh and not is_old:
            raise _Refused(28, "refresh已失效，请重新授权")
        if given == self._refresh:
            self._issued += 1
            self._old_refresh, self._old_ends = self._refresh, self.now + self.old_refresh_lives_s
            self._refresh = f"ksr-{self._issued}"
        self._token, self._ends = f"kst-{self._issued}", self.now + self.token_life_s
        return {
            "access_token": self._token,
            "expires_in": self.token_life_s,
            "refresh_token": self._refresh,
            "refresh_token_expires_in": 90 * _DAY,
            "open_id": "sandbox",
        }

    def _window(self, asks: dict[str, Any], span_max_s: int, size_max: int) -> tuple[int, int, int]:
        """Begin and end in milliseconds, rows per page."""
        start, end, size = (asks.get(name) for name in ("beginTime", "endTime", "pageSize"))
        if not isinstance(start, int) or not isinstance(end, int) or not isinstance(size, int):
            raise _Refused(100, "参数错误")
        if not 0 < end - start <= span_max_s * 1000:
            raise _Refused(101, "查询时间范围不合法")
        if not 0 < size <= size_max or asks.get("queryType") != 2 or asks.get("sort") != 2:  # noqa: PLR2004
            raise _Refused(100, "参数错误")
        return start, end, size

    def _page(self, found: dict[tuple[int, str], OrderView], cursor: object, size: int) -> tuple[list[OrderView], str]:
        """Views of a page, oldest change first, and the cursor of the next one."""
        if not isinstance(cursor, str):
            raise _Refused(100, "参数错误")
        ordered = sorted(found)
        at, _, key = cursor.partition("_")
        behind = sum(each <= (int(at), key) for each in ordered) if cursor else 0
        shown, page = self.rows_behind(ordered, behind, size)
        is_last = not page or page[-1] == ordered[-1]
        return [found[each] for each in shown], _NO_MORE if is_last else f"{page[-1][0]}_{page[-1][1]}"

    def _orders(self, asks: dict[str, Any]) -> dict[str, Any]:
        start, end, size = self._window(asks, 7 * _DAY, 50)
        if asks.get("orderViewStatus") != 1:
            raise _Refused(100, "参数错误")
        found = {
            (view.modified_at, view.order.order_id): view
            for view in self.world.views(self.now)
            if start <= view.modified_at * 1000 <= end
        }
        views, cursor = self._page(found, asks.get("cursor"), size)
        rows = [self._order(view) for view in views]
        return {"cursor": cursor, "pageSize": size, "beginTime": start, "endTime": end, "orderList": rows}

    def _order(self, view: OrderView) -> dict[str, Any]:
        told = _whole(view)
        if self.faults.fires("new_fields"):
            told["surprise"] = {"fee": 0}
        if self.faults.fires("field_renamed"):
            told["orderBaseInfo"]["payFee"] = told["orderBaseInfo"].pop("totalFee")
        if self.faults.fires("field_retyped"):
            told["orderItemInfo"] = "see the new method"
        return told

    def _cases(self, asks: dict[str, Any]) -> dict[str, Any]:
        start, end, size = self._window(asks, _DAY, 100)
        if asks.get("type") != 9 or not isinstance(asks.get("currentPage"), int):  # noqa: PLR2004
            raise _Refused(100, "参数错误")
        found = {
            (changed, view.order.case_id): view
            for view in self.world.views(self.now)
            if (changed := view.refund_modified_at) is not None and start <= changed * 1000 <= end
        }
        views, cursor = self._page(found, asks.get("pcursor"), size)
        return {"pcursor": cursor, "refundOrderInfoList": [_case(view) for view in views]}


def _whole(view: OrderView) -> dict[str, Any]:
    order, line = view.order, view.order.lines[0]
    shipped = view.at("shipped")
    return {
        "orderBaseInfo": {
            "oid": int(order.order_id),
            "status": _STATUS[view.stage],
            "createTime": _ms(view.at("placed")),
            "payTime": _ms(view.at("paid")),
            "sendTime": _ms(shipped),
            "recvTime": _ms(view.at("confirmed")),
            "refundTime": _ms(view.at("refund_applied")),
            "updateTime": _ms(view.modified_at),
            # Of the merchant: goods less what the merchant takes off. Freight stands beside it.
            "totalFee": order.goods_minor - order.merchant_minor,
            "discountFee": order.merchant_minor + order.platform_minor,
            "expressFee": order.shipping_minor,
            "payChannelDiscount": order.points_minor,
            "governmentDiscount": 0,
            "payType": 1,
            "preSale": 0,
            "cpsType": 0,
            "buyerOpenId": order.buyer,
            "buyerNick": "测***",
            "remark": "",
        },
        "orderItemInfo": {
            "itemId": int(line.listing_id),
            "skuId": int(line.variant_id),
            "skuNick": line.sku,
            "itemTitle": line.title,
            "num": line.quantity,
            "price": line.unit_minor,
            "originalPrice": line.unit_minor,
            "orderItemId": int(order.order_id) + 1,
        },
        "orderAddress": {
            "province": "浙江省",
            "city": "杭州市",
            "desensitiseConsignee": "测*",
            "desensitiseMobile": "138****0000",
            "desensitiseAddress": "**路**号",
            "encryptedMobile": "$FAKE$",
        },
        "orderDeliveryInfo": {"openAddressId": f"ksa-{order.buyer}", "deliveryStatus": 0},
        "orderLogisticsInfo": [{"logisticsId": 1, "expressNo": f"KS{order.order_id[-12:]}", "expressCode": 4}]
        if shipped is not None
        else [],
        "orderRefundList": [],
    }


def _case(view: OrderView) -> dict[str, Any]:
    line = view.order.lines[0]
    ended = view.at("refund_done") or view.at("refund_closed")
    return {
        "refundId": int(view.order.case_id),
        "oid": int(view.order.order_id),
        "status": _CASE_STATUS[view.refund_stage],
        "handlingWay": 10,
        "negotiateStatus": 1,
        "refundFee": view.refund_minor,
        "createTime": _ms(view.at("refund_applied")),
        "submitTime": _ms(view.at("refund_applied")),
        "updateTime": _ms(view.refund_modified_at),
        "endTime": _ms(ended),
        "itemId": int(line.listing_id),
        "skuNick": line.sku,
    }


def _true_order(view: OrderView) -> dict[str, Any]:
    """What went back after shipping is not on the order."""
    told = truth_of_order(view, points_are_tender=False, states_discounts=True)
    told["lines"] = [{**line, "line_id": "1"} for line in told["lines"]]
    if view.stage != "closed":
        told["refund_stated_minor"] = 0
    return told


def _ms(at: int | None) -> int:
    return at * 1000 if at is not None else 0


def _said(value: dict[str, Any]) -> Said:
    return Said(json.dumps(value, ensure_ascii=False).encode())
