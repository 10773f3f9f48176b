"""Where work on raw pages may leave rows, and in how many tables they are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from entrepot.assembly import open_cell
from entrepot.connectors import translation
from entrepot.engine import DuckDBEngine
from entrepot.engine.errors import QueryFailed
from entrepot.flows.translating import translate
from entrepot.store import RawFile, TableStore
from tests.connectors.jd.test_jd_live import listed, order
from tests.connectors.live.casework import feed_named, page_of

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.parts import CellParts

_FEED = feed_named("jd_live_orders")


@pytest.fixture
def parts(tmp_path: Path) -> CellParts:
    return open_cell(tmp_path / "cell")


def _page(parts: CellParts, number: int = 1) -> RawFile:
    raw_id = f"{number:064x}"
    blob = parts.layout.blobs / raw_id[:2] / f"{raw_id}.zst"
    blob.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(zstandard.compress(page_of(_FEED, listed(order(number)))))
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


def test_many_answers_are_typed_in_two_tables_so_that_two_cores_map_them(
    parts: CellParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One table of so few rows is given to one thread, whatever there is to work out for each row."""
    monkeypatch.setattr(translation, "SHARED_ROWS", 3)
    files = [_page(parts, number) for number in (1, 2, 3)]
    connector, tables = (
        next(each for each in parts.connectors if each.spec.name == "jd"),
        TableStore(parts.layout, None),
    )
    with parts.open_engine() as engine:
        counts = translate(parts, engine, tables, connector, files)
        assert [counts[file.raw_id] for file in files] == [{"canonical": 1}] * 3
        typed = f"{_FEED.name}__typed"
        shares = [sorted(engine.read(f"{typed}_{number}")["raw_id"].to_pylist()) for number in (0, 1)]
        assert shares == [[files[0].raw_id, files[2].raw_id], [files[1].raw_id]]
        translate(parts, engine, tables, connector, files[:2])
        assert sorted(engine.read(typed)["raw_id"].to_pylist()) == [file.raw_id for file in files[:2]]
        with pytest.raises(QueryFailed):
            engine.read(f"{typed}_0")
