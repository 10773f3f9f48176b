"""Commands for the compliance officer: persons of the year, flows declared, what left in a period, sealed copies."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsCsv, AsJson, Home, Lang, Language, check_one_form
from entrepot.cli.output import console, print_csv, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.border_records import (
    copies_of,
    declare_flow,
    make_approver,
    meter_of,
    open_sealed,
    prove_entry,
    transfers_between,
)
from entrepot.residency.meter_reading import Persons

if TYPE_CHECKING:
    from entrepot.residency.meter import MeterReading

approver_app = typer.Typer(
    help="Those who open sealed copies, two together.\n\nExample:  entrepot gateway approver add officer --out key",
    no_args_is_help=True,
)

Processor = Annotated[str, typer.Argument(help="Legal processor whose persons are counted.")]
Year = Annotated[int | None, typer.Option("--year", help="Calendar year; else this one.")]

_WORDS = {
    "counted": ("counted toward the lines", "计入门槛"),
    "exempt": ("in exempt transfers", "豁免传输"),
    "everyone": ("in all", "合计"),
    "sensitive": ("sensitive", "敏感"),
    "non_sensitive": ("non-sensitive", "非敏感"),
    "only": ("this system only: nothing was declared of other flows", "仅本系统：未申报其他出境活动"),
    "upper": ("an upper bound: some persons cannot be told apart", "为上限：部分个人无法去重"),
}
_COLUMNS = (
    *("entry", "at", "kind", "permit", "recipient", "purpose", "profile", "route", "processor", "rows"),
    *("persons_new", "persons_after", "sensitive_after", "outcome", "envelope_hash"),
)
_SHOWN = ("entry", "at", "kind", "permit", "recipient", "purpose", "route", "rows", "persons_new", "outcome")


def meter_(
    processor: Processor,
    home: Home = DEFAULT_HOME,
    year: Year = None,
    lang: Lang = Language.ENGLISH,
    *,
    recount: Annotated[bool, typer.Option("--recount", help="Count every person anew and compare; slower.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say of how many persons data left this year, and how far each line of the law is away.

    Example:  entrepot residency meter cn-shanghai --lang zh
    """
    reading, lines = meter_of(open_cell(home), processor, year, recount=recount)
    if as_json:
        print_json({"year": reading.year, "lines": lines, **_totals(reading)})
        return
    _print_reading(reading, lang)
    print_rows(lines, ("line", "class", "from", "persons", "left"))


def declare_(
    processor: Processor,
    flow: Annotated[str, typer.Option("--flow", help="Name of the flow, or `opening` for the time before.")],
    evidence: Annotated[str, typer.Option("--evidence", help="Document that shows it.")],
    role: Annotated[str, typer.Option("--by", help="Function that approves, such as privacy-officer.")],
    non_sensitive: Annotated[int, typer.Option("--persons", help="Persons, non-sensitive.", min=0)] = 0,
    sensitive: Annotated[int, typer.Option("--sensitive", help="Persons, sensitive.", min=0)] = 0,
    *,
    home: Home = DEFAULT_HOME,
    year: Year = None,
    lang: Lang = Language.ENGLISH,
) -> None:
    """State the persons of a flow outside this system; they are added to every total of the year.

    Example:  entrepot residency declare cn-shanghai --flow opening --persons 41200 --evidence letter-4 --by officer
    """
    persons = Persons(sensitive=sensitive, non_sensitive=non_sensitive)
    reading = declare_flow(open_cell(home), processor, flow, persons, evidence=evidence, role=role, year=year)
    _print_reading(reading, lang)


