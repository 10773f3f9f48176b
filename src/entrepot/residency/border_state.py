"""What the door remembers: transfers step by step, what each recipient holds, switches. A database of its own.

The steps of a transfer are written down before they are taken, so that a process that dies leaves one that its
successor can end: every intent has an outcome, and nothing leaves twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from entrepot.store.making import durable_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["BorderState", "Received", "Step", "Switch", "Transfer"]

_METADATA = sa.MetaData()

_TRANSFERS = sa.Table(
    "transfers",
    _METADATA,
    sa.Column("transfer", sa.String, primary_key=True),
    sa.Column("permit", sa.String, nullable=False),
    sa.Column("recipient", sa.String, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("step", sa.String, nullable=False),
    sa.Column("made_at_us", sa.BigInteger, nullable=False),
    sa.Column("rows_left", sa.Integer, nullable=False, default=0),
    sa.Column("persons", sa.Integer, nullable=False, default=0),
    sa.Column("envelope", sa.String),
    sa.Column("envelope_hash", sa.String),
    sa.Column("parts", sa.String, nullable=False, default="{}"),
    sa.Column("intent", sa.String, nullable=False),
    sa.Column("intent_at", sa.Integer),
    sa.UniqueConstraint("permit", "sequence"),
)

_SWITCHES = sa.Table(
    "switches",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("decided_by", sa.String, nullable=False),
)

_TOKEN_KEYS = sa.Table(
    "token_keys",
    _METADATA,
    sa.Column("permit", sa.String, primary_key=True),
    sa.Column("key_id", sa.String, nullable=False),
)

_RECEIVED = sa.Table(
    "received",
    _METADATA,
    sa.Column("sender", sa.String, primary_key=True),
    sa.Column("permit", sa.String, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("transfer", sa.String, nullable=False),
    sa.Column("applied_at_us", sa.BigInteger, nullable=False),
    sa.Column("versions", sa.String, nullable=False),
)

_ARRIVALS = sa.Table(
    "arrivals",
    _METADATA,
    sa.Column("sender", sa.String, primary_key=True),
    sa.Column("permit", sa.String, primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("made_at_us", sa.BigInteger, nullable=False),
    sa.Column("applied_at_us", sa.BigInteger, nullable=False),
)


class Step(StrEnum):
    """Where a transfer stands; each is written before the next is tried."""

    BEGUN = "begun"
    INTENDED = "intended"
    SEALED = "sealed"
    SENT = "sent"
    CLOSED = "closed"
    ABANDONED = "abandoned"


MOVES = {
    Step.BEGUN: {Step.INTENDED, Step.ABANDONED},
    Step.INTENDED: {Step.SEALED, Step.ABANDONED},
    Step.SEALED: {Step.SENT},
    Step.SENT: {Step.CLOSED},
    Step.CLOSED: set(),
    Step.ABANDONED: set(),
}
assert set(MOVES) == set(Step), "every step says where it may go"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer.

    Attributes:
        transfer: Its id, without meaning.
        sequence: Its number among those of its permit, from 1.
        step: How far it came.
        made_at_us: When it began, microseconds since 1970, UTC.
        rows_left: Rows in its envelope.
        persons: Distinct persons behind them.
        envelope: File name.
        envelope_hash: `sha256:` of the file.
        parts: `dataset/part` to the digest of its file.
        intent: Its entry for the transfer log, as canonical JSON.
        intent_at: Number of that entry in the log; None as long as it is not known to stand there.
    """

    transfer: str
    permit: str
    recipient: str
    sequence: int
    step: Step
    made_at_us: int
    rows_left: int
    persons: int
    envelope: str | None
    envelope_hash: str | None
    parts: Mapping[str, str]
    intent: str
    intent_at: int | None


@dataclass(frozen=True, slots=True)
class Switch:
    """One decision about what may leave: of a permit, a recipient or the whole cell."""

    kind: str
    name: str
    is_open: bool
    at_us: int
    reason: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class Received:
    """What of a sender's permit was applied last, and the version of each table since then."""

    sender: str
    permit: str
    sequence: int
    transfer: str
    applied_at_us: int
    versions: Mapping[str, int]


