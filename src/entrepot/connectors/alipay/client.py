"""Alipay's open API: signs with the app's key, asks where a day's ledger is. No network, no clock.

Source: opendocs.alipay.com on signatures (RSA2), common answers and bills, read 2026-11. Answers are signed too; that
signature is not checked: the address is called by TLS, and what is fetched is an archive that checks itself.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from entrepot.connectors.live.bills import Bill, BillFeed, BillsOnly, Link, Packing, address_of
from entrepot.connectors.live.contract import Call, Credentials, Failure, Request
from entrepot.connectors.live.rsa import signed

if TYPE_CHECKING:
    from collections.abc import Mapping

_BEIJING = timedelta(hours=8)
_SUCCESS = "10000"
_TYPES = {"ledger": "signcustomer"}


class AlipayClient(BillsOnly):
    """The client of Alipay; see `Client` and `BillClient`."""

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """A POST with everything in its form; a download is a bare GET, for its address says all."""
        if "url" in call.params:
            return Request("GET", str(call.params["url"]))
        values = {
            "app_id": credentials["app_id"],
            "method": call.method.name,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": f"{datetime.fromtimestamp(now_s, UTC) + _BEIJING:%Y-%m-%d %H:%M:%S}",
            "version": "1.0",
            "app_auth_token": credentials["app_auth_token"],
            "biz_content": json.dumps(dict(call.params), ensure_ascii=False, separators=(",", ":")),
        }
        values = {name: value for name, value in sorted(values.items()) if value}
        text = "&".join(f"{name}={value}" for name, value in values.items())
        values["sign"] = signed(text, credentials["private_key"])
        headers = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
        return Request("POST", gateway, headers, urlencode(values).encode())

    def link_call(self, feed: BillFeed, bill: Bill) -> Call:
        """Ask where the file of a day is."""
        return Call(feed.asking, {"bill_type": _TYPES[feed.what], "bill_date": bill.id})

    def link_in(self, answer: Mapping[str, Any]) -> Link:
        """Where it is for 30 seconds."""
        return Link(str(_said(answer)["bill_download_url"]), Packing.ZIP)

    def download_call(self, feed: BillFeed, link: Link) -> Call:
        """Fetch it."""
        return Call(feed.download, {"url": address_of(link)})

    def failure_in(self, answer: Mapping[str, Any], status: int) -> Failure | None:
        """What another code than 10000 means; the finer code says which."""
        del status
        said = _said(answer)
        code = str(said.get("code", "no code"))
        if code == _SUCCESS:
            return None
        return Failure(code, str(said.get("sub_msg") or said.get("msg") or ""), str(said.get("sub_code") or ""))


def _said(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands beside the signature."""
    found = (value for name, value in answer.items() if name.endswith("_response"))
    return next((each for each in found if isinstance(each, dict)), {})
