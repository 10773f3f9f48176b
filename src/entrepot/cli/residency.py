"""`entrepot residency`: find and erase a person, and the legal holds that stand against it. Prints counts only."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli import residency_duties, residency_law, residency_propose, residency_register
from entrepot.cli.border_records import declare_, meter_
from entrepot.cli.hunt import hunt_
from entrepot.cli.importing import with_progress
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language
from entrepot.cli.output import console, print_json
from entrepot.flows.duties import answer_by
from entrepot.flows.erasing import (
    ErasureReport,
    all_holds,
    erase_persons,
    look_for_persons,
    persons_from_list,
    place_hold,
    release_hold,
    today,
)
from entrepot.flows.erasing_find import Asked

if TYPE_CHECKING:
    from entrepot.flows.duties import Answer
    from entrepot.store import Hold

app = typer.Typer(
    help="Persons in this cell: find, erase, hold.\n\nExample:  entrepot residency find --person 13800000000",
    no_args_is_help=True,
)
hold_app = typer.Typer(
    help="Dated legal holds against erasure.\n\nExample:  entrepot residency hold list", no_args_is_help=True
)
app.add_typer(hold_app, name="hold")
app.command("adopt")(residency_law.adopt_)
app.command("declare")(declare_)
app.command("diff")(residency_law.diff_)
app.command("hunt")(hunt_)
app.command("incident")(residency_duties.incident_)
app.command("meter")(meter_)
app.command("propose")(residency_propose.propose_)
app.command("register")(residency_register.register_)
app.command("roles")(residency_duties.roles_)

_WORDS = {
    "persons": ("persons", "人数"),
    "orders": ("orders", "订单数"),
    "files": ("files with rows of theirs", "涉及文件数"),
    "rows": ("rows in those files", "涉及行数"),
    "values": ("values of theirs", "个人信息项数"),
    "shared_values": ("of which others have too", "其中与他人相同"),
    "missing": ("not found", "未找到"),
    "answer": ("answer a request of today by {day} ({cite})", "今日提出的请求须于 {day} 前答复（{cite}）"),
    "answer_reasons": (
        "answer a request of today by {day}, a refusal with its reasons ({cite})",
        "今日提出的请求须于 {day} 前答复，拒绝须说明理由（{cite}）",
    ),
    "holds": ("holds in force", "有效的法定留存"),
    "blobs": ("raw files changed", "已改写的原始文件"),
    "cells": ("cells replaced", "已替换的单元格"),
    "erased": ("erased", "已删除"),
    "dry_run": ("nothing was erased (--dry-run)", "未删除任何内容（--dry-run）"),
    "books": ("the ledger holds the same entries as before", "账簿分录与删除前一致"),
    "books_differ": (
        "the ledger differs from before: look at `entrepot exceptions list`, and report it with the file's format",
        "账簿与删除前不一致：请查看 `entrepot exceptions list`，并连同文件格式一起反馈",
    ),
    "outside": (
        "files outside the company folder, backups and what left it (border/sent) were not touched: erase there too",
        "公司文件夹之外的原始文件、备份、已发送给他人的文件及出境副本（border/sent）未作改动：请在法律允许时另行删除",
    ),
    "shared_stay": (
        "values that others have too were erased from this person's rows and stay in the others' rows",
        "与他人相同的信息只从此人的行中删除，他人的行保持不变",
    ),
    "until": ("until", "截止"),
    "released": ("released", "已解除"),
    "ended": ("ended", "已到期"),
    "in_force": ("in force", "有效"),
    "none": ("no holds", "没有法定留存"),
    "placed": ("placed", "已设置"),
    "person": ("person", "个人"),
    "order": ("order", "订单"),
    "all": ("all", "全部"),
}

Person = Annotated[
    str | None,
    typer.Option(
        "--person", help="Phone, e-mail address, order number, buyer's account on the platform, or person key."
    ),
]
Channel = Annotated[str | None, typer.Option("--channel", help="Platform, where accounts of several fit.")]
Shop = Annotated[str | None, typer.Option("--shop", help="Shop, where order numbers repeat.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept, so it names nobody.")]
By = Annotated[str, typer.Option("--by", help="Who decided; kept.")]


def _say(lang: Language, word: str) -> str:
    return _WORDS[word][lang is Language.CHINESE]


@app.command("find")
def find(
    person: Person = None,
    channel: Channel = None,
    shop: Shop = None,
    home: Home = DEFAULT_HOME,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Count what there is of a person: orders, files, rows; no value of theirs is shown.

    A masked phone tells nobody apart and finds nobody.

    Example:  entrepot residency find --person 13800000000
    """
    parts = open_cell(home)
    report = look_for_persons(parts, [_asked(person, channel, shop)])
    _print_report(report, lang, answer_by(parts, "access"), as_json=as_json)


