"""What is kept of an erasure: that it happened, which blobs it changed, and the holds that stand against one.

None of these rows says who was erased: an erasure has a random id. What it works on while it runs lies in a file of its
own under `erasing/`, readable by its owner only, and is gone when it has finished.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from entrepot.store.making import make_tables
from entrepot.store.state import now_us

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from entrepot.store.state import State

_METADATA = sa.MetaData()

_ERASURES = sa.Table(
    "erasures",
    _METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("asked_at_us", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("asked_by", sa.String, nullable=False),
    sa.Column("persons", sa.Integer, nullable=False),
    sa.Column("last_number", sa.Integer, nullable=False),
    sa.Column("finished_at_us", sa.BigInteger),
)

_REDACTIONS = sa.Table(
    "redactions",
    _METADATA,
    sa.Column("erasure_id", sa.String, primary_key=True),
    sa.Column("raw_id", sa.String, primary_key=True),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("cells", sa.Integer, nullable=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("is_done", sa.Boolean, nullable=False),
)

_HOLDS = sa.Table(
    "holds",
    _METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("scope", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("until", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("placed_by", sa.String, nullable=False),
    sa.Column("placed_at_us", sa.BigInteger, nullable=False),
    sa.Column("released_by", sa.String),
    sa.Column("release_reason", sa.String),
    sa.Column("released_at_us", sa.BigInteger),
)

_RAW_FILES = sa.table("raw_files", sa.column("raw_id"), sa.column("snapshot_id"))
_TEXT = (sa.String, sa.Text)


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure; see the table `erasures`. Instants are microseconds since 1970, UTC.

    Attributes:
        persons: How many persons were erased.
        last_number: The greatest number in its placeholders.
        finished_at_us: None while it runs, and after it died until the next writer has finished it.
    """

    id: str
    asked_at_us: int
    reason: str
    asked_by: str
    persons: int
    last_number: int
    finished_at_us: int | None = None


@dataclass(frozen=True, slots=True)
class Redaction:
    """One blob of the raw log whose content an erasure changed; its id stays.

    Attributes:
        sha256: Digest of the content now.
        cells: Cells that were replaced.
        is_done: False from before the blob is changed until the erasure has finished.
    """

    erasure_id: str
    raw_id: str
    sha256: str
    cells: int
    at_us: int
    is_done: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """A dated legal hold: what it covers may not be erased.

    Attributes:
        scope: person, order, all.
        subject: Person key or order key; empty for all.
        until: Last day on which it holds, ISO date.
    """

    id: str
    scope: str
    subject: str
    until: str
    reason: str
    placed_by: str
    placed_at_us: int
    released_by: str | None = None
    release_reason: str | None = None
    released_at_us: int | None = None


