"""Which route a transfer needs and whether it is open: the profile's ordered list, asked with the facts of a transfer.

Nothing here is legal advice, and nothing here counts persons or sends anything. The first row that matches decides,
also where a later one would be kinder. A rule is asked as of the day of the transfer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.residency.law_errors import ProfileNotInForce
from entrepot.residency.profile import FREE_ROUTES, Cite, Profile, Route, Threshold, When, Words, ZoneEntry
from entrepot.residency.route_evidence import (
    carrying,
    filing_day,
    is_contract_purpose,
    is_unfiled,
    last_day,
    missing,
    renewal_day,
    title_of,
)
from entrepot.residency.route_facts import Evidence, Missing, Necessity, RouteFacts, Verdict, Warned, ZoneFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Evidence",
    "Missing",
    "Necessity",
    "RouteFacts",
    "Verdict",
    "Warned",
    "ZoneFacts",
    "decide",
]

_WHOLE = 100
_EMPLOYEES = frozenset({"employee"})


def decide(profile: Profile, facts: RouteFacts) -> Verdict:
    """What the law of a region says to one transfer.

    Raises:
        ProfileNotInForce: The transfer is older than the profile.
    """
    if facts.on < profile.effective_from:
        raise ProfileNotInForce(profile.name, profile.effective_from.isoformat(), facts.on.isoformat())
    entry = _zone_entry(profile, facts)
    lines = _lines(profile, entry)
    row = next((row for row in profile.routes if _matches(profile, row.when, facts, entry, lines)), None)
    lacking, mechanism = _needs(profile, row, facts)
    caps = [each.cap_persons for each in mechanism if each.cap_persons is not None]
    cap = min(caps, default=None)
    route = row.route if row else "refused"
    return Verdict(
        profile=profile.name,
        profile_digest=profile.digest,
        on=facts.on,
        row=row.id if row else "",
        route=route,
        is_free=route in FREE_ROUTES,
        is_allowed=route != "refused" and not lacking,
        exempt=row is not None and row.exempt,
        count_exempt=profile.count_exempt,
        cite=row.cite if row else Cite(),
        reasons=_reasons(profile, row, facts),
        missing=lacking,
        mechanism=mechanism,
        cap=cap,
        warnings=_warnings(profile, facts, lines, mechanism, cap),
    )


def _zone_entry(profile: Profile, facts: RouteFacts) -> ZoneEntry | None:
    """The entry of a shipped list under which an exporter in a zone meets every condition; None without a list."""
    zone = facts.zone
    if zone is None or facts.is_ciio or facts.important_data is not False:
        return None
    if not (zone.is_registered and zone.exports_from_zone and zone.filing.strip()):
        return None
    for each in profile.zones:
        if (each.id, each.zone) != (zone.list_id, zone.zone) or each.effective_from > facts.on:
            continue
        for entry in each.entries:
            if (entry.sector, entry.scenario) == (zone.sector, zone.scenario):
                return entry
    return None


def _lines(profile: Profile, entry: ZoneEntry | None) -> dict[str, tuple[Threshold, int]]:
    """Every line with its number of persons; a zone's own numbers take the place of the law's."""
    own = entry.thresholds if entry else {}
    return {name: (line, own.get(name, line.persons)) for name, line in profile.thresholds().items()}


def _matches(
    profile: Profile,
    when: When,
    facts: RouteFacts,
    entry: ZoneEntry | None,
    lines: Mapping[str, tuple[Threshold, int]],
) -> bool:
    important = {None: "undetermined", True: "yes", False: "no"}[facts.important_data]
    is_outside_list = (
        entry is not None and not entry.thresholds and facts.zone is not None and not facts.zone.is_on_list
    )
    asked: tuple[tuple[object, object], ...] = (
        (when.important_data, important),
        (when.personal, facts.has_personal),
        (when.collected_abroad, facts.collected_abroad),
        (when.contract_necessity, _is_necessary(profile, facts)),
        (when.hr, facts.hr and facts.subjects == _EMPLOYEES),
        (when.emergency, facts.emergency),
        (when.occasional, facts.occasional),
        (when.ciio, facts.is_ciio and facts.has_personal),
        (when.zone, "outside_list" if is_outside_list else "no"),
    )
    if any(wanted is not None and wanted != found for wanted, found in asked):
        return False
    region = facts.recipient_region
    if when.recipient_in and region not in when.recipient_in:
        return False
    if region in when.recipient_not_in:
        return False
    if when.on_file and carrying(profile, when.on_file, facts)[0] is None:
        return False
    return _within_lines(when, facts, lines)


def _within_lines(when: When, facts: RouteFacts, lines: Mapping[str, tuple[Threshold, int]]) -> bool:
    """Whether the totals are on the asked side of every line; a line that is not there is on neither side."""
    for name, class_name, is_floor in (
        (when.sensitive_from, "sensitive", True),
        (when.sensitive_below, "sensitive", False),
        (when.non_sensitive_from, "non_sensitive", True),
        (when.non_sensitive_below, "non_sensitive", False),
    ):
        if name is None:
            continue
        if name not in lines or (facts.total_of(class_name) >= lines[name][1]) is not is_floor:
            return False
    return True


def _is_necessary(profile: Profile, facts: RouteFacts) -> bool:
    claim = facts.necessity
    if claim is None or not claim.is_needed or not claim.basis.strip():
        return False
    return is_contract_purpose(profile, facts.purpose)


def _needs(profile: Profile, row: Route | None, facts: RouteFacts) -> tuple[tuple[Missing, ...], tuple[Evidence, ...]]:
    """What is missing, and the evidence of the route that carries the transfer."""
    lacking: list[Missing] = []
    mechanism: list[Evidence] = []
    for group in row.evidence_required if row else ():
        found, gap = carrying(profile, group, facts)
        mechanism += [found] if found else []
        lacking += [gap] if gap else []
    general = [
        (rule.id,)
        for rule in profile.evidence
        if rule.needed == "every" or (rule.needed == "personal" and facts.has_personal)
    ]
    for kinds in (*general, *_basis_needs(profile, facts), *_authority_needs(profile, facts)):
        gap = carrying(profile, kinds, facts)[1]
        lacking += [gap] if gap else []
    if facts.important_data is None and not any("important_data_determination" in gap.kinds for gap in lacking):
        lacking.append(missing(profile, ("important_data_determination",), "none_on_file"))
    return tuple(lacking), tuple(mechanism)


def _basis_needs(profile: Profile, facts: RouteFacts) -> list[tuple[str, ...]]:
    """Separate consent where consent is the basis, the guardian's where a child is among the persons."""
    if not facts.has_personal:
        return []
    found = carrying(profile, ("legal_basis",), facts)[0]
    acts = {"export", "sensitive"} if facts.is_sensitive else {"export"}
    needs: list[tuple[str, ...]] = []
    for rule in profile.legal_basis:
        rests_on_consent = found is not None and found.basis == "consent" and bool(acts & set(rule.acts))
        if (rule.kind == "separate_consent" and rests_on_consent) or (rule.kind == "child" and facts.with_children):
            needs += [(kind,) for kind in rule.evidence]
    return needs


