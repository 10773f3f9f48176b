"""`entrepot residency register`: every field with its class, purpose, term and permits."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.table import Table

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, Home, Lang, Language
from entrepot.cli.output import console
from entrepot.flows.erasing import today
from entrepot.flows.permits import permitted_fields
from entrepot.residency.profile import load_profile
from entrepot.residency.register import as_csv, as_html, headings, register, texts


class Form(StrEnum):
    """Forms of the register."""

    TABLE = "table"
    CSV = "csv"
    HTML = "html"


def register_(
    form: Annotated[Form, typer.Option("--format", help="table, csv or html.")] = Form.TABLE,
    out: Annotated[Path | None, typer.Option("--out", help="File to write instead of the terminal.")] = None,
    home: Home = DEFAULT_HOME,
    lang: Lang = Language.ENGLISH,
) -> None:
    """List every field that may be held: class, sensitivity, purpose, term, permits.

    Classed under the profile of the cell's region that is in force today. It is no legal advice.

    Example:  entrepot residency register --format html --out register.html
    """
    on = date.fromisoformat(today())
    parts = open_cell(home)
    profile = load_profile(parts.settings.cell.profile or parts.settings.cell.region, on, parts.layout.profiles)
    rows = register(profile, on, permitted_fields(parts))
    language: Literal["en", "zh"] = "zh" if lang is Language.CHINESE else "en"
    if form is Form.TABLE and out is None:
        table = Table(*headings(language))
        for row in rows:
            table.add_row(*texts(row, language))
        console.print(table)
        return
    written = as_html(rows, profile, on, language) if form is Form.HTML else as_csv(rows, language)
    if out is None:
        sys.stdout.write(written)
        return
    out.write_text(written, encoding="utf-8")
    console.print(f"{out}: {len(rows)}", markup=False)
