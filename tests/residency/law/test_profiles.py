"""Profiles as data: citations, lint, dated versions, and that no shipped rule is idle."""

from __future__ import annotations

import copy
import pickle
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import yaml

from entrepot.residency.law_errors import ProfileInvalid, ProfileUnknown
from entrepot.residency.profile import RULE_SECTIONS, Profile, decode_profile, load_profile, profile_from_text
from entrepot.residency.profile_lint import lint
from tests.residency.law.law_cases import QUESTIONS, ROUTES, VECTORS, ZONE_LIST, outcome, shipped_text
from tests.residency.law.more_regions import OTHERS
from tests.residency.law.questions import DAY

if TYPE_CHECKING:
    from pathlib import Path

REGIONS = ("CN", "EU", *OTHERS)


def tree(region: str) -> Any:
    """The shipped profile as plain data; China with a list of a zone, for none is shipped."""
    found = yaml.safe_load(shipped_text(region))
    return found | (yaml.safe_load(ZONE_LIST) if region == "CN" else {})


TREES = {region: tree(region) for region in REGIONS}


def rules_of(region: str) -> list[tuple[str, int, int | None, str]]:
    found: list[tuple[str, int, int | None, str]] = []
    for section in RULE_SECTIONS:
        for at, rule in enumerate(TREES[region].get(section, [])):
            found.append((section, at, None, rule["id"]))
            found += [(section, at, inner, each["id"]) for inner, each in enumerate(rule.get("thresholds", []))]
    return found


RULES = [(region, *rule) for region in REGIONS for rule in rules_of(region)]


def answers(profile: Profile, region: str) -> dict[str, object]:
    return {title: outcome(profile, asked) for title, (where, asked) in ROUTES.items() if where == region} | {
        title: ask(profile) for title, (where, ask, _) in QUESTIONS.items() if where == region
    }


BEFORE = {region: answers(msgspec.convert(TREES[region], Profile), region) for region in REGIONS}


@pytest.mark.parametrize(("region", "section", "at", "inner", "name"), RULES, ids=[rule[-1] for rule in RULES])
def test_no_rule_is_idle_without_it_a_titled_case_comes_out_otherwise(
    region: str, section: str, at: int, inner: int | None, name: str
) -> None:
    mutant = copy.deepcopy(TREES[region])
    removed = mutant[section].pop(at) if inner is None else mutant[section][at]["thresholds"].pop(inner)
    assert removed["id"] == name
    after = answers(msgspec.convert(mutant, Profile), region)
    assert [title for title in after if after[title] != BEFORE[region][title]], f"{name} decides nothing"


@pytest.mark.parametrize("title", QUESTIONS)
def test_a_question_to_the_law_has_its_answer(title: str) -> None:
    region, ask, answer = QUESTIONS[title]
    assert ask(load_profile(region, DAY)) == answer


@pytest.mark.parametrize("region", REGIONS)
def test_every_shipped_rule_says_where_it_stands_and_how_far_that_was_checked(region: str) -> None:
    rules = [rule for _, rule in load_profile(region, DAY).rules()]
    assert len(rules) == len([each for each in RULES if each[0] == region]) - (region == "CN")
    for rule in rules:
        assert rule.cite.instrument
        assert rule.cite.article
        assert rule.cite.text_version
        assert rule.cite.source
        assert rule.cite.checked_on in {date(2026, 11, 21), date(2026, 11, 29)}
        assert rule.cite.mark == "M" or "not read for this file" not in rule.cite.source
        assert rule.cite.mark in {"T", "V", "S", "M"}


def test_the_vectors_are_nine() -> None:
    assert len(VECTORS) == 9


def changed(region: str, change: str) -> str:
    """The shipped text with one statement replaced; the statement must be there."""
    old, new = change.split(" -> ")
    text = shipped_text(region)
    assert old in text, old
    return text.replace(old, new, 1)


