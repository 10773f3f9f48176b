"""Ocean Engine's gateway as far as Qianchuan's report of accounts goes: a token in a header, sums in yuan, no day told.

Source: operations and models of the official Go SDK, codes as public clients meet them, read 2026-11. Not sourced, and
set here: that an account without such plans tells zero, lives of tokens (a day and a month), that a lost refresh may be
asked for again, that a longer span than a day adds up. It does not prove that what an account is told here is what the
platform counts, nor when a day is final there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.http.bills import DAY, beijing, day_start_s
from entrepot.sandbox.http.platform import Asked, Said, Simulated

if TYPE_CHECKING:
    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.platform import SimClock
    from entrepot.sandbox.http.world import LiveWorld

_HOME = "/open_api/"
_REPORT = f"{_HOME}v1.0/qianchuan/report/all_promotion/get/"
_CREATE, _REFRESH = f"{_HOME}oauth2/access_token/", f"{_HOME}oauth2/refresh_token/"
_SCENES = ("UNI_PROJECT", "OVERALL_PROJECT")
_GOALS = {"ALL", "VIDEO_PROM_GOODS", "LIVE_PROM_GOODS"}
_ORDERED_BY = {"ALL", "QIANCHUAN", "ECP_AWEME"}
_MONTH = 30 * DAY
_NO_TOKEN, _TOO_MANY, _WRONG = 40105, 40100, 40000


class _Refused(Exception):
    """A code and what is said of it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


class Qianchuan(Simulated):
    """Two advertising accounts of one Douyin shop: each has one kind of plans, and asked for the other tells zero.

    Attributes:
        authorised: Accounts whose owner has said yes to the app.
    """

    name = "qianchuan"
    renamed = ("stat_cost_for_roi2", "stat_cost")
    has_orders = False
    code_name = "auth_code"
    advertises = ("千川全域", "千川乘方")
    app_id, secret = "1780000000000123", "sandbox-secret-of-qianchuan"
    accounts = ("1790000000000001", "1790000000000002")
    token_life_s = DAY

    def __init__(self, world: LiveWorld, clock: SimClock, faults: Faults) -> None:
        super().__init__(world, clock, faults)
        self.authorised: tuple[str, ...] = self.accounts
        self._issued, self._refresh_before = 0, ""
        self._issue()

    def claims(self, path: str) -> bool:
        """Everything below the gateway."""
        return path.startswith(_HOME) or path == _HOME.rstrip("/")

    def connection(self, base_url: str) -> dict[str, str]:
        """See `Simulated`."""
        return {
            "gateway_url": base_url + _HOME.rstrip("/"),
            "app_id": self.app_id,
            "secret": self.secret,
            "access_token": self._token,
            "refresh_token": self._refresh,
            "advertiser_ids": ",".join(self.accounts),
        }

    def answer(self, asked: Asked) -> Said:
        """A code, a message and data, whatever happens."""
        try:
            data = self._tokens(asked) if asked.path in (_CREATE, _REFRESH) else self._report(asked)
        except _Refused as refused:
            return _said({"code": refused.code, "message": refused.message, "request_id": "sandbox", "data": {}})
        return _said({"code": 0, "message": "OK", "request_id": "sandbox", "data": data})

    def truth(self) -> dict[str, Any]:
        """What the shop spent."""
        return {"orders": [], "after_sales": [], "ad_spend": self.ads.truth(self.now)}

    def _tokens(self, asked: Asked) -> dict[str, Any]:
        told = json.loads(asked.body or b"{}")
        if asked.verb != "POST" or asked.headers.get("content-type") != "application/json":
            raise _Refused(_WRONG, "JSON is wanted")
        if told.get("app_id") != int(self.app_id) or told.get("secret") != self.secret:
            raise _Refused(_WRONG, "app_id or secret is wrong")
        if asked.path == _CREATE:
            if not self.redeem(told.get("auth_code")):
                raise _Refused(_WRONG, "auth_code无效")
            self._issue()
        elif told.get("refresh_token") == self._refresh:
            self._refresh_before = self._refresh
            self._issue()
        elif not told.get("refresh_token") or told["refresh_token"] != self._refresh_before:
            raise _Refused(40107, "refresh_token无效")
        return {
            "access_token": self._token,
            "expires_in": max(self._ends - self.now, 0),
            "refresh_token": self._refresh,
            "refresh_token_expires_in": _MONTH,
        }

    def _issue(self) -> None:
        self._issued += 1
        self._token, self._refresh = f"oe-access-{self._issued}", f"oe-renew-{self._issued}"
        self._ends = self.now + self.token_life_s

    def _report(self, asked: Asked) -> dict[str, Any]:
        if self.faults.fires("token_expiry"):
            self._token, self._ends = "none", 0
        if asked.headers.get("access-token") != self._token or self.now > self._ends:
            raise _Refused(_NO_TOKEN, "access_token无效")
        if self.faults.fires("throttle"):
            raise _Refused(_TOO_MANY, "Too many requests")
        query = asked.query
        if asked.path != _REPORT or asked.verb != "GET":
            raise _Refused(_WRONG, "no such method")
        scene = query.get("adlab_scene", "")
        if query.get("advertiser_id") not in self.authorised:
            raise _Refused(_WRONG, "role is wrong")
        platform, goal = query.get("order_platform", "QIANCHUAN"), query.get("marketing_goal", "ALL")
        if scene not in _SCENES or goal not in _GOALS or platform not in _ORDERED_BY:
            raise _Refused(_WRONG, "参数错误")
        if "data_period" in query and scene == "UNI_PROJECT":
            raise _Refused(_WRONG, "data_period不支持")
        try:
            fields, days = json.loads(query["fields"]), _days(query["start_time"], query["end_time"])
        except (KeyError, ValueError) as wrong:
            raise _Refused(_WRONG, f"参数错误: {wrong}") from wrong
        place = _SCENES.index(scene)
        # The world's campaigns are all ordered on the PC, for goods and live rooms alike.
        is_told = self.accounts[place] == query["advertiser_id"] and platform != "ECP_AWEME"
        told = [each for day in days for each in self.ads.told(day, self.now) if is_told]
        spent = sum(each.minor for each in told if each.campaign == self.advertises[place])
        name = self.renamed["field_renamed" in self.faults.names]
        data: dict[str, Any] = {name: spent / 100} if "stat_cost_for_roi2" in fields else {}
        if self.faults.fires("new_fields"):
            data["surprise_for_roi2"] = 1
        return data


def _days(start: str, end: str) -> list[str]:
    """Days of a span, each whole."""
    is_whole = start.endswith(" 00:00:00") and end.endswith(" 23:59:59")
    first, last = day_start_s(start[:10]), day_start_s(end[:10])
    if not is_whole or first is None or last is None or last < first:
        raise ValueError("a span of whole days is wanted")
    return [beijing(at)[:10] for at in range(first, last + 1, DAY)]


def _said(value: dict[str, Any]) -> Said:
    return Said(json.dumps(value, ensure_ascii=False).encode())
