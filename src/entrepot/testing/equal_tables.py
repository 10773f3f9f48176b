"""When two cells hold the same tables, whatever the way they came to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deltalake import DeltaTable

from entrepot.flows.asking import newest_tables
from entrepot.model import TABLES
from entrepot.store.tables import table_hash

if TYPE_CHECKING:
    from entrepot.flows.parts import CellParts

OF_THE_ARRIVAL = ("seen_at", "posted_at")
"""When content was first seen depends on when it came, and nothing else does."""


def hashes(parts: CellParts, *, also_without: tuple[str, ...] = ()) -> dict[str, str]:
    """Table name to the digest of its rows at the newest snapshot, those of every source included."""
    versions = newest_tables(parts).versions
    found = {}
    for name in sorted(set(versions) & set(TABLES)):
        rows = DeltaTable(str(parts.layout.tables / name), version=versions[name]).to_pyarrow_table()
        found[name] = f"{rows.num_rows} rows {table_hash(rows, (*OF_THE_ARRIVAL, *also_without))}"
    return found
