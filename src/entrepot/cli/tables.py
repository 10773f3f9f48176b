"""`entrepot tables`: the tables there are and what their columns mean."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli.options import AsJson, Lang, Language
from entrepot.cli.output import print_json
from entrepot.cli.tabulate import print_rows
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
