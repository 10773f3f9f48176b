"""Make databases and their tables where they are not there yet, also when several processes do so at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine, MetaData


def durable_file(path: Path, metadata: MetaData) -> Engine:
    """A database of its own in one file, with its tables: what is committed is on the disk before the next step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
    sa.event.listen(engine, "connect", _durable)
    with engine.begin() as connection:
        connection.execute(sa.text("pragma journal_mode=wal"))
    make_tables(engine, metadata)
    return engine


def _durable(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("pragma synchronous=full")
    cursor.close()


def make_tables(engine: Engine, metadata: MetaData) -> None:
    """Create what is missing.

    Two that find a table or an index missing both create it, and one of them is refused. That one looks again: for each
    of them that can happen once.
    """
    for _ in range(sum(1 + len(table.indexes) for table in metadata.sorted_tables)):
        try:
            _make(engine, metadata)
        except (sa.exc.OperationalError, sa.exc.ProgrammingError, sa.exc.IntegrityError):
            continue
        return
    _make(engine, metadata)


def _make(engine: Engine, metadata: MetaData) -> None:
    metadata.create_all(engine)
    # Tables of an earlier version lack the indexes of this one.
    found = sa.inspect(engine)
    for table in metadata.sorted_tables:
        there = {each["name"] for each in found.get_indexes(table.name)} if table.indexes else set()
        for index in table.indexes:
            if index.name not in there:
                index.create(engine)
