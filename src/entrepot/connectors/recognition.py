"""Recognise a file by its header, wherever the header stands, whatever the file is called.

A format is recognised when every required column is there; among several the one that explains most columns wins, and
of two that explain the same number the one that leaves fewer of its own columns unseen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from entrepot.connectors.contract import FileFormat

_TRIMMED = " \t\r\n\u00a0\ufeff\u3000"


@dataclass(frozen=True, slots=True)
class Recognised:
    """A header that was understood.

    Attributes:
        format: The format.
        header_index: Its row among the first rows, from 0.
        columns: For each cell of the header the column's name, or None for a column that is not known.
        unknown: Headers that the format does not know.
        unseen: Columns of the format that the file does not have.
        repeated: Place in the header, from 0, and column of each cell that names a column again; the first one is read.
    """

    format: FileFormat
    header_index: int
    columns: tuple[str | None, ...]
    unknown: tuple[str, ...]
    unseen: tuple[str, ...]
    repeated: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """No format fits; the nearest one and where it differs."""

    nearest: FileFormat | None
    missing: tuple[str, ...]
    extra: tuple[str, ...]


def clean_header(cell: str) -> str:
    """A header cell without blanks, byte order mark and the wrapping that spreadsheets add."""
    stripped = cell.strip(_TRIMMED)
    wrapped = re.fullmatch(r'="(.*)"', stripped)
    return (wrapped[1] if wrapped else stripped).strip(_TRIMMED + "'`")


def recognise(head: Sequence[Sequence[str]], formats: Iterable[FileFormat]) -> Recognised | Unrecognised:
    """Find the header among the first rows and the format it belongs to.

    Args:
        head: First rows as text cells.
        formats: Formats to try.
    """
    candidates = list(formats)
    rows = [[clean_header(cell) for cell in row] for row in head]
    best: tuple[tuple[int, int, int], Recognised] | None = None
    for index, row in enumerate(rows):
        for candidate in candidates:
            found = _match(candidate, index, row)
            if found is None:
                continue
            score = (sum(name is not None for name in found.columns), -len(found.unseen), -index)
            if best is None or score > best[0]:
                best = (score, found)
    return best[1] if best else _nearest(rows, candidates)


def _match(candidate: FileFormat, index: int, row: list[str]) -> Recognised | None:
    names = candidate.header_names
    # Nearly every row and format part here: fifty formats look at each of the first rows.
    if not candidate.required_names <= {names[cell] for cell in row if cell in names}:
        return None
    seen: set[str] = set()
    columns: list[str | None] = []
    repeated: list[tuple[int, str]] = []
    for place, cell in enumerate(row):
        name = names.get(cell)
        # A header that stands twice counts once; the second column is never a second value.
        if name is not None and name in seen:
            repeated.append((place, name))
        columns.append(name if name not in seen else None)
        if name is not None:
            seen.add(name)
    unknown = tuple(
        cell for cell, name in zip(row, columns, strict=True) if name is None and cell and cell not in names
    )
    unseen = tuple(column.name for column in candidate.columns if column.name not in seen)
    return Recognised(candidate, index, tuple(columns), unknown, unseen, tuple(repeated))


def _nearest(rows: list[list[str]], candidates: list[FileFormat]) -> Unrecognised:
    best: tuple[int, FileFormat, list[str]] | None = None
    for row in rows:
        for candidate in candidates:
            shared = {candidate.header_names[cell] for cell in row if cell in candidate.header_names}
            lacking = len(candidate.required_names - shared)
            # A date or a name alone, as half of all tables have, brings a file near to nothing.
            is_near = len(shared) > 1 and (lacking == 1 or lacking * 2 <= len(candidate.required_names))
            if is_near and (best is None or len(shared) > best[0]):
                best = (len(shared), candidate, row)
    if best is None:
        return Unrecognised(None, (), ())
    _, nearest, row = best
    names = nearest.header_names
    missing = tuple(sorted(nearest.required_names - {names[cell] for cell in row if cell in names}))
    filled = [cell for cell in row if cell]
    if best[0] * 2 < len(filled):
        # Most of the row is unknown, so it may be a row of data: its cells are not shown.
        return Unrecognised(nearest, missing, ())
    return Unrecognised(nearest, missing, tuple(cell for cell in filled if cell not in names))
