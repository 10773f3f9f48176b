"""Small transactional state: files in the raw log, snapshots, the lease of the one who publishes.

SQLite by default; any database SQLAlchemy reaches by settings.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from entrepot.store.errors import CellBusy
from entrepot.store.making import make_tables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from entrepot.store.layout import CellLayout

LEASE_SECONDS = 900
"""A publisher that has not renewed its lease for so long is taken for dead."""

_METADATA = sa.MetaData()

_RAW_FILES = sa.Table(
    "raw_files",
    _METADATA,
    sa.Column("raw_id", sa.String, primary_key=True),
    sa.Column("file_name", sa.String, nullable=False),
    sa.Column("connector", sa.String, nullable=False),
    sa.Column("format", sa.String, nullable=False),
    sa.Column("channel", sa.String, nullable=False),
    sa.Column("shop", sa.String, nullable=False),
    sa.Column("account", sa.String),
    sa.Column("encoding", sa.String),
    sa.Column("row_count", sa.Integer, nullable=False),
    sa.Column("column_set", sa.String, nullable=False),
    sa.Column("exported_at_us", sa.BigInteger),
    sa.Column("seen_at_us", sa.BigInteger, nullable=False),
    sa.Column("notes", sa.String, nullable=False, default="{}"),
    sa.Column("snapshot_id", sa.Integer),
)

_SNAPSHOTS = sa.Table(
    "snapshots",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("versions", sa.String, nullable=False),
)

_UNDOINGS = sa.Table(
    "undoings",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("raw_id", sa.String, nullable=False),
    sa.Column("is_undone", sa.Boolean, nullable=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("approved_by", sa.String, nullable=False),
    sa.Column("snapshot_id", sa.Integer),
)

_LEASES = sa.Table(
    "leases",
    _METADATA,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("holder", sa.String, nullable=False),
    sa.Column("expires_at_s", sa.Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file in the raw log; see the table `raw_files`. Instants are microseconds since 1970, UTC."""

    raw_id: str
    file_name: str
    connector: str
    format: str
    channel: str
    shop: str
    account: str | None
    encoding: str | None
    row_count: int
    column_set: str
    exported_at_us: int | None
    seen_at_us: int
    notes: str = "{}"
    snapshot_id: int | None = None


