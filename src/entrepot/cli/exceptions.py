"""`entrepot exceptions`: what a person must look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsCsv, AsJson, Home
from entrepot.cli.output import console, print_csv, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.asking import table_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

app = typer.Typer(
    help="Exceptions.\n\nExample:  entrepot exceptions list --kind settlement_difference", no_args_is_help=True
)

_SHOWN = ("kind", "shop", "item", "amount_minor", "currency", "cause")


@app.command("list")
def list_(
    home: Home = DEFAULT_HOME,
    kind: Annotated[str | None, typer.Option(help="Only this kind.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many on the terminal; 0 for all.")] = 50,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List exceptions, the largest amounts first.

    Example:  entrepot exceptions list --kind settlement_missing --json
    """
    rows = [row for row in table_rows(open_cell(home), "exceptions").to_pylist() if kind in (None, row["kind"])]
    rows.sort(key=lambda row: (row["kind"], -abs(row["amount_minor"] or 0), row["key"]))
    if as_json:
        print_json({"exceptions": rows})
    elif as_csv:
        print_csv(rows, list(rows[0]) if rows else list(_SHOWN))
    else:
        print_exceptions(rows[:limit] if limit else rows, of=len(rows))


def print_exceptions(rows: Sequence[Mapping[str, object]], of: int, title: str = "") -> None:
    """Print exceptions, and how many more there are."""
    print_rows([{**row, "item": _item(row)} for row in rows], _SHOWN, title)
    if len(rows) < of:
        console.print(f"{of - len(rows):,} more: entrepot exceptions list --limit 0", style="dim", soft_wrap=True)


def _item(row: Mapping[str, object]) -> str:
    """What a person looks for: the file and row, or the last part of the key."""
    found = row["where_found"]
    return str(found).rsplit("/", maxsplit=1)[-1] if found else str(row["key"]).rsplit("/", maxsplit=1)[-1]
