"""The shipped patterns, and what has to be done to go from one to another."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from entrepot.residency.domains.settings import Domain, Rule
from entrepot.residency.gate_errors import PatternUnknown
from entrepot.residency.permits.shape import shipped_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Flow",
    "Pattern",
    "SharedDomain",
    "Side",
    "StepToTake",
    "shipped_pattern",
    "shipped_patterns",
    "steps_between",
]

Side = Literal["china", "abroad"]
_WITHOUT_PERSONS = ("important_data_determination",)
_WITH_PERSONS = ("impact_assessment", "notice", "legal_basis", "separate_consent", "recipient_conditions")


class Flow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    """One permit of a pattern.

    Attributes:
        name: Of the permit.
        sender: Side from which it lets something out.
        shape: What.
        purpose: What for.
    """

    name: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]{0,39}$")]
    sender: Side
    shape: str
    purpose: str


class SharedDomain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One domain that both sides keep together.

    Attributes:
        domain: Its kind.
        china: Permit by which the China side sends it.
        abroad: Permit by which the other side does.
        rule: Who is right where both changed a key; it names no owner, for a pattern knows no cells.
    """

    domain: str
    china: str
    abroad: str
    rule: Rule

    def of_side(self, side: Side, here: str, to: str) -> Domain:
        """As a cell of a side declares it in `domains.yaml`."""
        send, receive = (self.china, self.abroad) if side == "china" else (self.abroad, self.china)
        return Domain(self.domain, to, tuple(sorted((here, to))), send, receive, self.rule)


class Pattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to deploy.

    Attributes:
        pattern: Its name.
        order: Its place among the four, from the closest to the farthest apart.
        title: By language.
        meaning: In a sentence.
        take_when: When to take it, by language.
        transport: How mail gets across.
        every_minutes: Minutes between two rounds of letting out and carrying.
        figures_in: Where the China side asks for its figures: its own cell, or the core abroad.
        aggregates_only: Whether the recipient is declared to get sums and never rows.
        permits: All flows.
        domains: What both sides keep together, of which some of the flows are the halves.
    """

    pattern: str
    order: int
    title: dict[str, str]
    meaning: str
    take_when: dict[str, str]
    transport: Literal["folder", "nats"]
    every_minutes: Annotated[int, msgspec.Meta(ge=1)]
    figures_in: Literal["own", "core"]
    aggregates_only: bool
    permits: tuple[Flow, ...]
    domains: tuple[SharedDomain, ...] = ()

    def of_side(self, side: Side) -> tuple[Flow, ...]:
        """What one side lets out."""
        return tuple(each for each in self.permits if each.sender == side)

    def evidence(self, side: Side) -> tuple[str, ...]:
        """Kinds of evidence that a side needs on file, if the law asks for all that it may ask for."""
        flows = self.of_side(side)
        persons = any(shipped_shape(each.shape).counts_persons for each in flows)
        return (*(_WITHOUT_PERSONS if flows else ()), *(_WITH_PERSONS if persons else ()))


class StepToTake(msgspec.Struct, frozen=True):
    """One step from a pattern to another.

    Attributes:
        side: Where it is taken.
        what: Stable word: write, retire, share, unshare, evidence, aggregates, transport, rhythm, figures.
        detail: Which permit, domain, kind of evidence or setting; of a rhythm the minutes.
    """

    side: str
    what: str
    detail: str


@cache
def shipped_patterns() -> tuple[Pattern, ...]:
    """All four, in order."""
    folder = files("entrepot.residency.patterns") / "shipped"
    found = [
        msgspec.yaml.decode(each.read_bytes(), type=Pattern) for each in folder.iterdir() if each.name.endswith(".yaml")
    ]
    return tuple(sorted(found, key=lambda each: each.order))


def shipped_pattern(name: str) -> Pattern:
    """One by its name; a dash does for an underscore.

    Raises:
        PatternUnknown: There is none of that name.
    """
    known = {each.pattern: each for each in shipped_patterns()}
    try:
        return known[name.replace("-", "_")]
    except KeyError:
        raise PatternUnknown(name, tuple(known)) from None


def steps_between(before: Pattern | None, after: Pattern) -> tuple[StepToTake, ...]:
    """What has to be done, in an order in which nothing is lost: new flows before old ones end."""
    steps: list[StepToTake] = []
    is_declared = before is not None and before.aggregates_only
    if is_declared and not after.aggregates_only:
        steps.append(StepToTake("china", "aggregates", "rows"))
    sides: tuple[Side, ...] = ("china", "abroad")
    for side in sides:
        here: Mapping[str, Flow] = {each.name: each for each in before.of_side(side)} if before else {}
        there = {each.name: each for each in after.of_side(side)}
        known = before.evidence(side) if before else ()
        steps += [StepToTake(side, "evidence", kind) for kind in after.evidence(side) if kind not in known]
        steps += [StepToTake(side, "write", name) for name, flow in there.items() if here.get(name) != flow]
        shared = before.domains if before else ()
        steps += [StepToTake(side, "share", each.domain) for each in after.domains if each not in shared]
        steps += [StepToTake(side, "unshare", each.domain) for each in shared if each not in after.domains]
        steps += [StepToTake(side, "retire", name) for name in here if name not in there]
    if after.aggregates_only and not is_declared:
        steps.append(StepToTake("china", "aggregates", "sums only"))
    if before is None or before.transport != after.transport:
        steps.append(StepToTake("both", "transport", after.transport))
    if before is None or before.every_minutes != after.every_minutes:
        steps.append(StepToTake("both", "rhythm", str(after.every_minutes)))
    if before is not None and before.figures_in != after.figures_in:
        steps.append(StepToTake("china", "figures", after.figures_in))
    return tuple(steps)
