"""Tables as readers see them: some are views that join what sources say with what follows from it."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from entrepot.engine import parse
from entrepot.model import TABLES
from entrepot.model.fields import minor
from entrepot.model.fields import text as text_field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.engine import Engine
    from entrepot.model import Field
    from entrepot.store import TableStore

VIEWS: dict[str, tuple[str, ...]] = {
    "orders": ("orders", "order_positions"),
    "order_lines": ("order_lines", "order_pieces"),
    "taxes": ("taxes", "order_pieces", "order_positions"),
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


def readable_columns(name: str) -> tuple[Field, ...]:
    """Columns of a table as readers see them, with their meanings; of a view those that its SQL gives."""
    if name not in VIEWS:
        return TABLES[name].all_fields
    text = resources.files("entrepot.reports").joinpath("views", f"{name}.sql").read_text(encoding="utf-8")
    known: dict[str, Field] = {}
    for source in (name, *VIEWS[name], "order_pieces", "order_lines", *TABLES):
        for field in TABLES[source].all_fields:
            known.setdefault(field.name, field)
    given = parse(text, source=f"reports/views/{name}.sql", strict_output=True).output_names()
    return tuple(_OWN_COLUMNS.get(column) or known[column] for column in given)


_OWN_COLUMNS = {
    each.name: each
    for each in (
        minor("net_minor", "Revenue of the line without VAT."),
        text_field("basis", "stated by the source, or computed from the SKU's rate."),
    )
}
