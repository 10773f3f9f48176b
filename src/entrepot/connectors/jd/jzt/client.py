"""Jingzhuntong behind JD's gateway: orders the report of a day, asks for its link. No network and no clock.

Source: a public client of the report of all lines of business, with recorded answers, read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from entrepot.connectors.jd.client import JdClient, failure_of, succeeded
from entrepot.connectors.live.bills import Bill, BillFeed, BillList, Link, Packing, address_of
from entrepot.connectors.live.contract import Call, Credentials, Failure, Method, Request, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

DOWNLOAD = Method("file of a download", source="a public client with recorded answers, read 2026-11")

_ADS, _LINKED = "jingdong_ads_", "_download_responce"
_GOOD, _MAKING, _MADE, _BY_DAY = "1", "1", "2", 1
_SYSTEM = {"accessPin": "", "authType": "0", "platformBusinessType": "DST_JZT"}


class JztClient(JdClient):
    """The client of an advertising account. Envelopes are JD's, with another word for what is well."""

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """As JD's other calls; the address of a file says all itself."""
        if call.method is DOWNLOAD:
            return Request("GET", str(call.params["url"]))
        return super().sign(call, credentials, gateway, now_s)

    def failure_in(self, answer: Mapping[str, Any], status: int) -> Failure | None:
        """What is wrong with an answer, or with the report that it tells of."""
        named = next((name for name in answer if name.startswith(_ADS) and name.endswith("_responce")), "")
        if not named or "error_response" in answer:
            return super().failure_in(answer, status)
        body = answer[named]
        result = body.get("returnType") or {}
        if str(result.get("code")) != _GOOD or not succeeded({"success": result.get("success", "true")}):
            failed = failure_of(result if result.get("code") else body)
            return Failure(failed.code, failed.message, failed.sub_code or "ads")
        told = result.get("data") or {}
        if not named.endswith(_LINKED):
            return None if told.get("downloadId") else Failure("report", "", "no number")
        state = str(told.get("status"))
        if state == _MADE and told.get("downloadUrl"):
            return None
        return Failure("report", "", "making" if state == _MAKING else "failed")

    def bills_call(self, feed: BillFeed, span: Span, cursor: str) -> Call:
        """Its files are ordered by their days."""
        raise AssertionError(f"{feed.name} is not listed ({span}, {cursor})")

    def bills_in(self, answer: Mapping[str, Any]) -> BillList:
        """There are no lists."""
        raise AssertionError(f"days are not listed ({len(answer)})")

    def order_call(self, feed: BillFeed, bill: Bill) -> Call:
        """Order the report of a day, of every line of business; no page, for a file comes."""
        params = {
            **_SYSTEM,
            "startDay": bill.id,
            "endDay": bill.id,
            # How long after a click an order counts: nothing that is read depends on it, but it has to be said.
            "clickOrOrderDay": 0,
            "clickOrOrderCaliber": 0,
            "granularity": _BY_DAY,
            "page": 0,
            "pageSize": 0,
            "dimensions": "pin,businessType,campaign",
            "normalMetrics": "impressions,clicks,cost",
            "isDownload": True,
        }
        return Call(feed.asking, params)

    def ordered_in(self, answer: Mapping[str, Any]) -> str:
        """The number of the download."""
        return str(_data(answer)["downloadId"])

    def link_call(self, feed: BillFeed, bill: Bill) -> Call:
        """Ask whether it is made, and where it is."""
        assert feed.linking is not None, "an ordered file needs a link"
        return Call(feed.linking, {**_SYSTEM, "downloadId": int(bill.id)})

    def link_in(self, answer: Mapping[str, Any]) -> Link:
        """Where it is; nothing is stated of it: a download that breaks off shows by its length only."""
        url = str(_data(answer)["downloadUrl"])
        return Link(url, Packing.ZIP if urlsplit(url).path.endswith(".zip") else Packing.PLAIN)

    def download_call(self, feed: BillFeed, link: Link) -> Call:
        """Fetch it."""
        return Call(feed.download, {"url": address_of(link)})


def _data(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    (body,) = (value for name, value in answer.items() if name.startswith(_ADS))
    data: Mapping[str, Any] = body["returnType"]["data"]
    return data
