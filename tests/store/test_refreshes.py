"""Which pages of feeds that tell everything count: those of the newest complete run of each shop and feed."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from entrepot.store import CellLayout, RawFile, RefreshState, State, superseded_pages
from entrepot.store.syncing import WINDOW_SECONDS

if TYPE_CHECKING:
    from pathlib import Path

_DAY = 86_400


def _run(state: State, shop: str, feed: str, at: float, *pages: str) -> None:
    with contextlib.closing(RefreshState(state)) as refreshes:
        begun = refreshes.begin(shop, feed, at, _DAY, at)
        assert begun is not None
        files = [RawFile(each, each, "c", feed, "c", shop, None, "ndjson", 2, "", 0, 0, "[]", 1) for each in pages]
        assert refreshes.complete(begun, files, lambda: None, at)


def test_a_run_replaces_the_pages_of_its_own_shop_and_feed_and_no_others(tmp_path: Path) -> None:
    with contextlib.closing(State(CellLayout(tmp_path))) as state:
        _run(state, "one", "items", 0, "a", "b")
        _run(state, "two", "items", 0, "c")
        _run(state, "one", "others", 0, "d")
        assert superseded_pages(state) == set()
        _run(state, "one", "items", 2 * _DAY, "e")
        assert superseded_pages(state) == {"a", "b"}
        # The next publisher looks at them again, and so their rows leave.
        assert {file.raw_id for file in state.files() if file.snapshot_id is None} == {"a", "b"}
        _run(state, "one", "items", 4 * _DAY)
        assert superseded_pages(state) == {"a", "b", "e"}


def test_a_worker_that_says_so_is_alive_and_one_that_does_not_is_dead(tmp_path: Path) -> None:
    with (
        contextlib.closing(State(CellLayout(tmp_path))) as state,
        contextlib.closing(RefreshState(state)) as slow,
        contextlib.closing(RefreshState(state)) as other,
    ):
        begun = slow.begin("one", "items", 0, _DAY, 1000.0)
        assert begun is not None
        slow.hold(begun, 1000.0 + WINDOW_SECONDS - 1)
        assert other.begin("one", "items", 0, _DAY, 1000.0 + WINDOW_SECONDS + 1) is None
        assert other.begin("one", "items", 0, _DAY, 1000.0 + 3 * WINDOW_SECONDS) is not None


def test_a_run_that_was_not_completed_replaces_nothing_and_is_forgotten(tmp_path: Path) -> None:
    with contextlib.closing(State(CellLayout(tmp_path))) as state:
        _run(state, "one", "items", 0, "a")
        with contextlib.closing(RefreshState(state)) as refreshes:
            assert refreshes.begin("one", "items", 2 * _DAY, _DAY, 0.0) is not None
            assert superseded_pages(state) == set()
        with contextlib.closing(RefreshState(state)) as refreshes:
            newest = refreshes.newest("one", "items")
            assert newest is not None
            assert (newest.begun_s, newest.pages, newest.documents) == (0, 1, 2)
            assert refreshes.begin("one", "items", _DAY - 1, _DAY, 0.0) is None, "none is due"
