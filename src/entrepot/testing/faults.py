"""A process that dies in the middle of an import, at a chosen place, without a chance to clean up.

    python -m entrepot.testing.faults HOME PLACE TIMES PATH…

imports the paths and kills itself (SIGKILL) after a place was passed so many times. With TIMES 0 it lives. Not a fake:
up to that moment it is the product, and what it leaves on disk is what a power cut would leave.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.assembly import open_cell
from entrepot.flows.importing import import_paths
from entrepot.store import RawLog, State, TableStore

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PLACES", "die_after", "main"]

PLACES: dict[str, tuple[type, str]] = {
    "file_kept": (RawLog, "keep"),
    "file_recorded": (State, "add_file"),
    "tables_restored": (TableStore, "restore"),
    "rows_merged": (TableStore, "merge"),
    "rows_appended": (TableStore, "append"),
    "table_replaced": (TableStore, "replace"),
    "published": (State, "publish"),
}
"""Where to die: right after the call of a method has returned."""


def main(arguments: list[str] | None = None) -> int:
    """Import and perhaps die."""
    home, place, times, *paths = arguments or sys.argv[1:]
    if int(times):
        die_after(*PLACES[place], int(times))
    import_paths(open_cell(Path(home)), [Path(path) for path in paths])
    return 0


def die_after(owner: object, name: str, times: int) -> None:
    """Let a method of a class or a function of a module be the last thing this process does, at its so many-th call."""
    whole: Callable[..., Any] = getattr(owner, name)
    left = [times]

    @wraps(whole)
    def last(*args: object, **named: object) -> object:
        result = whole(*args, **named)
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, last)


if __name__ == "__main__":
    raise SystemExit(main())
