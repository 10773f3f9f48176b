"""Take a file out of the books, or back in: its rows leave the tables, its entries stay with their reversals."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from entrepot.flows.importing import LEASE, ImportReport, publish, tables_to_write
from entrepot.store import State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from entrepot.flows.parts import CellParts
    from entrepot.store import RawFile


def counting_and_undone(parts: CellParts) -> tuple[list[RawFile], list[RawFile]]:
    """Files of the raw log that count, and those that were undone."""
    with contextlib.closing(State(parts.layout)) as state:
        files, undone = state.files(), state.undone()
    return [file for file in files if file.raw_id not in undone], [file for file in files if file.raw_id in undone]


def undo(
    parts: CellParts,
    raw_ids: Sequence[str],
    reason: str,
    approved_by: str,
    *,
    is_undone: bool = True,
    progress: Callable[[str, int, int], None] | None = None,
) -> ImportReport:
    """Take files out of the books, or back in; entries that this changes are kept with their reversals.

    Args:
        parts: The cell.
        raw_ids: Files of the raw log.
        reason: Why; kept.
        approved_by: Who decided; kept.
        is_undone: False takes an undoing back.
        progress: As for `import_paths`.

    Raises:
        CellBusy: An import is running.
    """
    report = ImportReport()
    with contextlib.closing(State(parts.layout)) as state, state.lease(LEASE):
        tables = tables_to_write(parts, state)
        state.undo(raw_ids, reason, approved_by, is_undone=is_undone)
        publish(parts, state, tables, report, progress or (lambda _step, _done, _all: None))
    return report
