"""JD's gateway: signs, asks for pages, reads answers. No network and no clock.

Source: open.jd.com on signing (guide 2643), classes of the official SDK, published contracts and clients, read 2026-11.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from entrepot.connectors.jd.wire import ORDER, SKU
from entrepot.connectors.live.contract import Call, Credentials, Failure, Feed, Listed, Method, Page, Request, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.connectors.live.contract import ListPart
    from entrepot.connectors.live.wire import WireField, WireList

_BEIJING_S = 8 * 3600
_JSON = "360buy_param_json"
_OAUTH = "https://open-oauth.jd.com"
_OWN_HOSTS = (".jd.com", ".360buy.com")
_GOOD = frozenset({"", "0", "00000", "200", "None"})
_MODIFIED, _OLDEST_FIRST = "0", "0"
_ON_AND_OFF = "1,2"

REFRESH = Method("oauth2/refresh_token", source="public clients of open-oauth.jd.com, read 2026-11")
CREATE = Method("oauth2/access_token", source="public clients of open-oauth.jd.com, read 2026-11")

STATES = (
    "NOT_PAY,WAIT_SELLER_STOCK_OUT,WAIT_SELLER_DELIVERY,WAIT_GOODS_RECEIVE_CONFIRM,FINISHED_L,TRADE_CANCELED,LOCKED,PAUSE,"
    "POP_ORDER_PAUSE,DELIVERY_RETURN,WAIT_SEND_CODE"
)
"""A list shows only orders in the states that were asked for: all that are known."""


def signature(params: Mapping[str, str], secret: str) -> str:
    """Sign parameters: sorted by name, name and value joined, the secret before and behind."""
    joined = "".join(f"{name}{value}" for name, value in sorted(params.items()) if name != "sign")
    return hashlib.md5(f"{secret}{joined}{secret}".encode(), usedforsecurity=False).hexdigest().upper()


def beijing(at_s: float) -> str:
    """Unix seconds as the gateway writes instants."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(int(at_s) + _BEIJING_S))


