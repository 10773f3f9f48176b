"""Hints of push messages: which documents a platform says have changed, kept until read or until polling passed them.

A platform sends a message more than once and in any order, so messages are known by digests for some days, and several
messages about one document are one hint. The id of a document stands here while its hint waits and is overwritten when
it was read: digests stay. Nothing else of a message is kept.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from entrepot.store.making import make_tables
from entrepot.store.state import is_alive
from entrepot.store.syncing import WINDOW_SECONDS, new_holder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from entrepot.store.state import State

_METADATA = sa.MetaData()

_HINTS = sa.Table(
    "sync_hints",
    _METADATA,
    sa.Column("shop", sa.String, primary_key=True),
    sa.Column("feed", sa.String, primary_key=True),
    sa.Column("digest", sa.String, primary_key=True),
    sa.Column("id", sa.String),
    sa.Column("marks", sa.Integer, nullable=False),
    sa.Column("since_s", sa.Float, nullable=False),
    sa.Column("last_s", sa.Float, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("not_before_s", sa.Float, nullable=False, default=0.0),
    sa.Column("holder", sa.String),
    sa.Column("held_until_s", sa.Float),
    sa.Column("read_at_s", sa.Float),
)

_MESSAGES = sa.Table(
    "sync_messages",
    _METADATA,
    sa.Column("shop", sa.String, primary_key=True),
    sa.Column("digest", sa.String, primary_key=True),
    sa.Column("received_s", sa.Float, nullable=False),
)

COUNTS = ("received", "repeated", "older", "unread", "foreign", "gone", "passed")
"""What is counted of a shop's messages; see `MessageCounts`."""

_COUNTS = sa.Table(
    "sync_message_counts",
    _METADATA,
    sa.Column("shop", sa.String, primary_key=True),
    *(sa.Column(name, sa.Integer, nullable=False, default=0) for name in COUNTS),
    sa.Column("last_s", sa.Float),
)

_REFUSALS = sa.Table(
    "sync_message_refusals",
    _METADATA,
    sa.Column("shop", sa.String, primary_key=True),
    sa.Column("refused", sa.Integer, nullable=False),
)

KEPT_S = 3 * 86_400
"""So long anything of a message is kept, be it read or not: no platform is known to send one again later."""

_OLDER_BY_S = 3.0
"""A message tells of what a read showed only if it is older by this: clocks show whole seconds, and differ by one."""

_TRY_AGAIN_S, _TRY_AGAIN_MAX_S = 2.0, 300.0


