"""What another version of the law would change: rules, permits of today, and every transfer of the past year again.

The transfer log says what was counted, when and for whom; the permit's terms and the evidence are those of today. Where
the older version does not give the route that the log has, the row says so: the terms were others then.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from entrepot.flows.border import door_for
from entrepot.residency.adoption import APPROVERS, approval_entry, roles_that_approved
from entrepot.residency.decided import decided_in
from entrepot.residency.gateway import Gateway
from entrepot.residency.judging import Counted, evidence_on_file, facts_of, sensitivity_of
from entrepot.residency.law_changes import rule_changes, verdict_under
from entrepot.residency.law_errors import AdoptionRefused, ProfileUnknown, VersionUnreadable
from entrepot.residency.meter_reading import Persons
from entrepot.residency.permits.compiled import compiled
from entrepot.residency.permits.terms import permit_names, permit_of
from entrepot.residency.profile import load_profile, profile_from_text
from entrepot.residency.transferlog import entry_from_bytes
from entrepot.residency.transferlog.durable import write_durably

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from entrepot.flows.parts import CellParts
    from entrepot.residency.duties import Override
    from entrepot.residency.law_changes import RuleChange
    from entrepot.residency.meter import MeterReading
    from entrepot.residency.permits.compiled import CompiledPermit
    from entrepot.residency.profile import Profile
    from entrepot.residency.route_facts import Evidence, Verdict

__all__ = ["Adopted", "LawDiff", "Replayed", "adopt_law", "compare_law", "profile_named"]

_NAMED = re.compile(r"([A-Z]{2,8})@([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?")


@dataclass(frozen=True, slots=True)
class Replayed:
    """One flow under both versions.

    Attributes:
        permit: Its permit.
        transfer: Id in the transfer log; empty for what would leave under the permit now.
        on: The day that it is judged for.
        before: What the older version says.
        after: What the newer one says.
        told: The route that the log has; empty for a flow of now.
        same_terms: Whether the permit is the one that it left under.
    """

    permit: str
    transfer: str
    on: date
    before: Verdict
    after: Verdict
    told: str = ""
    same_terms: bool = True

    @property
    def is_changed(self) -> bool:
        """Whether the answer is another one: the route, whether it may leave, or what is missing."""
        return _answer(self.before) != _answer(self.after)

    @property
    def is_as_told(self) -> bool:
        """Whether the older version gives what the log has."""
        return not self.told or self.before.route == self.told


@dataclass(frozen=True, slots=True)
class LawDiff:
    """Two versions of a region's law.

    Attributes:
        old: The older version.
        new: The newer one.
        rules: Rules that differ.
        permits: Permits of the cell, judged for today.
        transfers: Transfers of the period, oldest first.
        lost: Transfers whose permit is gone, which cannot be judged again.
    """

    old: Profile
    new: Profile
    rules: tuple[RuleChange, ...]
    permits: tuple[Replayed, ...]
    transfers: tuple[Replayed, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True)
class _Both:
    old: Profile
    new: Profile
    overrides: tuple[Override, ...]
    evidence: tuple[Evidence, ...]

    def judge(self, permit: CompiledPermit, counted: Counted) -> tuple[Verdict, Verdict]:
        """What each version says; what is sensitive, each decides for itself."""
        verdicts = []
        for profile in (self.old, self.new):
            everything, _ = sensitivity_of(profile, permit, counted.on, self.overrides)
            own = replace(counted, is_sensitive=everything or counted.is_sensitive)
            verdicts.append(verdict_under(profile, facts_of(permit, own, self.evidence)))
        return verdicts[0], verdicts[1]


def profile_named(parts: CellParts, version: str) -> Profile:
    """A version of a law: `CN@2026-06` is the one in force on that day, anything else a file.

    Raises:
        VersionUnreadable: It is neither.
        ProfileUnknown: Nothing of that name was in force then.
        ProfileInvalid: The file cannot be used.
    """
    found = _NAMED.fullmatch(version)
    if found:
        name, year, month, day = found.groups()
        with contextlib.suppress(ValueError):
            return load_profile(name, date(int(year), int(month), int(day or 1)), parts.layout.profiles)
    path = Path(version)
    if found or not path.is_file():
        raise VersionUnreadable(version)
    return profile_from_text(path.read_text(encoding="utf-8"), path.name)


def compare_law(parts: CellParts, old: str, new: str, since: date | None = None, until: date | None = None) -> LawDiff:
    """Judge the permits of a cell and its past transfers under two versions of the law; nothing is changed.

    Args:
        parts: The cell.
        old: The older version; see `profile_named`.
        new: The newer one.
        since: First day of the transfers, in the zone of the law; else a year ago.
        until: Last day; else today.
    Raises:
        VersionUnreadable: The two are laws of different regions.
        EntrepotError: As `profile_named` and `permit_of` say.
    """
    one, other = profile_named(parts, old), profile_named(parts, new)
    if one.name != other.name:
        raise VersionUnreadable(f"{old}, {new}")
    door = door_for(parts)
    today = door.now().astimezone(ZoneInfo(other.zone)).date()
    first, last = since or today - timedelta(days=365), until or today
    both = _Both(one, other, decided_in(door.paths.decisions).overrides, evidence_on_file(door.paths.evidence))
    permits = {name: compiled(*permit_of(door.paths.permits, name)) for name in permit_names(door.paths.permits)}
    with contextlib.closing(Gateway(door)) as gateway:
        now = tuple(_of_now(gateway, both, permit, today) for _, permit in sorted(permits.items()))
        past, lost = [], []
        for intent, day in _intents(gateway, ZoneInfo(other.zone), first, last):
            permit = permits.get(str(intent["permit"]))
            if permit is None:
                lost.append(str(intent["transfer"]))
                continue
            past.append(_of_then(gateway, both, permit, intent, day))
    return LawDiff(one, other, tuple(rule_changes(one, other)), now, tuple(past), tuple(lost))


@dataclass(frozen=True, slots=True)
class Adopted:
    """How far a version of a law is approved.

    Attributes:
        profile: The version.
        roles: Who approved this very content.
        path: Where it holds from; None while an approval is missing.
    """

    profile: Profile
    roles: tuple[str, ...]
    path: Path | None


def adopt_law(parts: CellParts, file: Path, role: str) -> Adopted:
    """Approve a version of a law; with the second role it is put in place and holds from its first day on.

    A file that lies in `profiles/` already may have any first day: what was used before approvals were asked for has to
    be approved as it is. Its transfers keep the version and the digest that the log has.

    Raises:
        AdoptionRefused: Its first day has passed under a law that answered for it, or another file is in its place.
        ProfileInvalid: The file cannot be used.
        EntryRefused: The role is no plain name.
    """
    profile = profile_from_text(file.read_text(encoding="utf-8"), file.name)
    door, folder = door_for(parts), parts.layout.profiles
    today = door.now().astimezone(ZoneInfo(profile.zone)).date()
    place = folder / f"{profile.name}.{profile.effective_from.isoformat()}.yaml"
    is_there = file.resolve().parent == folder.resolve()
    if not is_there and profile.effective_from <= today and _is_answered(profile.name, today, folder):
        raise AdoptionRefused(
            file.name, f"it holds from {profile.effective_from}, and the past keeps its answer; let it begin later"
        )
    if not is_there and place.exists():
        raise AdoptionRefused(file.name, f"profiles/{place.name} is there already; take it away first")
    with contextlib.closing(Gateway(door)) as gateway:
        gateway.log.append([approval_entry(profile, role, door.now())])
        roles = tuple(sorted(roles_that_approved(gateway.log, profile.digest)))
    if len(roles) < APPROVERS:
        return Adopted(profile, roles, None)
    if not is_there:
        folder.mkdir(parents=True, exist_ok=True)
        write_durably(place, file.read_bytes())
    return Adopted(profile, roles, file if is_there else place)


def _is_answered(name: str, day: date, folder: Path) -> bool:
    try:
        load_profile(name, day, folder)
    except ProfileUnknown:
        return False
    return True


def _of_now(gateway: Gateway, both: _Both, permit: CompiledPermit, today: date) -> Replayed:
    """A permit with the persons that have been counted so far."""
    reading = gateway.meter.reading(permit.permit.processor, today.year)
    totals = reading.after.toward_lines(count_exempt=both.old.count_exempt)
    return Replayed(
        permit.permit.permit, "", today, *both.judge(permit, _counted(permit, today, totals, reading, grew=False))
    )


def _of_then(gateway: Gateway, both: _Both, permit: CompiledPermit, intent: Mapping[str, Any], day: date) -> Replayed:
    """A transfer with the persons that the log has, and what was declared of other flows of that year."""
    reading = gateway.meter.reading(str(intent["processor"]), int(intent["year"]))
    everyone, own = reading.after.everyone, reading.after.own
    before, after = intent["persons_before"], intent["persons_after"]
    declared = Persons(everyone.sensitive - own.sensitive, everyone.non_sensitive - own.non_sensitive)
    totals = Persons(after["sensitive"], after["persons"] - after["sensitive"]) + declared
    counted = _counted(permit, day, totals, reading, grew=after["sensitive"] > before["sensitive"])
    same_terms = permit.digest == intent["permit_hash"]
    told, transfer = str(intent["route"]), str(intent["transfer"])
    return Replayed(permit.permit.permit, transfer, day, *both.judge(permit, counted), told, same_terms)


def _counted(permit: CompiledPermit, day: date, totals: Persons, reading: MeterReading, *, grew: bool) -> Counted:
    # No log names kinds of persons. Only the rule on employees asks, and a permit under it is for employees.
    subjects = frozenset({"employee"} if permit.permit.circumstances.hr else {"buyer"})
    return Counted(day, reading.processor, totals, grew, subjects, reading.this_system_only, upper_bound=True)


def _intents(gateway: Gateway, zone: ZoneInfo, first: date, last: date) -> Iterator[tuple[Mapping[str, Any], date]]:
    """What left within a period, with its day; what was begun and never sent is no transfer."""
    entries = [entry_from_bytes(each) for each in gateway.log.entries(0, gateway.log.size)]
    sent = {each["transfer"] for each in entries if each["kind"] == "outcome" and each["verdict"] == "sent"}
    for entry in entries:
        day = datetime.fromisoformat(str(entry["at"])).replace(tzinfo=UTC).astimezone(zone).date()
        if entry["kind"] == "intent" and entry["transfer"] in sent and first <= day <= last:
            yield entry, day


def _answer(verdict: Verdict) -> tuple[object, ...]:
    return verdict.route, verdict.is_allowed, tuple(sorted(kind for each in verdict.missing for kind in each.kinds))
