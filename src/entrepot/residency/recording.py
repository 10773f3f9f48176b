"""What the gateway writes into the transfer log: counts, hashes and names of permits, never a value of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from entrepot.residency.transferlog import Commitment, canonical_json, entry_bytes, entry_from_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from entrepot.residency.border_state import Switch, Transfer
    from entrepot.residency.envelope import FileFact
    from entrepot.residency.meter_reading import Persons
    from entrepot.residency.preparing import Prepared

__all__ = [
    "commitment_in",
    "intent_entry",
    "joint_entry",
    "outcome_entry",
    "payload_of",
    "profile_word",
    "refusal_entry",
    "removal_entry",
    "switch_entry",
]


def payload_of(files: tuple[FileFact, ...]) -> bytes:
    """What an intent commits to: the hashes of every file that is to leave."""
    return canonical_json(msgspec.to_builtins(files))


def profile_word(prepared: Prepared) -> str:
    """The profile and the day from which it holds."""
    profile = prepared.judgement.profile
    return f"{profile.name}/{profile.effective_from.isoformat()}"


def intent_entry(
    prepared: Prepared, transfer: Transfer, classes: Mapping[str, int], commitment: Commitment, at: datetime
) -> bytes:
    """That a transfer is about to be made."""
    terms, judgement = prepared.permit.permit, prepared.judgement
    # Without what was declared of other flows: the log shows what this system counted, transfer by transfer.
    before, after = judgement.reading.before.own, judgement.reading.after.own
    return entry_bytes(
        "intent",
        at,
        transfer=transfer.transfer,
        permit=terms.permit,
        permit_hash=prepared.permit.digest,
        profile=profile_word(prepared),
        profile_hash=judgement.profile.digest,
        recipient=terms.to,
        purpose=terms.purpose,
        route=judgement.verdict.route,
        processor=terms.processor,
        year=judgement.year,
        rows=transfer.rows_left,
        classes=dict(classes),
        persons_before=_counts(before),
        persons_after=_counts(after),
        sequence=transfer.sequence,
        commitment=commitment.facts,
    )


def joint_entry(processor: str, at: datetime) -> bytes:
    """That the persons of the intent beside it were counted for a joint processor, too."""
    return entry_bytes("declaration", at, subject=processor, statement="joint-processor", hash=None, role="gateway")


def commitment_in(intent: bytes) -> Commitment:
    """What an intent commits to."""
    facts = entry_from_bytes(intent)["commitment"]
    assert isinstance(facts, dict), "an intent has one"
    return Commitment(facts["key_id"], facts["value"], facts["alg"])


def outcome_entry(transfer: Transfer, verdict: str, at: datetime) -> bytes:
    """What became of it."""
    sent = transfer.envelope_hash if verdict == "sent" else None
    return entry_bytes("outcome", at, transfer=transfer.transfer, verdict=verdict, envelope_hash=sent)


def refusal_entry(prepared: Prepared, at: datetime) -> bytes:
    """That nothing left, and the first reason."""
    terms = prepared.permit.permit
    code = f"clearance.{prepared.reasons[0].word}"
    return entry_bytes("refusal", at, permit=terms.permit, recipient=terms.to, code=code)


def removal_entry(envelope_hash: str, at: datetime) -> bytes:
    """That the copy of an envelope is removed, for its term is over."""
    return entry_bytes(
        "declaration", at, subject="sealed-copy", statement="term-over", hash=envelope_hash, role="gateway"
    )


def switch_entry(switch: Switch, at: datetime) -> bytes:
    """That the door was shut or opened for a permit, a recipient or the cell."""
    return entry_bytes(
        "switch",
        at,
        scope=switch.kind,
        target=switch.name or "cell",
        state="open" if switch.is_open else "stopped",
        reason=switch.reason,
        role=switch.decided_by,
    )


def _counts(persons: Persons) -> dict[str, int]:
    """Both numbers only ever grow, which those of non-sensitive persons do not: one may become sensitive."""
    return {"persons": persons.sensitive + persons.non_sensitive, "sensitive": persons.sensitive}
