"""Pages of a list that changes while it is read: nothing is missed, nothing is read for ever."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.connectors.live.answers import Answer
from entrepot.connectors.live.contract import ApiSpec, ErrorRule, Listed, Page, Retry, Span
from entrepot.connectors.live.errors import CallRejected, WindowUnstable
from entrepot.connectors.live.extract import PAGES_MAX, READS_MAX, Extractor, RawPage
from entrepot.store import CellLayout, RawFile, State, SyncState, Window
from tests.connectors.live.casework import feed_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FEED = replace(
    feed_named("tmall_live_trades"),
    listing=replace(feed_named("tmall_live_trades").listing, page_rows_max=2),
    overlap_s=0,
)


@dataclass
class FakeShop:
    """A list that lives: `changes` runs after the call of that number. It proves nothing of any platform."""

    rows: list[str]
    changes: dict[int, Callable[[list[str]], None]] = field(default_factory=dict)
    shown: dict[int, Callable[[list[str]], list[str]]] = field(default_factory=dict)
    span_s_max: int = 1800
    lists: int = 0
    shop: str = "s"
    too_long: str = "509 too.many"

    @property
    def clock(self) -> Any:
        return self

    @property
    def live(self) -> Any:
        return self

    @property
    def client(self) -> Any:
        return self

    @property
    def api(self) -> Any:
        return self

    errors = (ErrorRule("*", Retry.NEVER, "other"), ErrorRule("509", Retry.SPLIT), ErrorRule("*", Retry.SPLIT, "span"))
    rule_for = ApiSpec.rule_for

    def now_s(self) -> float:
        return 1_000_000.0

    def platform_now_s(self) -> float:
        return 1_000_000.0

    def learn_time(self) -> None:
        pass

    def list_call(self, feed: Any, span: Any, page: Any, *, with_total: bool) -> Any:
        return replace_call(feed.listing, page=page, with_total=with_total, seconds=span.end_s - span.start_s)

    def detail_call(self, feed: Any, listed: Listed) -> Any:
        return replace_call(feed.detail, tid=listed.id)

    def answer(self, call: Any) -> Answer:
        if "tid" in call.params:
            return Answer(b"{}", {}, 0.0)
        if call.params["seconds"] > self.span_s_max:
            raise CallRejected(self.shop, call.method.name, self.too_long, "")
        self.lists += 1
        start = (call.params["page"] - 1) * 2
        whole = list(self.rows)
        rows = self.shown[self.lists](whole) if self.lists in self.shown else whole[start : start + 2]
        said = {"rows": rows, "total": len(whole) if call.params["with_total"] else None}
        if self.lists in self.changes:
            self.changes[self.lists](self.rows)
        return Answer(b"{}", said, 0.0)

    def answers(self, calls: Any) -> list[Answer]:
        return [self.answer(call) for call in calls]

    def page_in(self, _feed: Any, answer: Any) -> Page:
        return Page(tuple(Listed(each, "1") for each in answer["rows"]), answer["total"])


def replace_call(method: Any, **params: Any) -> Any:
    from entrepot.connectors.live.contract import Call

    return Call(method, params, "")


@dataclass
class Kept:
    state: SyncState
    documents: int = 0

    def keep(self, page: RawPage, window: Window) -> None:
        self.documents += page.documents
        raw_id = hashlib.sha256(f"{self.documents}".encode()).hexdigest()
        file = RawFile(raw_id, "", "", FEED.name, "tmall", "s", None, "ndjson", page.documents, "", 0, 0)
        self.state.record(file, window, page.digests, lambda: None, 1_000_000.0)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SyncState]:
    kept = State(CellLayout(tmp_path))
    sync = SyncState(kept)
    yield sync
    sync.close()
    kept.close()


def read(shop: FakeShop, state: SyncState) -> tuple[Extractor, set[str]]:
    """Read one window; the ids that the loop saw."""
    extractor = Extractor(shop, state, Kept(state))  # type: ignore[arg-type]
    seen: set[str] = set()
    whole = shop.page_in

    def noting(_feed: Any, answer: Any) -> Page:
        page = whole(_feed, answer)
        seen.update(each.id for each in page.rows)
        return page

    shop.page_in = noting  # type: ignore[method-assign]
    extractor.plan(FEED, "live", 1_000_000 - FEED.lag_s - 1800)
    list(extractor.run(FEED, "live"))
    return extractor, seen


def test_orders_that_leave_the_window_while_it_is_read_hide_no_other(state: SyncState) -> None:
    leaving = {number: lambda rows: rows.remove(rows[0]) for number in (2, 3)}
    shop = FakeShop(list("abcdefgh"), leaving)
    _, seen = read(shop, state)
    assert seen == set("abcdefgh")
    assert state.watermark("s", FEED.name) == 1_000_000 - FEED.lag_s


def test_an_order_that_comes_into_the_window_late_is_read_too(state: SyncState) -> None:
    shop = FakeShop(list("abcdefgh"), {3: lambda rows: rows.insert(0, "late")})
    extractor, seen = read(shop, state)
    assert seen == {*"abcdefgh", "late"}
    assert extractor.done.again <= 1


def test_a_page_that_shows_rows_of_another_is_noticed_and_the_window_read_again(state: SyncState) -> None:
    shop = FakeShop(list("abcdefgh"), shown={3: lambda rows: rows[0:2]})
    extractor, seen = read(shop, state)
    assert seen == set("abcdefgh")
    assert extractor.done.again == 1


def test_orders_that_leave_do_not_make_up_for_those_that_a_page_hid(state: SyncState) -> None:
    # As many leave the window, read already, as the third page hides.
    shop = FakeShop(list("abcdefgh"), {3: lambda rows: rows.__delitem__(slice(6, 8))}, {3: lambda rows: rows[2:4]})
    _, seen = read(shop, state)
    assert seen == set("abcdefgh")


def test_a_page_that_hides_the_same_rows_in_two_readings_is_read_again_at_once(state: SyncState) -> None:
    # Two leave the first reading, which shows the first page in place of the second. The next reading does so too.
    shifted = {number: lambda rows: rows[0:2] for number in (4, 8)}
    shop = FakeShop(list("abcdefgh"), {3: lambda rows: rows.__delitem__(slice(6, 8))}, shifted)
    _, seen = read(shop, state)
    assert seen == set("abcdefgh")


def test_a_page_that_hides_rows_whenever_it_is_read_is_asked_for_in_shorter_windows(state: SyncState) -> None:
    # The second page is the first one until the window is halved.
    shop = FakeShop(list("abcdefgh"), {3: lambda rows: rows.__delitem__(slice(6, 8))})
    whole = shop.list_call

    def shifted(feed: Any, span: Any, page: Any, *, with_total: bool) -> Any:
        is_long = span.end_s - span.start_s > FEED.span_s // 2
        return whole(feed, span, 1 if page == 2 and is_long else page, with_total=with_total)

    shop.list_call = shifted  # type: ignore[method-assign]
    _, seen = read(shop, state)
    assert seen == set("abcdefgh")
    assert state.watermark("s", FEED.name) == 1_000_000 - FEED.lag_s


def test_a_list_that_never_gives_what_it_states_stays_open_and_says_so(state: SyncState) -> None:
    shop = FakeShop(list("abcdefgh"), shown={number: lambda rows: rows[0:2] for number in range(1, 100)})
    with pytest.raises(WindowUnstable, match="lists 8 and gave 2"):
        read(shop, state)
    assert state.watermark("s", FEED.name) is None
    # The first page of each reading twice, and one page a second time.
    assert shop.lists == READS_MAX * 6


def test_what_is_known_in_its_version_is_not_read_again(state: SyncState) -> None:
    extractor, _ = read(FakeShop(list("abcdefgh")), state)
    assert (extractor.done.documents, extractor.done.known) == (8, 2)
    assert sum(each.documents for each in state.windows("s", FEED.name, "live")) == 8


@pytest.mark.parametrize("said", ["509 too.many", "7 span"])
def test_a_window_that_the_platform_finds_too_full_is_halved_until_it_is_not(state: SyncState, said: str) -> None:
    shop = FakeShop(list("ab"), span_s_max=500, too_long=said)
    _, seen = read(shop, state)
    assert (seen, shop.lists) == (set("ab"), 4)
    assert state.watermark("s", FEED.name) == 1_000_000 - FEED.lag_s


def test_a_quiet_past_takes_windows_as_long_as_the_platform_does(state: SyncState) -> None:
    shop = FakeShop(["a"], span_s_max=FEED.span_s_max)
    extractor = Extractor(shop, state, Kept(state))  # type: ignore[arg-type]
    extractor.plan(FEED, "live", 1_000_000 - FEED.lag_s - 10 * FEED.span_s_max)
    list(extractor.run(FEED, "live"))
    assert (shop.lists, len(state.windows("s", FEED.name, "live"))) == (10, 10)
    assert state.watermark("s", FEED.name) == 1_000_000 - FEED.lag_s


def test_a_busy_past_takes_short_ones_so_that_the_watermark_moves(state: SyncState) -> None:
    rows = [f"{number}" for number in range(2 * PAGES_MAX + 1)]
    shop = FakeShop(rows, span_s_max=FEED.span_s_max)
    extractor = Extractor(shop, state, Kept(state))  # type: ignore[arg-type]
    since = 1_000_000 - FEED.lag_s - 3 * FEED.span_s - 60
    extractor.plan(FEED, "live", since)
    assert len(state.windows("s", FEED.name, "live")) == 1
    marks = [state.watermark("s", FEED.name) for _ in extractor.run(FEED, "live")]
    # Twenty-one pages become three windows, which would have seven each; here all list everything, and are halved.
    sixth_s = FEED.span_s // 2 + 10
    assert marks == [since + part * sixth_s for part in range(1, 7)]
    assert sum(each.documents for each in state.windows("s", FEED.name, "live")) == len(rows)


def test_windows_of_a_busy_past_are_no_shorter_than_usual(state: SyncState) -> None:
    shop = FakeShop([f"{number}" for number in range(40 * PAGES_MAX)], span_s_max=FEED.span_s_max)
    extractor = Extractor(shop, state, Kept(state))  # type: ignore[arg-type]
    since = 1_000_000 - FEED.lag_s - 3 * FEED.span_s
    extractor.plan(FEED, "live", since)
    marks = [state.watermark("s", FEED.name) for _ in extractor.run(FEED, "live")]
    assert marks == [since + FEED.span_s, since + 2 * FEED.span_s, 1_000_000 - FEED.lag_s]


def test_a_backfill_leaves_to_live_runs_what_their_overlap_reads_again(state: SyncState) -> None:
    # Nothing overlaps a backfill: what a list shows late near now would be lost in it.
    feed = replace(FEED, overlap_s=600)
    extractor = Extractor(FakeShop(["a"]), state, Kept(state))  # type: ignore[arg-type]
    for kind, end_s in (("live", 1_000_000 - feed.lag_s), ("backfill", 1_000_000 - 600)):
        extractor.plan(feed, kind, 1_000_000 - 7_200)
        assert state.windows("s", feed.name, kind)[-1].end_s == end_s


@dataclass
class AskedSpans(FakeShop):
    """The same list; notes which windows it is asked for."""

    spans: list[tuple[int, int]] = field(default_factory=list)

    def list_call(self, feed: Any, span: Any, page: Any, *, with_total: bool) -> Any:
        self.spans.append((span.start_s, span.end_s))
        return super().list_call(feed, span, page, with_total=with_total)


@pytest.mark.parametrize("seconds", [1_801, 3_599, 5_401])
def test_a_window_that_is_a_little_too_long_becomes_even_parts(state: SyncState, seconds: int) -> None:
    # A second that is left over was asked for alone: from a second to the same second, which platforms refuse.
    feed = replace(FEED, span_s=1_800, span_s_max=1_800)
    shop = AskedSpans(["a"])
    extractor = Extractor(shop, state, Kept(state))  # type: ignore[arg-type]
    extractor._read_span(feed, Window("s", feed.name, "live", 0, seconds), Span(0, seconds))
    asked = sorted(set(shop.spans))
    assert [start for start, _ in asked] == [0, *(end for _, end in asked[:-1])]
    assert asked[-1][1] == seconds
    assert all(900 <= end - start <= 1_800 for start, end in asked)
