"""The steps of one transfer, from what was prepared to what lies with its recipient; each is noted before it is taken.

Persons are counted before anything is made to leave and never taken back. A process that dies leaves a transfer that
its successor ends. Only this module seals, and only with the cell's signing key.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from entrepot.residency.aggregates.making import keep
from entrepot.residency.border_state import Step, Transfer
from entrepot.residency.enforcement import enforcement_found
from entrepot.residency.envelope import FORMAT, SUFFIX, Manifest, file_hash, seal
from entrepot.residency.gate_errors import CompanionUnknown
from entrepot.residency.recording import intent_entry, joint_entry, outcome_entry, payload_of, profile_word
from entrepot.residency.transferlog import Commitments, entry_bytes, entry_from_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from entrepot.residency.border_state import BorderState
    from entrepot.residency.door import Door
    from entrepot.residency.envelope import FileFact
    from entrepot.residency.judging import Judgement
    from entrepot.residency.meter import PersonsMeter
    from entrepot.residency.notes import SigningKey
    from entrepot.residency.permits.compiled import CompiledPermit
    from entrepot.residency.preparing import Prepared
    from entrepot.residency.transferlog import TransferLog

__all__ = ["Cleared", "TransferSteps"]

_LOOK_BACK = 256
"""Entries of the log that are looked at together, from its end."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """One transfer that left.

    Attributes:
        transfer: As it stands.
        manifest: As it was signed.
        judgement: Under which.
    """

    transfer: Transfer
    manifest: Manifest
    judgement: Judgement


class TransferSteps:
    """Takes the steps of transfers of one cell, for whoever holds the gateway's lock.

    Args:
        door: The door.
        state: Its database.
        log: The transfer log.
        key: The cell's signing key.
        meter: Gives the persons meter.
        point: Called with the name of each point at which a process may die.
    """

    def __init__(
        self,
        door: Door,
        state: BorderState,
        log: TransferLog,
        key: SigningKey,
        meter: Callable[[], PersonsMeter],
        point: Callable[[str], None],
    ) -> None:
        self._door, self._state, self._log, self._key = door, state, log, key
        self._meter, self._point = meter, point

    def leave(self, prepared: Prepared, folder: Path) -> Cleared:
        """Record, count, seal and hand over what was prepared in a folder."""
        transfer = self._begun(prepared)
        self._state.begin(transfer)
        self._point("begun")
        if prepared.permit.shape.counts_persons:
            self._count(transfer, prepared)
        if prepared.release is not None:
            keep(self._door, prepared.permit, prepared.release)
        self._point("counted")
        joint = [joint_entry(each.processor, self._door.now()) for each in prepared.judgement.standings[1:]]
        at, *_ = self._log.append([transfer.intent.encode(), *joint])
        self._point("intent written")
        self._state.move(transfer.transfer, Step.INTENDED, intent_at=at)
        self._point("intended")
        manifest = self._manifest(prepared, transfer)
        name = f"{transfer.permit}.{transfer.sequence:06d}.{transfer.transfer}{SUFFIX}"
        self._door.paths.outbox.mkdir(parents=True, exist_ok=True)
        digest = seal(manifest, folder, self._door.paths.outbox / name, self._key)
        self._point("sealed")
        parts = {f"{each.dataset}/{each.part}": each.sha256 for each in prepared.files}
        self._state.move(transfer.transfer, Step.SEALED, envelope=name, envelope_hash=digest, parts=parts)
        self._point("seal written")
        self._hand_over(self._state.transfer(transfer.transfer))
        return Cleared(self._state.transfer(transfer.transfer), manifest, prepared.judgement)

    def end_open(self) -> list[Transfer]:
        """End what a process that died left half-way: what was sealed is handed over, everything else is abandoned."""
        ended = []
        for each in self._state.open_transfers():
            if each.step in (Step.BEGUN, Step.INTENDED):
                ended += self._abandon(each)
            else:
                self._hand_over(each)
                ended.append(self._state.transfer(each.transfer))
        return ended

    def _begun(self, prepared: Prepared) -> Transfer:
        """A transfer with its intent, before anything of it happened."""
        terms, now = prepared.permit.permit, self._door.now()
        earlier = self._state.transfers(terms.permit)
        transfer = Transfer(
            transfer=secrets.token_hex(16),
            permit=terms.permit,
            recipient=terms.to,
            sequence=1 + max((each.sequence for each in earlier), default=0),
            step=Step.BEGUN,
            made_at_us=int(now.timestamp() * 1_000_000),
            rows_left=sum(each.rows for each in prepared.files),
            persons=prepared.person_count,
            envelope=None,
            envelope_hash=None,
            parts={},
            intent="",
            intent_at=None,
        )
        commitment = Commitments(self._door.paths.salts).commit(hashlib.sha256(payload_of(prepared.files)).digest())
        classes = _rows_by_class(prepared.permit, prepared.files)
        return replace(transfer, intent=intent_entry(prepared, transfer, classes, commitment, now).decode())

    def _count(self, transfer: Transfer, prepared: Prepared) -> None:
        """Persons are counted before anything is made to leave, durably, and never taken back.

        Joint processors come first: after a crash in between, whoever the log speaks of was not counted without them.
        """
        for each in reversed(prepared.judgement.standings):
            self._meter().record(
                transfer.transfer,
                each.processor,
                prepared.judgement.at,
                prepared.judgement.counted,
                exempt=each.verdict.exempt,
                linked=not prepared.upper_bound,
            )

    def _hand_over(self, transfer: Transfer) -> None:
        """Put a sealed envelope where its recipient fetches it; again is the same, for the name is the same."""
        assert transfer.envelope is not None, "what is handed over was sealed"
        if transfer.step is Step.SEALED:
            source = self._door.paths.outbox / transfer.envelope
            assert file_hash(source) == transfer.envelope_hash, "an envelope stays as it was sealed"
            target = self._door.companion(transfer.recipient).send
            if target is None:
                raise CompanionUnknown(transfer.recipient)
            _copy_whole(source, target / transfer.envelope)
            self._point("handed over")
            self._state.move(transfer.transfer, Step.SENT)
            self._point("sent")
        if not self._is_said(transfer, "outcome"):
            self._log.append([outcome_entry(transfer, "sent", self._door.now())])
            self._point("outcome written")
        self._state.move(transfer.transfer, Step.CLOSED)

    def _abandon(self, transfer: Transfer) -> list[Transfer]:
        """End a transfer of which nothing was sealed. Its persons stay counted, and the log says so."""
        for stray in self._door.paths.outbox.glob(f"*.{transfer.transfer}{SUFFIX}"):
            stray.unlink()
        now = self._door.now()
        has_intent = self._is_said(transfer, "intent")
        if not has_intent and not self._meter().has_counted(transfer.transfer):
            self._state.forget(transfer.transfer)
            return []
        if not has_intent:
            facts = entry_from_bytes(transfer.intent.encode())
            told = {name: value for name, value in facts.items() if name not in ("v", "kind", "at")}
            self._log.append([entry_bytes("intent", now, **told)])
        if not self._is_said(transfer, "outcome"):
            self._log.append([outcome_entry(transfer, "abandoned", now)])
        self._state.move(transfer.transfer, Step.ABANDONED)
        return [self._state.transfer(transfer.transfer)]

    def _is_said(self, transfer: Transfer, kind: str) -> bool:
        """Whether the log says something of a transfer; asked of the newest ones only, so it stands near the end."""
        wanted = transfer.transfer.encode()
        size = self._log.size
        for last in range(size, 0, -_LOOK_BACK):
            for entry in self._log.entries(max(last - _LOOK_BACK, 0), last):
                if wanted in entry and entry_from_bytes(entry)["kind"] == kind:
                    return True
            if transfer.intent_at is not None and last - _LOOK_BACK <= transfer.intent_at:
                return False
        return False

    def _manifest(self, prepared: Prepared, transfer: Transfer) -> Manifest:
        terms, verdict = prepared.permit.permit, prepared.judgement.verdict
        found = enforcement_found(self._door)
        return Manifest(
            v=FORMAT,
            transfer=transfer.transfer,
            sender=self._door.cell,
            recipient=terms.to,
            permit=terms.permit,
            permit_hash=prepared.permit.digest,
            shape=f"{terms.shape}/{prepared.permit.shape.version}",
            profile=profile_word(prepared),
            profile_hash=verdict.profile_digest,
            purpose=terms.purpose,
            route=verdict.route,
            sequence=transfer.sequence,
            after=self._state.last_sent(terms.permit),
            made_at=self._door.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            enforcement=found.level,
            location=found.location,
            tokens=dict.fromkeys(prepared.permit.token_fields, f"hs256:{prepared.key_id}"),
            withheld=prepared.withheld,
            persons=prepared.person_count,
            persons_year=_year_of(prepared),
            cap=verdict.cap,
            files=prepared.files,
        )


def _year_of(prepared: Prepared) -> dict[str, int]:
    """Persons of the processor this year that stand against the lines, this transfer included."""
    judgement = prepared.judgement
    totals = judgement.reading.after.toward_lines(count_exempt=judgement.profile.count_exempt)
    return {"non_sensitive": totals.non_sensitive, "sensitive": totals.sensitive}


def _rows_by_class(permit: CompiledPermit, files: tuple[FileFact, ...]) -> Mapping[str, int]:
    """Rows that carry a value of each class."""
    rows: Counter[str] = Counter()
    for each in files:
        rows[each.dataset] += each.rows
    carried = {(each.dataset, each.residency) for each in permit.decisions if each.transform != "drop"}
    found: Counter[str] = Counter()
    for dataset, residency in sorted(carried):
        found[residency] += rows[dataset]
    return found


def _copy_whole(source: Path, target: Path) -> None:
    """Copy a file so that whoever watches the folder sees it as a whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copyfile(source, unfinished)
    with unfinished.open("rb+") as written:
        os.fsync(written.fileno())
    unfinished.replace(target)
