"""Jingzhuntong behind a gateway like JD's: a report is ordered by a call, made in the background, fetched by a link.

Source: a public client of 京准通's report of all lines of business, with recorded answers and rows, read 2026-11. Not
sourced, and set here: how long a report takes and is kept, what is told of one that failed, that a day without spend
gives the header, and that dimensions and figures may be left out.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.http.bills import DAY, Links, beijing, day_start_s, yuan
from entrepot.sandbox.http.jd import Jd
from entrepot.sandbox.http.platform import Asked, Said

if TYPE_CHECKING:
    from entrepot.sandbox.http.ads import Advertising
    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.platform import SimClock
    from entrepot.sandbox.http.world import LiveWorld

_STORED = "/report-engine-cloud/item"
_ORDER = "jingdong.ads.ibg.UniversalJosService.custom.query.v1"
_LINK = "jingdong.ads.ibg.UniversalJosService.download"
_TAKES_S, _KEPT_S, _LINK_S = 20, DAY, 3_600.0
_LATE_S = 3_600
_MAKING, _MADE, _FAILED = 1, 2, 3
_COLUMNS = {
    "pin": ("账户名称",),
    "businessType": ("产品线",),
    "campaign": ("计划ID", "推广计划"),
    "impressions": ("展现数",),
    "clicks": ("点击数",),
    "cost": ("总费用",),
}
_DIMENSIONS, _FIGURES = ("pin", "businessType", "campaign"), ("impressions", "clicks", "cost")
_FINAL_S = 58 * 3_600
"""So long after a day's end a careful person downloads it."""


