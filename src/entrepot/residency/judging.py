"""Whether a transfer may leave: permit, evidence, persons and the law of the region, each asked on the day itself.

Everything that stands against it is told at once, so that nobody mends one thing to meet the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import msgspec
import pyarrow.compute as pc

from entrepot.residency.decided import decided_in, roles_of
from entrepot.residency.disclosure import disclosure_reasons
from entrepot.residency.duties import FieldSet, access_is_transfer, class_of, has_to_be_local
from entrepot.residency.gate_errors import PermitInvalid, Reason
from entrepot.residency.law_errors import RoleUnknown
from entrepot.residency.meter_batch import batch_of
from entrepot.residency.profile import Words, load_profile
from entrepot.residency.reasons import reason_of
from entrepot.residency.roles import LegalProcessor
from entrepot.residency.route_facts import Evidence, Necessity, RouteFacts, Warned
from entrepot.residency.routes import decide

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from entrepot.residency.border_state import BorderState
    from entrepot.residency.door import Door
    from entrepot.residency.duties import Override
    from entrepot.residency.meter import MeterReading, PersonsMeter
    from entrepot.residency.meter_batch import Batch
    from entrepot.residency.meter_reading import Persons
    from entrepot.residency.permits.compiled import CompiledPermit
    from entrepot.residency.profile import Profile
    from entrepot.residency.roles import Roles
    from entrepot.residency.route_facts import Verdict

__all__ = [
    "REMOTE_ACCESS",
    "Counted",
    "Judgement",
    "Standing",
    "evidence_on_file",
    "facts_of",
    "judged",
    "profile_of",
    "sensitivity_of",
]

REMOTE_ACCESS = "remote-access"
"""Flow under which people declare of how many persons somebody abroad reads data."""

_GOODS = ("health", "intimate", "child")
_LOCAL: tuple[Literal["first_write", "primary_copy"], ...] = ("first_write", "primary_copy")


@dataclass(frozen=True, slots=True)
class Standing:
    """How one processor in law stands.

    Attributes:
        processor: The company.
        verdict: What the profile says.
        reading: Persons of the processor this year, before and as they would be afterwards.
    """

    processor: str
    verdict: Verdict
    reading: MeterReading


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found.

    Attributes:
        reasons: Everything that stands against it; empty when it may leave.
        warnings: What does not stop it yet.
        standings: Of the processor that the permit names, then of those who decide jointly with it.
        profile: The profile.
        year: Calendar year in the profile's zone.
        counted: The persons as the meter was asked about them, and as it is to record them.
        at: When it was judged; persons count in the year of this instant.
    """

    reasons: tuple[Reason, ...]
    warnings: tuple[Warned, ...]
    standings: tuple[Standing, ...]
    profile: Profile
    year: int
    counted: Batch
    at: datetime

    @property
    def verdict(self) -> Verdict:
        """What the profile says to the processor that the permit names."""
        return self.standings[0].verdict

    @property
    def reading(self) -> MeterReading:
        """Persons of that processor."""
        return self.standings[0].reading


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


def sensitivity_of(
    profile: Profile, permit: CompiledPermit, day: date, overrides: Sequence[Override] = ()
) -> tuple[bool, tuple[str, ...]]:
    """Whether everything that leaves is sensitive by itself, and which goods make a row sensitive."""
    classes = frozenset(each.residency for each in permit.decisions if each.transform != "drop")
    children = permit.permit.circumstances.with_children

    def is_sensitive(beside: frozenset[str]) -> bool:
        found = FieldSet(permit.kinds, classes, beside, has_children=children)
        return class_of(profile, found, day, overrides) == "sensitive"

    return is_sensitive(frozenset()), tuple(each for each in _GOODS if is_sensitive(frozenset({each})))


