"""Douyin Shop's messages about orders and after-sale cases: posted to an address of ours, signed with the app's secret.

Source: structures of messages in public SDKs for Go and C#, and their check of the signature, read 2026-11. Contents
name recipients; of them only ids of orders and cases are read. When a message that was not taken comes again is not
published.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from entrepot.connectors.douyin.api import CASES, ORDERS
from entrepot.connectors.live.contract import Call, Listed
from entrepot.connectors.live.messages import Message, Messages, Names, Version, Way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.connectors.live.contract import Credentials, Feed
    from entrepot.connectors.live.messages import Post

_SOURCE = "structures of messages and signature in public SDKs for Go and C#, read 2026-11"

ORDER = replace(
    ORDERS,
    name="douyin_live_order",
    title={"zh": "抖音单个订单接口", "en": "Douyin order by its number"},
    listing=replace(ORDERS.listing, name="order.orderDetail", rows_max=None),
    documents="data.shop_order_detail",
    rows_like=ORDERS.name,
)
"""An order that a message named: lists are asked by time only, and reach 90 days back."""

_ORDERS = ("100", "101", "102", "103", "104", "105", "106", "108", "109", "110", "113", "126")
_CASES = (
    "200", "201", "202", "203", "204", "205", "206", "207", "208", "209", "211", "212", "213", "214", "215", "216",
    "217", "218", "224", "225", "226", "227",
)  # fmt: skip


class DouyinMessages:
    """Reads messages; see `MessageClient` and `Posted`."""

    taken = b'{"code":0,"msg":"success"}'
    refused = b'{"code":1,"msg":"fail"}'

    def read_call(self, feed: Feed, document_id: str) -> Call:
        """An order by the method that gives one; a case by the list that polling reads, which takes a number too."""
        if feed.what == "orders":
            return Call(ORDER.listing, {"shop_order_id": document_id})
        return Call(feed.listing, {"aftersale_id": document_id, "page": feed.listing.first_page, "size": 1})

    def versions_in(self, feed: Feed, answer: Mapping[str, Any]) -> tuple[Version, ...]:
        """Id and time of the last change, as lists name them."""
        data = answer.get("data") or {}
        if feed.what == "orders":
            found, name = data.get("shop_order_detail") or {}, "order_id"
        else:
            rows = data.get("items") or [{}]
            found, name = rows[0].get("aftersale_info") or {}, "aftersale_id"
        changed = found.get("update_time")
        return (Version(Listed(str(found[name]), str(changed)), float(changed)),) if changed else ()

    def app_in(self, post: Post) -> str:
        """It stands in a header."""
        return post.headers.get("app-id", "")

    def is_signed(self, post: Post, credentials: Credentials) -> bool:
        """A digest of the app's key, the body as it came, and the secret."""
        said = credentials["app_key"].encode() + post.body + credentials["secret"].encode()
        wanted = hashlib.md5(said, usedforsecurity=False).hexdigest()
        return hmac.compare_digest(wanted.encode(), post.headers.get("event-sign", "").encode())

    def messages_in_post(self, post: Post) -> tuple[Message, ...]:
        """A list; what each one says is JSON within JSON."""
        rows = _read(post.body)
        return tuple(_message(row) for row in (rows if isinstance(rows, list) else [rows]))


MESSAGES = Messages(
    way=Way.POSTED,
    topics={
        **dict.fromkeys(_ORDERS, (Names(ORDERS.name, "p_id"),)),
        # A case changes its order too.
        **dict.fromkeys(_CASES, (Names(CASES.name, "aftersale_id"), Names(ORDERS.name, "p_id"))),
    },
    client=DouyinMessages(),
    source=_SOURCE,
    repeated="where it was not taken, after a time that is not published (assumed)",
    by_id={ORDERS.name: ORDER},
)


def _message(row: object) -> Message:
    """A message. When something changed, those that say it say in two ways, and some do not: no time is believed."""
    whole: dict[str, Any] = row if isinstance(row, dict) else {}
    said = whole.get("data")
    content = _read(said) if isinstance(said, str) else said
    read = content if isinstance(content, dict) else {}
    # Without a number of its own a message is known by what it says.
    number = str(whole.get("msg_id") or "") or hashlib.sha256(repr(row).encode()).hexdigest()
    return Message(number, str(whole.get("tag")), str(read.get("shop_id") or ""), read)


def _read(text: str | bytes) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
