"""`entrepot residency propose`: classes for the columns of a sample file, for a person to confirm."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language
from entrepot.cli.output import console, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.proposing import ColumnProposal, propose_classes

_COLUMNS = {
    "en": ("header", "class", "kind", "sure %", "why", "declared as"),
    "zh": ("表头", "数据分级", "个人信息种类", "把握 %", "依据", "已声明为"),
}
_CONTRADICTS = (
    "looks personal, is read as something else: put it under `personal`, leave it out, or confirm it under `classes`",
    "形似个人信息，却按其他类别读取：请移至 personal、不予读取，或在 classes 中确认",
)


def propose_(
    file: Annotated[Path, typer.Argument(help="Sample file: CSV, workbook or archive.")],
    home: Home = DEFAULT_HOME,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Propose a residency class for each column of a sample file. No value is shown and nothing is kept.

    A proposal guarantees nothing: look yourself, then confirm it in the declared format.

    Example:  entrepot residency propose orders.csv
    """
    found = propose_classes(open_cell(home), file)
    if as_json:
        print_json({"columns": [_keys(each) for each in found]})
        return
    names = _COLUMNS[lang.value]
    for shown in dict.fromkeys(each.file for each in found):
        of_file = [each for each in found if each.file == shown]
        print_rows([dict(zip(names, _cells(each, lang), strict=True)) for each in of_file], names, title=shown)
        for each in of_file:
            if each.contradicts:
                words = _CONTRADICTS[lang is Language.CHINESE]
                console.print(f"{each.header}: {words}", style="yellow", markup=False)


def _cells(each: ColumnProposal, lang: Language) -> tuple[object, ...]:
    why = each.proposal.why.zh if lang is Language.CHINESE else each.proposal.why.en
    declared = f"{each.declared} ({each.confirmed_by})" if each.confirmed_by else each.declared
    residency, kind = each.proposal.residency.value, each.proposal.kind or ""
    return each.header, residency, kind, round(each.proposal.confidence * 100), why, declared


def _keys(each: ColumnProposal) -> dict[str, object]:
    return {
        "file": each.file,
        "header": each.header,
        "class": each.proposal.residency.value,
        "kind": each.proposal.kind,
        "confidence": round(each.proposal.confidence, 2),
        "why": each.proposal.why.en,
        "declared": each.declared or None,
        "confirmed_by": each.confirmed_by or None,
        "contradicts": each.contradicts,
    }