def judged(
    door: Door,
    state: BorderState,
    meter: PersonsMeter,
    permit: CompiledPermit,
    persons: pa.Table,
    shops: Sequence[str],
    at: datetime,
) -> Judgement:
    """Judge a transfer; nothing is recorded.

    Args:
        door: The door.
        state: Its database.
        meter: The persons meter.
        permit: Compiled.
        persons: Those behind the rows; see `Projection.persons`.
        shops: Those whose rows point at persons; see `Projection.shops`.
        at: When it would leave.
    """
    profile, day, year = profile_of(door, at)
    decided = decided_in(door.paths.decisions)
    legal, reasons = _processor_of(permit, roles_of(door, decided), shops)
    reasons += _of_permit(door, state, permit, day)
    reasons += disclosure_reasons(door, state, permit, decided.aggregates_only)
    if any(has_to_be_local(profile, kind) for kind in _LOCAL) and door.region != profile.name.upper():
        reasons.append(reason_of("not_local", profile=profile.name, region=door.region))
    counted = batch_of(persons.select(["person_key", "class", "subject"]))
    standings, warnings = [], _of_overrides(profile, decided.overrides, day)
    for processor in (permit.permit.processor, *legal.also):
        reading = meter.preview(processor, year, counted)
        facts = _facts(door, permit, persons, profile, day, reading)
        verdict = decide(profile, facts)
        whose = "" if processor == permit.permit.processor else processor
        reasons += [_of(whose, each) for each in (*_of_verdict(verdict), *_of_cap(permit, facts))]
        warnings += verdict.warnings
        if permit.shape.counts_persons and access_is_transfer(profile):
            warnings += _of_access(meter, processor, year)
        standings.append(Standing(processor, verdict, reading))
    return Judgement(tuple(reasons), tuple(warnings), tuple(standings), profile, year, counted, at)