@app.command("erase")
def erase(
    *,
    reason: Reason,
    by: By,
    person: Person = None,
    channel: Channel = None,
    shop: Shop = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="CSV of persons instead: columns person, channel, shop.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count only.")] = False,
    home: Home = DEFAULT_HOME,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Erase a person from this cell for good; what was booked stays.

    Raw files keep their ids and get placeholders, tables are written anew without their history, logs, exports and
    reports are cleaned. Your own files outside the company folder are not touched. A legal hold refuses it.

    Example:  entrepot residency erase --person 13800000000 --reason "asked on 3 May" --by "Li Na" --dry-run
    """
    _check_filled(("--reason", reason), ("--by", by))
    if (person is None) == (file is None):
        raise typer.BadParameter("give one of --person and --file", param_hint="--person")
    asked = persons_from_list(file) if file else [_asked(person, channel, shop)]
    parts = open_cell(home)
    report = with_progress(
        lambda tell: erase_persons(parts, asked, reason, by, dry_run=dry_run, progress=tell), quiet=as_json
    )
    _print_report(report, lang, answer_by(parts, "erase"), as_json=as_json, dry_run=dry_run)


@hold_app.command("add")
def hold_add(
    *,
    until: Annotated[str, typer.Option("--until", help="Last day of the hold, YYYY-MM-DD.")],
    reason: Reason,
    by: By,
    person: Person = None,
    order: Annotated[str | None, typer.Option("--order", help="Order number: its person is not erased.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Nobody is erased.")] = False,
    channel: Channel = None,
    shop: Shop = None,
    home: Home = DEFAULT_HOME,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Place a dated legal hold: until that day nobody whom it covers is erased.

    Example:  entrepot residency hold add --order 2800001 --until 2027-12-31 --reason "lawsuit" --by "Li Na"
    """
    _check_filled(("--reason", reason), ("--by", by))
    if [person is not None, order is not None, everybody].count(True) != 1:
        raise typer.BadParameter("give one of --person, --order and --all", param_hint="--person")
    asked = None
    if not everybody:
        asked = _asked(person, channel, shop) if person is not None else Asked(order or "", channel, shop, "--order")
    holds = place_hold(open_cell(home), asked, _day(until), reason, by)
    if as_json:
        print_json({"holds": [_hold_keys(hold) for hold in holds]})
        return
    for hold in holds:
        console.print(f"{_say(lang, 'placed')}: {_hold_line(hold, lang)}", markup=False)


@hold_app.command("list")
def hold_list(home: Home = DEFAULT_HOME, lang: Lang = Language.ENGLISH, as_json: AsJson = False) -> None:
    """List the holds, those that ended included; whom they cover is not shown.

    Example:  entrepot residency hold list
    """
    holds = all_holds(open_cell(home))
    if as_json:
        print_json({"holds": [_hold_keys(hold) for hold in holds]})
        return
    for hold in holds:
        console.print(_hold_line(hold, lang), markup=False)
    if not holds:
        console.print(_say(lang, "none"))


@hold_app.command("release")
def hold_release(
    hold: Annotated[str, typer.Argument(help="Id of the hold.")],
    reason: Reason,
    by: By,
    home: Home = DEFAULT_HOME,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """End a hold before its day.

    Example:  entrepot residency hold release hold-1a2b3c4d --reason "settled" --by "Li Na"
    """
    _check_filled(("--reason", reason), ("--by", by))
    release_hold(open_cell(home), hold, reason, by)
    if as_json:
        print_json({"released": hold})
    else:
        console.print(f"{_say(lang, 'released')}: {hold}", markup=False)


def _asked(person: str | None, channel: str | None, shop: str | None) -> Asked:
    if not (person or "").strip():
        raise typer.BadParameter("say who: --person", param_hint="--person")
    return Asked(str(person), channel, shop)


def _check_filled(*options: tuple[str, str]) -> None:
    for option, value in options:
        if not value.strip():
            raise typer.BadParameter("it must not be empty", param_hint=option)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise typer.BadParameter("it is no day: write YYYY-MM-DD", param_hint="--until") from error


def _print_report(
    report: ErasureReport, lang: Language, answer: Answer | None, *, as_json: bool, dry_run: bool = False
) -> None:
    numbers = ("persons", "orders", "files", "rows", "values", "shared_values")
    counted = {name: getattr(report, name) for name in numbers}
    if as_json:
        done = {"blobs": report.blobs, "cells": report.cells, "books_unchanged": report.books_unchanged}
        print_json(
            {
                "erasure": report.erasure_id,
                **counted,
                "missing": list(report.missing),
                "holds": [_hold_keys(hold) for hold in report.holds],
                **(done if report.erasure_id else {}),
                "dry_run": dry_run,
                "answer_by": answer.last_day.isoformat() if answer else None,
            }
        )
        return
    for name, count in counted.items():
        console.print(f"{_say(lang, name)}: {count:,}", markup=False)
    if report.missing:
        console.print(f"{_say(lang, 'missing')}: {', '.join(report.missing)}", style="yellow", markup=False)
    for hold in report.holds:
        console.print(f"{_say(lang, 'holds')}: {_hold_line(hold, lang)}", style="yellow", markup=False)
    if answer is not None:
        said = _say(lang, "answer_reasons" if answer.reasons_on_refusal else "answer")
        console.print(said.format(day=answer.last_day, cite=answer.cite), markup=False, soft_wrap=True)
    if dry_run:
        console.print(_say(lang, "dry_run"), style="bold")
    if report.erasure_id:
        console.print(f"{_say(lang, 'blobs')}: {report.blobs:,}; {_say(lang, 'cells')}: {report.cells:,}")
        console.print(_say(lang, "books" if report.books_unchanged else "books_differ"))
        if report.shared_values:
            console.print(_say(lang, "shared_stay"))
        console.print(_say(lang, "outside"), style="yellow")
        console.print(f"{_say(lang, 'erased')}: {report.erasure_id}", style="bold", markup=False)


def _hold_keys(hold: Hold) -> dict[str, object]:
    return {
        "id": hold.id,
        "scope": hold.scope,
        "until": hold.until,
        "state": _hold_state(hold),
        "reason": hold.reason,
        "by": hold.placed_by,
    }


def _hold_line(hold: Hold, lang: Language) -> str:
    scope, state = _say(lang, hold.scope), _say(lang, _hold_state(hold))
    return f"{hold.id}  {scope}  {_say(lang, 'until')} {hold.until}  {state}  {hold.reason} ({hold.placed_by})"


def _hold_state(hold: Hold) -> str:
    if hold.released_at_us is not None:
        return "released"
    return "in_force" if hold.until >= today() else "ended"
