"""Where things are in a company folder, which is a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class CellLayout:
    """Paths inside a company folder.

    Attributes:
        home: The folder.
    """

    home: Path

    @property
    def settings(self) -> Path:
        """`cell.toml`."""
        return self.home / "cell.toml"

    @property
    def blobs(self) -> Path:
        """Raw files as they came, compressed, named by the digest of their content."""
        return self.home / "raw" / "blobs"

    @property
    def staged(self) -> Path:
        """Raw rows as clean text; can be made again from the blobs."""
        return self.home / "raw" / "staged"

    @property
    def tables(self) -> Path:
        """Delta tables, one folder each."""
        return self.home / "tables"

    @property
    def state(self) -> Path:
        """Small transactional state."""
        return self.home / "state.db"

    @property
    def keys(self) -> Path:
        """Keys, readable by the owner only."""
        return self.home / "keys"

    @property
    def declared(self) -> Path:
        """Descriptions of the user's own formats."""
        return self.home / "declared"

    @property
    def profiles(self) -> Path:
        """Laws of regions beside the shipped ones, and newer versions of those."""
        return self.home / "profiles"

    @property
    def reports(self) -> Path:
        """Reports as files."""
        return self.home / "reports"

    @property
    def erasing(self) -> Path:
        """What an erasure works on while it runs; empty at any other time."""
        return self.home / "erasing"

    @property
    def border(self) -> Path:
        """The door to other cells: permits, evidence, what left and what came, the transfer log."""
        return self.home / "border"

    @property
    def delivery(self) -> Path:
        """What was planned for ERPs, one folder a target."""
        return self.home / "delivery"

    @property
    def temporary(self) -> Path:
        """Scratch space on the same disk."""
        return self.home / "tmp"
