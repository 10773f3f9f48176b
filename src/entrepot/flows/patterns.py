"""A cell takes on a pattern: its permits are written or retired, its declaration set; what it did before stays valid.

Going from one pattern to another loses nothing: new permits are written before old ones are retired, a retired permit
is kept beside the others, what it let out stays with the recipient, and what is on its way is still accepted there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from entrepot.flows.border import door_for
from entrepot.flows.permits import new_permit
from entrepot.residency.decided import Decided, decided_in
from entrepot.residency.domains.settings import domains_in, domains_text
from entrepot.residency.gate_errors import PatternUnfit
from entrepot.residency.patterns.settings import shipped_pattern, shipped_patterns, steps_between
from entrepot.residency.permits.terms import Circumstances, permit_names, permit_of
from entrepot.residency.transferlog.durable import write_durably

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.residency.domains.settings import Domain
    from entrepot.residency.door import Door
    from entrepot.residency.patterns.settings import Flow, Pattern, Side, StepToTake
    from entrepot.residency.permits.terms import Aggregates, Recipient

__all__ = ["Applied", "PatternTerms", "apply_pattern", "current_pattern"]

_FILE = "pattern.yaml"
_RETIRED = ".retired"


class _Current(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`border/pattern.yaml`."""

    pattern: str
    side: str
    to: str


