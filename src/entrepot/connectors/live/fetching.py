"""The loop that fetches the files of every platform that hands out bills.

    plan        days whose file is promised by now, or windows of the list
    claim       one window, by one worker
    ask         whether there is a file, and where
    fetch       it, to the disk; what is damaged or gone is asked for again, with a new link
    keep        the file as it came and what names it, in one transaction
    finish      only now does the watermark move

A day whose file is still being made keeps its window open and the watermark before it; later days are read meanwhile.
A worker that dies leaves its window open; a file that was kept is not fetched again.
"""

from __future__ import annotations

import gzip
import hashlib
import tempfile
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import httpx

from entrepot.connectors.live.bills import DAY_S, Bill, BillClient, Made, Ordering, Packing
from entrepot.connectors.live.contract import Failure, Retry, Span
from entrepot.connectors.live.errors import BillDamaged, BillGone, BillUnread, CallRejected
from entrepot.connectors.live.extract import Extracted
from entrepot.connectors.reading.sources import ARCHIVE_FAILURES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.connectors.live.bills import BillFeed, Link
    from entrepot.connectors.live.calling import Caller
    from entrepot.store import SyncState, Window

FETCHES_MAX = 6
"""So often one file is fetched in one run, each time with a new link."""
UNPACKED_BYTES_MAX = 16 << 30
"""A file that grows beyond it is taken for damaged."""
WAITS_S = (2.0, 5.0, 10.0, 20.0, 30.0)
"""Pauses between looks for a file that was ordered; what takes longer is ordered again later."""
LATE_PAUSE_S = 900.0
"""So long nobody asks again for a file that is still being made."""
LISTED_EVERY_S = 3_600
"""Lists are asked for once an hour at most: what they list is made once a day or more seldom."""

_PAUSE_S = 0.5
_EDGE_S = 60
_CHUNK = 1 << 20
_OK = 200


class BillSink(Protocol):
    """Where files are kept."""

    def keep(self, feed: BillFeed, bill: Bill, fetched: Path, digest: str, window: Window) -> bool:
        """Keep a file for good: when this returns, a dead process loses nothing of it.

        Args:
            feed: Of which feed.
            bill: Which one.
            fetched: The file, unpacked where it was packed alone; an archive stays one.
            digest: What names it among those that were kept.
            window: Where it was read.
        Returns:
            False where its content was there before.
        Raises:
            BillUnread: It is of no format that is known; nothing is kept.
        """


