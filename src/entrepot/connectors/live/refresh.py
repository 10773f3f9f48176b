"""Reading everything there is: lists that together name it, then each thing by its id where the platform has that.

    list        every list, its pages last one first; then the first page of each again: did a total change?
    again       until two readings in a row agree: nothing that the last one names is new, and every total is met
    read        each thing by its id, or the pages of that last reading as they came

What is on offer changes while it is paged: one that is taken off moves others to earlier pages, one that is put on to
later ones, one that goes from one list to another may be in neither. None of that leaves totals and names alike twice,
so one thing that is missed costs another reading and never a thing. A list with a cursor over an id that never changes
cannot shift and is read once. Nothing here replaces anything: whoever takes the pages does, when all are there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from entrepot.connectors.live.contract import DayParts, DayReporter, Direction, Failure, Listed, PartLister, Retry
from entrepot.connectors.live.errors import CallRejected, ListTooLong, RefreshUnsettled
from entrepot.connectors.live.extract import Extracted, RawPage, answer_line, documents_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from entrepot.connectors.live.answers import Answer
    from entrepot.connectors.live.calling import Caller
    from entrepot.connectors.live.contract import Call, Feed, ListPart, Page

READS_MAX = 8
"""So often lists are read that do not come to rest."""

DOCUMENTS_PER_PAGE = 100
"""Things read by their id that are kept together."""


@dataclass
class _Reading:
    """One reading of every list.

    Attributes:
        names: What each list names, by id.
        stated: How many each states.
        seen: Every id that any of them named.
        pages: Answers as raw pages.
        calls: Answers there were.
        is_at_rest: Whether each list states as many at the end.
    """

    names: dict[str, dict[str, Listed]] = field(default_factory=dict)
    stated: dict[str, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    pages: list[RawPage] = field(default_factory=list)
    calls: int = 0
    is_at_rest: bool = True

    @property
    def listed(self) -> dict[str, Listed]:
        """Everything that is named, once."""
        return {each.id: each for names in self.names.values() for each in names.values()}

    @property
    def is_whole(self) -> bool:
        """Whether every list gave as many as it states, and states the same at the end."""
        return self.is_at_rest and all(len(names) == self.stated[part] for part, names in self.names.items())


@dataclass
class Refresher:
    """Reads everything of a feed of one shop.

    Attributes:
        caller: Makes calls.
        tell_alive: Called after every call: whoever says nothing for long is taken for dead.
        day: Day whose report is read, `YYYY-MM-DD`; empty where everything is read that there is.
        done: What was done so far.
    """

    caller: Caller
    tell_alive: Callable[[], None] = lambda: None
    day: str = ""
    done: Extracted = field(default_factory=Extracted)

    def read(self, feed: Feed, number: int) -> Iterator[RawPage]:
        """Everything there is, as raw pages; complete when the last one was given.

        Args:
            feed: One that tells everything, or days.
            number: Number of this refresh, told on each line: equal answers of two runs are two pages.

        Raises:
            RefreshUnsettled: The lists do not come to rest.
            ListTooLong: A list cannot be paged to its end.
        """
        assert feed.refresh is not None or feed.days is not None, f"{feed.name} has windows"
        reading = self._settled(feed, number)
        if feed.detail is None:
            yield from self._counted(reading.pages)
            return
        # The lists first: they show that nothing was left out.
        yield RawPage(feed, b"".join(page.lines for page in reading.pages), 0, (), reading.pages[-1].at_s)
        yield from self._counted(self._by_id(feed, number, list(reading.listed.values())))

    def _counted(self, pages: Iterator[RawPage] | list[RawPage]) -> Iterator[RawPage]:
        for page in pages:
            self.done.documents += page.documents
            yield page

    def _settled(self, feed: Feed, number: int) -> _Reading:
        """The first reading that agrees with those before it."""
        if feed.listing.direction is Direction.CURSOR:
            reading = _Reading()
            for part in self._parts(feed):
                self._by_cursor(feed, number, part, reading)
            return reading
        before, reading = set[str](), _Reading()
        for attempt in range(READS_MAX):
            self.done.again += 1 if attempt else 0
            reading = self._read_lists(feed, number)
            if reading.is_whole and (reading.calls == 1 or reading.seen <= before):
                return reading
            before |= reading.seen
        stated = sum(reading.stated.values())
        raise RefreshUnsettled(self.caller.shop, feed.name, len(reading.seen), stated, READS_MAX)

    def _read_lists(self, feed: Feed, number: int) -> _Reading:
        """Every list once, and its first page a second time when all have been read."""
        reading = _Reading()
        for part in feed.parts:
            method, first = part.method, part.method.first_page
            stated = self._page(feed, number, part, first, reading).total or 0
            reading.stated[part.name] = stated
            if method.rows_max is not None and stated > method.rows_max:
                raise ListTooLong(self.caller.shop, method.name, stated, method.rows_max)
            last = first + max(-(-stated // method.page_rows_max), 1) - 1
            for page in range(last, first, -1):
                self._page(feed, number, part, page, reading)
        if reading.calls > 1:
            for part in feed.parts:
                again = self._page(feed, number, part, part.method.first_page, reading)
                reading.is_at_rest = reading.is_at_rest and (again.total or 0) == reading.stated[part.name]
        return reading

    def _by_cursor(self, feed: Feed, number: int, part: ListPart, reading: _Reading) -> None:
        cursor, seen = "", set[str]()
        while True:
            page = self._page(feed, number, part, cursor, reading)
            if not page.next_cursor:
                return
            if page.next_cursor in seen:
                raise RefreshUnsettled(self.caller.shop, feed.name, len(reading.seen), 0, 1)
            seen.add(page.next_cursor)
            cursor = page.next_cursor

    def _page(self, feed: Feed, number: int, part: ListPart, page: int | str, reading: _Reading) -> Page:
        call = self._call(feed, part, page)
        answer = self.caller.answer(call)
        self.tell_alive()
        found = self.caller.live.client.page_in(feed, answer.read)
        self.done.pages += 1
        # What two accounts say of one day may look alike.
        named = {each.id if feed.days is None else f"{part.name}/{each.id}": each for each in found.rows}
        new = named.keys() - reading.seen
        reading.seen |= new
        reading.names.setdefault(part.name, {}).update(named)
        reading.calls += 1
        # Without a call by id pages hold the things themselves: once is enough.
        if feed.detail is not None or reading.calls == 1 or new:
            reading.pages.append(self._raw_page(feed, number, call, answer))
        return found

    def _parts(self, feed: Feed) -> tuple[ListPart, ...]:
        client = self.caller.live.client
        if feed.days is not None and isinstance(client, DayParts):
            return client.day_parts(feed, self.caller.credentials)
        return feed.parts

    def _call(self, feed: Feed, part: ListPart, page: int | str) -> Call:
        client = self.caller.live.client
        if feed.days is not None and isinstance(client, DayParts):
            return client.day_part_call(feed, part, self.day)
        if feed.days is not None:
            assert isinstance(client, DayReporter), f"{feed.name}: its client asks for days"
            return client.day_call(feed, self.day, page)
        assert isinstance(client, PartLister), f"{feed.name}: its client asks for lists"
        return client.part_call(feed, part, page)

    @staticmethod
    def _raw_page(feed: Feed, number: int, call: Call, answer: Answer) -> RawPage:
        documents = 0 if feed.detail is not None else len(documents_in(feed, answer.read))
        return RawPage(feed, answer_line(call, answer, refresh=number), documents, (), answer.at_s)

    def _by_id(self, feed: Feed, number: int, listed: list[Listed]) -> Iterator[RawPage]:
        for start in range(0, len(listed), DOCUMENTS_PER_PAGE):
            lines, at_s = [], 0.0
            for each in listed[start : start + DOCUMENTS_PER_PAGE]:
                call = self.caller.live.client.detail_call(feed, each)
                answer = self._unless_gone(call)
                self.tell_alive()
                if answer is not None:
                    lines.append(answer_line(call, answer, refresh=number))
                    at_s = answer.at_s
            if lines:
                yield RawPage(feed, b"".join(lines), len(lines), (), at_s)

    def _unless_gone(self, call: Call) -> Answer | None:
        """The answer; None where the thing went after it was listed."""
        try:
            return self.caller.answer(call)
        except CallRejected as error:
            code, _, finer = error.platform_code.partition(" ")
            rule = self.caller.live.api.rule_for(Failure(code, sub_code=finer))
            if rule is None or rule.retry is not Retry.GONE:
                raise
            return None
