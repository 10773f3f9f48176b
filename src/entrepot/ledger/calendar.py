"""Business days: which day an instant belongs to in a zone, also across summer time.

Engines disagree about zones, so the answer is a table: in each zone every UTC day has one instant at which the local
day changes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pyarrow as pa

_FIRST = date(1995, 1, 1)
_LAST = date(2049, 12, 31)


def zone_days(zones: tuple[str, ...]) -> pa.Table:
    """The relation `zone_days` for these zones: zone, utc_day, split_at, day_before, day_after."""
    tables = [_days_of(zone) for zone in sorted(set(zones) | {"UTC"})]
    return pa.concat_tables(tables)


@lru_cache(maxsize=32)
def _days_of(zone: str) -> pa.Table:
    place = ZoneInfo(zone)
    days, splits, befores, afters = [], [], [], []
    day = _FIRST
    while day <= _LAST:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        local = start.astimezone(place)
        midnight = datetime(local.year, local.month, local.day, tzinfo=place) + timedelta(days=1)
        split = midnight.astimezone(UTC)
        if split - start >= timedelta(days=1) and local.time() == local.min.time():
            split = start
            before, after = local.date() - timedelta(days=1), local.date()
        else:
            before, after = local.date(), local.date() + timedelta(days=1)
        days.append(day)
        splits.append(split)
        befores.append(before)
        afters.append(after)
        day += timedelta(days=1)
    return pa.table(
        {
            "zone": pa.array([zone] * len(days), pa.string()),
            "utc_day": pa.array(days, pa.date32()),
            "split_at": pa.array(splits, pa.timestamp("us", tz="UTC")),
            "day_before": pa.array(befores, pa.date32()),
            "day_after": pa.array(afters, pa.date32()),
        }
    )
