"""Edges of a verdict: first and last days, what is asked beside the route, reasons and warnings in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml

from entrepot.residency.profile import load_profile, profile_from_text
from entrepot.residency.routes import Necessity, decide
from tests.residency.law.law_cases import NEEDED, ZONE_LIST, abroad, facts, general, paper, shipped_text, zone
from tests.residency.law.questions import DAY

CN, EU = load_profile("CN", DAY), load_profile("EU", DAY)


def test_employees_data_that_no_labour_rule_needs_is_like_any_other() -> None:
    asked = facts(hr=False, subjects=frozenset({"employee"}), non_sensitive_total=100_000)
    assert decide(CN, asked).row == "cn-11-volume-contract"


def test_a_profile_an_approval_and_a_zones_list_hold_from_their_first_day_to_their_last() -> None:
    first = date(2026, 1, 1)
    assert decide(CN, facts(on=first)).is_allowed
    one_day = paper("standard_contract", valid_from=DAY, valid_to=DAY)
    assert decide(CN, facts(sensitive_total=1, evidence=(*general(), one_day))).is_allowed
    same_day = profile_from_text(
        yaml.safe_dump(
            yaml.safe_load(shipped_text("CN")) | yaml.safe_load(ZONE_LIST.replace("2025-06-01", DAY.isoformat())),
            allow_unicode=True,
        ),
        "CN",
    )
    assert decide(same_day, facts(zone=zone(), non_sensitive_total=100_000)).row == "cn-7-free-trade-zone"


def test_evidence_of_a_recipient_that_needs_no_purpose_names_none() -> None:
    bare: dict[str, Any] = {"purposes": (), "recipients": ()}
    certified = (*general(), paper("privacy_framework_certification", **bare))
    assert decide(EU, facts(recipient_region="US", evidence=certified)).is_allowed
    determined = (*general("important_data_determination"), paper("important_data_determination", **bare))
    assert decide(CN, facts(evidence=determined)).is_allowed


def test_explicit_consent_is_asked_in_the_eu_for_special_categories_only() -> None:
    consent = (*general("legal_basis"), paper("legal_basis", basis="consent"))
    plain, special = (decide(EU, facts(evidence=consent, is_sensitive=each)) for each in (False, True))
    assert (plain.is_allowed, [gap.kinds for gap in special.missing]) == (True, [("separate_consent",)])


def test_a_child_asks_for_the_guardian_and_for_nothing_else() -> None:
    assert [gap.kinds for gap in decide(CN, facts(with_children=True)).missing] == [("guardian_consent",)]
    guarded = facts(with_children=True, evidence=(*general(), paper("guardian_consent")))
    assert decide(CN, guarded).is_allowed
    assert decide(CN, facts(with_children=True, has_personal=False)).is_allowed


@pytest.mark.parametrize("basis", ["", "consent"])
def test_a_basis_is_stated_and_asks_for_what_it_needs(basis: str) -> None:
    found = decide(CN, facts(evidence=(*general("legal_basis"), paper("legal_basis", basis=basis))))
    assert [(gap.kinds, gap.why) for gap in found.missing] == (
        [(("separate_consent",), "none_on_file")] if basis else [(("legal_basis",), "basis_not_stated")]
    )


DUTIES = "free means no filing: assessment, notice, legal basis and records are needed all the same"
PERSONS = "persons this year: 1,000 without sensitive data, 0 with"
SMALL = "fewer than 100 000 persons and no sensitive data"
CROSSED = (
    "a contract or certificate no longer suffices, and what was exported earlier this year belongs in the application"
)
REASONS = {
    "a small year": (facts(), [SMALL, PERSONS, DUTIES]),
    "no person": (facts(has_personal=False), ["neither personal nor important data"]),
    "a contract for analytics": (
        facts(necessity=NEEDED),
        [
            SMALL,
            PERSONS,
            "contract necessity does not hold: it has to be shown, and for analytics it cannot be claimed",
            DUTIES,
        ],
    ),
    "a contract that nobody showed": (
        facts(purpose="deliver", necessity=Necessity(is_needed=True, basis="")),
        [SMALL, PERSONS, "contract necessity does not hold: it has to be shown with its basis", DUTIES],
    ),
    "a contract that holds": (
        facts(purpose="deliver", necessity=NEEDED),
        ["needed to conclude or perform a contract with the person", PERSONS, DUTIES],
    ),
    "buyers among employees": (
        facts(hr=True, subjects=frozenset({"employee", "buyer"})),
        [SMALL, PERSONS, "the rule on employees is for employees only, others are among them", DUTIES],
    ),
    "employees": (
        facts(hr=True, subjects=frozenset({"employee"})),
        ["management of employees under lawful labour rules or a collective contract", PERSONS, DUTIES],
    ),
    "a line that was crossed in the middle of the year": (
        facts(non_sensitive_total=1_000_000),
        [
            "data of 1 000 000 persons or more",
            "persons this year: 1,000,000 without sensitive data, 0 with",
            CROSSED,
        ],
    ),
    "an operator of critical infrastructure": (
        facts(is_ciio=True),
        ["operator of critical information infrastructure", PERSONS],
    ),
}


@pytest.mark.parametrize("title", REASONS)
def test_a_verdict_gives_its_reasons(title: str) -> None:
    asked, reasons = REASONS[title]
    assert [words.en for words in decide(CN, asked).reasons] == reasons


def test_where_no_line_is_drawn_no_number_is_told() -> None:
    found = decide(EU, facts(recipient_region="FR", this_system_only=True, upper_bound=True))
    assert [words.en for words in found.reasons] == ["the recipient is in the European Economic Area", DUTIES]
    assert found.warnings == ()


def test_without_a_person_no_line_is_near() -> None:
    asked = facts(has_personal=False, non_sensitive_total=95_000, this_system_only=True, upper_bound=True)
    assert decide(CN, asked).warnings == ()


def test_a_contract_for_a_number_of_persons_says_how_near_its_cap_is_and_not_that_it_is_over() -> None:
    over = facts(sensitive_total=101, evidence=(*general(), paper("standard_contract", cap_persons=100)))
    found = decide(CN, over)
    assert (found.is_allowed, found.cap) == (False, None)
    assert [each.code for each in found.warnings] == []


TOO_NARROW = (
    "standard contract filed or certification of the export: what is on file does not name this purpose; extend it"
)


def test_of_several_papers_the_one_that_came_furthest_says_why() -> None:
    papers = (
        paper("certification", purposes=("crm",)),
        paper("standard_contract", valid_to=date(2026, 3, 1)),
        paper("standard_contract", processor="beijing"),
    )
    found = decide(CN, facts(sensitive_total=1, evidence=(*general(), *papers)))
    assert [(gap.why, gap.words.en) for gap in found.missing] == [
        (
            "other_purpose",
            TOO_NARROW,
        )
    ]


def test_what_a_profile_does_not_describe_carries_nothing_under_it() -> None:
    asked = abroad("CN", "standard_contract", "security_assessment")
    assert len(decide(EU, asked).missing) == 3


def test_undetermined_important_data_is_told_once() -> None:
    asked = facts(important_data=None, evidence=general("important_data_determination"))
    assert [gap.kinds for gap in decide(CN, asked).missing] == [("important_data_determination",)]


def test_what_nobody_has_to_file_needs_no_file_number() -> None:
    asked = facts(sensitive_total=1, evidence=(*general(), paper("certification", number="")))
    found = decide(CN, asked)
    assert (found.is_allowed, found.warnings) == (True, ())
