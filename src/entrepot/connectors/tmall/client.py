"""Taobao's gateway: signs, asks for pages, reads answers. No network and no clock.

Source: signing, document 101617 of the open platform, and the references of the methods, read 2026-11. Several calls
in one request: document 104350 of the open platform and the official SDKs (`BatchTaobaoClient`, `TopBatch`), read
2026-11; that each of them counts for the limits is assumed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

from entrepot.connectors.live.contract import Call, Credentials, Failure, Feed, Listed, Method, Page, Request, Span
from entrepot.connectors.tmall.wire import ITEM, REFUND, TRADE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.connectors.live.contract import ListPart
    from entrepot.connectors.live.wire import Document, WireField, WireList

_BEIJING_S = 8 * 3600
_ATTRIBUTION_DAYS = 15
_REPORT = "universalbp_report_query_campaign_response"

REFRESH = Method("taobao.top.auth.token.refresh", source="py-taobao-open ships TopAuthTokenRefresh; read 2026-11")
CREATE = Method("taobao.top.auth.token.create", source="py-taobao-open ships TopAuthTokenCreate; read 2026-11")
_CONSENT = "https://oauth.taobao.com/authorize"
"""Assumed: no source of ours has the page's address."""

_SINGLE, _SEVERAL, _PARTED = "/rest", "/batch", "\r\n-S-\r\n"

TYPES = (
    "guarantee_trade,auto_delivery,ec,cod,step,fixed,auction,independent_simple_trade,independent_shop_trade,fenxiao,"
    "o2o_offlinetrade,nopaid,pre_auth_type,tmall_i18n"
)
"""Without `type` the lists cover five kinds of trade, and those of Tmall Global are not among them."""


def signature(params: Mapping[str, str], secret: str, sign_method: str, body: str = "") -> str:
    """Sign parameters: sorted by name, name and value joined, empty values and the signature itself left out.

    Args:
        params: What is signed; of a request with several calls, what stands in its address.
        secret: The app's.
        sign_method: `md5`, `hmac` or `hmac-sha256`.
        body: Of a request with several calls.
    """
    joined = "".join(f"{name}{value}" for name, value in sorted(params.items()) if value != "" and name != "sign")
    joined += body
    text, key = joined.encode(), secret.encode()
    if sign_method == "hmac":
        return hmac.new(key, text, hashlib.md5).hexdigest().upper()
    if sign_method == "hmac-sha256":
        return hmac.new(key, text, hashlib.sha256).hexdigest().upper()
    return hashlib.md5(key + text + key, usedforsecurity=False).hexdigest().upper()


