"""Lists of everything that change while they are read: nothing is missed, and what does not come to rest gives nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.connectors.live.answers import Answer
from entrepot.connectors.live.contract import (
    ApiSpec,
    Call,
    Direction,
    ErrorRule,
    FullRefresh,
    Listed,
    ListPart,
    Page,
    Retry,
)
from entrepot.connectors.live.errors import CallRejected, ListTooLong, RefreshUnsettled
from entrepot.connectors.live.refresh import READS_MAX, Refresher
from tests.connectors.live.casework import feed_named

if TYPE_CHECKING:
    from collections.abc import Callable

_METHOD = replace(feed_named("tmall_live_items").listing, page_rows_max=2, rows_max=50)
FEED = replace(
    feed_named("tmall_live_items"),
    listing=_METHOD,
    refresh=FullRefresh((ListPart("sale", _METHOD), ListPart("store", _METHOD))),
)
ONE_LIST = replace(FEED, refresh=FullRefresh((ListPart("sale", _METHOD),)))
WITHOUT_DETAIL = replace(ONE_LIST, detail=None, documents="rows[]")
BY_CURSOR = replace(_METHOD, direction=Direction.CURSOR)
CURSOR = replace(WITHOUT_DETAIL, listing=BY_CURSOR, refresh=FullRefresh((ListPart("sale", BY_CURSOR),)))


@dataclass
class FakeShelf:
    """Two lists that live: `changes` runs after the call of that number. It proves nothing of any platform."""

    sale: list[str]
    store: list[str] = field(default_factory=list)
    changes: dict[int, Callable[[FakeShelf], None]] = field(default_factory=dict)
    always: Callable[[FakeShelf, int], None] = lambda _shelf, _call: None
    shown: dict[int, Callable[[list[str]], list[str]]] = field(default_factory=dict)
    refuses: str = "15 gone.for.good"
    lists: int = 0
    asked: list[str] = field(default_factory=list)
    shop: str = "s"

    @property
    def live(self) -> Any:
        return self

    @property
    def client(self) -> Any:
        return self

    @property
    def api(self) -> Any:
        return self

    errors = (ErrorRule("15", Retry.GONE, "gone."), ErrorRule("*", Retry.NEVER))
    rule_for = ApiSpec.rule_for

    def part_call(self, _feed: Any, part: ListPart, page: Any) -> Call:
        return Call(part.method, {"part": part.name, "page": page}, str(page))

    def detail_call(self, feed: Any, listed: Listed) -> Call:
        return Call(feed.detail, {"id": listed.id})

    def answer(self, call: Call) -> Answer:
        if "id" in call.params:
            return self._detail(call)
        self.lists += 1
        whole = list(self.sale if call.params["part"] == "sale" else self.store)
        page = call.params["page"]
        if call.method.direction is Direction.CURSOR:
            # The place is kept by the name behind which it goes on, not by a number of rows.
            rows = [each for each in whole if each > str(page)][:2]
        else:
            start = (int(str(page)) - 1) * 2
            rows = self.shown[self.lists](whole) if self.lists in self.shown else whole[start : start + 2]
        said = {"rows": rows, "total": len(whole)}
        if self.lists in self.changes:
            self.changes[self.lists](self)
        self.always(self, self.lists)
        return Answer(b'{"rows":[]}', said, 1.0)

    def _detail(self, call: Call) -> Answer:
        self.asked.append(str(call.params["id"]))
        if call.params["id"] not in (*self.sale, *self.store):
            raise CallRejected(self.shop, call.method.name, self.refuses, "")
        return Answer(f'"{call.params["id"]}"'.encode(), {}, 2.0)

    def page_in(self, feed: Any, answer: Any) -> Page:
        rows = answer["rows"]
        cursor = rows[-1] if feed.listing.direction is Direction.CURSOR and len(rows) == 2 else ""
        return Page(tuple(Listed(each, "1") for each in rows), answer["total"], cursor)


def read(shelf: FakeShelf, feed: Any = FEED) -> tuple[Refresher, list[Any]]:
    refresher = Refresher(shelf)  # type: ignore[arg-type]
    return refresher, list(refresher.read(feed, 7))


def test_everything_is_read_once_the_lists_agree_twice() -> None:
    shelf = FakeShelf(["a", "b", "c"], ["d"])
    alive: list[int] = []
    refresher = Refresher(shelf, lambda: alive.append(1))  # type: ignore[arg-type]
    pages = list(refresher.read(FEED, 7))
    assert sorted(shelf.asked) == ["a", "b", "c", "d"]
    assert len(alive) == shelf.lists + len(shelf.asked)
    assert (refresher.done.documents, refresher.done.again) == (4, 1)
    assert [page.documents for page in pages] == [0, 4]
    # Two readings of three pages, and the first page of each list once more; the last reading is kept.
    assert (shelf.lists, pages[0].lines.count(b"\n")) == (10, 5)


@pytest.mark.parametrize("call", range(1, 11))
def test_one_that_is_taken_off_while_paging_hides_no_other(call: int) -> None:
    shelf = FakeShelf(list("abcdefg"), changes={call: lambda each: each.sale.remove("a")})
    read(shelf, ONE_LIST)
    assert set("bcdefg") <= set(shelf.asked)


@pytest.mark.parametrize("call", range(1, 11))
def test_one_that_is_put_first_while_paging_hides_no_other(call: int) -> None:
    shelf = FakeShelf(list("abcdefg"), changes={call: lambda each: each.sale.insert(0, "new")})
    read(shelf, ONE_LIST)
    assert set("abcdefg") <= set(shelf.asked)


@pytest.mark.parametrize("call", range(1, 11))
def test_one_taken_off_and_one_put_on_at_once_hide_no_other(call: int) -> None:
    def swap(shelf: FakeShelf) -> None:
        shelf.sale.remove("a")
        shelf.sale.append("new")

    shelf = FakeShelf(list("abcdefg"), changes={call: swap})
    read(shelf, ONE_LIST)
    assert set("bcdefg") <= set(shelf.asked)


@pytest.mark.parametrize("call", range(1, 13))
def test_one_that_goes_from_list_to_list_is_in_neither_and_not_lost(call: int) -> None:
    def move(shelf: FakeShelf) -> None:
        shelf.store.remove("y")
        shelf.sale.insert(0, "y")

    shelf = FakeShelf(list("abc"), ["x", "y"], changes={call: move})
    read(shelf)
    assert set("abcxy") <= set(shelf.asked)


def test_a_page_that_silently_shows_others_is_noticed() -> None:
    shelf = FakeShelf(list("abcde"), shown={2: lambda rows: rows[2:4]})
    refresher, _ = read(shelf, ONE_LIST)
    assert sorted(shelf.asked) == list("abcde")
    assert refresher.done.again == 2


def test_a_page_that_shows_others_twice_is_noticed_by_the_total() -> None:
    wrong = {2: lambda rows: rows[4:], 3: lambda rows: rows[:2], 6: lambda rows: rows[4:], 7: lambda rows: rows[:2]}
    shelf = FakeShelf(list("abcde"), shown=wrong)
    refresher, _ = read(shelf, ONE_LIST)
    assert sorted(shelf.asked) == list("abcde")
    assert refresher.done.again == 3


def test_one_that_went_and_comes_back_hides_no_other() -> None:
    # Names are known then and as many as were stated, and yet one is missing: the second look at the total tells.
    shelf = FakeShelf(
        list("nabcdef"),
        changes={5: lambda each: each.sale.remove("n"), 7: lambda each: each.sale.insert(0, "n")},
    )
    read(shelf, ONE_LIST)
    assert sorted(shelf.asked) == list("abcdefn")


def test_lists_that_never_rest_give_nothing() -> None:
    def turn_over(shelf: FakeShelf, call: int) -> None:
        shelf.sale = [*shelf.sale[1:], f"new {call}"]

    shelf = FakeShelf(list("abcde"), always=turn_over)
    with pytest.raises(RefreshUnsettled, match=f"{READS_MAX} times and never twice the same"):
        read(shelf, ONE_LIST)
    assert shelf.asked == []


def test_a_list_that_cannot_be_paged_to_its_end_gives_nothing() -> None:
    shelf = FakeShelf([f"{number:03d}" for number in range(51)])
    with pytest.raises(ListTooLong, match="lists 51 and gives 50"):
        read(shelf, ONE_LIST)
    assert shelf.asked == []


def test_what_went_after_it_was_listed_is_left_out_and_other_refusals_are_not() -> None:
    last = {6: lambda each: each.sale.remove("c")}
    shelf = FakeShelf(list("abc"), changes=last)
    refresher, pages = read(shelf, ONE_LIST)
    assert shelf.asked == ["a", "b", "c"]
    assert refresher.done.documents == sum(page.documents for page in pages) == 2
    with pytest.raises(CallRejected, match=r"no\.right"):
        read(FakeShelf(list("abc"), changes=last, refuses="15 no.right"), ONE_LIST)


def test_without_a_call_by_id_the_pages_of_the_last_reading_are_kept() -> None:
    shelf = FakeShelf(list("abc"), changes={2: lambda each: each.sale.remove("a")})
    _, pages = read(shelf, WITHOUT_DETAIL)
    assert shelf.lists == 3 + 1
    assert len(pages) == 1, "the shelf has one page in the end"


def test_without_a_call_by_id_a_page_that_names_nothing_new_is_not_kept() -> None:
    _, pages = read(FakeShelf(list("abcde")), WITHOUT_DETAIL)
    assert [page.lines.split(b'"page":"')[1][:1] for page in pages] == [b"1", b"3", b"2"]


def test_a_cursor_over_ids_is_read_once_and_what_goes_hides_nothing() -> None:
    shelf = FakeShelf(list("abcdef"), changes={1: lambda each: each.sale.remove("a")})
    refresher, pages = read(shelf, CURSOR)
    assert (shelf.lists, len(pages), refresher.done.again) == (4, 3, 0)
    assert b'"refresh":7' in pages[0].lines


def test_an_empty_shop_is_everything_there_is() -> None:
    refresher, pages = read(FakeShelf([]), ONE_LIST)
    assert (refresher.done.documents, [page.documents for page in pages]) == (0, [0])
