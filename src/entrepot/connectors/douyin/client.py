"""Douyin Shop's gateway: signs, asks for pages, reads answers. No network and no clock.

Source: signing, tokens and methods in the official SDKs for Go, Java and C#, read 2026-11.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from entrepot.connectors.live.bills import Bill, BillFeed, BillList, Link, Packing, address_of
from entrepot.connectors.live.contract import Call, Credentials, Failure, Feed, Listed, Method, Page, Request, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

_GOOD, _FILE_GOOD = "10000", "100000"
DOWNLOAD = Method("file of a download", source="official SDKs, read 2026-11")

REFRESH = Method("token.refresh", source="official Go SDK, read 2026-11")
CREATE = Method("token.create", source="official Go SDK, read 2026-11")
_CONSENT = "https://fuwu.jinritemai.com/authorize"
"""Assumed: no source of ours has the page's address."""


def canonical(params: Mapping[str, object]) -> str:
    """The body as it is signed and sent: keys sorted at every level, no blanks, nothing escaped that need not be."""
    return json.dumps(params, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def signature(app_key: str, secret: str, method: str, param_json: str, timestamp: str, version: str = "2") -> str:
    """Sign a call; access token and way of signing are not part of it."""
    said = f"app_key{app_key}method{method}param_json{param_json}timestamp{timestamp}v{version}"
    return hmac.new(secret.encode(), f"{secret}{said}{secret}".encode(), hashlib.sha256).hexdigest()


class DouyinClient:
    """The client of Douyin Shop; see `Client`, `BillClient` and `Ordering`."""

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """A POST to the method's own path; what signs it stands in the query. An address of a file says all itself."""
        if call.method is DOWNLOAD:
            return Request("GET", str(call.params["url"]))
        body, timestamp = canonical(call.params), str(int(now_s))
        query = {
            "app_key": credentials["app_key"],
            "method": call.method.name,
            "access_token": credentials["access_token"],
            "timestamp": timestamp,
            "v": "2",
            "sign_method": "hmac-sha256",
            "sign": signature(credentials["app_key"], credentials["secret"], call.method.name, body, timestamp),
        }
        if call.method in (CREATE, REFRESH):
            del query["access_token"]
        path = call.method.name.replace(".", "/")
        headers = {"content-type": "application/json;charset=UTF-8", "x-open-no-old-err-code": "1"}
        return Request("POST", f"{gateway.rstrip('/')}/{path}?{urlencode(query)}", headers, body.encode())

    def list_call(self, feed: Feed, span: Span, page: int | str, *, with_total: bool) -> Call:
        """One page of what changed in a window; every answer states the total."""
        del with_total
        params: dict[str, object] = {"page": page, "size": feed.listing.page_rows_max}
        if feed.what == "orders":
            params |= {
                "update_time_start": span.start_s,
                "update_time_end": span.end_s - 1,
                "order_by": "update_time",
                "order_asc": True,
            }
        else:
            params |= {
                "update_start_time": span.start_s,
                "update_end_time": span.end_s - 1,
                "order_by": ["update_time asc"],
            }
        return Call(feed.listing, params, str(page))

    def detail_call(self, feed: Feed, listed: Listed) -> Call:
        """Lists hold whole orders and cases, so the loop never asks."""
        raise AssertionError(f"{feed.name} is not read by id ({listed.version})")

    def failure_in(self, answer: Mapping[str, Any], status: int) -> Failure | None:
        """Any code but 10000; some methods of files say within `data` what went wrong, in the same numbers."""
        del status
        code = str(answer.get("code", answer.get("err_no", "")))
        if code in (_GOOD, "0"):
            data = answer.get("data")
            inner = str(data.get("code") or _FILE_GOOD) if isinstance(data, dict) and "code_msg" in data else _FILE_GOOD
            return None if inner == _FILE_GOOD else Failure("50002", "", f"isv.business-failed:{inner}")
        return Failure(code, str(answer.get("sub_msg") or ""), str(answer.get("sub_code") or ""))

    def page_in(self, feed: Feed, answer: Mapping[str, Any]) -> Page:
        """Rows of a list."""
        data = answer.get("data") or {}
        if feed.what == "orders":
            rows = data.get("shop_order_list") or []
            listed = tuple(Listed(str(row["order_id"]), str(row["update_time"])) for row in rows)
        else:
            rows = [row["aftersale_info"] for row in data.get("items") or []]
            listed = tuple(Listed(str(row["aftersale_id"]), str(row["update_time"])) for row in rows)
        return Page(listed, int(data.get("total") or 0))

    def bills_call(self, feed: BillFeed, span: Span, cursor: str) -> Call:
        """Its files are ordered by their days."""
        raise AssertionError(f"{feed.name} is not listed ({span}, {cursor})")

    def bills_in(self, answer: Mapping[str, Any]) -> BillList:
        """There are no lists."""
        raise AssertionError(f"days are not listed ({len(answer)})")

    def order_call(self, feed: BillFeed, bill: Bill) -> Call:
        """Order the file of a day, by the time of settlement or movement."""
        params = {"start_time": f"{bill.id} 00:00:00", "end_time": f"{bill.id} 23:59:59"}
        return Call(feed.asking, {**params, "time_type": "0" if feed.what == "settlements" else 0})

    def ordered_in(self, answer: Mapping[str, Any]) -> str:
        """The number of the download; good for a day."""
        return str(answer["data"]["download_id"])

    def link_call(self, feed: BillFeed, bill: Bill) -> Call:
        """Ask whether it is made, and where it is."""
        assert feed.linking is not None, "an ordered file needs a link"
        return Call(feed.linking, {"download_id": bill.id})

    def link_in(self, answer: Mapping[str, Any]) -> Link:
        """Where it is for an hour. Nothing is stated of it: a download that breaks off shows by its length only."""
        url = str(answer["data"]["url"])
        return Link(url, Packing.ZIP if urlsplit(url).path.endswith(".zip") else Packing.PLAIN)

    def download_call(self, feed: BillFeed, link: Link) -> Call:
        """Fetch it."""
        return Call(feed.download, {"url": address_of(link)})

    def consent_url(self, credentials: Credentials, redirect_uri: str, state: str) -> str:
        """Where the owner says yes to a service; an app of one's own names its shop and needs nobody to."""
        del redirect_uri
        if credentials["shop_id"]:
            return ""
        return f"{_CONSENT}?{urlencode({'service_id': credentials['service_id'], 'state': state})}"

    def code_call(self, credentials: Credentials, code: str) -> Call:
        """Ask for the first token: for a code, or as an app of one's own for its shop."""
        own = {"grant_type": "authorization_self", "shop_id": credentials["shop_id"]}
        return Call(CREATE, {"grant_type": "authorization_code", "code": code} if code else own)

    def refresh_call(self, credentials: Credentials) -> Call | None:
        """Ask for a new token; more than an hour before its end the same one comes back."""
        return Call(REFRESH, {"grant_type": "refresh_token", "refresh_token": credentials["refresh_token"]})

    def refreshed(self, answer: Mapping[str, Any], credentials: Credentials, now_s: float) -> Credentials:
        """Both tokens are new."""
        data = answer["data"]
        values = {
            **credentials.values,
            "access_token": str(data["access_token"]),
            "refresh_token": str(data["refresh_token"]),
        }
        return Credentials(values, now_s + float(data["expires_in"]))
