"""WeChat Pay's API v3: signs with the merchant's key, asks where a day's bill is. No network, no clock.

Source: pay.weixin.qq.com on signatures, trade bill, fund flow bill and download (2025-01), read 2026-11. Answers are
signed too; that signature is not checked: the address is called by TLS, and a bill is checked against the digest that
was stated.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from entrepot.connectors.live.bills import Bill, BillFeed, BillsOnly, Link, Packing, address_of
from entrepot.connectors.live.contract import Call, Credentials, Failure, Method, Request
from entrepot.connectors.live.rsa import signed

if TYPE_CHECKING:
    from collections.abc import Mapping

DOWNLOAD = Method("/v3/billdownload/file", source="pay.weixin.qq.com on the download of bills, read 2026-11")
_SCHEME = "WECHATPAY2-SHA256-RSA2048"
_KINDS = {"trades": {"bill_type": "ALL"}, "funds": {"account_type": "BASIC"}}
_OWN_HOSTS = ".mch.weixin.qq.com"
_REFUSED = 400


class WeChatPayClient(BillsOnly):
    """The client of WeChat Pay; see `Client` and `BillClient`."""

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """A GET whose header signs verb, path with query, time, a word used once, and the empty body."""
        if call.method is DOWNLOAD:
            url = str(call.params["url"])
        else:
            url = f"{gateway.rstrip('/')}{call.method.name}?{urlencode(dict(call.params))}"
        headers = {"accept": "application/json", "user-agent": "Entrepot"}
        parts = urlsplit(url)
        if parts.netloc != urlsplit(gateway).netloc and not f".{parts.hostname}".endswith(_OWN_HOSTS):
            # A signature is for WeChat Pay only, wherever a link points.
            return Request("GET", url, headers)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        nonce = secrets.token_hex(16).upper()
        at = f"{now_s:.0f}"
        signature = signed(f"GET\n{target}\n{at}\n{nonce}\n\n", credentials["private_key"])
        said = {
            "mchid": credentials["merchant_id"],
            "nonce_str": nonce,
            "signature": signature,
            "timestamp": at,
            "serial_no": credentials["serial_no"],
        }
        headers["authorization"] = f"{_SCHEME} " + ",".join(f'{name}="{value}"' for name, value in said.items())
        return Request("GET", url, headers)

    def link_call(self, feed: BillFeed, bill: Bill) -> Call:
        """Ask where the bill of a day is; packed, for bills are large."""
        return Call(feed.asking, {"bill_date": bill.id, **_KINDS[feed.what], "tar_type": "GZIP"})

    def link_in(self, answer: Mapping[str, Any]) -> Link:
        """Where it is for a short time, and the digest of the bill once it is unpacked."""
        digest_name = str(answer["hash_type"]).lower().replace("-", "")
        return Link(str(answer["download_url"]), Packing.GZIP, digest_name, str(answer["hash_value"]))

    def download_call(self, feed: BillFeed, link: Link) -> Call:
        """Fetch it; this call is signed as any other."""
        return Call(feed.download, {"url": address_of(link)})

    def failure_in(self, answer: Mapping[str, Any], status: int) -> Failure | None:
        """`code` of an answer whose status says that it is an error."""
        if status < _REFUSED and "code" not in answer:
            return None
        return Failure(str(answer.get("code") or status), str(answer.get("message") or ""))
