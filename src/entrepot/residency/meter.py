"""How many persons a processor's data went abroad of, exactly: distinct, by calendar year, never taken back.

The meter is an SQLite file of its own in the cell, since a count must be on disk before anything is sent and must not
wait for other state. It holds a digest of each person key, never the key. A transfer is counted before it is sent: one
that was counted and not sent leaves the count too high, never too low. When it does not apply: aggregates that name
nobody are not counted here.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

import msgspec

from entrepot.residency.law_errors import MeterBusy, MeterConflict, MeterInvalid
from entrepot.residency.meter_batch import DIGEST, Batch, batch_of
from entrepot.residency.meter_reading import MeterReading, Persons, Totals, totals_from

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    import pyarrow as pa

__all__ = ["MeterReading", "Persons", "PersonsMeter", "Totals"]

WAIT_SECONDS = 120
"""How long to wait for another process that records, before saying `try again later`."""

_OWNER_ONLY = 0o600
_BATCH_ROWS = 131_072

_SCHEMA = """
create table if not exists facts (name text primary key, value text not null) without rowid;
create table if not exists persons (
    processor text not null, year integer not null, person blob not null,
    counted integer not null, exempt integer not null,
    primary key (processor, year, person)
) without rowid;
create table if not exists tallies (
    processor text not null, year integer not null, counted integer not null, exempt integer not null,
    persons integer not null, primary key (processor, year, counted, exempt)
) without rowid;
create table if not exists transfers (
    transfer_id text not null, processor text not null, year integer not null, at_us integer not null,
    exempt integer not null, linked integer not null, content text not null, reading text not null,
    primary key (transfer_id, processor)
) without rowid;
create table if not exists declarations (
    id integer primary key autoincrement, processor text not null, year integer not null, flow text not null,
    sensitive integer not null, non_sensitive integer not null, exempt integer not null,
    evidence text not null, approver text not null, at_us integer not null
);
"""

# Digests lie one behind the other in one value: a statement for each row took longer than everything else here.
_TAKE_IN = """
with recursive places(at) as (select 0 union all select at + 1 from places where at + 1 < :persons)
insert into incoming select substr(:digests, at * 32 + 1, 32), :mask from places
"""
# Persons of a batch by what was known of them and what the batch adds.
_CHANGES = """
select coalesce(p.counted, 0), coalesce(p.exempt, 0), i.mask, count(*)
from incoming as i left join persons as p on p.processor = ? and p.year = ? and p.person = i.person
group by 1, 2, 3
"""
_KEEP = """
insert into persons (processor, year, person, counted, exempt)
select ?, ?, person, case when ? then 0 else mask end, case when ? then mask else 0 end from incoming where true
on conflict do update set counted = counted | excluded.counted, exempt = exempt | excluded.exempt
"""
_TALLY = """
insert into tallies (processor, year, counted, exempt, persons) values (?, ?, ?, ?, ?)
on conflict do update set persons = persons + excluded.persons
"""


@dataclass(frozen=True, slots=True)
class _Staged:
    """A batch that lies in `incoming`, and what was known of its persons when somebody asked.

    Attributes:
        batch: The batch.
        known: Processor and year to how many persons have which bits, counted and exempt, and which the batch adds.
        state: Version of the file at that time; what was known then holds as long as nobody wrote.
    """

    batch: Batch
    known: dict[tuple[str, int], list[tuple[int, int, int, int]]]
    state: tuple[int, int]


class PersonsMeter:
    """The meter of one cell; open it with `PersonsMeter.open`. One object belongs to one thread."""

    def __init__(self, connection: sqlite3.Connection, zone: str) -> None:
        self._connection = connection
        self._zone = ZoneInfo(zone)
        # What was previewed is recorded next, as a rule: a batch is taken in once for both.
        self._staged: _Staged | None = None

    @classmethod
    def open(cls, path: Path, zone: str = "Asia/Shanghai") -> PersonsMeter:
        """Open the meter, making it on first use, readable by its owner only.

        Args:
            path: The file.
            zone: Time zone of its years, as the profile's counter names it.

        Raises:
            MeterInvalid: The file is no meter, or one with years of another zone.
            MeterBusy: Another process held it for too long.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _OWNER_ONLY))
        connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
        meter = cls(connection, zone)
        try:
            meter._prepare(zone)
        except BaseException:
            connection.close()
            raise
        return meter

    def _prepare(self, zone: str) -> None:
        with _failures():
            # EXTRA also waits for the folder's entry of the journal to be on disk, so that a count survives power loss.
            self._connection.execute("pragma synchronous = extra")
            self._connection.execute("pragma temp_store = memory")
            with self._transaction():
                for statement in _SCHEMA.split(";"):
                    self._connection.execute(statement)
                for name, value in (("zone", zone), ("digest", DIGEST)):
                    self._connection.execute("insert or ignore into facts values (?, ?)", (name, value))
            self._connection.execute("create temp table incoming (person blob not null, mask integer not null)")
            kept = dict(self._connection.execute("select name, value from facts").fetchall())
        if kept["zone"] != zone:
            raise MeterInvalid(f"its years are of {kept['zone']}, not of {zone}")

    def close(self) -> None:
        """Give the file back; may be called twice."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def year_of(self, at: datetime) -> int:
        """The calendar year of an instant, in the meter's zone."""
        assert at.tzinfo is not None, "an instant has a zone"
        return at.astimezone(self._zone).year

    def reading(self, processor: str, year: int) -> MeterReading:
        """The meter as it stands."""
        with _failures(), self._transaction(writes=False):
            totals = self._totals(processor, year, {})
            return self._reading(processor, year, totals, totals)

    def preview(self, processor: str, year: int, persons: pa.Table | Batch, *, exempt: bool = False) -> MeterReading:
        """What the meter would say after a transfer of these persons; nothing is changed.

        Args:
            processor: The legal processor.
            year: Calendar year in the meter's zone.
            persons: A batch, or what `batch_of` makes one of.
            exempt: Whether the transfer would be exempt from the lines.

        Raises:
            MeterInvalid: A row has no key, or a class or subject that is not known.
        """
        batch = persons if isinstance(persons, Batch) else batch_of(persons)
        with _failures(), self._transaction(writes=False):
            self._take_in(batch)
            before = self._totals(processor, year, {})
            after = self._totals(processor, year, self._moves(processor, year, exempt=exempt))
            return self._reading(processor, year, before, after)

    def record(
        self,
        transfer_id: str,
        processor: str,
        at: datetime,
        persons: pa.Table | Batch,
        exempt: bool,  # noqa: FBT001 a fact of the transfer like the others
        *,
        linked: bool = True,
    ) -> MeterReading:
        """Count the persons of a transfer, on disk before it returns; the same transfer again counts nothing.

        Args:
            transfer_id: Of the transfer; the same for every attempt.
            processor: The legal processor; with joint processors call it once for each.
            at: When the transfer was intended; it names the year.
            persons: As for `preview`.
            exempt: The route is exempt from the lines; such persons are kept apart and counted as well.
            linked: The same person has the same key in all of these rows; False makes every reading an upper bound.

        Returns:
            The meter before and after; for a transfer that was counted already what was said then.

        Raises:
            MeterInvalid: A row has no key, or a class or subject that is not known. Nothing was counted.
            MeterConflict: A transfer of this id was counted with other persons, another day or another standing.
            MeterBusy: Another process held the meter for too long. Nothing was counted.
        """
        batch = persons if isinstance(persons, Batch) else batch_of(persons)
        year, at_us = self.year_of(at), round(at.astimezone(UTC).timestamp() * 1_000_000)
        facts = (year, at_us, int(exempt), int(linked), batch.content)
        with _failures(), self._transaction():
            known = self._connection.execute(
                "select year, at_us, exempt, linked, content, reading from transfers"
                " where transfer_id = ? and processor = ?",
                (transfer_id, processor),
            ).fetchone()
            if known is not None:
                if known[:-1] != facts:
                    raise MeterConflict(f"transfer {transfer_id}", "it was counted with other persons, day or standing")
                return msgspec.json.decode(known[-1], type=MeterReading)
            self._take_in(batch)
            before = self._totals(processor, year, {})
            moves = self._moves(processor, year, exempt=exempt)
            self._connection.execute(_KEEP, (processor, year, exempt, exempt))
            self._connection.executemany(
                _TALLY, [(processor, year, *bits, change) for bits, change in moves.items() if change]
            )
            after = self._totals(processor, year, {})
            reading = self._reading(processor, year, before, after, unlinked=not linked)
            self._connection.execute(
                "insert into transfers values (?, ?, ?, ?, ?, ?, ?, ?)",
                (transfer_id, processor, *facts, msgspec.json.encode(reading).decode()),
            )
        return reading

    def has_counted(self, transfer_id: str) -> bool:
        """Whether the persons of a transfer were counted, for any processor."""
        with _failures():
            found = self._connection.execute("select 1 from transfers where transfer_id = ? limit 1", (transfer_id,))
            return found.fetchone() is not None

    def flows_declared(self, processor: str, year: int) -> frozenset[str]:
        """Names of the flows outside this system of which somebody stated the persons."""
        with _failures():
            return frozenset(self._declared(processor, year))

    def declare(
        self,
        processor: str,
        year: int,
        flow: str,
        persons: Persons,
        *,
        evidence: str,
        approver: str,
        exempt: bool = False,
    ) -> MeterReading:
        """State the persons of a flow outside this system, or of the year before it began (`opening`).

        They are added to every total, since nobody can tell whom they have in common. A later statement on the same
        flow takes the place of the earlier one and may only be higher; a flow of nobody is stated as 0.

        Raises:
            MeterInvalid: Evidence, approver or flow is empty, or a number is negative.
            MeterConflict: It says less than was stated before.
        """
        if not (evidence.strip() and approver.strip() and flow.strip()):
            raise MeterInvalid("a declaration names its flow, its evidence and who approved it")
        if min(persons.sensitive, persons.non_sensitive) < 0:
            raise MeterInvalid("a number of persons is 0 or more")
        with _failures(), self._transaction():
            before = self._totals(processor, year, {})
            stated = self._declared(processor, year).get(flow)
            if stated is not None:
                earlier, was_exempt = stated
                is_less = persons.sensitive < earlier.sensitive or _sum(persons) < _sum(earlier)
                if is_less or was_exempt != exempt:
                    raise MeterConflict(f"flow {flow}", "more persons, or another standing, were declared before")
            self._connection.execute(
                "insert into declarations (processor, year, flow, sensitive, non_sensitive, exempt, evidence, approver,"
                " at_us) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(processor, year, flow, persons.sensitive, persons.non_sensitive, exempt, evidence, approver),
                    round(datetime.now(UTC).timestamp() * 1_000_000),
                ),
            )
            return self._reading(processor, year, before, self._totals(processor, year, {}))

    def recount(self, processor: str, year: int) -> Totals:
        """The totals counted anew from the persons themselves; slow, for proofs."""
        with _failures(), self._transaction(writes=False):
            groups = self._connection.execute(
                "select counted, exempt, count(*) from persons where processor = ? and year = ? group by 1, 2",
                (processor, year),
            ).fetchall()
            return totals_from(groups, *self._declared_sums(processor, year))

    @contextmanager
    def _transaction(self, *, writes: bool = True) -> Iterator[None]:
        """All or nothing. A writer takes its turn at the beginning, so that what it reads is what it changes."""
        self._connection.execute("begin immediate" if writes else "begin")
        try:
            yield
        except BaseException:
            # What was taken in goes back with the rest.
            self._staged = None
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def _take_in(self, batch: Batch) -> None:
        """Have the batch in `incoming`, and forget what was known of it if anybody wrote since."""
        if self._staged is not None and self._staged.batch is batch and self._staged.state == self._state():
            return
        if self._staged is None or self._staged.batch is not batch:
            # Until it is whole again, it is nobody's: a failure half-way must not leave another batch behind.
            self._staged = None
            self._connection.execute("delete from incoming")
            for mask, persons, digests in batch.packed(_BATCH_ROWS):
                self._connection.execute(_TAKE_IN, {"persons": persons, "digests": digests, "mask": mask})
        self._staged = _Staged(batch, {}, self._state())

    def _state(self) -> tuple[int, int]:
        """Changes with every write, of others and of our own."""
        (version,) = self._connection.execute("pragma data_version").fetchone()
        return version, self._connection.total_changes

    def _known(self, processor: str, year: int) -> list[tuple[int, int, int, int]]:
        """How many of the incoming persons have which bits already, and which they get."""
        assert self._staged is not None, "a batch was taken in"
        known = self._staged.known
        if (processor, year) not in known:
            anybody = "select 1 from persons where processor = ? and year = ? limit 1"
            if self._connection.execute(anybody, (processor, year)).fetchone() is None:
                known[processor, year] = [(0, 0, mask, count) for mask, count in self._staged.batch.counts().items()]
            else:
                known[processor, year] = self._connection.execute(_CHANGES, (processor, year)).fetchall()
        return known[processor, year]

    def _moves(self, processor: str, year: int, *, exempt: bool) -> dict[tuple[int, int], int]:
        """How many persons more, or fewer, have which bits once the incoming ones are counted."""
        moves: dict[tuple[int, int], int] = {}
        for counted, exempted, mask, persons in self._known(processor, year):
            new = (counted, exempted | mask) if exempt else (counted | mask, exempted)
            moves[new] = moves.get(new, 0) + persons
            if counted or exempted:
                moves[counted, exempted] = moves.get((counted, exempted), 0) - persons
        return moves

    def _totals(self, processor: str, year: int, moves: dict[tuple[int, int], int]) -> Totals:
        tallies = self._connection.execute(
            "select counted, exempt, persons from tallies where processor = ? and year = ?", (processor, year)
        ).fetchall()
        groups = [*tallies, *((*bits, change) for bits, change in moves.items())]
        return totals_from(groups, *self._declared_sums(processor, year))

    def _declared(self, processor: str, year: int) -> dict[str, tuple[Persons, bool]]:
        """The newest declaration of each flow."""
        rows = self._connection.execute(
            "select flow, sensitive, non_sensitive, exempt from declarations where processor = ? and year = ?"
            " order by id",
            (processor, year),
        )
        return {flow: (Persons(sensitive, plain), bool(exempt)) for flow, sensitive, plain, exempt in rows}

    def _declared_sums(self, processor: str, year: int) -> tuple[Persons, Persons]:
        sums = {False: Persons(), True: Persons()}
        for persons, exempt in self._declared(processor, year).values():
            sums[exempt] += persons
        return sums[False], sums[True]

    def _reading(
        self, processor: str, year: int, before: Totals, after: Totals, *, unlinked: bool = False
    ) -> MeterReading:
        declared = self._declared(processor, year)
        was_unlinked = self._connection.execute(
            "select 1 from transfers where processor = ? and year = ? and not linked limit 1", (processor, year)
        ).fetchone()
        return MeterReading(
            processor,
            year,
            before,
            after,
            this_system_only=not declared,
            upper_bound=unlinked or was_unlinked is not None or any(_sum(each) for each, _ in declared.values()),
        )


def _sum(persons: Persons) -> int:
    return persons.sensitive + persons.non_sensitive


@contextmanager
def _failures() -> Iterator[None]:
    """Name what SQLite refused without what it was given."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise MeterBusy(WAIT_SECONDS) from None
        raise MeterInvalid(f"its file cannot be used ({error.sqlite_errorname})") from None
    except sqlite3.DatabaseError as error:
        raise MeterInvalid(f"its file is no meter ({error.sqlite_errorname})") from None
