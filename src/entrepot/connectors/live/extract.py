"""The loop that reads every marketplace: windows of modification time, pages in the safe direction, details by id.

    plan        windows from the last planned end to now less its lag: what lies behind in windows as long as the
                platform takes, of which a busy one becomes shorter ones
    claim       one window, by one worker
    list        its pages, last one first where pages are numbered; then the first page again: has it grown?
    read        each thing that is new in its version, by its id
    store       the answers as they came, then the ids and versions, in one transaction
    finish      only now does the watermark move

A worker that dies leaves its window open; whoever takes it skips what is stored already. Reading more than once is
harmless, reading less is not: a window that lists more than it gave is read again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import msgspec

from entrepot.connectors.live.contract import Direction, Failure, Listed, Retry, Span
from entrepot.connectors.live.errors import CallRejected, WindowUnstable
from entrepot.connectors.live.overlap import AGAIN_S, overlap_start_s

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from entrepot.connectors.live.answers import Answer
    from entrepot.connectors.live.calling import Caller
    from entrepot.connectors.live.contract import Call, Feed, Page
    from entrepot.errors import EntrepotError
    from entrepot.store import SyncState, Window

READS_MAX = 4
"""So often a window is read that lists more than it gives."""

PAGES_MAX = 20
"""A long window with more pages becomes shorter ones, so that the watermark moves and workers share it."""

_SPAN_MIN_S = 1


class _Busy(Exception):
    """A long window has many pages.

    Attributes:
        parts: As many windows as have half as many pages as one may have, were its changes spread evenly.
    """

    def __init__(self, parts: int) -> None:
        super().__init__()
        self.parts = parts


@dataclass(frozen=True, slots=True)
class RawPage:
    """Answers that are kept together: what was listed on one page, and each thing on it that is new.

    Attributes:
        feed: Of which feed.
        lines: NDJSON, one answer per line.
        documents: Things in it.
        digests: Digest of (id, version) of each.
        at_s: Platform time of the last answer.
    """

    feed: Feed
    lines: bytes
    documents: int
    digests: tuple[str, ...]
    at_s: float


class PageSink(Protocol):
    """Where pages are kept."""

    def keep(self, page: RawPage, window: Window) -> None:
        """Keep a page for good: when this returns, a dead process loses nothing of it."""


@dataclass(slots=True)
class Extracted:
    """What a run did.

    Attributes:
        windows: Windows finished.
        pages: Pages listed.
        documents: Documents kept.
        known: Rows of lists whose version was there already.
        again: Windows that had to be read again.
        late: Windows of files that are still being made; they stay open.
        troubles: What kept files or listings from being read; the run went on without them, the next one tries again.
    """

    windows: int = 0
    pages: int = 0
    documents: int = 0
    known: int = 0
    again: int = 0
    late: int = 0
    troubles: list[EntrepotError] = field(default_factory=list)


@dataclass
class Extractor:
    """Reads the feeds of one shop.

    Attributes:
        caller: Makes calls.
        state: Windows, versions.
        sink: Keeps pages.
        done: What was done so far.
    """

    caller: Caller
    state: SyncState
    sink: PageSink
    done: Extracted = field(default_factory=Extracted)

    def plan(self, feed: Feed, kind: str, since_s: int, until_s: int | None = None) -> int:
        """Plan windows up to now less the platform's lag; earlier than the platform lists there are none."""
        # Windows end where the platform's clock stands: by ours, one could end before it has begun there.
        self.caller.learn_time()
        now_s = self.caller.platform_now_s()
        since = max(since_s, int(now_s) - feed.reach_s)
        # No later run overlaps a backfill, so it leaves the end to live runs.
        newest = int(now_s) - (feed.lag_s if kind == "live" else max(feed.lag_s, feed.overlap_s))
        until = min(until_s or newest, newest)
        return self.state.plan(self.caller.shop, feed.name, kind, since, until, longest_span_s(feed))

    def run(self, feed: Feed, kind: str) -> Iterator[Window]:
        """Read every open window of a feed that nobody else holds, oldest first; yields each one when it is done."""
        now_s = self.caller.clock.now_s
        window = self.state.claim(self.caller.shop, feed.name, kind, now_s())
        while window is not None:
            overlap = feed.overlap_s if kind == "live" else 0
            try:
                begin_s = overlap_start_s(window.start_s, window.end_s, overlap)
                self._read_span(feed, window, Span(begin_s, window.end_s))
            except _Busy as busy:
                length_s = window.end_s - window.start_s
                # No shorter than usual, but for what is between one usual length and two.
                self.state.split(window, -(-length_s // max(min(busy.parts, length_s // feed.span_s), 2)))
                window = self.state.claim(self.caller.shop, feed.name, kind, now_s())
                continue
            read, window = window, self.state.claim(self.caller.shop, feed.name, kind, now_s(), finished=window)
            self.done.windows += 1
            yield read

    def _read_span(self, feed: Feed, window: Window, span: Span) -> None:
        """Read a window, halved where the platform does not take it whole."""
        seconds, longest = span.end_s - span.start_s, feed.span_s_max
        if seconds > longest:
            # Even parts: platforms refuse a window of no length, and a second alone has none where ends are counted in.
            middle = span.start_s + -(-seconds // -(-seconds // longest))
            self._read_span(feed, window, Span(span.start_s, middle))
            self._read_span(feed, window, Span(middle, span.end_s))
            return
        try:
            complete = self._read_whole(feed, window, span)
        except CallRejected as error:
            code, _, finer = error.platform_code.partition(" ")
            rule = self.caller.live.api.rule_for(Failure(code, sub_code=finer))
            if rule is None or rule.retry is not Retry.SPLIT:
                raise
            complete = False
        if not complete:
            middle = (span.start_s + span.end_s) // 2
            if middle - span.start_s < _SPAN_MIN_S:
                raise WindowUnstable(self.caller.shop, feed.name, 0, feed.listing.rows_max or 0)
            self._read_span(feed, window, Span(span.start_s, middle))
            self._read_span(feed, window, Span(middle, span.end_s))

    def _read_whole(self, feed: Feed, window: Window, span: Span) -> bool:
        """Read a window until it gave at least what it lists; False when shorter windows have to be asked for."""
        if feed.listing.direction is Direction.CURSOR:
            self._read_cursor(feed, window, span)
            return True
        before, stated = set[str](), 0
        for attempt in range(READS_MAX):
            self.done.again += 1 if attempt else 0
            first = feed.listing.first_page
            found, is_doubled = set[str](), False
            stated = begun = self._read_page(feed, window, span, first, found, with_total=True).total or 0
            if feed.listing.rows_max is not None and stated > feed.listing.rows_max:
                return False
            is_long = window.end_s - window.start_s > feed.span_s
            if is_long and stated > PAGES_MAX * feed.listing.page_rows_max:
                raise _Busy(-(-2 * stated // (PAGES_MAX * feed.listing.page_rows_max)))
            last = first + max(-(-stated // feed.listing.page_rows_max), 1) - 1
            behind, is_torn = dict[int, set[str]](), False
            for number in range(last, first - 1 if last > first else first, -1):
                # The first page again: rows only move to earlier pages while pages are read from the last one on; what
                # came in since then shows in the total.
                shown: set[str] = set()
                page = self._read_page(feed, window, span, number, shown, with_total=number == first)
                stated = (page.total or 0) if number == first else stated
                twice = [other for other, rows in behind.items() if not rows.isdisjoint(shown)]
                is_doubled = is_doubled or bool(twice)
                # Where it happens to one place in two readings, neither names what it hides: such pages are read again
                # at once. One that is no better then spoils this reading; the rest of it needs no more care.
                while twice and not is_torn:
                    other = twice.pop()
                    behind[other] = set()
                    self._read_page(feed, window, span, other, behind[other], with_total=False)
                    found |= behind[other]
                    is_torn = not behind[other].isdisjoint(shown)
                behind[number] = shown
                found |= shown
            # A page that shows rows of another one hides as many; rows that left the window meanwhile make up for them
            # in number. So a reading is believed where nothing moved, or when it names nothing that is new.
            is_still = stated == begun and not is_doubled and len(found) >= stated
            is_settled = is_still or (attempt > 0 and found <= before)
            before |= found
            if len(before) >= stated and not is_torn and (is_settled or attempt == READS_MAX - 1):
                return True
        if len(before) >= stated:
            # As many as are listed, and still pages that show each other's rows: shorter windows have fewer pages.
            return False
        raise WindowUnstable(self.caller.shop, feed.name, len(before), stated)

    def _read_cursor(self, feed: Feed, window: Window, span: Span) -> None:
        cursor, found = "", set[str]()
        seen: set[str] = set()
        while True:
            page = self._read_page(feed, window, span, cursor, found, with_total=False)
            if not page.next_cursor or page.next_cursor in seen:
                return
            seen.add(page.next_cursor)
            cursor = page.next_cursor

    def _read_page(
        self, feed: Feed, window: Window, span: Span, number: int | str, found: set[str], *, with_total: bool
    ) -> Page:
        caller = self.caller
        call = caller.live.client.list_call(feed, span, number, with_total=with_total)
        answer = caller.answer(call)
        page = caller.live.client.page_in(feed, answer.read)
        found.update(each.id for each in page.rows)
        self.done.pages += 1
        # Where a list names no versions, whatever it names counts as new once in each window that shows it.
        digests = {version_digest(each, window): each for each in page.rows}
        wanted = self.state.unknown(caller.shop, feed.name, digests.keys())
        self.done.known += len(digests) - len(wanted)
        new = {digest: each for digest, each in digests.items() if digest in wanted}
        if new:
            self.sink.keep(self._page_of(feed, span, call, answer, new), window)
            self.done.documents += len(new)
        return page

    def _page_of(self, feed: Feed, span: Span, call: Call, answer: Answer, new: Mapping[str, Listed]) -> RawPage:
        window = [span.start_s, span.end_s]
        lines, at_s = [answer_line(call, answer, window=window)], answer.at_s
        if feed.detail is not None:
            details = [self.caller.live.client.detail_call(feed, listed) for listed in new.values()]
            said = self.caller.answers(details)
            lines += [answer_line(asked, found, window=window) for asked, found in zip(details, said, strict=True)]
            at_s = max(found.at_s for found in said)
        documents = len(new) if feed.detail is not None else len(documents_in(feed, answer.read))
        return RawPage(feed, b"".join(lines), documents, tuple(new), at_s)


def longest_span_s(feed: Feed) -> int:
    """Seconds of the longest window that is one call together with its overlap.

    A list with a cursor states no total, so nobody sees in advance how much a window holds: it keeps the usual length.
    """
    if feed.listing.direction is Direction.CURSOR:
        return feed.span_s
    reached_s = feed.overlap_s + AGAIN_S if feed.overlap_s else 0
    return max(feed.span_s, feed.span_s_max - reached_s)


def documents_in(feed: Feed, answer: object) -> list[object]:
    """The documents of an answer to the method that holds them."""
    for path in feed.document_paths:
        value = answer
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            return value if isinstance(value, list) else [value]
    return []


def version_digest(listed: Listed, window: Window) -> str:
    """Digest of a thing and its version, or the window where it has none; the id is kept nowhere but in the raw log."""
    version = listed.version or f"window {window.start_s} {window.end_s}"
    return hashlib.sha256(f"{listed.id}\0{version}".encode()).hexdigest()[:40]


def answer_line(call: Call, answer: Answer, **where: object) -> bytes:
    """One line of a raw page.

    Args:
        call: What was asked.
        answer: What came.
        where: Whereabouts of the call in its run: its window, or the number of its refresh.
    """
    head = msgspec.json.encode(
        {
            "method": call.method.name,
            "page": call.page,
            **where,
            "at": datetime.fromtimestamp(answer.at_s, UTC).isoformat(timespec="seconds"),
            "params": dict(call.params),
        }
    )
    return head[:-1] + b',"answer":' + answer.text + b"}\n"