@dataclass
class BillFetcher:
    """Fetches the files of one shop.

    Attributes:
        caller: Makes calls.
        state: Windows, and which files were kept.
        sink: Keeps files.
        scratch: Folder for downloads, on the cell's disk.
        done: What was done so far.
    """

    caller: Caller
    state: SyncState
    sink: BillSink
    scratch: Path
    done: Extracted = field(default_factory=Extracted)

    @property
    def client(self) -> BillClient:
        """The connector's client."""
        client = self.caller.live.client
        assert isinstance(client, BillClient), "a connector with feeds of files has a client that fetches them"
        return client

    def plan(self, feed: BillFeed, kind: str, since_s: int, until_s: int | None = None) -> int:
        """Plan whole days whose file is promised by now, or windows of the list up to now less its lag."""
        self.caller.learn_time()
        now_s = int(self.caller.platform_now_s())
        since = max(since_s, now_s - feed.reach_s)
        until = min(until_s or now_s, now_s - feed.lag_s)
        if feed.made is Made.DAYS:
            # A day that has begun before the first instant asked for is asked for whole, if it is kept whole.
            since = feed.day_start_s(since)
            if since < now_s - feed.reach_s:
                since += DAY_S
            until = min(feed.day_start_s(until), feed.day_start_s(now_s - feed.ready_s))
        else:
            until -= until % LISTED_EVERY_S
        return self.state.plan(self.caller.shop, feed.name, kind, since, until, feed.span_s)

    def look(self, feed: BillFeed) -> int:
        """How many files the platform has of the newest day or window; nothing is fetched."""
        self.caller.learn_time()
        end_s = int(self.caller.platform_now_s())
        if feed.made is Made.LISTS:
            call = self.client.bills_call(feed, Span(end_s - feed.lag_s - feed.span_s, end_s - feed.lag_s), "")
            return len(self.client.bills_in(self.caller.answer(call).read).bills)
        day_s = feed.day_start_s(end_s - feed.ready_s) - DAY_S
        try:
            bill = self._ordered(feed, day_of(feed, day_s))
            if not feed.is_ordered:
                self.caller.answer(self.client.link_call(feed, bill))
        except CallRejected as error:
            if self._said_by(error) not in (Retry.LATE, Retry.NONE):
                raise
            return 0
        return 1

    def run(self, feed: BillFeed, kind: str) -> Iterator[Window]:
        """Read every open window of a feed that nobody else holds, oldest first; yields each one after it was read."""
        now_s, tried = self.caller.clock.now_s, set[int]()
        window = self.state.claim(self.caller.shop, feed.name, kind, now_s())
        while window is not None and window.start_s not in tried:
            tried.add(window.start_s)
            is_done = self._read(feed, kind, window)
            self.done.windows += is_done
            # A window that stays open stays ours until this run ends: others come first.
            finished = window if is_done else None
            read, window = window, self.state.claim(self.caller.shop, feed.name, kind, now_s(), finished=finished)
            yield read

    def _read(self, feed: BillFeed, kind: str, window: Window) -> bool:
        """Whether a window has given all its files."""
        gate = f"{self.caller.shop}|{feed.name}|{window.start_s}"
        closed_until_s, _, _ = self.state.gates(gate).get(gate, (0.0, 0, ""))
        if closed_until_s > self.caller.platform_now_s():
            self.done.late += 1
            return False
        kept_s = int(self.caller.platform_now_s()) - feed.reach_s
        try:
            if feed.made is Made.LISTS:
                # Earlier than files are kept a list is refused.
                start_s = max(window.start_s - (feed.overlap_s if kind == "live" else 0), kept_s + _EDGE_S)
                if start_s < window.end_s:
                    self._take_list(feed, window, Span(start_s, window.end_s))
            elif window.end_s <= kept_s:
                days, day = feed.reach_s // DAY_S, day_of(feed, window.start_s).label
                self.done.troubles.append(BillGone(self.caller.shop, feed.name, day, days))
            else:
                self._take(feed, day_of(feed, window.start_s), window)
        except CallRejected as error:
            said = self._said_by(error)
            if said not in (Retry.LATE, Retry.NONE):
                raise
            # Some platforms say of a file that is late that there is none: they are believed a day later.
            is_certain = self.caller.platform_now_s() >= window.end_s + feed.certain_s
            if said is Retry.NONE and is_certain:
                return True
            self.done.late += 1
            self.state.close_gate(gate, self.caller.platform_now_s() + LATE_PAUSE_S, "the file is not there yet")
            return False
        except (BillDamaged, BillUnread) as error:
            self.done.troubles.append(error)
            return False
        return True

    def _said_by(self, error: CallRejected) -> Retry | None:
        """What the error table says of a refusal."""
        code, _, finer = error.platform_code.partition(" ")
        rule = self.caller.live.api.rule_for(Failure(code, sub_code=finer))
        return rule.retry if rule else None

    def _take_list(self, feed: BillFeed, window: Window, span: Span) -> None:
        cursor, seen = "", set[str]()
        while True:
            listed = self.client.bills_in(self.caller.answer(self.client.bills_call(feed, span, cursor)).read)
            for bill in listed.bills:
                self._take(feed, bill, window)
            cursor = listed.next_cursor
            if not cursor or cursor in seen:
                return
            seen.add(cursor)

    def _take(self, feed: BillFeed, bill: Bill, window: Window) -> None:
        digest = bill_digest(bill)
        if not self.state.unknown(self.caller.shop, feed.name, (digest,)):
            self.done.known += 1
            return
        self.scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            is_new = self.sink.keep(feed, bill, self._fetched(feed, bill, folder), digest, window)
        self.done.pages += 1
        self.done.documents += is_new
        self.done.known += not is_new

    def _fetched(self, feed: BillFeed, bill: Bill, folder: str) -> Path:
        """A file, whole and unpacked."""
        place, problem, ordered = self.scratch / folder, "", None
        for attempt in range(FETCHES_MAX):
            if attempt:
                self.caller.clock.sleep(_PAUSE_S * 2**attempt)
            try:
                ordered = ordered or self._ordered(feed, bill)
                link = self._link(feed, ordered)
            except CallRejected as error:
                if self._said_by(error) is not Retry.ANEW:
                    raise
                problem, ordered = error.platform_code, None
                continue
            try:
                reply = self.caller.save(self.client.download_call(feed, link), place / "packed")
            except httpx.TransportError as error:
                problem = type(error).__name__
                continue
            if reply.status != _OK:
                problem = f"HTTP {reply.status}"
                continue
            suffix = ".zip" if link.packing is Packing.ZIP else feed.suffix
            problem = unpack(place / "packed", link, place / f"{bill.label}{suffix}")
            if not problem:
                return place / f"{bill.label}{suffix}"
        raise BillDamaged(self.caller.shop, feed.name, bill.label, problem, FETCHES_MAX)

    def _ordered(self, feed: BillFeed, bill: Bill) -> Bill:
        """A file as its link is asked for; ordered first where the platform wants that."""
        if not feed.is_ordered:
            return bill
        client = self.client
        assert isinstance(client, Ordering), f"{feed.name}: files are ordered by its client"
        return Bill(client.ordered_in(self.caller.answer(client.order_call(feed, bill)).read), bill.label)

    def _link(self, feed: BillFeed, bill: Bill) -> Link:
        """Where a file is; what was ordered a moment ago is waited for."""
        waits = list(WAITS_S) if feed.is_ordered else []
        while True:
            try:
                return self.client.link_in(self.caller.answer(self.client.link_call(feed, bill)).read)
            except CallRejected as error:
                if not waits or self._said_by(error) is not Retry.LATE:
                    raise
            self.caller.clock.sleep(waits.pop(0))


