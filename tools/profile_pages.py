"""The reference page of the shipped profiles: every rule with its citation. Called by `tools.reference_pages`."""

from __future__ import annotations

from importlib import resources
from typing import Any

import msgspec

from entrepot.residency.profile import Counter, Profile, Rule, profile_from_text

_SECTIONS = {
    "localise": ("Where data is kept", "数据存放"),
    "routes": ("Routes: the first row that matches decides", "出境路径（依次匹配，首个符合者生效）"),
    "counters": ("Counters and lines", "人数累计与门槛"),
    "evidence": ("Evidence on file", "须备材料"),
    "zones": ("Lists of free-trade zones", "自贸区负面清单"),
    "legal_basis": ("Legal basis", "合法性基础"),
    "sensitive": ("What is sensitive", "敏感个人信息"),
    "dsr": ("Requests of persons", "个人权利请求"),
    "incident": ("Incidents", "事件报告"),
    "records": ("Records", "记录保存"),
    "foreign_authority": ("Foreign courts and authorities", "外国司法或者执法机构"),
}
_MARKS = {"T": "text read", "V": "clause read as quoted", "S": "secondary source", "M": "from memory"}
_ELSEWHERE = frozenset({"id", "title", "cite", "thresholds"})
_HEAD = """\
# Profiles

The law of a region as `entrepot.residency` reads it: one dated file per region, a citation on every rule. **This is
engineering input and no legal advice.** No official page was opened for it; the last column says how far a citation was
checked. Have counsel confirm a rule before you rely on it, and put a file of your own beside the shipped ones where you
know better (`CN.2027-01-01.yaml` with a later `effective_from`, or the same day to take a shipped one's place).

A rule holds by the day of the event. A day before every profile has no verdict, and no free pass. A profile that does
not hold together is refused whole: a rule without citation, a word that is not known, thresholds that do not rise.

This page is written by `python -m tools.reference_pages`; do not edit it.
"""


def shipped_profiles() -> tuple[Profile, ...]:
    """Every profile of the package, by name of the file."""
    folder = resources.files("entrepot.residency") / "profiles"
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".yaml")), key=lambda each: each.name)
    return tuple(profile_from_text(each.read_text(encoding="utf-8"), each.name) for each in files)


def profiles_page() -> str:
    """All shipped profiles."""
    parts = [_HEAD]
    for profile in shipped_profiles():
        parts.append(f"\n## {profile.name}: {profile.title.en} {profile.title.zh}\n")
        parts.append(f"From {profile.effective_from.isoformat()}, days and years of {profile.zone}.\n")
        parts.append(f"Digest: `{profile.digest}`.")
        for section, (english, chinese) in _SECTIONS.items():
            rules = getattr(profile, section)
            parts.append(f"\n### {profile.name}: {english} {chinese}\n")
            if not rules:
                parts.append("None is shipped.")
                continue
            parts.append(
                "| rule | what it says | as data | where it stands | checked |\n| --- | --- | --- | --- | --- |"
            )
            for rule in rules:
                parts.append(_row(rule))
                parts += [_row(line) for line in rule.thresholds] if isinstance(rule, Counter) else []
    return "\n".join(parts) + "\n"


def _row(rule: Rule) -> str:
    cite = rule.cite
    where = f"{cite.instrument}, {cite.article}; {cite.text_version}; {cite.source}"
    checked = f"{_MARKS[cite.mark]}, {cite.checked_on}"
    cells = (f"`{rule.id}`", f"{rule.title.en} {rule.title.zh}", _facts(rule), where, checked)
    return "| " + " | ".join(each.replace("|", "\\|") for each in cells) + " |"


def _facts(rule: Rule) -> str:
    """The rest of a rule; what stands at its default says nothing."""
    told = [f"{name}: {_told(value)}" for name, value in _stated(rule) if name not in _ELSEWHERE]
    return f"`{'; '.join(told)}`" if told else ""


def _stated(struct: msgspec.Struct) -> list[tuple[str, Any]]:
    fields = [(each, getattr(struct, each.name)) for each in msgspec.structs.fields(struct)]
    return [(each.encode_name, value) for each, value in fields if value != each.default]


def _told(value: Any) -> str:  # noqa: ANN401 plain data of any depth
    if isinstance(value, msgspec.Struct):
        return ", ".join(f"{name} {_told(each)}" for name, each in _stated(value))
    if isinstance(value, tuple):
        joint = " and " if any(isinstance(each, tuple) for each in value) else " / "
        return joint.join(_told(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
