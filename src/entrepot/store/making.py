"""Make the tables of the state where they are not there yet, also when several processes do so at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import Engine, MetaData


def make_tables(engine: Engine, metadata: MetaData) -> None:
    """Create what is missing.

    Two that find a table missing both create it, and one of them is refused. That one looks again: for each table that
    can happen once.
    """
    for _ in metadata.tables:
        try:
            metadata.create_all(engine)
        except (sa.exc.OperationalError, sa.exc.ProgrammingError, sa.exc.IntegrityError):
            continue
        return
    metadata.create_all(engine)
