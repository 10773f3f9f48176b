"""Where work on raw pages may leave rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from entrepot.assembly import open_cell
from entrepot.engine import DuckDBEngine
from entrepot.flows.translating import translate
from entrepot.store import RawFile, TableStore
from tests.connectors.live.casework import feed_named, page_of

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.parts import CellParts

_FEED = feed_named("jd_live_orders")


@pytest.fixture
def parts(tmp_path: Path) -> CellParts:
    return open_cell(tmp_path / "cell")


def _page(parts: CellParts) -> RawFile:
    raw_id = f"{1:064x}"
    orders = [{"orderId": "1", "orderState": "FINISHED_L"}]
    answer = {"jingdong_pop_order_enSearch_responce": {"searchorderinfo_result": {"orderInfoList": orders}}}
    blob = parts.layout.blobs / raw_id[:2] / f"{raw_id}.zst"
    blob.parent.mkdir(parents=True)
    blob.write_bytes(zstandard.compress(page_of(_FEED, answer)))
    return RawFile(raw_id, "page", "jd", _FEED.name, "jd", "ours", None, "ndjson", 1, "", 1, 1)


def test_whoever_reads_pages_may_spill_into_the_cell_only(
    parts: CellParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB's own default is the folder that the process stands in, which may lie in another region."""
    folders = []

    class Watched(DuckDBEngine):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            folders.append(self.connection.execute("select current_setting('temp_directory')").fetchall()[0][0])

    monkeypatch.setattr("entrepot.flows.translating.DuckDBEngine", Watched)
    monkeypatch.setattr("entrepot.assembly.DuckDBEngine", Watched)
    monkeypatch.chdir(tmp_path)
    file = _page(parts)
    connector = next(each for each in parts.connectors if each.spec.name == "jd")
    with parts.open_engine() as engine:
        counts = translate(parts, engine, TableStore(parts.layout, None), connector, [file])
    assert sum(counts[file.raw_id].values()) == 1
    assert folders == [str(parts.layout.temporary)] * 2
    assert [path.name for path in tmp_path.iterdir()] == ["cell"]
