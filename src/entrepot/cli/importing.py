"""`entrepot import`: files in."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language, check_known
from entrepot.cli.output import console, errors, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.asking import vocabulary
from entrepot.flows.importing import ImportReport, import_paths, replay
from entrepot.flows.totals import Finding
from entrepot.reports.words import stated_total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from entrepot.flows.moved import Moved
    from entrepot.flows.parts import CellParts
    from entrepot.flows.reading import FileReport
    from entrepot.reports import Vocabulary

Done = TypeVar("Done")
_MOVED = {"en": "Balances that moved", "zh": "变动的余额"}
_NOTHING_MOVED = {"en": "No figure moved.", "zh": "没有数字变动。"}
_QUARANTINE = {"en": "rows in quarantine", "zh": "隔离行数"}
_REBUILT = {"en": "rebuilt", "zh": "已重建"}
_EXCEPTIONS = {"en": "exceptions", "zh": "项待处理"}
_REFUSED = {
    "en": "{name}: quarantined {reasons}; see `entrepot exceptions list --kind quarantined_row`",
    "zh": "{name}：已隔离 {reasons}；详见 `entrepot exceptions list --kind quarantined_row --lang zh`",
}
_DIFFERS = {
    "en": "{name}: the file states {total} {stated}, its rows give {found}",
    "zh": "{name}：文件自带的{total}为 {stated}，各行合计为 {found}",
}
_FOUND = {"en": "{name}: {kind} {what}", "zh": "{name}：{kind} {what}"}
_VANISHED = "column_vanished"
_COLUMNS = {"en": "{count} columns: {some}", "zh": "{count} 列：{some}"}
_MORE = {"en": "{some} and {more} more", "zh": "{some}等"}
_BETWEEN = {"en": ", ", "zh": "、"}
_COLUMNS_SHOWN = 5
"""Of more columns the number: a short export of a platform lacks dozens. `--json` names them all."""
_STEPS = {
    "read": "reading files",
    "find": "looking for rows",
    "erase": "erasing",
    "translate": "translating",
    "derive": "posting and reconciling",
}


PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", help="Passwords of locked archives and workbooks, one per line; never kept."),
]
AskPassword = Annotated[bool, typer.Option("--ask-password", help="Ask for the password of what is locked.")]


def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders, .zip or .gz archives.")],
    home: Home = DEFAULT_HOME,
    shop: Annotated[str | None, typer.Option(help="Shop of files that do not name one.")] = None,
    password_file: PasswordFile = None,
    ask_password: AskPassword = False,
    strict: Annotated[bool, typer.Option("--strict", help="Leave with 1 when a file has findings.")] = False,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Import seller-centre files: recognise, keep, translate, post, reconcile.

    Files are recognised by content, not by name. The same file twice does nothing. Run it again after a crash.

    Example:  entrepot import ~/downloads/tmall ~/downloads/alipay.zip
    """
    parts = open_cell(home)
    if shop is not None and parts.settings.shops:
        # A misspelt shop would become a new shop of the first entity.
        check_known("--shop", shop, (each.shop for each in parts.settings.shops))
    passwords = passwords_of(password_file, ask=ask_password)
    report = run_import(parts, paths, shop=shop, passwords=passwords, quiet=as_json)
    if as_json:
        print_json(as_dict(report))
    else:
        print_import(report, vocabulary(parts, lang.value))
    failed = [file for file in report.files if file.status in ("not_recognised", "unreadable", "refused")]
    doubtful = failed or any(file.quarantined or open_findings(file) for file in report.files)
    if strict and doubtful:
        raise typer.Exit(1)


