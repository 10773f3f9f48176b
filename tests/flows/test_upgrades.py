"""Tables that another version wrote: refused with a reason, made anew from the files as they came."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from deltalake import DeltaTable, write_deltalake

from entrepot.flows.asking import table_rows
from entrepot.flows.importing import import_paths, replay
from entrepot.store import State, TableStore
from entrepot.store.errors import TablesOutdated
from entrepot.testing.equal_tables import hashes

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.testing.sample_company import SampleCompany


def _imported(company: SampleCompany, home: Path) -> tuple[CellParts, list[Path]]:
    parts = company.new_cell(home)
    files = sorted(company.data_files("tmall_orders", "alipay_ledger"))
    import_paths(parts, files)
    return parts, files


def _written_by_another_version(parts: CellParts, name: str, without: str) -> None:
    """Publish a table that lacks a column, as a version would have that did not know it."""
    with contextlib.closing(State(parts.layout)) as state:
        snapshot = state.newest_snapshot()
        assert snapshot is not None
        handle = DeltaTable(str(parts.layout.tables / name))
        rows = handle.to_pyarrow_table().drop_columns([without])
        write_deltalake(handle, rows, mode="overwrite", schema_mode="overwrite")
        version = DeltaTable(str(parts.layout.tables / name)).version()
        state.publish({**snapshot.versions, name: version}, [])


def test_tables_of_another_version_are_refused_with_what_to_do(small_company: SampleCompany, tmp_path: Path) -> None:
    parts, _ = _imported(small_company, tmp_path)
    _written_by_another_version(parts, "refunds", "order_part")
    with pytest.raises(TablesOutdated, match=r"the table refunds was written by another version.*entrepot replay"):
        table_rows(parts, "refunds")
    assert table_rows(parts, "fees").num_rows > 0


@pytest.mark.parametrize("how", ["replay", "import"])
def test_replay_and_import_make_tables_of_another_version_anew(
    small_company: SampleCompany, tmp_path: Path, how: str
) -> None:
    parts, files = _imported(small_company, tmp_path)
    before = hashes(parts)
    for name, column in (("refunds", "order_part"), ("settlement_lines", "order_line_id"), ("raw_rows", "reject")):
        _written_by_another_version(parts, name, column)
    with contextlib.closing(State(parts.layout)) as state:
        tables = TableStore(parts.layout, state.newest_snapshot())
    assert tables.outdated() == ["raw_rows", "refunds", "settlement_lines"]
    if how == "replay":
        # A part of the connectors is asked for; the tables need all of them.
        replay(parts, connectors=["tmall"])
    else:
        import_paths(parts, files[:1])
    assert hashes(parts) == before