def day_of(feed: BillFeed, start_s: int) -> Bill:
    """The file of the day that begins at an instant."""
    day = (datetime.fromtimestamp(start_s, UTC) + timedelta(hours=feed.zone_offset_hours)).date().isoformat()
    return Bill(day, day)


def bill_digest(bill: Bill) -> str:
    """What names a file among those that were kept."""
    return hashlib.sha256(f"bill\0{bill.id}".encode()).hexdigest()[:40]


def unpack(packed: Path, link: Link, target: Path) -> str:
    """Unpack a download and check it against what the platform states of it.

    Args:
        packed: As it came.
        link: What the platform stated.
        target: File to write; an archive of several files is moved there as it is.
    Returns:
        What is wrong with it; empty where nothing is.
    """
    if not packed.stat().st_size:
        return "nothing in it"
    if link.size is not None and packed.stat().st_size != link.size:
        return f"{packed.stat().st_size} bytes of {link.size}"
    try:
        if link.packing is Packing.GZIP:
            _gunzip(packed, target)
        else:
            packed.replace(target)
        if link.packing is Packing.ZIP:
            with zipfile.ZipFile(target) as archive:
                # No member gives more than it states.
                if sum(each.file_size for each in archive.infolist()) > UNPACKED_BYTES_MAX:
                    return f"more than {UNPACKED_BYTES_MAX} bytes"
                if archive.testzip() is not None:
                    return "a damaged archive"
    except ARCHIVE_FAILURES as error:
        return f"a damaged archive ({type(error).__name__})"
    return _another_digest(link, target) if link.digest_name else ""


def _another_digest(link: Link, plain: Path) -> str:
    if link.digest_name not in hashlib.algorithms_available:
        return f"a digest of an unknown kind ({link.digest_name[:20]})"
    with plain.open("rb") as source:
        is_same = hashlib.file_digest(source, link.digest_name).hexdigest() == link.digest.lower()
    return "" if is_same else "another digest than the platform states"


def _gunzip(packed: Path, target: Path) -> None:
    with gzip.open(packed) as source, target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            if out.tell() > UNPACKED_BYTES_MAX:
                raise EOFError
            out.write(chunk)
