"""The route of a transfer: the reference's vectors, every row, evidence, caps, warnings, days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml

from entrepot.residency.law_errors import ProfileNotInForce, RoleUnknown
from entrepot.residency.profile import load_profile, profile_from_text
from entrepot.residency.roles import Role, Roles
from entrepot.residency.routes import Necessity, RouteFacts, decide
from tests.residency.law.law_cases import (
    FACTS,
    GENERAL,
    NEEDED,
    ROUTES,
    VECTORS,
    ZONE_LIST,
    abroad,
    facts,
    general,
    paper,
    shipped_text,
    zone,
)
from tests.residency.law.questions import DAY

CN, EU = load_profile("CN", DAY), load_profile("EU", DAY)
ZONED = profile_from_text(
    yaml.safe_dump(yaml.safe_load(shipped_text("CN")) | yaml.safe_load(ZONE_LIST), allow_unicode=True), "CN with a list"
)
PROFILES = {"CN": ZONED, "EU": EU}

EXPECTED = {
    "important data nobody determined": ("cn-0-undetermined", "refused", False),
    "important data without a person": ("cn-1-important-data", "security_assessment", False),
    "stock without a person": ("cn-2-no-personal-data", "free", True),
    "orders of buyers abroad, kept in China": ("cn-3-collected-abroad", "free", True),
    "a parcel that a buyer ordered from abroad": ("cn-4-contract", "free", True),
    "a contract that is said to need analytics": ("cn-11-volume-contract", "standard_contract_or_certification", False),
    "payroll of employees": ("cn-5-employees", "free", True),
    "payroll with a buyer among it": ("cn-11-volume-contract", "standard_contract_or_certification", False),
    "an emergency": ("cn-6-emergency", "free", True),
    "a zone and data outside its list": ("cn-7-free-trade-zone", "free", True),
    "a zone whose list sets its own lines": ("cn-12-small", "free", True),
    "an operator of critical infrastructure": ("cn-8-critical-operator", "security_assessment", False),
    "critical operator: orders of buyers abroad": ("cn-8-critical-operator", "security_assessment", False),
    "critical operator: a parcel": ("cn-8-critical-operator", "security_assessment", False),
    "critical operator: payroll": ("cn-8-critical-operator", "security_assessment", False),
    "critical operator: an emergency": ("cn-8-critical-operator", "security_assessment", False),
    "critical operator: stock without a person": ("cn-2-no-personal-data", "free", True),
    "buyers of a shop, a small year": ("cn-12-small", "free", True),
    "one sensitive person": ("cn-10-sensitive-contract", "standard_contract_or_certification", False),
    "one sensitive person under a standard contract": (
        "cn-10-sensitive-contract",
        "standard_contract_or_certification",
        True,
    ),
    "one sensitive person under a certificate": (
        "cn-10-sensitive-contract",
        "standard_contract_or_certification",
        True,
    ),
    "a million persons under an assessment": ("cn-9-volume-assessment", "security_assessment", True),
    "critical operator with an assessment of 2022": ("cn-8-critical-operator", "security_assessment", False),
    "consent without separate consent": ("cn-12-small", "free", False),
    "a contract as the basis of a parcel": ("cn-12-small", "free", True),
    "a child without the guardian": ("cn-12-small", "free", False),
    "a foreign court asks": ("cn-12-small", "free", False),
    "goods out of the EU": ("eu-1-no-personal-data", "free", True),
    "to France": ("eu-2-inside", "free", True),
    "to Japan": ("eu-3-adequacy", "adequacy", True),
    "to a certified company in the United States": ("eu-3-adequacy-certified", "adequacy", True),
    "to a company whose certificate is two years old": ("eu-8-third-country", "standard_clauses", False),
    "to China with clauses and an ordinary assessment": ("eu-4-china", "standard_clauses", False),
    "to China with all three": ("eu-4-china", "standard_clauses", True),
    "to India with clauses, once, for a parcel": ("eu-5-clauses", "standard_clauses", True),
    "to India under binding corporate rules": ("eu-5-clauses", "standard_clauses", True),
    "to India once, for a parcel": ("eu-6-contract", "derogation", True),
    "to India in an emergency": ("eu-7-vital", "derogation", True),
    "to India with nothing": ("eu-8-third-country", "standard_clauses", False),
    "a foreign court asks the EU": ("eu-2-inside", "free", False),
}


@pytest.mark.parametrize(("persons", "expected"), VECTORS.items())
def test_the_nine_vectors_of_the_reference(persons: tuple[int, int], expected: tuple[str, bool]) -> None:
    plain, sensitive = persons
    found = decide(CN, facts(non_sensitive_total=plain, sensitive_total=sensitive))
    assert (found.route, found.is_allowed) == expected
    assert found.is_free == (found.route == "free")
    assert not found.exempt


@pytest.mark.parametrize("title", EXPECTED)
def test_a_transfer_has_its_row_its_route_and_goes_or_not(title: str) -> None:
    region, asked = ROUTES[title]
    found = decide(PROFILES[region], asked)
    assert (found.row, found.route, found.is_allowed) == EXPECTED[title]
    assert found.cite.instrument
    assert all(words.en and words.zh for words in (*found.reasons, *(gap.words for gap in found.missing)))


@pytest.mark.parametrize("row", ["cn-2", "cn-3", "cn-4", "cn-5", "cn-6", "cn-7"])
def test_rows_two_to_seven_are_exempt_from_the_lines_and_not_from_the_duties(row: str) -> None:
    title = next(title for title, (name, _, _) in EXPECTED.items() if name.startswith(row))
    found = decide(ZONED, ROUTES[title][1])
    assert found.exempt
    assert not found.count_exempt
    bare = decide(ZONED, facts(**{name: getattr(ROUTES[title][1], name) for name in SHAPE}, evidence=()))
    assert not bare.is_allowed
    lacking = {kind for gap in bare.missing for kind in gap.kinds}
    personal = {"impact_assessment", "notice", "legal_basis", "recipient_conditions"} if row != "cn-2" else set()
    assert lacking == {"important_data_determination"} | personal


SHAPE = ("has_personal", "collected_abroad", "necessity", "purpose", "hr", "subjects", "emergency", "zone")


def test_a_profile_may_count_exempt_persons_all_the_same() -> None:
    counting = profile_from_text(shipped_text("CN").replace("count_exempt: false", "count_exempt: true"), "CN")
    assert decide(counting, facts(emergency=True)).count_exempt


NOT_A_ZONE: dict[str, dict[str, Any]] = {
    "not registered in the zone": {"is_registered": False},
    "exporting from elsewhere": {"exports_from_zone": False},
    "a sector that the list does not cover": {"sector": "banking"},
    "a scenario that the list does not cover": {"scenario": "payroll"},
    "data on the list": {"is_on_list": True},
    "no filing": {"filing": " "},
    "a list that nobody shipped": {"list_id": "zone-list-2030"},
    "another zone": {"zone": "Hainan"},
}


@pytest.mark.parametrize("title", NOT_A_ZONE)
def test_the_rule_on_zones_holds_only_where_every_condition_does(title: str) -> None:
    found = decide(ZONED, facts(zone=zone(**NOT_A_ZONE[title]), non_sensitive_total=100_000))
    assert (found.row, found.is_allowed) == ("cn-11-volume-contract", False)


def test_with_no_list_shipped_the_rule_on_zones_never_holds() -> None:
    assert decide(CN, facts(zone=zone(), non_sensitive_total=100_000)).row == "cn-11-volume-contract"


def test_an_operator_of_critical_infrastructure_has_no_zone() -> None:
    assert decide(ZONED, facts(zone=zone(), is_ciio=True)).row == "cn-8-critical-operator"


def test_a_list_that_is_not_in_force_yet_does_not_hold() -> None:
    late = profile_from_text(
        yaml.safe_dump(
            yaml.safe_load(shipped_text("CN")) | yaml.safe_load(ZONE_LIST.replace("2025-06-01", "2026-11-02")),
            allow_unicode=True,
        ),
        "CN",
    )
    assert decide(late, facts(zone=zone(), non_sensitive_total=100_000)).row == "cn-11-volume-contract"


ZONE_LINES = {
    (499_999, 0): "free",
    (500_000, 0): "standard_contract_or_certification",
    (5_000_000, 0): "security_assessment",
    (0, 4_999): "free",
    (0, 5_000): "standard_contract_or_certification",
    (0, 50_000): "security_assessment",
}


@pytest.mark.parametrize(("persons", "route"), ZONE_LINES.items())
def test_the_lines_of_a_zones_list_take_the_place_of_the_laws(persons: tuple[int, int], route: str) -> None:
    asked = facts(zone=zone(scenario="members"), non_sensitive_total=persons[0], sensitive_total=persons[1])
    assert decide(ZONED, asked).route == route


@pytest.mark.parametrize("purpose", ["analytics", "crm", "marketing", "consolidation", ""])
def test_no_contract_needs_an_export_for_a_purpose_outside_the_closed_list(purpose: str) -> None:
    found = decide(CN, facts(purpose=purpose, necessity=NEEDED, non_sensitive_total=100_000))
    assert found.row == "cn-11-volume-contract"
    assert any("contract necessity does not hold" in reason.en for reason in found.reasons)


@pytest.mark.parametrize(
    "claim", [None, Necessity(is_needed=False, basis="order"), Necessity(is_needed=True, basis=" ")]
)
def test_necessity_has_to_be_shown(claim: Necessity | None) -> None:
    assert decide(CN, facts(purpose="deliver", necessity=claim, non_sensitive_total=100_000)).route != "free"


def test_a_contract_is_no_legal_basis_for_analytics() -> None:
    found = decide(CN, facts(evidence=(*general("legal_basis"), paper("legal_basis", basis="contract"))))
    assert not found.is_allowed
    assert [(gap.kinds, gap.why) for gap in found.missing] == [(("legal_basis",), "basis_does_not_fit")]


def test_consent_needs_separate_consent_and_then_goes() -> None:
    consent = (*general("legal_basis"), paper("legal_basis", basis="consent"))
    assert [gap.kinds for gap in decide(CN, facts(evidence=consent)).missing] == [("separate_consent",)]
    assert decide(CN, facts(evidence=(*consent, paper("separate_consent")))).is_allowed


def test_the_first_sensitive_person_ends_the_free_tier_also_where_nobody_counted_it() -> None:
    found = decide(CN, facts(is_sensitive=True, sensitive_total=0))
    assert (found.route, found.is_allowed) == ("standard_contract_or_certification", False)


BAD_PAPER: dict[str, tuple[dict[str, Any], str]] = {
    "of another processor": ({"processor": "beijing"}, "other_processor"),
    "from tomorrow on": ({"valid_from": date(2026, 11, 2)}, "not_yet_valid"),
    "until yesterday": ({"valid_to": date(2026, 10, 31)}, "expired"),
    "for another purpose": ({"purposes": ("crm",)}, "other_purpose"),
    "for no purpose": ({"purposes": ()}, "other_purpose"),
    "for another recipient": ({"recipients": ("agency",)}, "other_recipient"),
    "for fewer persons": ({"cap_persons": 100_000}, "cap_exceeded"),
}


@pytest.mark.parametrize("title", BAD_PAPER)
def test_a_standard_contract_carries_nothing(title: str) -> None:
    changes, why = BAD_PAPER[title]
    asked = facts(non_sensitive_total=100_001, evidence=(*general(), paper("standard_contract", **changes)))
    found = decide(CN, asked)
    assert not found.is_allowed
    assert [(gap.kinds, gap.why) for gap in found.missing] == [(("standard_contract", "certification"), why)]
    assert found.mechanism == ()
    good = decide(CN, facts(non_sensitive_total=100_001, evidence=(*asked.evidence, paper("certification"))))
    assert (good.is_allowed, [each.kind for each in good.mechanism]) == (True, ["certification"])


def test_an_assessment_says_for_how_many_persons() -> None:
    for cap, why in ((None, ["cap_not_stated"]), (1_000_001, []), (1_000_000, ["cap_exceeded"])):
        asked = facts(
            non_sensitive_total=1_000_000,
            sensitive_total=1,
            evidence=(*general(), paper("security_assessment", cap_persons=cap)),
        )
        found = decide(CN, asked)
        assert [gap.why for gap in found.missing] == why
        assert found.cap == (cap if not why else None)


def test_an_assessment_ends_after_three_years_whatever_it_says() -> None:
    old = paper("security_assessment", valid_from=date(2024, 2, 29), valid_to=date(2030, 1, 1), cap_persons=3_000_000)
    asked: dict[str, Any] = {"non_sensitive_total": 1_000_000, "evidence": (*general(), old)}
    profile = profile_from_text(shipped_text("CN").replace("2026-01-01\nzone", "2020-01-01\nzone"), "CN")
    assert decide(profile, facts(on=date(2027, 2, 28), **asked)).is_allowed
    assert [gap.why for gap in decide(profile, facts(on=date(2027, 3, 1), **asked)).missing] == ["expired"]


def test_renewal_is_due_sixty_working_days_and_a_margin_before_the_end() -> None:
    # The last day is a Thursday, 31 December 2026: sixty working days before it is 8 October, less 14 days.
    ending = paper("security_assessment", valid_to=date(2026, 12, 31))
    asked: dict[str, Any] = {"non_sensitive_total": 1_000_000, "evidence": (*general(), ending)}
    due = [
        [each.subject for each in decide(CN, facts(on=day, **asked)).warnings if each.code == "renewal"]
        for day in (date(2026, 9, 23), date(2026, 9, 24))
    ]
    assert due == [[], ["security_assessment"]]


def test_a_contract_that_took_effect_is_filed_within_ten_working_days() -> None:
    # In force on Monday, 5 October 2026: the tenth working day after it is Monday, 19 October.
    unfiled = paper("standard_contract", valid_from=date(2026, 10, 5), number=" ")
    asked: dict[str, Any] = {"sensitive_total": 1, "evidence": (*general(), unfiled)}
    in_time, late = (decide(CN, facts(on=date(2026, 10, day), **asked)) for day in (19, 20))
    assert (in_time.is_allowed, [each.code for each in in_time.warnings]) == (True, ["filing"])
    assert "file it by 2026-10-19" in in_time.warnings[0].words.en
    assert (late.is_allowed, [gap.why for gap in late.missing]) == (False, ["not_filed"])
    filed = facts(sensitive_total=1, evidence=(*general(), paper("standard_contract")))
    assert decide(CN, filed).warnings == ()


LEVELS = {69_999: None, 70_000: 70, 84_999: 70, 85_000: 85, 94_999: 85, 95_000: 95, 99_999: 95, 100_000: None}


@pytest.mark.parametrize(("persons", "percent"), LEVELS.items())
def test_a_line_is_told_before_it_is_reached(persons: int, percent: int | None) -> None:
    warned = [each for each in decide(CN, facts(non_sensitive_total=persons)).warnings if each.code == "line"]
    assert [(each.subject, each.percent) for each in warned] == (
        [("cn-line-volume-contract", percent)] if percent else []
    )


@pytest.mark.parametrize(("persons", "percent"), {69: None, 70: 70, 95: 95, 100: 95}.items())
def test_a_cap_is_told_before_it_is_reached(persons: int, percent: int | None) -> None:
    evidence = (*general(), paper("standard_contract", cap_persons=100))
    found = decide(CN, facts(sensitive_total=persons, non_sensitive_total=0, evidence=evidence))
    assert found.is_allowed
    assert [each.percent for each in found.warnings if each.code == "cap"] == ([percent] if percent else [])


def test_a_verdict_without_declared_flows_says_this_system_only() -> None:
    codes = [each.code for each in decide(CN, facts(this_system_only=True, upper_bound=True)).warnings]
    assert codes == ["this_system_only", "upper_bound"]
    assert RouteFacts.__dataclass_fields__["this_system_only"].default is True


def test_a_rule_is_asked_of_the_day_of_the_event() -> None:
    with pytest.raises(ProfileNotInForce, match="CN holds from 2026-01-01 and says nothing of 2025-12-31"):
        decide(CN, facts(on=date(2025, 12, 31)))


def test_a_foreign_court_gets_nothing_of_any_kind_without_approval() -> None:
    asked = facts(for_foreign_authority=True, has_personal=False)
    assert [gap.kinds for gap in decide(CN, asked).missing] == [("authority_approval",)]
    assert decide(CN, facts(for_foreign_authority=True, evidence=(*general(), paper("authority_approval")))).is_allowed


def test_from_the_eu_to_china_names_what_is_missing() -> None:
    found = decide(EU, abroad("CN"))
    assert [gap.kinds for gap in found.missing] == [
        ("standard_clauses",),
        ("china_transfer_assessment",),
        ("supplementary_measures",),
    ]
    asked = abroad("CN", "derogation_record", purpose="deliver", necessity=NEEDED, occasional=True, emergency=True)
    assert not decide(EU, asked).is_allowed


def test_undetermined_important_data_is_refused_although_everything_else_is_on_file() -> None:
    everything = tuple(map(paper, (*GENERAL, "security_assessment", "standard_contract", "certification")))
    found = decide(CN, facts(important_data=None, evidence=everything))
    assert (found.is_allowed, [gap.kinds for gap in found.missing]) == (False, [("important_data_determination",)])


def test_a_profile_in_which_no_row_matches_refuses() -> None:
    only_one = profile_from_text(
        yaml.safe_dump(
            {**yaml.safe_load(shipped_text("EU")), "routes": yaml.safe_load(shipped_text("EU"))["routes"][:1]}
        ),
        "EU",
    )
    found = decide(only_one, FACTS)
    assert (found.row, found.route, found.is_allowed, found.is_free) == ("", "refused", False, False)


ROLES = Roles(
    (
        Role(shop="tmall-1", flow="*", kind="independent_processor", entity="shanghai"),
        Role(shop="tmall-1", flow="crm", kind="joint", entity="shanghai", others=("paris",)),
        Role(shop="tp-shop", flow="*", kind="entrusted", entity="agency", others=("shanghai",)),
        Role(shop="global-site", flow="*", kind="overseas_processor_direct", entity="paris"),
    )
)


@pytest.mark.parametrize(
    ("shop", "flow", "expected"),
    [
        ("tmall-1", "journals", ("shanghai", (), False)),
        ("tmall-1", "crm", ("shanghai", ("paris",), False)),
        ("tp-shop", "journals", ("shanghai", (), False)),
        ("global-site", "orders", ("paris", (), True)),
    ],
)
def test_persons_count_for_the_processor_in_law(shop: str, flow: str, expected: tuple[object, ...]) -> None:
    found = ROLES.processor_of(shop, flow)
    assert (found.processor, found.also, found.is_abroad) == expected


def test_a_shop_of_which_nobody_said_anything_counts_for_nobody_and_is_refused() -> None:
    with pytest.raises(RoleUnknown, match="shop jd-1, permit crm"):
        ROLES.processor_of("jd-1", "crm")
    everywhere = Roles((*ROLES.roles, Role(shop="*", flow="*", kind="independent_processor", entity="shanghai")))
    assert everywhere.processor_of("jd-1", "crm").processor == "shanghai"


def test_an_entrusted_company_names_who_entrusted_it() -> None:
    with pytest.raises(ValueError, match="entrusted"):
        Role(shop="a", flow="*", kind="entrusted", entity="agency")
