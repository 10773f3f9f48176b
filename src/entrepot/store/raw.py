"""The raw log: what a marketplace sent, as it came, named by the digest of its content.

The same content twice is one file. A blob is complete or absent: it is written beside its place and then renamed.
"""

from __future__ import annotations

import hashlib
import os
import threading
from typing import TYPE_CHECKING

import zstandard

from entrepot.store.errors import BlobChanged

if TYPE_CHECKING:
    from collections.abc import Collection
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
        self.prepare_file(plain, partial)
        partial.rename(target)

    def prepare(self, content: bytes) -> tuple[str, Path]:
        """Write content beside its place; `partial.rename(path(raw_id))` keeps it. Gives its id and where it is now."""
        raw_id = hashlib.sha256(content).hexdigest()
        self.path(raw_id).parent.mkdir(parents=True, exist_ok=True)
        # Apart from the log: an erasure clears away what lies in the log without a row.
        self._layout.temporary.mkdir(parents=True, exist_ok=True)
        partial = self._layout.temporary / f"{raw_id}.{os.getpid()}-{threading.get_ident()}.partial"
        partial.write_bytes(zstandard.ZstdCompressor(level=_LEVEL).compress(content))
        return raw_id, partial

    def prepare_file(self, plain: Path, partial: Path) -> None:
        """Write a file as it will lie in the log beside its place; `partial.rename(path(raw_id))` keeps it."""
        with plain.open("rb") as source, partial.open("wb") as out:
            zstandard.ZstdCompressor(level=_LEVEL).copy_stream(source, out)

    def replace(self, plain: Path, raw_id: str) -> None:
        """Put other content under an id that is there: an erasure, which writes down beforehand what it will be."""
        target = self.path(raw_id)
        partial = target.with_suffix(".partial")
        self.prepare_file(plain, partial)
        partial.replace(target)

    def restore(self, raw_id: str, target: Path, expected: Collection[str] | None = None) -> None:
        """Write the content of a blob to a file.

        Args:
            raw_id: The blob.
            target: File to write.
            expected: Digests that the content may have; None where the caller cannot know.

        Raises:
            BlobChanged: The content is another one; the file is not left behind.
        """
        with self.path(raw_id).open("rb") as source, target.open("wb") as out:
            zstandard.ZstdDecompressor().copy_stream(source, out)
        if expected is not None and content_digest(target) not in expected:
            target.unlink()
            raise BlobChanged(raw_id)

    def staged_path(self, raw_id: str, format_name: str) -> Path:
        """Where the rows of a file are kept as clean text."""
        return self._layout.staged / format_name / f"{raw_id}.parquet"


def content_digest(plain: Path) -> str:
    """SHA-256 of a file's content, in hex."""
    with plain.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
