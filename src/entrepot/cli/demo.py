"""`entrepot demo`: a sample company from nothing to its books."""

from __future__ import annotations

import shutil
import time
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.assembly import open_cell
from entrepot.cli.demo_border import border_act
from entrepot.cli.exceptions import print_exceptions
from entrepot.cli.importing import print_import, run_import
from entrepot.cli.options import Lang, Language
from entrepot.cli.output import console
from entrepot.cli.tabulate import print_rows, print_statement
from entrepot.flows.asking import html_report, report_rows, table_rows, vocabulary
from entrepot.reports import statement_of
from entrepot.sandbox import build_world, write_files

if TYPE_CHECKING:
    from entrepot.flows.parts import CellParts

_OF_EACH_KIND = 2


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder to write; an earlier demo in it is replaced.")] = Path(
        "demo"
    ),
    seed: Annotated[int, typer.Option(help="Another seed, another company.")] = 7,
    orders: Annotated[int, typer.Option(help="How many orders.", min=100)] = 21_000,
    lang: Lang = Language.ENGLISH,
    *,
    cells: Annotated[bool, typer.Option("--cells/--no-cells", help="Also in two cells, and what crosses.")] = True,
    live: Annotated[
        bool, typer.Option("--live", help="The China cell syncs from simulated marketplaces instead of order lists.")
    ] = False,
) -> None:
    """Make a sample company, import its files, reconcile them and report; then the same company in two cells.

    Writes seller-centre files of three months as the platforms export them, with everything that goes wrong with such
    files, imports them into a company folder and prints the P&L and what a person must look at. Then a China cell and a
    global cell: what crosses between them, what is refused and why, and both cells' P&L abroad. With `--live` no
    file is damaged on purpose, so that what came by API and what came by file can be compared to the cent.

    Example:  entrepot demo --out demo --lang zh
    """
    started = time.monotonic()
    company = out / "company"
    _clear(out)
    console.print(f"writing the sample company to {out / 'files'} …")
    world = build_world(seed, orders, damaged=not live)
    written = write_files(world, out)
    console.print(f"{len(written)} files, {sum(file.rows for file in written):,} rows")
    company.mkdir(parents=True, exist_ok=True)
    shutil.copy(out / "cell.toml", company / "cell.toml")
    if (out / "declared").is_dir():
        shutil.copytree(out / "declared", company / "declared", dirs_exist_ok=True)
    parts = open_cell(company)
    print_import(run_import(parts, [out / "files"]), vocabulary(parts, lang.value))
    _print_reports(parts, lang)
    reports = {name: parts.layout.reports / f"report-{name}.html" for name in ("en", "zh")}
    parts.layout.reports.mkdir(parents=True, exist_ok=True)
    for name, path in reports.items():
        path.write_text(html_report(parts, name), encoding="utf-8")
    if cells:
        border_act(out, world, parts, lang, live=live)
    console.print(f"\nreport    {reports[lang.value]}")
    console.print(f"tables    {company / 'tables'}   (entrepot sql --home {company} 'select …')")
    console.print(f"took      {time.monotonic() - started:.0f} s")


def _clear(out: Path) -> None:
    """Remove what an earlier demo wrote, and nothing else."""
    for name in ("files", "company", "declared", "cells", "files-cn", "files-global", "mail"):
        shutil.rmtree(out / name, ignore_errors=True)


def _print_reports(parts: CellParts, lang: Language) -> None:
    currency = parts.settings.cell.reporting_currency
    titles = {
        "en": ("Profit and loss by channel", "What a person must look at", "The largest of each kind"),
        "zh": ("各渠道损益表", "需要人工处理的事项", "每类中金额最大的"),
    }[lang.value]
    say = vocabulary(parts, lang.value)
    print_statement(statement_of(report_rows(parts, "pnl").to_pylist(), "channel", currency), "channel", say, titles[0])
    rows = sorted(report_rows(parts, "exceptions_summary").to_pylist(), key=lambda row: (row["kind"], str(row["shop"])))
    print_rows(rows, ("kind", "channel", "shop", "items", "at_stake_minor", "currency"), titles[1], say)
    print_exceptions(
        _largest(table_rows(parts, "exceptions").to_pylist()), sum(row["items"] for row in rows), say, titles[2]
    )


def _largest(exceptions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The few of each kind with most at stake."""
    ordered = sorted(exceptions, key=lambda row: (row["kind"], -abs(row["amount_minor"] or 0), row["key"]))
    return [row for _, rows in groupby(ordered, key=lambda row: row["kind"]) for row in islice(rows, _OF_EACH_KIND)]
