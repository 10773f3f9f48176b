"""What is to be delivered, by whom it is worked on, and what came of every attempt: durable before anything is sent.

A document has one row per target. Its `status`:

    planned    nothing was sent, or what was sent surely had no effect
    sending    a call is under way or its answer was lost: look it up before anything else
    done       every step is behind it
    rejected   the ERP said no for good, or tries ran out; a person has to act
    conflict   what the ERP holds under this key is something else; a person has to act
    dropped    replaced before anything was sent
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from entrepot.store.making import make_tables
from entrepot.store.state import now_us

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from entrepot.store.state import State

_Statement = TypeVar("_Statement", "sa.Select[Any]", sa.Update)

_METADATA = sa.MetaData()

_DOCUMENTS = sa.Table(
    "delivery_documents",
    _METADATA,
    sa.Column("target", sa.String, primary_key=True),
    sa.Column("document_id", sa.String, primary_key=True),
    sa.Column("base_id", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("after", sa.String, nullable=False, default=""),
    sa.Column("entity_id", sa.String, nullable=False),
    sa.Column("company", sa.String, nullable=False),
    sa.Column("book", sa.String, nullable=False),
    sa.Column("period", sa.String, nullable=False),
    sa.Column("posted_on", sa.String, nullable=False),
    sa.Column("currency", sa.String, nullable=False),
    sa.Column("functional_currency", sa.String, nullable=False),
    sa.Column("debit_minor", sa.BigInteger, nullable=False),
    sa.Column("lines", sa.Integer, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("payload_hash", sa.String, nullable=False),
    sa.Column("plan_id", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False, default="planned"),
    sa.Column("steps_done", sa.Integer, nullable=False, default=0),
    sa.Column("ref", sa.String, nullable=False, default=""),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("next_at_s", sa.Float, nullable=False, default=0.0),
    sa.Column("claimed_by", sa.String, nullable=False, default=""),
    sa.Column("claimed_until_s", sa.Float, nullable=False, default=0.0),
    sa.Column("code", sa.String, nullable=False, default=""),
    sa.Column("words", sa.String, nullable=False, default=""),
    sa.Index("delivery_documents_versions", "target", "base_id"),
)

_ATTEMPTS = sa.Table(
    "delivery_attempts",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("target", sa.String, nullable=False),
    sa.Column("document_id", sa.String, nullable=False, index=True),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("step", sa.String, nullable=False),
    sa.Column("what", sa.String, nullable=False),
    sa.Column("words", sa.String, nullable=False),
)

_NEEDS = sa.Table(
    "delivery_needs",
    _METADATA,
    sa.Column("target", sa.String, primary_key=True),
    sa.Column("document_id", sa.String, primary_key=True),
    sa.Column("base_id", sa.String, primary_key=True),
)

OPEN = ("planned", "sending")
"""Statuses that a worker goes on with."""

_ORDER = (_DOCUMENTS.c.rank, _DOCUMENTS.c.posted_on, _DOCUMENTS.c.document_id)


def _as_written(values: Sequence[str]) -> sa.BindParameter[Any]:
    """Values that stand in the statement itself: SQLite takes an index of some rows only where it reads which."""
    return sa.bindparam(None, values, expanding=True, literal_execute=True)


_IS_OPEN = _DOCUMENTS.c.status.in_(_as_written(OPEN))
_IS_CLAIMED = _DOCUMENTS.c.claimed_by.not_in(_as_written([""]))


def _index(name: str, only: sa.ColumnElement[bool], *columns: str) -> None:
    """An index of the rows that a claim asks for, so that it costs the same however many are done."""
    sa.Index(name, *(_DOCUMENTS.c[each] for each in columns), sqlite_where=only, postgresql_where=only)


_index("delivery_documents_open", _IS_OPEN, "target", "rank", "posted_on", "document_id")
_index("delivery_documents_claimed", _IS_CLAIMED, "target", "claimed_by", "claimed_until_s")

TRIES_RAN_OUT, DELETED = "tries_ran_out", "deleted"
UNSEEN = "unseen_"
"""What a code begins with where the ERP refused to be asked; what it says stands behind."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A row of `delivery_documents`; amounts in minor units of the functional currency, dates as ISO text.

    Attributes:
        base_id: What all versions of one journal share.
        role: document, also again under a new number; reversal; correction, which holds a difference only.
        after: A document of the same target that has to be done first; '' for none.
        plan_id: The plan whose file holds the lines.
        next_at_s: Not before this instant, seconds since 1970.
        code: Word of ours for the last trouble.
        words: The ERP's own words for it.
    """

    target: str
    document_id: str
    base_id: str
    kind: str
    rank: int
    role: str
    after: str
    entity_id: str
    company: str
    book: str
    period: str
    posted_on: str
    currency: str
    functional_currency: str
    debit_minor: int
    lines: int
    text: str
    payload_hash: str
    plan_id: str
    status: str = "planned"
    steps_done: int = 0
    ref: str = ""
    tries: int = 0
    next_at_s: float = 0.0
    claimed_by: str = ""
    claimed_until_s: float = 0.0
    code: str = ""
    words: str = ""

    @property
    def is_refused_for_sure(self) -> bool:
        """Whether the ERP holds nothing of it: it said no, and was asked."""
        return self.status == "rejected" and not self.steps_done and not _in_doubt(self.code)


@dataclass(frozen=True, slots=True)
class Change:
    """What a worker writes down about a document, and the line of its history.

    Attributes:
        document_id: Which.
        step: Step of the attempt.
        what: Word of the history: begun, applied, found, not_there, rejected, unknown, retry_after, conflict.
        words: The ERP's own words.
        values: Columns that change.
        is_over: Whether the claim ends.
    """

    document_id: str
    step: str
    what: str
    words: str
    values: dict[str, Any]
    is_over: bool


class IntentLog:
    """The documents of one target.

    Args:
        state: The cell's state.
        target: Name of the target.
    """

    def __init__(self, state: State, target: str) -> None:
        self._engine, self.target = state.engine, target
        make_tables(self._engine, _METADATA)

    def documents(self, *, period: str = "", statuses: Sequence[str] = (), kinds: Collection[str] = ()) -> list[Intent]:
        """Documents, oldest accounting date first; of a period, of some statuses and of some kinds if given."""
        query = self._of_target(sa.select(_DOCUMENTS)).order_by(*_ORDER)
        if period:
            query = query.where(_DOCUMENTS.c.period == period)
        if statuses:
            query = query.where(_DOCUMENTS.c.status.in_(statuses))
        if kinds:
            query = query.where(_DOCUMENTS.c.kind.in_(sorted(kinds)))
        return self._read(query)

    def document(self, document_id: str) -> Intent | None:
        """One document."""
        found = self._read(self._of_target(sa.select(_DOCUMENTS)).where(_DOCUMENTS.c.document_id == document_id))
        return found[0] if found else None

    def known_among(self, document_ids: Collection[str]) -> set[str]:
        """Those of some ids that were planned and not dropped: what was dropped was never to be sent."""
        wanted, found = sorted(document_ids), set[str]()
        with self._engine.connect() as connection:
            for at in range(0, len(wanted), _ROWS_MAX):
                some = _DOCUMENTS.c.document_id.in_(wanted[at : at + _ROWS_MAX])
                ids = self._of_target(sa.select(_DOCUMENTS.c.document_id))
                query = ids.where(some, _DOCUMENTS.c.status != "dropped")
                found |= set(connection.execute(query).scalars())
        return found

    def add(
        self, intents: Sequence[Intent], replaced: Mapping[str, str], needs: Sequence[tuple[str, str]] = ()
    ) -> list[str]:
        """Take a plan in, in one transaction: what is replaced before anything was sent is dropped.

        Args:
            intents: New documents.
            replaced: Old document id to the new one's; '' where nothing takes its place.
            needs: Document ids, each with a base id whose every version has to be done before.
        Returns:
            Old ids that a worker has taken up in the meantime. They and what was to replace them stay as they were:
            the next plan sees that they were begun.
        """
        old = list(replaced)
        dropped: set[str] = set()
        with self._engine.begin() as connection:
            for at in range(0, len(old), _ROWS_MAX):
                connection.execute(
                    self._of_target(sa.update(_DOCUMENTS))
                    .where(
                        _DOCUMENTS.c.document_id.in_(old[at : at + _ROWS_MAX]),
                        sa.or_(
                            _DOCUMENTS.c.status == "planned",
                            # In the meantime it may have come into doubt, which nothing takes the place of.
                            (_DOCUMENTS.c.status == "rejected")
                            & (_DOCUMENTS.c.code != TRIES_RAN_OUT)
                            & ~_DOCUMENTS.c.code.startswith(UNSEEN, autoescape=True),
                        ),
                        _DOCUMENTS.c.steps_done == 0,
                        _DOCUMENTS.c.claimed_by == "",
                    )
                    .values(status="dropped")
                )
                now = self._of_target(sa.select(_DOCUMENTS.c.document_id)).where(
                    _DOCUMENTS.c.document_id.in_(old[at : at + _ROWS_MAX]), _DOCUMENTS.c.status == "dropped"
                )
                dropped |= set(connection.execute(now).scalars())
            held_back = {new for before, new in replaced.items() if before not in dropped}
            rows = [
                {name: getattr(each, name) for name in Intent.__slots__}
                for each in intents
                if each.document_id not in held_back
            ]
            if rows:
                connection.execute(sa.insert(_DOCUMENTS), rows)
            needed = [(document, base) for document, base in needs if document not in held_back]
            if needed:
                names = ("target", "document_id", "base_id")
                connection.execute(
                    sa.insert(_NEEDS), [dict(zip(names, (self.target, *each), strict=True)) for each in needed]
                )
        return sorted(set(old) - dropped)

    def claim(
        self, limit: int, seconds: float, now_s: float, claims_max: int, limits: Mapping[str, int] | None = None
    ) -> list[Intent]:
        """Take documents of one kind, company and progress, that nobody else works on, for so many seconds.

        Args:
            limit: How many at most.
            seconds: How long nobody else may take them.
            now_s: The instant.
            claims_max: How many claims may be alive.
            limits: By kind, how many at most where that is another number.

        Returns:
            Those; none when there is nothing to do or as many claims as allowed are alive.
        """
        token = secrets.token_hex(8)
        free = self._of_target(sa.select(_DOCUMENTS)).where(
            _IS_OPEN,
            _DOCUMENTS.c.next_at_s <= now_s,
            _DOCUMENTS.c.claimed_until_s < now_s,
            ~self._waits(),
        )
        with self._engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                # SQLite decides who writes at the first write; taking that place first makes the reading below certain.
                connection.execute(self._of_target(sa.update(_DOCUMENTS)).where(sa.false()).values(tries=0))
            alive = connection.execute(
                sa.select(sa.func.count(sa.distinct(_DOCUMENTS.c.claimed_by))).where(
                    _DOCUMENTS.c.target == self.target,
                    _IS_CLAIMED,
                    _DOCUMENTS.c.claimed_until_s >= now_s,
                )
            ).scalar_one()
            if alive >= claims_max:
                return []
            first = connection.execute(
                free.order_by(*_ORDER).limit(1).with_for_update(skip_locked=True, of=_DOCUMENTS)
            ).first()
            if first is None:
                return []
            alike = (_DOCUMENTS.c[name] == getattr(first, name) for name in ("kind", "company", "status", "steps_done"))
            limit = (limits or {}).get(first.kind, limit)
            rows = connection.execute(
                free.where(*alike).order_by(*_ORDER).limit(limit).with_for_update(skip_locked=True, of=_DOCUMENTS)
            ).all()
            ids = [row.document_id for row in rows]
            connection.execute(
                self._of_target(sa.update(_DOCUMENTS))
                .where(_DOCUMENTS.c.document_id.in_(ids))
                .values(claimed_by=token, claimed_until_s=now_s + seconds)
            )
        return [
            Intent(**{**row._mapping, "claimed_by": token, "claimed_until_s": now_s + seconds})  # noqa: SLF001
            for row in rows
        ]

    def write(self, token: str, changes: Sequence[Change], now_s: float) -> bool:
        """Write down what happened to claimed documents, all or nothing.

        Returns:
            False, and nothing is written, when the claim has run out or another worker has taken one of them over.
        """
        with self._engine.begin() as connection:
            for values, several in _alike(changes):
                mine = (
                    self._of_target(sa.update(_DOCUMENTS))
                    .where(
                        _DOCUMENTS.c.document_id == sa.bindparam("of_document"),
                        _DOCUMENTS.c.claimed_by == token,
                        _DOCUMENTS.c.claimed_until_s >= now_s,
                    )
                    .values(**values, **({"ref": sa.bindparam("new_ref")} if "new_ref" in several[0] else {}))
                )
                if connection.execute(mine, several).rowcount != len(several):
                    connection.rollback()
                    return False
            if changes:
                connection.execute(sa.insert(_ATTEMPTS), [self._line(change) for change in changes])
        return True

    def retry(self, document_ids: Sequence[str]) -> list[str]:
        """Put documents back in line; they are looked up before they are sent.

        Args:
            document_ids: Which; those that are done too, and what is not there any more is sent anew: its steps start
                again. Without any all that wait for a person, but those that were taken away in the ERP: whether they
                are to come again is for a person to say of each.

        Returns:
            Those that were put back.
        """
        values: dict[str, Any] = {"status": "sending", "tries": 0, "next_at_s": 0.0}
        if document_ids:
            named = _DOCUMENTS.c.document_id.in_(document_ids)
            which = named & _DOCUMENTS.c.status.in_(("rejected", "conflict", "done"))
            values["steps_done"] = 0
        else:
            is_gone = (_DOCUMENTS.c.status == "conflict") & (_DOCUMENTS.c.code == DELETED)
            which = _DOCUMENTS.c.status.in_(("rejected", "conflict")) & ~is_gone
        with self._engine.begin() as connection:
            # In one statement: what somebody else has put back meanwhile may be a worker's by now.
            again = self._of_target(sa.update(_DOCUMENTS)).where(which)
            again = again.values(**values, claimed_by="", claimed_until_s=0.0)
            return list(connection.execute(again.returning(_DOCUMENTS.c.document_id)).scalars())

    def history(self, document_id: str) -> list[dict[str, Any]]:
        """Every attempt of a document, oldest first: at_us, step, what, words."""
        query = (
            sa.select(_ATTEMPTS)
            .where(_ATTEMPTS.c.target == self.target, _ATTEMPTS.c.document_id == document_id)
            .order_by(_ATTEMPTS.c.id)
        )
        with self._engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001

    def counts(self) -> list[dict[str, Any]]:
        """Documents by period and status."""
        query = (
            sa.select(_DOCUMENTS.c.period, _DOCUMENTS.c.status, sa.func.count().label("documents"))
            .where(_DOCUMENTS.c.target == self.target)
            .group_by(_DOCUMENTS.c.period, _DOCUMENTS.c.status)
            .order_by(_DOCUMENTS.c.period, _DOCUMENTS.c.status)
        )
        with self._engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001

    def next_at_s(self) -> float | None:
        """When the next open document may be taken up; None when none is open, or all wait for what a person has.

        What waits for another open document counts once that one is done: until then the other one counts.
        """
        ready = sa.func.min(
            sa.case(
                (_DOCUMENTS.c.claimed_until_s > _DOCUMENTS.c.next_at_s, _DOCUMENTS.c.claimed_until_s),
                else_=_DOCUMENTS.c.next_at_s,
            )
        )
        going_on = self._of_target(sa.select(ready)).where(_IS_OPEN, ~self._waits())
        with self._engine.connect() as connection:
            found = connection.execute(going_on).scalar()
        return None if found is None else float(found)

    def _waits(self) -> sa.ColumnElement[bool]:
        """Whether a document waits for another one that is neither done nor dropped."""
        other = _DOCUMENTS.alias("other")
        status = other.c.status.not_in(("done", "dropped"))
        before = sa.exists().where(other.c.target == self.target, other.c.document_id == _DOCUMENTS.c.after, status)
        # One in the other and no join: which of the two to begin with is not for an engine to guess.
        unfinished = sa.exists().where(other.c.target == self.target, other.c.base_id == _NEEDS.c.base_id, status)
        needed = sa.exists().where(
            _NEEDS.c.target == self.target, _NEEDS.c.document_id == _DOCUMENTS.c.document_id, unfinished
        )
        return sa.or_(before, needed)

    def _line(self, change: Change) -> dict[str, Any]:
        told = {"step": change.step, "what": change.what, "words": change.words}
        return {"target": self.target, "document_id": change.document_id, "at_us": now_us(), **told}

    def _of_target(self, statement: _Statement) -> _Statement:
        return statement.where(_DOCUMENTS.c.target == self.target)

    def _read(self, query: sa.Select[Any]) -> list[Intent]:
        with self._engine.connect() as connection:
            return [Intent(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001


def _in_doubt(code: str) -> bool:
    return code == TRIES_RAN_OUT or code.startswith(UNSEEN)


def _alike(changes: Sequence[Change]) -> list[tuple[dict[str, Any], list[dict[str, str]]]]:
    """Columns that change, with the documents of which all of them do; only the ERP's numbers are each their own."""
    free = {"claimed_by": "", "claimed_until_s": 0.0}
    groups: dict[str, tuple[dict[str, Any], list[dict[str, str]]]] = {}
    for change in changes:
        values = {**change.values, **(free if change.is_over else {})}
        own = {"of_document": change.document_id}
        if "ref" in values:
            own["new_ref"] = values.pop("ref")
        groups.setdefault(repr((sorted(values.items()), len(own))), (values, []))[1].append(own)
    return list(groups.values())


_ROWS_MAX = 500
