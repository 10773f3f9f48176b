"""The law of a region as dated facts: what a profile holds, and how one is found and read.

A profile is YAML with one rule per item and a citation on every rule. It is engineering input and no legal advice.
Rules hold by the day of the event: ask `load_profile` for the day on which something happened, not for today.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from functools import cached_property, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

import msgspec

from entrepot.residency.law_errors import ProfileInvalid, ProfileUnknown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from entrepot.residency.profile_lint import Finding

RULE_SECTIONS = (
    "localise",
    "routes",
    "counters",
    "evidence",
    "zones",
    "legal_basis",
    "sensitive",
    "dsr",
    "incident",
    "records",
    "foreign_authority",
)
"""Sections of a profile, each a list of rules, in the order of the file."""

PROFILES_KEPT_MAX = 32
"""Texts whose profile is kept, since a gateway asks for the same few again and again."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence in two languages."""

    en: str
    zh: str


class Cite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a rule stands and how far that was checked.

    Attributes:
        instrument: The law, order, decision or standard.
        article: Where in it.
        text_version: Which text of it, since articles are renumbered.
        source: Where it was read.
        checked_on: When.
        mark: T text read in a public collection, V clause read as quoted, S secondary source, M memory only.
    """

    instrument: str = ""
    article: str = ""
    text_version: str = ""
    source: str = ""
    checked_on: date | None = None
    mark: Literal["T", "V", "S", "M", ""] = ""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every rule has: an id that is used once in a profile, a title, a citation."""

    id: str
    title: Words
    cite: Cite = Cite()


class Localisation(Rule, frozen=True, kw_only=True):
    """Where data is written first and kept as the primary copy, and whether reading it from abroad is a transfer."""

    kind: Literal["first_write", "primary_copy", "access_is_transfer"]


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Conditions of a route as data; all that are given must hold.

    Attributes:
        important_data: Whether important data is among it; `undetermined` where nobody has said.
        sensitive_from: Name of a threshold: so many persons or more; `_below`: fewer.
        zone: The exporter meets every condition of a shipped list of a free-trade zone and the data is not on it.
        on_file: Kinds of evidence, one of which is on file and covers the transfer.
        occasional: The transfer is not part of a regular course.
    """

    important_data: Literal["yes", "no", "undetermined"] | None = None
    personal: bool | None = None
    collected_abroad: bool | None = None
    contract_necessity: bool | None = None
    hr: bool | None = None
    emergency: bool | None = None
    occasional: bool | None = None
    ciio: bool | None = None
    zone: Literal["outside_list"] | None = None
    recipient_in: tuple[str, ...] = ()
    recipient_not_in: tuple[str, ...] = ()
    on_file: tuple[str, ...] = ()
    sensitive_from: str | None = None
    sensitive_below: str | None = None
    non_sensitive_from: str | None = None
    non_sensitive_below: str | None = None


RouteName = Literal[
    "free",
    "security_assessment",
    "standard_contract_or_certification",
    "adequacy",
    "standard_clauses",
    "derogation",
    "filing",
    "refused",
]
FREE_ROUTES = frozenset({"free", "adequacy"})
"""Routes that need no filing, contract or approval; what every export needs, they need too."""


class Route(Rule, frozen=True, kw_only=True):
    """One row of the ordered decision list.

    Attributes:
        exempt: Its persons are left out of the lines, unless the counter says `count_exempt`.
        evidence_required: Groups of which each must be met by one of its kinds.
        note: What else whoever takes this route has to know.
    """

    when: When
    route: RouteName
    exempt: bool = False
    evidence_required: tuple[tuple[str, ...], ...] = ()
    note: Words | None = None


class Threshold(Rule, frozen=True, kw_only=True, rename={"class_": "class"}):
    """A line: so many persons of a class or more."""

    class_: Literal["sensitive", "non_sensitive"]
    persons: int


class Counter(Rule, frozen=True, kw_only=True):
    """What is counted, over which window, and where the lines are."""

    unit: Literal["person"]
    window: str
    classes: tuple[Literal["sensitive", "non_sensitive"], ...]
    count_exempt: bool
    warn_at_percent: tuple[int, ...]
    thresholds: tuple[Threshold, ...]


class Renewal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long before its end an approval is renewed: working days, and days for holidays among them."""

    working_days: int
    margin_days: int = 0


class EvidenceRule(Rule, frozen=True, kw_only=True):
    """A kind of evidence.

    Attributes:
        needed: By every export, by every export of personal data, or only where a route names it.
        scoped: It must name the purpose and the recipient of the transfer.
        capped: It must state for how many persons it holds.
        valid_for_years: Longest validity; None where the law names none.
        renew_before: When to ask for renewal.
        file_within_working_days: From taking effect to filing.
    """

    needed: Literal["every", "personal", "route"]
    scoped: bool = False
    capped: bool = False
    valid_for_years: int | None = None
    renew_before: Renewal | None = None
    file_within_working_days: int | None = None


class ZoneEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A sector and scenario that a zone's list covers; its thresholds, where it sets some, replace those of the law.

    Attributes:
        thresholds: Name of a threshold of the profile to the number of persons that the list sets instead.
    """

    sector: str
    scenario: str
    thresholds: dict[str, int] = {}


class ZoneList(Rule, frozen=True, kw_only=True):
    """The published negative list of a free-trade zone."""

    zone: str
    effective_from: date
    entries: tuple[ZoneEntry, ...]


class BasisRule(Rule, frozen=True, kw_only=True):
    """A rule on the basis of processing: closed purposes of contracts, separate consent, children."""

    kind: Literal["contract_necessity", "separate_consent", "child"]
    purposes: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    age: int | None = None
    evidence: tuple[str, ...] = ()


class SensitiveRule(Rule, frozen=True, kw_only=True):
    """What makes a set of fields sensitive; every part that is given must be there.

    Attributes:
        kinds: One of these kinds of personal value.
        classes: A field of one of these residency classes.
        goods: Goods of one of these sensitivities.
        children: The person is a child.
        may_override: A person may record, with reason, that it does not hold here.
    """

    kinds: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    goods: tuple[str, ...] = ()
    children: bool = False
    may_override: bool = False


class RequestRule(Rule, frozen=True, kw_only=True):
    """A person's request and how soon it is answered."""

    requests: tuple[str, ...]
    sla_days: int
    reasons_on_refusal: bool


class Clock(Rule, frozen=True, kw_only=True):
    """A deadline after an incident; 0 hours means at once."""

    hours: int
    tell: tuple[str, ...]
    operator: Literal["any", "ordinary", "ciio"] = "any"
    persons_from: int = 0
    high_risk: bool = False
    from_: Literal["aware", "handled"] = msgspec.field(default="aware", name="from")


class RecordRule(Rule, frozen=True, kw_only=True):
    """How long a kind of record is kept at least."""

    kinds: tuple[str, ...]
    months_min: int