class BorderState:
    """The door's database of one cell.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._engine = durable_file(path, _METADATA)

    def close(self) -> None:
        """Give connections back."""
        self._engine.dispose()

    def begin(self, transfer: Transfer) -> None:
        """Write down a transfer that is about to be made."""
        with self._engine.begin() as connection:
            connection.execute(sa.insert(_TRANSFERS).values(**_values(transfer)))

    def move(self, transfer: str, to: Step, **facts: object) -> None:
        """Note that a transfer reached a step, with what is known by then."""
        with self._engine.begin() as connection:
            found = connection.execute(
                sa.select(_TRANSFERS.c.step).where(_TRANSFERS.c.transfer == transfer)
            ).scalar_one()
            assert to in MOVES[Step(found)], f"a transfer does not go from {found} to {to}"
            if "parts" in facts:
                facts["parts"] = json.dumps(facts["parts"], sort_keys=True)
            connection.execute(
                sa.update(_TRANSFERS).where(_TRANSFERS.c.transfer == transfer).values(step=to.value, **facts)
            )

    def forget(self, transfer: str) -> None:
        """Drop a transfer of which nothing happened, so that its number is not missing in the log."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_TRANSFERS).where(_TRANSFERS.c.transfer == transfer))

    def transfer(self, transfer: str) -> Transfer:
        """A transfer as it stands."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(_TRANSFERS).where(_TRANSFERS.c.transfer == transfer)).one()
        return _transfer(dict(row._mapping))  # noqa: SLF001

    def transfers(self, permit: str | None = None) -> list[Transfer]:
        """All transfers, or those of a permit, oldest first."""
        query = sa.select(_TRANSFERS).order_by(_TRANSFERS.c.made_at_us, _TRANSFERS.c.permit, _TRANSFERS.c.sequence)
        if permit is not None:
            query = query.where(_TRANSFERS.c.permit == permit)
        with self._engine.connect() as connection:
            return [_transfer(dict(row._mapping)) for row in connection.execute(query)]  # noqa: SLF001 SQLAlchemy's public name

    def open_transfers(self) -> list[Transfer]:
        """Transfers that a process left half-way."""
        return [each for each in self.transfers() if each.step not in (Step.CLOSED, Step.ABANDONED)]

    def held_parts(self, permit: str) -> dict[str, str]:
        """`dataset/part` to the digest that the recipient of a permit holds."""
        held: dict[str, str] = {}
        for each in self.transfers(permit):
            if each.step is not Step.ABANDONED:
                held |= each.parts
        return held

    def last_sent(self, permit: str) -> int:
        """Sequence of the newest envelope of a permit; 0 before the first."""
        return max((each.sequence for each in self.transfers(permit) if each.envelope is not None), default=0)

    def switch(self, decision: Switch) -> None:
        """Open or close the door for a permit, a recipient or the cell."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.insert(_SWITCHES).values(**{name: getattr(decision, name) for name in Switch.__dataclass_fields__})
            )

    def closed_by(self, permit: str, recipient: str) -> list[Switch]:
        """Newest decisions that keep the door shut for a permit and its recipient; read anew on every call."""
        wanted = {("permit", permit), ("recipient", recipient), ("cell", "")}
        newest: dict[tuple[str, str], Switch] = {}
        for each in self.switches():
            newest[each.kind, each.name] = each
        return [each for key, each in newest.items() if key in wanted and not each.is_open]

    def switches(self) -> list[Switch]:
        """Every decision, oldest first."""
        query = sa.select(_SWITCHES).order_by(_SWITCHES.c.id)
        with self._engine.connect() as connection:
            rows = [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001
        return [Switch(**{name: row[name] for name in Switch.__dataclass_fields__}) for row in rows]

    def token_key_id(self, permit: str) -> str:
        """Generation of a permit's token keys."""
        with self._engine.connect() as connection:
            found = connection.execute(sa.select(_TOKEN_KEYS.c.key_id).where(_TOKEN_KEYS.c.permit == permit)).scalar()
        return found or "k1"

    def rotate_tokens(self, permit: str) -> str:
        """Begin the next generation of a permit's token keys: the same value gets another token from now on."""
        following = f"k{int(self.token_key_id(permit)[1:]) + 1}"
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_TOKEN_KEYS).where(_TOKEN_KEYS.c.permit == permit))
            connection.execute(sa.insert(_TOKEN_KEYS).values(permit=permit, key_id=following))
        return following

    def received(self) -> list[Received]:
        """What was applied, by sender and permit."""
        with self._engine.connect() as connection:
            rows = [dict(row._mapping) for row in connection.execute(sa.select(_RECEIVED))]  # noqa: SLF001
        return [Received(**(row | {"versions": json.loads(row["versions"])})) for row in rows]

    def note_received(self, received: Received, made_at_us: int) -> None:
        """Make what was applied visible to readers, and keep how long it was on its way: one transaction."""
        values = {name: getattr(received, name) for name in Received.__dataclass_fields__}
        values["versions"] = json.dumps(dict(received.versions), sort_keys=True)
        where = sa.and_(_RECEIVED.c.sender == received.sender, _RECEIVED.c.permit == received.permit)
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_RECEIVED).where(where))
            connection.execute(sa.insert(_RECEIVED).values(**values))
            connection.execute(
                sa.insert(_ARRIVALS).values(
                    sender=received.sender,
                    permit=received.permit,
                    sequence=received.sequence,
                    made_at_us=made_at_us,
                    applied_at_us=received.applied_at_us,
                )
            )

    def arrivals(self, sender: str, permit: str) -> list[tuple[int, int, int]]:
        """Envelopes of a permit that were applied, in order: sequence, when each was made, when it was applied."""
        table = _ARRIVALS.c
        query = (
            sa.select(table.sequence, table.made_at_us, table.applied_at_us)
            .where(table.sender == sender, table.permit == permit)
            .order_by(table.sequence)
        )
        with self._engine.connect() as connection:
            return [(each[0], each[1], each[2]) for each in connection.execute(query)]


def _values(transfer: Transfer) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(transfer, name) for name in Transfer.__dataclass_fields__}
    return values | {"step": transfer.step.value, "parts": json.dumps(dict(transfer.parts), sort_keys=True)}


def _transfer(row: Mapping[str, object]) -> Transfer:
    values = dict(row)
    return Transfer(**(values | {"step": Step(str(values["step"])), "parts": json.loads(str(values["parts"]))}))  # type: ignore[arg-type]
