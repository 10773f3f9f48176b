"""The raw log: what a marketplace sent, as it came, named by the digest of its content.

The same content twice is one file. A blob is complete or absent: it is written beside its place and then renamed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import zstandard

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.store.layout import CellLayout

_LEVEL = 3


class RawLog:
    """Content-addressed files of one cell.

    Args:
        layout: The company folder.
    """

    def __init__(self, layout: CellLayout) -> None:
        self._layout = layout

    def path(self, raw_id: str) -> Path:
        """Where the blob of that id is, or would be."""
        return self._layout.blobs / raw_id[:2] / f"{raw_id}.zst"

    def keep(self, plain: Path, raw_id: str) -> None:
        """Keep a file under its id; nothing happens when it is already there."""
        target = self.path(raw_id)
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        with plain.open("rb") as source, partial.open("wb") as out:
            zstandard.ZstdCompressor(level=_LEVEL).copy_stream(source, out)
        partial.rename(target)

    def restore(self, raw_id: str, target: Path) -> None:
        """Write the content of a blob to a file."""
        with self.path(raw_id).open("rb") as source, target.open("wb") as out:
            zstandard.ZstdDecompressor().copy_stream(source, out)

    def staged_path(self, raw_id: str, format_name: str) -> Path:
        """Where the rows of a file are kept as clean text."""
        return self._layout.staged / format_name / f"{raw_id}.parquet"