@dataclass(frozen=True, slots=True)
class Hint:
    """A document that changed, as a message names it.

    Attributes:
        feed: Name of its feed.
        id: Its id; printing the hint shows no id.
        at_s: When it changed, or the message was made, by the platform's clock; None where the message does not say.
    """

    feed: str
    id: str
    at_s: float | None = None

    def __repr__(self) -> str:
        return f"Hint({self.feed})"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that came.

    Attributes:
        key: What tells it from every other message of the shop.
        hints: Documents that it names; none where it tells of nothing that is read.
    """

    key: str
    hints: tuple[Hint, ...]


@dataclass(frozen=True, slots=True)
class WaitingHint:
    """A hint that this worker holds; see the table `sync_hints`."""

    shop: str
    feed: str
    digest: str
    id: str
    marks: int

    def __repr__(self) -> str:
        return f"WaitingHint({self.feed})"


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """What became of a shop's messages since the first one.

    Attributes:
        received: Messages that were new.
        repeated: Those that had come before.
        older: Hints about what a later read had shown already; they were not read.
        unread: Messages that tell of nothing that is read.
        foreign: Messages of sellers that are no shop of the cell.
        gone: Hints whose document the platform does not have, or refuses.
        passed: Hints that waited until polling had read past them.
        refused: Posts that the platform had not signed; nothing of them was read.
        waiting: Hints that wait now.
        last_s: When the last message came, unix seconds.
    """

    received: int = 0
    repeated: int = 0
    older: int = 0
    unread: int = 0
    foreign: int = 0
    gone: int = 0
    passed: int = 0
    refused: int = 0
    waiting: int = 0
    last_s: float | None = None


class HintState:
    """Hints in the state database of a cell.

    Args:
        state: Its open state.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        make_tables(state.engine, _METADATA)
        self.holder = new_holder()
        _HELD.add(self.holder)

    def close(self) -> None:
        """Let go of the hints that this worker holds."""
        _HELD.discard(self.holder)
        with self._state.engine.begin() as connection:
            free = {"holder": None, "held_until_s": None}
            connection.execute(sa.update(_HINTS).where(_HINTS.c.holder == self.holder).values(**free))

    def receive(self, shop: str, arrivals: Sequence[Arrival], now_s: float) -> int:
        """Keep what messages hint at; when this returns, the platform may be told that they came.

        Args:
            shop: Whose.
            arrivals: Messages, any order, repetitions among them.
            now_s: Time by this computer's clock.
        Returns:
            Messages that had not come before.
        """
        counts = dict.fromkeys(COUNTS, 0)
        with self._state.exclusive() as connection:
            for arrival in arrivals:
                digest = _digest(arrival.key)
                known = sa.select(_MESSAGES.c.digest).where(_MESSAGES.c.shop == shop, _MESSAGES.c.digest == digest)
                if connection.execute(known).first() is not None:
                    counts["repeated"] += 1
                    continue
                connection.execute(sa.insert(_MESSAGES).values(shop=shop, digest=digest, received_s=now_s))
                counts["received"] += 1
                counts["unread"] += not arrival.hints
                for hint in arrival.hints:
                    counts["older"] += not _mark(connection, shop, hint, now_s)
            _count_in(connection, shop, counts, now_s)
        return counts["received"]

    def count(self, shop: str, counts: Mapping[str, int]) -> None:
        """Add to what is counted of a shop's messages."""
        with self._state.exclusive() as connection:
            _count_in(connection, shop, counts, None)

    def refuse(self, shop: str, posts: int) -> None:
        """Count posts that the platform had not signed."""
        with self._state.exclusive() as connection:
            known = connection.execute(sa.select(_REFUSALS.c.refused).where(_REFUSALS.c.shop == shop)).scalar()
            if known is None:
                connection.execute(sa.insert(_REFUSALS).values(shop=shop, refused=posts))
            else:
                more = sa.update(_REFUSALS).where(_REFUSALS.c.shop == shop)
                connection.execute(more.values(refused=known + posts))

    def claim(self, shop: str, feeds: Collection[str], now_s: float, rest_s: float, most: int) -> list[WaitingHint]:
        """Take hints that wait, oldest first, unless somebody alive holds them.

        Args:
            shop: Whose.
            feeds: Of which feeds.
            now_s: Time by this computer's clock.
            rest_s: So long a hint rests before it is read: messages about one document come together.
            most: At most so many.
        """
        query = (
            sa.select(_HINTS)
            .where(
                _HINTS.c.shop == shop,
                _HINTS.c.feed.in_(list(feeds)),
                _HINTS.c.id.is_not(None),
                _HINTS.c.since_s <= now_s - rest_s,
                _HINTS.c.not_before_s <= now_s,
            )
            .order_by(_HINTS.c.since_s, _HINTS.c.digest)
        )
        with self._state.engine.connect() as connection:
            if connection.execute(query.limit(1)).first() is None:
                return []
        found: list[WaitingHint] = []
        with self._state.exclusive() as connection:
            for row in connection.execute(query).all():
                if row.holder is not None and row.held_until_s > now_s and is_alive(row.holder, _HELD):
                    continue
                held = {"holder": self.holder, "held_until_s": now_s + WINDOW_SECONDS}
                connection.execute(sa.update(_HINTS).where(*_is(row)).values(**held))
                found.append(WaitingHint(row.shop, row.feed, row.digest, row.id, row.marks))
                if len(found) == most:
                    break
        return found

    def settle(self, read: Iterable[tuple[WaitingHint, float]], now_s: float) -> None:
        """Note that documents were read and their pages are kept; a hint that was given again meanwhile waits on.

        Args:
            read: Hints, each with the platform's time at which it was asked for.
            now_s: Time by this computer's clock.
        """
        with self._wiping() as connection:
            for hint, asked_s in read:
                done = {"id": None, "holder": None, "held_until_s": None, "read_at_s": asked_s, "tries": 0}
                settled = connection.execute(
                    sa.update(_HINTS).where(*_is(hint), _HINTS.c.marks == hint.marks).values(**done)
                )
                if settled.rowcount == 0:
                    again = {"holder": None, "held_until_s": None, "since_s": now_s}
                    connection.execute(sa.update(_HINTS).where(*_is(hint)).values(**again))

    def drop(self, gone: Sequence[WaitingHint]) -> None:
        """Forget hints whose documents the platform does not give; polling tells whatever is true."""
        if not gone:
            return
        with self._wiping() as connection:
            for hint in gone:
                connection.execute(sa.delete(_HINTS).where(*_is(hint)))
            _count_in(connection, gone[0].shop, {"gone": len(gone)}, None)

    def release(self, hints: Iterable[WaitingHint], now_s: float) -> None:
        """Let hints wait on that could not be read now; the next try is later each time."""
        with self._state.exclusive() as connection:
            for hint in hints:
                tries = connection.execute(sa.select(_HINTS.c.tries).where(*_is(hint))).scalar() or 0
                wait = min(_TRY_AGAIN_S * 2**tries, _TRY_AGAIN_MAX_S)
                free = {"holder": None, "held_until_s": None, "tries": tries + 1, "not_before_s": now_s + wait}
                connection.execute(sa.update(_HINTS).where(*_is(hint)).values(**free))

    def pass_by(self, shop: str, feed: str, before_s: float) -> int:
        """Forget hints of a feed that came before an instant by this computer's clock: polling has read past them."""
        passed = (_HINTS.c.shop == shop, _HINTS.c.feed == feed, _HINTS.c.id.is_not(None), _HINTS.c.last_s < before_s)
        with self._state.engine.connect() as connection:
            if connection.execute(sa.select(_HINTS.c.digest).where(*passed).limit(1)).first() is None:
                return 0
        with self._wiping() as connection:
            gone = connection.execute(sa.delete(_HINTS).where(*passed)).rowcount
            _count_in(connection, shop, {"passed": gone}, None)
        return gone

    def forget(self, before_s: float) -> None:
        """Forget messages and hints that came before an instant by this computer's clock, those that wait too."""
        with self._wiping() as connection:
            connection.execute(sa.delete(_MESSAGES).where(_MESSAGES.c.received_s < before_s))
            connection.execute(sa.delete(_HINTS).where(_HINTS.c.last_s < before_s))

    def counts(self, shop: str) -> MessageCounts:
        """What became of a shop's messages."""
        waiting = sa.select(sa.func.count()).where(_HINTS.c.shop == shop, _HINTS.c.id.is_not(None))
        with self._state.engine.connect() as connection:
            row = connection.execute(sa.select(_COUNTS).where(_COUNTS.c.shop == shop)).first()
            wait = int(connection.execute(waiting).scalar_one())
            refused = connection.execute(sa.select(_REFUSALS.c.refused).where(_REFUSALS.c.shop == shop)).scalar() or 0
        told = {} if row is None else {name: getattr(row, name) for name in (*COUNTS, "last_s")}
        return MessageCounts(**told, refused=refused, waiting=wait)

    @contextmanager
    def _wiping(self) -> Iterator[sa.Connection]:
        """A transaction that leaves nothing of what it takes out in the file's free pages."""
        with self._state.exclusive() as connection:
            if self._state.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA secure_delete = ON")
            yield connection


