"""Live sync: what a shop's platform changed since the watermark, into the raw log and from there into the tables.

    connect     secrets, rights, clock, first page                       connectors, store
    plan        windows of each feed                                     connectors, store
    extract     pages and files as sent; the watermark moves behind them connectors, store, flows.bills
    refresh     feeds that tell everything there is; see `refreshing`    connectors, store
    publish     the same translate, derive, publish as for files         flows.importing

Everything may stop at any moment. Pages that are kept but in no snapshot are published by whoever publishes next.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from entrepot.connectors.live.bills import BillFeed
from entrepot.connectors.live.calling import Caller, SystemClock, gates_of
from entrepot.connectors.live.contract import Credentials, Feed, Span
from entrepot.connectors.live.errors import ConnectionMissing, FeedUnknown, NotLive
from entrepot.connectors.live.extract import Extracted, Extractor
from entrepot.connectors.live.fetching import BillFetcher
from entrepot.connectors.live.hints import forget_passed
from entrepot.connectors.live.sending import HttpTransport
from entrepot.errors import EntrepotError
from entrepot.flows.bills import RawBills
from entrepot.flows.drift import DRIFT
from entrepot.flows.importing import LEASE, ImportReport, publish, tables_to_write
from entrepot.flows.raw_pages import RawPages
from entrepot.flows.refreshing import days_read, first_page_calls, read_days, refresh
from entrepot.store import CredentialStore, HintState, RefreshState, State, SyncState, superseded_pages
from entrepot.store.syncing import BACKFILL, LIVE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from entrepot.connectors.contract import Connector
    from entrepot.connectors.live.calling import Clock
    from entrepot.connectors.live.contract import Method
    from entrepot.connectors.live.messages import Messages
    from entrepot.connectors.live.sending import Transport
    from entrepot.flows.parts import CellParts
    from entrepot.store import ConnectionSettings, Window


@dataclass(slots=True)
class FeedStatus:
    """Where a feed of a shop stands.

    Attributes:
        watermark_s: Everything modified before it is in the raw log; None before the first window is done. Of a feed
            that tells everything: when the complete refresh began that counts; pages and documents are its own.
        lag_s: How far that is behind now.
        windows_open: Windows planned and not done, live and backfill.
        windows_done: Windows done.
        pages: Pages kept.
        documents: Documents kept.
        closed: Methods that wait: name to (seconds, reason).
        findings: Kinds and names of what was doubtful in pages.
        read_at_s: When the last window was done; None before the first is.
        calls_left: Calls that each method's limits grant at once now.
    """

    shop: str
    channel: str
    feed: str
    watermark_s: int | None = None
    lag_s: float | None = None
    windows_open: int = 0
    windows_done: int = 0
    pages: int = 0
    documents: int = 0
    closed: dict[str, tuple[float, str]] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    read_at_s: float | None = None
    calls_left: dict[str, int] = field(default_factory=dict)


class Shop:
    """One shop's connection, opened.

    Args:
        parts: The cell.
        state: Its open state.
        name: The shop.
        transport: How calls are sent; HTTP unless a test says otherwise.
        clock: Time and waiting.
        is_backfill: Whether live traffic goes first.
        has_token: Whether there have to be tokens already.
    Raises:
        ConnectionMissing: It is not set up, or a secret is missing.
        NotLive: Its platform cannot be synced.
    """

    def __init__(
        self,
        parts: CellParts,
        state: State,
        name: str,
        *,
        transport: Transport | None = None,
        clock: Clock | None = None,
        is_backfill: bool = False,
        has_token: bool = True,
    ) -> None:
        self._has_token = has_token
        self._parts, self.settings = parts, connection_of(parts, name)
        self.connector = live_connector(parts, self.settings.channel)
        assert self.connector.live is not None, "a live connector has an API"
        self._live = self.connector.live
        self._secrets = secrets_of(parts, self.settings)
        credentials = self.read_credentials()
        self.sync = SyncState(state)
        self.clock = clock or SystemClock()
        self._own = None if transport else HttpTransport()
        # Everything is known by the shop, whatever the connection was called on the way here.
        name = self.settings.shop
        self.caller = Caller(
            name,
            self._live,
            credentials,
            self.read_credentials,
            self.keep_credentials,
            self.sync,
            transport or self._own or HttpTransport(),
            self.settings.gateway or self._live.api.gateway,
            self.clock,
            self.settings.calls_per_s,
            is_backfill,
            # A transport that somebody else brings says nothing of whether it takes calls from several threads.
            1 if transport else self.settings.calls_at_once,
        )
        self.pages = RawPages(parts, self.sync, self.connector, name, self.clock)
        self.extractor = Extractor(self.caller, self.sync, self.pages)
        kept = RawBills(parts, state, self.sync, name, self.clock)
        self.fetcher = BillFetcher(self.caller, self.sync, kept, parts.layout.temporary)

    @property
    def feeds(self) -> Sequence[Feed]:
        """What is pulled."""
        return self._live.feeds

    @property
    def bill_feeds(self) -> Sequence[BillFeed]:
        """Files that are fetched, unless the connection says that they are not."""
        return self._live.bill_feeds if self.settings.bills else ()

    @property
    def every_feed(self) -> Sequence[Feed | BillFeed]:
        """Both; files behind everything else, for more apps lack the right to them."""
        return (*self.feeds, *self.bill_feeds)

    def read(
        self, feed: Feed | BillFeed, kind: str, since_s: int, until_s: int | None, done: Extracted
    ) -> Iterator[Window]:
        """Plan the windows of a feed and read them; yields each one after it was read."""
        if isinstance(feed, BillFeed):
            self.fetcher.done = done
            self.fetcher.plan(feed, kind, since_s, until_s)
            yield from self.fetcher.run(feed, kind)
        else:
            self.extractor.done = done
            self.extractor.plan(feed, kind, since_s, until_s)
            yield from self.extractor.run(feed, kind)

    def close(self) -> None:
        """Let go of windows, threads and connections."""
        self.sync.close()
        self.caller.close()
        if self._own is not None:
            self._own.close()

    def read_credentials(self) -> Credentials:
        """Credentials as they are kept now."""
        found = self._secrets.read(secret_names(self._parts, self.settings))
        wanted = [name for name in self._live.api.secrets if self._has_token or name != "access_token"]
        missing = tuple(name for name in wanted if name not in found)
        if missing:
            raise ConnectionMissing(self.settings.shop, missing)
        ends = found.pop("expires_at_s", "")
        return Credentials(found, float(ends) if ends else None)

    def keep_credentials(self, credentials: Credentials) -> None:
        """Keep a refreshed token."""
        values = dict(credentials.values)
        if credentials.expires_at_s is not None:
            values["expires_at_s"] = f"{credentials.expires_at_s:.0f}"
        self._secrets.write(values)


def connection_names(parts: CellParts) -> tuple[str, ...]:
    """Every connection, as `connection_of` takes them.

    Raises:
        ConnectionMissing: There is none.
    """
    names = tuple(f"{each.shop}:{each.channel}" for each in parts.settings.connections)
    if not names:
        raise ConnectionMissing("any shop", ())
    return names


def connection_of(parts: CellParts, name: str) -> ConnectionSettings:
    """The connection of a shop, of the only shop of a platform, or `shop:platform` where a shop has several.

    The shop's name alone means its own platform; who serves it is called by the platform or by both.
    """
    every = parts.settings.connections
    channels = {each.shop: each.channel for each in parts.settings.shops}
    ways = (
        [each for each in every if f"{each.shop}:{each.channel}" == name],
        [each for each in every if each.shop == name and each.channel == channels.get(name)],
        [each for each in every if each.shop == name],
        [each for each in every if each.channel == name],
    )
    found = next((way for way in ways if way), [])
    if len(found) != 1:
        raise ConnectionMissing(name, ())
    return found[0]


def secrets_of(parts: CellParts, settings: ConnectionSettings) -> CredentialStore:
    """Where the secrets of a connection are: those of who serves a shop lie apart from the shop's own."""
    serves = bool(live_connector(parts, settings.channel).spec.serves)
    name = f"{settings.shop}:{settings.channel}" if serves else settings.shop
    return CredentialStore(parts.layout, name, settings.credentials, settings.env_prefix)


