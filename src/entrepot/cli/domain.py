"""`entrepot domain`: what two cells share, what holds of it here, what waits, and who decides."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language
from entrepot.cli.output import console, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.border import door_for
from entrepot.flows.domains import decide_item, domain_rows, domains_of, plain, waits_of

app = typer.Typer(
    help="What two cells share: catalogue, prices, stock, companies, orders.\n\nExample:  entrepot domain list",
    no_args_is_help=True,
)

_WORDS = {
    "none": (
        "no domain is shared; border/domains.yaml declares them",
        "未声明共享数据；请在 border/domains.yaml 中声明",
    ),
    "refused": ("{0}: nothing may leave now: {1}", "{0}：目前不可出境：{1}"),
    "asked": (
        "{0}: {1} keys wait for a decision: entrepot domain decide {0} KEY --take CELL",
        "{0}：{1} 项有冲突，待人工裁定：entrepot domain decide {0} KEY --take CELL",
    ),
    "terms": (
        "{0}: the other cell declared another rule; {1} keys wait until both declare the same",
        "{0}：对端声明的规则不同；{1} 项待双方声明一致",
    ),
}
_HEADS = {
    "domain": "共享域",
    "with": "对端",
    "changed_in": "可变更方",
    "send": "出境许可",
    "receive": "入境许可",
    "rule": "冲突规则",
    "to_leave": "待出境",
    "since": "最早待出境",
    "left": "最近出境",
    "arrived": "最近到达",
    "waited_s": "最长等待秒数",
    "decided": "按规则裁定",
    "asked": "待人工裁定",
}


def _say(lang: Language, word: str, *values: object) -> str:
    return _WORDS[word][lang is Language.CHINESE].format(*values)


def _print(rows: list[dict[str, object]], lang: Language) -> None:
    if not rows:
        console.print(_say(lang, "none"), markup=False)
        return
    if lang is Language.CHINESE:
        rows = [{_HEADS.get(name, name): value for name, value in each.items()} for each in rows]
    print_rows(rows, tuple(rows[0]), "")


@app.command("list")
def list_(home: Home = DEFAULT_HOME, lang: Lang = Language.ENGLISH, *, as_json: AsJson = False) -> None:
    """List the domains that this cell shares, in which direction, and under which rule.

    Example:  entrepot domain list --home cells/cn --lang zh
    """
    found = domains_of(door_for(open_cell(home)))
    if as_json:
        print_json([msgspec.to_builtins(each) for each in found])
        return
    rows: list[dict[str, object]] = [
        {
            "domain": each.domain,
            "with": each.with_,
            "changed_in": " ".join(each.changed_in),
            "send": each.send or "-",
            "receive": each.receive or "-",
            "rule": f"{each.rule.kind} {each.rule.owner}".strip() if each.rule else "-",
        }
        for each in found
    ]
    _print(rows, lang)


@app.command("show")
def show(
    domain: Annotated[str, typer.Argument(help="Domain.")],
    home: Home = DEFAULT_HOME,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what holds of a domain in this cell, from which cell it is, and whether both differed.

    Example:  entrepot domain show catalogue --home cells/cn
    """
    found = domain_rows(door_for(open_cell(home)), domain)
    rows = found.to_pylist()
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, tuple(found.column_names), "")


@app.command("waits")
def waits(home: Home = DEFAULT_HOME, lang: Lang = Language.ENGLISH, *, as_json: AsJson = False) -> None:
    """Show what waits to leave, what waited on its way here, and what waits for a person.

    Example:  entrepot domain waits --home cells/cn --lang zh
    """
    found = waits_of(door_for(open_cell(home)))
    if as_json:
        print_json(plain(found))
        return
    _print(
        [
            {
                "domain": each.domain,
                "with": each.other,
                "to_leave": each.to_leave,
                "since": each.to_leave_since or "-",
                "left": each.left_at or "-",
                "arrived": each.arrived_at or "-",
                "waited_s": each.longest_wait_s,
                "decided": each.decided,
                "asked": each.asked,
            }
            for each in found
        ],
        lang,
    )
    for each in found:
        if each.asked:
            console.print(_say(lang, "asked", each.domain, each.asked), markup=False, soft_wrap=True)
        if each.other_terms:
            console.print(_say(lang, "terms", each.domain, each.other_terms), markup=False, soft_wrap=True)
        for _, english, chinese in each.refused:
            why = chinese if lang is Language.CHINESE else english
            console.print(_say(lang, "refused", each.domain, why), markup=False, soft_wrap=True)


@app.command("decide")
def decide(
    domain: Annotated[str, typer.Argument(help="Domain whose rule asks.")],
    key: Annotated[str, typer.Argument(help="Key, the column `item` of `entrepot domain show`.")],
    take: Annotated[str, typer.Option("--take", help="Cell whose row is to hold.")],
    home: Home = DEFAULT_HOME,
    *,
    as_json: AsJson = False,
) -> None:
    """Decide between two rows that were changed in both cells; the answer crosses with the next envelope.

    Example:  entrepot domain decide catalogue YX-SER-30 --take global --home cells/cn
    """
    decide_item(door_for(open_cell(home)), domain, key, take)
    if as_json:
        print_json({"domain": domain, "key": key, "take": take})
    else:
        console.print(f"{domain} {key}: {take}", markup=False)
