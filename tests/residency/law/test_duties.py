"""What is sensitive and who may say otherwise; what a profile answers beside the route."""

from __future__ import annotations

from datetime import date

import pytest

from entrepot.model import table
from entrepot.residency.duties import FieldSet, Override, class_of, field_set, months_kept, request_rule, sensitive_rule
from entrepot.residency.profile import load_profile
from tests.residency.law.questions import DAY

CN = load_profile("CN", DAY)
ID_NUMBER = FieldSet(kinds=frozenset({"resident_id"}), classes=frozenset({"personal"}))
CARD = FieldSet(kinds=frozenset({"financial_account"}), classes=frozenset({"personal"}))
SAID = Override("cn-resident-id", "GB/T 45574 does not list a bare number", "Li Na", DAY)


def test_an_identity_number_is_sensitive_until_somebody_says_why_not() -> None:
    assert class_of(CN, ID_NUMBER, DAY) == "sensitive"
    assert class_of(CN, ID_NUMBER, DAY, [SAID]) == "non_sensitive"


NOTHING = {
    "without a reason": Override("cn-resident-id", " ", "Li Na", DAY),
    "without a name": Override("cn-resident-id", "because", "", DAY),
    "from tomorrow on": Override("cn-resident-id", "because", "Li Na", date(2026, 11, 2)),
    "of another rule": Override("cn-under-fourteen", "because", "Li Na", DAY),
}


@pytest.mark.parametrize("title", NOTHING)
def test_an_override_lifts_nothing(title: str) -> None:
    assert class_of(CN, ID_NUMBER, DAY, [NOTHING[title]]) == "sensitive"


def test_what_the_law_itself_lists_is_not_lifted() -> None:
    assert class_of(CN, CARD, DAY, [Override("cn-listed-kinds", "because", "Li Na", DAY)]) == "sensitive"


def test_an_override_lifts_its_rule_and_not_the_others() -> None:
    beside = FieldSet(ID_NUMBER.kinds, ID_NUMBER.classes, frozenset({"health"}))
    found = sensitive_rule(CN, beside, DAY, [SAID])
    assert found is not None
    assert found.id == "cn-person-and-goods"


def test_a_token_counts_a_person_and_a_personal_value_does_whatever_its_class() -> None:
    assert class_of(CN, FieldSet(classes=frozenset({"pseudonymous"})), DAY) == "non_sensitive"
    assert class_of(CN, FieldSet(kinds=frozenset({"mobile"})), DAY) == "non_sensitive"
    assert class_of(CN, FieldSet(classes=frozenset({"business", "operational"})), DAY) == "none"


def test_columns_of_tables_make_a_set_and_goods_without_sensitivity_are_none() -> None:
    columns = [each for each in table("persons").fields if each.name in ("mobile", "person_key")]
    plain = field_set(columns, ["none"])
    assert (plain.kinds, plain.goods) == (frozenset({"mobile"}), frozenset())
    assert class_of(CN, plain, DAY) == "non_sensitive"
    assert class_of(CN, field_set(columns, ["none", "intimate"]), DAY) == "sensitive"
    assert class_of(CN, field_set(columns, has_children=True), DAY) == "sensitive"


def test_what_a_profile_does_not_speak_of_has_no_term_and_no_rule() -> None:
    assert months_kept(CN, "marketing_wish") == 0
    assert request_rule(CN, "horoscope") is None
