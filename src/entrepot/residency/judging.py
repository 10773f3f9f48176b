"""Whether a transfer may leave: permit, evidence, persons and the law of the region, each asked on the day itself.

Everything that stands against it is told at once, so that nobody mends one thing to meet the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
import pyarrow.compute as pc

from entrepot.residency.duties import FieldSet, class_of
from entrepot.residency.gate_errors import PermitInvalid
from entrepot.residency.meter_batch import batch_of
from entrepot.residency.profile import load_profile
from entrepot.residency.route_facts import Evidence, Necessity, RouteFacts
from entrepot.residency.routes import decide

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from entrepot.residency.border_state import BorderState
    from entrepot.residency.door import Door
    from entrepot.residency.meter import MeterReading, PersonsMeter
    from entrepot.residency.meter_batch import Batch
    from entrepot.residency.permits.compiled import CompiledPermit
    from entrepot.residency.profile import Profile
    from entrepot.residency.route_facts import Verdict

__all__ = ["Judgement", "evidence_on_file", "judged", "profile_of", "sensitivity_of"]

_GOODS = ("health", "intimate", "child")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found.

    Attributes:
        reasons: Stable words with their meaning, for everything that stands against it; empty when it may leave.
        verdict: What the profile says.
        reading: Persons of the processor this year, before and as they would be afterwards.
        profile: The profile.
        year: Calendar year in the profile's zone.
        counted: The persons as the meter was asked about them, and as it is to record them.
        at: When it was judged; persons count in the year of this instant.
    """

    reasons: tuple[tuple[str, str], ...]
    verdict: Verdict
    reading: MeterReading
    profile: Profile
    year: int
    counted: Batch
    at: datetime

    @property
    def may_leave(self) -> bool:
        """Whether nothing stands against it."""
        return not self.reasons


class _OnFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`evidence.yaml`."""

    evidence: tuple[Evidence, ...] = ()


def evidence_on_file(path: Path) -> tuple[Evidence, ...]:
    """The evidence of a cell; none without a file.

    Raises:
        PermitInvalid: The file cannot be read.
    """
    if not path.exists():
        return ()
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=_OnFile).evidence
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise PermitInvalid("-", path.name, str(error)) from error


def profile_of(door: Door, at: datetime) -> tuple[Profile, date, int]:
    """The profile in force, the day in its zone and the year whose persons are counted."""
    first = load_profile(door.profile, at.date(), door.layout.profiles)
    day = at.astimezone(ZoneInfo(first.zone)).date()
    return load_profile(door.profile, day, door.layout.profiles), day, day.year


def sensitivity_of(profile: Profile, permit: CompiledPermit, day: date) -> tuple[bool, tuple[str, ...]]:
    """Whether everything that leaves is sensitive by itself, and which goods make a row sensitive."""
    classes = frozenset(each.residency for each in permit.decisions if each.transform != "drop")
    plain = FieldSet(permit.kinds, classes)
    goods = tuple(
        each
        for each in _GOODS
        if class_of(profile, FieldSet(permit.kinds, classes, frozenset({each})), day) == "sensitive"
    )
    return class_of(profile, plain, day) == "sensitive", goods


def judged(
    door: Door, state: BorderState, meter: PersonsMeter, permit: CompiledPermit, persons: pa.Table, at: datetime
) -> Judgement:
    """Judge a transfer; nothing is recorded.

    Args:
        door: The door.
        state: Its database.
        meter: The persons meter.
        permit: Compiled.
        persons: Those behind the rows; see `Projection.persons`.
        at: When it would leave.
    """
    terms = permit.permit
    profile, day, year = profile_of(door, at)
    counted = batch_of(persons.select(["person_key", "class", "subject"]))
    reading = meter.preview(terms.processor, year, counted)
    totals = reading.after.toward_lines(count_exempt=profile.count_exempt)
    facts = RouteFacts(
        on=day,
        processor=terms.processor,
        recipient=terms.to,
        recipient_region=terms.recipient.region,
        purpose=terms.purpose,
        important_data=terms.circumstances.important_data,
        has_personal=permit.shape.counts_persons,
        is_ciio=terms.circumstances.is_ciio,
        non_sensitive_total=totals.non_sensitive,
        sensitive_total=totals.sensitive,
        is_sensitive=bool(pc.any(pc.equal(persons["class"], "sensitive")).as_py()),
        collected_abroad=terms.circumstances.collected_abroad,
        necessity=Necessity(is_needed=True, basis=terms.circumstances.necessity)
        if terms.circumstances.necessity
        else None,
        subjects=frozenset(pc.unique(persons["subject"]).to_pylist()),
        evidence=evidence_on_file(door.paths.evidence),
        this_system_only=reading.this_system_only,
        upper_bound=reading.upper_bound or not _are_linked(persons),
    )
    verdict = decide(profile, facts)
    reasons = [*_of_permit(door, state, permit, day), *_of_verdict(verdict), *_of_cap(permit, facts)]
    return Judgement(tuple(reasons), verdict, reading, profile, year, counted, at)


def _are_linked(persons: pa.Table) -> bool:
    return persons.num_rows == 0 or bool(pc.all(persons["is_linked"]).as_py())


def _of_permit(door: Door, state: BorderState, permit: CompiledPermit, day: date) -> list[tuple[str, str]]:
    """What the permit itself, its recipient and the switches say."""
    terms, found = permit.permit, []
    if not terms.valid_from <= day <= terms.valid_to:
        found.append(("expired", f"the permit is valid from {terms.valid_from} to {terms.valid_to}"))
    companion = door.companions.get(terms.to)
    if companion is None:
        found.append(("companion_unknown", f"cell.toml does not know the cell {terms.to}"))
    elif companion.region.upper() != terms.recipient.region.upper():
        stated = f"the cell {terms.to} is of {companion.region}, the permit of {terms.recipient.region}"
        found.append(("other_region", stated))
    elif companion.send is None:
        found.append(("no_mail_folder", f"cell.toml says nowhere where envelopes for {terms.to} are put: `send`"))
    shut = state.closed_by(terms.permit, terms.to)
    found.extend(("switched_off", f"{each.kind} {each.name}".rstrip() + " is switched off") for each in shut)
    return found


def _of_verdict(verdict: Verdict) -> list[tuple[str, str]]:
    """What the law says: the route is shut, or evidence that it needs is missing."""
    found = [(f"evidence_{each.why}", each.words.en) for each in verdict.missing]
    if verdict.route == "refused" or (not verdict.is_allowed and not found):
        said = "; ".join(each.en for each in verdict.reasons) or "no rule allows it"
        found.insert(0, ("route_refused", said))
    return found


def _of_cap(permit: CompiledPermit, facts: RouteFacts) -> list[tuple[str, str]]:
    """The cap of the permit itself."""
    most = permit.permit.persons_max
    total = facts.non_sensitive_total + facts.sensitive_total
    if most is not None and permit.shape.counts_persons and total > most:
        return [("cap", f"this transfer would bring you to {total:,} of {most:,} persons")]
    return []
