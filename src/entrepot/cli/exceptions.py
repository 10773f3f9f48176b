"""`entrepot exceptions`: what a person must look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import (
    DEFAULT_HOME,
    AsCsv,
    AsJson,
    Home,
    Lang,
    Language,
    check_known,
    check_one_form,
)
from entrepot.cli.output import console, print_csv, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.asking import table_rows, vocabulary
from entrepot.reports.words import KINDS, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.reports import Vocabulary

app = typer.Typer(
    help="Exceptions.\n\nExample:  entrepot exceptions list --kind settlement_difference", no_args_is_help=True
)

_SHOWN = ("kind", "shop", "item", "amount_minor", "currency", "cause")


@app.command("list")
def list_(
    home: Home = DEFAULT_HOME,
    kind: Annotated[str | None, typer.Option(help="Only this kind, by its code or its Chinese name.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many on the terminal; 0 for all.", min=0)] = 50,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List exceptions, the largest amounts first.

    Example:  entrepot exceptions list --kind settlement_missing --json
    """
    check_one_form(as_json=as_json, as_csv=as_csv)
    parts = open_cell(home)
    rows = table_rows(parts, "exceptions").to_pylist()
    if kind is not None:
        check_known("--kind", kind_of(kind), {*KINDS, *(row["kind"] for row in rows)})
        rows = [row for row in rows if row["kind"] == kind_of(kind)]
    rows.sort(key=lambda row: (row["kind"], -abs(row["amount_minor"] or 0), row["key"]))
    if as_json:
        print_json({"exceptions": rows})
    elif as_csv:
        print_csv(rows, list(rows[0]) if rows else list(_SHOWN))
    else:
        print_exceptions(rows[:limit] if limit else rows, len(rows), vocabulary(parts, lang.value))


def print_exceptions(rows: Sequence[Mapping[str, object]], of: int, say: Vocabulary, title: str = "") -> None:
    """Print exceptions, and how many more there are."""
    print_rows([{**row, "item": _item(row)} for row in rows], _SHOWN, title, say)
    if len(rows) < of:
        more = {"en": "more", "zh": "条未列出"}[say.lang]
        console.print(f"{of - len(rows):,} {more}: entrepot exceptions list --limit 0", style="dim", soft_wrap=True)


def _item(row: Mapping[str, object]) -> str:
    """What a person looks for: the file and row, or the last part of the key."""
    found = row["where_found"]
    return str(found).rsplit("/", maxsplit=1)[-1] if found else str(row["key"]).rsplit("/", maxsplit=1)[-1]