def _mark(connection: sa.Connection, shop: str, hint: Hint, now_s: float) -> bool:
    """Let a hint wait; False where a read that was asked for later has shown what it tells."""
    digest = _digest(f"{hint.feed}\0{hint.id}")
    key = {"shop": shop, "feed": hint.feed, "digest": digest}
    where = tuple(_HINTS.c[name] == value for name, value in key.items())
    row = connection.execute(sa.select(_HINTS).where(*where)).first()
    if row is None:
        new = {"id": hint.id, "marks": 1, "since_s": now_s, "last_s": now_s, "tries": 0, "not_before_s": 0.0}
        connection.execute(sa.insert(_HINTS).values(**key, **new))
        return True
    if row.id is None:
        if row.read_at_s is not None and hint.at_s is not None and hint.at_s + _OLDER_BY_S <= row.read_at_s:
            return False
        again = {"id": hint.id, "since_s": now_s, "not_before_s": 0.0}
    else:
        again = {}
    connection.execute(sa.update(_HINTS).where(*where).values(marks=row.marks + 1, last_s=now_s, **again))
    return True


def _count_in(connection: sa.Connection, shop: str, counts: Mapping[str, int], now_s: float | None) -> None:
    """Add counts within a transaction of the caller."""
    row = connection.execute(sa.select(_COUNTS).where(_COUNTS.c.shop == shop)).first()
    if row is None:
        connection.execute(sa.insert(_COUNTS).values(shop=shop, **dict.fromkeys(COUNTS, 0)))
    added = {name: _COUNTS.c[name] + more for name, more in counts.items() if more}
    if now_s is not None and counts.get("received"):
        added["last_s"] = sa.literal(now_s)
    if added:
        connection.execute(sa.update(_COUNTS).where(_COUNTS.c.shop == shop).values(**added))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]


_HELD: set[str] = set()
"""Holders of this process; see `syncing`."""


def _is(hint: object) -> tuple[sa.ColumnElement[bool], ...]:
    return tuple(_HINTS.c[name] == getattr(hint, name) for name in ("shop", "feed", "digest"))