class JdClient:
    """The client of JD's POP shops; see `Client`. JD Worldwide shops are asked the same way."""

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """One POST form; business parameters are one JSON text in it. A refresh goes to the host of authorisations."""
        if call.method in (CREATE, REFRESH):
            return _token_request(call, credentials, gateway)
        params = {
            _JSON: json.dumps(dict(call.params), ensure_ascii=False, separators=(",", ":")),
            "access_token": credentials["access_token"],
            "app_key": credentials["app_key"],
            "method": call.method.name,
            "timestamp": beijing(now_s),
            "v": "2.0",
        }
        params["sign"] = signature(params, credentials["secret"])
        kind = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
        return Request("POST", gateway, kind, urlencode(params).encode())

    def list_call(self, feed: Feed, span: Span, page: int | str, *, with_total: bool) -> Call:
        """One page of a window: orders by modification, cases by application; every answer states the total."""
        del with_total
        start, end, size = beijing(span.start_s), beijing(span.end_s - 1), feed.listing.page_rows_max
        params: dict[str, object]
        if feed.name == "jd_live_orders":
            params = {
                "start_date": start,
                "end_date": end,
                "order_state": STATES,
                "optional_fields": _fields(),
                "source_id": "JOS",
                "dateType": _MODIFIED,
                "sortType": _OLDEST_FIRST,
                "page": str(page),
                "page_size": str(size),
            }
        elif feed.name == "jd_live_cancels":
            params = {"applyTimeStart": start, "applyTimeEnd": end, "pageIndex": page, "pageSize": size}
        else:
            params = {"applyTimeBegin": start, "applyTimeEnd": end, "pageNumber": page, "pageSize": size}
        return Call(feed.listing, params, str(page))

    def part_call(self, feed: Feed, part: ListPart, page: int | str) -> Call:
        """One page of SKUs that are on the shelf or off it, by their ids; those that were deleted are not asked for."""
        del feed
        params: dict[str, object] = {
            "skuStatuValue": _ON_AND_OFF,
            # Spelt so by the platform.
            "orderFiled": "skuId",
            "orderType": "asc",
            "field": ",".join(sorted(each.at for each in SKU.fields)),
            "pageNo": page,
            "page_size": part.method.page_rows_max,
        }
        return Call(part.method, params, str(page))

    def detail_call(self, feed: Feed, listed: Listed) -> Call:
        """Lists hold whole orders and cases."""
        raise AssertionError(f"{feed.name} is not read by id ({listed.version})")

    def failure_in(self, answer: Mapping[str, Any], status: int) -> Failure | None:
        """An error stands in one of four places, with HTTP 200; a success has the method's envelope, misspelt."""
        del status
        if "access_token" in answer:
            return None
        error = answer.get("error_response")
        if error is not None:
            return failure_of(error)
        body = next((value for name, value in answer.items() if name.endswith("_responce")), None)
        if body is None:
            spelt = any(re.search(r"_response$", name) for name in answer)
            return Failure("envelope", "") if spelt else failure_of(answer)
        result = next((value for value in body.values() if isinstance(value, dict)), {})
        for part in (body, result, result.get("apiResult") or {}):
            if not succeeded(part):
                return failure_of(part)
        return None

    def page_in(self, feed: Feed, answer: Mapping[str, Any]) -> Page:
        """Rows of a list. Amounts of an order may come later than its modification, so they are part of its version."""
        (body,) = (value for name, value in answer.items() if name.endswith("_responce"))
        (result,) = (value for value in body.values() if isinstance(value, dict))
        listed: list[Listed]
        if feed.name == "jd_live_orders":
            total, rows = result.get("orderTotal"), result.get("orderInfoList") or []
            listed = [Listed(str(row["orderId"]), _version(row, "modified", "orderState", "actualPay")) for row in rows]
        elif feed.name == "jd_live_cancels":
            total, rows = result.get("totalCount"), result.get("result") or []
            listed = [Listed(str(row["id"]), _version(row, "status", "checkTime", "modified")) for row in rows]
        elif feed.what == "listings":
            total, rows = result.get("totalItem"), result.get("data") or []
            listed = [Listed(str(row["skuId"]), _version(row, "modified")) for row in rows]
        else:
            total, rows = result.get("totalCount"), result.get("data") or []
            listed = [
                Listed(
                    str(row["sameOrderServiceBill"]["serviceId"]),
                    _version(row["sameOrderServiceBill"], "approveDate") + _version(row, "status", "completeTime"),
                )
                for row in rows
            ]
        return Page(tuple(listed), int(total) if total is not None else None)

    def consent_url(self, credentials: Credentials, redirect_uri: str, state: str) -> str:
        """See `Authorising`."""
        asks = {"app_key": credentials["app_key"], "response_type": "code", "redirect_uri": redirect_uri}
        return f"{_OAUTH}/oauth2/to_login?{urlencode({**asks, 'state': state, 'scope': 'snsapi_base'})}"

    def code_call(self, credentials: Credentials, code: str) -> Call:
        """Ask for the first token."""
        del credentials
        return Call(CREATE, {"grant_type": "authorization_code", "code": code})

    def refresh_call(self, credentials: Credentials) -> Call | None:
        """Ask for a new token: inside the last day of the old one, never after its end."""
        return Call(REFRESH, {"grant_type": "refresh_token", "refresh_token": credentials["refresh_token"]})

    def refreshed(self, answer: Mapping[str, Any], credentials: Credentials, now_s: float) -> Credentials:
        """Both tokens are new."""
        values = {
            **credentials.values,
            "access_token": str(answer["access_token"]),
            "refresh_token": str(answer.get("refresh_token") or credentials["refresh_token"]),
        }
        return Credentials(values, now_s + float(answer["expires_in"]))


def _token_request(call: Call, credentials: Credentials, gateway: str) -> Request:
    """The app's secret is sent as it is, so it goes to no host but that of the gateway or JD's own."""
    parts = urlsplit(gateway)
    given = f"{parts.scheme}://{parts.netloc}{parts.path.removesuffix('/routerjson')}"
    host = _OAUTH if (parts.hostname or "").endswith(_OWN_HOSTS) else given
    query = {
        "app_key": credentials["app_key"],
        "app_secret": credentials["secret"],
        **{name: str(value) for name, value in call.params.items()},
    }
    return Request("GET", f"{host}/{call.method.name}?{urlencode(query)}")


def _fields() -> str:
    """Names to ask for: without them an order comes with little but its number."""

    def top(each: WireField | WireList) -> str:
        return each.at.split(".", 1)[0]

    return ",".join(sorted({top(each) for each in ORDER.fields}))


def _version(row: Mapping[str, Any], *names: str) -> str:
    return "".join(f"{row.get(name) or ''}|" for name in names)


def succeeded(part: Mapping[str, Any]) -> bool:
    """Truth values come as such and as words; codes of success differ between methods."""
    if str(part.get("success", "true")).lower() != "true":
        return False
    return str(part.get("code") or "") in _GOOD


def failure_of(part: Mapping[str, Any]) -> Failure:
    """What a part of an answer says is wrong."""
    code = part.get("numberCode") or part.get("code") or part.get("errorCode") or "no envelope"
    names = ("zh_desc", "chineseErrCode", "errorMessage", "msg", "en_desc", "englishErrCode")
    message = next((str(part[name]) for name in names if part.get(name)), "")
    # No number is published for a token that has ended.
    return Failure(str(code), message, "token" if "access_token" in message.lower() else "")
