"""Old table versions go, and nothing that anybody reads goes with them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from entrepot.flows.asking import table_rows
from entrepot.flows.cleaning import clean_tables
from entrepot.flows.importing import import_paths, replay
from entrepot.store import State
from entrepot.store.errors import NothingPublished
from entrepot.testing.equal_tables import hashes

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.testing.sample_company import SampleCompany


def _size(parts: CellParts) -> int:
    return sum(1 for _ in parts.layout.tables.rglob("*.parquet"))


def test_cleaning_gives_back_what_replays_left_and_changes_no_row(small_company: SampleCompany, tmp_path: Path) -> None:
    parts = small_company.new_cell(tmp_path)
    import_paths(parts, small_company.data_files("tmall_orders", "sku_list"))
    lean = _size(parts)
    replay(parts)
    replay(parts)
    before, files = hashes(parts), _size(parts)
    assert files > 2 * lean

    counted = clean_tables(parts, keep=1, hours=0, dry_run=True)
    assert (_size(parts), counted.files > lean) == (files, True)
    cleaned = clean_tables(parts, keep=1, hours=0)
    assert cleaned == counted
    assert _size(parts) == files - cleaned.files
    assert hashes(parts) == before
    with contextlib.closing(State(parts.layout)) as state:
        assert len(state.newest_snapshots(9)) == 2

    replay(parts)
    assert hashes(parts) == before


def test_files_of_a_snapshot_that_is_kept_and_files_of_today_stay(small_company: SampleCompany, tmp_path: Path) -> None:
    parts = small_company.new_cell(tmp_path)
    import_paths(parts, small_company.data_files("tmall_orders"))
    files = _size(parts)
    replay(parts)
    assert clean_tables(parts, keep=2, hours=0).files == 0
    assert _size(parts) > files
    replay(parts)
    assert clean_tables(parts, keep=1, hours=24).files == 0
    assert table_rows(parts, "orders").num_rows > 0


def test_an_empty_company_has_nothing_to_clean(small_company: SampleCompany, tmp_path: Path) -> None:
    with pytest.raises(NothingPublished):
        clean_tables(small_company.new_cell(tmp_path), keep=1, hours=0)
