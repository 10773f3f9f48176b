"""`entrepot permit`: write a permit, see what it would let out and why, accept another cell's."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language
from entrepot.cli.output import console, plain, print_json
from entrepot.cli.permit_sums import new_counts_, new_sums_, platforms_of
from entrepot.cli.tabulate import print_rows
from entrepot.flows.permits import (
    accept_permit,
    check_permit,
    new_permit,
    permits_of,
    preview,
    rotate_tokens,
)
from entrepot.residency.permits.shape import shape_names, shipped_shape
from entrepot.residency.permits.terms import Circumstances, Recipient

if TYPE_CHECKING:
    from entrepot.flows.permits import Checked

app = typer.Typer(
    help="What may leave this cell, for whom and why.\n\nExample:  entrepot permit check journals-to-group",
    no_args_is_help=True,
)

app.command("new-sums")(new_sums_)
app.command("new-counts")(new_counts_)

Name = Annotated[str, typer.Argument(help="Name of the permit.")]

_WORDS = {
    "for": ("for", "接收方"),
    "purpose": ("purpose", "目的"),
    "valid": ("valid", "有效期"),
    "processor": ("processor", "个人信息处理者"),
    "leaves": ("would leave now", "本次将出境"),
    "rows": ("rows", "行"),
    "unchanged": ("parts the recipient holds already", "接收方已有且未变的部分"),
    "persons": ("persons behind these rows", "涉及人数"),
    "year": ("this year, with this transfer", "本年累计（含本次）"),
    "this_system_only": ("this system only: nothing was declared of other flows", "仅本系统：未申报其他出境活动"),
    "upper_bound": ("an upper bound: some persons cannot be told apart", "为上限：部分个人无法去重"),
    "non_sensitive": ("non-sensitive", "非敏感"),
    "sensitive": ("sensitive", "敏感"),
    "withheld": ("values that would leave as `withheld`", "将以 withheld 代替的值"),
    "route": ("route", "出境路径"),
    "missing": ("stands against it", "阻止原因"),
    "may": ("may leave", "可以出境"),
    "warning": ("warning", "提醒"),
    "field": ("field", "字段"),
    "why": ("why", "依据"),
    "sums": ("safe sums", "安全汇总"),
    "suppressed": (
        "{suppressed:,} amounts suppressed, {pooled:,} pools; {held:,} lines changed and stay as they were released",
        "隐去 {suppressed:,} 项，合并 {pooled:,} 项；{held:,} 行有变化但维持已发布的数值",
    ),
    "derivable": ("derivable from {permits}: no protection", "可由 {permits} 推出：不提供保护"),
}


def _say(lang: Language, word: str) -> str:
    return _WORDS[word][lang is Language.CHINESE]


@app.command("shapes")
def shapes(lang: Lang = Language.ENGLISH, *, as_json: AsJson = False) -> None:
    """List the shipped shapes, strictest first: what can be let out at all.

    Example:  entrepot permit shapes --lang zh
    """
    found = [shipped_shape(letter) for letter in shape_names()]
    if as_json:
        print_json([msgspec.to_builtins(each) for each in found])
        return
    rows = [
        {
            "shape": each.shape,
            "title": each.title[lang.value],
            "purposes": ", ".join(each.purposes),
            "persons": "counted" if each.counts_persons else "-",
            "tables": ", ".join(one.name for one in each.datasets),
        }
        for each in found
    ]
    print_rows(rows, ("shape", "title", "purposes", "persons", "tables"))


@app.command("new")
def new(
    name: Name,
    shape: Annotated[str, typer.Option("--shape", help="Letter of a shape; see `permit shapes`.")],
    to: Annotated[str, typer.Option("--to", help="The receiving cell, as in [[companions]].")],
    purpose: Annotated[str, typer.Option("--purpose", help="One of the shape's purposes.")],
    recipient: Annotated[str, typer.Option("--recipient", help="Legal name of the recipient.")],
    recipient_region: Annotated[str, typer.Option("--recipient-region", help="Its region.")],
    contact: Annotated[str, typer.Option("--contact", help="Where it is reached; a function, never a person.")],
    processor: Annotated[str, typer.Option("--processor", help="Legal processor whose persons are counted.")],
    *,
    home: Home = DEFAULT_HOME,
    platform: Annotated[
        list[str] | None,
        typer.Option("--platform", help="CHANNEL=DOCUMENT that permits taking its data out; once for each platform."),
    ] = None,
    important_data: Annotated[
        bool | None, typer.Option("--important-data/--no-important-data", help="As it was determined.")
    ] = None,
    necessity: Annotated[str, typer.Option("--necessity", help="Contract with the person that needs it.")] = "",
    shop: Annotated[list[str] | None, typer.Option("--shop", help="Only this shop; again for more.")] = None,
    persons_max: Annotated[int | None, typer.Option("--persons-max", help="Cap on persons a year.")] = None,
    days: Annotated[int, typer.Option("--days", help="Valid for so many days.", min=1)] = 365,
) -> None:
    """Write a permit into this cell. It is a YAML file; change it there.

    Example:  entrepot permit new journals --shape A --to global --purpose group_accounts --recipient "Brand GmbH"
    --recipient-region EU --contact privacy@brand.example --processor cn-shanghai --no-important-data
    --platform tmall=contract-2026-3
    """
    path = new_permit(
        open_cell(home),
        name,
        shape=shape,
        to=to,
        purpose=purpose,
        recipient=Recipient(recipient, recipient_region.upper(), contact),
        processor=processor,
        circumstances=Circumstances(important_data=important_data, necessity=necessity),
        platforms=platforms_of(platform),
        days=days,
        shops=tuple(shop or ()),
        persons_max=persons_max,
    )
    console.print(f"permit    {path}", markup=False)
    console.print(f"next      entrepot permit check {name} --home {home}", markup=False)


@app.command("list")
def list_(home: Home = DEFAULT_HOME, *, as_json: AsJson = False) -> None:
    """List the permits of this cell.

    Example:  entrepot permit list
    """
    found = [msgspec.to_builtins(each) for each in permits_of(open_cell(home))]
    if as_json:
        print_json(found)
    else:
        print_rows(found, ("permit", "shape", "to", "purpose", "valid_from", "valid_to"))


@app.command("check")
def check(name: Name, home: Home = DEFAULT_HOME, lang: Lang = Language.ENGLISH, *, as_json: AsJson = False) -> None:
    """Say what would leave now, for whom, why it is lawful, what counts and what is missing; nothing leaves.

    Example:  entrepot permit check journals --lang zh
    """
    found = check_permit(open_cell(home), name)
    if as_json:
        facts = asdict(found) | {"permit": msgspec.to_builtins(found.permit)}
        print_json(facts)
        return
    _print_checked(found, lang)


@app.command("preview")
def preview_(
    name: Name,
    home: Home = DEFAULT_HOME,
    rows: Annotated[int, typer.Option("--rows", help="Rows of each table.", min=1, max=1000)] = 10,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the first rows of each table as they would leave.

    Example:  entrepot permit preview journals --rows 5
    """
    shown = preview(open_cell(home), name, rows)
    if as_json:
        print_json({dataset: table.to_pylist() for dataset, table in shown.items()})
        return
    for dataset, table in shown.items():
        texts = [{key: str(plain(value)) for key, value in row.items()} for row in table.to_pylist()]
        print_rows(texts, table.column_names, dataset)


