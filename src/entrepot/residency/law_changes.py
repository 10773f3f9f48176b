"""Two versions of a region's law side by side: which rules differ, and what each of them says to one transfer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from entrepot.residency.profile import Cite, Profile, Rule, Words
from entrepot.residency.routes import decide

if TYPE_CHECKING:
    from entrepot.residency.route_facts import RouteFacts, Verdict

__all__ = ["RuleChange", "rule_changes", "verdict_under"]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that is not the same in both versions.

    Attributes:
        section: Section of the profile.
        id: The rule's.
        what: `added`, `removed`, `changed`; `moved` where it says the same and is asked earlier or later.
        title: As the newer version has it, or the older where it was removed.
        cite: Likewise.
        fields: Of a changed rule, what differs.
    """

    section: str
    id: str
    what: Literal["added", "removed", "changed", "moved"]
    title: Words
    cite: Cite
    fields: tuple[str, ...] = ()


def rule_changes(old: Profile, new: Profile) -> list[RuleChange]:
    """Every rule that differs, in the order of the newer version, removed ones last.

    Routes are asked in order, so one that stands elsewhere among those that both versions have is a change too.
    """
    before = {rule.id: (section, rule) for section, rule in old.rules()}
    after = {rule.id: (section, rule) for section, rule in new.rules()}
    moved = _moved([route.id for route in old.routes], [route.id for route in new.routes])
    found = []
    for name, (section, rule) in after.items():
        if name not in before:
            found.append(RuleChange(section, name, "added", rule.title, rule.cite))
        elif fields := _differing(before[name][1], rule):
            found.append(RuleChange(section, name, "changed", rule.title, rule.cite, fields))
        elif name in moved:
            found.append(RuleChange(section, name, "moved", rule.title, rule.cite))
    gone = [(section, rule) for name, (section, rule) in before.items() if name not in after]
    return [*found, *(RuleChange(section, rule.id, "removed", rule.title, rule.cite) for section, rule in gone)]


def verdict_under(profile: Profile, facts: RouteFacts) -> Verdict:
    """What a version would say to a transfer, also to one of a day on which it was not in force yet."""
    first = min(profile.effective_from, facts.on)
    return decide(msgspec.structs.replace(profile, effective_from=first), facts)


def _differing(old: Rule, new: Rule) -> tuple[str, ...]:
    if type(old) is not type(new):
        return ("kind of rule",)
    one, other = msgspec.structs.asdict(old), msgspec.structs.asdict(new)
    return tuple(name for name in one if name != "thresholds" and one[name] != other[name])


def _moved(old: list[str], new: list[str]) -> set[str]:
    """Ids that both lists have and that another of them has overtaken."""
    both = set(old) & set(new)
    place = {name: at for at, name in enumerate(each for each in old if each in both)}
    kept = [name for name in new if name in both]
    return {name for at, name in enumerate(kept) if any(place[earlier] > place[name] for earlier in kept[:at])}
