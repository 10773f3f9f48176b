"""The commands, and how errors become exit codes.

0: every row is accounted for, quarantine included (`--strict` makes findings 1); 1: refused; 2: wrong usage; 75: try
again later.
"""

from __future__ import annotations

import sys

import typer
from typer.main import get_command

from entrepot import __version__
from entrepot.cli import demo, exceptions, files, importing, report, sql, tables
from entrepot.cli.errors import PathUnusable
from entrepot.cli.output import print_error
from entrepot.errors import EntrepotError, Transient

EXIT_REFUSED = 1
EXIT_TRY_LATER = 75

app = typer.Typer(
    name="entrepot",
    help="One business from China and global marketplaces: files in, books out.\n\n"
    "Example:  entrepot import ~/downloads/seller-files && entrepot report pnl",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: bool = typer.Option(
        False,
        "--version",
        callback=lambda value: _version(wanted=value),
        is_eager=True,
        help="Print the version.",
    ),
) -> None:
    del version


app.command("demo")(demo.demo)
app.command("import")(importing.import_)
app.command("replay")(importing.replay_)
app.command("sql")(sql.sql)
app.add_typer(report.app, name="report")
app.add_typer(exceptions.app, name="exceptions")
app.add_typer(files.app, name="files")
app.add_typer(tables.app, name="tables")


def main() -> None:
    """Run a command and leave with its exit code."""
    try:
        get_command(app)()
    except OSError as error:
        print_error(
            PathUnusable(str(error.filename or ""), error.strerror or "it failed"), as_json="--json" in sys.argv
        )
        sys.exit(EXIT_REFUSED)
    except EntrepotError as error:
        print_error(error, as_json="--json" in sys.argv)
        sys.exit(EXIT_TRY_LATER if isinstance(error, Transient) else EXIT_REFUSED)
