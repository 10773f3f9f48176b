"""Taobao's messages (TMC) about trades and refunds: asked for by calls, confirmed by calls, given again until then.

Source: references of `taobao.tmc.*` and types of the messages in public clients, read 2026-11. Contents name buyers; of
them only ids of trades and refunds are read. When an unconfirmed message comes again is not published.
"""

from __future__ import annotations

import calendar
import json
import time
from typing import TYPE_CHECKING, Any

from entrepot.connectors.live.contract import Call, Limit, Listed, Method
from entrepot.connectors.live.messages import Message, Messages, Names, Version, Way
from entrepot.connectors.tmall.api import REFUNDS, TRADES
from entrepot.connectors.tmall.client import TmallClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.connectors.live.contract import Feed

_SOURCE = "open.taobao.com references of taobao.tmc.* and types of messages in public clients, read 2026-11"
_CALLS = (Limit(20, 1.0, source="assumed"),)
_BEIJING_S = 8 * 3600

PERMIT = Method("taobao.tmc.user.permit", _CALLS, source=_SOURCE)
CONSUME = Method("taobao.tmc.messages.consume", _CALLS, source=_SOURCE)
CONFIRM = Method("taobao.tmc.messages.confirm", _CALLS, source=_SOURCE)

_TRADES = (
    "TradeCreate", "TradeModifyFee", "TradeChanged", "TradeBuyerPay", "TradeBuyerStepPay", "TradePartlySellerShip",
    "TradeSellerShip", "TradePartlyRefund", "TradePartlyConfirmPay", "TradeSuccess", "TradeClose",
    "TradeCloseAndModifyDetailOrder", "TradeAlipayCreate", "TradeLogisticsAddressChanged",
    "TradeMemoModified",
)  # fmt: skip
_REFUNDS = (
    "RefundCreated", "RefundBuyerModifyAgreement", "RefundSellerAgreeAgreement", "RefundSellerRefuseAgreement",
    "RefundBuyerReturnGoods", "RefundSuccess", "RefundClosed",
)  # fmt: skip


class TmallMessages:
    """Reads and asks for messages; see `MessageClient` and `Asking`."""

    quantity = 200

    def read_call(self, feed: Feed, document_id: str) -> Call:
        """As polling reads it."""
        return TmallClient().detail_call(feed, Listed(document_id, ""))

    def versions_in(self, feed: Feed, answer: Mapping[str, Any]) -> tuple[Version, ...]:
        """Id and time of modification of the trade or refund."""
        (body,) = (value for name, value in answer.items() if name.endswith("_response"))
        found = body.get("trade" if feed.what == "orders" else "refund") or {}
        at_s, name = _instant(found.get("modified")), "tid" if feed.what == "orders" else "refund_id"
        return () if at_s is None else (Version(Listed(str(found[name]), str(found["modified"])), at_s),)

    def permit_call(self) -> Call:
        """Without topics the shop has all that the app subscribes to; a list would replace what others set for it."""
        return Call(PERMIT, {})

    def consume_call(self, group: str) -> Call:
        """As many as there may be."""
        return Call(CONSUME, {"quantity": self.quantity, **_of(group)})

    def messages_in(self, answer: Mapping[str, Any]) -> tuple[Message, ...]:
        """Lists are nested twice and absent when they are empty."""
        (body,) = (value for name, value in answer.items() if name.endswith("_response"))
        return tuple(_message(row) for row in (body.get("messages") or {}).get("tmc_message") or [])

    def confirm_call(self, group: str, ids: tuple[str, ...]) -> Call:
        """200 at most."""
        return Call(CONFIRM, {"s_message_ids": ",".join(ids), **_of(group)})


MESSAGES = Messages(
    way=Way.ASKED,
    topics={
        **{f"taobao_trade_{each}": (Names(TRADES.name, "tid"),) for each in _TRADES},
        # A refund changes its trade too.
        **{f"taobao_refund_{each}": (Names(REFUNDS.name, "refund_id"), Names(TRADES.name, "tid")) for each in _REFUNDS},
    },
    client=TmallMessages(),
    source=_SOURCE,
    repeated="until it is confirmed, after a time that is not published (assumed)",
)


def _message(row: Mapping[str, Any]) -> Message:
    """A message; what its content says is JSON within JSON, which one kind of app may set to XML: that is not read."""
    try:
        content = json.loads(row.get("content") or "{}")
    except ValueError:
        content = {}
    said = content if isinstance(content, dict) else {}
    return Message(
        str(row["id"]), str(row.get("topic")), str(row.get("user_id") or ""), said, _instant(row.get("pub_time"))
    )


def _of(group: str) -> dict[str, object]:
    return {"group_name": group} if group else {}


def _instant(text: object) -> float | None:
    """Beijing time as the gateway writes it, as unix seconds."""
    try:
        return float(calendar.timegm(time.strptime(str(text), "%Y-%m-%d %H:%M:%S")) - _BEIJING_S)
    except ValueError:
        return None