class AuthorityRule(Rule, frozen=True, kw_only=True):
    """What a foreign court or authority gets."""

    answer: Literal["deny"]
    unless: tuple[str, ...] = ()


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """The law of a region from one day on.

    Attributes:
        name: The region: CN, EU.
        effective_from: First day on which it holds, until a newer one does.
        zone: Time zone of its days and years.
    """

    name: str
    title: Words
    effective_from: date
    zone: str
    localise: tuple[Localisation, ...] = ()
    routes: tuple[Route, ...]
    counters: tuple[Counter, ...] = ()
    evidence: tuple[EvidenceRule, ...] = ()
    zones: tuple[ZoneList, ...] = ()
    legal_basis: tuple[BasisRule, ...] = ()
    sensitive: tuple[SensitiveRule, ...] = ()
    dsr: tuple[RequestRule, ...] = ()
    incident: tuple[Clock, ...] = ()
    records: tuple[RecordRule, ...] = ()
    foreign_authority: tuple[AuthorityRule, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content in one canonical form, so that a comment changes nothing and a rule does."""
        canonical = json.dumps(
            msgspec.to_builtins(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        )
        return "sha256:" + hashlib.sha256(canonical.encode("utf-8")).hexdigest()

    def rules(self) -> Iterator[tuple[str, Rule]]:
        """Every rule with its section, thresholds after their counter, in the order of the file."""
        for section in RULE_SECTIONS:
            for rule in getattr(self, section):
                yield section, rule
                if isinstance(rule, Counter):
                    yield from (("thresholds", each) for each in rule.thresholds)

    def thresholds(self) -> dict[str, Threshold]:
        """Every line by name."""
        return {each.id: each for counter in self.counters for each in counter.thresholds}

    def evidence_rule(self, kind: str) -> EvidenceRule | None:
        """The rule on a kind of evidence."""
        return next((each for each in self.evidence if each.id == kind), None)

    @property
    def count_exempt(self) -> bool:
        """Whether persons of exempt routes count towards the lines."""
        return any(counter.count_exempt for counter in self.counters)


@lru_cache(maxsize=PROFILES_KEPT_MAX)
def profile_from_text(text: str, name: str) -> Profile:
    """Read and check a profile.

    Args:
        text: YAML, read with the safe loader.
        name: What to call it in an error.

    Raises:
        ProfileInvalid: It is no YAML, a word is not known, or lint has a finding.
    """
    from entrepot.residency.profile_lint import lint

    found = decode_profile(text, name)
    findings = lint(found)
    if findings:
        raise ProfileInvalid(name, tuple(str(each) for each in findings))
    return found


def decode_profile(text: str, name: str) -> Profile:
    """Read a profile without asking whether its rules hold together; for tools that look at one.

    Raises:
        ProfileInvalid: It is no YAML, or a word is not known.
    """
    try:
        return msgspec.yaml.decode(text.encode("utf-8"), type=Profile)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ProfileInvalid(name, (str(error),)) from error


def load_profile(name: str, on: date, folder: Path | None = None) -> Profile:
    """The profile of a region that was in force on a day.

    Args:
        name: The region.
        on: The day of the event.
        folder: Profiles of one's own beside the shipped ones: `CN.yaml`, `CN.2027-01-01.yaml` and so on. One of the
            same region and first day takes the place of the shipped one. Published lists of free-trade zones lie in
            `zones`, `CN.lingang-2024.yaml`: those in force on the day are part of the profile, the newest of each zone.

    Raises:
        ProfileUnknown: None of that name, or none that old.
        ProfileInvalid: One of that name cannot be used, whether or not it would be the one.
    """
    shipped = resources.files("entrepot.residency") / "profiles"
    found = _versions(name, shipped) | _versions(name, folder)
    in_force = [day for day in found if day <= on]
    if not in_force:
        known = tuple(f"{name} from {day.isoformat()}" for day in sorted(found))
        raise ProfileUnknown(name, on.isoformat(), known)
    return _with_zones(found[max(in_force)], _zone_lists(name, on, (shipped, folder)))


def own_profile(name: str, on: date, folder: Path) -> Profile | None:
    """The version in force on a day where it is one of the folder's own and not shipped word for word; without zones.

    Raises:
        ProfileInvalid: One of that name cannot be used.
    """
    shipped = _versions(name, resources.files("entrepot.residency") / "profiles")
    found = shipped | _versions(name, folder)
    newest = max((day for day in found if day <= on), default=None)
    if newest is None or newest not in _versions(name, folder):
        return None
    own = found[newest]
    return None if own.digest in {each.digest for each in shipped.values()} else own


def _versions(name: str, place: Traversable | None) -> dict[date, Profile]:
    """Versions of a region's law in a folder, by their first day."""
    shape = re.compile(re.escape(name) + r"(\.[0-9]{4}-[0-9]{2}-[0-9]{2})?\.yaml")
    found: dict[date, Profile] = {}
    entries = sorted(place.iterdir(), key=lambda entry: entry.name) if place and place.is_dir() else ()
    for entry in entries:
        if not shape.fullmatch(entry.name):
            continue
        profile = profile_from_text(entry.read_text(encoding="utf-8"), entry.name)
        if profile.name != name:
            raise ProfileInvalid(entry.name, (f"the file is of {name}, its `name` is {profile.name}",))
        if profile.effective_from in found:
            raise ProfileInvalid(entry.name, (f"another file too is effective_from {profile.effective_from}",))
        found[profile.effective_from] = profile
    return found


def _zone_lists(name: str, on: date, places: tuple[Traversable | None, ...]) -> tuple[ZoneList, ...]:
    """Lists of zones of a region that are in force on a day, the newest of each zone."""
    found: dict[str, ZoneList] = {}
    for place in places:
        folder = place / "zones" if place else None
        for entry in sorted(folder.iterdir(), key=lambda each: each.name) if folder and folder.is_dir() else ():
            if not (entry.name.startswith(f"{name}.") and entry.name.endswith(".yaml")):
                continue
            try:
                one = msgspec.yaml.decode(entry.read_text(encoding="utf-8").encode(), type=ZoneList)
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                raise ProfileInvalid(entry.name, (str(error),)) from error
            known = found.get(one.zone)
            if one.effective_from <= on and (known is None or known.effective_from <= one.effective_from):
                found[one.zone] = one
    return tuple(found[zone] for zone in sorted(found))


def _with_zones(profile: Profile, lists: tuple[ZoneList, ...]) -> Profile:
    """The profile with these lists beside its own, checked again: each rule has its citation, a list's too."""
    if not lists:
        return profile
    whole = msgspec.structs.replace(profile, zones=(*profile.zones, *lists))
    findings = lint_profile(whole)
    if findings:
        raise ProfileInvalid(profile.name, tuple(str(each) for each in findings))
    return whole


def lint_profile(profile: Profile) -> list[Finding]:
    """What does not hold together in a profile; see `profile_lint`."""
    from entrepot.residency.profile_lint import lint

    return lint(profile)
