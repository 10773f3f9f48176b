"""Titled cases of the law: questions to a profile and what it has to answer. One table for every test that needs it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any

from entrepot.residency.duties import FieldSet, Incident, access_is_transfer, has_to_be_local
from entrepot.residency.routes import Evidence, Necessity, RouteFacts, ZoneFacts, decide
from tests.residency.law.more_regions import QUESTIONS_OF_OTHERS, routes_of_others
from tests.residency.law.questions import AWARE, DAY, class_asked, days_asked, months_asked, told_asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.residency.profile import Profile

GENERAL = (
    "important_data_determination",
    "impact_assessment",
    "notice",
    "legal_basis",
    "recipient_conditions",
    "record_of_processing",
)

ZONE_LIST = """\
zones:
  - id: zone-list-2025
    title: {en: negative list of a zone, zh: 某自贸区负面清单}
    zone: Lingang
    effective_from: 2025-06-01
    entries:
      - {sector: retail, scenario: loyalty}
      - sector: retail
        scenario: members
        thresholds:
          cn-line-sensitive-contract: 5000
          cn-line-sensitive-assessment: 50000
          cn-line-volume-contract: 500000
          cn-line-volume-assessment: 5000000
    cite: {instrument: List, article: "1", text_version: "2025", source: test, checked_on: 2026-11-21, mark: S}