class ErasureLog:
    """Erasures, redactions and holds of one cell.

    Args:
        state: The cell's open state, whose database it shares.
    """

    def __init__(self, state: State) -> None:
        self._engine = state.engine
        make_tables(self._engine, _METADATA)

    def begin(self, erasure: Erasure) -> None:
        """Write down that an erasure is about to change things; from here on it is finished, not given up."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.insert(_ERASURES).values(
                    id=erasure.id,
                    asked_at_us=erasure.asked_at_us,
                    reason=erasure.reason,
                    asked_by=erasure.asked_by,
                    persons=erasure.persons,
                    last_number=erasure.last_number,
                )
            )

    def erasures(self) -> list[Erasure]:
        """All of them, oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_ERASURES).order_by(_ERASURES.c.asked_at_us, _ERASURES.c.id))
            return [Erasure(**row._mapping) for row in rows]  # noqa: SLF001 SQLAlchemy's public name

    def unfinished(self) -> list[Erasure]:
        """Those that run or died."""
        return [each for each in self.erasures() if each.finished_at_us is None]

    def last_number(self) -> int:
        """The greatest number that any placeholder of this cell has; numbers are never given twice."""
        return max((each.last_number for each in self.erasures()), default=0)

    def intend_redaction(self, erasure_id: str, raw_id: str, sha256: str, cells: int) -> None:
        """Write down what a blob is about to become. A second intention after a crash keeps the first one's count."""
        one = (_REDACTIONS.c.erasure_id == erasure_id, _REDACTIONS.c.raw_id == raw_id)
        with self._engine.begin() as connection:
            if connection.execute(sa.select(_REDACTIONS.c.cells).where(*one)).first() is not None:
                connection.execute(sa.update(_REDACTIONS).where(*one).values(sha256=sha256))
                return
            connection.execute(
                sa.insert(_REDACTIONS).values(
                    erasure_id=erasure_id, raw_id=raw_id, sha256=sha256, cells=cells, at_us=now_us(), is_done=False
                )
            )

    def redactions(self, erasure_id: str | None = None) -> list[Redaction]:
        """Redactions of one erasure or of all, oldest first."""
        query = sa.select(_REDACTIONS).order_by(_REDACTIONS.c.at_us, _REDACTIONS.c.raw_id)
        if erasure_id is not None:
            query = query.where(_REDACTIONS.c.erasure_id == erasure_id)
        with self._engine.connect() as connection:
            return [Redaction(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001

    def contents_expected(self, raw_id: str, original: str) -> frozenset[str]:
        """Digests that the content of a blob may have now.

        Args:
            raw_id: The blob.
            original: Digest of the content as it came.
        Returns:
            One digest; while an erasure is unfinished also the one before it.
        """
        found = frozenset({original})
        for each in self.redactions():
            if each.raw_id == raw_id:
                found = frozenset({each.sha256}) if each.is_done else found | {each.sha256}
        return found

    def finish(self, erasure_id: str) -> None:
        """Mark an erasure and its redactions as done, in one transaction."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(_REDACTIONS).where(_REDACTIONS.c.erasure_id == erasure_id).values(is_done=True)
            )
            connection.execute(sa.update(_ERASURES).where(_ERASURES.c.id == erasure_id).values(finished_at_us=now_us()))

    def translate_again(self, raw_ids: Iterable[str]) -> None:
        """Mark files as in no snapshot, so that the next publisher translates them anew."""
        with self._engine.begin() as connection:
            for raw_id in raw_ids:
                connection.execute(sa.update(_RAW_FILES).where(_RAW_FILES.c.raw_id == raw_id).values(snapshot_id=None))

    def add_hold(self, scope: str, subject: str, until: str, reason: str, placed_by: str) -> Hold:
        """Place a hold."""
        hold = Hold(f"hold-{secrets.token_hex(4)}", scope, subject, until, reason, placed_by, now_us())
        with self._engine.begin() as connection:
            connection.execute(
                sa.insert(_HOLDS).values(
                    id=hold.id,
                    scope=scope,
                    subject=subject,
                    until=until,
                    reason=reason,
                    placed_by=placed_by,
                    placed_at_us=hold.placed_at_us,
                )
            )
        return hold

    def holds(self) -> list[Hold]:
        """All of them, those that ended included, oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_HOLDS).order_by(_HOLDS.c.placed_at_us, _HOLDS.c.id))
            return [Hold(**row._mapping) for row in rows]  # noqa: SLF001

    def holds_in_force(self, on_day: str) -> list[Hold]:
        """Those that are not released and have not ended before that ISO date."""
        return [each for each in self.holds() if each.released_at_us is None and each.until >= on_day]

    def release_hold(self, hold_id: str, reason: str, released_by: str) -> bool:
        """End a hold; whether there was one in force of that id."""
        with self._engine.begin() as connection:
            done = connection.execute(
                sa.update(_HOLDS)
                .where(_HOLDS.c.id == hold_id, _HOLDS.c.released_at_us.is_(None))
                .values(released_by=released_by, release_reason=reason, released_at_us=now_us())
            )
        return bool(done.rowcount)

    def forget_subjects(self, subjects: Collection[str], erasure_id: str) -> None:
        """Let holds that ended name the erasure instead of the person who was erased."""
        with self._engine.begin() as connection:
            for subject in subjects:
                connection.execute(sa.update(_HOLDS).where(_HOLDS.c.subject == subject).values(subject=erasure_id))

    def rewrite_texts(self, cleaned: Callable[[str], str]) -> int:
        """Replace texts in every table of the state, and leave nothing of the old ones in the database's free pages.

        Args:
            cleaned: The text without what must go.
        Returns:
            Number of rows changed.
        """
        changed = 0
        everything = sa.MetaData()
        everything.reflect(self._engine)
        with self._engine.begin() as connection:
            for of in everything.tables.values():
                for column in of.columns:
                    if isinstance(column.type, _TEXT) and not column.primary_key:
                        changed += _rewrite_column(connection, of, column, cleaned)
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM")
        return changed


def _rewrite_column(
    connection: sa.Connection, of: sa.Table, column: sa.Column[str], cleaned: Callable[[str], str]
) -> int:
    changed = 0
    for (text,) in connection.execute(sa.select(column).distinct()).all():
        if text and (new := cleaned(text)) != text:
            changed += connection.execute(sa.update(of).where(column == text).values({column.name: new})).rowcount
    return changed
