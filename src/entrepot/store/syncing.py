"""What live sync has to remember between two calls and between two processes: windows, versions, limits.

A window is a stretch of the platform's modification time of one feed of one shop. It is planned once, taken by one
worker at a time, and done when every page of it lies in the raw log. The end of the unbroken row of done windows is
the watermark; nothing else is. Ids of orders are kept as digests only.
"""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import sqlalchemy as sa

from entrepot.store.making import make_tables
from entrepot.store.state import RawFile, add_file_in, is_alive

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from contextlib import AbstractContextManager

    from entrepot.store.state import State

_METADATA = sa.MetaData()

_WINDOWS = sa.Table(
    "sync_windows",
    _METADATA,
    sa.Column("shop", sa.String, primary_key=True),
    sa.Column("feed", sa.String, primary_key=True),
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("start_s", sa.Integer, primary_key=True),
    sa.Column("end_s", sa.Integer, nullable=False),
    sa.Column("holder", sa.String),
    sa.Column("held_until_s", sa.Float),
    sa.Column("done_at_s", sa.Float),
    sa.Column("pages", sa.Integer, nullable=False, default=0),
    sa.Column("documents", sa.Integer, nullable=False, default=0),
)

_VERSIONS = sa.Table(
    "sync_versions",
    _METADATA,
    sa.Column("shop", sa.String, primary_key=True),
    sa.Column("feed", sa.String, primary_key=True),
    sa.Column("digest", sa.String, primary_key=True),
)

_GATES = sa.Table(
    "sync_gates",
    _METADATA,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("next_s", sa.Float, nullable=False, default=0.0),
    sa.Column("closed_until_s", sa.Float, nullable=False, default=0.0),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    sa.Column("reason", sa.String, nullable=False, default=""),
)

LIVE, BACKFILL = "live", "backfill"
WINDOW_SECONDS = 600
"""A worker that has not renewed its window for so long is taken for dead."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of modification time, unix seconds, its end left out.

    Attributes:
        kind: `live` or `backfill`.
        done_at_s: When its last page was stored; None while it is open.
        pages: Pages stored.
        documents: Documents stored.
    """

    shop: str
    feed: str
    kind: str
    start_s: int
    end_s: int
    holder: str | None = None
    held_until_s: float | None = None
    done_at_s: float | None = None
    pages: int = 0
    documents: int = 0