@dataclass(frozen=True, slots=True)
class PatternTerms:
    """What only people know of all permits of a side.

    Attributes:
        recipient: Who receives.
        processor: Whose persons are counted.
        important_data: Whether important data is among it, as it was determined.
        platforms: Channel to the document in which its platform permits it.
        aggregates: How sums are made, for patterns that let out such.
        days: For how long the permits hold.
        shops: Only these shops, for flows that count persons.
    """

    recipient: Recipient
    processor: str
    important_data: bool | None
    platforms: dict[str, str]
    aggregates: Aggregates | None = None
    days: int = 365
    shops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done.

    Attributes:
        before: The pattern until now; None for the first.
        written: Permits written; the other cell accepts a copy of each.
        retired: Permits under which nothing leaves any more.
        left: Steps that people take: evidence, transport, rhythm, where figures are asked for.
    """

    before: str | None
    written: tuple[Path, ...]
    retired: tuple[Path, ...]
    left: tuple[StepToTake, ...]


def current_pattern(parts: CellParts) -> str | None:
    """The pattern that a cell took on last; None where it never did."""
    found = _current(door_for(parts))
    return found.pattern if found else None


def apply_pattern(parts: CellParts, name: str, side: Side, to: str, terms: PatternTerms) -> Applied:
    """Let a cell take on a pattern; again changes nothing.

    Raises:
        PatternUnknown: There is no such pattern.
        PatternUnfit: A permit of one of its names is there with another shape, one of its domains is declared with
            other permits, or it needs terms of sums.
        DomainInvalid: `border/domains.yaml` cannot be used.
        CompanionUnknown: `cell.toml` does not name the other cell.
        PermitInvalid: A permit contradicts its shape.
    """
    pattern, door = shipped_pattern(name), door_for(parts)
    door.companion(to)
    now = _current(door)
    before = shipped_pattern(now.pattern) if now else None
    here = {each: permit_of(door.paths.permits, each)[0] for each in permit_names(door.paths.permits)}
    for flow in pattern.of_side(side):
        if flow.name in here and (here[flow.name].shape, here[flow.name].to) != (flow.shape, to):
            raise PatternUnfit(pattern.pattern, f"there is a permit {flow.name} of another shape or to another cell")
        if shipped_sums(flow) and flow.name not in here and terms.aggregates is None:
            raise PatternUnfit(pattern.pattern, "its sums need months and a currency: --months and --currency")
    domains = _domains(door, pattern, side, to)
    # Rows may leave before a declaration forbids them, and only after one that forbids them is lifted.
    if side == "china" and not pattern.aggregates_only:
        _declare(door, to, aggregates_only=False)
    written = tuple(_write(parts, flow, to, terms) for flow in pattern.of_side(side) if flow.name not in here)
    # What a domain sends by is there before it is declared, and stays until it is declared no more.
    _share(door, domains)
    retired = tuple(
        _retire(door.paths.permits / f"{each}.yaml")
        for each in sorted(set(here) & (_names(side) - _names(side, pattern)))
    )
    if side == "china" and pattern.aggregates_only:
        _declare(door, to, aggregates_only=True)
    door.paths.root.mkdir(parents=True, exist_ok=True)
    write_durably(door.paths.root / _FILE, msgspec.yaml.encode(_Current(pattern.pattern, side, to)))
    by_people = {"evidence", "transport", "rhythm", "figures"}
    left = tuple(
        each for each in steps_between(before, pattern) if each.what in by_people and each.side in {side, "both"}
    )
    return Applied(before.pattern if before else None, written, retired, left)


def shipped_sums(flow: Flow) -> bool:
    """Whether a flow lets out sums."""
    return flow.shape == "G"


def _current(door: Door) -> _Current | None:
    path = door.paths.root / _FILE
    return msgspec.yaml.decode(path.read_bytes(), type=_Current) if path.exists() else None


def _names(side: Side, pattern: Pattern | None = None) -> set[str]:
    """Names of permits of one pattern, or of any."""
    return {flow.name for each in ((pattern,) if pattern else shipped_patterns()) for flow in each.of_side(side)}


def _domains(door: Door, pattern: Pattern, side: Side, to: str) -> list[Domain]:
    """Domains as a cell declares them under a pattern: those of people stay, and what they changed of its own does."""
    of_patterns = {flow.name for each in shipped_patterns() for flow in each.permits}
    declared = domains_in(door.paths.domains, door.cell)
    own = [each for each in declared if {each.send, each.receive} - {""} - of_patterns]
    changed = {each.domain: each for each in declared if each not in own and each.with_ == to}
    wanted = [changed.get(each.domain, each.of_side(side, door.cell, to)) for each in pattern.domains]
    if clash := sorted({each.domain for each in own} & {each.domain for each in wanted}):
        problem = f"border/domains.yaml declares {', '.join(clash)} with permits of your own; take it out first"
        raise PatternUnfit(pattern.pattern, problem)
    return [*own, *wanted]


def _share(door: Door, domains: list[Domain]) -> None:
    """Declare domains in `domains.yaml`, where it does not declare just them."""
    declared = domains_in(door.paths.domains, door.cell)
    if all(each in declared for each in domains) and len(domains) == len(declared):
        return
    door.paths.root.mkdir(parents=True, exist_ok=True)
    write_durably(door.paths.domains, domains_text(domains))


def _write(parts: CellParts, flow: Flow, to: str, terms: PatternTerms) -> Path:
    """Write a permit, or take one out of retirement: the recipient still accepts its very words."""
    path = door_for(parts).paths.permits / f"{flow.name}.yaml"
    retired = path.with_name(path.name + _RETIRED)
    if retired.exists():
        return retired.rename(path)
    counts = flow.shape in {"B", "C", "F"}
    return new_permit(
        parts,
        flow.name,
        shape=flow.shape,
        to=to,
        purpose=flow.purpose,
        recipient=terms.recipient,
        processor=terms.processor,
        circumstances=Circumstances(important_data=terms.important_data),
        platforms=terms.platforms,
        days=terms.days,
        shops=terms.shops if counts else (),
        aggregates=terms.aggregates if shipped_sums(flow) else None,
    )


def _retire(path: Path) -> Path:
    return path.rename(path.with_name(path.name + _RETIRED))


def _declare(door: Door, to: str, *, aggregates_only: bool) -> None:
    """Say in `decisions.yaml` whether a cell may have sums only; everything else in it stays."""
    decided = decided_in(door.paths.decisions)
    others = tuple(each for each in decided.aggregates_only if each != to)
    wanted = (*others, to) if aggregates_only else others
    if wanted == decided.aggregates_only:
        return
    door.paths.root.mkdir(parents=True, exist_ok=True)
    changed: Decided = msgspec.structs.replace(decided, aggregates_only=wanted)
    write_durably(door.paths.decisions, msgspec.yaml.encode(changed))
