"""Options that every command shares."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable


class Language(StrEnum):
    """Languages of reports."""

    ENGLISH = "en"
    CHINESE = "zh"


Home = Annotated[
    Path,
    typer.Option(
        "--home",
        envvar="ENTREPOT_HOME",
        help="Company folder, which is a cell.",
        show_default="the current folder's `company`",
    ),
]


def check_one_form(*, as_json: bool, as_csv: bool) -> None:
    """Refuse two forms of output at once."""
    if as_json and as_csv:
        raise typer.BadParameter("give one of --json and --csv, not both")


def check_known(option: str, value: str, known: Iterable[str]) -> None:
    """Refuse a value that nobody knows, and name those that are."""
    names = sorted(set(known))
    if value not in names:
        raise typer.BadParameter(f"there is no {value}; known are {', '.join(names)}", param_hint=option)


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON with stable keys.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Lang = Annotated[
    Language,
    typer.Option("--lang", help="Language of headings, states and accounts; JSON and CSV keep their keys."),
]
Currency = Annotated[str | None, typer.Option("--currency", help="Reporting currency, ISO 4217; else cell.toml's.")]

DEFAULT_HOME = Path("company")