def secret_names(parts: CellParts, settings: ConnectionSettings) -> tuple[str, ...]:
    """Names of the secrets that a connection of that platform may have."""
    live = live_connector(parts, settings.channel).live
    assert live is not None, "a live connector has an API"
    return (*live.api.secrets, *live.api.kept_secrets, "refresh_token", "expires_at_s")


def live_connector(parts: CellParts, channel: str) -> Connector:
    """The connector of a platform that can be synced."""
    live = {each.spec.name: each for each in parts.connectors if each.live is not None}
    if channel not in live:
        raise NotLive(channel, tuple(live))
    return live[channel]


def has_messages(parts: CellParts, each: ConnectionSettings) -> bool:
    """Whether a connection takes push messages: its settings say so, and its platform has some."""
    live = live_connector(parts, each.channel).live
    return each.messages and live is not None and live.messages is not None


def messages_of(parts: CellParts, each: ConnectionSettings) -> Messages:
    """Facts about the messages of a connection that has some."""
    live = live_connector(parts, each.channel).live
    assert live is not None, "a live connector has an API"
    assert live.messages is not None, "a connection that takes messages is of a platform that has some"
    return live.messages


def sellers(parts: CellParts, channel: str) -> Mapping[str, str]:
    """The numbers of a platform's sellers, to shops, as far as connections state them."""
    every = parts.settings.connections
    return {each.seller: each.shop for each in every if each.channel == channel and each.messages and each.seller}


