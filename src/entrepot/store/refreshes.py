"""Refreshes of feeds that tell everything there is: which raw pages count, and which a newer complete run has replaced.

A refresh is begun by one worker, its pages wait beside the raw log, and it becomes complete in one transaction that
puts every page in place. Until then it is nothing: a run that dies replaces nothing. Pages of older runs stay in the
raw log and count no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from entrepot.store.making import make_tables
from entrepot.store.state import add_file_in, is_alive, mark_pending_in
from entrepot.store.syncing import WINDOW_SECONDS, new_holder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from entrepot.store.state import RawFile, State

_METADATA = sa.MetaData()

_REFRESHES = sa.Table(
    "sync_refreshes",
    _METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("shop", sa.String, nullable=False),
    sa.Column("feed", sa.String, nullable=False),
    sa.Column("begun_s", sa.Integer, nullable=False),
    sa.Column("holder", sa.String),
    sa.Column("held_until_s", sa.Float),
    sa.Column("done_at_s", sa.Float),
    sa.Column("pages", sa.Integer, nullable=False, default=0),
    sa.Column("documents", sa.Integer, nullable=False, default=0),
)

_PAGES = sa.Table(
    "sync_refresh_pages",
    _METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("raw_id", sa.String, primary_key=True),
)


_HOLD_EVERY_S = 60


@dataclass(frozen=True, slots=True)
class Refresh:
    """One reading of everything.

    Attributes:
        number: Increasing number; of complete ones the greatest counts.
        begun_s: When it began, by the platform's clock.
        done_at_s: When it became complete, by this computer's clock; None while it is not.
        pages: Pages kept.
        documents: Documents on them.
    """

    number: int
    shop: str
    feed: str
    begun_s: int
    done_at_s: float | None
    pages: int
    documents: int


class RefreshState:
    """Refreshes in the state database of a cell.

    Args:
        state: Its open state.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        make_tables(state.engine, _METADATA)
        self.holder, self._held_s = new_holder(), 0.0
        _HELD.add(self.holder)

    def close(self) -> None:
        """Let go of what this worker began and did not complete."""
        _HELD.discard(self.holder)
        with self._state.engine.begin() as connection:
            connection.execute(sa.delete(_REFRESHES).where(_REFRESHES.c.holder == self.holder))

    def begin(self, shop: str, feed: str, platform_s: float, every_s: int, now_s: float) -> Refresh | None:
        """Begin a refresh; None where none is due yet, or another worker reads.

        Args:
            shop: Whose.
            feed: Which.
            platform_s: The platform's time.
            every_s: So long after the last complete one began the next is due.
            now_s: Time by this computer's clock.
        """
        of_feed = (_REFRESHES.c.shop == shop, _REFRESHES.c.feed == feed)
        with self._state.exclusive() as connection:
            for row in connection.execute(sa.select(_REFRESHES).where(*of_feed)).all():
                if row.done_at_s is not None:
                    if row.begun_s + every_s > platform_s:
                        return None
                elif row.held_until_s > now_s and is_alive(row.holder, _HELD):
                    return None
                else:
                    connection.execute(sa.delete(_REFRESHES).where(_REFRESHES.c.number == row.number))
            # Numbers go on from all that were ever complete: a page of an older run never looks like one of this.
            made = connection.execute(
                sa.insert(_REFRESHES).values(
                    shop=shop,
                    feed=feed,
                    begun_s=int(platform_s),
                    holder=self.holder,
                    held_until_s=now_s + WINDOW_SECONDS,
                    pages=0,
                    documents=0,
                )
            )
            key = made.inserted_primary_key
            assert key is not None, "a refresh has a number"
        return Refresh(key[0], shop, feed, int(platform_s), None, 0, 0)

    def hold(self, refresh: Refresh, now_s: float) -> None:
        """Say that the worker is alive; asked after every call, it is written down once a minute."""
        if now_s < self._held_s + _HOLD_EVERY_S:
            return
        self._held_s = now_s
        with self._state.engine.begin() as connection:
            connection.execute(
                sa.update(_REFRESHES)
                .where(_REFRESHES.c.number == refresh.number, _REFRESHES.c.holder == self.holder)
                .values(held_until_s=now_s + WINDOW_SECONDS)
            )

    def complete(
        self, refresh: Refresh, files: Sequence[RawFile], put_in_place: Callable[[], None], now_s: float
    ) -> bool:
        """Make a refresh the one that counts: every page in place, older pages pending so that their rows go.

        Args:
            refresh: Which.
            files: What the raw log says of its pages.
            put_in_place: Gives the blobs their names; see `SyncState.record`.
            now_s: Time by this computer's clock.

        Returns:
            False where another worker took this one for dead: then nothing has changed.
        """
        of_number = _REFRESHES.c.number == refresh.number
        of_feed = (_REFRESHES.c.shop == refresh.shop, _REFRESHES.c.feed == refresh.feed)
        with self._state.exclusive() as connection:
            if connection.execute(sa.select(_REFRESHES.c.holder).where(of_number)).scalar() != self.holder:
                return False
            put_in_place()
            older = sa.select(_REFRESHES.c.number).where(*of_feed, _REFRESHES.c.number < refresh.number)
            gone = connection.execute(sa.select(_PAGES.c.raw_id).where(_PAGES.c.number.in_(older))).scalars().all()
            mark_pending_in(connection, gone)
            for file in files:
                add_file_in(connection, file)
                connection.execute(sa.insert(_PAGES).values(number=refresh.number, raw_id=file.raw_id))
            done = {"done_at_s": now_s, "holder": None, "held_until_s": None, "pages": len(files)}
            documents = sum(file.row_count for file in files)
            connection.execute(sa.update(_REFRESHES).where(of_number).values(documents=documents, **done))
        return True

    def begun(self, shop: str, prefix: str) -> dict[str, int]:
        """When the newest complete refresh of each feed began whose name begins so."""
        query = (
            sa.select(_REFRESHES.c.feed, sa.func.max(_REFRESHES.c.begun_s).label("begun_s"))
            .where(_REFRESHES.c.shop == shop, _REFRESHES.c.done_at_s.is_not(None))
            .where(_REFRESHES.c.feed.startswith(prefix, autoescape=True))
            .group_by(_REFRESHES.c.feed)
        )
        with self._state.engine.connect() as connection:
            return {row.feed: int(row.begun_s) for row in connection.execute(query)}

    def newest(self, shop: str, feed: str) -> Refresh | None:
        """The complete refresh that counts."""
        query = (
            sa.select(_REFRESHES)
            .where(_REFRESHES.c.shop == shop, _REFRESHES.c.feed == feed, _REFRESHES.c.done_at_s.is_not(None))
            .order_by(_REFRESHES.c.number.desc())
            .limit(1)
        )
        with self._state.engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return Refresh(row.number, row.shop, row.feed, row.begun_s, row.done_at_s, row.pages, row.documents)


def superseded_pages(state: State) -> set[str]:
    """Raw ids of pages that a newer complete refresh of their feed and shop has replaced."""
    make_tables(state.engine, _METADATA)
    newest = (
        sa.select(sa.func.max(_REFRESHES.c.number))
        .where(_REFRESHES.c.done_at_s.is_not(None))
        .group_by(_REFRESHES.c.shop, _REFRESHES.c.feed)
    )
    with state.engine.connect() as connection:
        return set(connection.execute(sa.select(_PAGES.c.raw_id).where(_PAGES.c.number.not_in(newest))).scalars())


_HELD: set[str] = set()
"""Holders of this process; see `syncing`."""
