"""What shops have on offer, read whole from simulated marketplaces: only a complete run replaces what was known.

Requests go to the sandbox without a network between. What it does not prove: that the platforms list as their manuals say.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from entrepot.assembly import open_cell
from entrepot.connectors.live.errors import CallFailed, RefreshCleared
from entrepot.connectors.live.sending import Reply
from entrepot.connectors.registry import CONNECTORS
from entrepot.flows import syncing
from entrepot.sandbox.http.platform import Asked
from entrepot.store import RefreshState, State, superseded_pages
from entrepot.testing.connector_suite import PASSPHRASE, QuickClock, Trial, listing_differences, publish_tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.connectors.live.contract import Request
    from entrepot.flows.parts import CellParts
    from entrepot.sandbox.http import Sandbox
    from entrepot.sandbox.http.shelf import Shelf

PLATFORMS = tuple(sorted({each.spec.name for each in CONNECTORS for feed in each.feeds if feed.refresh is not None}))


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "only for tests")


@dataclass
class Direct:
    """Sends requests to a sandbox in this process.

    Attributes:
        sandbox: What answers.
        sent: Requests so far.
        before: Called before the request of that number is answered.
        at_first: Called before the first request with these bytes is answered.
        breaks_at: After three requests with these bytes nothing answers any more.
    """

    sandbox: Sandbox
    sent: int = 0
    before: dict[int, Callable[[], None]] = field(default_factory=dict)
    at_first: dict[bytes, Callable[[], None]] = field(default_factory=dict)
    breaks_at: bytes = b""
    answered: int = 0

    def send(self, request: Request) -> Reply:
        self.sent += 1
        if self.breaks_at and self.breaks_at in request.body:
            self.answered += 1
            if self.answered > 3:
                raise httpx.ConnectError("nobody is there")
        self.before.pop(self.sent, lambda: None)()
        for met in [each for each in self.at_first if each in request.body]:
            self.at_first.pop(met)()
        parts = urlsplit(request.url)
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        said = self.sandbox.answer(Asked(request.verb, parts.path, query, headers, request.body))
        assert said is not None, "no fault is on"
        return Reply(said.status, said.body, self.sandbox.clock.now_s())


@dataclass
class Place:
    """A cell with one shop of which only what is on offer is read."""

    platform: str
    trial: Trial
    sandbox: Sandbox
    parts: CellParts
    direct: Direct

    @property
    def shelf(self) -> Shelf:
        return self.sandbox.platforms[self.platform].shelf

    @property
    def now(self) -> int:
        return self.sandbox.platforms[self.platform].now

    def extract(self, *, now: bool = False) -> int:
        """Read what is due; gives the documents that were read."""
        clock = QuickClock()
        read = syncing.extract(self.parts, "trial", 0, transport=self.direct, clock=clock, refresh_now=now)
        for trouble in (trouble for each in read.values() for trouble in each.troubles):
            raise trouble
        return sum(each.documents for each in read.values())

    def differences(self) -> list[str]:
        publish_tables(self.parts)
        return listing_differences(self.parts, self.sandbox.platforms[self.platform].truth())

    def findings(self) -> list[str]:
        """What `sync status` tells of the feed."""
        (told,) = syncing.status(self.parts, float(self.now))
        return told.findings

    def later(self) -> None:
        self.sandbox.clock.advance(2 * 86_400)

    def superseded(self) -> set[str]:
        with contextlib.closing(State(self.parts.layout)) as state:
            return superseded_pages(state)

    def kept(self) -> set[str]:
        with contextlib.closing(State(self.parts.layout)) as state:
            return {file.raw_id for file in state.files()}


def place(platform: str, home: Path) -> Place:
    trial = Trial(platform, home / "cell", orders=8, days=1, tick_s=1.0, page_rows=3)
    sandbox = trial.sandbox()
    sandbox.clock.advance(36 * 3600)
    parts = only_offers(trial.prepare_with(sandbox.connections("http://127.0.0.1:1")[platform]))
    return Place(platform, trial, sandbox, parts, Direct(sandbox))


def only_offers(parts: CellParts) -> CellParts:
    """The cell with feeds that tell everything and no others."""
    changed: list[Any] = []
    for each in parts.connectors:
        if each.live is not None:
            feeds = tuple(feed for feed in each.live.feeds if feed.refresh is not None)
            changed.append(replace(each, live=replace(each.live, api=replace(each.live.api, feeds=feeds))))
        else:
            changed.append(each)
    return replace(parts, connectors=tuple(changed))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_moves_while_it_is_paged_hides_nothing_and_what_is_gone_is_gone(platform: str, tmp_path: Path) -> None:
    here = place(platform, tmp_path)
    ids = [each.listing_id for each in here.shelf.products(here.now)]
    # The first two are the time and the first page; then rows begin to move.
    here.direct.before = {
        3: lambda: here.shelf.happen(ids[1], "removed", here.now),
        4: lambda: here.shelf.happen(ids[-1], "price", here.now),
        5: lambda: here.shelf.happen(ids[0], "off_shelf", here.now),
    }
    assert here.extract() > 0
    assert not here.direct.before, "everything happened while lists were read"
    assert [each for each in here.differences() if "is lost" in each] == []
    before = here.kept()
    here.later()
    here.shelf.happen(ids[2], "removed", here.now)
    assert here.extract() > 0
    assert here.differences() == []
    # History stays in the raw log, and a replay does not bring it back.
    assert here.superseded() == before
    assert here.kept() > before
    with contextlib.closing(State(here.parts.layout)) as state:
        state.translate_again()
    assert here.differences() == []


@pytest.mark.parametrize("platform", PLATFORMS)
def test_pages_of_the_size_that_is_asked_for_in_earnest_are_given(platform: str, tmp_path: Path) -> None:
    here = place(platform, tmp_path)
    told = syncing.connect(open_cell(here.trial.home), "trial", transport=here.direct)
    listed = told["listed"]
    assert isinstance(listed, dict)
    (feed,) = (each.name for connector in here.parts.connectors for each in connector.feeds if each.channel == platform)
    assert listed[feed] > 0


def test_a_run_that_breaks_off_replaces_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    here = place("tmall", tmp_path)
    here.extract()
    assert here.differences() == []
    truth, kept = here.sandbox.platforms["tmall"].truth(), here.kept()
    here.later()
    for each in here.shelf.products(here.now)[:3]:
        here.shelf.happen(each.listing_id, "removed", here.now)
    # The lists are read by then, and some of the products.
    here.direct.breaks_at = b"taobao.item.seller.get"
    with pytest.raises(CallFailed):
        here.extract()
    assert here.kept() == kept
    assert here.superseded() == set()
    assert list(here.parts.layout.temporary.iterdir()) == []
    publish_tables(here.parts)
    assert listing_differences(here.parts, truth) == []
    here.direct.breaks_at = b""
    assert here.extract() > 0
    assert here.differences() == []


def test_listings_that_an_app_may_not_have_keep_no_orders_out(tmp_path: Path) -> None:
    here = place("tmall", tmp_path)
    here.direct.breaks_at = b"taobao.items."
    parts, world = open_cell(here.trial.home), here.sandbox.platforms["tmall"].world
    read = syncing.extract(parts, "trial", world.start_s, transport=here.direct, clock=QuickClock())
    assert [type(each) for each in read["tmall_live_items"].troubles] == [CallFailed]
    assert read["tmall_live_trades"].documents == len(world.made)
    # Orders themselves are not left out in silence.
    here.direct.breaks_at = b"taobao.trades."
    here.later()
    with pytest.raises(CallFailed):
        syncing.extract(parts, "trial", world.start_s, transport=here.direct, clock=QuickClock())


def test_pages_that_an_erasure_cleared_away_are_no_complete_refresh(tmp_path: Path) -> None:
    here = place("tmall", tmp_path)

    def clear() -> None:
        (waiting,) = here.parts.layout.temporary.iterdir()
        waiting.unlink()

    # The lists wait by then.
    here.direct.at_first = {b"taobao.item.seller.get": clear}
    with pytest.raises(RefreshCleared, match="run the same command again"):
        here.extract()
    assert here.kept() == set()
    assert here.extract() > 0
    assert here.differences() == []


def test_a_refresh_is_read_when_it_is_due_and_by_one_worker(tmp_path: Path) -> None:
    here = place("tmall", tmp_path)
    with contextlib.closing(State(here.parts.layout)) as state, contextlib.closing(RefreshState(state)) as other:
        begun = other.begin("trial", "tmall_live_items", here.now, 86_400, time.time())
        assert begun is not None
        assert here.extract() == 0
    assert here.extract() > 0, "who lets go leaves it to others"
    assert here.extract() == 0
    assert here.extract(now=True) > 0, "somebody asks for it"
    here.later()
    assert here.extract() > 0
    with contextlib.closing(State(here.parts.layout)) as state, contextlib.closing(RefreshState(state)) as refreshes:
        newest = refreshes.newest("trial", "tmall_live_items")
        assert newest is not None
        assert abs(newest.begun_s - here.now) < 3600
    (told,) = syncing.status(here.parts, float(here.now))
    assert (told.watermark_s, told.documents) == (newest.begun_s, newest.documents)


def test_a_worker_that_was_taken_for_dead_replaces_nothing(tmp_path: Path) -> None:
    here = place("tmall", tmp_path)
    with contextlib.closing(State(here.parts.layout)) as state, contextlib.closing(RefreshState(state)) as slow:
        begun = slow.begin("trial", "tmall_live_items", here.now, 86_400, time.time() - 3600)
        assert begun is not None
        assert here.extract() > 0
        assert not slow.complete(begun, [], lambda: pytest.fail("nothing may be put in place"), time.time())
        assert here.superseded() == set()
    assert here.differences() == []


def test_a_shop_that_offers_nothing_any_more_has_no_rows(tmp_path: Path) -> None:
    here = place("tmall", tmp_path)
    here.extract()
    assert here.differences() == []
    here.later()
    for each in here.shelf.products(here.now):
        here.shelf.happen(each.listing_id, "removed", here.now)
    assert here.extract() == 0
    truth = here.sandbox.platforms["tmall"].truth()
    assert truth["listings"] == []
    syncing.publish_pending(here.parts)
    assert listing_differences(here.parts, truth) == []
    # It counts, and somebody is told; the next run agrees with it.
    assert here.findings() == ["far_fewer_listed tmall_live_items"]
    assert here.extract(now=True) == 0
    assert here.findings() == []


def test_a_backfill_asks_for_no_listings(tmp_path: Path) -> None:
    here = place("tmall", tmp_path)
    assert syncing.extract(here.parts, "trial", 0, kind="backfill", transport=here.direct, clock=QuickClock()) == {}
    assert here.direct.sent == 0