def replay_(
    home: Home = DEFAULT_HOME,
    connector: Annotated[
        list[str] | None,
        typer.Option("--channel", "--connector", help="Only files of this connector; again for another."),
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many figures on the terminal; 0 for all.", min=0)] = 50,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Rebuild the tables from the raw log, after a mapping or a code list was mended; say which figures moved.

    Rows that are understood now leave the quarantine. Closed periods stay: what moved in them is restated.

    Example:  entrepot replay --channel tmall
    """
    parts = open_cell(home)
    for name in connector or ():
        check_known("--channel", name, (each.spec.name for each in parts.connectors))
    report = with_progress(lambda tell: replay(parts, connectors=connector, progress=tell), quiet=as_json)
    moved = report.moved
    if as_json:
        healed = moved.quarantined_before - moved.quarantined_after if moved else None
        figures = moved.figures if moved else None
        print_json(
            {"snapshot": report.snapshot_id, "exceptions": report.exceptions, "moved": figures, "healed_rows": healed}
        )
        return
    say = vocabulary(parts, lang.value)
    if moved is not None:
        _print_moved(moved, limit, say)
    console.print(f"{_REBUILT[say.lang]}; {report.exceptions:,} {_EXCEPTIONS[say.lang]}", style="bold")


def _print_moved(moved: Moved, limit: int, say: Vocabulary) -> None:
    columns = ("period", "channel", "shop", "account", "before_minor", "after_minor", "moved_minor", "currency")
    if moved.figures:
        largest = sorted(moved.figures, key=lambda row: -abs(row["moved_minor"]))
        shown = largest[:limit] if limit else largest
        print_rows([row for row in moved.figures if row in shown], columns, _MOVED[say.lang], say)
        if len(shown) < len(largest):
            console.print(f"{len(largest) - len(shown):,} … --limit 0", style="dim")
    else:
        console.print(_NOTHING_MOVED[say.lang])
    before, after = moved.quarantined_before, moved.quarantined_after
    if before != after:
        console.print(f"{_QUARANTINE[say.lang]}: {before:,} → {after:,}")


def run_import(
    parts: CellParts,
    paths: list[Path],
    *,
    shop: str | None = None,
    passwords: tuple[str, ...] = (),
    quiet: bool = False,
) -> ImportReport:
    """Import with a progress bar per step, on stderr."""
    return with_progress(
        lambda tell: import_paths(parts, paths, shop=shop, passwords=passwords, progress=tell), quiet=quiet
    )


def passwords_of(file: Path | None, *, ask: bool) -> tuple[str, ...]:
    """Passwords of a file in UTF-8, UTF-16 or GBK, one per line, and one that is typed."""
    content = file.read_bytes() if file else b""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = content.decode("utf-16" if utf_16 else "gb18030", errors="replace")
    found = [line for line in text.splitlines() if line]
    if ask:
        found.append(str(typer.prompt("Password", hide_input=True, err=True)))
    return tuple(found)


def with_progress(work: Callable[[Callable[[str, int, int], None] | None], Done], *, quiet: bool) -> Done:
    """Do long work with a progress bar per step, on stderr."""
    if quiet:
        return work(None)
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=not errors.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(_STEPS[step], total=total)
            progress.update(tasks[step], completed=done, total=total)

        return work(tell)


def as_dict(report: ImportReport) -> dict[str, object]:
    """The documented JSON of an import."""
    return {
        "files": [
            {
                "path": file.path,
                "status": file.status,
                "format": file.format,
                "raw_id": file.raw_id,
                "shop": file.shop,
                "encoding": file.encoding,
                "rows": file.rows,
                "canonical": file.canonical,
                "duplicates": file.duplicates,
                "quarantined": file.quarantined,
                "reasons": file.reasons,
                "period": list(file.period) if file.period else None,
                "findings": [finding.as_dict() for finding in open_findings(file)],
                "control_totals": [
                    {"name": finding.name, "stated": finding.stated, "found": finding.found, "agrees": finding.agrees}
                    for finding in file.findings
                    if finding.kind == "control_total"
                ],
                "error": file.error,
                "error_code": file.error_code,
            }
            for file in report.files
        ],
        "snapshot": report.snapshot_id,
        "exceptions": report.exceptions,
    }


def open_findings(file: FileReport) -> list[Finding]:
    """Findings that a person should see: totals that agree are none."""
    return [finding for finding in file.findings if not finding.agrees]


def print_import(report: ImportReport, say: Vocabulary) -> None:
    """A line per file, then what was doubtful."""
    table = Table(box=None, pad_edge=False)
    for name in ("file", "recognised_as", "shop", "encoding"):
        table.add_column(say.column(name), overflow="ellipsis", no_wrap=True)
    for name in ("from", "to"):
        table.add_column(say.column(name), no_wrap=True)
    for name in ("rows", "new", "known", "refused"):
        table.add_column(say.column(name), justify="right")
    for file in report.files:
        table.add_row(
            Text(Path(file.path).name),
            Text(say.shown("format", file.format))
            if file.format
            else Text(say.shown("status", file.status), style="red"),
            Text(file.shop or ""),
            file.encoding or "",
            *(file.period or ("", "")),
            f"{file.rows:,}",
            f"{file.canonical:,}",
            f"{file.duplicates:,}",
            Text(f"{file.quarantined:,}", style="red" if file.quarantined else ""),
        )
    console.print(table)
    for line in _doubts(report, say):
        console.print(line, style="yellow", markup=False, soft_wrap=True)


def _doubts(report: ImportReport, say: Vocabulary) -> Iterator[str]:
    for file in report.files:
        name = Path(file.path).name
        if file.error:
            yield f"! {file.error}"
        if file.reasons:
            told = (f"{number} × {say.shown('cause', reason)}" for reason, number in sorted(file.reasons.items()))
            yield f"! {_REFUSED[say.lang].format(name=name, reasons=', '.join(told))}"
        for finding in _gone_together(open_findings(file), say.lang):
            if finding.kind == "control_total":
                facts = {
                    "total": say.shown("cause", finding.name),
                    "stated": stated_total(finding.name, finding.stated),
                    "found": stated_total(finding.name, finding.found),
                }
                yield f"! {_DIFFERS[say.lang].format(name=name, **facts)}"
            else:
                kind = say.shown("finding", finding.kind)
                yield f"! {_FOUND[say.lang].format(name=name, kind=kind, what=finding.name)}"


def _gone_together(findings: Sequence[Finding], lang: str) -> Iterator[Finding]:
    """The findings of a file, with columns that are gone as one of them."""
    gone = [finding.name for finding in findings if finding.kind == _VANISHED]
    if len(gone) > 1:
        some = _BETWEEN[lang].join(gone[:_COLUMNS_SHOWN])
        if len(gone) > _COLUMNS_SHOWN:
            some = _MORE[lang].format(some=some, more=len(gone) - _COLUMNS_SHOWN)
        yield Finding(_VANISHED, _COLUMNS[lang].format(count=len(gone), some=some))
    yield from (finding for finding in findings if finding.kind != _VANISHED or len(gone) == 1)
