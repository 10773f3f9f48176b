"""What a compliance officer asks of the border: persons this year, other flows, what left in a period, old copies."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from entrepot.flows.border import door_for
from entrepot.residency.copies import SUFFIX, new_approver, open_copy
from entrepot.residency.envelope import opened
from entrepot.residency.gate_errors import CopyRefused
from entrepot.residency.gateway import Gateway
from entrepot.residency.judging import profile_of
from entrepot.residency.law_errors import MeterInvalid
from entrepot.residency.meter import PersonsMeter
from entrepot.residency.notes import signing_key
from entrepot.residency.recording import commitment_in, payload_of
from entrepot.residency.retention import copies_kept
from entrepot.residency.transferlog import Commitments, entry_bytes, entry_from_bytes
from entrepot.residency.transferlog.tree import is_included, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.residency.border_state import Transfer
    from entrepot.residency.door import Door
    from entrepot.residency.meter import MeterReading
    from entrepot.residency.meter_reading import Persons

__all__ = ["copies_of", "declare_flow", "make_approver", "meter_of", "open_sealed", "prove_entry", "transfers_between"]


def meter_of(
    parts: CellParts, processor: str, year: int | None = None, *, recount: bool = False
) -> tuple[MeterReading, list[dict[str, Any]]]:
    """Persons of a processor in a year, and every line of the profile with what is left until it.

    Args:
        parts: The cell.
        processor: The legal processor.
        year: Calendar year; else this one.
        recount: Count the persons themselves anew as well.

    Raises:
        MeterInvalid: The totals are not those of the persons.
    """
    door = door_for(parts)
    profile, _, now = profile_of(door, door.now())
    with contextlib.closing(PersonsMeter.open(door.paths.meter, profile.zone)) as meter:
        reading = meter.reading(processor, year or now)
        if recount and meter.recount(processor, year or now) != reading.after:
            raise MeterInvalid("its totals are not those of the persons in it")
    totals = reading.after.toward_lines(count_exempt=profile.count_exempt)
    lines = [
        {
            "line": line.id,
            "class": line.class_,
            "from": line.persons,
            "persons": getattr(totals, line.class_),
            "left": max(line.persons - getattr(totals, line.class_), 0),
        }
        for line in profile.thresholds().values()
    ]
    return reading, lines


def declare_flow(
    parts: CellParts, processor: str, flow: str, persons: Persons, *, evidence: str, role: str, year: int | None = None
) -> MeterReading:
    """State the persons of a flow outside this system, or of the year before it began (`opening`).

    Raises:
        MeterInvalid: Something is empty or negative.
        MeterConflict: More was stated before.
        EntryRefused: A word is no plain name; the log holds no free text.
    """
    door = door_for(parts)
    _, _, now = profile_of(door, door.now())
    said = entry_bytes("declaration", door.now(), subject=flow, statement="persons-outside", hash=None, role=role)
    with contextlib.closing(Gateway(door)) as gateway:
        reading = gateway.meter.declare(processor, year or now, flow, persons, evidence=evidence, approver=role)
        gateway.log.append([said])
    return reading


def transfers_between(parts: CellParts, first: date, last: date) -> list[dict[str, Any]]:
    """What left, was refused, declared or switched between two days (UTC, both included), as the log has it.

    Who, what, why, how many persons, under which rule: one row per entry, an outcome beside its intent.
    """
    door = door_for(parts)
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    with contextlib.closing(Gateway(door)) as gateway:
        entries = [entry_from_bytes(each) for each in gateway.log.entries(0, gateway.log.size)]
    outcomes = {each["transfer"]: each for each in entries if each["kind"] == "outcome"}
    rows = []
    for number, entry in enumerate(entries):
        at = datetime.fromisoformat(str(entry["at"]))
        if entry["kind"] != "outcome" and begin <= at < end:
            rows.append(_row(number, entry, outcomes.get(entry.get("transfer"))))
    return rows


def make_approver(parts: CellParts, name: str, private: Path) -> None:
    """Register an approver of sealed copies; the private key goes into a file outside the cell.

    Raises:
        CopyRefused: There is one of that name, or the file lies inside the company folder.
    """
    if private.resolve().is_relative_to(parts.layout.home):
        raise CopyRefused(name, "a private key does not lie in the company folder; give it to the approver")
    new_approver(door_for(parts).paths.approvers, name, private)


def copies_of(parts: CellParts) -> list[dict[str, Any]]:
    """Copies of what left that are still kept, and until when; the next `gateway send` removes those that are over."""
    door = door_for(parts)
    now = door.now()
    profile, _, _ = profile_of(door, now)
    with contextlib.closing(Gateway(door)) as gateway:
        return [
            {
                "envelope": each.envelope,
                "sealed": each.is_sealed,
                "until": each.until.isoformat() if each.until else None,
                "held": each.is_held,
                "over": each.is_over,
            }
            for each in copies_kept(door, gateway.state, profile, now)
        ]


def open_sealed(parts: CellParts, envelope: str, keys: Mapping[str, Path], target: Path, role: str) -> None:
    """Open the sealed copy of an envelope with the keys of two approvers; recorded in the log first.

    Raises:
        CopyRefused: There is no such copy, the keys do not open it, or it is not what the log committed to.
        SaltErased: Nobody can say any more what the log committed to.
    """
    door = door_for(parts)
    sealed = door.paths.outbox / f"{envelope}{SUFFIX}"
    if not sealed.is_file() or sealed.parent != door.paths.outbox:
        raise CopyRefused(envelope, "there is no sealed copy of that name; `entrepot gateway status` names transfers")
    with contextlib.closing(Gateway(door)) as gateway:
        transfer = next((each for each in gateway.state.transfers() if each.envelope == envelope), None)
        if transfer is None or transfer.envelope_hash is None:
            raise CopyRefused(envelope, "no transfer of this cell had that envelope")
        digest = transfer.envelope_hash
        said = entry_bytes("approval", door.now(), subject="open-copy", hash=digest, decision="approved", role=role)
        gateway.log.append([said])
    open_copy(sealed, keys, target)
    _check_committed(door, transfer, target)


def _check_committed(door: Door, transfer: Transfer, target: Path) -> None:
    """Whether a copy holds what its intent in the log committed to, before it was sent."""
    own = signing_key(door.layout.keys, door.cell).verifier()
    files = opened(target, [own]).manifest.files
    said = commitment_in(transfer.intent.encode())
    if not Commitments(door.paths.salts).is_of(said, hashlib.sha256(payload_of(files)).digest()):
        target.unlink()
        raise CopyRefused(target.name, "it is not what the log committed to; look at the log with entrepot-verify")


def prove_entry(parts: CellParts, number: int) -> dict[str, Any]:
    """One entry of the transfer log with the hashes that lead to the root of the newest checkpoint.

    Whoever gets it can verify the entry as RFC 6962 says, without seeing any other.

    Raises:
        ProofRefused: The log has no such entry.
    """
    with contextlib.closing(Gateway(door_for(parts))) as gateway:
        note, size = gateway.log.checkpoint(), gateway.log.size
        hashes = gateway.log.inclusion_proof(number, size)
        (entry,) = gateway.log.entries(number, number + 1)
        root = base64.b64decode(note.splitlines()[2])
    assert is_included(leaf_hash(entry), number, size, hashes, root), "a proof holds before it is handed out"
    return {
        "entry": number,
        "size": size,
        "content": entry.decode(),
        "hashes": [each.hex() for each in hashes],
        "checkpoint": note,
    }


def _row(number: int, entry: Mapping[str, Any], outcome: Mapping[str, Any] | None) -> dict[str, Any]:
    before, after = entry.get("persons_before", {}), entry.get("persons_after", {})
    return {
        "entry": number,
        "at": entry["at"],
        "kind": entry["kind"],
        "permit": entry.get("permit"),
        "recipient": entry.get("recipient"),
        "purpose": entry.get("purpose"),
        "profile": entry.get("profile"),
        "route": entry.get("route"),
        "processor": entry.get("processor"),
        "rows": entry.get("rows"),
        "persons_new": after["persons"] - before["persons"] if after else None,
        "persons_after": after.get("persons"),
        "sensitive_after": after.get("sensitive"),
        "outcome": outcome["verdict"] if outcome else entry.get("code") or entry.get("state") or entry.get("decision"),
        "envelope_hash": outcome["envelope_hash"] if outcome else None,
    }
