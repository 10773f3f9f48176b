"""Which partitions a batch writes anew, and which it only adds to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from entrepot.engine import DuckDBEngine
from entrepot.model import TABLES
from entrepot.store import CellLayout, TableStore, schema_of
from entrepot.store.errors import CellBusy
from entrepot.store.packing import writer_properties
from entrepot.store.state import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NAME = "ad_spend"
Row = tuple[str, str, int, str, str, str]
"""Key, month, amount, version, source, raw file."""


class Folded:
    """One table and the batches that come into it."""

    def __init__(self, home: Path, engine: DuckDBEngine) -> None:
        self.tables, self.engine = TableStore(CellLayout(home), None), engine

    def merge(self, *rows: Row, renewed: Sequence[str] = ()) -> int:
        """Bring rows in."""
        shape = pa.schema([field for field in schema_of(TABLES[NAME]).arrow() if field.name != "is_current"])
        said = {
            "channel": "tmall",
            "shop": "ours",
            "campaign": "spring",
            "currency": "CNY",
            "mapping_version": "tmall-1",
            "seen_at": datetime(2026, 9, 1, tzinfo=UTC),
            "row_no": 1,
            "spent_on": date(2026, 9, 1),
        }
        names = ("spend_id", "month", "amount_minor", "version", "source", "raw_id")
        batch = [{**said, **dict(zip(names, row, strict=True))} for row in rows]
        self.engine.add_arrow("batch", pa.Table.from_pylist(batch, schema=shape))
        self.engine.add_arrow("renewed", pa.table({"raw_id": pa.array(list(renewed), pa.string())}))
        return self.tables.merge(self.engine, NAME, "batch", "renewed")

    @property
    def files(self) -> set[str]:
        """Files of the table."""
        return set(self.tables.files_of(NAME))

    @property
    def rows(self) -> list[tuple[str, str, int]]:
        """Key, month and amount of what readers see."""
        self.tables.open_into(self.engine, [NAME])
        read = self.engine.read(NAME).to_pylist()
        return sorted((row["spend_id"], row["month"], row["amount_minor"]) for row in read)


@pytest.fixture
def folded(tmp_path: Path) -> Iterator[Folded]:
    with DuckDBEngine(threads=1) as engine:
        yield Folded(tmp_path, engine)


def test_new_rows_of_a_month_leave_every_file_of_before_as_it_is(folded: Folded) -> None:
    folded.merge(("a", "2026-09", 1, "1", "report", "f1"))
    before = folded.files
    assert folded.merge(("b", "2026-09", 2, "1", "report", "f2")) == 1
    assert before < folded.files
    assert folded.rows == [("a", "2026-09", 1), ("b", "2026-09", 2)]


def test_a_row_that_was_there_writes_its_own_month_anew_and_no_other(folded: Folded) -> None:
    folded.merge(("a", "2026-08", 1, "1", "report", "f1"), ("b", "2026-09", 2, "1", "report", "f1"))
    before = folded.files
    [august] = [path for path in before if "month=2026-08" in path]
    folded.merge(
        ("b", "2026-09", 3, "2", "report", "f2"),
        ("c", "2026-08", 4, "1", "report", "f2"),
        ("d", "2026-10", 5, "1", "report", "f2"),
    )
    assert folded.files & before == {august}
    assert folded.rows == [("a", "2026-08", 1), ("b", "2026-09", 3), ("c", "2026-08", 4), ("d", "2026-10", 5)]


def test_an_older_version_that_comes_late_changes_nothing(folded: Folded) -> None:
    folded.merge(("a", "2026-09", 2, "2", "report", "f2"))
    folded.merge(("a", "2026-09", 1, "1", "report", "f1"))
    assert folded.rows == [("a", "2026-09", 2)]


def test_another_source_of_a_key_is_folded_with_the_one_that_was_there(folded: Folded) -> None:
    folded.merge(("a", "2026-09", 1, "1", "report", "f1"))
    folded.merge(("a", "2026-09", 2, "2", "answer", "f2"), ("b", "2026-09", 3, "1", "answer", "f2"))
    assert folded.rows == [("a", "2026-09", 2), ("b", "2026-09", 3)]


def test_what_a_file_said_goes_when_it_is_translated_again(folded: Folded) -> None:
    folded.merge(("a", "2026-09", 1, "1", "report", "f1"), ("b", "2026-08", 2, "1", "report", "f1"))
    folded.merge(("c", "2026-09", 3, "1", "report", "f2"))
    folded.merge(("d", "2026-10", 4, "1", "report", "f1"), renewed=["f1"])
    assert folded.rows == [("c", "2026-09", 3), ("d", "2026-10", 4)]


def test_rows_of_one_key_in_one_batch_are_folded_before_they_are_added(folded: Folded) -> None:
    folded.merge(("z", "2026-09", 9, "1", "report", "f0"))
    folded.merge(("a", "2026-09", 1, "1", "report", "f1"), ("a", "2026-09", 2, "2", "report", "f2"))
    assert folded.rows == [("a", "2026-09", 2), ("z", "2026-09", 9)]


def test_a_key_that_a_batch_has_in_two_months_is_in_one_afterwards(folded: Folded) -> None:
    folded.merge(("y", "2026-08", 8, "1", "report", "f0"), ("z", "2026-09", 9, "1", "report", "f0"))
    folded.merge(
        ("z", "2026-09", 7, "2", "report", "f1"),
        ("a", "2026-08", 1, "1", "report", "f1"),
        ("a", "2026-09", 2, "2", "report", "f1"),
    )
    assert folded.rows == [("a", "2026-09", 2), ("y", "2026-08", 8), ("z", "2026-09", 7)]


def test_a_key_that_moves_to_another_month_is_gone_from_the_one_before(folded: Folded) -> None:
    folded.merge(("a", "2026-08", 1, "1", "report", "f1"))
    folded.merge(("a", "2026-09", 2, "2", "report", "f2"), ("b", "2026-08", 3, "1", "report", "f2"))
    assert folded.rows == [("a", "2026-09", 2), ("b", "2026-08", 3)]


def test_a_month_of_many_small_files_is_written_as_one(folded: Folded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepot.store.tables.SMALL_FILES_MAX", 3)
    counts = []
    for number in range(5):
        folded.merge((f"key {number}", "2026-09", number, "1", "report", f"f{number}"))
        counts.append(len(folded.files))
    assert counts == [1, 2, 3, 1, 2]
    assert [amount for _, _, amount in folded.rows] == [0, 1, 2, 3, 4]


def test_large_files_stay_however_many_there_are(folded: Folded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepot.store.tables.SMALL_FILES_MAX", 3)
    monkeypatch.setattr("entrepot.store.tables.SMALL_BYTES", 1)
    for number in range(5):
        folded.merge((f"key {number}", "2026-09", number, "1", "report", f"f{number}"))
    assert len(folded.files) == 5


def test_a_file_has_groups_of_rows_that_fit_into_the_memory(folded: Folded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepot.store.packing._GROUP_ROWS", 2)
    writer_properties.cache_clear()
    folded.merge(*((f"key {number}", "2026-09", number, "1", "report", "f1") for number in range(5)))
    writer_properties.cache_clear()
    [path] = folded.files
    footer = pq.read_metadata(path)
    assert [footer.row_group(number).num_rows for number in range(footer.num_row_groups)] == [2, 2, 1]


def test_rows_that_are_added_while_another_one_commits_are_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A publisher that slept its lease away wakes while the next one adds the same file's rows."""
    with DuckDBEngine(threads=1) as engine, DuckDBEngine(threads=1) as beside:
        first = Folded(tmp_path, engine)
        first.merge(("base", "2026-09", 100, "1", "report", "f0"))
        snapshot = Snapshot(1, dict(first.tables.versions))
        awake, holder = Folded(tmp_path, beside), Folded(tmp_path, engine)
        for each in (awake, holder):
            each.tables = TableStore(CellLayout(tmp_path), snapshot)
        row: Row = ("new", "2026-09", 100, "1", "report", "f1")
        sleeping = [awake]

        def wakes(*given: Any, **named: Any) -> None:
            if sleeping:
                assert sleeping.pop().merge(row) == 1
            write_deltalake(*given, **named)

        monkeypatch.setattr("entrepot.store.tables.write_deltalake", wakes)
        with pytest.raises(CellBusy):
            holder.merge(row)
        assert not sleeping
        assert dict(holder.tables.versions) == dict(snapshot.versions)