def connect(parts: CellParts, shop: str, *, transport: Transport | None = None) -> dict[str, object]:
    """Check a connection: secrets, clock, rights and the first page of every feed. Nothing is kept.

    Returns:
        Seconds by which the clocks differ, and per feed how many rows its last window lists, or its first list.
    """
    with contextlib.closing(State(parts.layout)) as state:
        opened = Shop(parts, state, shop, transport=transport)
        with contextlib.closing(opened):
            listed: dict[str, int | None] = {}
            for feed in opened.feeds:
                opened.caller.learn_time()
                if feed.span_s == 0:
                    caller, live = opened.caller, opened.caller.live
                    calls = first_page_calls(live, feed, caller.credentials, caller.platform_now_s())
                    firsts = [live.client.page_in(feed, caller.answer(call).read) for call in calls]
                    listed[feed.name] = sum(len(each.rows) if each.total is None else each.total for each in firsts)
                    continue
                end = int(opened.caller.platform_now_s()) - feed.lag_s
                first = "" if feed.listing.direction == "cursor" else feed.listing.first_page
                span = Span(end - feed.span_s, end)
                call = opened.caller.live.client.list_call(feed, span, first, with_total=True)
                page = opened.caller.live.client.page_in(feed, opened.caller.answer(call).read)
                listed[feed.name] = page.total if page.total is not None else len(page.rows)
            listed |= {feed.name: opened.fetcher.look(feed) for feed in opened.bill_feeds}
            return {"shop": opened.settings.shop, "clock_skew_s": round(opened.caller.skew_s, 1), "listed": listed}


