"""Tables as readers see them: some are views that join what sources say with what follows from it."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from entrepot.engine import parse
from entrepot.model import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.engine import Engine
    from entrepot.store import TableStore

VIEWS: dict[str, tuple[str, ...]] = {
    "orders": ("orders", "order_positions"),
    "order_lines": ("order_lines", "order_pieces"),
    "taxes": ("taxes", "order_pieces"),
    "payments": ("payments", "orders", "order_positions"),
}
"""Views by name, with the tables they read; their SQL stands in `views/`."""


def open_for_reading(engine: Engine, tables: TableStore, names: Iterable[str]) -> None:
    """Name tables in an engine as readers know them.

    Args:
        engine: Any engine.
        tables: The cell at a snapshot.
        names: Names of `TABLES`.
    """
    for name in names:
        if name not in VIEWS:
            tables.open_into(engine, [name])
            continue
        tables.open_into(engine, VIEWS[name], prefix="base_")
        text = resources.files("entrepot.reports").joinpath("views", f"{name}.sql").read_text(encoding="utf-8")
        engine.define(name, parse(text, source=f"reports/views/{name}.sql", strict_output=True))


READABLE = tuple(TABLES)
"""Every table that `entrepot sql` knows."""
