"""Erase persons from a cell: their values go from every file of it, what was booked stays.

    find       who is meant, their orders, their values                      tables, staged rows
    hold       a legal hold refuses the whole request                        state
    plan       what is replaced by what, written down before anything else   store
    redact     raw blobs and their staged rows, then state                   connectors, residency
    publish    all tables anew from what the raw log says now                as any import does
    purge      old versions, copies, logs, the plan itself                   store

A process that dies after the plan was written leaves an unfinished erasure, which the next writer of the cell finishes.
Files outside the company folder are the user's own and are not touched.
"""

from __future__ import annotations

import contextlib
import csv
import io
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from entrepot.flows.erasing_blobs import keep_plan
from entrepot.flows.erasing_find import Asked, Found, find_persons
from entrepot.flows.importing import LEASE, ImportReport, publish, tables_to_write
from entrepot.residency.errors import (
    ErasureHeld,
    HoldUnknown,
    PersonListInvalid,
    PersonUnknown,
    ReasonPersonal,
)
from entrepot.residency.redaction import Plan
from entrepot.store import Erasure, ErasureLog, Hold, State, TableStore
from entrepot.store.errors import NothingPublished
from entrepot.store.state import now_us
from entrepot.store.tables import file_paths, table_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from entrepot.flows.parts import CellParts

_LIST_COLUMNS = frozenset({"person", "channel", "shop"})


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What was found, and what was done about it; counts only.

    Attributes:
        erasure_id: Random; None where nothing was erased.
        persons: People meant: each person key, and each order that has none.
        orders: Their orders.
        files: Files of the raw log with rows of theirs.
        rows: Those rows.
        values: Different values of theirs.
        shared_values: Of these the ones that somebody else has too: they go from the person's own rows only.
        missing: Which of those asked for are not here, by place.
        holds: Holds in force against it.
        blobs: Files of the raw log that were changed.
        cells: Cells that were replaced in them.
        books_unchanged: Whether the ledger holds the same entries as before; None where nothing was erased.
    """

    erasure_id: str | None
    persons: int
    orders: int
    files: int
    rows: int
    values: int
    shared_values: int
    missing: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()
    blobs: int = 0
    cells: int = 0
    books_unchanged: bool | None = None


def persons_from_list(path: Path) -> list[Asked]:
    """Persons to erase from a CSV with the columns person, channel, shop; the last two may be missing or empty.

    Raises:
        PersonListInvalid: It is no such file; the message names the line and never its text.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), restkey="more"))
    except (UnicodeDecodeError, csv.Error) as error:
        raise PersonListInvalid(path.name, "it cannot be read") from error
    if not rows or "person" not in rows[0]:
        raise PersonListInvalid(path.name, "it has no column person, or no row")
    if set(rows[0]) - _LIST_COLUMNS:
        raise PersonListInvalid(path.name, "it has other columns than person, channel, shop")
    asked = []
    for number, row in enumerate(rows, start=2):
        person = (row["person"] or "").strip()
        if not person:
            raise PersonListInvalid(path.name, f"line {number} names nobody")
        channel, shop = (row.get("channel") or "").strip(), (row.get("shop") or "").strip()
        asked.append(Asked(person, channel or None, shop or None, f"line {number}"))
    return asked


def look_for_persons(parts: CellParts, asked: Sequence[Asked]) -> ErasureReport:
    """What there is of some persons, and which holds stand against erasing them.

    Raises:
        NothingPublished: Nothing was imported yet.
        PersonUnclear: An order number or account belongs to several people.
        PersonUnknown: Nobody is meant.
    """
    if not parts.layout.state.exists():
        raise NothingPublished(str(parts.layout.home))
    with contextlib.closing(State(parts.layout)) as state:
        found = _found(parts, state, asked)
        return _report(found, None, _holds_against(ErasureLog(state), found))


