"""Tables that are replaced as a whole, and of two processes that write one only one may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from entrepot.engine import DuckDBEngine
from entrepot.model import TABLES
from entrepot.store import CellLayout, TableStore, schema_of

if TYPE_CHECKING:
    from pathlib import Path

NAME = "wallets"


def test_who_lost_the_lease_cannot_write_beside_who_has_it(tmp_path: Path) -> None:
    """Also where both found the table empty, which the format itself takes for no conflict."""
    first = TableStore(CellLayout(tmp_path), None)
    with DuckDBEngine() as engine:
        engine.add_arrow("none", _wallets())
        engine.add_arrow("one", _wallets("a"))
        first.replace(engine, NAME, "none")
        late = TableStore(CellLayout(tmp_path), None)
        late.restore()
        late.replace(engine, NAME, "one")
        for rows in ("one", "none"):
            with pytest.raises(AssertionError, match="only the holder of the lease writes"):
                first.replace(engine, NAME, rows)
        late.replace(engine, NAME, "one")


def _wallets(*names: str) -> pa.Table:
    columns = schema_of(TABLES[NAME]).arrow()
    said = [{field.name: name if pa.types.is_string(field.type) else None for field in columns} for name in names]
    return pa.Table.from_pylist(said, schema=columns)


def test_what_was_empty_and_stays_empty_is_not_written(tmp_path: Path) -> None:
    tables = TableStore(CellLayout(tmp_path), None)
    with DuckDBEngine() as engine:
        engine.add_arrow("none", _wallets())
        tables.replace(engine, NAME, "none")
        assert tables.versions == {NAME: 0}
        tables.replace(engine, NAME, "none")
        assert tables.versions == {NAME: 0}
        engine.add_arrow("one", _wallets("a"))
        tables.replace(engine, NAME, "one")
        assert tables.versions == {NAME: 1}


def test_a_table_with_rows_is_emptied_when_there_are_none_any_more(tmp_path: Path) -> None:
    tables = TableStore(CellLayout(tmp_path), None)
    with DuckDBEngine() as engine:
        for rows in (_wallets("a", "b"), _wallets()):
            engine.add_arrow("rows", rows)
            tables.replace(engine, NAME, "rows")
        tables.open_into(engine, [NAME])
        assert engine.read(NAME).num_rows == 0
        engine.add_arrow("rows", _wallets("c"))
        tables.replace(engine, NAME, "rows")
        tables.open_into(engine, [NAME])
        assert engine.read(NAME)["wallet_id"].to_pylist() == ["c"]
