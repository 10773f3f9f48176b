"""Raw pages become one file of rows each, whatever lies beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
import zstandard

from entrepot.connectors.errors import RowsLost
from entrepot.connectors.live.staging import PAGES_AT_ONCE, Page, is_staged, stage_pages
from entrepot.engine import DuckDBEngine
from tests.connectors.live.casework import feed_named, page_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FEED = feed_named("jd_live_orders")
_MORE_THAN_ONE_GROUP = PAGES_AT_ONCE + 3


def _answer(*order_ids: str) -> dict[str, Any]:
    orders = [{"orderId": order_id, "orderState": "FINISHED_L"} for order_id in order_ids]
    return {"jingdong_pop_order_enSearch_responce": {"searchorderinfo_result": {"orderInfoList": orders}}}


def _page(folder: Path, number: int, content: bytes, documents: int | None) -> Page:
    raw_id = f"{number:064x}"
    blob = folder / f"{raw_id}.zst"
    blob.write_bytes(zstandard.compress(content))
    return Page(raw_id, blob, folder / "staged" / f"{raw_id}.parquet", documents)


def _staged(page: Page) -> list[tuple[int, str]]:
    rows = pq.read_table(page.target, columns=["row_no", "raw_id", "orderId"]).to_pylist()
    assert {row["raw_id"] for row in rows} <= {page.raw_id}
    return sorted((row["row_no"], row["orderId"]) for row in rows)


def test_every_page_numbers_its_own_documents_from_one(tmp_path: Path) -> None:
    pages = [
        _page(tmp_path, number, page_of(_FEED, _answer(f"a{number}", f"b{number}"), _answer(f"c{number}")), 3)
        for number in range(_MORE_THAN_ONE_GROUP)
    ]
    with DuckDBEngine(threads=1) as engine:
        assert stage_pages(engine, _FEED, pages) == 3 * _MORE_THAN_ONE_GROUP
    for number, page in enumerate(pages):
        assert _staged(page) == [(1, f"a{number}"), (2, f"b{number}"), (3, f"c{number}")]
        assert is_staged(_FEED, page.target)
    assert {path.suffix for path in (tmp_path / "staged").iterdir()} == {".parquet"}, "no part is left behind"


def test_a_page_without_documents_is_staged_and_has_no_row(tmp_path: Path) -> None:
    empty, full = _page(tmp_path, 1, page_of(_FEED, _answer()), 0), _page(tmp_path, 2, page_of(_FEED, _answer("a")), 1)
    with DuckDBEngine(threads=1) as engine:
        assert stage_pages(engine, _FEED, [empty, full]) == 1
    assert (_staged(empty), _staged(full)) == ([], [(1, "a")])
    assert is_staged(_FEED, empty.target), "it is not staged anew each time"
    assert pq.read_schema(empty.target).names == pq.read_schema(full.target).names


def test_a_line_of_another_shape_leaves_the_pages_beside_it_as_they_are(tmp_path: Path) -> None:
    other = page_of(_FEED, _answer("a"), {"jingdong_pop_order_enSearch_responce": {"searchorderinfo_result": ["?"]}})
    pages = [_page(tmp_path, 1, page_of(_FEED, _answer("x", "y")), 2), _page(tmp_path, 2, other, 1)]
    with DuckDBEngine(threads=1) as engine:
        assert stage_pages(engine, _FEED, pages) == 3
    assert [_staged(page) for page in pages] == [[(1, "x"), (2, "y")], [(1, "a")]]


@pytest.mark.parametrize("counted", [0, 1, 3])
def test_a_page_that_holds_another_number_than_was_counted_is_refused(tmp_path: Path, counted: int) -> None:
    pages = [
        _page(tmp_path, 1, page_of(_FEED, _answer("x")), 1),
        _page(tmp_path, 2, page_of(_FEED, _answer("a", "b")), counted),
        _page(tmp_path, 3, page_of(_FEED, _answer("y")), 1),
    ]
    with DuckDBEngine(threads=1) as engine, pytest.raises(RowsLost, match=f"{counted} documents were kept and 2"):
        stage_pages(engine, _FEED, pages)
    assert not pages[1].target.exists()


def test_a_page_that_nobody_counted_is_read_alone(tmp_path: Path) -> None:
    pages = [_page(tmp_path, number, page_of(_FEED, _answer(*"abc"[:number])), None) for number in (1, 2, 3)]
    with DuckDBEngine(threads=1) as engine:
        assert stage_pages(engine, _FEED, pages) == 6
    assert [len(_staged(page)) for page in pages] == [1, 2, 3]


def test_a_page_has_the_same_rows_alone_and_beside_others(tmp_path: Path) -> None:
    content = page_of(_FEED, _answer("a", "b"), _answer("c"))
    (tmp_path / "alone").mkdir()
    alone, beside = _page(tmp_path / "alone", 1, content, 3), _page(tmp_path, 1, content, 3)
    with DuckDBEngine(threads=1) as engine:
        stage_pages(engine, _FEED, [alone])
        stage_pages(engine, _FEED, [beside, _page(tmp_path, 2, content, 3)])
    assert pq.read_table(alone.target).equals(pq.read_table(beside.target))
    assert is_staged(_FEED, alone.target)


def test_a_large_page_is_staged_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepot.connectors.live.staging.BYTES_AT_ONCE", 1)
    pages = [_page(tmp_path, number, page_of(_FEED, _answer(f"a{number}")), 1) for number in range(3)]
    with DuckDBEngine(threads=1) as engine:
        told: list[str] = []
        execute = engine.connection.execute
        monkeypatch.setattr(engine, "_connection", _Listening(execute, told))
        stage_pages(engine, _FEED, pages)
    assert [_staged(page) for page in pages] == [[(1, "a0")], [(1, "a1")], [(1, "a2")]]
    assert (len(told), [each for each in told if "PARTITION_BY" in each]) == (3, [])


class _Listening:
    """A connection that keeps what is copied through it."""

    def __init__(self, execute: Callable[..., Any], told: list[str]) -> None:
        self._execute, self._told = execute, told

    def execute(self, sql: str) -> Any:
        if sql.startswith("COPY"):
            self._told.append(sql)
        return self._execute(sql)

    def close(self) -> None:
        """Nothing: the engine's own connection goes with it."""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([{"oid": "1", "num": "2"}], [{"oid": "1", "num": "3"}]),
        ([{"oid": "1", "title": "a"}], [{"oid": "1", "sku_id": "a"}]),
        ([{"oid": "1"}], [{"oid": "1"}, {"oid": "1"}]),
        ([{"oid": "1"}, {"oid": "2"}], [{"oid": "2"}, {"oid": "1"}]),
        ([{"oid": "1"}], []),
        ([], None),
    ],
)
def test_rows_that_differ_within_a_list_have_two_digests(tmp_path: Path, one: Any, other: Any) -> None:
    feed = feed_named("tmall_live_trades")
    trades = [{"tid": "7", "orders": {"order": lines}} for lines in (one, other, one)]
    answers = [{"trade_fullinfo_get_response": {"trade": trade}} for trade in trades]
    page = _page(tmp_path, 1, page_of(feed, *answers), 3)
    with DuckDBEngine(threads=1) as engine:
        stage_pages(engine, feed, [page])
    first, second, third = pq.read_table(page.target)["row_hash"].to_pylist()
    assert first == third
    assert first != second
