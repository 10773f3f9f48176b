"""What was told to whom: one row per message and target, written before it is sent, so that a day is told once.

A row holds no figure, address or receiver: the target stands as a digest, the message as its digest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from entrepot.store.making import make_tables
from entrepot.store.state import now_us

if TYPE_CHECKING:
    from entrepot.store.state import State

_METADATA = sa.MetaData()

_NOTICES = sa.Table(
    "notices",
    _METADATA,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
)

NoticeState = Literal["sending", "sent", "failed"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one target.

    Attributes:
        key: Kind, day and digest of the target: the same for every attempt.
        state: `sending` from before the attempt; `sent`; `failed` when it surely has not arrived. A row that stays
            `sending` is of a process that died or lost the line: nobody knows.
        sha256: Digest of the message.
        attempts: How often it was tried.
        at_us: Last change, microseconds since 1970, UTC.
    """

    key: str
    state: NoticeState
    sha256: str
    attempts: int
    at_us: int


class NoticeLog:
    """Messages of one cell.

    Args:
        state: The cell's open state, whose database it shares.
    """

    def __init__(self, state: State) -> None:
        self._engine = state.engine
        make_tables(self._engine, _METADATA)

    def notices(self) -> list[Notice]:
        """All of them, by key."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_NOTICES).order_by(_NOTICES.c.key))
            return [Notice(**row._mapping) for row in rows]  # noqa: SLF001 SQLAlchemy's public name

    def state_of(self, key: str) -> NoticeState | None:
        """The state of a message; None when it was never tried."""
        with self._engine.connect() as connection:
            found: NoticeState | None = connection.execute(
                sa.select(_NOTICES.c.state).where(_NOTICES.c.key == key)
            ).scalar()
        return found

    def begin(self, key: str, sha256: str, instead_of: NoticeState | None) -> bool:
        """Write down that a message is about to be sent.

        Args:
            key: Of the message.
            sha256: Digest of what is sent.
            instead_of: The state that the row has now; None for no row.
        Returns:
            False when another process changed the row in the meantime: then nothing may be sent.
        """
        try:
            with self._engine.begin() as connection:
                if instead_of is None:
                    new = {"key": key, "state": "sending", "sha256": sha256, "attempts": 1, "at_us": now_us()}
                    connection.execute(sa.insert(_NOTICES).values(new))
                    return True
                done = connection.execute(
                    sa.update(_NOTICES)
                    .where(_NOTICES.c.key == key, _NOTICES.c.state == instead_of)
                    .values(state="sending", sha256=sha256, attempts=_NOTICES.c.attempts + 1, at_us=now_us())
                )
                return done.rowcount == 1
        except sa.exc.IntegrityError:
            return False

    def end(self, key: str, state: Literal["sent", "failed"]) -> None:
        """Write down what became of it."""
        with self._engine.begin() as connection:
            connection.execute(sa.update(_NOTICES).where(_NOTICES.c.key == key).values(state=state, at_us=now_us()))