def beijing(at_s: float) -> str:
    """Unix seconds as the gateway writes instants."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(int(at_s) + _BEIJING_S))


class TmallClient:
    """The client of Tmall and Taobao; see `Client`."""

    sign_method = "hmac-sha256"
    calls_max = 20
    """An integrator's code takes twenty for the most there may be in one; no page of the platform is known."""

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """One POST form with system and business parameters together."""
        params = {
            **{name: _plain(value) for name, value in call.params.items()},
            "method": call.method.name,
            **self._system("" if call.method in (CREATE, REFRESH) else credentials["access_token"], credentials, now_s),
        }
        params["sign"] = signature(params, credentials["secret"], self.sign_method)
        kind = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
        return Request("POST", gateway, kind, _form(params).encode())

    def _system(self, session: str, credentials: Credentials, now_s: float) -> dict[str, str]:
        return {
            "app_key": credentials["app_key"],
            "session": session,
            "timestamp": beijing(now_s),
            # The gateway answers in XML unless it is told.
            "format": "json",
            "v": "2.0",
            "sign_method": self.sign_method,
        }

    def sign_together(self, calls: Sequence[Call], credentials: Credentials, gateway: str, now_s: float) -> Request:
        """Several calls in one: what they share stands first and once, then the rest of each."""
        asked = [
            {"method": call.method.name, **{key: _plain(value) for key, value in call.params.items()}} for call in calls
        ]
        shared = {name: value for name, value in asked[0].items() if all(each.get(name) == value for each in asked)}
        own = [{name: value for name, value in each.items() if name not in shared} for each in asked]
        # A call that has nothing of its own is an N.
        body = _PARTED.join([f"#PUBLIC#{_form(shared)}", *(_form(each) or "N" for each in own)])
        params = self._system(credentials["access_token"], credentials, now_s)
        params["sign"] = signature(params, credentials["secret"], self.sign_method, body)
        address = f"{gateway.removesuffix(_SINGLE)}{_SEVERAL}?{_form(params)}"
        return Request("POST", address, {"content-type": "text/plain;charset=utf-8"}, body.encode())

    def parts_in(self, body: bytes) -> list[bytes]:
        """One answer for each call, in their order."""
        return body.split(_PARTED.encode())

    def list_call(self, feed: Feed, span: Span, page: int | str, *, with_total: bool) -> Call:
        """One page of what was modified in a window; the platform counts the end of a window in."""
        params: dict[str, object] = {
            "fields": "tid,modified" if feed.what == "orders" else "refund_id,tid,modified",
            "start_modified": beijing(span.start_s),
            "end_modified": beijing(span.end_s - 1),
            "type": TYPES,
            "page_no": page,
            "page_size": feed.listing.page_rows_max,
            # Without the total an answer comes 80 % sooner, by the platform's own account.
            "use_has_next": not with_total,
        }
        return Call(feed.listing, params, str(page))

    def detail_call(self, feed: Feed, listed: Listed) -> Call:
        """One trade or refund with every field that is read."""
        assert feed.detail is not None, "every feed is read by id"
        if feed.what == "listings":
            # `sku` asks for every field of the list `skus`.
            return Call(feed.detail, {"fields": _fields(ITEM).replace("skus", "sku"), "num_iid": listed.id})
        if feed.what == "orders":
            return Call(feed.detail, {"fields": _trade_fields(), "tid": listed.id, "include_oaid": "include_oaid"})
        return Call(feed.detail, {"fields": _fields(REFUND), "refund_id": listed.id})

    def part_call(self, feed: Feed, part: ListPart, page: int | str) -> Call:
        """One page of what is on sale, or of one part of the warehouse."""
        params: dict[str, object] = {
            "fields": "num_iid,modified",
            "page_no": page,
            "page_size": part.method.page_rows_max,
            # The default is newest first; oldest first, what is put on sale comes in at the end.
            "order_by": "list_time:asc",
        }
        if part.method.name != feed.listing.name:
            params["banner"] = part.name
        return Call(part.method, params, str(page))

    def day_call(self, feed: Feed, day: str, page: int | str) -> Call:
        """One page of what each campaign spent on a day; the attribution asked for decides sales and never spend."""
        rows = feed.listing.page_rows_max
        asked = {
            "query_domains": ["date", "campaign"],
            "query_field_in_list": ["charge"],
            "split_type": "day",
            "unify_type": "zhai",
            "effect_equal": _ATTRIBUTION_DAYS,
            "start_time": day,
            "end_time": day,
            "by_page": True,
            "offset": (int(page) - 1) * rows,
            "page_size": rows,
        }
        params = {
            "top_service_context": _json({"biz_code": "universalBP"}),
            "top_campaign_report_query_v_o": _json(asked),
        }
        return Call(feed.listing, params, str(page))

    def failure_in(self, answer: Mapping[str, Any], status: int) -> Failure | None:
        """`error_response`, which comes with HTTP 200."""
        del status
        error = answer.get("error_response")
        if error is None:
            return _refused_report(answer)
        sub_msg = str(error.get("sub_msg") or error.get("msg") or "")
        return Failure(str(error.get("code")), sub_msg, str(error.get("sub_code") or ""))

    def page_in(self, feed: Feed, answer: Mapping[str, Any]) -> Page:
        """Rows of a list; lists are nested twice and absent when they are empty."""
        (body,) = (value for name, value in answer.items() if name.endswith("_response"))
        if feed.what == "ads":
            found = (body.get("result") or {}).get("top_report_v_o_top_bulk_data") or {}
            rows = (found.get("top_report_v_o_list") or {}).get("top_report_vo") or []
            told = tuple(Listed(f"{row['thedate']}/{row['campaign_id']}", "") for row in rows)
            return Page(told, int(found.get("count") or 0))
        if feed.what == "orders":
            rows = (body.get("trades") or {}).get("trade") or []
            listed = tuple(Listed(str(row["tid"]), str(row["modified"])) for row in rows)
        elif feed.what == "listings":
            rows = (body.get("items") or {}).get("item") or []
            listed = tuple(Listed(str(row["num_iid"]), str(row["modified"])) for row in rows)
        else:
            rows = (body.get("refunds") or {}).get("refund") or []
            listed = tuple(Listed(str(row["refund_id"]), str(row["modified"])) for row in rows)
        total = body.get("total_results")
        return Page(listed, int(total) if total is not None else None)

    def consent_url(self, credentials: Credentials, redirect_uri: str, state: str) -> str:
        """See `Authorising`."""
        asks = {"response_type": "code", "client_id": credentials["app_key"], "redirect_uri": redirect_uri}
        return f"{_CONSENT}?{urlencode({**asks, 'state': state})}"

    def code_call(self, credentials: Credentials, code: str) -> Call:
        """Ask for the first session."""
        del credentials
        return Call(CREATE, {"code": code})

    def refresh_call(self, credentials: Credentials) -> Call | None:
        """Ask for a new session."""
        return Call(REFRESH, {"refresh_token": credentials["refresh_token"]})

    def refreshed(self, answer: Mapping[str, Any], credentials: Credentials, now_s: float) -> Credentials:
        """The token answer is JSON within JSON; its life stands in it and nowhere else."""
        (body,) = (value for name, value in answer.items() if name.endswith("_response"))
        result = body.get("token_result", body)
        token = json.loads(result) if isinstance(result, str) else result
        values = {
            **credentials.values,
            "access_token": str(token["access_token"]),
            "refresh_token": str(token.get("refresh_token") or credentials["refresh_token"]),
        }
        life = token.get("expires_in")
        return Credentials(values, now_s + float(life) if life is not None else None)


def _refused_report(answer: Mapping[str, Any]) -> Failure | None:
    """Reports of advertising say within their result what went wrong, beside no `error_response`."""
    body = answer.get(_REPORT)
    info = ((body or {}).get("result") or {}).get("info") if isinstance(body, dict) else None
    if not isinstance(info, dict) or info.get("ok", True) in (True, "true"):
        return None
    return Failure(str(info.get("error_code") or "no code"), str(info.get("message") or ""))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@cache
def _trade_fields() -> str:
    return _fields(TRADE)


def _fields(document: Document) -> str:
    """Names to ask for: whole objects at the first level."""

    def top(each: WireField | WireList) -> str:
        return each.at.split(".", 1)[0]

    return ",".join(sorted({top(each) for each in document.fields}))


def _form(params: Mapping[str, str]) -> str:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in params.items() if value != "")


@lru_cache(maxsize=256)
def _quoted(text: str) -> str:
    """As a form has it; names, and the long list of fields, are the same in every call."""
    return quote_plus(text)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