@dataclass(frozen=True, slots=True)
class UndoneFile:
    """One decision about a file of the raw log: that it counts no more, or that it counts again.

    Attributes:
        id: Increasing number.
        is_undone: False where an undoing was taken back.
        at_us: When, microseconds since 1970, UTC.
        snapshot_id: Snapshot that first heeded it; None as long as none does.
    """

    id: int
    raw_id: str
    is_undone: bool
    at_us: int
    reason: str
    approved_by: str
    snapshot_id: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One consistent set of table versions.

    Attributes:
        id: Increasing number.
        versions: Table name to Delta version.
    """

    id: int
    versions: Mapping[str, int]


class State:
    """State of one cell.

    Args:
        layout: The company folder.
        url: Database to use instead of the folder's SQLite file.
    """

    def __init__(self, layout: CellLayout, url: str | None = None) -> None:
        layout.home.mkdir(parents=True, exist_ok=True)
        self._engine = sa.create_engine(url or f"sqlite:///{layout.state}", connect_args=_connect_args(url))
        make_tables(self._engine, _METADATA)
        self._lease: tuple[str, str] | None = None

    @property
    def engine(self) -> sa.Engine:
        """The database, for records that have a module of their own in this room."""
        return self._engine

    def close(self) -> None:
        """Give connections back."""
        self._engine.dispose()

    def files(self, *, published_only: bool = False) -> list[RawFile]:
        """All files of the raw log, oldest id first."""
        query = sa.select(_RAW_FILES).order_by(_RAW_FILES.c.raw_id)
        if published_only:
            query = query.where(_RAW_FILES.c.snapshot_id.is_not(None))
        with self._engine.connect() as connection:
            return [RawFile(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001 SQLAlchemy's public name

    def last_file(self, format_name: str) -> RawFile | None:
        """The file of a format that came last."""
        newest = (_RAW_FILES.c.seen_at_us.desc(), _RAW_FILES.c.raw_id)
        query = sa.select(_RAW_FILES).where(_RAW_FILES.c.format == format_name).order_by(*newest).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return RawFile(**row._mapping) if row else None  # noqa: SLF001

    def file(self, raw_id: str) -> RawFile | None:
        """The file of that id, if it is in the raw log."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(_RAW_FILES).where(_RAW_FILES.c.raw_id == raw_id)).first()
        return RawFile(**row._mapping) if row else None  # noqa: SLF001

    def add_file(self, file: RawFile) -> None:
        """Record a file that is in the raw log and staged, but not yet in any table; once, whoever brings it too."""
        with self.exclusive() as connection:
            if self.file(file.raw_id) is None:
                add_file_in(connection, file)

    @contextmanager
    def exclusive(self) -> Iterator[sa.Connection]:
        """A transaction that nobody else writes beside, from its first statement on."""
        with self._engine.connect() as connection:
            # SQLite takes its write lock with the first write only: what was read before it could be old by then.
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(sa.text("LOCK TABLE leases IN EXCLUSIVE MODE"))
            yield connection
            connection.commit()

    def raise_export_time(self, raw_id: str, exported_at_us: int) -> None:
        """Keep the later of two export times when one content comes under two names, so that order never decides.

        What was exported twice without a change was still true the second time. Rows only ever gain precedence by this,
        so no row that they replaced has to come back.
        """
        known = _RAW_FILES.c.exported_at_us
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(_RAW_FILES)
                .where(
                    _RAW_FILES.c.raw_id == raw_id,
                    sa.or_(known.is_(None), known < exported_at_us),
                )
                .values(exported_at_us=exported_at_us, snapshot_id=None)
            )

    def translate_again(self, connectors: Sequence[str] | None = None) -> int:
        """Mark files as in no snapshot, so that the next publisher translates them anew: all, or some connectors'."""
        again = sa.update(_RAW_FILES).values(snapshot_id=None)
        if connectors is not None:
            again = again.where(_RAW_FILES.c.connector.in_(connectors))
        with self._engine.begin() as connection:
            return connection.execute(again).rowcount

    def undo(self, raw_ids: Sequence[str], reason: str, approved_by: str, *, is_undone: bool = True) -> None:
        """Note that files count no more (or again), so that the next publisher heeds it; one transaction."""
        with self._engine.begin() as connection:
            for raw_id in raw_ids:
                connection.execute(
                    sa.insert(_UNDOINGS).values(
                        raw_id=raw_id, is_undone=is_undone, at_us=now_us(), reason=reason, approved_by=approved_by
                    )
                )
                connection.execute(sa.update(_RAW_FILES).where(_RAW_FILES.c.raw_id == raw_id).values(snapshot_id=None))

    def undoings(self) -> list[UndoneFile]:
        """Every such decision, oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_UNDOINGS).order_by(_UNDOINGS.c.id))
            return [UndoneFile(**row._mapping) for row in rows]  # noqa: SLF001 SQLAlchemy's public name

    def undone(self) -> dict[str, UndoneFile]:
        """Raw ids of files that count no more, with the decision."""
        newest = {each.raw_id: each for each in self.undoings()}
        return {raw_id: each for raw_id, each in newest.items() if each.is_undone}

    def newest_snapshot(self) -> Snapshot | None:
        """The snapshot that readers open; None before the first import."""
        return next(iter(self.newest_snapshots(1)), None)

    def newest_snapshots(self, count: int) -> list[Snapshot]:
        """The newest snapshots, newest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_SNAPSHOTS).order_by(_SNAPSHOTS.c.id.desc()).limit(count))
            return [Snapshot(row.id, json.loads(row.versions)) for row in rows]

    def published_at_us(self, snapshot_id: int) -> int:
        """When a snapshot was published, microseconds since 1970, UTC."""
        with self._engine.connect() as connection:
            at = connection.execute(sa.select(_SNAPSHOTS.c.at_us).where(_SNAPSHOTS.c.id == snapshot_id)).scalar_one()
        return int(at)

    def forget_snapshots_before(self, snapshot_id: int) -> None:
        """Drop the rows of older snapshots, whose files may be gone."""
        with self._engine.begin() as connection:
            self._check_lease(connection)
            connection.execute(sa.delete(_SNAPSHOTS).where(_SNAPSHOTS.c.id < snapshot_id))

    def publish(self, versions: Mapping[str, int], raw_ids: Sequence[str]) -> Snapshot:
        """Make a set of table versions the newest snapshot and mark files as part of it, in one transaction.

        Raises:
            CellBusy: The lease under which this process wrote went to another one in the meantime.
        """
        with self._engine.begin() as connection:
            self._check_lease(connection)
            made = connection.execute(
                sa.insert(_SNAPSHOTS).values(at_us=now_us(), versions=json.dumps(dict(versions), sort_keys=True))
            )
            key = made.inserted_primary_key
            assert key is not None, "a snapshot has a number"
            for raw_id in raw_ids:
                connection.execute(
                    sa.update(_RAW_FILES).where(_RAW_FILES.c.raw_id == raw_id).values(snapshot_id=key[0])
                )
            connection.execute(sa.update(_UNDOINGS).where(_UNDOINGS.c.snapshot_id.is_(None)).values(snapshot_id=key[0]))
        return Snapshot(key[0], dict(versions))

    @contextmanager
    def lease(self, name: str) -> Iterator[None]:
        """Hold a right, say to publish; one process at a time.

        Raises:
            CellBusy: Another live process holds it.
        """
        holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._take(name, holder)
        held_before, self._lease = self._lease, (name, holder)
        _HELD.add(holder)
        done = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(name, holder, done), daemon=True)
        renewing.start()
        try:
            yield
        finally:
            done.set()
            renewing.join()
            _HELD.discard(holder)
            self._lease = held_before
            with self._engine.begin() as connection:
                connection.execute(sa.delete(_LEASES).where(_LEASES.c.name == name, _LEASES.c.holder == holder))

    def _take(self, name: str, holder: str) -> None:
        now = time.time()
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(_LEASES).where(_LEASES.c.name == name)).first()
        if row is not None and row.expires_at_s > now and is_alive(row.holder, _HELD):
            raise CellBusy(row.holder)
        try:
            with self._engine.begin() as connection:
                if row is not None:
                    connection.execute(
                        sa.delete(_LEASES).where(
                            _LEASES.c.name == name,
                            _LEASES.c.holder == row.holder,
                            _LEASES.c.expires_at_s == row.expires_at_s,
                        )
                    )
                # Two that saw the same dead lease, or none, meet here: the name is a key, so one of them is refused.
                connection.execute(
                    sa.insert(_LEASES).values(name=name, holder=holder, expires_at_s=now + LEASE_SECONDS)
                )
        except sa.exc.IntegrityError as error:
            raise CellBusy("another process") from error

    def _check_lease(self, connection: sa.Connection) -> None:
        if self._lease is None:
            return
        name, holder = self._lease
        found = connection.execute(sa.select(_LEASES.c.holder).where(_LEASES.c.name == name)).scalar()
        if found != holder:
            raise CellBusy(found or "another process")

    def _renew(self, name: str, holder: str, done: threading.Event) -> None:
        """Push the end of a lease away while its work goes on, however long one step of it takes."""
        while not done.wait(LEASE_SECONDS / 3):
            with contextlib.suppress(sa.exc.SQLAlchemyError), self._engine.begin() as connection:
                connection.execute(
                    sa.update(_LEASES)
                    .where(_LEASES.c.name == name, _LEASES.c.holder == holder)
                    .values(expires_at_s=time.time() + LEASE_SECONDS)
                )


