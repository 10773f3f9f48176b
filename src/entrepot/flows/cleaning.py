"""Give back the space of old table versions, which no snapshot that is kept needs any more."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.flows.importing import LEASE
from entrepot.store import State, TableStore
from entrepot.store.errors import NothingPublished

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.flows.parts import CellParts


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What was given back, or would be.

    Attributes:
        files: Files of old versions.
        snapshots_kept: Snapshots that can still be read.
    """

    files: int
    snapshots_kept: int


def clean_tables(
    parts: CellParts,
    *,
    keep: int,
    hours: int,
    dry_run: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Cleaned:
    """Delete files of table versions that none of the newest snapshots reads.

    Args:
        parts: The cell.
        keep: Newest snapshots whose files stay, at least 1.
        hours: Files that became old since then stay too, for readers that are still at work.
        dry_run: Count only.
        progress: Called with a step's name, how many are done, how many there are.

    Raises:
        CellBusy: An import is running.
        NothingPublished: There is no snapshot.
    """
    tell = progress or (lambda _step, _done, _all: None)
    with contextlib.closing(State(parts.layout)) as state, state.lease(LEASE):
        snapshots = state.newest_snapshots(keep)
        if not snapshots:
            raise NothingPublished(str(parts.layout.home))
        tables = TableStore(parts.layout, snapshots[0])
        tables.restore()
        names = sorted(tables.versions)
        files = 0
        for done, name in enumerate(names):
            tell("clean", done, len(names))
            versions = {snapshot.versions[name] for snapshot in snapshots if name in snapshot.versions}
            files += tables.clean(name, versions, hours, dry_run=dry_run)
        tell("clean", len(names), len(names))
        if not dry_run:
            # Cleaning writes versions of its own; readers go on with those.
            state.publish(tables.versions, [])
            state.forget_snapshots_before(snapshots[-1].id)
    return Cleaned(files, len(snapshots))
