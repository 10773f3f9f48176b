"""Journeys across the border: a cell is made and paired, a permit written, checked and used, mail received.

clear      permit ──► gateway ──► envelope in the companion's folder      the sending cell
receive    envelope ──► verified ──► tables of what came ──► cosignature  the receiving cell
"""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from entrepot.engine import parse
from entrepot.flows.asking import newest_tables
from entrepot.flows.domains import note_domain
from entrepot.reports.questions import known_currency, prepare_report
from entrepot.residency.border_state import Switch
from entrepot.residency.door import BorderPaths, Door, door_of
from entrepot.residency.gate_errors import ClearanceRefused, CompanionUnknown, EnvelopeRefused, PermitInvalid
from entrepot.residency.gateway import Gateway
from entrepot.residency.mail import Exchanged, MailServer, exchange_mail
from entrepot.residency.notes import signing_key
from entrepot.residency.permits.compiled import compiled
from entrepot.residency.permits.shape import shipped_shape
from entrepot.residency.permits.terms import (
    Aggregates,
    Circumstances,
    Permit,
    Recipient,
    permit_names,
    permit_of,
    permit_text,
)
from entrepot.residency.receiver import Arrivals, Receiver
from entrepot.residency.transferlog import (
    Witness,
    answer_requests,
    open_transfers,
    take_cosignatures,
    uncosigned_since,
    write_request,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from entrepot.flows.parts import CellParts
    from entrepot.residency.border_state import Transfer
    from entrepot.residency.gateway import Cleared, Prepared
    from entrepot.residency.meter_reading import Persons
    from entrepot.residency.permits.compiled import Decision

__all__ = [
    "Checked",
    "Sent",
    "accept_permit",
    "check_permit",
    "clear",
    "door_for",
    "exchange",
    "gateway_status",
    "new_permit",
    "permits_of",
    "permitted_fields",
    "preview",
    "receive",
    "resume",
    "rotate_tokens",
    "serve_mail",
    "throw_switch",
    "verifier_of",
    "witness_of",
]


@dataclass(frozen=True, slots=True)
class Sums:
    """What is known of safe sums before they leave.

    Attributes:
        suppressed: Amounts that are not shown.
        pooled: Sums of such that are.
        held: Lines of months that changed since they were released, and stay as they were.
        derivable_from: Permits whose rows the recipient gets as well, so that the sums protect nobody.
    """

    suppressed: int
    pooled: int
    held: int
    derivable_from: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a permit would let out now, in plain data.

    Attributes:
        permit: Its terms.
        title: Title of its shape, by language.
        decisions: What becomes of each field.
        rows: Dataset to rows that would leave now.
        unchanged: Parts that the recipient holds already.
        persons: Distinct persons behind those rows.
        persons_before: Persons of the processor this year, by class.
        persons_after: The same afterwards.
        this_system_only: Nothing was declared of flows outside this system.
        upper_bound: Not all persons can be told apart.
        route: What the law leaves open.
        cite: Where it stands.
        withheld: Values that would leave as `withheld`.
        processors: Legal processors for whom the persons are counted; the permit's first, joint ones behind it.
        reasons: What stands against it: a stable word, what is meant in English and in Chinese.
        warnings: What does not stop it yet.
        why: Sentences on why it is lawful.
        sums: For a permit that lets out safe sums.
    """

    permit: Permit
    title: dict[str, str]
    decisions: tuple[Decision, ...]
    rows: dict[str, int]
    unchanged: int
    persons: int
    persons_before: dict[str, int]
    persons_after: dict[str, int]
    this_system_only: bool
    upper_bound: bool
    route: str
    cite: str
    withheld: int
    processors: tuple[str, ...]
    reasons: tuple[tuple[str, str, str], ...]
    warnings: tuple[tuple[str, str, str], ...]
    why: tuple[tuple[str, str], ...]
    sums: Sums | None = None


@dataclass(slots=True)
class Sent:
    """What came of a round of clearing.

    Attributes:
        cleared: Transfers that left.
        up_to_date: Permits of which the recipient holds everything.
        refused: Why others did not leave.
    """

    cleared: list[Cleared] = field(default_factory=list)
    up_to_date: list[str] = field(default_factory=list)
    refused: list[ClearanceRefused] = field(default_factory=list)


def door_for(parts: CellParts) -> Door:
    """The door of a cell."""
    return door_of(
        parts.layout,
        parts.settings,
        parts.open_engine,
        lambda: newest_tables(parts),
        lambda: datetime.now(UTC),
        lambda engine, tables, currency: prepare_report(engine, tables, (), known_currency(currency)),
    )


def verifier_of(parts: CellParts) -> str:
    """The public key with which a cell signs envelopes; made on first use."""
    return str(signing_key(parts.layout.keys, door_for(parts).cell).verifier())


def witness_of(parts: CellParts, cell: str) -> str:
    """The public key with which another cell cosigns this cell's log.

    Raises:
        CompanionUnknown: `cell.toml` does not name it.
    """
    return str(door_for(parts).companion(cell).witness)


def new_permit(
    parts: CellParts,
    name: str,
    *,
    shape: str,
    to: str,
    purpose: str,
    recipient: Recipient,
    processor: str,
    circumstances: Circumstances,
    platforms: dict[str, str],
    days: int,
    shops: tuple[str, ...] = (),
    persons_max: int | None = None,
    aggregates: Aggregates | None = None,
) -> Path:
    """Write a permit into the cell's folder; an existing one stays.

    Raises:
        PermitInvalid: There is one of that name, or its terms contradict its shape.
    """
    paths = BorderPaths(parts.layout.border)
    path = paths.permits / f"{name}.yaml"
    if path.exists():
        raise PermitInvalid(name, path.name, "there is a permit of that name; change its file, or choose another name")
    today = datetime.now(UTC).date()
    permit = Permit(
        permit=name,
        shape=shape,
        to=to,
        purpose=purpose,
        recipient=recipient,
        processor=processor,
        valid_from=today,
        valid_to=today + timedelta(days=days),
        circumstances=circumstances,
        platform_permission=platforms,
        shops=shops,
        persons_max=persons_max,
        aggregates=aggregates,
    )
    shipped_shape(shape)
    paths.permits.mkdir(parents=True, exist_ok=True)
    path.write_text(permit_text(permit), encoding="utf-8")
    try:
        compiled(*permit_of(paths.permits, name))
    except PermitInvalid:
        path.unlink()
        raise
    return path


def accept_permit(parts: CellParts, file: Path, sender: str) -> Path:
    """Keep a copy of another cell's permit, under which its envelopes are then accepted.

    Raises:
        PermitInvalid: It cannot be used, or names another recipient.
    """
    door = door_for(parts)
    folder = door.paths.accepted / sender
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file.name
    before = target.read_bytes() if target.exists() else None
    shutil.copyfile(file, target)
    try:
        _check_recipient(permit_of(folder, file.stem)[0], door)
    except PermitInvalid:
        target.unlink() if before is None else target.write_bytes(before)
        raise
    return target


def serve_mail(parts: CellParts, cell: str, path: Path) -> MailServer:
    """A server of the two mail folders of a companion; the caller runs and closes it.

    Raises:
        CompanionUnknown: `cell.toml` does not name it, or names no two folders.
    """
    return MailServer(path, *_mail_folders(parts, cell))


def exchange(parts: CellParts, cell: str, path: Path) -> Exchanged:
    """Take mail of a companion from a served socket, and hand over what is for it.

    Raises:
        CompanionUnknown: `cell.toml` does not name it, or names no two folders.
        MailUnreachable: Nobody serves there.
    """
    return exchange_mail(path, *_mail_folders(parts, cell))


def _mail_folders(parts: CellParts, cell: str) -> tuple[Path, Path]:
    companion = door_for(parts).companion(cell)
    if companion.send is None or companion.receive is None:
        raise CompanionUnknown(cell)
    for folder in (companion.send, companion.receive):
        folder.mkdir(parents=True, exist_ok=True)
    return companion.send, companion.receive


def _check_recipient(permit: Permit, door: Door) -> None:
    if permit.to != door.cell:
        raise PermitInvalid(permit.permit, "to", f"it is for the cell {permit.to}, and this one is {door.cell}")


def permits_of(parts: CellParts) -> list[Permit]:
    """Permits of a cell, by name."""
    folder = BorderPaths(parts.layout.border).permits
    return [permit_of(folder, name)[0] for name in permit_names(folder)]


def permitted_fields(parts: CellParts) -> dict[str, frozenset[str]]:
    """Permit to the canonical columns, `table.column`, of which it lets anything out."""
    folder = BorderPaths(parts.layout.border).permits
    return {name: compiled(*permit_of(folder, name)).origins for name in permit_names(folder)}


def check_permit(parts: CellParts, name: str) -> Checked:
    """What would leave now, for whom, why it is lawful, what it counts and what is missing; nothing leaves.

    Raises:
        PermitUnknown: There is no such permit.
        PermitInvalid: It cannot be used.
        NothingPublished: Nothing was imported yet.
    """
    with contextlib.closing(Gateway(door_for(parts))) as gateway, gateway.prepared(name) as (prepared, _):
        return _checked(prepared)


def rotate_tokens(parts: CellParts, name: str) -> str:
    """Begin a new generation of a permit's token keys; every part leaves again with the new tokens.

    Raises:
        PermitUnknown: There is no such permit.
    """
    door = door_for(parts)
    permit_of(door.paths.permits, name)
    with contextlib.closing(Gateway(door)) as gateway:
        return gateway.state.rotate_tokens(name)


def preview(parts: CellParts, name: str, rows: int) -> dict[str, pa.Table]:
    """The first rows of each table as they would leave.

    Raises:
        PermitUnknown: There is no such permit.
        PermitInvalid: It cannot be used.
        NothingPublished: Nothing was imported yet.
    """
    with contextlib.closing(Gateway(door_for(parts))) as gateway, gateway.prepared(name) as (prepared, folder):
        shown = {}
        with parts.open_engine() as engine:
            for dataset in prepared.permit.datasets:
                paths = [str(folder / each.name) for each in prepared.files if each.dataset == dataset.name]
                engine.add_parquet("shown", paths, dataset.schema)
                columns = ", ".join(f'"{each}"' for each in dataset.schema.names)
                text = f"select {columns} from shown order by {columns} limit {rows}"
                shown[dataset.name] = engine.read(parse(text, source="preview"))
        return shown


def clear(parts: CellParts, names: tuple[str, ...] = ()) -> Sent:
    """Let out what changed under permits, all of them where none is named; a refused one does not stop the others."""
    sent = Sent()
    door = door_for(parts)
    with contextlib.closing(Gateway(door)) as gateway:
        for name in names or permit_names(door.paths.permits):
            try:
                cleared = gateway.clear(name)
            except ClearanceRefused as refusal:
                sent.refused.append(refusal)
                continue
            if cleared is None:
                sent.up_to_date.append(name)
            else:
                sent.cleared.append(cleared)
        _exchange_checkpoints(door, gateway)
    return sent


def receive(parts: CellParts) -> Arrivals:
    """Apply what arrived from other cells, and cosign what they say of their logs."""
    door = door_for(parts)
    # What changed here until now was changed without what arrives.
    with contextlib.closing(Receiver(door, lambda each: note_domain(door, each.sender, each.permit))) as receiver:
        arrivals = receiver.receive()
    for companion in door.companions.values():
        if companion.receive is None or companion.send is None:
            continue
        key = signing_key(door.layout.keys, door.cell)
        origin = f"entrepot/{companion.cell}/transfers"
        witness = Witness.open(door.paths.witness / companion.cell, key, companion.verifier, origin, door.now)
        for refusal in answer_requests(witness, companion.receive, companion.send):
            arrivals.refused.append(EnvelopeRefused(f"checkpoint of {companion.cell}", "checkpoint", str(refusal)))
    return arrivals


def _exchange_checkpoints(door: Door, gateway: Gateway) -> None:
    """Ask companions to cosign, and keep what they cosigned."""
    for companion in door.companions.values():
        if companion.send is None or companion.receive is None:
            continue
        witness = companion.witness
        take_cosignatures(gateway.log, witness, companion.receive, companion.send)
        write_request(gateway.log, witness, companion.send)


def _checked(prepared: Prepared) -> Checked:
    judgement, rows = prepared.judgement, dict.fromkeys((each.name for each in prepared.permit.datasets), 0)
    for each in prepared.files:
        rows[each.dataset] += each.rows
    verdict, reading = judgement.verdict, judgement.reading
    return Checked(
        permit=prepared.permit.permit,
        title=prepared.permit.shape.title,
        decisions=prepared.permit.decisions,
        rows=rows,
        unchanged=prepared.unchanged,
        persons=prepared.person_count,
        persons_before=_by_class(reading.before.everyone),
        persons_after=_by_class(reading.after.everyone),
        this_system_only=reading.this_system_only,
        upper_bound=prepared.upper_bound,
        route=verdict.route,
        cite=f"{verdict.cite.instrument}, {verdict.cite.article}" if verdict.row else "",
        withheld=prepared.withheld,
        processors=tuple(each.processor for each in judgement.standings),
        reasons=tuple((each.word, each.said.en, each.said.zh) for each in prepared.reasons),
        warnings=tuple((each.code, each.words.en, each.words.zh) for each in judgement.warnings),
        why=tuple((each.en, each.zh) for each in verdict.reasons),
        sums=_sums(prepared),
    )


def _sums(prepared: Prepared) -> Sums | None:
    release = prepared.release
    if release is None:
        return None
    states = [*release.rows["state"].to_pylist(), *release.groups["state"].to_pylist()]
    return Sums(states.count("suppressed"), states.count("pooled"), release.held, release.derivable_from)


def gateway_status(parts: CellParts) -> dict[str, Any]:
    """What left, what came, which switches are off, how far the log is cosigned: plain data."""
    door = door_for(parts)
    with contextlib.closing(Gateway(door)) as gateway:
        newest = {(each.kind, each.name): each for each in gateway.state.switches()}
        late = uncosigned_since(gateway.log, door.now())
        return {
            "cell": door.cell,
            "transfers": [
                {
                    "permit": each.permit,
                    "recipient": each.recipient,
                    "sequence": each.sequence,
                    "step": each.step.value,
                    "rows": each.rows_left,
                    "persons": each.persons,
                    "made_at": _told(each.made_at_us),
                    "envelope_hash": each.envelope_hash,
                }
                for each in gateway.state.transfers()
            ],
            "received": [
                {
                    "sender": each.sender,
                    "permit": each.permit,
                    "sequence": each.sequence,
                    "applied_at": _told(each.applied_at_us),
                }
                for each in gateway.state.received()
            ],
            "switched_off": [
                {"kind": each.kind, "name": each.name, "reason": each.reason, "decided_by": each.decided_by}
                for each in newest.values()
                if not each.is_open
            ],
            "log_size": gateway.log.size,
            "without_outcome": [str(each["transfer"]) for each in open_transfers(gateway.log)],
            "uncosigned": late.count if late else 0,
        }


def resume(parts: CellParts) -> list[Transfer]:
    """End transfers that a process left half-way."""
    with contextlib.closing(Gateway(door_for(parts))) as gateway:
        return gateway.resume()


def throw_switch(parts: CellParts, kind: str, name: str, reason: str, role: str, *, is_open: bool) -> None:
    """Shut or open the door for a permit, a recipient or the cell.

    Raises:
        EntryRefused: Reason or function are no plain words; the log holds no free text.
    """
    door = door_for(parts)
    decision = Switch(kind, name, is_open, int(door.now().timestamp() * 1_000_000), reason, role)
    with contextlib.closing(Gateway(door)) as gateway:
        gateway.switch(decision)


def _by_class(persons: Persons) -> dict[str, int]:
    return {"non_sensitive": persons.non_sensitive, "sensitive": persons.sensitive}


def _told(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
