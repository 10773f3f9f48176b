"""The signature of Taobao's gateway and its days, for taps that know nothing of us."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY_S = 86_400
_BEIJING_S = 8 * 3_600


def beijing(at_s: float) -> str:
    """Unix seconds as the gateway writes instants."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(int(at_s) + _BEIJING_S))


def days(config: Mapping[str, Any]) -> list[dict[str, str]]:
    """First and last second of every day that is read."""
    first = [config["since_s"] + number * DAY_S for number in range(config["days"])]
    return [{"start_modified": beijing(at), "end_modified": beijing(at + DAY_S - 1)} for at in first]


def page_form(config: Mapping[str, Any], day: Mapping[str, str], page: int) -> dict[str, Any]:
    """What to ask for a page of a hundred trades."""
    return {
        "method": "taobao.trades.sold.increment.get",
        "fields": "tid,modified",
        "type": config["types"],
        "page_no": page,
        "page_size": 100,
        "use_has_next": "true",
        **day,
    }


def trade_form(config: Mapping[str, Any], tid: object) -> dict[str, Any]:
    """What to ask for one trade."""
    return {
        "method": "taobao.trade.fullinfo.get",
        "fields": config["fields"],
        "tid": tid,
        "include_oaid": "include_oaid",
    }


def signed(body: str, config: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of a form with those of the system and the signature."""
    form = {
        **dict(parse_qsl(body)),
        "app_key": config["app_key"],
        "session": config["access_token"],
        "timestamp": beijing(time.time()),
        "format": "json",
        "v": "2.0",
        "sign_method": "hmac-sha256",
    }
    # An SDK may ask for a signature when a request is made and again when it is sent.
    text = "".join(name + form[name] for name in sorted(form) if name != "sign")
    form["sign"] = hmac.new(config["secret"].encode(), text.encode(), hashlib.sha256).hexdigest().upper()
    return form
