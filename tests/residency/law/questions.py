"""Ways to ask a profile something beside the route."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from entrepot.residency.duties import class_of, deadlines, months_kept, request_rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.residency.duties import FieldSet, Incident
    from entrepot.residency.profile import Profile

DAY = date(2026, 11, 1)
AWARE = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def told_asked(incident: Incident) -> Callable[[Profile], object]:
    """Whom to tell by when."""
    return lambda profile: tuple((each.at, each.clock.tell) for each in deadlines(profile, incident))


def hours_after(hours: int, *told: str) -> tuple[datetime, tuple[str, ...]]:
    """One deadline after it was noticed."""
    return AWARE + timedelta(hours=hours), told


def class_asked(found: FieldSet) -> Callable[[Profile], object]:
    """How sensitive a set of fields is."""
    return lambda profile: class_of(profile, found, DAY)


def months_asked(kind: str) -> Callable[[Profile], object]:
    """How long a record is kept."""
    return lambda profile: months_kept(profile, kind)


def days_asked(request: str) -> Callable[[Profile], object]:
    """How soon a request is answered, and whether a refusal has its reasons."""

    def asked(profile: Profile) -> object:
        rule = request_rule(profile, request)
        return None if rule is None else (rule.sla_days, rule.reasons_on_refusal)

    return asked
