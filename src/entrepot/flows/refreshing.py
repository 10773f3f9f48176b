"""Feeds that tell everything there is: a run reads all of it, and only a complete run replaces what the last one told.

    begin       where one is due and nobody else reads                          store
    read        lists until they agree, then each thing; pages wait             connectors
    complete    all pages in place at once; those of older runs count no more   store
    publish     rows of pages that count no more leave the tables               flows.importing

What is gone from a complete run is gone from the tables; its history stays in the raw log. A run that ends before it is
complete leaves nothing behind. The report of a day is such a run of its own: its newest answer replaces the older ones.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from entrepot.connectors.live.contract import DayParts, DayReporter, Direction, PartLister
from entrepot.connectors.live.errors import RefreshCleared
from entrepot.connectors.live.extract import Extracted
from entrepot.connectors.live.refresh import Refresher
from entrepot.flows.raw_pages import put_in_place
from entrepot.flows.totals import Finding
from entrepot.store import RefreshState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from entrepot.connectors.live.calling import Caller
    from entrepot.connectors.live.contract import Call, Credentials, Feed, LiveConnector
    from entrepot.flows.raw_pages import RawPages
    from entrepot.store import RawFile, State


_DAY_S = 86_400
_FAR_FEWER = 2
"""A run that tells less than one in so many of what the run before told is doubted; it counts all the same."""


def refresh(
    caller: Caller,
    pages: RawPages,
    state: State,
    feed: Feed,
    tell: Callable[[str, int, int], None] | None = None,
    *,
    at_once: bool = False,
) -> Extracted:
    """Read everything of a feed, where that is due; publishes nothing.

    Args:
        caller: Makes calls of one shop.
        pages: Its raw pages.
        state: The cell's open state.
        feed: One that tells everything.
        tell: Called with the feed's name, refreshes done, refreshes there are.
        at_once: Whether it is due whenever the last one was.

    Returns:
        What was read; nothing where no refresh is due or another worker reads.

    Raises:
        RefreshUnsettled: What is listed kept changing; nothing is replaced.
        ListTooLong: A list cannot be paged to its end; nothing is replaced.
        RefreshCleared: An erasure cleared what waited; nothing is replaced.
    """
    assert feed.refresh is not None, f"{feed.name} has windows"
    caller.learn_time()
    with contextlib.closing(RefreshState(state)) as refreshes:
        reading = _Reading(caller, pages, refreshes, feed)
        done = reading.replace(feed.name, 0 if at_once else feed.refresh.every_s)
    if tell is not None:
        tell(feed.name, done.windows, 1)
    return done


def read_days(
    caller: Caller,
    pages: RawPages,
    state: State,
    feed: Feed,
    done: Extracted,
    since_s: int,
    until_s: int | None = None,
    tell: Callable[[str, int, int], None] | None = None,
    *,
    at_once: bool = False,
) -> None:
    """Read the report of each day that is due, where one is; publishes nothing.

    Args:
        caller: Makes calls of one shop.
        pages: Its raw pages.
        state: The cell's open state.
        feed: One that tells days.
        done: What was read, kept up to date: a day that was read counts although a later one fails.
        since_s: Where the first day is, for the first run; later ones go on from the first day that was ever read.
        until_s: Where a backfill ends; of its days those are read that never were. None for a live run.
        tell: Called with the feed's name, days read, days that are due.
        at_once: Whether days are due again that may still change, whenever they were read last.
    """
    assert feed.days is not None, f"{feed.name} tells no days"
    caller.learn_time()
    with contextlib.closing(RefreshState(state)) as refreshes:
        prefix = f"{feed.name}@"
        begun = {name.removeprefix(prefix): at_s for name, at_s in refreshes.begun(caller.shop, prefix).items()}
        due = _due_days(feed, begun, caller.platform_now_s(), since_s, until_s, at_once=at_once)
        for number, day in enumerate(due, 1):
            read = _Reading(caller, pages, refreshes, feed, day).replace(f"{prefix}{day}", 0)
            done.windows += read.windows
            done.pages += read.pages
            done.documents += read.documents
            done.again += read.again
            if tell is not None:
                tell(feed.name, number, len(due))


def days_read(refreshes: RefreshState, shop: str, feed: Feed) -> dict[str, int]:
    """Days of a feed that were read, and when each ends, unix seconds."""
    assert feed.days is not None, f"{feed.name} tells no days"
    prefix, offset_s = f"{feed.name}@", feed.days.zone_offset_hours * 3_600
    days = (name.removeprefix(prefix) for name in refreshes.begun(shop, prefix))
    return {day: _day_start_s(day, offset_s) + _DAY_S for day in days}


def _due_days(
    feed: Feed, begun: Mapping[str, int], now_s: float, since_s: int, until_s: int | None, *, at_once: bool
) -> list[str]:
    """Days to ask for now, oldest first."""
    assert feed.days is not None, f"{feed.name} tells no days"
    offset_s = feed.days.zone_offset_hours * 3_600
    earliest = int(now_s) - feed.reach_s
    first_s = max(since_s, earliest)
    if begun and until_s is None:
        first_s = max(min(_day_start_s(day, offset_s) for day in begun), earliest)
    days = []
    for start_s in range(first_s - (first_s + offset_s) % _DAY_S, min(int(now_s), until_s or int(now_s)), _DAY_S):
        day = f"{datetime.fromtimestamp(start_s + offset_s, UTC):%Y-%m-%d}"
        looks, last = feed.days.looks(start_s, now_s), begun.get(day)
        is_open = at_once and looks <= len(feed.days.again_days)
        if looks and (last is None or (until_s is None and (is_open or looks > feed.days.looks(start_s, last)))):
            # Of the day in which the reach begins the platform may tell a part only.
            days += [day] if start_s >= earliest else []
    return days


def _day_start_s(day: str, offset_s: int) -> int:
    return int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()) - offset_s


@dataclass
class _Reading:
    """Reads everything of a feed, or one of its days, and replaces what was told of it before.

    Attributes:
        day: Which day; empty where everything is read.
    """

    caller: Caller
    pages: RawPages
    refreshes: RefreshState
    feed: Feed
    day: str = ""

    def replace(self, name: str, every_s: int) -> Extracted:
        """Read, and put all in place; nothing where none is due or another worker reads.

        Args:
            name: Under which it is known.
            every_s: So long after the last complete one began it is due.
        """
        caller, refreshes = self.caller, self.refreshes
        begun = refreshes.begin(caller.shop, name, caller.platform_now_s(), every_s, caller.clock.now_s())
        if begun is None:
            return Extracted()
        refresher = Refresher(caller, lambda: refreshes.hold(begun, caller.clock.now_s()), self.day)
        waiting: list[tuple[RawFile, Path]] = []
        try:
            for page in refresher.read(self.feed, begun.number):
                waiting.append(self.pages.prepare(page))  # noqa: PERF401 what waits is cleared away when the next page fails

            before = refreshes.newest(caller.shop, name)
            if waiting and before is not None and refresher.done.documents * _FAR_FEWER < before.documents:
                waiting[0] = _doubted(waiting[0], self.feed, before.documents, refresher.done.documents)

            def put_all() -> None:
                # Under the write lock, so that an erasure either came before or finds pages that have their rows.
                if not all(partial.exists() for _, partial in waiting):
                    raise RefreshCleared(caller.shop, name)
                for file, partial in waiting:
                    put_in_place(partial, self.pages.place_of(file))

            if refreshes.complete(begun, [file for file, _ in waiting], put_all, caller.clock.now_s()):
                refresher.done.windows = 1
        finally:
            for _, partial in waiting:
                partial.unlink(missing_ok=True)
        return refresher.done


def _doubted(first: tuple[RawFile, Path], feed: Feed, before: int, now: int) -> tuple[RawFile, Path]:
    """The first page with a finding: a right that was withdrawn can look like a shop that was emptied."""
    file, partial = first
    finding = Finding("far_fewer_listed", feed.name, before, now)
    return replace(file, notes=json.dumps([*json.loads(file.notes), finding.as_dict()], ensure_ascii=False)), partial


def first_page_calls(live: LiveConnector, feed: Feed, credentials: Credentials, now_s: float) -> tuple[Call, ...]:
    """Ask for the first page of everything, or for the day before yesterday, to see whether one may."""
    part = feed.parts[0]
    first = "" if part.method.direction is Direction.CURSOR else part.method.first_page
    if feed.days is not None:
        day = f"{datetime.fromtimestamp(now_s + feed.days.zone_offset_hours * 3_600 - 2 * _DAY_S, UTC):%Y-%m-%d}"
        if isinstance(live.client, DayParts):
            parts = live.client.day_parts(feed, credentials)
            return tuple(live.client.day_part_call(feed, each, day) for each in parts)
        assert isinstance(live.client, DayReporter), f"{feed.name}: its client asks for days"
        return (live.client.day_call(feed, day, first),)
    assert isinstance(live.client, PartLister), f"{feed.name}: its client asks for lists"
    return (live.client.part_call(feed, part, first),)
