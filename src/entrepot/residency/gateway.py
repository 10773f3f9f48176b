"""The door: permit, evidence, persons counted, projected, inspected, recorded, sealed, handed over, recorded again.

Each step is written down before it is taken. Persons are counted before anything is made to leave and never taken back.
A process that dies leaves a transfer that `resume` ends: what was sealed is handed over, everything else is abandoned.
Only this module seals, and only with the cell's signing key.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from entrepot.residency.adoption import not_adopted
from entrepot.residency.aggregates.making import ledger_of, made
from entrepot.residency.border_state import BorderState, Step, Transfer
from entrepot.residency.copies import APPROVERS_NEEDED, Approvers, seal_copy
from entrepot.residency.decided import decided_in
from entrepot.residency.domains.claims import add_versions
from entrepot.residency.enforcement import enforcement_found
from entrepot.residency.envelope import FORMAT, SUFFIX, Manifest, file_hash, seal
from entrepot.residency.gate_errors import ClearanceRefused, CompanionUnknown
from entrepot.residency.judging import Judgement, judged, profile_of, sensitivity_of
from entrepot.residency.keys import cell_key, person_pads
from entrepot.residency.meter import PersonsMeter
from entrepot.residency.notes import signing_key
from entrepot.residency.permits.compiled import compiled
from entrepot.residency.permits.terms import permit_of
from entrepot.residency.projecting import Projection
from entrepot.residency.reasons import reason_of
from entrepot.residency.recording import (
    intent_entry,
    joint_entry,
    outcome_entry,
    payload_of,
    profile_word,
    refusal_entry,
    removal_entry,
    switch_entry,
)
from entrepot.residency.retention import copies_kept
from entrepot.residency.transferlog import (
    Commitments,
    TransferLog,
    entry_bytes,
    entry_from_bytes,
    uncosigned_since,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa

    from entrepot.residency.aggregates.releasing import Release
    from entrepot.residency.border_state import Switch
    from entrepot.residency.door import Door
    from entrepot.residency.envelope import FileFact
    from entrepot.residency.gate_errors import Reason
    from entrepot.residency.notes import SigningKey
    from entrepot.residency.permits.compiled import CompiledPermit

__all__ = ["Cleared", "Gateway", "Prepared"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a permit would let out now.

    Attributes:
        permit: Compiled.
        files: Parts that differ from what the recipient holds, written in `folder`.
        unchanged: Parts that the recipient holds as they are.
        persons: Those behind the rows of `files`.
        withheld: Values that leave as `withheld`.
        alarms: Values with a sign of a person that a closed form let pass.
        channels: Platforms whose data is among it.
        judgement: What the law, the evidence and the switches say.
        key_id: Generation of its token keys.
        uncosigned_days: For how many days entries of the log have stood that no other cell cosigned.
        release: What leaves as safe sums, where such do.
    """

    permit: CompiledPermit
    files: tuple[FileFact, ...]
    unchanged: int
    persons: pa.Table
    withheld: int
    alarms: int
    channels: tuple[str, ...]
    judgement: Judgement
    key_id: str
    uncosigned_days: int
    release: Release | None

    @property
    def person_count(self) -> int:
        """Distinct persons; one may be buyer and recipient."""
        return self.judgement.counted.persons

    @property
    def upper_bound(self) -> bool:
        """Whether some persons cannot be told apart, so that their number is an upper bound."""
        return bool(self.persons.num_rows) and not pc.all(self.persons["is_linked"]).as_py()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Everything that stands against it."""
        found = list(self.judgement.reasons)
        allowed = self.permit.permit.platform_permission
        missing = [each for each in self.channels if each not in allowed]
        if missing:
            found.append(reason_of("platform_permission", channels=", ".join(missing)))
        days = self.permit.permit.uncosigned_days_max
        if days is not None and self.uncosigned_days > days:
            found.append(reason_of("uncosigned", days=self.uncosigned_days, most=days))
        if self.alarms:
            found.append(reason_of("inspection", values=self.alarms))
        if self.release is not None and self.release.outside:
            found.append(reason_of("key_outside", channels=", ".join(self.release.outside)))
        return tuple(found)


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


class Gateway:
    """The gateway of one cell; the only holder of its signing key.

    Args:
        door: The door.
        died_at: For tests: called with the name of each point at which a process may die.
    """

    def __init__(self, door: Door, died_at: Callable[[str], None] | None = None) -> None:
        self._door = door
        self._point = died_at or (lambda _name: None)
        self._key: SigningKey = signing_key(door.layout.keys, door.cell)
        self.state = BorderState(door.paths.state)
        self._meter: PersonsMeter | None = None
        witnesses = [each.witness for each in door.companions.values()]
        self.log = TransferLog.open(door.paths.log, f"entrepot/{door.cell}/transfers", self._key, witnesses)

    def close(self) -> None:
        """Give files and connections back."""
        self.state.close()
        if self._meter is not None:
            self._meter.close()

    @property
    def meter(self) -> PersonsMeter:
        """The persons meter of the cell, whose years are those of its law's zone.

        Raises:
            ProfileUnknown: There is no law of the cell's region.
        """
        if self._meter is None:
            profile, _, _ = profile_of(self._door, self._door.now())
            self._meter = PersonsMeter.open(self._door.paths.meter, profile.zone)
        return self._meter

    @contextlib.contextmanager
    def prepared(self, name: str) -> Iterator[tuple[Prepared, Path]]:
        """Compute what a permit would let out now, and judge it; nothing is recorded and nothing leaves.

        Raises:
            PermitUnknown: There is no such permit.
            PermitInvalid: It cannot be used.
        """
        door = self._door
        permit = compiled(*permit_of(door.paths.permits, name))
        at = door.now()
        profile, day, _ = profile_of(door, at)
        key_id = self.state.token_key_id(name)
        door.paths.scratch.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=door.paths.scratch))
        try:
            with door.open_engine() as engine:
                keys = (cell_key(door.layout.keys, "token.key"), key_id)
                tables, pads = door.tables(), person_pads(door.layout.keys)
                add_versions(engine, door, self.state, permit, tables)
                sums = partial(made, engine, tables, permit, door, self.state, day)
                projection = Projection.of(engine, tables, permit, door.declared, keys, pads, sums)
                files, unchanged = self._changed_parts(projection, permit, folder)
                parts: dict[str, list[str]] = {}
                for each in files:
                    parts.setdefault(each.dataset, []).append(each.part)
                overrides = decided_in(door.paths.decisions).overrides
                everything, goods = sensitivity_of(profile, permit, day, overrides)
                persons = projection.persons(parts, goods, all_sensitive=everything)
                judgement = judged(door, self.state, self.meter, permit, persons, projection.shops(), at)
                unapproved = not_adopted(door, self.log, day)
                judgement = replace(judgement, reasons=(*unapproved, *judgement.reasons))
                late = uncosigned_since(self.log, at)
                yield (
                    Prepared(
                        permit,
                        tuple(files),
                        unchanged,
                        persons,
                        projection.withheld(),
                        projection.alarms(),
                        projection.channels(),
                        judgement,
                        key_id,
                        late.age.days if late is not None else 0,
                        projection.release,
                    ),
                    folder,
                )
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def clear(self, name: str) -> Cleared | None:
        """Let out what changed under a permit; None where the recipient holds everything.

        Raises:
            ClearanceRefused: Something stands against it; the refusal is recorded and nothing left.
            PermitUnknown: There is no such permit.
            PermitInvalid: It cannot be used.
        """
        with self._alone():
            self._end_open_transfers()
            self._seal_copies()
            self._remove_copies()
            with self.prepared(name) as (prepared, folder):
                if prepared.reasons:
                    self.log.append([refusal_entry(prepared, self._door.now())])
                    raise ClearanceRefused(name, prepared.reasons)
                cleared = self._leave(prepared, folder) if prepared.files else None
            self._seal_copies()
            return cleared

    def resume(self) -> list[Transfer]:
        """End what a process that died left half-way; returns those transfers as they now stand."""
        with self._alone():
            return self._end_open_transfers()

    def switch(self, decision: Switch) -> None:
        """Shut or open the door for a permit, a recipient or the whole cell; recorded in the log first."""
        with self._alone():
            self.log.append([switch_entry(decision, self._door.now())])
            self.state.switch(decision)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One gateway of a cell at a time: counts and sequence follow each other."""
        self._door.paths.root.mkdir(parents=True, exist_ok=True)
        with (self._door.paths.root / "gateway.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _end_open_transfers(self) -> list[Transfer]:
        ended = []
        for each in self.state.open_transfers():
            if each.step in (Step.BEGUN, Step.INTENDED):
                ended += self._abandon(each)
            else:
                self._hand_over(each)
                ended.append(self.state.transfer(each.transfer))
        return ended

    def _seal_copies(self) -> None:
        """Seal the copies of what left, once there are two approvers who can open them together."""
        approvers = Approvers.of(self._door.paths.approvers).approvers
        if len(approvers) < APPROVERS_NEEDED:
            return
        for each in self.state.transfers():
            if each.step is Step.CLOSED and each.envelope is not None:
                copy = self._door.paths.outbox / each.envelope
                if copy.exists():
                    seal_copy(copy, approvers)

    def _remove_copies(self) -> None:
        """Remove copies whose term is over; the log says so first, so that none is missing without a word."""
        now = self._door.now()
        profile, _, _ = profile_of(self._door, now)
        for each in copies_kept(self._door, self.state, profile, now):
            if each.is_over:
                self.log.append([removal_entry(each.envelope_hash, now)])
                self._point("removal written")
                # What was committed to can be shown no more, so nothing about it can be told from the log either.
                Commitments(self._door.paths.salts).erase(each.salt)
                each.path.unlink()

    def _changed_parts(
        self, projection: Projection, permit: CompiledPermit, folder: Path
    ) -> tuple[list[FileFact], int]:
        """Write every part that the recipient does not hold as it is, emptied ones included."""
        held = self.state.held_parts(permit.permit.permit)
        files: list[FileFact] = []
        unchanged = 0
        for dataset in permit.datasets:
            known = {key.partition("/")[2] for key in held if key.partition("/")[0] == dataset.name}
            for part in sorted({*projection.parts(dataset), *known}):
                fact = projection.write(dataset, part, len(files), folder)
                if held.get(f"{dataset.name}/{part}") == fact.sha256:
                    (folder / fact.name).unlink()
                    unchanged += 1
                else:
                    files.append(fact)
        return files, unchanged

    def _leave(self, prepared: Prepared, folder: Path) -> Cleared:
        transfer = self._begun(prepared)
        self.state.begin(transfer)
        self._point("begun")
        if prepared.permit.shape.counts_persons:
            self._count(transfer, prepared)
        if prepared.release is not None:
            prepared.release.keep(ledger_of(self._door, prepared.permit))
        self._point("counted")
        joint = [joint_entry(each.processor, self._door.now()) for each in prepared.judgement.standings[1:]]
        at, *_ = self.log.append([transfer.intent.encode(), *joint])
        self._point("intent written")
        self.state.move(transfer.transfer, Step.INTENDED, intent_at=at)
        self._point("intended")
        manifest = self._manifest(prepared, transfer)
        name = f"{transfer.permit}.{transfer.sequence:06d}.{transfer.transfer}{SUFFIX}"
        self._door.paths.outbox.mkdir(parents=True, exist_ok=True)
        digest = seal(manifest, folder, self._door.paths.outbox / name, self._key)
        self._point("sealed")
        parts = {f"{each.dataset}/{each.part}": each.sha256 for each in prepared.files}
        self.state.move(transfer.transfer, Step.SEALED, envelope=name, envelope_hash=digest, parts=parts)
        self._point("seal written")
        self._hand_over(self.state.transfer(transfer.transfer))
        return Cleared(self.state.transfer(transfer.transfer), manifest, prepared.judgement)

    def _begun(self, prepared: Prepared) -> Transfer:
        """A transfer with its intent, before anything of it happened."""
        terms, now = prepared.permit.permit, self._door.now()
        earlier = self.state.transfers(terms.permit)
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
        classes = rows_by_class(prepared.permit, prepared.files)
        return replace(transfer, intent=intent_entry(prepared, transfer, classes, commitment, now).decode())

    def _count(self, transfer: Transfer, prepared: Prepared) -> None:
        """Persons are counted before anything is made to leave, durably, and never taken back.

        Joint processors come first: after a crash in between, whoever the log speaks of was not counted without them.
        """
        for each in reversed(prepared.judgement.standings):
            self.meter.record(
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
            self.state.move(transfer.transfer, Step.SENT)
            self._point("sent")
        if not self._is_said(transfer, "outcome"):
            self.log.append([outcome_entry(transfer, "sent", self._door.now())])
            self._point("outcome written")
        self.state.move(transfer.transfer, Step.CLOSED)

    def _abandon(self, transfer: Transfer) -> list[Transfer]:
        """End a transfer of which nothing was sealed. Its persons stay counted, and the log says so."""
        for stray in self._door.paths.outbox.glob(f"*.{transfer.transfer}{SUFFIX}"):
            stray.unlink()
        now = self._door.now()
        has_intent = self._is_said(transfer, "intent")
        if not has_intent and not self.meter.has_counted(transfer.transfer):
            self.state.forget(transfer.transfer)
            return []
        if not has_intent:
            facts = entry_from_bytes(transfer.intent.encode())
            told = {name: value for name, value in facts.items() if name not in ("v", "kind", "at")}
            self.log.append([entry_bytes("intent", now, **told)])
        if not self._is_said(transfer, "outcome"):
            self.log.append([outcome_entry(transfer, "abandoned", now)])
        self.state.move(transfer.transfer, Step.ABANDONED)
        return [self.state.transfer(transfer.transfer)]

    def _is_said(self, transfer: Transfer, kind: str) -> bool:
        """Whether the log says something of a transfer; asked of the newest ones only, so it stands near the end."""
        wanted = transfer.transfer.encode()
        size = self.log.size
        for last in range(size, 0, -_LOOK_BACK):
            for entry in self.log.entries(max(last - _LOOK_BACK, 0), last):
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
            after=self.state.last_sent(terms.permit),
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


_LOOK_BACK = 256


def _year_of(prepared: Prepared) -> dict[str, int]:
    """Persons of the processor this year that stand against the lines, this transfer included."""
    judgement = prepared.judgement
    totals = judgement.reading.after.toward_lines(count_exempt=judgement.profile.count_exempt)
    return {"non_sensitive": totals.non_sensitive, "sensitive": totals.sensitive}


def rows_by_class(permit: CompiledPermit, files: tuple[FileFact, ...]) -> Mapping[str, int]:
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