_HELD: set[str] = set()
"""Leases that this process holds. A lease of our process id that is not among them is that of a dead namesake."""


def add_file_in(connection: sa.Connection, file: RawFile) -> None:
    """Record a file within a transaction of the caller."""
    values = {each.name: getattr(file, each.name) for each in fields(RawFile)}
    connection.execute(sa.insert(_RAW_FILES).values(**values))


def mark_pending_in(connection: sa.Connection, raw_ids: Collection[str]) -> None:
    """Mark files as in no snapshot, within a transaction of the caller: the next publisher looks at them again."""
    for raw_id in raw_ids:
        connection.execute(sa.update(_RAW_FILES).where(_RAW_FILES.c.raw_id == raw_id).values(snapshot_id=None))


def _connect_args(url: str | None) -> dict[str, object]:
    return {"timeout": 30} if url is None or url.startswith("sqlite") else {}


def is_alive(holder: str, held: Collection[str]) -> bool:
    """Whether the process `host:pid:nonce` still runs; of this process, whether it is among those held."""
    host, pid, _ = holder.rsplit(":", 2) if holder.count(":") > 1 else (*holder.rsplit(":", 1), "")
    if host != socket.gethostname():
        return True
    if int(pid) == os.getpid():
        return holder in held
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def now_us() -> int:
    """Microseconds since 1970, UTC."""
    return int(datetime.now(UTC).timestamp() * 1_000_000)
