"""Douyin Shop's messages as public SDKs describe them: lists that are posted to the address that an app has set.

Source: structures of messages and the check of their signature in public SDKs, read 2026-11. Set here: ten messages a
post, that one that was not taken comes again after a minute, and that whatever happened has one message.
"""

from __future__ import annotations

import hashlib
import json
import urllib.request
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.http.pushes import Happening, Outbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.world import LiveWorld

_DUE_MAX, _TOGETHER_MAX, _PATIENCE_S = 200, 10, 5.0
_TAGS = {
    "placed": ("100", "create_time"),
    "paid": ("101", "pay_time"),
    "shipped": ("102", "update_time"),
    "confirmed": ("103", "complete_time"),
    "cancelled": ("106", "cancel_time"),
    "noted": ("113", "update_time"),
    "refund_applied": ("200", "apply_time"),
    "refund_agreed": ("201", "agree_time"),
    "refund_done": ("206", "success_time"),
    "refund_closed": ("207", "close_time"),
}


class DouyinMessages:
    """Messages of the simulated shop.

    Attributes:
        to: Address that the app has set for them; nothing is sent without.
        refused: Messages signed by somebody else that were not taken.
        believed: Those that were.
    """

    shop_id = 100_000_001

    def __init__(self, world: LiveWorld, faults: Faults, now: Callable[[], int], app_key: str, secret: str) -> None:
        self.outbox, self._faults, self._now = Outbox(world, faults), faults, now
        self._app_key, self._secret = app_key, secret
        self.to, self.refused, self.believed = "", 0, 0

    def post(self) -> int:
        """Post what is due; what is not taken stays."""
        if not self.to:
            return 0
        taken = 0
        due = [each for each in self.outbox.due(self._now(), _DUE_MAX) if each.what in _TAGS]
        for start in range(0, len(due), _TOGETHER_MAX):
            together = due[start : start + _TOGETHER_MAX]
            body = json.dumps([self._message(each) for each in together], ensure_ascii=False).encode()
            if self._faults.fires("push_forged"):
                is_believed = self._is_taken(body, "another secret")
                self.believed, self.refused = self.believed + is_believed, self.refused + (not is_believed)
            if self._is_taken(body, self._secret):
                taken += len(together)
                for each in together:
                    self.outbox.confirm(each.number)
        return taken

    def _is_taken(self, body: bytes, secret: str) -> bool:
        sign = hashlib.md5(self._app_key.encode() + body + secret.encode(), usedforsecurity=False).hexdigest()
        headers = {"app-id": self._app_key, "event-sign": sign, "content-type": "application/json;charset=UTF-8"}
        request = urllib.request.Request(self.to, body, headers)  # noqa: S310 the address is the test's own
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                request, timeout=_PATIENCE_S
            ) as said:
                answer: Any = json.loads(said.read())
        except (OSError, ValueError):
            return False
        return isinstance(answer, dict) and answer.get("code") == 0

    def _message(self, happened: Happening) -> dict[str, Any]:
        order, (tag, instant) = happened.order, _TAGS[happened.what]
        said: dict[str, Any] = {"p_id": int(order.order_id), "shop_id": self.shop_id, instant: happened.at, "biz": 2}
        if happened.what.startswith("refund_"):
            said |= {"aftersale_id": int(order.case_id), "s_id": int(order.lines[0].line_id), "aftersale_type": 1}
        else:
            said |= {"s_ids": [int(line.line_id) for line in order.lines], "order_type": 0}
        if happened.what == "shipped":
            # Contents name recipients: nothing of that may be kept by whoever reads them.
            said["receiver_msg"] = {"name": f"nick of {order.buyer}", "tel": order.buyer, "addr": "福建省"}
        return {"tag": tag, "msg_id": str(happened.number), "data": json.dumps(said, ensure_ascii=False)}
