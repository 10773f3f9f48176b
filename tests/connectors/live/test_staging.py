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
