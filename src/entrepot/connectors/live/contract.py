"""Facts about a marketplace's API, and what a client of it promises. Data here; the loop that uses it is `extract`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from entrepot.connectors.contract import WireColumn
from entrepot.connectors.live.wire import WireField
from entrepot.model import ResidencyClass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.connectors.live.bills import BillFeed
    from entrepot.connectors.live.messages import Messages
    from entrepot.connectors.live.wire import Document


class Retry(StrEnum):
    """What to do after a call that failed."""

    AGAIN = "again"  # the platform's own trouble: the same call again, after a pause
    WAIT = "wait"  # too many calls: wait as long as it says, then the same call
    TOKEN = "token"  # noqa: S105 the access token has expired: refresh it, then the same call
    CLOCK = "clock"  # our clock and theirs differ: take theirs, then the same call
    SPLIT = "split"  # too many rows for one window: halve it
    GONE = "gone"  # what was asked for by its id is not there any more
    NEVER = "never"  # the same call will never succeed
    PERSON = "person"  # a right or a setting is missing: somebody has to act
    LATE = "late"  # a file that is asked for is still being made: another day
    NONE = "none"  # there is no such file, for nothing happened
    ANEW = "anew"  # what was ordered has gone or failed: order it again


class Direction(StrEnum):
    """In which order the pages of a window are safe to read while its orders change."""

    LAST_FIRST = "last_first"  # numbered pages: who is modified leaves the window, so rows only move to earlier pages
    CURSOR = "cursor"  # the platform keeps the place


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls in so many seconds.

    Attributes:
        calls: At most.
        per_s: In this time.
        over: `shop`: for one shop and method; `app`: for one shop over all methods.
        source: Where it was read; `assumed` where no source is known, and settings may say otherwise.
    """

    calls: int
    per_s: float
    over: str = "shop"
    source: str = "assumed"


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the API.

    Attributes:
        name: As the platform calls it.
        limits: Its rate limits.
        page_rows_max: Rows per page that are asked for.
        first_page: Number of the first page.
        rows_max: Rows that one window gives at most; more of them split the window.
        direction: How its pages are read.
        money: Unit of its amounts: `yuan`, `fen`, `decimal` (of the row's currency).
        source: Where this was read.
    """

    name: str
    limits: tuple[Limit, ...] = ()
    page_rows_max: int = 100
    first_page: int = 1
    rows_max: int | None = None
    direction: Direction = Direction.LAST_FIRST
    money: str = "yuan"
    source: str = ""


@dataclass(frozen=True, slots=True)
class ListPart:
    """One of the lists that together name everything there is, or one of the calls that together tell a day.

    Attributes:
        name: The platform's word for it, or ours.
        method: Method that lists it.
    """

    name: str
    method: Method


@dataclass(frozen=True, slots=True)
class FullRefresh:
    """How a feed is read whose every run tells everything there is, and replaces what the run before told.

    Attributes:
        parts: Lists that together name everything.
        every_s: So long after a complete run has begun the next one is due.
        order: What pages are ordered by, for the reference; `id` where a cursor goes by an id that never changes.
    """

    parts: tuple[ListPart, ...]
    every_s: int = 6 * 3600
    order: str = "id"


@dataclass(frozen=True, slots=True)
class DayReports:
    """How a feed of days is read: a report for each day, whose newest answer replaces the older ones.

    Attributes:
        ready_s: So long after a day's end its report is final, as the platform says, or as is assumed.
        again_days: So many days after a day's end its report is asked for again: what was attributed to it, and
            sometimes what it cost, changes so long.
        zone_offset_hours: Zone of its days.
    """

    ready_s: int
    again_days: tuple[int, ...] = (1, 2, 3, 7, 15, 30)
    zone_offset_hours: int = 8

    def looks(self, day_start_s: int, until_s: float) -> int:
        """How often a day is to have been asked for by an instant."""
        end_s = day_start_s + 86_400
        marks = (self.ready_s, *(days * 86_400 + self.ready_s for days in self.again_days))
        return sum(end_s + each <= until_s for each in marks)


@dataclass(frozen=True)
class Feed:
    """One kind of thing that is pulled: what changed in a window, all there is (`refresh`), or reports of `days`.

    Attributes:
        name: Relation that mapping SQL reads: `<connector>_live_<what>`.
        what: `orders`, `refunds`, `settlements`, `listings` or `ads`.
        channel: Platform of its rows.
        title: What people call it, by language.
        source: Where the facts were read.
        listing: Method that lists what was modified in a window.
        detail: Method that gives one thing by its id; None where the list gives all there is.
        documents: Where documents are in the answer that holds them: a path to one, or (`…[]`) to a list of them; where
            contracts disagree, several paths parted by `|`, of which an answer has one.
        shape: The documents.
        span_s_max: Longest window the platform takes; 0 where there are no windows.
        span_s: Window that is asked for.
        reach_s: How far back the platform lists.
        overlap_s: How late its list may be: so far live runs go back now and then; see `overlap_start_s`.
        lag_s: How long before now a window ends: what the platform demands, or its fields need to be filled. What its
            index shows later still is found by the overlap of later runs.
        rows_like: Feed whose row query types these documents as well; empty where it has one of its own.
        refresh: How everything is read that there is; None where what changed is read by windows.
        days: How reports of days are read; None for anything else.
    """

    name: str
    what: str
    channel: str
    title: Mapping[str, str]
    source: str
    listing: Method
    detail: Method | None
    documents: str
    shape: Document
    span_s_max: int = 0
    span_s: int = 0
    reach_s: int = 0
    overlap_s: int = 600
    lag_s: int = 2
    rows_like: str = ""
    refresh: FullRefresh | None = None
    days: DayReports | None = None

    def __post_init__(self) -> None:
        assert self.span_s <= self.span_s_max, f"{self.name}: a window is longer than the platform takes"
        ways = (self.span_s > 0, self.refresh is not None, self.days is not None)
        assert sum(ways) == 1, f"{self.name}: it has windows, tells everything, or tells days"
        assert self.days is None or self.detail is None, f"{self.name}: a report of a day holds its rows"
        if self.refresh is not None and self.detail is None:
            same = all(part.method.name == self.listing.name for part in self.refresh.parts)
            assert same, f"{self.name}: documents stand in the answers of one method"

    @cached_property
    def columns(self) -> tuple[WireColumn, ...]:
        """Columns of its relation as files have them; a list of rows is one column that never leaves the cell."""
        return tuple(
            WireColumn(each.name, each.residency, required=each.required, kind=each.kind, whose=each.whose)
            if isinstance(each, WireField)
            else WireColumn(each.name, ResidencyClass.LOCAL, required=each.required)
            for each in self.shape.fields
        )

    @property
    def parts(self) -> tuple[ListPart, ...]:
        """Lists that are read together: of everything there is, or of one day."""
        return self.refresh.parts if self.refresh is not None else (ListPart("day", self.listing),)

    @property
    def document_paths(self) -> tuple[tuple[str, ...], ...]:
        """Where documents may be, name by name."""
        return tuple(tuple(path.split(".")) for path in self.documents.removesuffix("[]").split("|"))

    @property
    def methods(self) -> tuple[Method, ...]:
        """Every method it calls."""
        return (self.listing,) if self.detail is None else (self.listing, self.detail)

    @property
    def stored_method(self) -> Method:
        """The method whose answers hold the documents."""
        return self.detail or self.listing


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """What an error of the platform means.

    Attributes:
        code: The platform's code.
        retry: What to do.
        sub_code: Beginning of the finer code; empty for any.
        meaning: What a person is told.
        ban_pattern: Regular expression over its text with a group `seconds`, where it says how long to wait.
        wait_s: How long to wait where it does not say.
    """

    code: str
    retry: Retry
    sub_code: str = ""
    meaning: str = ""
    ban_pattern: str = ""
    wait_s: float = 1.0


@dataclass(frozen=True)
class ApiSpec:
    """Facts about an API.

    Attributes:
        gateway: Address.
        sandbox_gateway: The platform's own sandbox, where it has one.
        zone_offset_hours: Zone of times in requests.
        clock_tolerance_s: How far a request's time may be off.
        token_life_s: Life of an access token; None where only the answer tells.
        renewal: How a token is renewed, and what goes wrong.
        token_margin_s: How long before its end a token is renewed; less where the platform gives a new one only late.
        early_renewal_tells_end: Whether who asks too early gets the same token and is told when it ends.
        terms: What the platform says about taking data out of its cloud or the country.
        feeds: What is pulled.
        errors: The error table, most special first.
        bill_feeds: Files that are fetched.
        secrets: Names of the credentials that a connection needs.
        kept_secrets: Names of those that it may have besides, or gets by itself.
        source: Where this was read.
    """

    gateway: str
    source: str
    zone_offset_hours: int
    clock_tolerance_s: int
    token_life_s: int | None
    renewal: str
    terms: str
    feeds: tuple[Feed, ...]
    errors: tuple[ErrorRule, ...]
    bill_feeds: tuple[BillFeed, ...] = ()
    token_margin_s: int = 600
    early_renewal_tells_end: bool = False
    secrets: tuple[str, ...] = ("app_key", "secret", "access_token")
    kept_secrets: tuple[str, ...] = ()
    sandbox_gateway: str = ""

    def rule_for(self, failure: Failure) -> ErrorRule | None:
        """The first rule that fits a failure."""
        for rule in self.errors:
            if rule.code in (failure.code, "*") and failure.sub_code.startswith(rule.sub_code):
                return rule
        return None


@dataclass(frozen=True, slots=True)
class Span:
    """A window as a client sees it, unix seconds, end left out."""

    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call before it is signed.

    Attributes:
        method: Which.
        params: Business parameters, no credentials.
        page: Number of the page, or a cursor, for the record.
    """

    method: Method
    params: Mapping[str, object]
    page: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A signed call, ready to be sent. It holds secrets: it is never stored and never printed.

    Attributes:
        verb: GET or POST.
        url: Address with its query.
        headers: Headers.
        body: Body.
    """

    verb: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __repr__(self) -> str:
        return "Request(…)"


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that the platform answered with."""

    code: str
    message: str = ""
    sub_code: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a list: what it is and in which version; empty where the list does not say."""

    id: str
    version: str


@dataclass(frozen=True, slots=True)
class Page:
    """What the loop has to know of an answer to a listing.

    Attributes:
        rows: Its rows.
        total: Rows in the whole window, where the answer says so.
        next_cursor: Where to go on; empty at the end.
    """

    rows: tuple[Listed, ...]
    total: int | None = None
    next_cursor: str = ""


@dataclass(slots=True)
class Credentials:
    """What a connection signs with. Printing it shows names only.

    Attributes:
        values: `app_key`, `secret`, `access_token`, `refresh_token` …
        expires_at_s: When the access token ends, unix seconds; None where nobody said.
    """

    values: dict[str, str]
    expires_at_s: float | None = None

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def __repr__(self) -> str:
        return f"Credentials({', '.join(sorted(self.values))})"


class Client(Protocol):
    """What `client.py` of a connector promises. No network, no clock: it makes requests and reads answers."""

    def sign(self, call: Call, credentials: Credentials, gateway: str, now_s: float) -> Request:
        """A call as it is sent, signed to the byte."""

    def list_call(self, feed: Feed, span: Span, page: int | str, *, with_total: bool) -> Call:
        """Ask for one page of a window."""

    def detail_call(self, feed: Feed, listed: Listed) -> Call:
        """Ask for one thing by its id."""

    def failure_in(self, answer: Mapping[str, object], status: int) -> Failure | None:
        """The error that an answer is, if it is one."""

    def page_in(self, feed: Feed, answer: Mapping[str, object]) -> Page:
        """What an answer to a listing says."""

    def refresh_call(self, credentials: Credentials) -> Call | None:
        """Ask for a new access token; None where the platform has no such call."""

    def refreshed(self, answer: Mapping[str, object], credentials: Credentials, now_s: float) -> Credentials:
        """Credentials with the new token."""


@runtime_checkable
class PartLister(Protocol):
    """A client whose platform lists everything there is of some kind."""

    def part_call(self, feed: Feed, part: ListPart, page: int | str) -> Call:
        """Ask for one page of a list, with its total where pages are numbered."""


@runtime_checkable
class DayReporter(Protocol):
    """A client whose platform reports of days."""

    def day_call(self, feed: Feed, day: str, page: int | str) -> Call:
        """Ask for one page of the report of a day (`YYYY-MM-DD`), with its total where pages are numbered."""


@runtime_checkable
class DayParts(Protocol):
    """A client whose platform tells a day in several answers, say one for each account; all of them are the report."""

    def day_parts(self, feed: Feed, credentials: Credentials) -> tuple[ListPart, ...]:
        """What is asked for each day."""

    def day_part_call(self, feed: Feed, part: ListPart, day: str) -> Call:
        """Ask for one part of the report of a day (`YYYY-MM-DD`)."""


@runtime_checkable
class Exchanging(Protocol):
    """A client whose platform wants a second token for some calls, bought with the first."""

    def exchange_call(self, credentials: Credentials) -> Call | None:
        """Ask for it."""

    def exchanged(self, answer: Mapping[str, object], credentials: Credentials, now_s: float) -> Credentials:
        """Credentials with both; the answer is empty where the platform gives none."""


@runtime_checkable
class Authorising(Protocol):
    """A client whose platform gives the first token for a code that the owner of a shop gets in a browser."""

    def consent_url(self, credentials: Credentials, redirect_uri: str, state: str) -> str:
        """Where the owner says yes; the browser goes on to `redirect_uri` with code and `state` in its query."""

    def code_call(self, credentials: Credentials, code: str) -> Call:
        """Ask for the first token; its answer is read as that to a refresh is."""


@dataclass(frozen=True)
class LiveConnector:
    """What a connector adds for live sync: its facts, its client, and its push messages where it has some."""

    api: ApiSpec
    client: Client
    messages: Messages | None = None

    @property
    def feeds(self) -> Sequence[Feed]:
        """What is pulled."""
        return self.api.feeds

    @property
    def read_feeds(self) -> Sequence[Feed]:
        """Feeds whose documents are only ever read by id, for a message named them."""
        return tuple(self.messages.by_id.values()) if self.messages else ()

    @property
    def bill_feeds(self) -> Sequence[BillFeed]:
        """Files that are fetched."""
        return self.api.bill_feeds

    @property
    def every_feed(self) -> tuple[Feed | BillFeed, ...]:
        """Both kinds."""
        return (*self.api.feeds, *self.api.bill_feeds)