def _authority_needs(profile: Profile, facts: RouteFacts) -> list[tuple[str, ...]]:
    """A foreign court or authority gets nothing, of any kind of data, without approval."""
    if not facts.for_foreign_authority:
        return []
    return [(kind,) for rule in profile.foreign_authority for kind in rule.unless]


def _reasons(profile: Profile, row: Route | None, facts: RouteFacts) -> tuple[Words, ...]:
    reasons = [row.title if row else Words("no rule of the profile opens a way for this", "法规画像中没有适用的路径")]
    if profile.counters and facts.has_personal:
        plain, sensitive = facts.total_of("non_sensitive"), facts.total_of("sensitive")
        reasons.append(
            Words(
                f"persons this year: {plain:,} without sensitive data, {sensitive:,} with",
                f"本年人数：非敏感 {plain:,}，敏感 {sensitive:,}",
            )
        )
    if facts.necessity is not None and not _is_necessary(profile, facts):
        reasons.append(
            Words(
                f"contract necessity does not hold: it has to be shown, and for {facts.purpose} it cannot be claimed"
                if not is_contract_purpose(profile, facts.purpose)
                else "contract necessity does not hold: it has to be shown with its basis",
                "不构成履行合同所必需",
            )
        )
    if facts.hr and facts.subjects != _EMPLOYEES:
        reasons.append(
            Words(
                "the rule on employees is for employees only, others are among them",
                "人力资源例外仅限员工，现含其他人员",
            )
        )
    if row is not None and row.note is not None:
        reasons.append(row.note)
    if row is not None and row.route == "free" and facts.has_personal:
        reasons.append(
            Words(
                "free means no filing: assessment, notice, legal basis and records are needed all the same",
                "免于申报不免除影响评估、告知、合法性基础及记录义务",
            )
        )
    return tuple(reasons)


