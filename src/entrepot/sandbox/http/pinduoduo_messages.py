"""Pinduoduo's messages as public clients read them: frames of a web socket, each sent again until it is acknowledged.

Source: address, frames and acknowledgements in public clients for Rust and PHP, types and contents of messages in
public clients for Java and C#, read 2026-11. Set here: that a sign of life is answered, that a message that is not
acknowledged comes again after a minute, and that nothing tells of orders that nobody pays nor of money that went back,
for no message of that is known.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from entrepot.sandbox.http.pinduoduo_bills import order_sn
from entrepot.sandbox.http.pushes import Happening, Outbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.websocket import WebSocket
    from entrepot.sandbox.http.world import LiveWorld

_DUE_MAX, _LOOK_S, _PATIENCE_S = 200, 0.02, 30.0
_TYPES = {
    "paid": "pdd_trade_TradeConfirmed",
    "shipped": "pdd_trade_TradeSellerShip",
    "confirmed": "pdd_trade_TradeSuccess",
    "noted": "pdd_trade_TradeMemoModified",
    "refund_applied": "pdd_refund_RefundCreated",
    "refund_agreed": "pdd_refund_RefundAgreeAgreement",
    "refund_closed": "pdd_refund_RefundClosed",
}


class PinduoduoMessages:
    """Messages of the simulated shop.

    Attributes:
        tells: What happens that a message tells of.
        signs_of_life: How many came.
    """

    mall_id = 100_000_001
    tells = frozenset(_TYPES)

    def __init__(self, world: LiveWorld, faults: Faults, now: Callable[[], int], client_id: str, secret: str) -> None:
        self.outbox, self._faults, self._now = Outbox(world, faults), faults, now
        self._client_id, self._secret = client_id, secret
        self._is_allowed, self.signs_of_life = False, 0
        self._changed, self._sent, self._taken, self._stopped = threading.Condition(), set[int](), 0, False

    def permitted(self, params: dict[str, str]) -> dict[str, Any]:
        """Messages begin when they are allowed for the shop: here all of them, whatever topics are named."""
        del params
        if not self._is_allowed:
            self.outbox.skip(self._now())
            self._is_allowed = True
        return {"pmc_user_permit_response": {"is_success": True, "request_id": "sandbox"}}

    def admits(self, path: str) -> bool:
        """Whether an address is signed: the digest is its hexadecimal text in Base64."""
        parts = path.strip("/").split("/", 3)
        if len(parts) != 4 or parts[0] != "message":  # noqa: PLR2004 message, client, time, digest
            return False
        _, client, stamp, told = map(unquote, parts)
        said = f"{client}{stamp}{self._secret}".encode()
        digest = base64.b64encode(hashlib.md5(said, usedforsecurity=False).hexdigest().encode()).decode()
        return client == self._client_id and told == digest

    def talk(self, line: WebSocket) -> None:
        """Send what is due and take what comes, for as long as anybody is there."""
        mine: set[int] = set()
        while line.is_open and not self._stopped:
            for text in line.texts(_LOOK_S):
                self._heard(line, json.loads(text), mine)
            due = self.outbox.due(self._now(), _DUE_MAX) if self._is_allowed else []
            for happened in due:
                if happened.what not in _TYPES:
                    self.outbox.confirm(happened.number)
                    continue
                with self._changed:
                    self._sent.add(happened.number)
                    mine.add(happened.number)
                line.send(json.dumps(self._frame(happened), ensure_ascii=False))
                if self._faults.fires("push_cut"):
                    line.cut()
                    break
            with self._changed:
                self._changed.notify_all()
        with self._changed:
            # What was sent here and not acknowledged comes again in its time.
            self._sent -= mine
            self._changed.notify_all()

    def settled(self) -> int:
        """Wait until what is due was sent and acknowledged, or its connection is gone; returns how many were."""
        with self._changed:
            self._changed.wait_for(self._is_settled, _PATIENCE_S)
            taken, self._taken = self._taken, 0
        return taken

    def stop(self) -> None:
        """Talk no more."""
        self._stopped = True

    def _is_settled(self) -> bool:
        return not self._is_allowed or (not self._sent and not self.outbox.has_due(self._now()))

    def _heard(self, line: WebSocket, told: dict[str, Any], mine: set[int]) -> None:
        if told.get("commandType") == "HeartBeat":
            self.signs_of_life += 1
            line.send(json.dumps({"commandType": "HeartBeat", "time": told["time"]}))
        elif told.get("commandType") == "Ack" and told.get("mallID") == self.mall_id:
            number = int(told["id"])
            with self._changed:
                self.outbox.confirm(number)
                self._taken += number in self._sent
                self._sent.discard(number)
                mine.discard(number)

    def _frame(self, happened: Happening) -> dict[str, Any]:
        # Contents name nobody at Pinduoduo, as far as clients show; a remark does here, so that none may be kept.
        said: dict[str, Any] = {"mall_id": self.mall_id, "tid": order_sn(happened.order)}
        if happened.what == "noted":
            said["remark"] = f"nick of {happened.order.buyer}"
        if happened.what.startswith("refund_"):
            said |= {"refund_id": int(happened.order.case_id), "bill_type": 1, "modified": happened.at * 1000}
        inner = {"type": _TYPES[happened.what], "mallID": self.mall_id, "content": json.dumps(said, ensure_ascii=False)}
        sent = {"sendTime": happened.seen_at * 1000, "time": happened.seen_at * 1000}
        return {"id": happened.number, "commandType": "Common", **sent, "message": inner}
