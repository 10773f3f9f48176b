"""Shopify's Admin GraphQL API: asks, reads answers. No network, no clock; nothing is signed, a header holds the token.

Source: manual of the Admin GraphQL API and of access tokens, read 2026-11. Errors come with HTTP 200 where the query
was read, else with another status.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from entrepot.connectors.live.contract import Call, Credentials, Failure, Feed, Listed, Method, Page, Request, Span
from entrepot.connectors.shopify.wire import DETAIL_QUERY, LIST_QUERY, VARIANTS_QUERY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.connectors.live.contract import ListPart

REFRESH = Method("oauth.access_token", source="manual of expiring offline access tokens, read 2026-11")
QUERIES = {"orders": LIST_QUERY, "order": DETAIL_QUERY, "productVariants": VARIANTS_QUERY}
_REFUSED = 400


class ShopifyClient:
    """The client of Shopify; see `Client`."""

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """A POST of the query with the method's name, and its variables; a refresh goes to the shop's OAuth path."""
        del now_s
        headers = {"content-type": "application/json", "accept": "application/json"}
        if call.method is REFRESH:
            parts = urlsplit(gateway)
            asked = {
                "client_id": credentials["app_key"],
                "client_secret": credentials["secret"],
                **call.params,
            }
            return Request(
                "POST", f"{parts.scheme}://{parts.netloc}/admin/oauth/access_token", headers, json.dumps(asked).encode()
            )
        headers["x-shopify-access-token"] = credentials["access_token"]
        body = {"query": QUERIES[call.method.name], "variables": dict(call.params)}
        return Request("POST", gateway, headers, json.dumps(body).encode())

    def list_call(self, feed: Feed, span: Span, page: int | str, *, with_total: bool) -> Call:
        """Ids of what changed in a window, oldest change first, so that who changes again moves behind the cursor."""
        del with_total
        params: dict[str, object] = {
            "filter": f"updated_at:>='{_iso(span.start_s)}' AND updated_at:<'{_iso(span.end_s)}'",
            "first": feed.listing.page_rows_max,
        }
        if page:
            params["after"] = str(page)
        return Call(feed.listing, params, str(page))

    def detail_call(self, feed: Feed, listed: Listed) -> Call:
        """One order with all that is read of it."""
        assert feed.detail is not None, f"{feed.name} is read by id"
        return Call(feed.detail, {"id": listed.id})

    def part_call(self, feed: Feed, part: ListPart, page: int | str) -> Call:
        """A page of variants, by their ids, which never change: what is added comes in at the end."""
        del feed
        after = {"after": str(page)} if page else {}
        return Call(part.method, {"first": part.method.page_rows_max, **after}, str(page))

    def failure_in(self, answer: Mapping[str, Any], status: int) -> Failure | None:
        """`errors` of the answer, whichever status it came with; of a throttle, how long to wait for its points."""
        errors = answer.get("errors") or answer.get("error")
        if not errors:
            return Failure(str(status)) if status >= _REFUSED else None
        if not isinstance(errors, list):
            # An OAuth error is a word, a refused token a sentence.
            return Failure(str(errors) if "error" in answer else str(status), str(errors))
        code = str((errors[0].get("extensions") or {}).get("code") or status)
        if code != "THROTTLED":
            return Failure(code, str(errors[0].get("message") or ""))
        return Failure(code, f"{_wait_s((answer.get('extensions') or {}).get('cost') or {}):.1f} seconds")

    def page_in(self, feed: Feed, answer: Mapping[str, Any]) -> Page:
        """Rows of a list and the cursor behind them."""
        rows = answer["data"][feed.listing.name]
        listed = tuple(Listed(str(node["id"]), str(node["updatedAt"])) for node in rows["nodes"])
        more = rows["pageInfo"]["hasNextPage"]
        return Page(listed, None, str(rows["pageInfo"]["endCursor"]) if more else "")

    def refresh_call(self, credentials: Credentials) -> Call | None:
        """Ask for a new token: with the refresh token, or as an app of the merchant's own, which has none."""
        if credentials["refresh_token"]:
            return Call(REFRESH, {"grant_type": "refresh_token", "refresh_token": credentials["refresh_token"]})
        if credentials["app_key"] and credentials["secret"]:
            return Call(REFRESH, {"grant_type": "client_credentials"})
        return None

    def refreshed(self, answer: Mapping[str, Any], credentials: Credentials, now_s: float) -> Credentials:
        """Both tokens are new; the old refresh token ends with the first use of the new access token."""
        values = {**credentials.values, "access_token": str(answer["access_token"])}
        if "refresh_token" in answer:
            values["refresh_token"] = str(answer["refresh_token"])
        return Credentials(values, now_s + float(answer["expires_in"]))


def _wait_s(cost: Mapping[str, Any]) -> float:
    """Until the bucket holds what the query costs."""
    status = cost.get("throttleStatus") or {}
    lacking = float(cost.get("requestedQueryCost") or 0) - float(status.get("currentlyAvailable") or 0)
    return max(lacking, 0.0) / max(float(status.get("restoreRate") or 0), 1.0)


def _iso(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
