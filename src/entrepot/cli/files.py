"""`entrepot files`: what is in the raw log, and which formats are known."""

from __future__ import annotations

from dataclasses import asdict, replace

import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language
from entrepot.cli.output import print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.asking import table_rows, vocabulary
from entrepot.flows.undoing import counting_and_undone

app = typer.Typer(help="Files.\n\nExample:  entrepot files formats", no_args_is_help=True)


@app.command("list")
def list_(home: Home = DEFAULT_HOME, lang: Lang = Language.ENGLISH, as_json: AsJson = False) -> None:
    """List the files of the raw log, those that were undone too.

    Example:  entrepot files list
    """
    parts = open_cell(home)
    columns = table_rows(parts, "raw_files")
    rows = [{**row, "undone": False} for row in columns.to_pylist()]
    for file in counting_and_undone(parts)[1]:
        stated = asdict(file)
        rows.append({**{name: stated.get(name) for name in columns.column_names}, "undone": True})
    rows.sort(key=lambda row: (row["format"], row["file_name"]))
    if as_json:
        print_json({"files": rows})
    else:
        shown = ("file_name", "format", "shop", "encoding", "row_count", "exported_at", "undone")
        print_rows(
            [{**row, "undone": "yes" if row["undone"] else ""} for row in rows],
            shown if any(row["undone"] for row in rows) else shown[:-1],
            say=vocabulary(parts, lang.value),
        )


@app.command("formats")
def formats(home: Home = DEFAULT_HOME, lang: Lang = Language.ENGLISH, as_json: AsJson = False) -> None:
    """List the formats that this cell recognises, its declared ones included.

    Example:  entrepot files formats --lang zh
    """
    parts = open_cell(home)
    rows = [
        {
            "format": wire.name,
            "channel": wire.channel,
            "title": wire.title[lang.value],
            "needs": ", ".join(sorted(wire.required_names)),
        }
        for wire in parts.formats
    ]
    if as_json:
        print_json({"formats": rows})
    else:
        # The format's name is what replay, SQL and quarantine say; it stays beside its title.
        print_rows(
            rows, ("format", "channel", "title", "needs"), say=replace(vocabulary(parts, lang.value), formats={})
        )
