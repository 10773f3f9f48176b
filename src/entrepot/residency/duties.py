"""What a profile asks beside the route: what is sensitive, how soon an incident is told, how long records are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from entrepot.model import ResidencyClass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.model import Field
    from entrepot.residency.profile import Clock, Profile, RequestRule, SensitiveRule

_COUNTS = frozenset({ResidencyClass.PSEUDONYMOUS.value, ResidencyClass.PERSONAL.value})


@dataclass(frozen=True, slots=True)
class FieldSet:
    """What travels together about one person.

    Attributes:
        kinds: Kinds of personal value among it, of `profile_lint.KINDS`.
        classes: Residency classes among it.
        goods: Sensitivities of the goods named beside the person: health, intimate, child.
        has_children: A child is among the persons.
    """

    kinds: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    goods: frozenset[str] = frozenset()
    has_children: bool = False

    @property
    def counts_persons(self) -> bool:
        """Whether a row of it counts its person: a token does, too."""
        return bool(self.classes & _COUNTS)


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody's recorded decision that a rule which allows it does not hold here.

    Attributes:
        rule: Id of the rule.
        reason: Why.
        by: Function that decided, such as privacy-officer.
        since: From which day on it holds.
    """

    rule: str
    reason: str
    by: str
    since: date


def field_set(fields: Iterable[Field], goods: Iterable[str] = (), *, has_children: bool = False) -> FieldSet:
    """The set that canonical columns make together."""
    columns = tuple(fields)
    return FieldSet(
        frozenset(column.kind.value for column in columns if column.kind is not None),
        frozenset(column.residency.value for column in columns),
        frozenset(goods) - {"none"},
        has_children,
    )


def sensitive_rule(
    profile: Profile, found: FieldSet, on: date, overrides: Iterable[Override] = ()
) -> SensitiveRule | None:
    """The first rule that makes a set of fields sensitive; None where none does.

    An override counts for rules that allow one, with a reason and a name, from its day on.
    """
    lifted = {each.rule for each in overrides if each.reason.strip() and each.by.strip() and each.since <= on}
    for rule in profile.sensitive:
        if rule.may_override and rule.id in lifted:
            continue
        parts = ((rule.kinds, found.kinds), (rule.classes, found.classes), (rule.goods, found.goods))
        if all(not wanted or set(wanted) & there for wanted, there in parts) and (
            not rule.children or found.has_children
        ):
            return rule
    return None


def class_of(
    profile: Profile, found: FieldSet, on: date, overrides: Iterable[Override] = ()
) -> Literal["sensitive", "non_sensitive", "none"]:
    """The class under which the persons meter counts a row; `none` where it counts nobody."""
    if sensitive_rule(profile, found, on, overrides) is not None:
        return "sensitive"
    return "non_sensitive" if found.counts_persons or found.kinds else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident as it is known now; ask again as the number of persons grows.

    Attributes:
        aware_at: When it was noticed; clocks run from then.
        handled_at: When handling ended; None while it lasts.
        persons: How many are known to be affected.
        is_ciio: The operator runs critical information infrastructure.
        is_high_risk: A high risk to the persons.
    """

    aware_at: datetime
    handled_at: datetime | None = None
    persons: int = 0
    is_ciio: bool = False
    is_high_risk: bool = True


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when whom to tell, by which rule."""

    at: datetime
    clock: Clock


def deadlines(profile: Profile, incident: Incident) -> tuple[Deadline, ...]:
    """What has to be told by when, the earliest first."""
    operator = "ciio" if incident.is_ciio else "ordinary"
    found = []
    for clock in profile.incident:
        start = incident.handled_at if clock.from_ == "handled" else incident.aware_at
        applies = clock.operator in ("any", operator) and incident.persons >= clock.persons_from
        if start is None or not applies or (clock.high_risk and not incident.is_high_risk):
            continue
        found.append(Deadline(start + timedelta(hours=clock.hours), clock))
    return tuple(sorted(found, key=lambda each: each.at))


def months_kept(profile: Profile, kind: str) -> int:
    """For how many months a kind of record is kept at least; 0 where the profile says nothing."""
    return max((rule.months_min for rule in profile.records if kind in rule.kinds), default=0)


def request_rule(profile: Profile, request: str) -> RequestRule | None:
    """The rule on a person's request: access, copy, portability, correct, erase, restrict, withdraw, explain."""
    return next((rule for rule in profile.dsr if request in rule.requests), None)


def has_to_be_local(profile: Profile, kind: Literal["first_write", "primary_copy"]) -> bool:
    """Whether data of the region is written first, or kept as the primary copy, in the region."""
    return any(rule.kind == kind for rule in profile.localise)


def access_is_transfer(profile: Profile) -> bool:
    """Whether reading data of the region from abroad counts as a transfer."""
    return any(rule.kind == "access_is_transfer" for rule in profile.localise)
