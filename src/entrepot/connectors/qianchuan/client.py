"""Ocean Engine's gateway as far as Qianchuan's report of accounts goes. No network and no clock.

Source: official Go SDK for methods, tokens and the report; public clients for the page of consent; read 2026-11.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from entrepot.connectors.live.contract import (
    Call,
    Credentials,
    Failure,
    Feed,
    Listed,
    ListPart,
    Method,
    Page,
    Request,
    Span,
)
from entrepot.connectors.qianchuan.wire import SPENT

if TYPE_CHECKING:
    from collections.abc import Mapping

CREATE = Method("oauth2/access_token/", source="official Go SDK, read 2026-11")
REFRESH = Method("oauth2/refresh_token/", source="official Go SDK, read 2026-11")
_CONSENT = "https://qianchuan.jinritemai.com/openapi/qc/audit/oauth.html"
_SCENES = ("UNI_PROJECT", "OVERALL_PROJECT")
"""Every plan has one of them: all-domain (全域), and multiplied (乘方), which an all-domain one may become."""


class QianchuanClient:
    """The client of Qianchuan; see `Client` and `DayParts`."""

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """Nothing is signed: calls carry the token, those for tokens the app's secret."""
        del now_s
        address = f"{gateway.rstrip('/')}/{call.method.name}"
        if call.method in (CREATE, REFRESH):
            app_id = credentials["app_id"]
            # The SDK has a number here.
            said = {"app_id": int(app_id) if app_id.isdecimal() else app_id, "secret": credentials["secret"]}
            body = json.dumps({**said, **call.params}, separators=(",", ":")).encode()
            return Request("POST", address, {"content-type": "application/json"}, body)
        query = urlencode({name: _plain(value) for name, value in call.params.items()})
        return Request("GET", f"{address}?{query}", {"access-token": credentials["access_token"]})

    def list_call(self, feed: Feed, span: Span, page: int | str, *, with_total: bool) -> Call:
        """There are no windows."""
        raise AssertionError(f"{feed.name} tells days ({span}, {page}, {with_total})")

    def detail_call(self, feed: Feed, listed: Listed) -> Call:
        """Nothing is read by id."""
        raise AssertionError(f"{feed.name} is not read by id ({listed.id})")

    def day_parts(self, feed: Feed, credentials: Credentials) -> tuple[ListPart, ...]:
        """Each account in each kind of plan; a text without any account is asked for as it is, and refused."""
        told = [each.strip() for each in credentials["advertiser_ids"].split(",") if each.strip()]
        accounts = dict.fromkeys(told or [credentials["advertiser_ids"]])
        return tuple(ListPart(f"{account}/{scene}", feed.listing) for account in accounts for scene in _SCENES)

    def day_part_call(self, feed: Feed, part: ListPart, day: str) -> Call:
        """What an account spent on a day in one kind of plan, on goods and live rooms, from the PC and the app."""
        del feed
        account, scene = part.name.split("/")
        asked: dict[str, object] = {
            "advertiser_id": account,
            "adlab_scene": scene,
            "start_time": f"{day} 00:00:00",
            "end_time": f"{day} 23:59:59",
            "marketing_goal": "ALL",
            "order_platform": "ALL",
            "fields": [SPENT],
        }
        return Call(part.method, asked, part.name)

    def failure_in(self, answer: Mapping[str, Any], status: int) -> Failure | None:
        """Any code but 0, and a good answer that tells nothing: that is not the same as nothing spent."""
        del status
        code = str(answer.get("code", "no code"))
        if code != "0":
            return Failure(code, str(answer.get("message") or ""))
        return None if isinstance(answer.get("data"), dict) else Failure("no_data")

    def page_in(self, feed: Feed, answer: Mapping[str, Any]) -> Page:
        """One sum."""
        del feed, answer
        return Page((Listed("sum", ""),))

    def consent_url(self, credentials: Credentials, redirect_uri: str, state: str) -> str:
        """See `Authorising`."""
        asks = {"app_id": credentials["app_id"], "state": state, "material_auth": "1", "redirect_uri": redirect_uri}
        return f"{_CONSENT}?{urlencode(asks)}"

    def code_call(self, credentials: Credentials, code: str) -> Call:
        """Ask for the first tokens."""
        del credentials
        return Call(CREATE, {"auth_code": code})

    def refresh_call(self, credentials: Credentials) -> Call | None:
        """Ask for new tokens."""
        return Call(REFRESH, {"refresh_token": credentials["refresh_token"]})

    def refreshed(self, answer: Mapping[str, Any], credentials: Credentials, now_s: float) -> Credentials:
        """Both tokens are new."""
        data = answer["data"]
        values = {name: str(data[name]) for name in ("access_token", "refresh_token")}
        return Credentials({**credentials.values, **values}, now_s + float(data["expires_in"]))


def _plain(value: object) -> str:
    return json.dumps(value, separators=(",", ":")) if isinstance(value, list) else str(value)
