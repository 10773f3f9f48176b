"""Builds a cell from its settings: every real thing is chosen here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.connectors.declared import load_declared
from entrepot.connectors.registry import CONNECTORS
from entrepot.engine import DuckDBEngine
from entrepot.flows.parts import CellParts
from entrepot.store import CellLayout, load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.engine import Engine


def open_cell(home: Path) -> CellParts:
    """Open a company folder.

    Raises:
        SettingsInvalid: `cell.toml` cannot be used.
        DeclarationInvalid: A file under `declared/` cannot be used.
    """
    layout = CellLayout(home.resolve())

    def open_engine() -> Engine:
        layout.temporary.mkdir(parents=True, exist_ok=True)
        return DuckDBEngine(temp_directory=str(layout.temporary))

    return CellParts(layout, load_settings(layout), (*CONNECTORS, *load_declared(layout.declared)), open_engine)
