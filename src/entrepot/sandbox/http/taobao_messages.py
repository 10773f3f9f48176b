"""Taobao's messages as their references describe them: allowed for a shop, asked for, confirmed.

Source: references of `taobao.tmc.*` and types of messages in public clients, read 2026-11. That messages begin when
they are allowed, and that one that is not confirmed comes again after a minute, is set here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.clock import beijing
from entrepot.sandbox.http.pushes import Happening, Outbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.world import LiveWorld

_QUANTITY_MIN, _QUANTITY_MAX = 10, 200
_CONFIRMED_MAX = 200
_TOPICS = {
    "placed": "taobao_trade_TradeCreate",
    "deposit": "taobao_trade_TradeBuyerStepPay",
    "paid": "taobao_trade_TradeBuyerPay",
    "shipped": "taobao_trade_TradeSellerShip",
    "confirmed": "taobao_trade_TradeSuccess",
    "cancelled": "taobao_trade_TradeClose",
    "noted": "taobao_trade_TradeMemoModified",
    "refund_applied": "taobao_refund_RefundCreated",
    "refund_agreed": "taobao_refund_RefundSellerAgreeAgreement",
    "refund_done": "taobao_refund_RefundSuccess",
    "refund_closed": "taobao_refund_RefundClosed",
}


class TaobaoMessages:
    """Messages of the simulated shop."""

    user_id = 100_000_001

    def __init__(self, world: LiveWorld, faults: Faults, now: Callable[[], int]) -> None:
        self.outbox, self._now, self._is_allowed = Outbox(world, faults), now, False
        self.methods: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
            "taobao.tmc.user.permit": self._permitted,
            "taobao.tmc.messages.consume": self._consumed,
            "taobao.tmc.messages.confirm": self._confirmed,
        }

    def _permitted(self, params: dict[str, str]) -> dict[str, Any]:
        """Topics replace those before; without any the shop has all of the app's."""
        self._topics = frozenset(filter(None, params.get("topics", "").split(",")))
        if not self._is_allowed:
            self._is_allowed = True
            self.outbox.skip(self._now())
        return {"is_success": True}

    def _consumed(self, params: dict[str, str]) -> dict[str, Any]:
        quantity = int(params.get("quantity", "100"))
        if not _QUANTITY_MIN <= quantity <= _QUANTITY_MAX:
            return {"messages": {}}
        if not self._is_allowed:
            return {}
        rows = [self._message(each) for each in self.outbox.due(self._now(), quantity)]
        shown = [row for row in rows if not self._topics or row["topic"] in self._topics]
        return {"messages": {"tmc_message": shown}} if shown else {}

    def _confirmed(self, params: dict[str, str]) -> dict[str, Any]:
        numbers = [each for each in params.get("s_message_ids", "").split(",") if each.isdigit()]
        for number in numbers[:_CONFIRMED_MAX]:
            self.outbox.confirm(int(number))
        return {"is_success": bool(numbers)}

    def _message(self, happened: Happening) -> dict[str, Any]:
        order, topic = happened.order, _TOPICS[happened.what]
        # Contents name buyers: nothing of that may be kept by whoever reads them.
        said: dict[str, Any] = {
            "tid": int(order.order_id),
            "oid": int(order.lines[0].line_id),
            "buyer_nick": f"nick of {order.buyer}",
            "buyer_open_uid": order.buyer,
            "seller_nick": "测试商家",
        }
        if happened.what.startswith("refund_"):
            said |= {"refund_id": int(order.case_id), "bill_type": "refund_bill", "modified": beijing(happened.at)}
        else:
            said |= {"payment": f"{order.cash_minor // 100}.{order.cash_minor % 100:02d}", "type": "guarantee_trade"}
        return {
            "id": happened.number,
            "topic": topic,
            "user_id": self.user_id,
            "user_nick": "测试商家",
            "content": json.dumps(said, ensure_ascii=False),
            "pub_time": beijing(happened.seen_at),
            "pub_app_key": "12497914",
        }
