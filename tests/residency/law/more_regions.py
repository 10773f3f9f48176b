"""Titled cases of the other shipped laws: Russia, India, Vietnam, Indonesia, Saudi Arabia, Korea."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from entrepot.residency.duties import FieldSet, Incident, access_is_transfer, has_to_be_local
from entrepot.residency.routes import Necessity
from tests.residency.law.questions import AWARE, class_asked, days_asked, hours_after, months_asked, told_asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.residency.profile import Profile
    from entrepot.residency.routes import Evidence, RouteFacts

OTHERS = ("RU", "IN", "VN", "ID", "SA", "KR")
_NEEDED = Necessity(is_needed=True, basis="order of the buyer, ships from abroad")
# What each asks of every export of personal data.
_GENERAL = {
    "RU": ("legal_basis",),
    "IN": ("notice", "legal_basis", "recipient_conditions"),
    "VN": ("legal_basis", "recipient_conditions"),
    "ID": ("legal_basis", "notice"),
    "SA": ("legal_basis", "notice"),
    "KR": ("legal_basis", "recipient_conditions"),
}
# Title to region, what else is on file, changes of the facts.
_OWN: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {
    "out of Russia after notice and assessment": ("RU", ("transfer_notification", "recipient_assessment"), {}),
    "out of Russia with consent to a special category": ("RU", (), {"is_sensitive": True, "basis": "consent"}),
    "a child in India": ("IN", (), {"with_children": True}),
    "out of Vietnam with a dossier": ("VN", ("transfer_dossier",), {}),
    "out of Indonesia to a country as good": ("ID", ("equal_protection_assessment",), {}),
    "out of Indonesia with clauses": ("ID", ("standard_clauses",), {}),
    "out of Indonesia within a group": ("ID", ("binding_corporate_rules",), {}),
    "out of Indonesia with consent": ("ID", ("transfer_consent",), {}),
    "out of Saudi Arabia with clauses": ("SA", ("standard_clauses", "transfer_assessment"), {}),
    "out of Saudi Arabia within a group": ("SA", ("binding_corporate_rules", "transfer_assessment"), {}),
    "out of Saudi Arabia to an accredited company": ("SA", ("accreditation_certificate", "transfer_assessment"), {}),
    "out of Saudi Arabia for a parcel": ("SA", ("derogation_record",), {"purpose": "deliver", "necessity": _NEEDED}),
    "out of Saudi Arabia with clauses, for a parcel": (
        "SA",
        ("standard_clauses", "transfer_assessment"),
        {"purpose": "deliver", "necessity": _NEEDED},
    ),
    "out of Saudi Arabia in an emergency": ("SA", ("derogation_record",), {"emergency": True}),
    "out of Korea to a certified company": ("KR", ("recipient_certification",), {}),
    "out of Korea for a parcel": ("KR", ("policy_disclosure",), {"purpose": "deliver", "necessity": _NEEDED}),
    "out of Korea with consent": ("KR", ("transfer_consent",), {}),
    "a child in Korea": ("KR", ("transfer_consent",), {"with_children": True}),
}


def routes_of_others(
    facts: RouteFacts, paper: Callable[..., Evidence], determined: Evidence
) -> dict[str, tuple[str, RouteFacts]]:
    """Cases of every other region: goods, inside, with nothing, without each general paper, and its own."""
    found: dict[str, tuple[str, RouteFacts]] = {}
    for region in OTHERS:
        general = {kind: paper(kind) for kind in _GENERAL[region]}
        whole = (determined, *general.values())
        found[f"goods out of {region}"] = (region, replace(facts, has_personal=False, evidence=whole))
        found[f"inside {region}"] = (region, replace(facts, recipient_region=region, evidence=whole))
        found[f"out of {region} with nothing else"] = (region, replace(facts, evidence=whole))
        for kind in general:
            rest = (determined, *(each for name, each in general.items() if name != kind))
            found[f"inside {region} without {kind}"] = (region, replace(facts, recipient_region=region, evidence=rest))
    for title, (region, kinds, changes) in _OWN.items():
        own = dict(changes)
        basis = paper("legal_basis", basis=own.pop("basis", "legal_duty"))
        papers = (basis, *(paper(kind) for kind in (*_GENERAL[region], *kinds) if kind != "legal_basis"))
        found[title] = (region, replace(facts, evidence=(determined, *papers), **own))
    return found


_TOKEN = frozenset({"pseudonymous"})
_BOTH = ("persons", "authority")

QUESTIONS_OF_OTHERS: dict[str, tuple[str, Callable[[Profile], object], object]] = {
    "Russia writes first at home": ("RU", lambda profile: has_to_be_local(profile, "first_write"), True),
    "India does not ask for that": ("IN", lambda profile: has_to_be_local(profile, "first_write"), False),
    "a look into Vietnam is a transfer": ("VN", access_is_transfer, True),
    "a look into Korea is a transfer": ("KR", access_is_transfer, True),
    "a medical value in Russia": ("RU", class_asked(FieldSet(kinds=frozenset({"medical"}))), "sensitive"),
    "a token beside medicine in Russia": (
        "RU",
        class_asked(FieldSet(classes=_TOKEN, goods=frozenset({"health"}))),
        "sensitive",
    ),
    "a token beside medicine in India": (
        "IN",
        class_asked(FieldSet(classes=_TOKEN, goods=frozenset({"health"}))),
        "non_sensitive",
    ),
    "an incident in Russia": (
        "RU",
        told_asked(Incident(aware_at=AWARE)),
        (hours_after(24, "authority"), hours_after(72, "authority")),
    ),
    "an incident in India": (
        "IN",
        told_asked(Incident(aware_at=AWARE)),
        (hours_after(0, *_BOTH), hours_after(6, "authority"), hours_after(72, "authority")),
    ),
    "an incident in Vietnam": ("VN", told_asked(Incident(aware_at=AWARE)), (hours_after(72, "authority"),)),
    "an incident in Indonesia": ("ID", told_asked(Incident(aware_at=AWARE)), (hours_after(72, *_BOTH),)),
    "an incident in Saudi Arabia": (
        "SA",
        told_asked(Incident(aware_at=AWARE)),
        (hours_after(0, "persons"), hours_after(72, "authority")),
    ),
    "an incident of a thousand persons in Korea": (
        "KR",
        told_asked(Incident(aware_at=AWARE, persons=1_000)),
        (hours_after(72, "persons"), hours_after(72, "authority")),
    ),
    "a small incident in Korea": (
        "KR",
        told_asked(Incident(aware_at=AWARE, persons=999)),
        (hours_after(72, "persons"),),
    ),
    "logs in India": ("IN", months_asked("network_log"), 12),
} | {
    f"a request in {region}": (region, days_asked("erase"), (days, True))
    for region, days in (("RU", 10), ("IN", 90), ("VN", 3), ("ID", 3), ("SA", 30), ("KR", 10))
}
