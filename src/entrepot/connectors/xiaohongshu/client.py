"""Xiaohongshu's gateway: signs, asks for pages, reads answers. No network and no clock.

Source: open.xiaohongshu.com on signing and system parameters, published contracts and clients, read 2026-11.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from entrepot.connectors.live.contract import Call, Credentials, Failure, Feed, Listed, Method, Page, Request, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.connectors.live.contract import ListPart

_VERSION = "2.0"
_BY_CHANGE, _SETTLED = 2, 1
_GOOD = frozenset({"None", "0"})

REFRESH = Method("oauth.refreshToken", source="published contract, read 2026-11")
CREATE = Method("oauth.getAccessToken", source="published contract, read 2026-11")
_CONSENT = "https://ark.xiaohongshu.com/ark/authorization"


def signature(method: str, app_id: str, timestamp: str, secret: str) -> str:
    """Sign a call: method, app, time and version; neither the token nor what is asked is part of it."""
    said = f"{method}?appId={app_id}&timestamp={timestamp}&version={_VERSION}{secret}"
    return hashlib.md5(said.encode(), usedforsecurity=False).hexdigest()


class XiaohongshuClient:
    """The client of Xiaohongshu; see `Client`."""

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """One POST of one flat JSON object, system and business parameters together."""
        timestamp = str(int(now_s))
        body = {
            **call.params,
            "method": call.method.name,
            "appId": credentials["app_key"],
            "timestamp": timestamp,
            "version": _VERSION,
            "sign": signature(call.method.name, credentials["app_key"], timestamp, credentials["secret"]),
        }
        if call.method not in (CREATE, REFRESH):
            body["accessToken"] = credentials["access_token"]
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return Request("POST", gateway, {"content-type": "application/json;charset=utf-8"}, text.encode())

    def list_call(self, feed: Feed, span: Span, page: int | str, *, with_total: bool) -> Call:
        """One page of a window: seconds for orders, milliseconds for all else; every answer states a total."""
        del with_total
        if feed.what == "settlements":
            return Call(
                feed.listing,
                {
                    "startTime": span.start_s * 1000,
                    # The end of a window is left out here; elsewhere it is in it.
                    "endTime": span.end_s * 1000,
                    "commonSettleStatus": _SETTLED,
                    "pageNum": page,
                    "pageSize": feed.listing.page_rows_max,
                },
                str(page),
            )
        unit = 1 if feed.what == "orders" else 1000
        params: dict[str, object] = {
            "startTime": span.start_s * unit,
            "endTime": span.end_s * unit - 1,
            "timeType": _BY_CHANGE,
            "pageNo": page,
            "pageSize": feed.listing.page_rows_max,
        }
        return Call(feed.listing, params, str(page))

    def part_call(self, feed: Feed, part: ListPart, page: int | str) -> Call:
        """One page of SKUs; without a filter those that are on the shelf and those that are not."""
        del feed
        return Call(part.method, {"pageNo": page, "pageSize": part.method.page_rows_max}, str(page))

    def detail_call(self, feed: Feed, listed: Listed) -> Call:
        """One order or case: lists have their states only."""
        assert feed.detail is not None, f"{feed.name} is not read by id"
        return Call(feed.detail, {"orderId" if feed.what == "orders" else "returnsId": listed.id})

    def failure_in(self, answer: Mapping[str, Any], status: int) -> Failure | None:
        """An envelope that does not say success, or one within it that does not."""
        del status
        inner = answer.get("data")
        parts = [answer]
        if isinstance(inner, dict) and "success" in inner and ("code" in inner or "error_code" in inner):
            parts.append(inner)
        return next((_failure(part) for part in parts if not _succeeded(part)), None)

    def page_in(self, feed: Feed, answer: Mapping[str, Any]) -> Page:
        """Rows of a list."""
        data = _body(answer)
        if feed.what == "orders":
            total, rows = data.get("total"), data.get("orderList") or []
            listed = tuple(Listed(str(row["orderId"]), str(row["updateTime"])) for row in rows)
        elif feed.what == "listings":
            total, rows = data.get("total"), data.get("data") or []
            listed = tuple(Listed(str(row["sku"]["id"]), str(row["sku"].get("updateTime") or "")) for row in rows)
        elif feed.what == "settlements":
            total, rows = data.get("total"), data.get("transactions") or []
            listed = tuple(Listed(str(row["transactionId"]), f"{row['settledTime']}|{row['amount']}") for row in rows)
        else:
            total, rows = data.get("totalCount"), data.get("afterSaleBasicInfos") or []
            listed = tuple(Listed(str(row["returnsId"]), str(row["updatedAt"])) for row in rows)
        return Page(listed, int(total) if total is not None else None)

    def consent_url(self, credentials: Credentials, redirect_uri: str, state: str) -> str:
        """See `Authorising`."""
        asks = {"appId": credentials["app_key"], "redirectUri": redirect_uri, "state": state}
        return f"{_CONSENT}?{urlencode(asks)}"

    def code_call(self, credentials: Credentials, code: str) -> Call:
        """Ask for the first token."""
        del credentials
        return Call(CREATE, {"code": code})

    def refresh_call(self, credentials: Credentials) -> Call | None:
        """Ask for a new token: more than half an hour before its end the same one comes back."""
        return Call(REFRESH, {"refreshToken": credentials["refresh_token"]})

    def refreshed(self, answer: Mapping[str, Any], credentials: Credentials, now_s: float) -> Credentials:
        """Both tokens are new; their ends are instants, not lives."""
        del now_s
        data = _body(answer)
        values = {
            **credentials.values,
            "access_token": str(data["accessToken"]),
            "refresh_token": str(data["refreshToken"]),
        }
        return Credentials(values, float(data["accessTokenExpiresAt"]) / 1000)


def _body(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was asked for, out of one envelope or two."""
    data: Mapping[str, Any] = answer.get("data") or {}
    inner = data.get("data")
    return inner if "success" in data and isinstance(inner, dict) else data


def _succeeded(part: Mapping[str, Any]) -> bool:
    return part.get("success") is True and str(part.get("error_code")) in _GOOD and str(part.get("code")) in _GOOD


def _failure(part: Mapping[str, Any]) -> Failure:
    """No table of errors is published: what there is to do is told by the text."""
    codes = (part.get(name) for name in ("error_code", "code"))
    code = next((str(each) for each in codes if str(each) not in _GOOD), "no envelope")
    message = str(part.get("error_msg") or part.get("msg") or "")
    said = message.lower()
    kinds = {"token": ("token",), "limit": ("限流", "频繁", "limit"), "sign": ("签名", "sign"), "clock": ("timestamp",)}
    finer = next((kind for kind, words in kinds.items() if any(word in said for word in words)), "")
    return Failure(code, message, finer)