def erase_persons(
    parts: CellParts,
    asked: Sequence[Asked],
    reason: str,
    asked_by: str,
    *,
    dry_run: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> ErasureReport:
    """Erase persons from a cell.

    Args:
        parts: The cell.
        asked: Who. Those of a list who are not here are named in the report; one alone who is not here is refused.
        reason: Why; kept, so it names nobody.
        asked_by: Who decided; kept.
        dry_run: Count only.
        progress: As for `import_paths`.

    Raises:
        CellBusy: An import is running.
        ErasureHeld: A legal hold covers one of them; nothing was erased.
        NothingPublished: Nothing was imported yet.
        PersonUnclear: An order number or account belongs to several people.
        PersonUnknown: Nobody is meant.
        ReasonPersonal: The reason holds a value of theirs.
        BlobChanged, RowsChanged: A raw file is not what was kept, or would read differently; see there.
    """
    if not parts.layout.state.exists():
        raise NothingPublished(str(parts.layout.home))
    if dry_run:
        return look_for_persons(parts, asked)
    tell = progress or (lambda _step, _done, _all: None)
    with contextlib.closing(State(parts.layout)) as state, state.lease(LEASE):
        finish_erasures(parts, state, tell)
        tell("find", 0, 1)
        found = _found(parts, state, asked)
        log = ErasureLog(state)
        if against := _holds_against(log, found):
            raise ErasureHeld(tuple((hold.id, hold.scope, hold.until) for hold in against))
        before = _books(parts, state)
        plan = _plan(log, found)
        if plan.names_someone(reason) or plan.names_someone(asked_by):
            raise ReasonPersonal
        keep_plan(parts.layout, plan)
        last = plan.number + len(plan.secrets)
        log.begin(Erasure(plan.erasure_id, now_us(), reason, asked_by, found.persons, last))
        finish_erasures(parts, state, tell)
        done = log.redactions(plan.erasure_id)
        return _report(
            found,
            plan.erasure_id,
            (),
            blobs=len(done),
            cells=sum(each.cells for each in done),
            books_unchanged=before == _books(parts, state),
        )


def finish_erasures(parts: CellParts, state: State, tell: Callable[[str, int, int], None]) -> None:
    """Do what unfinished erasures still have to do, as every publisher does on its way; `state` holds the lease."""
    if ErasureLog(state).unfinished():
        tell("erase", 0, 1)
        publish(parts, state, tables_to_write(parts, state), ImportReport(), tell)


def place_hold(parts: CellParts, asked: Asked | None, until: str, reason: str, placed_by: str) -> list[Hold]:
    """Place a dated legal hold on a person or an order, or on everybody.

    Args:
        parts: The cell.
        asked: Whom; None for everybody. An order number holds the order and with it whoever placed it.
        until: Last day, ISO date.
        reason: Why; kept.
        placed_by: Who decided; kept.
    Returns:
        One hold per person key, order, or for all.

    Raises:
        NothingPublished: Nothing was imported yet.
        PersonUnclear: As for `look_for_persons`.
        PersonUnknown: Nobody is meant.
    """
    if not parts.layout.state.exists():
        raise NothingPublished(str(parts.layout.home))
    with contextlib.closing(State(parts.layout)) as state:
        log = ErasureLog(state)
        if asked is None:
            return [log.add_hold("all", "", until, reason, placed_by)]
        found = _found(parts, state, [asked])
        if asked.place == "--order":
            return [log.add_hold("order", key, until, reason, placed_by) for key in found.asked_orders]
        scope, subjects = ("person", found.keys) if found.keys else ("order", found.order_keys)
        return [log.add_hold(scope, subject, until, reason, placed_by) for subject in subjects]


def release_hold(parts: CellParts, hold_id: str, reason: str, released_by: str) -> None:
    """End a hold before its day.

    Raises:
        HoldUnknown: There is none in force of that id.
    """
    if not parts.layout.state.exists():
        raise HoldUnknown(hold_id)
    with contextlib.closing(State(parts.layout)) as state:
        if not ErasureLog(state).release_hold(hold_id, reason, released_by):
            raise HoldUnknown(hold_id)


def all_holds(parts: CellParts) -> list[Hold]:
    """Every hold, those that ended included."""
    if not parts.layout.state.exists():
        return []
    with contextlib.closing(State(parts.layout)) as state:
        return ErasureLog(state).holds()


def today() -> str:
    """Today in UTC, ISO date: a hold holds to the end of its last day there."""
    return datetime.now(UTC).date().isoformat()


def _found(parts: CellParts, state: State, asked: Sequence[Asked]) -> Found:
    snapshot = state.newest_snapshot()
    if snapshot is None:
        raise NothingPublished(str(parts.layout.home))
    with parts.open_engine() as engine:
        found = find_persons(parts, engine, TableStore(parts.layout, snapshot), state.files(), asked)
    if len(found.missing) == len(asked):
        raise PersonUnknown(", ".join(found.missing[:10]))
    return found


def _holds_against(log: ErasureLog, found: Found) -> tuple[Hold, ...]:
    covered = {*found.keys, *found.order_keys}
    return tuple(hold for hold in log.holds_in_force(today()) if hold.scope == "all" or hold.subject in covered)


def _plan(log: ErasureLog, found: Found) -> Plan:
    number = log.last_number() + 1
    return Plan(
        f"erasure-{secrets.token_hex(8)}",
        (*found.keys, *found.order_keys),
        found.numbered(number + 1),
        found.orders,
        number,
    )


def _report(
    found: Found,
    erasure_id: str | None,
    holds: tuple[Hold, ...],
    *,
    blobs: int = 0,
    cells: int = 0,
    books_unchanged: bool | None = None,
) -> ErasureReport:
    return ErasureReport(
        erasure_id,
        found.persons,
        len(found.order_keys),
        len(found.raw_ids),
        found.rows,
        len(found.secrets),
        sum(not is_exclusive for *_, is_exclusive in found.secrets),
        found.missing,
        holds,
        blobs,
        cells,
        books_unchanged,
    )


def _books(parts: CellParts, state: State) -> str:
    """Digest of the ledger, whenever its entries were posted."""
    snapshot = state.newest_snapshot()
    assert snapshot is not None, "who was found is in a snapshot"
    if "ledger_entries" not in snapshot.versions:
        return ""
    handle = DeltaTable(str(parts.layout.tables / "ledger_entries"), version=snapshot.versions["ledger_entries"])
    files = [pq.read_table(path, partitioning=None) for path in file_paths(handle)]
    return table_hash(pa.concat_tables(files), ("posted_at",)) if files else ""