WRONG = {
    "a line that falls": ("persons: 100000\n -> persons: 1000000\n", "cn-line-volume-assessment: 1000000 persons"),
    "a rule named twice": ("id: cn-2-no-personal-data -> id: cn-1-important-data", "cn-1-important-data: two rules"),
    "a route to nowhere": ("route: free -> route: gratis", "gratis"),
    "a condition nobody knows": ("when: {ciio: true} -> when: {ceo: true}", "ceo"),
    "no condition": ("when: {ciio: true} -> when: {}", "cn-8-critical-operator: it has no condition"),
    "a line nobody drew": (
        "{non_sensitive_below: cn-line-volume-contract -> {non_sensitive_below: cn-line-none",
        "cn-12-small: non_sensitive_below names no threshold",
    ),
    "a line of the other class": (
        "when: {non_sensitive_from: cn-line-volume-assessment} -> when: {sensitive_from: cn-line-volume-assessment}",
        "names a threshold of non_sensitive",
    ),
    "evidence nobody described": ("[[standard_contract, certification]] -> [[promise]]", "evidence `promise`"),
    "a route that asks nothing": (
        "evidence_required: [[security_assessment]] -> exempt: false",
        "asks for no evidence",
    ),
    "an empty group": ("evidence_required: [[security_assessment]] -> evidence_required: [[]]", "group of evidence"),
    "a purpose more": ("after_sale] -> after_sale, analytics]", "cn-contract-purposes: purpose `analytics`"),
    "a kind nobody knows": ("kinds: [resident_id] -> kinds: [passport]", "cn-resident-id: kind `passport`"),
    "goods nobody knows": ("goods: [health, -> goods: [wine,", "cn-person-and-goods: goods `wine`"),
    "sensitive without a part": ("kinds: [resident_id] -> kinds: []", "cn-resident-id: it names nothing"),
    "levels out of order": ("[70, 85, 95] -> [85, 70, 95]", "cn-persons: warn_at_percent"),
    "a window without a zone": ("calendar_year@Asia/Shanghai -> calendar_year", "cn-persons: window"),
    "a window of another zone": ("calendar_year@Asia/Shanghai -> calendar_year@UTC", "cn-persons: its window"),
    "a zone that is none": ("zone: Asia/Shanghai -> zone: Asia/Nowhere", "CN: zone Asia/Nowhere"),
    "a clock that tells nobody": ("tell: [authority, persons] -> tell: []", "cn-remedy: it tells nobody"),
    "a clock backwards": ("hours: 4 -> hours: -4", "cn-major-report: hours"),
    "a request nobody makes": ("requests: [erase] -> requests: [forget]", "cn-erase: request `forget`"),
    "kept for no time": ("months_min: 6 -> months_min: 0", "cn-network-logs"),
    "an authority that nothing opens": ("unless: [authority_approval] -> unless: []", "cn-foreign-authority"),
    "a title in one language": ("zh: 重要数据} -> zh: ''}", "cn-1-important-data: its title"),
    "half a citation": (
        'article: "7(1)", mark: V -> article: "", mark: V',
        "cn-8-critical-operator: its citation lacks",
    ),
    "a mark nobody knows": ('article: "7(1)", mark: V -> article: "7(1)", mark: Z', "Z"),
    "no YAML": ("localise: -> localise: [", "CN.yaml"),
    "a word of no section": ("localise: -> colour: red\nlocalise:", "colour"),
    "a list of half the lines": (
        "zones: [] -> " + ZONE_LIST.replace("          cn-line-sensitive-contract: 5000\n", ""),
        "zone-list-2025: thresholds of a list",
    ),
    "a list with no person": (
        "zones: [] -> " + ZONE_LIST.replace("cn-line-sensitive-contract: 5000", "cn-line-sensitive-contract: 0"),
        "zone-list-2025: threshold cn-line-sensitive-contract",
    ),
}


@pytest.mark.parametrize("title", WRONG)
def test_a_profile_that_does_not_hold_together_is_refused_and_names_the_rule(title: str) -> None:
    change, problem = WRONG[title]
    with pytest.raises(ProfileInvalid) as caught:
        profile_from_text(changed("CN", change), "CN.yaml")
    assert problem in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_rule_without_a_citation_is_refused() -> None:
    without = copy.deepcopy(TREES["EU"])
    del without["routes"][4]["cite"]
    with pytest.raises(ProfileInvalid, match="eu-4-china: it has no citation"):
        profile_from_text(yaml.safe_dump(without, allow_unicode=True), "EU.yaml")


