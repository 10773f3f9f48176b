"""Ours, installed as users have it: everything a sync does, for entries or for canonical tables alone.

.venv/bin/python -m bench.taps.ours HOME SINCE [--books]
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from entrepot.cli.app import collector_at_rest

with collector_at_rest():
    from entrepot.assembly import open_cell
    from entrepot.flows import syncing
    from entrepot.flows.importing import LEASE, tables_to_write
    from entrepot.flows.translating import translate
    from entrepot.store import State


def main() -> None:
    """Read and publish."""
    parts = open_cell(Path(sys.argv[1]))
    syncing.extract(parts, "s", int(sys.argv[2]), only=("orders",))
    if "--books" in sys.argv:
        syncing.publish_pending(parts)
        return
    with contextlib.closing(State(parts.layout)) as state, state.lease(LEASE):
        tables, pending = tables_to_write(parts, state), state.files()
        with parts.open_engine() as engine:
            for connector in parts.connectors:
                translate(parts, engine, tables, connector, pending)
        state.publish(tables.versions, [file.raw_id for file in pending])


if __name__ == "__main__":
    main()
