"""What the law of a cell's region asks beside the route: incident clocks, requests of persons, terms, roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from entrepot.flows.border import door_for
from entrepot.flows.permits import permits_of
from entrepot.residency.decided import decided_in, roles_of
from entrepot.residency.duties import Incident, deadlines, request_rule
from entrepot.residency.judging import profile_of
from entrepot.residency.law_errors import ProfileUnknown, RoleUnknown

if TYPE_CHECKING:
    from entrepot.flows.parts import CellParts
    from entrepot.residency.profile import Cite, Words

__all__ = ["Answer", "answer_by", "incident_deadlines", "roles_in_force"]


@dataclass(frozen=True, slots=True)
class Answer:
    """How soon a person's request is answered.

    Attributes:
        last_day: Last day, counted from today.
        reasons_on_refusal: Whether a refusal carries its reasons.
        title: What the rule is called.
        cite: Where it stands.
    """

    last_day: date
    reasons_on_refusal: bool
    title: Words
    cite: str


def answer_by(parts: CellParts, request: str) -> Answer | None:
    """By when a request of today is answered; None where no profile, or none of its rules, speaks of it."""
    try:
        profile, day, _ = profile_of(door_for(parts), datetime.now(UTC))
    except ProfileUnknown:
        return None
    rule = request_rule(profile, request)
    if rule is None:
        return None
    return Answer(day + timedelta(days=rule.sla_days), rule.reasons_on_refusal, rule.title, _where(rule.cite))


def incident_deadlines(parts: CellParts, incident: Incident) -> list[dict[str, Any]]:
    """Whom to tell of an incident by when, the earliest first, under the law of the day on which it was noticed.

    Raises:
        ProfileUnknown: There is no law of the cell's region for that day.
    """
    profile, _, _ = profile_of(door_for(parts), incident.aware_at)
    return [
        {
            "by": each.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tell": list(each.clock.tell),
            "rule": each.clock.id,
            "en": each.clock.title.en,
            "zh": each.clock.title.zh,
            "cite": _where(each.clock.cite),
        }
        for each in deadlines(profile, incident)
    ]


def roles_in_force(parts: CellParts) -> list[dict[str, Any]]:
    """The processor in law of every declared shop under every permit that counts persons, and rules that were lifted.

    Raises:
        PermitInvalid: `decisions.yaml` cannot be read.
    """
    door = door_for(parts)
    roles = roles_of(door, decided_in(door.paths.decisions))
    found = []
    for permit in permits_of(parts):
        for shop in permit.shops or door.declared.shops:
            row: dict[str, Any] = {"permit": permit.permit, "shop": shop, "stated": permit.processor}
            try:
                legal = roles.processor_of(shop, permit.permit)
                found.append(row | {"processor": legal.processor, "also": list(legal.also), "abroad": legal.is_abroad})
            except RoleUnknown:
                found.append(row | {"processor": None, "also": [], "abroad": False})
    return found


def _where(cite: Cite) -> str:
    return f"{cite.instrument}, {cite.article}"