def _facts(
    door: Door, permit: CompiledPermit, persons: pa.Table, profile: Profile, day: date, reading: MeterReading
) -> RouteFacts:
    return facts_of(
        permit,
        Counted(
            on=day,
            processor=reading.processor,
            totals=reading.after.toward_lines(count_exempt=profile.count_exempt),
            is_sensitive=bool(pc.any(pc.equal(persons["class"], "sensitive")).as_py()),
            subjects=frozenset(pc.unique(persons["subject"]).to_pylist()),
            this_system_only=reading.this_system_only,
            upper_bound=reading.upper_bound or not _are_linked(persons),
        ),
        evidence_on_file(door.paths.evidence),
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """What a transfer was counted as.

    Attributes:
        on: Its day in the profile's zone.
        processor: Whose persons they are.
        totals: Persons of the processor this year, this transfer included.
        is_sensitive: Whether it holds sensitive data.
        subjects: Kinds of persons in it.
        this_system_only: Nothing was declared of other flows.
        upper_bound: The totals may be too high.
    """

    on: date
    processor: str
    totals: Persons
    is_sensitive: bool
    subjects: frozenset[str]
    this_system_only: bool
    upper_bound: bool


def facts_of(permit: CompiledPermit, counted: Counted, evidence: tuple[Evidence, ...]) -> RouteFacts:
    """What the law of a region is asked about a transfer under a permit."""
    terms, said = permit.permit, permit.permit.circumstances
    return RouteFacts(
        on=counted.on,
        processor=counted.processor,
        recipient=terms.to,
        recipient_region=terms.recipient.region,
        purpose=terms.purpose,
        important_data=said.important_data,
        has_personal=permit.shape.counts_persons,
        is_ciio=said.is_ciio,
        non_sensitive_total=counted.totals.non_sensitive,
        sensitive_total=counted.totals.sensitive,
        is_sensitive=counted.is_sensitive,
        with_children=said.with_children,
        collected_abroad=said.collected_abroad,
        necessity=Necessity(is_needed=True, basis=said.necessity) if said.necessity else None,
        hr=said.hr,
        emergency=said.emergency,
        occasional=said.occasional,
        subjects=counted.subjects,
        zone=said.zone,
        for_foreign_authority=said.for_foreign_authority,
        evidence=evidence,
        this_system_only=counted.this_system_only,
        upper_bound=counted.upper_bound,
    )


def _are_linked(persons: pa.Table) -> bool:
    return persons.num_rows == 0 or bool(pc.all(persons["is_linked"]).as_py())


def _processor_of(permit: CompiledPermit, roles: Roles, shops: Sequence[str]) -> tuple[LegalProcessor, list[Reason]]:
    """The processor in law of everything that leaves, by the roles of its shops; what names nobody has none to ask."""
    terms = permit.permit
    stated = LegalProcessor(terms.processor)
    if not permit.shape.counts_persons or not shops:
        return stated, []
    found: set[LegalProcessor] = set()
    try:
        for shop in shops:
            found.add(roles.processor_of(shop, terms.permit))
    except RoleUnknown as error:
        return stated, [reason_of("role_unknown", shop=error.shop, permit=error.flow)]
    if len(found) > 1:
        who = ", ".join(sorted({each.processor for each in found}))
        return stated, [reason_of("several_processors", processors=who)]
    (legal,) = found
    if legal.processor != terms.processor:
        return legal, [reason_of("other_processor", processor=legal.processor, stated=terms.processor)]
    if legal.is_abroad and terms.circumstances.collected_abroad:
        return legal, [reason_of("collected_here", processor=legal.processor)]
    return legal, []


def _of_overrides(profile: Profile, overrides: Sequence[Override], day: date) -> list[Warned]:
    """Rules that somebody lifted; whoever reads the verdict is told."""
    allowed = {each.id: each.title for each in profile.sensitive if each.may_override}
    return [
        Warned(
            "override",
            each.rule,
            None,
            Words(
                f"{allowed[each.rule].en}: not taken for sensitive, as {each.by} decided from {each.since} on",
                f"{allowed[each.rule].zh}：{each.by} 决定自 {each.since} 起不按敏感信息处理",
            ),
        )
        for each in overrides
        if each.rule in allowed and each.since <= day
    ]


def _of_access(meter: PersonsMeter, processor: str, year: int) -> list[Warned]:
    """Reading from abroad is a transfer that no gateway sees: it has to be declared, also when nobody does so."""
    if REMOTE_ACCESS in meter.flows_declared(processor, year):
        return []
    words = Words(
        f"reading from abroad counts as well: declare the flow {REMOTE_ACCESS}, with 0 persons where nobody does",
        f"境外访问同样计入：请申报 {REMOTE_ACCESS}，无人访问则申报 0 人",
    )
    return [Warned("remote_access", processor, None, words)]


def _of_permit(door: Door, state: BorderState, permit: CompiledPermit, day: date) -> list[Reason]:
    """What the permit itself, its recipient and the switches say."""
    terms, found = permit.permit, []
    if not terms.valid_from <= day <= terms.valid_to:
        found.append(reason_of("expired", first=terms.valid_from, last=terms.valid_to))
    companion = door.companions.get(terms.to)
    if companion is None:
        found.append(reason_of("companion_unknown", cell=terms.to))
    elif companion.region.upper() != terms.recipient.region.upper():
        found.append(reason_of("other_region", cell=terms.to, region=companion.region, stated=terms.recipient.region))
    elif companion.send is None:
        found.append(reason_of("no_mail_folder", cell=terms.to))
    shut = state.closed_by(terms.permit, terms.to)
    return [*found, *(reason_of("switched_off", what=f"{each.kind} {each.name}".rstrip()) for each in shut)]


def _of_verdict(verdict: Verdict) -> list[Reason]:
    """What the law says: the route is shut, or evidence that it needs is missing."""
    found = [Reason(f"evidence_{each.why}", each.words) for each in verdict.missing]
    if verdict.route == "refused" or (not verdict.is_allowed and not found):
        said = verdict.reasons or (Words("no rule allows it", "没有允许的规则"),)
        whole = Words("; ".join(each.en for each in said), "；".join(each.zh for each in said))
        found.insert(0, Reason("route_refused", whole))
    return found


def _of_cap(permit: CompiledPermit, facts: RouteFacts) -> list[Reason]:
    """The cap of the permit itself."""
    most = permit.permit.persons_max
    total = facts.non_sensitive_total + facts.sensitive_total
    if most is not None and permit.shape.counts_persons and total > most:
        return [reason_of("cap", total=f"{total:,}", most=f"{most:,}")]
    return []


def _of(processor: str, reason: Reason) -> Reason:
    """A reason of a joint processor names it."""
    if not processor:
        return reason
    return Reason(reason.word, Words(f"{processor}: {reason.said.en}", f"{processor}：{reason.said.zh}"))
