"""The three months of the sample world, and how its instants are written.

An instant is a whole number of seconds since 1970 in UTC. Nothing here asks what time it is now: the same
seed must give the same bytes on every day.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

HOUR, DAY = 3_600, 86_400
BEIJING = "Asia/Shanghai"
_BEIJING_OFFSET = 8 * HOUR  # China keeps no summer time, so the offset is a constant

START = int(datetime(2026, 7, 31, 16, tzinfo=UTC).timestamp())
"""Midnight of 2026-08-01 in Beijing: the first instant of the world."""
EARLY = int(datetime(2026, 9, 30, 16, tzinfo=UTC).timestamp())
"""Midnight of 2026-10-01 in Beijing: the state that the earlier, overlapping exports show."""
END = int(datetime(2026, 10, 31, 16, tzinfo=UTC).timestamp())
"""Midnight of 2026-11-01 in Beijing: what comes later has not happened when the last exports are made."""
MONTHS = ("2026-08", "2026-09", "2026-10")
DAYS = (END - START) // DAY


def beijing(instant: int | None) -> str:
    """Write an instant the way Chinese platforms do: `2026-08-01 12:00:00`, blank when there is none."""
    if instant is None:
        return ""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(instant + _BEIJING_OFFSET))


def beijing_stamp(instant: int) -> str:
    """Write an instant as the fourteen digits that stand in file names."""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(instant + _BEIJING_OFFSET))


def beijing_long(instant: int) -> str:
    """Write an instant as Alipay does in the lines around its table."""
    return time.strftime("%Y年%m月%d日 %H:%M:%S", time.gmtime(instant + _BEIJING_OFFSET))


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@cache
def _beijing_day(day: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(day * DAY))


def local(instant: int, zone: str) -> datetime:
    """The aware local time of an instant."""
    return datetime.fromtimestamp(instant, _zone(zone))


def day_of(instant: int, zone: str = BEIJING) -> str:
    """The accounting date of an instant in a business zone: `2026-08-01`."""
    if zone == BEIJING:
        return _beijing_day((instant + _BEIJING_OFFSET) // DAY)
    return local(instant, zone).strftime("%Y-%m-%d")


def month_of(instant: int, zone: str = BEIJING) -> str:
    """The month of an instant in a business zone: `2026-08`."""
    return day_of(instant, zone)[:7]


def with_offset(instant: int, zone: str) -> str:
    """Write an instant as Shopify does: `2026-08-01 12:00:00 -0400`."""
    return local(instant, zone).strftime("%Y-%m-%d %H:%M:%S %z")
