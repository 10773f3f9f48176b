"""Canonical tables that are nothing but generated Parquet files, for measurements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.model import TABLES
from entrepot.store import CellLayout, TableStore, schema_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from entrepot.engine import Engine

_SQL_TYPES = {"text": "varchar", "integer": "bigint", "boolean": "boolean", "date": "date", "instant": "timestamptz"}


class FilesOnly(TableStore):
    """Tables of one folder, a folder of files each."""

    def __init__(self, folder: Path) -> None:
        super().__init__(CellLayout(folder), None)
        self._folder = folder

    def open_into(self, engine: Engine, names: Iterable[str], prefix: str = "") -> None:
        """Name the files of each table in an engine."""
        for name in names:
            files = sorted(map(str, (self._folder / name).glob("*.parquet")))
            engine.add_parquet(prefix + name, files, schema_of(TABLES[name]))


def columns_of(name: str, given: Iterable[str] | None = None) -> str:
    """The columns of a table as SQL casts; those that are not given are null."""
    known = None if given is None else set(given)
    return ", ".join(
        f"cast({f'{chr(34)}{field.name}{chr(34)}' if known is None or field.name in known else 'null'} "
        f'as {_SQL_TYPES[field.type]}) as "{field.name}"'
        for field in TABLES[name].all_fields
    )