"""


def shipped_text(region: str) -> str:
    """A shipped profile as it is written."""
    return (resources.files("entrepot.residency") / "profiles" / f"{region}.yaml").read_text(encoding="utf-8")


def paper(kind: str, **changes: Any) -> Evidence:
    """Evidence that covers the transfers of this table, unless a case says otherwise."""
    facts: dict[str, Any] = {
        "kind": kind,
        "number": f"{kind}-1",
        "processor": "shanghai",
        "valid_from": date(2026, 1, 1),
        "purposes": ("analytics", "deliver"),
        "recipients": ("brand-hq",),
        "cap_persons": 2_000_000 if kind == "security_assessment" else None,
        "basis": "legal_duty" if kind == "legal_basis" else "",
    }
    return Evidence(**(facts | changes))


def general(*without: str) -> tuple[Evidence, ...]:
    """What every export needs, less some kinds."""
    return tuple(paper(kind) for kind in GENERAL if kind not in without)


FACTS = RouteFacts(
    on=DAY,
    processor="shanghai",
    recipient="brand-hq",
    recipient_region="FR",
    purpose="analytics",
    important_data=False,
    has_personal=True,
    is_ciio=False,
    non_sensitive_total=1_000,
    sensitive_total=0,
    evidence=general(),
    this_system_only=False,
)
"""A small export of personal data with everything on file that every export needs."""


def facts(**changes: Any) -> RouteFacts:
    """The same with changes."""
    return replace(FACTS, **changes)


def abroad(region: str, *kinds: str, **changes: Any) -> RouteFacts:
    """A transfer out of the EU to a region, with more kinds of evidence on file."""
    return facts(recipient_region=region, evidence=(*general(), *map(paper, kinds)), **changes)


def zone(**changes: Any) -> ZoneFacts:
    """An exporter that meets every condition of the list above."""
    stated: dict[str, Any] = {
        "zone": "Lingang",
        "list_id": "zone-list-2025",
        "is_registered": True,
        "exports_from_zone": True,
        "sector": "retail",
        "scenario": "loyalty",
        "is_on_list": False,
        "filing": "LG-7",
    }
    return ZoneFacts(**(stated | changes))


NEEDED = Necessity(is_needed=True, basis="order of the buyer, ships from abroad")
MANY = {"non_sensitive_total": 500_000}

ROUTES: dict[str, tuple[str, RouteFacts]] = {
    "important data nobody determined": ("CN", facts(important_data=None)),
    "important data without a person": ("CN", facts(important_data=True, has_personal=False)),
    "stock without a person": (
        "CN",
        facts(has_personal=False, non_sensitive_total=2_000_000, evidence=general("notice")),
    ),
    "orders of buyers abroad, kept in China": ("CN", facts(collected_abroad=True, **MANY)),
    "a parcel that a buyer ordered from abroad": ("CN", facts(purpose="deliver", necessity=NEEDED, **MANY)),
    "a contract that is said to need analytics": ("CN", facts(necessity=NEEDED, **MANY)),
    "payroll of employees": ("CN", facts(hr=True, subjects=frozenset({"employee"}), **MANY)),
    "payroll with a buyer among it": ("CN", facts(hr=True, subjects=frozenset({"employee", "buyer"}), **MANY)),
    "an emergency": ("CN", facts(emergency=True, **MANY)),
    "a zone and data outside its list": ("CN", facts(zone=zone(), **MANY)),
    "a zone whose list sets its own lines": ("CN", facts(zone=zone(scenario="members"), non_sensitive_total=499_999)),
    "an operator of critical infrastructure": ("CN", facts(is_ciio=True)),
    "critical operator: orders of buyers abroad": ("CN", facts(is_ciio=True, collected_abroad=True)),
    "critical operator: a parcel": ("CN", facts(is_ciio=True, purpose="deliver", necessity=NEEDED)),
    "critical operator: payroll": ("CN", facts(is_ciio=True, hr=True, subjects=frozenset({"employee"}))),
    "critical operator: an emergency": ("CN", facts(is_ciio=True, emergency=True)),
    "critical operator: stock without a person": ("CN", facts(is_ciio=True, has_personal=False)),
    "buyers of a shop, a small year": ("CN", facts()),
    "one sensitive person": ("CN", facts(sensitive_total=1)),
    "no assessment of the impact": ("CN", facts(evidence=general("impact_assessment"))),
    "no notice": ("CN", facts(evidence=general("notice"))),
    "no legal basis": ("CN", facts(evidence=general("legal_basis"))),
    "no conditions on the recipient": ("CN", facts(evidence=general("recipient_conditions"))),
    "no determination of important data": ("CN", facts(evidence=general("important_data_determination"))),
    "consent without separate consent": (
        "CN",
        facts(evidence=(*general("legal_basis"), paper("legal_basis", basis="consent"))),
    ),
    "a contract as the basis of a parcel": (
        "CN",
        facts(purpose="deliver", evidence=(*general("legal_basis"), paper("legal_basis", basis="contract"))),
    ),
    "a child without the guardian": ("CN", facts(with_children=True)),
    "a foreign court asks": ("CN", facts(for_foreign_authority=True)),
    "critical operator with an assessment of 2022": (
        "CN",
        facts(is_ciio=True, evidence=(*general(), paper("security_assessment", valid_from=date(2022, 1, 1)))),
    ),
    "a standard contract for another purpose": (
        "CN",
        facts(sensitive_total=1, evidence=(*general(), paper("standard_contract", purposes=("crm",)))),
    ),
    "a certificate of 2022": (
        "CN",
        facts(sensitive_total=1, evidence=(*general(), paper("certification", valid_from=date(2022, 1, 1)))),
    ),
    "a line that is near": ("CN", facts(non_sensitive_total=95_000)),
    "goods out of the EU": ("EU", abroad("IN", has_personal=False)),
    "to France": ("EU", abroad("FR")),
    "to Japan": ("EU", abroad("JP")),
    "to a certified company in the United States": ("EU", abroad("US", "privacy_framework_certification")),
    "to a company whose certificate is two years old": (
        "EU",
        facts(
            recipient_region="US",
            evidence=(*general(), paper("privacy_framework_certification", valid_from=date(2024, 1, 1))),
        ),
    ),
    "to China with clauses and an ordinary assessment": ("EU", abroad("CN", "standard_clauses", "transfer_assessment")),
    "to China with all three": (
        "EU",
        abroad("CN", "standard_clauses", "china_transfer_assessment", "supplementary_measures"),
    ),
    "to India with clauses, once, for a parcel": (
        "EU",
        abroad("IN", "standard_clauses", "transfer_assessment", purpose="deliver", necessity=NEEDED, occasional=True),
    ),
    "to India once, for a parcel": (
        "EU",
        abroad("IN", "derogation_record", purpose="deliver", necessity=NEEDED, occasional=True),
    ),
    "to India in an emergency": ("EU", abroad("IN", "derogation_record", emergency=True)),
    "to India with nothing": ("EU", abroad("IN")),
    "out of the EU without a record of processing": (
        "EU",
        facts(recipient_region="FR", evidence=general("record_of_processing")),
    ),
    "out of the EU without a notice": ("EU", facts(evidence=general("notice"))),
    "out of the EU without a legal basis": ("EU", facts(evidence=general("legal_basis"))),
    "out of the EU without a contract": ("EU", facts(evidence=general("recipient_conditions"))),
    "consent of a special category without explicit consent": (
        "EU",
        facts(is_sensitive=True, evidence=(*general("legal_basis"), paper("legal_basis", basis="consent"))),
    ),
    "contract as the basis out of the EU": (
        "EU",
        facts(purpose="deliver", evidence=(*general("legal_basis"), paper("legal_basis", basis="contract"))),
    ),
    "a child in the EU": ("EU", facts(with_children=True)),
    "a foreign court asks the EU": ("EU", facts(for_foreign_authority=True)),
    "clauses for another purpose": (
        "EU",
        facts(recipient_region="IN", evidence=(*general(), paper("standard_clauses", purposes=("crm",)))),
    ),
    "to India under binding corporate rules": ("EU", abroad("IN", "binding_corporate_rules", "transfer_assessment")),
    "one sensitive person under a standard contract": (
        "CN",
        facts(sensitive_total=1, evidence=(*general(), paper("standard_contract"))),
    ),
    "one sensitive person under a certificate": (
        "CN",
        facts(sensitive_total=1, evidence=(*general(), paper("certification"))),
    ),
    "a million persons under an assessment": (
        "CN",
        facts(non_sensitive_total=1_000_000, evidence=(*general(), paper("security_assessment"))),
    ),
}

ROUTES |= routes_of_others(FACTS, paper, paper("important_data_determination"))

VECTORS = {
    (99_999, 0): ("free", True),
    (100_000, 0): ("standard_contract_or_certification", False),
    (999_999, 0): ("standard_contract_or_certification", False),
    (1_000_000, 0): ("security_assessment", False),
    (0, 1): ("standard_contract_or_certification", False),
    (0, 9_999): ("standard_contract_or_certification", False),
    (0, 10_000): ("security_assessment", False),
    (99_999, 1): ("standard_contract_or_certification", False),
    (50, 10_000): ("security_assessment", False),
}
"""The nine of the reference: persons without and with sensitive data, to the route and whether it is open as it is."""

ROUTES |= {
    f"{plain} persons, {sensitive} sensitive": ("CN", facts(non_sensitive_total=plain, sensitive_total=sensitive))
    for plain, sensitive in VECTORS
}

TOKEN = frozenset({"pseudonymous"})
LATE = AWARE + timedelta(days=2)

QUESTIONS: dict[str, tuple[str, Callable[[Profile], object], object]] = {
    "China keeps the primary copy": ("CN", lambda profile: has_to_be_local(profile, "primary_copy"), True),
    "a look from abroad exports": ("CN", access_is_transfer, True),
    "a look from China into the EU is a transfer": ("EU", access_is_transfer, True),
    "an identity number": ("CN", class_asked(FieldSet(kinds=frozenset({"resident_id"}))), "sensitive"),
    "a bank card": ("CN", class_asked(FieldSet(kinds=frozenset({"financial_account"}))), "sensitive"),
    "a token beside medicine": ("CN", class_asked(FieldSet(classes=TOKEN, goods=frozenset({"health"}))), "sensitive"),
    "a token beside a shirt": ("CN", class_asked(FieldSet(classes=TOKEN)), "non_sensitive"),
    "medicine without a person": ("CN", class_asked(FieldSet(goods=frozenset({"health"}))), "none"),
    "a child": ("CN", class_asked(FieldSet(classes=TOKEN, has_children=True)), "sensitive"),
    "a medical value in the EU": ("EU", class_asked(FieldSet(kinds=frozenset({"medical"}))), "sensitive"),
    "a token beside medicine in the EU": (
        "EU",
        class_asked(FieldSet(classes=TOKEN, goods=frozenset({"health"}))),
        "sensitive",
    ),
    "a token beside a toy in the EU": (
        "EU",
        class_asked(FieldSet(classes=TOKEN, goods=frozenset({"child"}))),
        "non_sensitive",
    ),
    "a small leak": ("CN", told_asked(Incident(aware_at=AWARE, persons=1)), ((AWARE, ("authority", "persons")),)),
    "a million persons leaked, handled": (
        "CN",
        told_asked(Incident(aware_at=AWARE, handled_at=LATE, persons=1_000_000)),
        (
            (AWARE, ("authority", "persons")),
            (AWARE + timedelta(hours=4), ("authority",)),
            (LATE + timedelta(days=30), ("authority",)),
        ),
    ),
    "a million persons leaked by a critical operator": (
        "CN",
        told_asked(Incident(aware_at=AWARE, persons=1_000_000, is_ciio=True)),
        ((AWARE, ("authority", "persons")), (AWARE + timedelta(hours=1), ("authority", "police"))),
    ),
    "a leak in the EU": (
        "EU",
        told_asked(Incident(aware_at=AWARE)),
        ((AWARE, ("persons",)), (AWARE + timedelta(hours=72), ("authority",))),
    ),
    "a leak without high risk in the EU": (
        "EU",
        told_asked(Incident(aware_at=AWARE, is_high_risk=False)),
        ((AWARE + timedelta(hours=72), ("authority",)),),
    ),
    "records of exports": ("CN", months_asked("export_record"), 36),
    "sealed envelopes": ("CN", months_asked("sealed_envelope"), 36),
    "impact assessments": ("CN", months_asked("impact_assessment"), 36),
    "logs of the network": ("CN", months_asked("network_log"), 6),
    "vouchers": ("CN", months_asked("accounting_voucher"), 360),
    "bank statements": ("CN", months_asked("bank_statement"), 120),
    "records of transfers out of the EU": ("EU", months_asked("export_record"), 36),
    "a request in the EU": ("EU", days_asked("erase"), (30, True)),
} | {
    f"a person asks: {request}": ("CN", days_asked(request), (days, True))
    for request, days in (
        ("access", 15),
        ("portability", 30),
        ("correct", 15),
        ("erase", 15),
        ("withdraw", 15),
        ("explain", 15),
    )
}
QUESTIONS |= QUESTIONS_OF_OTHERS
"""Title to region, question and answer."""


def outcome(profile: Profile, asked: RouteFacts) -> tuple[object, ...]:
    """What matters of a verdict to the one who wants to send; the row's id, title and citation are left out."""
    found = decide(profile, asked)
    return (
        found.route,
        found.is_allowed,
        found.exempt,
        found.cap,
        tuple((gap.kinds, gap.why) for gap in found.missing),
        tuple((each.code, each.subject, each.percent) for each in found.warnings),
    )
