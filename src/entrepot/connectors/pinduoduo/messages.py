"""Pinduoduo's messages (PMC) about orders and refunds: sent on a web socket that we open, each acknowledged.

Source: address, frames and acknowledgements in public clients for Rust and PHP, types and contents of messages in
public clients for Java and C#, the method that opens them in copies of the official SDK, read 2026-11. When a message
that was not acknowledged comes again is not published. No message is known for an order that nobody has paid, nor for
one that ends so, nor for money that went back: polling tells them.
"""

from __future__ import annotations

import base64
import calendar
import hashlib
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from entrepot.connectors.live.contract import Call, Limit, Listed, Method
from entrepot.connectors.live.messages import Message, Messages, Names, Version, Way
from entrepot.connectors.pinduoduo.api import ORDERS, REFUNDS
from entrepot.connectors.pinduoduo.client import PinduoduoClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.connectors.live.contract import Credentials, Feed

_SOURCE = "frames, types and contents of messages in public clients, copies of the official SDK, read 2026-11"
_BEIJING_S = 8 * 3600
_MESSAGE = "Common"

PERMIT = Method("pdd.pmc.user.permit", (Limit(20, 1.0, source="assumed"),), source=_SOURCE)

_TRADES = (
    "TradeConfirmed", "TradeSellerShip", "TradeSuccess", "TradeRiskChanged", "TradeLogisticsAddressChanged",
    "TradeMemoModified", "BuyerMemoModified",
)  # fmt: skip
_REFUNDS = (
    "RefundCreated", "RefundAgreeAgreement", "RefundBuyerModifyAgreement", "RefundBuyerReturnGoods", "RefundClosed",
    "RefundCreateMessage",
)  # fmt: skip


class PinduoduoMessages:
    """Reads and acknowledges messages; see `MessageClient` and `Streamed`."""

    stream = "wss://message-api.pinduoduo.com"
    life_s = 5.0

    def read_call(self, feed: Feed, document_id: str) -> Call:
        """An order as polling reads it; the refunds of an order by the list, which then heeds nothing but its number.

        What else the list demands is given all the same.
        """
        if feed.what == "orders":
            return PinduoduoClient().detail_call(feed, Listed(document_id, ""))
        demanded = {"after_sales_status": 1, "after_sales_type": 1, "start_updated_at": 0, "end_updated_at": 1800}
        paging = {"page": feed.listing.first_page, "page_size": feed.listing.page_rows_max}
        return Call(feed.listing, {"order_sn": document_id, **demanded, **paging})

    def versions_in(self, feed: Feed, answer: Mapping[str, Any]) -> tuple[Version, ...]:
        """Ids and times of the last change, as lists name them."""
        if feed.what == "orders":
            found = [(answer.get("order_info_get_response") or {}).get("order_info") or {}]
            name, changed = "order_sn", "updated_at"
        else:
            found = (answer.get("refund_increment_get_response") or {}).get("refund_list") or []
            name, changed = "id", "updated_time"
        told = [(row, at_s) for row in found if (at_s := _instant(row.get(changed))) is not None]
        return tuple(Version(Listed(str(row[name]), str(row[changed])), at_s) for row, at_s in told)

    def permit_call(self) -> Call:
        """Without topics the shop has all that the app subscribes to, as the method's description advises."""
        return Call(PERMIT, {})

    def stream_url(self, address: str, credentials: Credentials, now_s: float) -> str:
        """The digest is its hexadecimal text in Base64."""
        client_id, ms = credentials["app_key"], int(now_s * 1000)
        said = f"{client_id}{ms}{credentials['secret']}".encode()
        digest = base64.b64encode(hashlib.md5(said, usedforsecurity=False).hexdigest().encode()).decode()
        return f"{address.rstrip('/')}/message/{quote(client_id, safe='')}/{ms}/{quote(digest, safe='')}"

    def sign_of_life(self, now_s: float) -> str:
        """See `Streamed`."""
        return json.dumps({"commandType": "HeartBeat", "time": int(now_s * 1000)})

    def messages_in_frame(self, frame: bytes) -> tuple[Message, ...]:
        """One, or none in an answer to a sign of life; what it says is JSON within JSON."""
        whole = _read(frame)
        if whole.get("commandType") not in (_MESSAGE, None):
            return ()
        inner = whole.get("message")
        told: dict[str, Any] = inner if isinstance(inner, dict) else {}
        sent_ms = whole.get("sendTime")
        at_s = sent_ms / 1000 if isinstance(sent_ms, int) else None
        # Without a number of its own a message is known by its bytes.
        number = str(whole.get("id") or "") or hashlib.sha256(frame).hexdigest()
        content = _read(str(told.get("content") or ""))
        return (Message(number, str(told.get("type")), str(told.get("mallID") or ""), content, at_s),)

    def acknowledgement(self, frame: bytes, now_s: float) -> str:
        """What told the message from others goes back as it came."""
        whole = _read(frame)
        if whole.get("commandType") != _MESSAGE or not whole.get("id"):
            return ""
        inner = whole.get("message")
        told: dict[str, Any] = inner if isinstance(inner, dict) else {}
        return json.dumps(
            {
                "commandType": "Ack",
                "time": int(now_s * 1000),
                "id": whole["id"],
                "sendTime": whole.get("sendTime"),
                "type": told.get("type"),
                "mallID": told.get("mallID"),
            },
            ensure_ascii=False,
        )


MESSAGES = Messages(
    way=Way.STREAMED,
    topics={
        **{f"pdd_trade_{each}": (Names(ORDERS.name, "tid"),) for each in _TRADES},
        # Refunds are found by their order, which changes with them.
        **{f"pdd_refund_{each}": (Names(REFUNDS.name, "tid"), Names(ORDERS.name, "tid")) for each in _REFUNDS},
    },
    client=PinduoduoMessages(),
    source=_SOURCE,
    repeated="until it is acknowledged, after a time that is not published (assumed)",
)


def _read(text: str | bytes) -> dict[str, Any]:
    """JSON of an object; empty where it is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _instant(text: object) -> float | None:
    """Beijing time as the gateway writes it, as unix seconds."""
    try:
        return float(calendar.timegm(time.strptime(str(text), "%Y-%m-%d %H:%M:%S")) - _BEIJING_S)
    except ValueError:
        return None
