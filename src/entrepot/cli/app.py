"""The commands, and how errors become exit codes.

0: every row is accounted for, quarantine included (`--strict` makes findings 1); 1: refused; 2: wrong usage; 75: try
again later. Errors go to stderr, as a sentence or with `--json` as JSON, so that stdout holds answers only.
"""

from __future__ import annotations

import atexit
import gc
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

import typer
from typer.exceptions import Abort, TyperException
from typer.main import get_command

from entrepot import __version__
from entrepot.cli.errors import PathUnusable, WrongUsage
from entrepot.cli.output import errors, print_error
from entrepot.errors import EntrepotError, Transient

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

EXIT_REFUSED = 1
EXIT_TRY_LATER = 75

COMMANDS: Mapping[str, str] = {
    "demo": "demo:demo",
    "audit": "audit:audit_",
    "import": "importing:import_",
    "replay": "importing:replay_",
    "undo": "undoing:undo_",
    "redo": "undoing:redo_",
    "close": "closing:close_",
    "reopen": "closing:reopen_",
    "periods": "closing:periods_",
    "sql": "sql:sql",
    "explain": "explain:explain",
    "report": "report:app",
    "sync": "sync:app",
    "sandbox": "sandbox:app",
    "exceptions": "exceptions:app",
    "export": "export:app",
    "deliver": "deliver:app",
    "files": "files:app",
    "match": "match:app",
    "cell": "cell:app",
    "permit": "permit:app",
    "pattern": "pattern:app",
    "domain": "domain:app",
    "gateway": "gateway:app",
    "residency": "residency:app",
    "tables": "tables:app",
}
"""Where each command stands, in the order of `--help`. It is read when it is asked for: to read all takes a second."""

_COLLECTED_EVERY = 20_000
"""New objects after which the youngest are looked through; what Python takes is too few for trees of SQL."""


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


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


def app_of(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The program with some of its commands; all of them if nothing is said."""
    app = typer.Typer(
        name="entrepot",
        help="One business from China and global marketplaces: files in, books out.\n\n"
        "Example:  entrepot import ~/downloads/seller-files && entrepot report pnl",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    for name in names:
        module, _, attribute = COMMANDS[name].partition(":")
        found = getattr(import_module(f"entrepot.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def _asked(arguments: Sequence[str]) -> Iterable[str]:
    """The command that is asked for; all where it is not one of ours, so that help can name them."""
    if list(arguments) == ["--version"]:
        return ()
    name = next((each for each in arguments if not each.startswith("-")), "")
    return (name,) if name in COMMANDS else COMMANDS


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """While modules are read: what is read stays, and to look for garbage in it took a tenth of a command's second."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        # What is frozen at the end is taken for leaked by libraries that count their objects, and told to the terminal.
        atexit.register(gc.unfreeze)
        gc.enable()
        gc.set_threshold(_COLLECTED_EVERY, *gc.get_threshold()[1:])


def main() -> None:
    """Run a command and leave with its exit code."""
    try:
        with collector_at_rest():
            command = get_command(app_of(_asked(sys.argv[1:])))
        # Not standalone: Typer would print usage errors itself, as prose only.
        sys.exit(command.main(standalone_mode=False) or 0)
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
