"""Pinduoduo's gateway: signs, asks for pages, reads answers. No network and no clock.

Source: open.pinduoduo.com on signing, a copy of the official Java SDK and published contracts, read 2026-11.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from entrepot.connectors.live.bills import Bill, BillFeed, BillList, Link, Packing, address_of
from entrepot.connectors.live.contract import Call, Credentials, Failure, Feed, Listed, Method, Page, Request, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.connectors.live.contract import ListPart

REFRESH = Method("pdd.pop.auth.token.refresh", source="published contract, read 2026-11")
CREATE = Method("pdd.pop.auth.token.create", source="published contract, read 2026-11")
DOWNLOAD = Method("file of a bill", source="copy of the official Java SDK, read 2026-11")
_BILL = "finance_balance_daily_bill_url_get_response"
_PACKINGS = {".zip": Packing.ZIP, ".gz": Packing.GZIP}
_CONSENT = "https://fuwu.pinduoduo.com/service-market/auth"
_ALL_ORDERS, _ALL_REFUNDS, _NO_LOTTERY_FILTER = 5, 5, 0
_ADVERTISER = 0
_WHOLE = {"orderBy": 4, "sortBy": 0}
"""Promotions of the whole shop by spend, most first: of a day that is over it rests."""
_SCENES = {"pinduoduo_live_ads_search": 0, "pinduoduo_live_ads_star": 1, "pinduoduo_live_ads_display": 2}
_ALL_CASES, _ALL_KINDS = 1, 1


def signature(params: Mapping[str, str], secret: str) -> str:
    """Sign parameters: sorted by name, name and value joined, the secret before and behind."""
    joined = "".join(f"{name}{value}" for name, value in sorted(params.items()) if name != "sign")
    return hashlib.md5(f"{secret}{joined}{secret}".encode(), usedforsecurity=False).hexdigest().upper()


class PinduoduoClient:
    """The client of Pinduoduo; see `Client` and `BillClient`."""

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """One POST form with system and business parameters together. An address of a file says all itself."""
        if call.method is DOWNLOAD:
            return Request("GET", str(call.params["url"]))
        params = {
            **{name: _plain(value) for name, value in call.params.items()},
            "type": call.method.name,
            "client_id": credentials["app_key"],
            "timestamp": str(int(now_s)),
            "data_type": "JSON",
        }
        if call.method not in (CREATE, REFRESH):
            params["access_token"] = credentials["access_token"]
        params["sign"] = signature(params, credentials["secret"])
        kind = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
        return Request("POST", gateway, kind, urlencode(params).encode())

    def list_call(self, feed: Feed, span: Span, page: int | str, *, with_total: bool) -> Call:
        """One page of what changed in a window; every filter that may leave something out says `all`."""
        params: dict[str, object] = {
            "start_updated_at": span.start_s,
            # The end is counted in; a second alone would begin where it ends, and whether that is taken is not known.
            "end_updated_at": max(span.end_s - 1, span.start_s + 1),
            "page": page,
            "page_size": feed.listing.page_rows_max,
        }
        if feed.what == "orders":
            params |= {
                "order_status": _ALL_ORDERS,
                "refund_status": _ALL_REFUNDS,
                "is_lucky_flag": _NO_LOTTERY_FILTER,
                "use_has_next": not with_total,
            }
        else:
            params |= {"after_sales_status": _ALL_CASES, "after_sales_type": _ALL_KINDS}
        return Call(feed.listing, params, str(page))

    def detail_call(self, feed: Feed, listed: Listed) -> Call:
        """One order or product; refunds stand whole in their list."""
        assert feed.detail is not None, f"{feed.name} is not read by id"
        if feed.what == "listings":
            return Call(feed.detail, {"goods_id": listed.id})
        return Call(feed.detail, {"order_sn": listed.id})

    def part_call(self, feed: Feed, part: ListPart, page: int | str) -> Call:
        """One page of the goods that are on sale, or of those that are not."""
        del feed
        is_onsale = int(part.name == "onsale")
        return Call(
            part.method, {"is_onsale": is_onsale, "page": page, "page_size": part.method.page_rows_max}, str(page)
        )

    def day_call(self, feed: Feed, day: str, page: int | str) -> Call:
        """What an advertiser spent on a day in one kind of promotion; today has to be asked apart from other days."""
        if feed.name not in _SCENES:
            span = {"startDate": f"{day} 00:00:00", "endDate": f"{day} 23:59:59"}
            pages = {"pageNumber": page, "pageSize": feed.listing.page_rows_max}
            return Call(feed.listing, {**_WHOLE, **span, **pages}, str(page))
        params = {"queryDimensionType": _ADVERTISER, "scenesType": _SCENES[feed.name], "startDateString": day}
        return Call(feed.listing, {**params, "endDateString": day}, str(page))

    def failure_in(self, answer: Mapping[str, Any], status: int) -> Failure | None:
        """`error_response`, which comes with HTTP 200; a bill without an address is one that is not there."""
        del status
        error = answer.get("error_response")
        report = answer.get("response")
        if isinstance(report, dict) and not report.get("success"):
            return Failure(str(report.get("errorCode")), str(report.get("errorMsg") or ""))
        if error is None:
            lacks = _BILL in answer and not (answer[_BILL] or {}).get("download_url")
            return Failure("no_bill", "no address") if lacks else None
        return Failure(
            str(error.get("error_code")), str(error.get("error_msg") or ""), str(error.get("sub_code") or "")
        )

    def page_in(self, feed: Feed, answer: Mapping[str, Any]) -> Page:
        """Rows of a list."""
        if feed.what == "ads":
            result = answer["response"].get("result") or {}
            if feed.name not in _SCENES:
                told = tuple(Listed(str(row["goodsId"]), "") for row in result.get("adInfos") or [])
                return Page(told, int(result.get("totalAdNum") or 0))
            found = result.get("dailyReportList") or []
            return Page(tuple(Listed(str(row["date"]), "") for row in found))
        if feed.what == "orders":
            body = answer["order_sn_increment_get_response"]
            listed = [Listed(str(row["order_sn"]), str(row["updated_at"])) for row in body.get("order_sn_list") or []]
        elif feed.what == "listings":
            body = answer["goods_list_get_response"]
            listed = [Listed(str(row["goods_id"]), "") for row in body.get("goods_list") or []]
        else:
            body = answer["refund_increment_get_response"]
            listed = [Listed(str(row["id"]), str(row["updated_time"])) for row in body.get("refund_list") or []]
        total = body.get("total_count")
        return Page(tuple(listed), int(total) if total is not None else None)

    def bills_call(self, feed: BillFeed, span: Span, cursor: str) -> Call:
        """Its files are known by their days."""
        raise AssertionError(f"{feed.name} is not listed ({span}, {cursor})")

    def bills_in(self, answer: Mapping[str, Any]) -> BillList:
        """There are no lists."""
        raise AssertionError(f"days are not listed ({len(answer)})")

    def link_call(self, feed: BillFeed, bill: Bill) -> Call:
        """Ask where the bill of a day is."""
        return Call(feed.asking, {"bill_date": bill.id})

    def link_in(self, answer: Mapping[str, Any]) -> Link:
        """Where it is; how it comes is not stated but shows at the end of the path (assumed)."""
        url = str(answer[_BILL]["download_url"])
        path = urlsplit(url).path.lower()
        packed = (packing for end, packing in _PACKINGS.items() if path.endswith(end))
        return Link(url, next(packed, Packing.PLAIN))

    def download_call(self, feed: BillFeed, link: Link) -> Call:
        """Fetch it."""
        return Call(feed.download, {"url": address_of(link)})

    def consent_url(self, credentials: Credentials, redirect_uri: str, state: str) -> str:
        """See `Authorising`; only the shop's main account may say yes, and each yes ends the tokens before."""
        asks = {"response_type": "code", "client_id": credentials["app_key"], "redirect_uri": redirect_uri}
        return f"{_CONSENT}?{urlencode({**asks, 'state': state})}"

    def code_call(self, credentials: Credentials, code: str) -> Call:
        """Ask for the first token."""
        del credentials
        return Call(CREATE, {"code": code})

    def refresh_call(self, credentials: Credentials) -> Call | None:
        """Ask for a new token."""
        return Call(REFRESH, {"refresh_token": credentials["refresh_token"]})

    def refreshed(self, answer: Mapping[str, Any], credentials: Credentials, now_s: float) -> Credentials:
        """Both tokens are new; the envelope's name differs between methods of one kind."""
        (body,) = (value for name, value in answer.items() if name.endswith("_response"))
        values = {
            **credentials.values,
            "access_token": str(body["access_token"]),
            "refresh_token": str(body["refresh_token"]),
        }
        return Credentials(values, now_s + float(body["expires_in"]))


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)
