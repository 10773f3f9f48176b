"""docs/benchmarks.md from what was measured: the part between the two marks; everything else is written by people.

A row that this folder has never measured stays as the page has it, and one that nobody has measured is named as such.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.keeping import Kept

_BEGIN = "<!-- measured: begin -->\n"
_END = "<!-- measured: end -->"
_HEAD = (
    "| row | ours | beside | runs | ours took | beside took | ratio | budget | measured |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
)
_NOBODY = "not measured yet"


def write_page(page: Path, names: Sequence[str], kept: Mapping[str, Kept]) -> None:
    """Write the measured part of the page anew.

    Args:
        page: The page, both marks in it.
        names: Rows in the order of the page.
        kept: What this folder measured last, by row.
    """
    text = page.read_text(encoding="utf-8")
    before, found, rest = text.partition(_BEGIN)
    known, ended, after = rest.partition(_END)
    assert found, f"{page.name} says where the measured part begins"
    assert ended, f"{page.name} says where it ends"
    page.write_text(f"{before}{found}{_measured(names, kept, known)}{ended}{after}", encoding="utf-8")


def _measured(names: Sequence[str], kept: Mapping[str, Kept], known: str) -> str:
    lines, days = [], set()
    for name in names:
        if name in kept:
            one = kept[name]
            lines += [_row(name, (*each.cells(), one.day)) for each in one.results]
            days.add(f"- {one.day}: {one.where}.")
            continue
        stayed = [line for line in known.splitlines() if line.startswith(f"| {name} |") and _NOBODY not in line]
        lines += stayed or [_row(name, (_NOBODY, *[""] * 7))]
        of = {line.rsplit("|", 2)[-2].strip() for line in stayed}
        days |= {line for line in known.splitlines() if re.sub(r"^- ([0-9-]+): .*", r"\1", line) in of}
    return "\n".join([*_HEAD, *lines, "", *sorted(days), ""])


def _row(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"
