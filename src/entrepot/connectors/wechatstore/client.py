"""WeChat Store's gateway: asks for pages, reads answers; nothing is signed. No network and no clock.

Source: official pages of the store's API as published contracts quote them, read 2026-11. That calls carry no signature
is nowhere written: no page has a parameter for one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from entrepot.connectors.live.contract import Call, Credentials, Failure, Feed, Listed, Method, Page, Request, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORBIDDEN = 403

STABLE_TOKEN = Method("cgi-bin/stable_token", source="official page of getStableAccessToken, read 2026-11")


class WechatStoreClient:
    """The client of WeChat Store; see `Client`."""

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """One POST of JSON to the method's path; the token stands in the query, so no address is ever shown."""
        del now_s
        url, params = f"{gateway.rstrip('/')}/{call.method.name}", dict(call.params)
        if call.method is STABLE_TOKEN:
            params |= {"appid": credentials["app_key"], "secret": credentials["secret"]}
        else:
            url = f"{url}?{urlencode({'access_token': credentials['access_token']})}"
        body = json.dumps(params, ensure_ascii=False, separators=(",", ":"))
        return Request("POST", url, {"content-type": "application/json"}, body.encode())

    def list_call(self, feed: Feed, span: Span, page: int | str, *, with_total: bool) -> Call:
        """One page of a window; every parameter but the key stays the same from page to page.

        Whether the ends of a window are in it is not published: it is asked for with both, and the loop overlaps.
        """
        del with_total
        if feed.what == "orders":
            params: dict[str, object] = {
                "update_time_range": {"start_time": span.start_s, "end_time": span.end_s},
                "page_size": feed.listing.page_rows_max,
            }
        else:
            params = {"begin_update_time": span.start_s, "end_update_time": span.end_s}
        if page:
            params["next_key"] = page
        return Call(feed.listing, params, str(page))

    def detail_call(self, feed: Feed, listed: Listed) -> Call:
        """One order or case: lists have ids only."""
        assert feed.detail is not None, f"{feed.name} is not read by id"
        return Call(feed.detail, {"order_id" if feed.what == "orders" else "after_sale_order_id": listed.id})

    def failure_in(self, answer: Mapping[str, Any], status: int) -> Failure | None:
        """Any code but 0; tokens and some answers come without one."""
        if status == _FORBIDDEN and "errcode" not in answer:
            return Failure("http403", "the address is not listed")
        code = str(answer.get("errcode", 0))
        return None if code == "0" else Failure(code, str(answer.get("errmsg") or ""))

    def page_in(self, feed: Feed, answer: Mapping[str, Any]) -> Page:
        """Ids of a list, without their versions, and the key of the next page."""
        ids = answer["order_id_list" if feed.what == "orders" else "after_sale_order_id_list"] or []
        next_key = str(answer["next_key"]) if answer.get("has_more") else ""
        return Page(tuple(Listed(str(each), "") for each in ids), next_cursor=next_key)

    def refresh_call(self, credentials: Credentials) -> Call | None:
        """Ask for the token of now; nothing but the app's own secret is needed."""
        del credentials
        return Call(STABLE_TOKEN, {"grant_type": "client_credential", "force_refresh": False})

    def refreshed(self, answer: Mapping[str, Any], credentials: Credentials, now_s: float) -> Credentials:
        """The token may be the one of before: only the answer says how long it lives still."""
        values = {**credentials.values, "access_token": str(answer["access_token"])}
        return Credentials(values, now_s + float(answer["expires_in"]))
