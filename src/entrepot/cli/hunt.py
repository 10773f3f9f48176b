"""`entrepot residency hunt`: search a folder for persons of a list; prints counts and places, never a value."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.options import AsJson, Lang, Language
from entrepot.cli.output import console, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.residency.hunt import Hunted, hunt, values_of_list

EXIT_FOUND = 1
_SHOWN = 20
_WORDS = {
    "files": ("files", "文件数"),
    "bytes": ("bytes compared", "比对字节数"),
    "values": ("values of the list", "清单中的值"),
    "patterns": ("spellings looked for", "比对的写法数"),
    "too_short": ("spellings too short to tell", "过短而未比对的写法"),
    "not_read": ("not read to the end", "未能完整读取"),
    "hits": ("found", "命中"),
}


def hunt_(
    persons: Annotated[Path, typer.Argument(help="CSV of persons with a header; stays where it is.", exists=True)],
    folder: Annotated[Path, typer.Argument(help="Folder to search.", exists=True, file_okay=False)],
    lang: Lang = Language.ENGLISH,
    *,
    as_json: AsJson = False,
) -> None:
    """Search a whole folder for every value of a list of persons, in all encodings, packed contents included.

    Exit code 1 when something was found or could not be read to its end. It reads bytes and opens no store; run it
    where the list may be.

    Example:  entrepot residency hunt demo/persons.csv demo/cells/global
    """
    found = hunt(values_of_list(persons), folder)
    if as_json:
        print_json(asdict(found))
    else:
        print_hunted(found, lang)
    if found.hits or found.not_read:
        raise typer.Exit(EXIT_FOUND)


def print_hunted(found: Hunted, lang: Language) -> None:
    """What was searched and what was found."""
    index = lang is Language.CHINESE
    facts = {
        "files": found.files,
        "bytes": found.read_bytes,
        "values": found.values,
        "patterns": found.patterns,
        "too_short": found.too_short,
        "not_read": len(found.not_read),
        "hits": len(found.hits),
    }
    for name, count in facts.items():
        console.print(f"{count:>15,}  {_WORDS[name][index]}", style="red" if name == "hits" and count else None)
    if found.hits:
        rows = [asdict(hit) for hit in found.hits[:_SHOWN]]
        print_rows(rows, ("file", "row", "column", "spelling"))
    for name in found.not_read[:_SHOWN]:
        console.print(f"{_WORDS['not_read'][index]}: {name}", markup=False, soft_wrap=True)
