"""The commands, and how errors become exit codes.

0: every row is accounted for, quarantine included (`--strict` makes findings 1); 1: refused; 2: wrong usage; 75: try
again later. Errors go to stderr, as a sentence or with `--json` as JSON, so that stdout holds answers only.
"""

from __future__ import annotations

import sys

import typer
from typer.exceptions import Abort, TyperException
from typer.main import get_command

from entrepot import __version__
from entrepot.cli import (
    audit,
    cell,
    closing,
    deliver,
    demo,
    domain,
    exceptions,
    explain,
    export,
    files,
    gateway,
    importing,
    match,
    pattern,
    permit,
    publish,
    report,
    residency,
    sandbox,
    sql,
    sync,
    tables,
    undoing,
)
from entrepot.cli.errors import PathUnusable, WrongUsage
from entrepot.cli.output import errors, print_error
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
app.command("audit")(audit.audit_)
app.command("import")(importing.import_)
app.command("replay")(importing.replay_)
app.command("undo")(undoing.undo_)
app.command("redo")(undoing.redo_)
app.command("close")(closing.close_)
app.command("reopen")(closing.reopen_)
app.command("periods")(closing.periods_)
app.command("sql")(sql.sql)
app.command("explain")(explain.explain)
publish.add_to(report.app)
app.add_typer(report.app, name="report")
app.add_typer(sync.app, name="sync")
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(exceptions.app, name="exceptions")
app.add_typer(export.app, name="export")
app.add_typer(deliver.app, name="deliver")
app.add_typer(files.app, name="files")
app.add_typer(match.app, name="match")
app.add_typer(cell.app, name="cell")
app.add_typer(permit.app, name="permit")
app.add_typer(pattern.app, name="pattern")
app.add_typer(domain.app, name="domain")
app.add_typer(gateway.app, name="gateway")
app.add_typer(residency.app, name="residency")
app.add_typer(tables.app, name="tables")


def main() -> None:
    """Run a command and leave with its exit code."""
    try:
        # Not standalone: Typer would print usage errors itself, as prose only.
        sys.exit(get_command(app).main(standalone_mode=False) or 0)
    except TyperException as error:
        _print_wrong_usage(error)
        sys.exit(error.exit_code)
    except Abort:
        errors.print("stopped", style="red")
        sys.exit(EXIT_REFUSED)
    except OSError as error:
        print_error(
            PathUnusable(str(error.filename or ""), error.strerror or "it failed"), as_json="--json" in sys.argv
        )
        sys.exit(EXIT_REFUSED)
    except EntrepotError as error:
        print_error(error, as_json="--json" in sys.argv)
        sys.exit(EXIT_TRY_LATER if isinstance(error, Transient) else EXIT_REFUSED)


def _print_wrong_usage(error: TyperException) -> None:
    show = getattr(error, "show", None)
    if "--json" not in sys.argv and show is not None:
        show()
    else:
        print_error(WrongUsage(error.format_message()), as_json="--json" in sys.argv)
