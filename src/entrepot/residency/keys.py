"""The key from which person keys are made. It never leaves the cell, and neither do person keys."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.engine import hmac_pads, new_hmac_key

if TYPE_CHECKING:
    from pathlib import Path

_OWNER_ONLY = 0o600


def person_pads(folder: Path) -> pa.Table:
    """One row with the two halves of the cell's person key, for binding into queries; made on first use.

    The key stands in a file readable by its owner only and is handed to the engine as a table, never as SQL text, so
    that it is in no plan and no log.
    """
    path = folder / "person.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"person.key.{os.getpid()}"
        descriptor = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, _OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(new_hmac_key() + "\n")
        with contextlib.suppress(FileExistsError):  # another process was first; its key counts
            os.link(partial, path)
        partial.unlink()
    inner, outer = hmac_pads(path.read_text(encoding="ascii").strip())
    return pa.table({"k_inner": [inner], "k_outer": [outer]})