def test_a_profile_without_routes_is_refused() -> None:
    without = TREES["EU"] | {"routes": []}
    with pytest.raises(ProfileInvalid, match="EU: it has no routes"):
        profile_from_text(yaml.safe_dump(without, allow_unicode=True), "EU.yaml")


def test_yaml_that_would_make_objects_makes_none(tmp_path: Path) -> None:
    target = tmp_path / "made"
    text = f"localise: !!python/object/apply:os.mkdir ['{target}']\n"
    with pytest.raises(ProfileInvalid):
        profile_from_text(text, "evil.yaml")
    assert not target.exists()


def test_the_digest_is_of_the_rules_and_not_of_the_way_they_are_written() -> None:
    plain = profile_from_text(shipped_text("CN"), "a")
    commented = profile_from_text("# a remark\n" + shipped_text("CN"), "b")
    rewritten = profile_from_text(yaml.safe_dump(yaml.safe_load(shipped_text("CN")), allow_unicode=True), "c")
    other = profile_from_text(changed("CN", "persons: 10000\n -> persons: 9000\n"), "d")
    assert plain.digest.startswith("sha256:")
    assert len(plain.digest) == len("sha256:") + 64
    assert plain.digest == commented.digest == rewritten.digest
    assert other.digest != plain.digest


def test_the_profile_of_a_day_is_the_newest_that_held_then(tmp_path: Path) -> None:
    later = changed("CN", "effective_from: 2026-01-01 -> effective_from: 2027-03-01").replace(
        "persons: 10000\n", "persons: 5000\n"
    )
    (tmp_path / "CN.2027-03-01.yaml").write_text(later, encoding="utf-8")
    (tmp_path / "CNX.yaml").write_text("no profile of CN", encoding="utf-8")
    lines = {
        day: load_profile("CN", day, tmp_path).thresholds()["cn-line-sensitive-assessment"].persons
        for day in (date(2026, 1, 1), date(2027, 2, 28), date(2027, 3, 1), date(2030, 1, 1))
    }
    assert list(lines.values()) == [10_000, 10_000, 5_000, 5_000]


def test_a_day_before_every_profile_has_no_law_here_and_no_free_pass() -> None:
    with pytest.raises(ProfileUnknown, match="no profile CN is in force on 2025-12-31; known: CN from 2026-01-01"):
        load_profile("CN", date(2025, 12, 31))
    with pytest.raises(ProfileUnknown, match="no profile XX is in force on 2026-11-01; known: none"):
        load_profile("XX", DAY)


def test_a_profile_in_the_file_of_another_region_is_refused(tmp_path: Path) -> None:
    (tmp_path / "CN.yaml").write_text(shipped_text("EU"), encoding="utf-8")
    with pytest.raises(ProfileInvalid, match="its `name` is EU"):
        load_profile("CN", DAY, tmp_path)


def test_two_files_of_one_region_and_day_are_refused(tmp_path: Path) -> None:
    for name in ("CN.yaml", "CN.2026-01-01.yaml"):
        (tmp_path / name).write_text(shipped_text("CN"), encoding="utf-8")
    with pytest.raises(ProfileInvalid, match="another file too is effective_from 2026-01-01"):
        load_profile("CN", DAY, tmp_path)


def test_ones_own_profile_takes_the_place_of_the_shipped_one_of_that_day(tmp_path: Path) -> None:
    (tmp_path / "CN.yaml").write_text(changed("CN", "persons: 10000\n -> persons: 9000\n"), encoding="utf-8")
    assert load_profile("CN", DAY, tmp_path).thresholds()["cn-line-sensitive-assessment"].persons == 9_000


def test_lint_of_a_shipped_profile_finds_nothing() -> None:
    assert [lint(decode_profile(shipped_text(region), region)) for region in REGIONS] == [[]] * len(REGIONS)
