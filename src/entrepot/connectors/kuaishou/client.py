"""Kuaishou's gateway: signs, asks for pages, reads answers. No network and no clock.

Source: the official Java SDK and published contracts that follow it, read 2026-11.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from entrepot.connectors.live.contract import Call, Credentials, Failure, Feed, Listed, Method, Page, Request, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

_GOOD = "1"
_ALL, _BY_CHANGE, _OLDEST_FIRST, _EVERY_CASE = 1, 2, 2, 9
_END = "nomore"
_WORDS = (
    ("span", ("时间范围", "时间跨度", "时间间隔")),
    ("token", ("access_token", "accesstoken")),
    ("limit", ("限流", "频率", "频繁", "limit")),
    ("sign", ("签名", "sign")),
    ("clock", ("timestamp", "时间戳")),
    ("right", ("权限", "scope")),
)
"""What an error is about, by words of its text."""

REFRESH = Method("oauth2.refresh_token", source="published contracts, read 2026-11")


def signature(params: Mapping[str, str], sign_secret: str) -> str:
    """Sign a call: every parameter that is sent, sorted, then the signing secret, which is not sent."""
    said = "&".join(f"{name}={value}" for name, value in sorted(params.items()) if name != "sign")
    said = f"{said}&signSecret={sign_secret}"
    if params["signMethod"] == "MD5":
        return hashlib.md5(said.encode(), usedforsecurity=False).hexdigest()
    return base64.b64encode(hmac.new(sign_secret.encode(), said.encode(), hashlib.sha256).digest()).decode()


class KuaishouClient:
    """The client of Kuaishou Shop; see `Client`.

    Attributes:
        sign_method: `HMAC_SHA256` or `MD5`, both of which the platform takes.
    """

    sign_method = "HMAC_SHA256"

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """A GET to the method's own path; what is asked is one JSON text, signed as it is sent."""
        url = f"{gateway.rstrip('/')}/{call.method.name.replace('.', '/')}"
        if call.method is REFRESH:
            form = {**call.params, "app_id": credentials["app_key"], "app_secret": credentials["secret"]}
            headers = {"content-type": "application/x-www-form-urlencoded"}
            return Request("POST", url, headers, urlencode(form).encode())
        params = {
            "access_token": credentials["access_token"],
            "appkey": credentials["app_key"],
            "method": call.method.name,
            "param": json.dumps(call.params, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
            "signMethod": self.sign_method,
            "timestamp": str(int(now_s * 1000)),
            "version": "1",
        }
        return Request("GET", f"{url}?{urlencode({**params, 'sign': signature(params, credentials['sign_secret'])})}")

    def list_call(self, feed: Feed, span: Span, page: int | str, *, with_total: bool) -> Call:
        """One page of what changed in a window; the first cursor is an empty text, and has to be there."""
        del with_total
        params: dict[str, object] = {
            "beginTime": span.start_s * 1000,
            "endTime": span.end_s * 1000 - 1,
            "pageSize": feed.listing.page_rows_max,
            "queryType": _BY_CHANGE,
            "sort": _OLDEST_FIRST,
        }
        if feed.what == "orders":
            params |= {"orderViewStatus": _ALL, "cursor": page}
        else:
            # The number of the page is wanted beside the cursor, which decides.
            params |= {"type": _EVERY_CASE, "currentPage": 1, "pcursor": page}
        return Call(feed.listing, params, str(page))

    def detail_call(self, feed: Feed, listed: Listed) -> Call:
        """Lists hold whole orders and cases, so the loop never asks."""
        raise AssertionError(f"{feed.name} is not read by id ({listed.version})")

    def failure_in(self, answer: Mapping[str, Any], status: int) -> Failure | None:
        """Any result but 1, and a list without its cursor: half an answer is no empty one."""
        del status
        result = str(answer.get("result"))
        if result == _GOOD:
            return None
        message = str(answer.get("error_msg") or answer.get("msg") or "")
        said = message.lower()
        finer = next((kind for kind, words in _WORDS if any(word in said for word in words)), "")
        return Failure(result, message, finer)

    def page_in(self, feed: Feed, answer: Mapping[str, Any]) -> Page:
        """Rows of a list, and where to go on."""
        data = answer["data"]
        if feed.what == "orders":
            rows, cursor = [row["orderBaseInfo"] for row in data["orderList"] or []], data["cursor"]
            listed = tuple(Listed(str(row["oid"]), str(row["updateTime"])) for row in rows)
        else:
            cursor = data["pcursor"]
            rows = data["refundOrderInfoList"] or []
            listed = tuple(Listed(str(row["refundId"]), str(row["updateTime"])) for row in rows)
        return Page(listed, next_cursor="" if cursor == _END else str(cursor))

    def refresh_call(self, credentials: Credentials) -> Call | None:
        """Ask for a new token."""
        return Call(REFRESH, {"grant_type": "refresh_token", "refresh_token": credentials["refresh_token"]})

    def refreshed(self, answer: Mapping[str, Any], credentials: Credentials, now_s: float) -> Credentials:
        """Both tokens are new."""
        values = {
            **credentials.values,
            "access_token": str(answer["access_token"]),
            "refresh_token": str(answer["refresh_token"]),
        }
        return Credentials(values, now_s + float(answer["expires_in"]))