def _warnings(
    profile: Profile,
    facts: RouteFacts,
    lines: Mapping[str, tuple[Threshold, int]],
    mechanism: tuple[Evidence, ...],
    cap: int | None,
) -> tuple[Warned, ...]:
    found: list[Warned] = []
    levels = sorted({level for counter in profile.counters for level in counter.warn_at_percent})
    if facts.has_personal:
        for line, persons in lines.values():
            found += _level(levels, facts.total_of(line.class_), persons, "line", line.id, line.title)
    if cap is not None:
        persons = facts.total_of("sensitive") + facts.total_of("non_sensitive")
        found += _level(levels, persons, cap, "cap", mechanism[0].kind, Words("the cap", "批准上限"))
    for each in mechanism:
        found += _on_paper(profile, each, facts)
    if facts.has_personal and profile.counters:
        found += _on_the_count(facts)
    return tuple(found)


def _level(levels: list[int], persons: int, line: int, code: str, subject: str, title: Words) -> list[Warned]:
    """The highest level that was reached below a line; at the line itself the route speaks."""
    reached = [level for level in levels if persons * _WHOLE >= level * line]
    is_at_cap = code == "cap" and persons <= line
    if not reached or not (persons < line or is_at_cap):
        return []
    words = Words(
        f"{reached[-1]} % of {line:,} persons are reached: {title.en}", f"已达 {line:,} 人的 {reached[-1]}%：{title.zh}"
    )
    return [Warned("cap" if code == "cap" else "line", subject, reached[-1], words)]


def _on_paper(profile: Profile, each: Evidence, facts: RouteFacts) -> list[Warned]:
    """What has to be filed or renewed soon."""
    rule, title = profile.evidence_rule(each.kind), title_of(profile, each.kind)
    filing, renewal, end = filing_day(each, rule), renewal_day(each, rule), last_day(each, rule)
    found = []
    if filing is not None and is_unfiled(each):
        words = Words(f"{title.en}: file it by {filing}", f"{title.zh}：请于 {filing} 前备案")
        found.append(Warned("filing", each.kind, None, words))
    if renewal is not None and facts.on >= renewal:
        words = Words(f"{title.en}: ends on {end}, ask for renewal now", f"{title.zh}：{end} 到期，请立即申请延期")
        found.append(Warned("renewal", each.kind, None, words))
    return found


def _on_the_count(facts: RouteFacts) -> list[Warned]:
    found = []
    if facts.this_system_only:
        words = Words(
            "this system only: flows outside it and the balance at the start of the year are not declared",
            "仅统计本系统：未申报系统外流量及年初累计数",
        )
        found.append(Warned("this_system_only", facts.processor, None, words))
    if facts.upper_bound:
        words = Words(
            "not all persons could be told apart: the count is an upper bound", "部分人员无法去重，人数为上限"
        )
        found.append(Warned("upper_bound", facts.processor, None, words))
    return found
