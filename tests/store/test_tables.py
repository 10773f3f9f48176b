"""Tables that two processes write, of which only one may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.engine import DuckDBEngine
from entrepot.model import TABLES
from entrepot.store import CellLayout, TableStore, schema_of

if TYPE_CHECKING:
    from pathlib import Path

NAME = "wallets"


def test_who_lost_the_lease_cannot_write_beside_who_has_it(tmp_path: Path) -> None:
    """Also where both found the table empty, which the format itself takes for no conflict."""
    rows = schema_of(TABLES[NAME]).arrow().empty_table()
    first = TableStore(CellLayout(tmp_path), None)
    with DuckDBEngine() as engine:
        engine.add_arrow(NAME, rows)
        first.replace(engine, NAME, NAME)
        late = TableStore(CellLayout(tmp_path), None)
        late.restore()
        late.replace(engine, NAME, NAME)
        with pytest.raises(AssertionError, match="only the holder of the lease writes"):
            first.replace(engine, NAME, NAME)
        late.replace(engine, NAME, NAME)
