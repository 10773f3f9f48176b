"""`entrepot residency incident` and `roles`: clocks after an incident, who is the processor in law."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language
from entrepot.cli.output import console, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.duties import incident_deadlines, roles_in_force
from entrepot.residency.duties import Incident


def incident_(
    aware: Annotated[str, typer.Option("--aware", help="When it was noticed, with its zone: 2026-11-03T09:00+08:00.")],
    persons: Annotated[int, typer.Option("--persons", help="Persons known to be affected.", min=0)] = 0,
    handled: Annotated[str, typer.Option("--handled", help="When handling ended; empty while it lasts.")] = "",
    *,
    ciio: Annotated[bool, typer.Option("--ciio", help="An operator of critical information infrastructure.")] = False,
    low_risk: Annotated[bool, typer.Option("--low-risk", help="No high risk to the persons.")] = False,
    home: Home = DEFAULT_HOME,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """List whom to tell of an incident and by when; ask again as the number of persons grows. No legal advice.

    Shut the door first: `entrepot gateway stop --reason incident-7 --by privacy-officer`.

    Example:  entrepot residency incident --aware 2026-11-03T09:00+08:00 --persons 1200000
    """
    found = incident_deadlines(
        open_cell(home),
        Incident(
            aware_at=_instant(aware, "--aware"),
            handled_at=_instant(handled, "--handled") if handled else None,
            persons=persons,
            is_ciio=ciio,
            is_high_risk=not low_risk,
        ),
    )
    if as_json:
        print_json({"deadlines": found})
        return
    rows = [each | {"tell": ", ".join(each["tell"]), "what": each[lang.value]} for each in found]
    print_rows(rows, ("by", "tell", "what", "rule", "cite"))


def roles_(home: Home = DEFAULT_HOME, *, as_json: AsJson = False) -> None:
    """List the processor in law of every shop under every permit, as border/decisions.yaml and cell.toml say it.

    Persons are counted by processor, joint ones included; a permit that names another one is refused.

    Example:  entrepot residency roles
    """
    found = roles_in_force(open_cell(home))
    if as_json:
        print_json({"roles": found})
        return
    rows = [each | {"processor": each["processor"] or "?", "also": ", ".join(each["also"])} for each in found]
    print_rows(rows, ("permit", "shop", "processor", "also", "stated"))
    if not rows:
        console.print("no permits, or no shops in cell.toml")


def _instant(text: str, option: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("write an instant: 2026-11-03T09:00+08:00", param_hint=option) from error
    if found.tzinfo is None:
        raise typer.BadParameter("say its zone: 2026-11-03T09:00+08:00", param_hint=option)
    return found
