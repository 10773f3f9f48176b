"""Youzan's gateway: asks for pages, reads answers; nothing is signed. No network and no clock.

Source: official pages of Youzan Cloud as published digests quote them, read 2026-11.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from entrepot.connectors.live.contract import Call, Credentials, Failure, Feed, Listed, Method, Page, Request, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

_GOOD = "200"
_WORDS = (("limit", ("限流", "频率", "频繁")), ("address", ("ip地址",)))
"""What an error is about, by words of its text, where one number means several things."""

TOKEN = Method("auth/token", source="official pages of Youzan Cloud as published digests quote them, read 2026-11")


def beijing(at_s: float) -> str:
    """An instant as lists of orders want it."""
    return f"{datetime.fromtimestamp(at_s, UTC) + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"


class YouzanClient:
    """The client of Youzan; see `Client`."""

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """One POST of JSON to the method's own path and version; the token stands in the query."""
        del now_s
        root, params = gateway.rstrip("/"), dict(call.params)
        if call.method is TOKEN:
            url = f"{root}/{TOKEN.name}"
            params |= {"client_id": credentials["app_key"], "client_secret": credentials["secret"]}
        else:
            url = f"{root}/api/{call.method.name}?{urlencode({'access_token': credentials['access_token']})}"
        body = json.dumps(params, ensure_ascii=False, separators=(",", ":"))
        return Request("POST", url, {"content-type": "application/json;charset=UTF-8"}, body.encode())

    def list_call(self, feed: Feed, span: Span, page: int | str, *, with_total: bool) -> Call:
        """One page of a window: texts for orders, seconds for cases; every answer states a total."""
        del with_total
        start, end = span.start_s, span.end_s - 1
        params: dict[str, object] = {"page_no": page, "page_size": feed.listing.page_rows_max}
        if feed.what == "orders":
            params |= {"start_update": beijing(start), "end_update": beijing(end)}
        else:
            params |= {"update_time_start": start, "update_time_end": end}
        return Call(feed.listing, params, str(page))

    def detail_call(self, feed: Feed, listed: Listed) -> Call:
        """One order or case: lists do not tell what was paid, or went back, in fact."""
        assert feed.detail is not None, f"{feed.name} is not read by id"
        return Call(feed.detail, {"tid" if feed.what == "orders" else "refund_id": listed.id})

    def failure_in(self, answer: Mapping[str, Any], status: int) -> Failure | None:
        """What the gateway says, else what the service says; an empty list beside a failure is no empty list."""
        del status
        refused = answer.get("gw_err_resp")
        if isinstance(refused, dict):
            return _failure(refused.get("err_code"), refused.get("err_msg"))
        if answer.get("success") is True and str(answer.get("code")) == _GOOD:
            return None
        return _failure(answer.get("code"), answer.get("message"))

    def page_in(self, feed: Feed, answer: Mapping[str, Any]) -> Page:
        """Rows of a list."""
        data = answer["data"]
        if feed.what == "orders":
            infos = [row["full_order_info"]["order_info"] for row in data["full_order_info_list"] or []]
            listed = tuple(Listed(str(row["tid"]), str(row["update_time"])) for row in infos)
            return Page(listed, int(data["total_results"]))
        rows = data["refunds"] or []
        return Page(tuple(Listed(str(row["refund_id"]), str(row["modified"])) for row in rows), int(data["total"]))

    def refresh_call(self, credentials: Credentials) -> Call | None:
        """Ask for a new token: with the refresh token where there is one, else for the merchant's own shop."""
        if credentials["refresh_token"]:
            return Call(TOKEN, {"authorize_type": "refresh_token", "refresh_token": credentials["refresh_token"]})
        # Without `refresh` a token that lives would come back as it is.
        return Call(TOKEN, {"authorize_type": "silent", "grant_id": credentials["kdt_id"], "refresh": True})

    def refreshed(self, answer: Mapping[str, Any], credentials: Credentials, now_s: float) -> Credentials:
        """The end of a token is an instant in milliseconds, not a life; a refresh token is renewed with it."""
        del now_s
        data = answer["data"]
        values = {**credentials.values, "access_token": str(data["access_token"])}
        if credentials["refresh_token"] and data.get("refresh_token"):
            values["refresh_token"] = str(data["refresh_token"])
        return Credentials(values, float(data["expires"]) / 1000)


def _failure(code: object, message: object) -> Failure:
    said = str(message or "")
    finer = next((kind for kind, words in _WORDS if any(word in said.lower() for word in words)), "")
    return Failure("no envelope" if code is None else str(code), said, finer)
