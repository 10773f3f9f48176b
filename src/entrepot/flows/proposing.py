"""Look at a sample file and propose a residency class for each of its columns; nothing is kept and no value is shown.

open        archives, encodings, sheets, as an import does                                connectors
find        the header: of a declared format, else the row with the most different words  connectors
propose     a class per column, from header and sample                                    residency
compare     with what a declared format says of the column                                connectors
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.connectors.declared import Description, read_description
from entrepot.connectors.errors import FileUnreadable
from entrepot.connectors.reading import find_sources, first_rows, open_tabular
from entrepot.connectors.recognition import Recognised, clean_header, recognise
from entrepot.model import ResidencyClass
from entrepot.residency.detectors import SAMPLE_MAX, Proposal, propose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from entrepot.flows.parts import CellParts

_HEADER_ROWS = 20
_SURE = 0.9


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """One column of a sample.

    Attributes:
        file: As the user would recognise it, with the sheet of a workbook.
        header: As the file writes it.
        proposal: What it seems to be.
        declared: Class that a declared format gives it; empty where none reads it.
        confirmed_by: Who confirmed that class; empty where nobody did.
        contradicts: It looks personal, and the format reads it as something else that nobody confirmed.
    """

    file: str
    header: str
    proposal: Proposal
    declared: str
    confirmed_by: str
    contradicts: bool


def propose_classes(parts: CellParts, path: Path) -> tuple[ColumnProposal, ...]:
    """What the columns of a file seem to be, every sheet and archive member.

    Raises:
        NothingToImport: There is nothing at the path.
        FileUnreadable: It is no table.
    """
    declared = {found.format: found for found in map(read_description, sorted(parts.layout.declared.glob("*.yaml")))}
    proposals: list[ColumnProposal] = []
    for source in find_sources([path]):
        with tempfile.TemporaryDirectory(prefix="entrepot-propose-") as folder:
            plain = Path(folder) / "file"
            source.copy_to(plain)
            for opened in open_tabular(plain, source.shown):
                shown = f"{source.shown}#{opened.sheet}" if opened.sheet else source.shown
                rows = first_rows(opened, SAMPLE_MAX + _HEADER_ROWS, shown)
                known = recognise(opened.head, parts.formats)
                description = declared.get(known.format.name) if isinstance(known, Recognised) else None
                at = known.header_index if isinstance(known, Recognised) else _header_row(rows)
                proposals += _columns(shown, rows, at, description)
    if not proposals:
        raise FileUnreadable(str(path), "it has no columns with a header")
    return tuple(proposals)


def _header_row(rows: Sequence[Sequence[str]]) -> int:
    """The first row with the most different words; notes above a header are shorter."""
    widths = [len({clean_header(cell) for cell in row} - {""}) for row in rows[:_HEADER_ROWS]]
    return widths.index(max(widths)) if widths else 0


def _columns(
    shown: str, rows: Sequence[Sequence[str]], at: int, description: Description | None
) -> Iterator[ColumnProposal]:
    for place, cell in enumerate(rows[at] if rows else ()):
        header = clean_header(cell)
        if not header:
            continue
        values = [clean_header(row[place]) for row in rows[at + 1 : at + 1 + SAMPLE_MAX] if place < len(row)]
        found = propose(header, values)
        is_read = description is not None and header in description.columns | description.personal
        own = description.class_of(header) if description is not None and is_read else None
        stated = description.classes.get(header) if description is not None else None
        is_personal = found.residency is ResidencyClass.PERSONAL and found.confidence >= _SURE
        yield ColumnProposal(
            shown,
            header,
            found,
            own.value if own is not None else "",
            (stated.confirmed_by or "") if stated is not None else "",
            contradicts=is_personal and own not in (None, ResidencyClass.PERSONAL) and stated is None,
        )