@dataclass
class Reports:
    """Reports of one advertiser.

    Attributes:
        world: The shop's world.
        faults: The dial.
        ads: What was spent.
        tickets: Download number to day, columns and when it was ordered.
    """

    world: LiveWorld
    faults: Faults
    ads: Advertising
    tickets: dict[int, tuple[str, tuple[str, ...], float]] = field(default_factory=dict)
    _links: Links = field(default_factory=lambda: Links(_LINK_S))
    _ended: int = 0

    def ordered(self, asks: dict[str, Any], now: int) -> dict[str, Any]:
        """Order a report of one day; this sandbox makes no pages and no other spans."""
        day, names = asks.get("startDay", ""), tuple(asks.get("dimensions", "").split(","))
        figures = tuple(asks.get("normalMetrics", "").split(","))
        wanted = {"clickOrOrderDay": 0, "clickOrOrderCaliber": 0, "granularity": 1, "isDownload": True}
        is_good = (
            day_start_s(day) is not None
            and day == asks.get("endDay")
            and set(names) <= set(_DIMENSIONS)
            and set(figures) <= set(_FIGURES)
            and _has_system(asks)
            and all(asks.get(name) == value for name, value in wanted.items())
        )
        if not is_good:
            return _told("1000", "参数错误")
        if self.faults.fires("throttle"):
            return _told("401", "请求过于频繁")
        number = 46_847_054 + len(self.tickets)
        late_s = _LATE_S if self.faults.fires("file_late") else 0
        self.tickets[number] = (day, (*names, *figures), now + late_s)
        return _told("1", "操作成功", {"downloadId": number})

    def linked(self, asks: dict[str, Any], now: int, base: str) -> dict[str, Any]:
        """Where an ordered report is; every third one comes packed."""
        number = asks.get("downloadId")
        if number not in self.tickets or not _has_system(asks):
            return _told("1000", "参数错误")
        _, _, at = self.tickets[number]
        is_over = self.faults.fires("link_expired")
        self._ended += is_over
        if now < at + _TAKES_S:
            return _told("1", "操作成功", {"id": number, "status": _MAKING})
        if now > at + _KEPT_S or (is_over and self._ended % 2):
            return _told("1", "操作成功", {"id": number, "status": _FAILED})
        token, suffix = self._links.give(str(number), now, is_over=is_over), "csv" if number % 3 else "zip"
        url = f"{base}{_STORED}/%E8%87%AA%E5%AE%9A%E4%B9%89%E6%8A%A5%E8%A1%A8API.{suffix}?Expires=1&Signature={token}"
        return _told("1", "操作成功", {"id": number, "status": _MADE, "downloadUrl": url})

    def stored(self, path: str, token: str, now: int) -> bytes | None:
        """The file that a link leads to."""
        number = self._links.leads_to(token, now)
        if number is None:
            return None
        day, columns, _ = self.tickets[int(number)]
        content = self._text(day, columns, now)
        if not path.endswith(".zip"):
            return content
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo("1.csv", (2026, 11, 1, 0, 0, 0)), content)
        return out.getvalue()

    def files(self, now: int) -> dict[str, bytes]:
        """Every day that is final by now, by name, as a person would download it."""
        first = self.world.start_s - (self.world.start_s + 8 * 3_600) % DAY
        days = [beijing(at)[:10] for at in range(first, now, DAY) if now >= at + DAY + _FINAL_S]
        return {f"jzt_ads_{day}.csv": self._text(day, (*_DIMENSIONS, *_FIGURES), now) for day in days}

    def _text(self, day: str, columns: tuple[str, ...], now: int) -> bytes:
        lines = [["日期", *(name for column in columns for name in _COLUMNS[column])]]
        for each in self.ads.told(day, now):
            cells = {
                "pin": ("jd_sandbox",),
                "businessType": ("推荐广告" if each.campaign.startswith("推荐广告") else "快车",),
                "campaign": (each.campaign_id, each.campaign),
                "impressions": (str(each.minor // 20),),
                "clicks": (str(each.minor // 200),),
                "cost": (yuan(each.minor),),
            }
            lines.append([day.replace("-", ""), *(cell for column in columns for cell in cells[column])])
        return "".join(",".join(line) + "\n" for line in lines).encode("utf-8-sig")


class Jzt(Jd):
    """The simulated gateway as an advertising account sees it, with an app and tokens of its own."""

    name = "jzt"
    home = "/jzt"
    has_orders = False
    advertises = ("快车-类目词", "推荐广告-拉新")
    app_key, secret = "SANDBOXJZTKEY", "sandbox-secret-of-jzt"

    def __init__(self, world: LiveWorld, clock: SimClock, faults: Faults) -> None:
        super().__init__(world, clock, faults)
        self._base, self.reports = "", Reports(world, faults, self.ads)
        self._methods = {
            _ORDER: lambda asks: self.reports.ordered(asks, self.now),
            _LINK: lambda asks: self.reports.linked(asks, self.now, self._base),
        }

    def claims(self, path: str) -> bool:
        """The gateway, the place where tokens are renewed, and reports that were made."""
        return super().claims(path) or path.startswith(_STORED)

    def connection(self, base_url: str) -> dict[str, str]:
        """See `Simulated`."""
        self._base = base_url
        return super().connection(base_url)

    def answer(self, asked: Asked) -> Said:
        """A report that was made, or what the gateway answers."""
        if not asked.path.startswith(_STORED):
            return super().answer(asked)
        content = self.reports.stored(asked.path, asked.query.get("Signature", ""), self.now)
        if content is None:
            return Said(b"<Error><Code>AccessDenied</Code></Error>", 403, {"content-type": "application/xml"})
        return Said(content, 200, {"content-type": "application/octet-stream"})

    def files(self) -> dict[str, bytes]:
        """Every report of a day that is final by now."""
        return self.reports.files(self.now)

    def truth(self) -> dict[str, Any]:
        """What was spent on days that are final."""
        return {"orders": [], "after_sales": [], "ad_spend": self.ads.truth(self.now)}


def _has_system(asks: dict[str, Any]) -> bool:
    return (asks.get("authType"), asks.get("platformBusinessType"), asks.get("accessPin")) == ("0", "DST_JZT", "")


def _told(code: str, message: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    result: dict[str, Any] = {"msg": message, "code": code, "success": code == "1"}
    return {"returnType": {**result, "data": data} if data is not None else result}
