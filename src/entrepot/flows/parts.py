"""The parts of a cell that journeys work with; `assembly` chooses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.connectors.contract import Connector, FileFormat
    from entrepot.engine import Engine
    from entrepot.store import CellLayout, CellSettings


@dataclass(frozen=True)
class CellParts:
    """The parts of one cell.

    Attributes:
        layout: Where things are.
        settings: `cell.toml`.
        connectors: Those shipped and the user's declared formats.
        open_engine: Gives a fresh engine; close it after use.
    """

    layout: CellLayout
    settings: CellSettings
    connectors: tuple[Connector, ...]
    open_engine: Callable[[], Engine]

    @property
    def formats(self) -> tuple[FileFormat, ...]:
        """Every file format this cell reads."""
        return tuple(wire for connector in self.connectors for wire in connector.formats)
