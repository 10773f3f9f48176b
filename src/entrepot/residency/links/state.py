"""What a cell remembers of its links: which mail a broker keeps, which its recipient has, which came here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from entrepot.store.making import durable_file

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LinkState", "Outgoing"]

_METADATA = sa.MetaData()

_OUTGOING = sa.Table(
    "outgoing",
    _METADATA,
    sa.Column("cell", sa.String, primary_key=True),
    sa.Column("mail", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("pieces", sa.Integer, nullable=False),
    sa.Column("handed", sa.Integer, nullable=False),
    sa.Column("first_seen_us", sa.BigInteger, nullable=False),
    sa.Column("handed_at_us", sa.BigInteger),
    sa.Column("delivered_at_us", sa.BigInteger),
)

_TAKEN = sa.Table(
    "taken",
    _METADATA,
    sa.Column("cell", sa.String, primary_key=True),
    sa.Column("mail", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("taken_at_us", sa.BigInteger, nullable=False),
    sa.Column("is_receipt_due", sa.Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Mail to another cell.

    Attributes:
        cell: The recipient.
        mail: Its id.
        name: Its path below the mail folder.
        pieces: Into how many it was cut.
        handed: How many of them the broker confirmed to keep.
        first_seen_us: Since when it waits, microseconds since 1970, UTC.
        handed_at_us: When the broker confirmed the last one.
        delivered_at_us: When the recipient's receipt came.
    """

    cell: str
    mail: str
    name: str
    pieces: int
    handed: int
    first_seen_us: int
    handed_at_us: int | None
    delivered_at_us: int | None


class LinkState:
    """The database of a cell's links.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._engine = durable_file(path, _METADATA)

    def close(self) -> None:
        """Give connections back."""
        self._engine.dispose()

    def outgoing(self, cell: str) -> list[Outgoing]:
        """Mail to a cell, oldest first."""
        query = (
            sa.select(_OUTGOING).where(_OUTGOING.c.cell == cell).order_by(_OUTGOING.c.first_seen_us, _OUTGOING.c.name)
        )
        with self._engine.connect() as connection:
            return [Outgoing(**dict(row._mapping)) for row in connection.execute(query)]  # noqa: SLF001 SQLAlchemy's public name

    def begin(self, cell: str, mail: str, name: str, pieces: int, at_us: int) -> Outgoing:
        """Note mail that waits; what is known already stays as it is."""
        where = sa.and_(_OUTGOING.c.cell == cell, _OUTGOING.c.mail == mail)
        with self._engine.begin() as connection:
            if connection.execute(sa.select(_OUTGOING).where(where)).one_or_none() is None:
                values = {"cell": cell, "mail": mail, "name": name, "pieces": pieces, "handed": 0}
                connection.execute(sa.insert(_OUTGOING).values(**values, first_seen_us=at_us))
            return Outgoing(**dict(connection.execute(sa.select(_OUTGOING).where(where)).one()._mapping))  # noqa: SLF001

    def hand(self, mail: Outgoing, handed: int, at_us: int) -> None:
        """Note that the broker keeps so many pieces."""
        when = at_us if handed == mail.pieces else None
        self._update(mail.cell, mail.mail, handed=handed, handed_at_us=when)

    def deliver(self, cell: str, mail: str, at_us: int) -> str | None:
        """Note that the recipient has it; returns its name, None for mail that nobody sent."""
        where = sa.and_(_OUTGOING.c.cell == cell, _OUTGOING.c.mail == mail)
        with self._engine.begin() as connection:
            name: str | None = connection.execute(sa.select(_OUTGOING.c.name).where(where)).scalar_one_or_none()
            first = sa.and_(where, _OUTGOING.c.delivered_at_us.is_(None))
            connection.execute(sa.update(_OUTGOING).where(first).values(delivered_at_us=at_us))
        return name

    def is_taken(self, cell: str, mail: str) -> bool:
        """Whether mail came from a cell; then its receipt is due once more, for the first may be lost."""
        where = sa.and_(_TAKEN.c.cell == cell, _TAKEN.c.mail == mail)
        with self._engine.begin() as connection:
            return bool(connection.execute(sa.update(_TAKEN).where(where).values(is_receipt_due=True)).rowcount)

    def take(self, cell: str, mail: str, name: str, at_us: int) -> None:
        """Note mail that lies in the inbox as a whole; its receipt is due."""
        values = {"cell": cell, "mail": mail, "name": name, "taken_at_us": at_us, "is_receipt_due": True}
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_TAKEN).where(sa.and_(_TAKEN.c.cell == cell, _TAKEN.c.mail == mail)))
            connection.execute(sa.insert(_TAKEN).values(**values))

    def taken(self, cell: str) -> int:
        """How much mail came from a cell."""
        query = sa.select(sa.func.count()).select_from(_TAKEN).where(_TAKEN.c.cell == cell)
        with self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def due_receipts(self, cell: str) -> list[str]:
        """Ids of mail for which a cell waits for a receipt."""
        query = sa.select(_TAKEN.c.mail).where(sa.and_(_TAKEN.c.cell == cell, _TAKEN.c.is_receipt_due))
        with self._engine.connect() as connection:
            return sorted(str(row[0]) for row in connection.execute(query))

    def receipted(self, cell: str, mail: str) -> None:
        """Note that the broker keeps the receipt."""
        where = sa.and_(_TAKEN.c.cell == cell, _TAKEN.c.mail == mail)
        with self._engine.begin() as connection:
            connection.execute(sa.update(_TAKEN).where(where).values(is_receipt_due=False))

    def _update(self, cell: str, mail: str, **values: object) -> None:
        where = sa.and_(_OUTGOING.c.cell == cell, _OUTGOING.c.mail == mail)
        with self._engine.begin() as connection:
            connection.execute(sa.update(_OUTGOING).where(where).values(**values))
