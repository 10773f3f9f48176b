"""What a checkpoint says: whose log, how many entries, which root (c2sp.org/tlog-checkpoint, read 2026-11)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from entrepot.residency.border_errors import NoteInvalid
from entrepot.residency.transferlog.tree import EMPTY_ROOT, HASH_BYTES

__all__ = ["Checkpoint", "checkpoint_from_text"]

_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log at one size.

    Attributes:
        origin: The log's own name; a name that a signed note can carry.
        size: Number of entries.
        root: Root of the tree over them.
    """

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def checkpoint_from_text(text: str) -> Checkpoint:
    """Read the text of an opened note.

    Raises:
        NoteInvalid: It is no checkpoint, or has further lines, which no log of ours writes.
    """
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or not lines[0]:
        raise NoteInvalid("it is no checkpoint of three lines")
    origin, size, root = lines[:_LINES]
    try:
        found = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
    except (ValueError, binascii.Error):
        raise NoteInvalid("it is no checkpoint: its size or root cannot be read") from None
    # Writing it again refuses every second way to write a number or a root.
    if found.text != text or found.size < 0 or len(found.root) != HASH_BYTES:
        raise NoteInvalid("it is no checkpoint: its size or root is not written as it must be")
    if found.size == 0 and found.root != EMPTY_ROOT:
        raise NoteInvalid("it is no checkpoint: an empty log has another root")
    return found
