"""`entrepot report workbook`, `pdf` and `daily`: reports that people hand on."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Currency, Home, Lang, Language
from entrepot.cli.output import console, errors, print_json
from entrepot.flows.asking import vocabulary
from entrepot.flows.publishing import publish_pdf, publish_workbook
from entrepot.flows.publishing_daily import figures_of_day, send_day, worst_of
from entrepot.reports.daily import message_fields, message_text

if TYPE_CHECKING:
    from entrepot.flows.publishing import PublishedFile
    from entrepot.flows.publishing_daily import Sent


class Languages(StrEnum):
    """Languages of a workbook."""

    ENGLISH = "en"
    CHINESE = "zh"
    BOTH = "both"


def add_to(app: typer.Typer) -> None:
    """Add the commands to `entrepot report`."""
    app.command("workbook")(workbook)
    app.command("pdf")(pdf)
    app.command("daily")(daily)


def workbook(
    home: Home = DEFAULT_HOME,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; else under the cell's reports/.")] = None,
    month: Annotated[str | None, typer.Option("--month", help="P&L of this calendar month only: 2026-09.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="P&L of this fiscal period only: FY2026-P09.")] = None,
    currency: Currency = None,
    lang: Annotated[Languages, typer.Option("--lang", help="Language of the sheets, or both.")] = Languages.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Write all reports as one Excel workbook; the same snapshot gives the same bytes.

    Example:  entrepot report workbook --month 2026-09 --lang both --out september.xlsx
    """
    parts = open_cell(home)
    named = "-".join(each for each in ("reports", month, period, lang.value) if each)
    target = out or parts.layout.reports / f"{named}.xlsx"
    languages = ["zh", "en"] if lang is Languages.BOTH else [lang.value]
    _print_file(publish_workbook(parts, target, languages, month, period, currency), as_json=as_json)


def pdf(
    home: Home = DEFAULT_HOME,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; else under the cell's reports/.")] = None,
    currency: Currency = None,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Print the HTML report as a PDF, by a Chromium that is there (or ENTREPOT_CHROMIUM).

    Example:  entrepot report pdf --lang zh --out report.pdf
    """
    parts = open_cell(home)
    target = out or parts.layout.reports / f"report-{lang.value}.pdf"
    _print_file(publish_pdf(parts, target, lang.value, currency), as_json=as_json)


def daily(
    home: Home = DEFAULT_HOME,
    day: Annotated[
        str | None, typer.Option("--day", help="Which day, 2026-09-30; else the last one with an order.")
    ] = None,
    currency: Currency = None,
    lang: Lang = Language.ENGLISH,
    send: Annotated[bool, typer.Option("--send", help="Send them to every [[notify]] of cell.toml, once.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="With --send: also where nobody knows whether they have arrived.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print the figures of a day, and send them: sums and counts only, to addresses of the cell's own region.

    Example:  entrepot report daily --day 2026-09-30 --lang zh --send
    """
    if again and not send:
        raise typer.BadParameter("--again needs --send")
    parts = open_cell(home)
    figures = figures_of_day(parts, _day(day), currency)
    sent = send_day(parts, figures, again=again) if send else []
    if as_json:
        fields = {name: value for name, value in message_fields(figures, "").items() if name != "key"}
        print_json({**fields, "sent": [_as_dict(each) for each in sent]})
    else:
        console.print(message_text(figures, vocabulary(parts, lang.value)), soft_wrap=True, markup=False)
        for each in sent:
            where = console if each.error is None else errors
            where.print(f"{each.target}: {each.outcome.replace('_', ' ')}", soft_wrap=True, markup=False)
    if (error := worst_of(sent)) is not None:
        raise error


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no day; days are written 2026-09-30", param_hint="--day") from error


def _as_dict(sent: Sent) -> dict[str, str | None]:
    return {"target": sent.target, "outcome": sent.outcome, "error": sent.error.code if sent.error else None}


def _print_file(file: PublishedFile, *, as_json: bool) -> None:
    if as_json:
        print_json({"path": str(file.path), "sha256": file.sha256, "byte_count": file.byte_count})
    else:
        console.print(str(file.path), soft_wrap=True, markup=False)