def extract(
    parts: CellParts,
    shop: str,
    since_s: int,
    *,
    kind: str = LIVE,
    until_s: int | None = None,
    transport: Transport | None = None,
    clock: Clock | None = None,
    tell: Callable[[str, int, int], None] | None = None,
    only: Collection[str] = (),
    refresh_now: bool = False,
) -> dict[str, Extracted]:
    """Read what changed into the raw log; publishes nothing.

    Args:
        parts: The cell.
        shop: Whose, as its connection calls it, or its platform where it has one connection.
        since_s: Where the first window begins, unix seconds; later runs go on where the last one planned.
        kind: `live` or `backfill`.
        until_s: Where a backfill ends.
        transport: How calls are sent.
        clock: Time and waiting.
        tell: Called with a feed's name, windows done, windows there are.
        only: Names of feeds, or what they give (`orders`, `refunds`, `listings`, `settlements` …); all where empty.
        refresh_now: Whether feeds that tell everything are read whenever they were read last.
    Raises:
        FeedUnknown: The platform has none of that name.
    """
    with contextlib.closing(State(parts.layout)) as state:
        opened = Shop(parts, state, shop, transport=transport, clock=clock, is_backfill=kind == BACKFILL)
        with contextlib.closing(opened):
            found: dict[str, Extracted] = {}
            for feed in _chosen(opened, only):
                # What is on offer is asked as it is now: of the past nobody can be asked.
                if isinstance(feed, Feed) and feed.refresh is not None and kind != LIVE:
                    continue
                done = found[feed.name] = Extracted()
                try:
                    if isinstance(feed, Feed) and feed.days is not None:
                        end_s = _end(kind, until_s)
                        days = (opened.caller, opened.pages, state, feed, done, since_s, end_s, tell)
                        read_days(*days, at_once=refresh_now)
                    elif isinstance(feed, Feed) and feed.refresh is not None:
                        found[feed.name] = refresh(opened.caller, opened.pages, state, feed, tell, at_once=refresh_now)
                    else:
                        _read_windows(opened, feed, kind, (since_s, until_s), done, tell)
                except EntrepotError as error:
                    # Listings, reports and files that an app may not have must not keep orders out of the tables.
                    if isinstance(feed, Feed) and feed.span_s > 0:
                        raise
                    found[feed.name].troubles.append(error)
            with contextlib.closing(HintState(state)) as hints:
                forget_passed(opened.caller, opened.sync, hints, opened.feeds)
            return found


def _read_windows(
    opened: Shop,
    feed: Feed | BillFeed,
    kind: str,
    between: tuple[int, int | None],
    done: Extracted,
    tell: Callable[[str, int, int], None] | None,
) -> None:
    """Read every open window of a feed, and say after each how far it is."""
    for _ in opened.read(feed, kind, *between, done):
        if tell is not None:
            windows = opened.sync.windows(opened.settings.shop, feed.name, kind)
            tell(feed.name, sum(each.done_at_s is not None for each in windows), len(windows))


def _end(kind: str, until_s: int | None) -> int | None:
    """Where a backfill ends; None for a live run."""
    return (until_s or 2**62) if kind == BACKFILL else None


def _chosen(opened: Shop, only: Collection[str]) -> list[Feed | BillFeed]:
    """The feeds that are asked for."""
    known = {word for feed in opened.every_feed for word in (feed.what, feed.name)}
    for word in only:
        if word not in known:
            raise FeedUnknown(word, tuple(sorted({feed.what for feed in opened.every_feed})))
    return [feed for feed in opened.every_feed if not only or {feed.what, feed.name} & set(only)]


def publish_pending(parts: CellParts, progress: Callable[[str, int, int], None] | None = None) -> ImportReport | None:
    """Publish pages that are in no snapshot yet; None where there are none.

    Raises:
        CellBusy: Somebody else publishes; the pages wait for the next time.
    """
    tell = progress or (lambda _step, _done, _all: None)
    with contextlib.closing(State(parts.layout)) as state, state.lease(LEASE):
        if all(file.snapshot_id is not None for file in state.files()):
            return None
        report = ImportReport()
        publish(parts, state, tables_to_write(parts, state), report, tell)
    return report


