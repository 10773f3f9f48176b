"""`entrepot undo` and `entrepot redo`: a file that should not have been imported."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli.importing import with_progress
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home
from entrepot.cli.output import console, print_json
from entrepot.flows.undoing import counting_and_undone, undo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.store import RawFile

_ID_LENGTH_MIN = 6

Files = Annotated[list[str], typer.Argument(help="Names of files, or the beginnings of their raw ids (6 or more).")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")]
ApprovedBy = Annotated[str, typer.Option("--approved-by", help="Who decided; kept with the decision.")]


def undo_(
    files: Files, reason: Reason, approved_by: ApprovedBy, home: Home = DEFAULT_HOME, as_json: AsJson = False
) -> None:
    """Take imported files out of the books; their entries stay, each with its reversal.

    The file stays in the raw log. `entrepot redo` brings it back.

    Example:  entrepot undo orders-2026-09.csv --reason "wrong shop" --approved-by "Li Na"
    """
    _decide(home, files, reason, approved_by, is_undone=True, as_json=as_json)


def redo_(
    files: Files, reason: Reason, approved_by: ApprovedBy, home: Home = DEFAULT_HOME, as_json: AsJson = False
) -> None:
    """Bring files back that were undone.

    Example:  entrepot redo orders-2026-09.csv --reason "the shop was right" --approved-by "Li Na"
    """
    _decide(home, files, reason, approved_by, is_undone=False, as_json=as_json)


def _decide(home: Path, names: Sequence[str], reason: str, approved_by: str, *, is_undone: bool, as_json: bool) -> None:
    for option, value in (("--reason", reason), ("--approved-by", approved_by)):
        if not value.strip():
            raise typer.BadParameter("it must not be empty", param_hint=option)
    parts = open_cell(home)
    chosen = _chosen(parts, names, is_undone=is_undone)
    report = with_progress(
        lambda tell: undo(
            parts, [file.raw_id for file in chosen], reason, approved_by, is_undone=is_undone, progress=tell
        ),
        quiet=as_json,
    )
    if as_json:
        files = [{"path": file.file_name, "raw_id": file.raw_id, "rows": file.row_count} for file in chosen]
        print_json(
            {
                "undone" if is_undone else "redone": files,
                "snapshot": report.snapshot_id,
                "exceptions": report.exceptions,
            }
        )
        return
    for file in chosen:
        console.print(f"{'undone' if is_undone else 'redone'}: {file.file_name}", markup=False)
    console.print(f"{report.exceptions:,} exceptions", style="bold")


def _chosen(parts: CellParts, names: Sequence[str], *, is_undone: bool) -> list[RawFile]:
    """The files that are meant, each by exactly one name."""
    counting, out = counting_and_undone(parts)
    candidates = counting if is_undone else out
    found: dict[str, RawFile] = {}
    for name in names:
        meant = [file for file in candidates if _is_meant(name, file)]
        if len(meant) != 1:
            known = ", ".join(f"{file.file_name} ({file.raw_id[:12]})" for file in (meant or candidates)[:10])
            problem = f"{name} names {len(meant) or 'no'} files; those there are: {known or 'none'}"
            raise typer.BadParameter(problem, param_hint="FILES")
        found[meant[0].raw_id] = meant[0]
    return list(found.values())


def _is_meant(name: str, file: RawFile) -> bool:
    if name in (file.file_name, PurePath(file.file_name).name):
        return True
    return len(name) >= _ID_LENGTH_MIN and file.raw_id.startswith(name)
