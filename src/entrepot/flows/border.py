"""Journeys across the border: what may leave does, what came is received, and the door tells how it stands.

clear      permit ──► gateway ──► envelope in the companion's folder      the sending cell
receive    envelope ──► verified ──► tables of what came ──► cosignature  the receiving cell
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from entrepot.flows.asking import newest_tables
from entrepot.flows.domains import note_domain
from entrepot.reports.questions import known_currency, prepare_report
from entrepot.residency.border_state import Switch
from entrepot.residency.door import Door, door_of
from entrepot.residency.gate_errors import ClearanceRefused, CompanionUnknown, EnvelopeRefused
from entrepot.residency.gateway import Gateway
from entrepot.residency.mail import Exchanged, MailServer, exchange_mail
from entrepot.residency.notes import signing_key
from entrepot.residency.permits.terms import permit_names
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

    from entrepot.flows.parts import CellParts
    from entrepot.residency.border_state import Transfer
    from entrepot.residency.transfer_steps import Cleared

__all__ = [
    "Sent",
    "clear",
    "door_for",
    "exchange",
    "gateway_status",
    "receive",
    "resume",
    "serve_mail",
    "throw_switch",
    "verifier_of",
    "witness_of",
]


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


def _told(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