@app.command("rotate")
def rotate(name: Name, home: Home = DEFAULT_HOME) -> None:
    """Give a permit new token keys: the same order gets another token from now on, and all of it leaves again.

    Example:  entrepot permit rotate orders
    """
    console.print(f"tokens of {name}: {rotate_tokens(open_cell(home), name)}", markup=False)


@app.command("accept")
def accept(
    file: Annotated[Path, typer.Argument(help="The other cell's permit file.", exists=True, dir_okay=False)],
    sender: Annotated[str, typer.Option("--from", help="The sending cell, as in [[companions]].")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Accept what another cell's permit lets out: its envelopes are verified against this copy.

    Example:  entrepot permit accept journals.yaml --from cn --home cells/global
    """
    console.print(f"accepted  {accept_permit(open_cell(home), file, sender)}", markup=False)


def _print_checked(found: Checked, lang: Language) -> None:
    terms, index = found.permit, int(lang is Language.CHINESE)
    facts = [
        (_say(lang, "for"), f"{terms.recipient.name} ({terms.recipient.region}), {terms.to}"),
        (_say(lang, "purpose"), terms.purpose),
        (_say(lang, "valid"), f"{terms.valid_from} – {terms.valid_to}"),
        (_say(lang, "processor"), ", ".join(found.processors)),
        (
            _say(lang, "leaves"),
            ", ".join(f"{name} {count:,} {_say(lang, 'rows')}" for name, count in found.rows.items()),
        ),
        (_say(lang, "unchanged"), f"{found.unchanged:,}"),
        (_say(lang, "persons"), f"{found.persons:,}"),
        (_say(lang, "year"), _counts(found.persons_after, lang)),
        (_say(lang, "withheld"), f"{found.withheld:,}"),
        (_say(lang, "route"), f"{found.route}   {found.cite}"),
    ]
    console.print(f"{terms.permit}   {terms.shape} · {found.title[lang.value]}\n", markup=False)
    width = max(len(label) for label, _ in facts) + 2
    for label, value in facts:
        console.print(f"{label:<{width}}{value}", markup=False, soft_wrap=True)
    for flag in ("this_system_only", "upper_bound"):
        if getattr(found, flag):
            console.print(f"{'':<{width}}{_say(lang, flag)}", markup=False)
    if found.sums is not None:
        said = _say(lang, "suppressed").format(**asdict(found.sums))
        console.print(f"{_say(lang, 'sums'):<{width}}{said}", soft_wrap=True)
        if found.sums.derivable_from:
            said = _say(lang, "derivable").format(permits=", ".join(found.sums.derivable_from))
            console.print(f"{'':<{width}}{said}", markup=False, soft_wrap=True)
    for each in found.why:
        console.print(f"{_say(lang, 'why'):<{width}}{each[index]}", markup=False, soft_wrap=True)
    for warning in found.warnings:
        console.print(f"{_say(lang, 'warning'):<{width}}{warning[1 + index]}", markup=False, soft_wrap=True)
    rows = [
        {
            "field": f"{each.dataset}.{each.field}",
            "class": each.residency,
            "transform": each.transform,
            "form": each.form or each.to,
        }
        for each in found.decisions
    ]
    print_rows(rows, ("field", "class", "transform", "form"))
    if not found.reasons:
        console.print(_say(lang, "may"), style="green")
    for reason in found.reasons:
        said = f"{_say(lang, 'missing')}   {reason[0]}: {reason[1 + index]}"
        console.print(said, markup=False, style="red", soft_wrap=True)


def _counts(counts: dict[str, int], lang: Language) -> str:
    return ", ".join(f"{count:,} {_say(lang, name)}" for name, count in counts.items())
