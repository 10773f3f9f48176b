"""`entrepot files`: what is in the raw log, and which formats are known."""

from __future__ import annotations

import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language
from entrepot.cli.output import print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.asking import table_rows

app = typer.Typer(help="Files.\n\nExample:  entrepot files formats", no_args_is_help=True)


@app.command("list")
def list_(home: Home = DEFAULT_HOME, as_json: AsJson = False) -> None:
    """List the files of the raw log.

    Example:  entrepot files list
    """
    rows = sorted(
        table_rows(open_cell(home), "raw_files").to_pylist(), key=lambda row: (row["format"], row["file_name"])
    )
    if as_json:
        print_json({"files": rows})
    else:
        print_rows(rows, ("file_name", "format", "shop", "encoding", "row_count", "exported_at"))


@app.command("formats")
def formats(home: Home = DEFAULT_HOME, lang: Lang = Language.ENGLISH, as_json: AsJson = False) -> None:
    """List the formats that this cell recognises, its declared ones included.

    Example:  entrepot files formats --lang zh
    """
    rows = [
        {
            "format": wire.name,
            "channel": wire.channel,
            "title": wire.title[lang.value],
            "needs": ", ".join(sorted(wire.required_names())),
        }
        for wire in open_cell(home).formats
    ]
    if as_json:
        print_json({"formats": rows})
    else:
        print_rows(rows, ("format", "channel", "title", "needs"))
