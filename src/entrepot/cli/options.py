"""Options that every command shares."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


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
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON with stable keys.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Lang = Annotated[Language, typer.Option("--lang", help="Language of titles.")]
Currency = Annotated[str | None, typer.Option("--currency", help="Reporting currency, ISO 4217; else cell.toml's.")]

DEFAULT_HOME = Path("company")