class SyncState:
    """Live sync in the state database of a cell.

    Args:
        state: Its open state.
    """

    def __init__(self, state: State) -> None:
        self._state, self._engine = state, state.engine
        make_tables(self._engine, _METADATA)
        self.holder = new_holder()
        _HELD.add(self.holder)

    def close(self) -> None:
        """Let go of what this worker holds."""
        _HELD.discard(self.holder)
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(_WINDOWS).where(_WINDOWS.c.holder == self.holder).values(holder=None, held_until_s=None)
            )

    def plan(self, shop: str, feed: str, kind: str, since_s: int, until_s: int, span_s: int) -> int:
        """Add windows from the last planned end (or `since_s`) up to `until_s`; two workers never plan one twice.

        Returns:
            Windows added.
        """
        with self._state.exclusive() as connection:
            end = connection.execute(
                sa.select(sa.func.max(_WINDOWS.c.end_s)).where(
                    _WINDOWS.c.shop == shop, _WINDOWS.c.feed == feed, _WINDOWS.c.kind == kind
                )
            ).scalar()
            start, added = int(end) if end is not None else since_s, 0
            while start < until_s:
                stop = min(start + span_s, until_s)
                connection.execute(
                    sa.insert(_WINDOWS).values(
                        shop=shop, feed=feed, kind=kind, start_s=start, end_s=stop, pages=0, documents=0
                    )
                )
                start, added = stop, added + 1
        return added

    def claim(self, shop: str, feed: str, kind: str, now_s: float, finished: Window | None = None) -> Window | None:
        """Take the oldest open window that nobody alive holds; None when there is none.

        Args:
            shop: Whose.
            feed: Which.
            kind: `live` or `backfill`.
            now_s: Time by this computer's clock.
            finished: A window whose every page is in the raw log: it becomes done in the same transaction.
        """
        with self._state.exclusive() as connection:
            if finished is not None:
                done = {"done_at_s": now_s, "holder": None, "held_until_s": None}
                connection.execute(sa.update(_WINDOWS).where(*_is(finished)).values(**done))
            rows = connection.execute(
                sa.select(_WINDOWS)
                .where(
                    _WINDOWS.c.shop == shop,
                    _WINDOWS.c.feed == feed,
                    _WINDOWS.c.kind == kind,
                    _WINDOWS.c.done_at_s.is_(None),
                )
                .order_by(_WINDOWS.c.start_s)
            )
            for row in rows:
                free = row.holder is None or row.held_until_s <= now_s or not is_alive(row.holder, _HELD)
                if free:
                    connection.execute(
                        sa.update(_WINDOWS)
                        .where(*_is(row))
                        .values(holder=self.holder, held_until_s=now_s + WINDOW_SECONDS)
                    )
                    return Window(**row._mapping)  # noqa: SLF001 SQLAlchemy's public name
        return None

    def split(self, window: Window, span_s: int) -> None:
        """Replace an open window by windows of so many seconds; what was stored of it counts to the first one."""
        with self._state.exclusive() as connection:
            stop = min(window.start_s + span_s, window.end_s)
            connection.execute(
                sa.update(_WINDOWS).where(*_is(window)).values(end_s=stop, holder=None, held_until_s=None)
            )
            while stop < window.end_s:
                start, stop = stop, min(stop + span_s, window.end_s)
                part = {"shop": window.shop, "feed": window.feed, "kind": window.kind, "start_s": start, "end_s": stop}
                connection.execute(sa.insert(_WINDOWS).values(**part, pages=0, documents=0))

    def watermark(self, shop: str, feed: str, kind: str = LIVE) -> int | None:
        """End of the unbroken row of done windows, unix seconds; None before the first one is done."""
        end = None
        for window in self.windows(shop, feed, kind):
            if window.done_at_s is None:
                break
            end = window.end_s
        return end

    def windows(self, shop: str, feed: str, kind: str) -> list[Window]:
        """Windows of a feed, oldest first."""
        query = (
            sa.select(_WINDOWS)
            .where(_WINDOWS.c.shop == shop, _WINDOWS.c.feed == feed, _WINDOWS.c.kind == kind)
            .order_by(_WINDOWS.c.start_s)
        )
        with self._engine.connect() as connection:
            return [Window(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001

    def unknown(self, shop: str, feed: str, digests: Collection[str]) -> set[str]:
        """Those of the given digests of (id, version) whose documents are not in the raw log yet."""
        if not digests:
            return set()
        with self._engine.connect() as connection:
            return set(digests) - _known(connection, shop, feed, digests)

    def record(
        self, file: RawFile, window: Window, digests: Sequence[str], put_in_place: Callable[[], None], now_s: float
    ) -> None:
        """Note a stored page and what it holds; see `record_all`."""
        self.record_all([file], window, digests, put_in_place, now_s)

    def record_all(
        self,
        files: Sequence[RawFile],
        window: Window,
        digests: Sequence[str],
        put_in_place: Callable[[], None],
        now_s: float,
    ) -> None:
        """Note what was stored and what it holds, in one transaction with its blobs.

        Args:
            files: What the raw log says of them; none where their content was there before.
            window: Where they were read.
            digests: Digests of (id, version) of the documents in them.
            put_in_place: Gives blobs their names. It runs under the database's write lock, so that whoever clears away
                what dead processes left sees the blob and its row together.
            now_s: Time by this computer's clock.
        """
        with self._state.exclusive() as connection:
            put_in_place()
            for file in files:
                if self._state.file(file.raw_id) is None:
                    add_file_in(connection, file)
            self._add_versions(connection, window, sorted(set(digests)))
            connection.execute(
                sa.update(_WINDOWS)
                .where(*_is(window))
                .values(
                    pages=_WINDOWS.c.pages + 1,
                    documents=_WINDOWS.c.documents + len(set(digests)),
                    held_until_s=now_s + WINDOW_SECONDS,
                )
            )

    @staticmethod
    def _add_versions(connection: sa.Connection, window: Window, digests: Sequence[str]) -> None:
        """Note those that are not noted yet; a statement for each would cost more than the call that brought it."""
        if not digests:
            return
        known = _known(connection, window.shop, window.feed, digests)
        new = [
            {"shop": window.shop, "feed": window.feed, "digest": digest} for digest in digests if digest not in known
        ]
        if new:
            connection.execute(sa.insert(_VERSIONS), new)

    def pass_gate(
        self, name: str, interval_s: float, burst: int, now_s: float, share: float = 1.0, calls: int = 1
    ) -> float:
        """Ask to make calls under a limit that all workers share.

        Args:
            name: The limit: shop and method, or shop.
            interval_s: Seconds between calls in the long run.
            burst: Calls that may come at once.
            now_s: Time by this computer's clock.
            share: Part of the burst that this caller may use; the rest is kept for others.
            calls: So many.
        Returns:
            0 when the call is granted, else seconds after which to ask again.
        """
        with self._gate(name) as (connection, row):
            if row.closed_until_s > now_s:
                return float(row.closed_until_s - now_s)
            next_s = max(float(row.next_s), now_s)
            room_s = max(burst * share, 1.0) * interval_s
            next_s += interval_s * calls
            if next_s - now_s > room_s + 1e-9:
                return float(next_s - now_s - room_s)
            connection.execute(sa.update(_GATES).where(_GATES.c.name == name).values(next_s=next_s))
        return 0.0

    def close_gate(self, name: str, until_s: float, reason: str) -> None:
        """No call under that name before an instant: a ban of the platform, or a pause of our own."""
        with self._gate(name) as (connection, row):
            until = max(float(row.closed_until_s), until_s)
            connection.execute(
                sa.update(_GATES).where(_GATES.c.name == name).values(closed_until_s=until, reason=reason)
            )

    def count_failure(self, name: str, *, failed: bool) -> int:
        """Failures in a row under that name, this one included; 0 after a success."""
        with self._gate(name) as (connection, row):
            failures = int(row.failures) + 1 if failed else 0
            if failures != row.failures:
                connection.execute(sa.update(_GATES).where(_GATES.c.name == name).values(failures=failures))
        return failures

    def gates(self, prefix: str) -> dict[str, tuple[float, int, str]]:
        """Name to (closed until, failures in a row, reason) of every gate whose name begins so."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_GATES).where(_GATES.c.name.startswith(prefix, autoescape=True)))
            return {row.name: (row.closed_until_s, row.failures, row.reason) for row in rows}

    def ahead_s(self, name: str, now_s: float) -> float:
        """Seconds by which the calls that were granted under a name are ahead of its rate."""
        with self._engine.connect() as connection:
            next_s = connection.execute(sa.select(_GATES.c.next_s).where(_GATES.c.name == name)).scalar()
        return max(float(next_s or 0.0) - now_s, 0.0)

    def renewing(self, shop: str) -> AbstractContextManager[None]:
        """Hold the right to renew a shop's token: most platforms end the old one with the new one.

        Raises:
            CellBusy: Another live worker holds it.
        """
        return self._state.lease(f"token {shop}")

    @contextmanager
    def _gate(self, name: str) -> Iterator[tuple[sa.Connection, sa.Row[tuple[object, ...]]]]:
        with self._state.exclusive() as connection:
            row = connection.execute(sa.select(_GATES).where(_GATES.c.name == name)).first()
            if row is None:
                connection.execute(
                    sa.insert(_GATES).values(name=name, next_s=0.0, closed_until_s=0.0, failures=0, reason="")
                )
                row = connection.execute(sa.select(_GATES).where(_GATES.c.name == name)).one()
            yield connection, row


def new_holder() -> str:
    """A name for a worker of this process."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


_HELD: set[str] = set()
"""Holders of this process; one of our process id that is not among them is a dead namesake."""


# A list within the statement is built anew each time, value by value: for fifty digests more work than the answer.
_KNOWN = sa.select(_VERSIONS.c.digest).where(
    _VERSIONS.c.shop == sa.bindparam("shop"),
    _VERSIONS.c.feed == sa.bindparam("feed"),
    _VERSIONS.c.digest.in_(sa.bindparam("digests", expanding=True)),
)


def _known(connection: sa.Connection, shop: str, feed: str, digests: Collection[str]) -> set[str]:
    """Those of the digests that are noted."""
    return set(connection.execute(_KNOWN, {"shop": shop, "feed": feed, "digests": list(digests)}).scalars())


def _is(window: object) -> tuple[sa.ColumnElement[bool], ...]:
    return tuple(_WINDOWS.c[name] == getattr(window, name) for name in ("shop", "feed", "kind", "start_s"))


assert {each.name for each in fields(Window)} == set(_WINDOWS.c.keys()), "a window is a row of its table"