def status(parts: CellParts, now_s: float) -> list[FeedStatus]:
    """Where every feed of every connection stands."""
    found = []
    with contextlib.closing(State(parts.layout)) as state:
        sync, refreshes = SyncState(state), RefreshState(state)
        with contextlib.closing(sync), contextlib.closing(refreshes):
            notes = _notes(state)
            for each in parts.settings.connections:
                live = live_connector(parts, each.channel).live
                assert live is not None, "a live connector has an API"
                for feed in live.every_feed if each.bills else live.feeds:
                    found.append(_status_of(sync, each, feed, notes, now_s))
                    if isinstance(feed, Feed) and feed.refresh is not None:
                        _tell_refresh(found[-1], refreshes, now_s)
                    elif isinstance(feed, Feed) and feed.days is not None:
                        _tell_days(found[-1], days_read(refreshes, each.shop, feed), now_s)
    return found


def _status_of(
    sync: SyncState,
    each: ConnectionSettings,
    feed: Feed | BillFeed,
    notes: Mapping[tuple[str, str], list[str]],
    now_s: float,
) -> FeedStatus:
    windows = [*sync.windows(each.shop, feed.name, LIVE), *sync.windows(each.shop, feed.name, BACKFILL)]
    watermark = sync.watermark(each.shop, feed.name)
    gates = sync.gates(f"{each.shop}|")
    # Of files it is their formats that are told of, however they came.
    kinds = feed.formats if isinstance(feed, BillFeed) else (feed.name,)
    # A file that is waited for stands under the name of its feed.
    methods = {*(method.name for method in feed.methods), feed.name, "*"}
    closed = {
        name.split("|")[1]: (round(until - now_s, 1), reason)
        for name, (until, _, reason) in gates.items()
        if until > now_s and name.split("|")[1] in methods
    }
    return FeedStatus(
        each.shop,
        each.channel,
        feed.name,
        watermark,
        None if watermark is None else max(now_s - watermark, 0.0),
        sum(window.done_at_s is None for window in windows),
        sum(window.done_at_s is not None for window in windows),
        sum(window.pages for window in windows),
        sum(window.documents for window in windows),
        closed,
        sorted({name for kind in kinds for name in notes.get((each.shop, kind), [])}),
        max((window.done_at_s for window in windows if window.done_at_s is not None), default=None),
        {method.name: _calls_left(sync, each, method, now_s) for method in feed.methods},
    )


def _calls_left(sync: SyncState, each: ConnectionSettings, method: Method, now_s: float) -> int:
    """Calls that every limit of a method grants at once."""
    left = []
    for name, limit in gates_of(each.shop, method, each.calls_per_s):
        left.append(int(limit.calls - sync.ahead_s(name, now_s) * limit.calls / limit.per_s))
    return max(min(left), 0)


def _tell_refresh(told: FeedStatus, refreshes: RefreshState, now_s: float) -> None:
    newest = refreshes.newest(told.shop, told.feed)
    if newest is not None:
        told.watermark_s, told.lag_s = newest.begun_s, max(now_s - newest.begun_s, 0.0)
        told.pages, told.documents, told.read_at_s = newest.pages, newest.documents, newest.done_at_s


def _tell_days(told: FeedStatus, read: Mapping[str, int], now_s: float) -> None:
    """Of reports of days the watermark is the end of the newest day that was read."""
    if read:
        told.windows_done, told.watermark_s = len(read), max(read.values())
        told.lag_s = max(now_s - told.watermark_s, 0.0)


def _notes(state: State) -> dict[tuple[str, str], list[str]]:
    """Shop and format to kinds and names of what was doubtful, totals that agree and drift left out."""
    found: dict[tuple[str, str], set[str]] = {}
    gone = superseded_pages(state)
    for file in state.files():
        if file.raw_id not in gone and file.notes not in ("[]", "{}"):
            names = {
                f"{note['kind']} {note['name']}"
                for note in json.loads(file.notes)
                if note["kind"] not in DRIFT and (note["kind"] != "control_total" or note["stated"] != note["found"])
            }
            found.setdefault((file.shop, file.format), set()).update(names)
    return {key: sorted(names) for key, names in found.items()}
