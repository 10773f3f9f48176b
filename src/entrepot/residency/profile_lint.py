"""What must hold in a profile before a rule of it is used. Each finding names the rule and what to do."""

from __future__ import annotations

import re
from collections import Counter as Tally
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

from entrepot.model import PersonalKind, ResidencyClass
from entrepot.residency.profile import Clock, Counter, Profile, Route, When

KINDS = frozenset(kind.value for kind in PersonalKind) | {
    "biometric",
    "financial_account",
    "medical",
    "religion",
    "specific_identity",
    "whereabouts",
}
"""Kinds of personal value that a profile may speak of; the first six are those of canonical tables."""

GOODS = frozenset({"health", "intimate", "child"})
"""Sensitivities of goods, as `skus.sensitivity` has them."""

PURPOSES = frozenset({"conclude", "deliver", "clear_customs", "pay", "refund", "after_sale"})
"""Purposes for which a contract with the person can need a transfer. Closed: a profile may have fewer, never more."""

REQUESTS = frozenset({"access", "copy", "portability", "correct", "erase", "restrict", "withdraw", "explain"})
EXTRA_EVIDENCE = frozenset({"authority_approval", "guardian_consent", "separate_consent"})
"""Evidence that follows from a basis or an approval rather than from a route."""

_TOLD = frozenset({"authority", "persons", "police"})
_ACTS = frozenset({"export", "sensitive", "publish", "provide"})
_LINES = ("sensitive_from", "sensitive_below", "non_sensitive_from", "non_sensitive_below")
_PERCENT_MAX = 100
_WINDOW = re.compile(r"calendar_year@(.+)")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a profile that must be mended.

    Attributes:
        rule: Id of the rule.
        problem: What is wrong and what to do.
    """

    rule: str
    problem: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.problem}"


def lint(profile: Profile) -> list[Finding]:
    """Everything that does not hold together, in the order of the file; empty for a sound profile."""
    return [
        *_plain_problems(profile),
        *_route_problems(profile),
        *_counter_problems(profile),
        *_zone_list_problems(profile),
        *_word_problems(profile),
    ]


def _plain_problems(profile: Profile) -> list[Finding]:
    found = []
    ids = [rule.id for _, rule in profile.rules()]
    found += [Finding(name, "two rules have this id; give each its own") for name, n in Tally(ids).items() if n > 1]
    for _, rule in profile.rules():
        empty = [part for part in ("instrument", "article", "text_version", "source", "mark") if not _said(rule, part)]
        empty += ["checked_on"] if rule.cite.checked_on is None else []
        if len(empty) > 1 and not rule.cite.instrument:
            found.append(Finding(rule.id, "it has no citation; add `cite` with instrument and article"))
        elif empty:
            found.append(Finding(rule.id, f"its citation lacks {', '.join(empty)}; say where the rule stands"))
        if not rule.title.en.strip() or not rule.title.zh.strip():
            found.append(Finding(rule.id, "its title is empty in one language; give both"))
    if not _is_zone(profile.zone):
        found.append(Finding(profile.name, f"zone {profile.zone} is not a time zone; name one such as Asia/Shanghai"))
    return found


def _said(rule: object, part: str) -> bool:
    return bool(str(getattr(rule.cite, part)).strip())  # type: ignore[attr-defined]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _route_problems(profile: Profile) -> list[Finding]:
    found = [] if profile.routes else [Finding(profile.name, "it has no routes; without one nothing may leave")]
    lines = profile.thresholds()
    known = {rule.id for rule in profile.evidence} | EXTRA_EVIDENCE
    for row in profile.routes:
        if row.when == When():
            found.append(Finding(row.id, "it has no condition and would hide every row after it; give it one"))
        for part in _LINES:
            name = getattr(row.when, part)
            if name is None:
                continue
            line = lines.get(name)
            if line is None:
                found.append(Finding(row.id, f"{part} names no threshold of a counter: {name}"))
            elif part.rsplit("_", 1)[0] != line.class_:
                found.append(Finding(row.id, f"{part} names a threshold of {line.class_}: {name}"))
        asked = [kind for group in row.evidence_required for kind in group] + list(row.when.on_file)
        found += [
            Finding(row.id, f"evidence `{kind}` is not described; add it under `evidence`")
            for kind in asked
            if kind not in known
        ]
        found += _route_evidence_problems(row)
    return found


def _route_evidence_problems(row: Route) -> list[Finding]:
    if any(not group for group in row.evidence_required):
        return [Finding(row.id, "a group of evidence is empty; name one kind at least")]
    if row.route not in ("free", "adequacy", "refused") and not row.evidence_required:
        return [Finding(row.id, f"the route {row.route} asks for no evidence; say what must be on file")]
    return []


def _counter_problems(profile: Profile) -> list[Finding]:
    found: list[Finding] = []
    for counter in profile.counters:
        window = _WINDOW.fullmatch(counter.window)
        if window is None or not _is_zone(window[1]):
            found.append(Finding(counter.id, "window is not calendar_year@ZONE with a time zone"))
        elif window[1] != profile.zone:
            found.append(Finding(counter.id, f"its window is in {window[1]}, the profile in {profile.zone}; use one"))
        levels = list(counter.warn_at_percent)
        if levels != sorted(set(levels)) or any(not 0 < level < _PERCENT_MAX for level in levels):
            found.append(Finding(counter.id, "warn_at_percent rises from 1 to 99; put it in order"))
        found += _line_problems(counter)
    return found


def _line_problems(counter: Counter) -> list[Finding]:
    found = []
    for name in ("sensitive", "non_sensitive"):
        lines = [line for line in counter.thresholds if line.class_ == name]
        for lower, higher in pairwise(lines):
            if lower.persons >= higher.persons:
                found.append(
                    Finding(higher.id, f"{higher.persons} persons come after {lower.persons}; thresholds must rise")
                )
        if lines and name not in counter.classes:
            found.append(Finding(counter.id, f"thresholds count {name}, which is not in `classes`"))
        found += [Finding(line.id, "a threshold is 1 person or more") for line in lines if line.persons < 1]
    return found


def _zone_list_problems(profile: Profile) -> list[Finding]:
    found = []
    lines = set(profile.thresholds())
    for each in profile.zones:
        for entry in each.entries:
            given = set(entry.thresholds)
            if given and given != lines:
                wrong = ", ".join(sorted(given ^ lines))
                found.append(Finding(each.id, f"thresholds of a list replace all or none; look at {wrong}"))
            found += [
                Finding(each.id, f"threshold {name} is 1 person or more")
                for name, persons in entry.thresholds.items()
                if persons < 1
            ]
    return found


def _word_problems(profile: Profile) -> list[Finding]:
    found: list[Finding] = []
    classes = {each.value for each in ResidencyClass}
    evidence = {rule.id for rule in profile.evidence} | EXTRA_EVIDENCE
    for rule in profile.sensitive:
        found += _unknown(rule.id, "kind", rule.kinds, KINDS)
        found += _unknown(rule.id, "class", rule.classes, classes)
        found += _unknown(rule.id, "goods", rule.goods, GOODS)
        if not (rule.kinds or rule.classes or rule.goods or rule.children):
            found.append(Finding(rule.id, "it names nothing and would make everything sensitive; give it a part"))
    for basis in profile.legal_basis:
        found += _unknown(basis.id, "purpose", basis.purposes, PURPOSES)
        found += _unknown(basis.id, "act", basis.acts, _ACTS)
        found += _unknown(basis.id, "evidence", basis.evidence, evidence)
        needed = {"contract_necessity": basis.purposes, "separate_consent": basis.acts, "child": basis.age}
        if not needed[basis.kind]:
            found.append(Finding(basis.id, f"a rule of kind {basis.kind} lacks its purposes, acts or age"))
    for request in profile.dsr:
        found += _unknown(request.id, "request", request.requests, REQUESTS)
    for clock in profile.incident:
        found += _clock_problems(clock)
    for authority in profile.foreign_authority:
        found += _unknown(authority.id, "evidence", authority.unless, evidence)
        if not authority.unless:
            found.append(Finding(authority.id, "it names no approval; say under `unless` which one opens it"))
    found += [Finding(record.id, "months_min is 1 or more") for record in profile.records if record.months_min < 1]
    return found


def _clock_problems(clock: Clock) -> list[Finding]:
    found = _unknown(clock.id, "receiver", clock.tell, _TOLD)
    if not clock.tell:
        found.append(Finding(clock.id, "it tells nobody; say who"))
    if clock.hours < 0 or clock.persons_from < 0:
        found.append(Finding(clock.id, "hours and persons are 0 or more"))
    return found


def _unknown(rule: str, what: str, words: tuple[str, ...], known: frozenset[str] | set[str]) -> list[Finding]:
    return [
        Finding(rule, f"{what} `{word}` is not known; known: {', '.join(sorted(known))}")
        for word in words
        if word not in known
    ]
