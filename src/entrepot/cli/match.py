"""`entrepot match`: which SKUs listings sell, proposed by the product and decided by people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli.importing import with_progress
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language
from entrepot.cli.output import console, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.asking import vocabulary
from entrepot.flows.matching import Chosen, counts, decide_matches, propose_matches
from entrepot.planning.matching import review_rows, write_review

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(
    help="Which SKUs listings sell: proposals, and what people decide.\n\n"
    "Example:  entrepot match propose --out review.xlsx",
    no_args_is_help=True,
)

_SHOWN = ("proposal", "shop", "title", "sku_id", "qty", "share", "confidence", "reasons")

Learned = Annotated[bool, typer.Option("--learned", help="Learn from what was decided; needs entrepot[matching].")]
By = Annotated[str, typer.Option("--by", help="Who decides; kept with the decision.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")]
Ids = Annotated[list[str] | None, typer.Option("--proposal", help="Id of a proposal, as often as needed.")]
Review = Annotated[
    Path | None, typer.Argument(help="The reviewed list; without one, today's proposals.", exists=True, dir_okay=False)
]
MinConfidence = Annotated[
    float | None, typer.Option("--min-confidence", min=0.5, max=1, help="Every proposal from this confidence on.")
]


@app.command("propose")
def propose_(
    home: Home = DEFAULT_HOME,
    out: Annotated[
        Path | None, typer.Option("--out", help="Review list to write, .csv or .xlsx; else it is shown.")
    ] = None,
    learned: Learned = False,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Propose SKUs for listings whose lines carry no seller code, or one that the SKU list does not know.

    Nothing is applied: fill the column `decision` and give the list to `entrepot match accept`.

    Example:  entrepot match propose --out review.xlsx --lang zh
    """
    if out is not None and out.suffix.lower() not in (".csv", ".xlsx"):
        raise typer.BadParameter("it ends in .csv or .xlsx", param_hint="--out")
    proposals = propose_matches(open_cell(home), learned=learned)
    rows = review_rows(proposals, lang.value)
    if out is not None:
        write_review(rows, out)
    if as_json:
        print_json({"counts": counts(proposals), "out": str(out) if out else None, "proposals": rows})
    elif out is not None:
        console.print(str(out), soft_wrap=True, markup=False)
        _print_counts(counts(proposals))
    else:
        _print(rows, home, lang.value, 50)
        _print_counts(counts(proposals))


@app.command("show")
def show(
    home: Home = DEFAULT_HOME,
    proposal: Ids = None,
    limit: Annotated[int, typer.Option(help="At most so many rows; 0 for all.", min=0)] = 20,
    learned: Learned = False,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Show proposals, the most valuable listings first.

    Example:  entrepot match show --proposal 3f0c2a9b11
    """
    rows = review_rows(propose_matches(open_cell(home), learned=learned), lang.value)
    chosen = [row for row in rows if not proposal or row["proposal"] in proposal]
    if proposal and not chosen:
        raise typer.BadParameter("no listing that waits has this id", param_hint="--proposal")
    if as_json:
        print_json({"proposals": chosen})
    else:
        _print(chosen, home, lang.value, limit)


@app.command("accept")
def accept(
    by: By,
    reason: Reason,
    review: Review = None,
    min_confidence: MinConfidence = None,
    proposal: Ids = None,
    learned: Learned = False,
    home: Home = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Keep what a reviewed list says, or accept proposals in bulk; order lines take their SKUs from it at once.

    Rows of the list count as they are marked, accept or refuse. `entrepot undo` with the name of the kept list takes
    the decisions back.

    Example:  entrepot match accept review.xlsx --by "Li Na" --reason "checked against the catalogue"
    """
    _decide(home, Chosen("accept", frozenset(proposal or ()), min_confidence), by, reason, review, learned, as_json)


@app.command("refuse")
def refuse(
    by: By,
    reason: Reason,
    review: Review = None,
    proposal: Ids = None,
    learned: Learned = False,
    home: Home = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Refuse proposals: these pairs of listing and SKU are not proposed again.

    Example:  entrepot match refuse --proposal 3f0c2a9b11 --by "Li Na" --reason "another shade"
    """
    _decide(home, Chosen("refuse", frozenset(proposal or ())), by, reason, review, learned, as_json)


def _decide(
    home: Path, chosen: Chosen, by: str, reason: str, review: Path | None, learned: bool, as_json: bool
) -> None:
    for option, value in (("--by", by), ("--reason", reason)):
        if not value.strip():
            raise typer.BadParameter("it must not be empty", param_hint=option)
    made = with_progress(
        lambda tell: decide_matches(open_cell(home), chosen, by, reason, review=review, learned=learned, progress=tell),
        quiet=as_json,
    )
    file = made.report.files[0]
    if as_json:
        print_json(
            {
                "kept_as": made.file_name,
                "accepted": made.accepted,
                "refused": made.refused,
                "quarantined": file.reasons,
                "snapshot": made.report.snapshot_id,
                "exceptions": made.report.exceptions,
            }
        )
        return
    console.print(f"{made.accepted:,} rows accepted, {made.refused:,} refused; kept as {made.file_name}", markup=False)
    for name, number in sorted(file.reasons.items()):
        console.print(f"! {number} × {name}: these decide nothing", style="yellow", markup=False)
    console.print(f"{made.report.exceptions:,} exceptions", style="bold")


def _print(rows: Sequence[dict[str, str]], home: Path, lang: str, limit: int) -> None:
    print_rows(rows[:limit] if limit else rows, _SHOWN, "", vocabulary(open_cell(home), lang))
    if limit and len(rows) > limit:
        console.print(f"{len(rows) - limit:,} more: entrepot match show --limit 0", style="dim")


def _print_counts(found: dict[str, int]) -> None:
    console.print(", ".join(f"{name} {number:,}" for name, number in found.items()), style="bold")
