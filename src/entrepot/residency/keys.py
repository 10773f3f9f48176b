"""Keys of a cell: files that only their owner can read. They never leave it, and neither do person keys."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.engine import hmac_pads, new_hmac_key

if TYPE_CHECKING:
    from pathlib import Path

_OWNER_ONLY = 0o600


def cell_key(folder: Path, name: str) -> str:
    """A secret of 64 letters a to p from a file of that name; made on first use, the same for all who come at once."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{name}.{os.getpid()}"
        descriptor = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, _OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(new_hmac_key() + "\n")
        with contextlib.suppress(FileExistsError):  # another process was first; its key counts
            os.link(partial, path)
        partial.unlink()
    return path.read_text(encoding="ascii").strip()


def person_pads(folder: Path) -> pa.Table:
    """One row with the two halves of the cell's person key, for binding into queries.

    The key is handed to the engine as a table, never as SQL text, so that it is in no plan and no log.
    """
    inner, outer = hmac_pads(cell_key(folder, "person.key"))
    return pa.table({"k_inner": [inner], "k_outer": [outer]})
