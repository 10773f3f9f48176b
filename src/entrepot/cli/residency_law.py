"""`entrepot residency diff` and `adopt`: what another version of the law would change, and how one comes into force."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language
from entrepot.cli.output import console, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.law_changes import adopt_law, compare_law

if TYPE_CHECKING:
    from entrepot.flows.law_changes import LawDiff, Replayed
    from entrepot.residency.profile import Profile
    from entrepot.residency.route_facts import Verdict

_WORDS = {
    "rules": ("rules that differ", "有差异的规则"),
    "no_rules": ("no rule differs", "规则无差异"),
    "permits": ("permits of this cell today", "本数据域当前许可"),
    "transfers": ("transfers of the period with another answer", "期间内结论不同的传输"),
    "summary": (
        "{transfers} transfers judged again, {changed} with another answer; {permits} permits, {other} of them too",
        "重新判定 {transfers} 次传输，{changed} 次结论不同；{permits} 项许可，{other} 项结论不同",
    ),
    "lost": ("{n} transfers whose permit is gone were not judged again", "{n} 次传输的许可已不存在，未重新判定"),
    "other_terms": (
        "{n} transfers left under other terms of their permit than today's",
        "{n} 次传输当时的许可条款与现在不同",
    ),
    "not_as_told": (
        "{n} transfers were judged otherwise at the time than by the older version with today's terms and evidence",
        "{n} 次传输当时的结论与旧版本按现有条款和凭证的判定不同",
    ),
    "allowed": ("may leave", "可以出境"),
    "refused": ("may not", "不得出境"),
    "approved": ("approved by {roles}", "已批准：{roles}"),
    "one_more": ("another person has to approve the same file", "尚需另一人批准同一文件"),
    "in_place": ("{name} holds from {since} on: {path}", "{name} 自 {since} 起施行：{path}"),
    "no_advice": ("This is no legal advice.", "以上不构成法律意见。"),
}


def _say(lang: Language, word: str) -> str:
    return _WORDS[word][lang is Language.CHINESE]


def diff_(
    old: Annotated[str, typer.Argument(help="The older version: CN@2026-01, or the path of a profile.")],
    new: Annotated[str, typer.Argument(help="The newer one, likewise; a draft may lie anywhere.")],
    since: Annotated[str, typer.Option("--since", help="First day of the transfers; else a year ago.")] = "",
    until: Annotated[str, typer.Option("--until", help="Last day of the transfers; else today.")] = "",
    home: Home = DEFAULT_HOME,
    lang: Lang = Language.ENGLISH,
    *,
    as_json: AsJson = False,
) -> None:
    """Compare two versions of a law: rules, the permits of this cell, and last year's transfers judged again.

    Nothing is changed. Terms of permits and evidence are those of today; counts are those of the transfer log.

    Example:  entrepot residency diff CN@2026-01 drafts/CN.2027-01-01.yaml
    """
    found = compare_law(open_cell(home), old, new, _day(since, "--since"), _day(until, "--until"))
    if as_json:
        print_json(_keys(found))
        return
    console.print(f"{_version(found.old.name, found.old.effective_from)} → {found.new.effective_from}")
    rules = [
        {"rule": each.id, "what": each.what, "fields": ", ".join(each.fields), "title": _of(each.title, lang)}
        for each in found.rules
    ]
    print_rows(rules, ("rule", "what", "fields", "title"), _say(lang, "rules" if rules else "no_rules"))
    print_rows([_row(each, lang) for each in found.permits], _COLUMNS, _say(lang, "permits"))
    changed = [each for each in found.transfers if each.is_changed]
    if changed:
        print_rows([_row(each, lang) for each in changed], ("on", *_COLUMNS), _say(lang, "transfers"))
    counts = {
        "transfers": len(found.transfers),
        "changed": len(changed),
        "permits": len(found.permits),
        "other": sum(each.is_changed for each in found.permits),
    }
    console.print(_say(lang, "summary").format(**counts))
    for word, number in (
        ("lost", len(found.lost)),
        ("other_terms", sum(not each.same_terms for each in found.transfers)),
        ("not_as_told", sum(not each.is_as_told for each in found.transfers)),
    ):
        if number:
            console.print(_say(lang, word).format(n=number))
    console.print(_say(lang, "no_advice"))


def adopt_(
    file: Annotated[Path, typer.Argument(help="The profile.", exists=True, dir_okay=False)],
    role: Annotated[str, typer.Option("--by", help="Role of whoever approves, a plain name: privacy-officer.")],
    home: Home = DEFAULT_HOME,
    lang: Lang = Language.ENGLISH,
    *,
    as_json: AsJson = False,
) -> None:
    """Approve a version of a law for this cell; with a second role's approval it is put in place.

    It holds from its `effective_from` on, which has to lie ahead: the past keeps its answer. Both approvals are entries
    of the transfer log and name the digest of the content, so a text that is changed needs both again.

    Example:  entrepot residency adopt drafts/CN.2027-01-01.yaml --by privacy-officer
    """
    found = adopt_law(open_cell(home), file, role)
    if as_json:
        print_json(
            {
                "profile": found.profile.name,
                "effective_from": found.profile.effective_from.isoformat(),
                "digest": found.profile.digest,
                "roles": list(found.roles),
                "is_in_place": found.path is not None,
            }
        )
        return
    console.print(_say(lang, "approved").format(roles=", ".join(found.roles)))
    if found.path is None:
        console.print(_say(lang, "one_more"))
        return
    facts = {"name": found.profile.name, "since": found.profile.effective_from, "path": found.path.name}
    console.print(_say(lang, "in_place").format(**facts))


_COLUMNS = ("permit", "before", "after", "missing")


def _row(each: Replayed, lang: Language) -> dict[str, object]:
    return {
        "on": each.on.isoformat(),
        "permit": each.permit,
        "before": _told(each.before, lang),
        "after": _told(each.after, lang),
        "missing": ", ".join(_missing(each.after)),
    }


def _told(verdict: Verdict, lang: Language) -> str:
    return f"{verdict.route}: {_say(lang, 'allowed' if verdict.is_allowed else 'refused')}"


def _missing(verdict: Verdict) -> list[str]:
    return sorted({kind for each in verdict.missing for kind in each.kinds})


def _keys(found: LawDiff) -> dict[str, object]:
    return {
        "old": _profile(found.old),
        "new": _profile(found.new),
        "rules": [
            {"section": each.section, "rule": each.id, "what": each.what, "fields": list(each.fields)}
            for each in found.rules
        ],
        "permits": [_flow(each) for each in found.permits],
        "transfers": [_flow(each) for each in found.transfers],
        "not_judged_again": list(found.lost),
    }


def _profile(profile: Profile) -> dict[str, object]:
    since = profile.effective_from.isoformat()
    return {"name": profile.name, "effective_from": since, "digest": profile.digest}


def _flow(each: Replayed) -> dict[str, object]:
    return {
        "permit": each.permit,
        "transfer": each.transfer,
        "on": each.on.isoformat(),
        "changed": each.is_changed,
        "before": _verdict(each.before),
        "after": _verdict(each.after),
        "told": each.told,
        "as_told": each.is_as_told,
        "same_terms": each.same_terms,
    }


def _verdict(verdict: Verdict) -> dict[str, object]:
    told = {"route": verdict.route, "row": verdict.row, "allowed": verdict.is_allowed}
    return {**told, "missing": _missing(verdict)}


def _of(words: object, lang: Language) -> str:
    return str(getattr(words, lang.value))


def _version(name: str, since: date) -> str:
    return f"{name} {since.isoformat()}"


def _day(text: str, option: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("write a day: 2026-11-03", param_hint=option) from error
