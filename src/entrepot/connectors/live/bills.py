"""Facts about bills and settlements that a platform hands out as files, and what a client of it promises.

A feed of this kind has windows as any other, but what a window gives are files that the connector's file formats read:
one for each day (`days`), or whatever the platform lists (`lists`). The loop that uses this is `fetching`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, runtime_checkable
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.connectors.live.contract import Call, Method, Span

DAY_S = 86_400


class Made(StrEnum):
    """How it is known which files there are."""

    DAYS = "days"  # one file for each day, known by the day
    LISTS = "lists"  # the platform lists what it made


class Packing(StrEnum):
    """How a file comes."""

    PLAIN = "plain"
    GZIP = "gzip"
    ZIP = "zip"


@dataclass(frozen=True)
class BillFeed:
    """One kind of file that is fetched.

    Attributes:
        name: `<connector>_bills_<what>`.
        what: `settlements`, `trades`, `funds`.
        channel: Platform of its rows.
        title: What people call it, by language.
        source: Where the facts were read.
        made: How it is known which files there are.
        asking: Method that lists files, or of a feed of days the one that orders a day's file or gives its link.
        linking: Method that gives the link of a file that is listed or was ordered; None where `asking` does.
        download: The download, for its limits.
        formats: File formats that a file of it may have.
        suffix: End of a file's name once it is unpacked.
        left_out: Regular expression over names in an archive: sums of what the other files say row by row.
        span_s: Window that is asked for; a day for days.
        reach_s: How far back the platform goes.
        overlap_s: How far a live run goes back before its watermark; days have none.
        lag_s: How long after now a window has to end.
        ready_s: Of days: how long after a day's end its file is promised.
        certain_s: Of days: how long after a day's end a platform is believed that says there is none.
        zone_offset_hours: Zone of its days.
    """

    name: str
    what: str
    channel: str
    title: Mapping[str, str]
    source: str
    made: Made
    asking: Method
    linking: Method | None
    download: Method
    formats: tuple[str, ...]
    suffix: str
    left_out: str = ""
    span_s: int = DAY_S
    reach_s: int = 90 * DAY_S
    overlap_s: int = 0
    lag_s: int = 0
    ready_s: int = 0
    certain_s: int = 0
    zone_offset_hours: int = 8

    def __post_init__(self) -> None:
        if self.made is Made.DAYS:
            assert self.span_s == DAY_S, f"{self.name}: a file of a day has a window of a day"
            assert self.overlap_s == 0, f"{self.name}: a day's file does not change"
            assert self.ready_s <= self.certain_s, f"{self.name}: it is given up before it is promised"
        else:
            assert self.linking is not None, f"{self.name}: a listed file needs a link"

    @property
    def methods(self) -> tuple[Method, ...]:
        """Every method it calls."""
        return tuple(each for each in (self.asking, self.linking, self.download) if each is not None)

    @property
    def is_ordered(self) -> bool:
        """Whether a file is made only when it is ordered."""
        return self.made is Made.DAYS and self.linking is not None

    def day_start_s(self, at_s: int) -> int:
        """The beginning of the day that an instant lies in, unix seconds."""
        offset = self.zone_offset_hours * 3_600
        return at_s - (at_s + offset) % DAY_S


@dataclass(frozen=True, slots=True)
class Bill:
    """A file that a platform has, or will have.

    Attributes:
        id: What it is asked for by: a day, or the platform's number.
        label: What it is called here; no spaces.
    """

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class BillList:
    """One page of a list of files.

    Attributes:
        bills: Files that are made.
        next_cursor: Where to go on; empty at the end.
    """

    bills: tuple[Bill, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a file is, for a short time. The address may hold a secret: it is never stored and never printed.

    Attributes:
        url: Address.
        packing: How it comes.
        digest_name: Algorithm of the digest that the platform states, as `hashlib` calls it; empty where there is none.
        digest: That digest of the unpacked file, hex.
        size: Bytes of the download, where the platform says so.
    """

    url: str
    packing: Packing = Packing.PLAIN
    digest_name: str = ""
    digest: str = ""
    size: int | None = None

    def __repr__(self) -> str:
        return f"Link({self.packing})"


@runtime_checkable
class BillClient(Protocol):
    """What a client promises whose platform hands out files, beside `Client`."""

    def bills_call(self, feed: BillFeed, span: Span, cursor: str) -> Call:
        """Ask for one page of the list of files made in a window. Feeds of days are not listed."""

    def bills_in(self, answer: Mapping[str, Any]) -> BillList:
        """Files on such a page."""

    def link_call(self, feed: BillFeed, bill: Bill) -> Call:
        """Ask where a file is."""

    def link_in(self, answer: Mapping[str, Any]) -> Link:
        """Where it is."""

    def download_call(self, feed: BillFeed, link: Link) -> Call:
        """Fetch it; `sign` knows whether the address wants a signature."""


@runtime_checkable
class Ordering(Protocol):
    """A client whose platform makes files when they are ordered."""

    def order_call(self, feed: BillFeed, bill: Bill) -> Call:
        """Order the file of a day."""

    def ordered_in(self, answer: Mapping[str, Any]) -> str:
        """What it is asked for by from now on."""


class BillsOnly:
    """A client of a platform of which nothing but files is asked for, signed with the merchant's key."""

    def list_call(self, *_: object, **__: object) -> NoReturn:
        """There are no lists of documents."""
        raise AssertionError("files are all there is")

    def detail_call(self, *_: object) -> NoReturn:
        """There are no documents."""
        raise AssertionError("files are all there is")

    def page_in(self, *_: object) -> NoReturn:
        """There are no pages."""
        raise AssertionError("files are all there is")

    def bills_call(self, *_: object) -> NoReturn:
        """Its files are known by their days."""
        raise AssertionError("days are not listed")

    def bills_in(self, *_: object) -> NoReturn:
        """There are no lists."""
        raise AssertionError("days are not listed")

    def refresh_call(self, *_: object) -> None:
        """There is no token."""

    def refreshed(self, *_: object) -> NoReturn:
        """There is no token."""
        raise AssertionError("nothing was refreshed")


def address_of(link: Link) -> str:
    """Where a file is fetched: encrypted on the way, unless it is on this computer."""
    parts = urlsplit(link.url)
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        return urlunsplit(parts._replace(scheme="https"))
    return link.url