def export_(
    first: Annotated[str, typer.Option("--from", help="First day, UTC.")],
    last: Annotated[str, typer.Option("--to", help="Last day, UTC.")],
    home: Home = DEFAULT_HOME,
    *,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """What left in a period: who, what, why, of how many persons, under which rule; refusals and switches too.

    Example:  entrepot gateway export --from 2026-01-01 --to 2026-12-31 --csv > transfers-2026.csv
    """
    check_one_form(as_json=as_json, as_csv=as_csv)
    rows = transfers_between(open_cell(home), _day(first, "--from"), _day(last, "--to"))
    if as_json:
        print_json(rows)
    elif as_csv:
        print_csv(rows, _COLUMNS)
    else:
        print_rows(rows, _SHOWN)


def prove_(
    entry: Annotated[int, typer.Argument(help="Number of the entry, as `gateway export` lists it.", min=0)],
    home: Home = DEFAULT_HOME,
    *,
    as_json: AsJson = False,
) -> None:
    """Show one entry of the transfer log, and the hashes that lead from it to the signed root: proof without the rest.

    Verified as RFC 6962 says; docs/reference/transfer-log.md has the format.

    Example:  entrepot gateway prove 12 --json > entry-12.json
    """
    found = prove_entry(open_cell(home), entry)
    if as_json:
        print_json(found)
        return
    console.print(found["content"], markup=False, soft_wrap=True)
    for each in found["hashes"]:
        console.print(each, markup=False)
    console.print(found["checkpoint"], markup=False, soft_wrap=True)


@approver_app.command("add")
def approver_add(
    name: Annotated[str, typer.Argument(help="Function that approves, such as privacy-officer.")],
    out: Annotated[Path, typer.Option("--out", help="File for the private key; it must lie outside the cell.")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Make a key pair for an approver. With two of them, copies of what left are kept sealed.

    Example:  entrepot gateway approver add privacy-officer --out officer.key
    """
    make_approver(open_cell(home), name, out)
    console.print(f"approver  {name}: give {out} to them and keep no copy", markup=False)


def copies_(home: Home = DEFAULT_HOME, *, as_json: AsJson = False) -> None:
    """List the copies of what left and until when each is kept, as the profile says and holds allow.

    The next `gateway send` removes what is over, and says so in the log.

    Example:  entrepot gateway copies --json
    """
    found = copies_of(open_cell(home))
    if as_json:
        print_json({"copies": found})
    else:
        print_rows(found, ("envelope", "sealed", "until", "held", "over"))


def open_copy_(
    envelope: Annotated[str, typer.Argument(help="File name of the envelope.")],
    key: Annotated[list[str], typer.Option("--key", help="APPROVER=FILE of a private key; twice.")],
    out: Annotated[Path, typer.Option("--out", help="File to write.")],
    role: Annotated[str, typer.Option("--by", help="Function that asks.")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Open the sealed copy of an envelope with the keys of two approvers; that it was opened is recorded.

    Example:  entrepot gateway open-copy journals.000001.….envelope --key officer=a.key --key counsel=b.key
    --out copy.envelope --by audit
    """
    keys = {}
    for each in key:
        name, _, file = each.partition("=")
        if not name or not file:
            raise typer.BadParameter("write APPROVER=FILE", param_hint="--key")
        keys[name] = Path(file)
    open_sealed(open_cell(home), envelope, keys, out, role)
    console.print(f"opened    {out}", markup=False)


def _totals(reading: MeterReading) -> dict[str, object]:
    return {
        "processor": reading.processor,
        "this_system_only": reading.this_system_only,
        "upper_bound": reading.upper_bound,
        **{
            name: {"sensitive": persons.sensitive, "non_sensitive": persons.non_sensitive}
            for name in ("counted", "exempt", "everyone")
            for persons in [getattr(reading.after, name)]
        },
    }


def _print_reading(reading: MeterReading, lang: Language) -> None:
    index = lang is Language.CHINESE
    console.print(f"{reading.processor} {reading.year}", markup=False)
    for name in ("counted", "exempt", "everyone"):
        persons = getattr(reading.after, name)
        classes = f"{persons.non_sensitive:,} {_WORDS['non_sensitive'][index]}, "
        console.print(f"  {_WORDS[name][index]}: {classes}{persons.sensitive:,} {_WORDS['sensitive'][index]}")
    if reading.this_system_only:
        console.print(f"  {_WORDS['only'][index]}")
    if reading.upper_bound:
        console.print(f"  {_WORDS['upper'][index]}")


def _day(text: str, option: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise typer.BadParameter("write a day as 2026-09-30", param_hint=option) from error
