"""`entrepot audit`: a first look at a folder of files, before anything is imported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from entrepot.assembly import open_cell
from entrepot.cli.importing import AskPassword, PasswordFile, passwords_of, with_progress
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language
from entrepot.cli.output import console, money, print_json
from entrepot.flows.auditing import audit
from entrepot.reports.audit import (
    Audit,
    AuditWords,
    assumptions_with,
    hours_text,
    render_audit,
    shipped_assumptions,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from entrepot.reports.audit.shape import AuditedFile


def audit_(
    path: Annotated[Path, typer.Argument(help="File or folder; archives are looked into.")],
    home: Home = DEFAULT_HOME,
    *,
    password_file: PasswordFile = None,
    ask_password: AskPassword = False,
    assumptions: Annotated[
        Path | None, typer.Option("--assumptions", help="CSV with approach, item, minutes in place of ours.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Also write the audit as one HTML file.")] = None,
    fields: Annotated[bool, typer.Option("--fields", help="Print the field mapping of every format found.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Leave with 1 when a file has findings.")] = False,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Look at a stranger's folder: what is there, what is missing, what it would save, where to begin.

    Nothing is imported and no company folder is written; settings and declared formats of --home are used.

    Example:  entrepot audit ~/downloads/seller-files --html audit.html --lang zh
    """
    assumed = shipped_assumptions()
    if assumptions is not None:
        assumed = assumptions_with(str(assumptions), assumptions.read_text(encoding="utf-8", errors="replace"))
    passwords = passwords_of(password_file, ask=ask_password)
    found = with_progress(lambda tell: audit(open_cell, home, path, assumed, tell, passwords), quiet=as_json)
    if html is not None:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(render_audit(found, lang.value), encoding="utf-8")
    if as_json:
        print_json(found.as_dict())
    else:
        print_audit(found, lang.value, with_fields=fields)
        if html is not None:
            console.print(str(html), soft_wrap=True)
    if strict and any(file.is_doubtful for file in found.files):
        raise typer.Exit(1)


def print_audit(found: Audit, lang: str, *, with_fields: bool) -> None:
    """Print files, what is missing, hours and the order of roll-out."""
    say = AuditWords(lang, {each.channel: each.title[lang] for each in found.platforms})
    if not found.files:
        console.print(say.word("nothing"))
        return
    _print_files(found, say)
    _print_missing(found, say)
    if with_fields:
        _print_fields(found, say)
    _print_hours(found, say)
    _print_rollout(found, say)


def _print(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _print_files(found: Audit, say: AuditWords) -> None:
    keys = ("file", "recognised_as", "shop", "encoding", "from", "to", "rows", "quarantined")
    rows = [
        (
            file.path,
            say.title(file.title) if file.format else say.code(words.STATUS, file.status),
            say.joined(file.shops),
            file.encoding,
            *(file.period or ("", "")),
            f"{file.rows:,}" if file.format else "",
            f"{file.quarantined:,}" if file.format else "",
        )
        for file in found.files
    ]
    _print(say.word("files"), [say.word(key) for key in keys], rows, right=(6, 7))
    for file in found.files:
        for doubt in _doubts(file, say):
            console.print(f"! {file.path}: {doubt}", style="yellow", markup=False, soft_wrap=True)
    if unnamed := words.unnamed_shops(found.files, say):
        console.print(f"! {unnamed}", style="yellow", markup=False, soft_wrap=True)


def _doubts(file: AuditedFile, say: AuditWords) -> Iterator[str]:
    if file.same_as:
        yield f"{say.word('same_as')} {file.same_as}"
    yield from _unread(file, say)
    yield from (say.total(total) for total in file.control_totals if total["stated"] != total["found"])
    for reason, number in file.reasons.items():
        yield f"{number} × {say.reason_of(reason)}"
    for finding in file.findings:
        if finding["kind"] == words.SHOP_ASSUMED:
            continue
        yield f"{say.finding(finding['kind'])}: {finding['name']}"
    if file.unknown_columns:
        yield f"{say.word('unknown_columns')}: {say.joined(file.unknown_columns)}"


def _unread(file: AuditedFile, say: AuditWords) -> Iterator[str]:
    if file.same_columns_as:
        yield f"{say.word('same_columns')} {file.same_columns_as}"
    elif file.nearest is not None:
        parts = [f"{say.word('nearest')} {say.title(file.nearest.title)} ({file.nearest.format})"]
        parts += [f"{say.word('lacks')} {say.joined(file.nearest.missing)}"] if file.nearest.missing else []
        parts += [f"{say.word('has')} {say.joined(file.nearest.extra)}"] if file.nearest.extra else []
        yield "; ".join(parts)
    elif file.error:
        yield file.reason


def _print_missing(found: Audit, say: AuditWords) -> None:
    rows = [
        (
            say.channel(each.channel),
            say.code(words.REPORT_TITLES, each.report),
            say.code(words.NEED_TITLES, each.need),
            say.code(words.NEED_STATES, each.state),
            say.doubt(each),
            # The seller centre is in Chinese, so the Chinese name of the file stands in both languages.
            say.joined([title["zh"] for title in each.sources]),
        )
        for each in found.missing
        if each.state != "there"
    ]
    if not rows:
        console.print(say.word("all_there"))
        return
    headings = [say.word(key) for key in ("platform", "report", "needs", "state", "doubts", "what_to_do")]
    _print(say.word("missing"), headings, rows)


def _print_fields(found: Audit, say: AuditWords) -> None:
    for each in found.fields:
        rows = [
            (
                use.column,
                use.residency,
                say.joined([f"{to['table']}.{to['column']} ({say.code(words.HOWS, to['how'])})" for to in use.feeds])
                or say.word(use.use),
                "" if use.in_files else say.word("not_in_files"),
            )
            for use in each.fields
        ]
        _print(say.title(each.title), [say.word("column"), say.word("class"), say.word("feeds"), ""], rows)


def _print_hours(found: Audit, say: AuditWords) -> None:
    rows = [
        (
            say.code(words.APPROACHES, each.approach),
            *(
                hours_text(minutes)
                for minutes in (each.month_minutes, each.saved_month_minutes, each.setup_minutes, each.year_minutes)
            ),
        )
        for each in found.hours
    ]
    headings = [say.word(key) for key in ("approach", "month", "saved", "setup", "year")]
    _print(say.word("hours"), headings, rows, right=(1, 2, 3, 4))
    basis = found.basis
    console.print(
        say.word(
            "formula",
            files=basis.files,
            order_lines=basis.order_lines,
            exceptions=basis.exceptions,
            months=basis.months,
            links=basis.links,
        )
    )
    as_of = max((row["as_of"] for row in found.assumptions), default="")
    console.print(say.word("assumed", as_of=as_of), markup=False)


def _print_rollout(found: Audit, say: AuditWords) -> None:
    rows = [
        (
            str(step.number),
            say.what(step),
            money(step.facts["value_minor"], found.currency) if step.what == "platform" else "",
            say.reason(step),
        )
        for step in found.rollout
    ]
    headings = [say.word("step"), "", f"{say.word('value')} ({found.currency})", say.word("why")]
    _print(say.word("rollout"), headings, rows, right=(2,))
