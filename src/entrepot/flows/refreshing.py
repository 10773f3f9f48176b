"""Feeds that tell everything there is: a run reads all of it, and only a complete run replaces what the last one told.

    begin       where one is due and nobody else reads                          store
    read        lists until they agree, then each thing; pages wait             connectors
    complete    all pages in place at once; those of older runs count no more   store
    publish     rows of pages that count no more leave the tables               flows.importing

What is gone from a complete run is gone from the tables; its history stays in the raw log. A run that ends before it is
complete leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from entrepot.connectors.live.contract import Direction, PartLister
from entrepot.connectors.live.errors import RefreshCleared
from entrepot.connectors.live.extract import Extracted
from entrepot.connectors.live.refresh import Refresher
from entrepot.flows.raw_pages import put_in_place
from entrepot.flows.totals import Finding
from entrepot.store import RefreshState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.connectors.live.calling import Caller
    from entrepot.connectors.live.contract import Call, Feed, LiveConnector
    from entrepot.flows.raw_pages import RawPages
    from entrepot.store import RawFile, State


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
        every_s = 0 if at_once else feed.refresh.every_s
        begun = refreshes.begin(caller.shop, feed.name, caller.platform_now_s(), every_s, caller.clock.now_s())
        if begun is None:
            return Extracted()
        refresher = Refresher(caller, lambda: refreshes.hold(begun, caller.clock.now_s()))
        waiting: list[tuple[RawFile, Path]] = []
        try:
            for page in refresher.read(feed, begun.number):
                waiting.append(pages.prepare(page))  # noqa: PERF401 what waits is cleared away when the next page fails

            before = refreshes.newest(caller.shop, feed.name)
            if waiting and before is not None and refresher.done.documents * _FAR_FEWER < before.documents:
                waiting[0] = _doubted(waiting[0], feed, before.documents, refresher.done.documents)

            def put_all() -> None:
                # Under the write lock, so that an erasure either came before or finds pages that have their rows.
                if not all(partial.exists() for _, partial in waiting):
                    raise RefreshCleared(caller.shop, feed.name)
                for file, partial in waiting:
                    put_in_place(partial, pages.place_of(file))

            if refreshes.complete(begun, [file for file, _ in waiting], put_all, caller.clock.now_s()):
                refresher.done.windows = 1
        finally:
            for _, partial in waiting:
                partial.unlink(missing_ok=True)
    if tell is not None:
        tell(feed.name, refresher.done.windows, 1)
    return refresher.done


def _doubted(first: tuple[RawFile, Path], feed: Feed, before: int, now: int) -> tuple[RawFile, Path]:
    """The first page with a finding: a right that was withdrawn can look like a shop that was emptied."""
    file, partial = first
    finding = Finding("far_fewer_listed", feed.name, before, now)
    return replace(file, notes=json.dumps([*json.loads(file.notes), finding.as_dict()], ensure_ascii=False)), partial


def first_page_call(live: LiveConnector, feed: Feed) -> Call:
    """Ask for the first page of everything, to see whether one may."""
    assert feed.refresh is not None, f"{feed.name} has windows"
    assert isinstance(live.client, PartLister), f"{feed.name}: its client asks for lists"
    part = feed.refresh.parts[0]
    first = "" if part.method.direction is Direction.CURSOR else part.method.first_page
    return live.client.part_call(feed, part, first)
