"""Whether evidence on file carries a transfer, when it ends and when it has to be renewed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, get_args

from entrepot.residency.profile import EvidenceRule, Profile, Words
from entrepot.residency.profile_lint import EXTRA_EVIDENCE
from entrepot.residency.route_facts import Evidence, Missing, RouteFacts, Why

if TYPE_CHECKING:
    from collections.abc import Iterable

_FEBRUARY = 2
_LEAP_DAY = 29
_SATURDAY = 5

_ORDER: tuple[Why, ...] = get_args(Why)

_WHY: dict[Why, tuple[str, str]] = {
    "none_on_file": ("none is on file; add it", "未登记，请补充"),
    "other_processor": ("what is on file was made for another processor; get one for this", "登记的材料属于其他处理者"),
    "not_yet_valid": ("what is on file does not hold yet on that day; wait for it", "登记的材料当日尚未生效"),
    "expired": ("what is on file had ended by that day; renew it", "登记的材料当日已失效，请续办"),
    "other_purpose": ("what is on file does not name this purpose; extend it", "登记的材料未涵盖该处理目的"),
    "other_recipient": ("what is on file does not name this recipient; extend it", "登记的材料未涵盖该接收方"),
    "basis_not_stated": ("it does not say which basis it is; state it", "未写明合法性基础，请注明"),
    "basis_does_not_fit": (
        "a contract cannot need a transfer for this purpose; name another basis",
        "该目的不属于履行合同所必需，请另行确定合法性基础",
    ),
    "not_filed": (
        "it has no file number and the days for filing are over; file it and note the number",
        "备案期限已过仍无备案号，请备案并登记编号",
    ),
    "cap_not_stated": ("it does not say for how many persons it holds; state it", "未写明批准人数，请注明"),
    "cap_exceeded": (
        "the persons of this year are more than it allows; apply for the next route first",
        "本年人数超过批准上限，请先办理下一路径",
    ),
}
assert set(_WHY) == set(_ORDER), "every reason has its words and its place"


def is_contract_purpose(profile: Profile, purpose: str) -> bool:
    """Whether a contract with the person can need a transfer for this purpose: a closed list."""
    return any(purpose in rule.purposes for rule in profile.legal_basis if rule.kind == "contract_necessity")


def carrying(profile: Profile, kinds: Iterable[str], facts: RouteFacts) -> tuple[Evidence | None, Missing | None]:
    """The first evidence of one of the kinds that carries the transfer, else what is missing.

    Of several that do not carry it, the one that came furthest says why.
    """
    wanted = tuple(kinds)
    worst: Why = "none_on_file"
    for kind in wanted:
        for each in facts.evidence:
            if each.kind != kind:
                continue
            why = _why_not(profile, each, facts)
            if why is None:
                return each, None
            if _ORDER.index(why) > _ORDER.index(worst):
                worst = why
    return None, missing(profile, wanted, worst)


def missing(profile: Profile, kinds: tuple[str, ...], why: Why) -> Missing:
    """What is missing, as a sentence in both languages."""
    titles = [title_of(profile, kind) for kind in kinds]
    en, zh = _WHY[why]
    return Missing(
        kinds,
        why,
        Words(f"{' or '.join(title.en for title in titles)}: {en}", f"{'或'.join(title.zh for title in titles)}：{zh}"),
    )


def title_of(profile: Profile, kind: str) -> Words:
    """What a kind of evidence is called."""
    rule = profile.evidence_rule(kind)
    return rule.title if rule else _EXTRA_TITLES.get(kind, Words(kind, kind))


_EXTRA_TITLES = {
    "authority_approval": Words("approval by the competent authority", "主管机关批准"),
    "guardian_consent": Words("consent of the guardian", "监护人同意"),
    "separate_consent": Words("separate consent", "单独同意"),
}
assert set(_EXTRA_TITLES) == EXTRA_EVIDENCE, "evidence that no profile describes has words here"


def last_day(evidence: Evidence, rule: EvidenceRule | None) -> date | None:
    """The last day on which evidence holds: its own, and never later than the law allows."""
    days = [evidence.valid_to] if evidence.valid_to else []
    if rule is not None and rule.valid_for_years is not None:
        days.append(_years_later(evidence.valid_from, rule.valid_for_years) - timedelta(days=1))
    return min(days, default=None)


def renewal_day(evidence: Evidence, rule: EvidenceRule | None) -> date | None:
    """From which day on renewal is due.

    Working days are Monday to Friday; `margin_days` stand for public holidays, which no profile lists, so that the
    warning comes rather too early than too late.
    """
    end = last_day(evidence, rule)
    if end is None or rule is None or rule.renew_before is None:
        return None
    return _working_days(end, -rule.renew_before.working_days) - timedelta(days=rule.renew_before.margin_days)


def filing_day(evidence: Evidence, rule: EvidenceRule | None) -> date | None:
    """The last day for filing what has to be filed once it has taken effect.

    Public holidays are not taken out, so that the day comes rather too early than too late.
    """
    if rule is None or rule.file_within_working_days is None:
        return None
    return _working_days(evidence.valid_from, rule.file_within_working_days)


def is_unfiled(evidence: Evidence) -> bool:
    """Whether it has no file number yet."""
    return not evidence.number.strip()


def _working_days(start: date, count: int) -> date:
    """The day so many days from Monday to Friday later, or earlier."""
    day, left, step = start, abs(count), timedelta(days=1 if count > 0 else -1)
    while left:
        day += step
        left -= day.weekday() < _SATURDAY
    return day


def _years_later(day: date, years: int) -> date:
    if (day.month, day.day) == (_FEBRUARY, _LEAP_DAY):
        return date(day.year + years, 3, 1)
    return day.replace(year=day.year + years)


def _why_not(profile: Profile, each: Evidence, facts: RouteFacts) -> Why | None:
    rule = profile.evidence_rule(each.kind)
    if rule is None and each.kind not in EXTRA_EVIDENCE:
        return "none_on_file"  # what a profile does not describe carries nothing under it
    end = last_day(each, rule)
    filing = filing_day(each, rule)
    is_scoped = rule is None or rule.scoped
    basis = each.basis if each.kind == "legal_basis" else None
    persons = facts.total_of("sensitive") + facts.total_of("non_sensitive")
    checks: tuple[tuple[Why, bool], ...] = (
        ("other_processor", each.processor != facts.processor),
        ("not_yet_valid", facts.on < each.valid_from),
        ("expired", end is not None and facts.on > end),
        ("other_purpose", is_scoped and facts.purpose not in each.purposes),
        ("other_recipient", is_scoped and facts.recipient not in each.recipients),
        ("basis_not_stated", basis == ""),
        ("basis_does_not_fit", basis == "contract" and not is_contract_purpose(profile, facts.purpose)),
        ("not_filed", is_unfiled(each) and filing is not None and facts.on > filing),
        ("cap_not_stated", rule is not None and rule.capped and each.cap_persons is None),
        ("cap_exceeded", each.cap_persons is not None and persons > each.cap_persons),
    )
    return next((why for why, holds in checks if holds), None)
