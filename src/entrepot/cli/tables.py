"""`entrepot tables`: the tables there are and what their columns mean."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language
from entrepot.cli.output import console, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.cleaning import clean_tables
from entrepot.model import TABLES
from entrepot.reports import Vocabulary
from entrepot.reports.reading import readable_columns

app = typer.Typer(help="Tables.\n\nExample:  entrepot tables show orders", no_args_is_help=True)


@app.command("list")
def list_(lang: Lang = Language.ENGLISH, as_json: AsJson = False) -> None:
    """List the tables.

    Example:  entrepot tables list
    """
    rows = [
        {"table": table.name, "origin": table.origin.value, "key": ", ".join(table.key), "meaning": table.meaning}
        for table in TABLES.values()
    ]
    if as_json:
        print_json({"tables": rows})
    else:
        print_rows(rows, ("table", "origin", "key", "meaning"), say=Vocabulary(lang.value))


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="Name of a table.")],
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Show the columns of a table: type, residency class, meaning.

    Example:  entrepot tables show orders
    """
    if name not in TABLES:
        raise typer.BadParameter(f"there is no table {name}; `entrepot tables list` names them", param_hint="NAME")
    rows = [
        {"column": field.name, "type": field.type.value, "class": field.residency.value, "meaning": field.meaning}
        for field in readable_columns(name)
    ]
    if as_json:
        print_json({"table": name, "columns": rows})
    else:
        print_rows(rows, ("column", "type", "class", "meaning"), say=Vocabulary(lang.value))


@app.command("clean")
def clean(
    home: Home = DEFAULT_HOME,
    keep: Annotated[int, typer.Option("--keep", min=1, help="Newest snapshots whose files stay.")] = 3,
    hours: Annotated[int, typer.Option("--hours", min=0, help="Files that became old since then stay.")] = 24,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count only.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete files of old table versions that nobody reads any more.

    Every import writes new versions; what they replaced stays until this command. Nothing that a report or a replay
    needs is touched.

    Example:  entrepot tables clean --keep 3 --dry-run
    """
    cleaned = clean_tables(open_cell(home), keep=keep, hours=hours, dry_run=dry_run)
    if as_json:
        print_json({"files": cleaned.files, "snapshots_kept": cleaned.snapshots_kept, "dry_run": dry_run})
    else:
        console.print(f"{cleaned.files:,} files {'would be' if dry_run else 'were'} deleted")
