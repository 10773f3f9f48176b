"""Export: the journals of a period to a file that an ERP imports.

    build    entries to journal lines, mapped, checked against the ledger      delivery
    write    beside the target, then renamed                                   delivery

The same snapshot, mapping and question give the same bytes. The file holds business data, per order also order
numbers: it belongs to the company whose books this cell keeps, in the cell's region.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.delivery import (
    AccountMapping,
    JournalAsked,
    JournalTotals,
    Layout,
    build_journals,
    mapping_file_text,
    mapping_text,
    read_mapping,
    write_table,
)
from entrepot.delivery.errors import FileInTheWay, MappingMissing
from entrepot.delivery.journals import TABLES_NEEDED
from entrepot.flows.asking import channels_known, newest_tables
from entrepot.flows.calendars import check_calendar

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.parts import CellParts


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote.

    Attributes:
        path: The file.
        totals: Journals, lines and sums.
        sha256: Digest of the file's bytes.
        is_new: False when the file was there already with these very bytes.
    """

    path: Path
    totals: JournalTotals
    sha256: str
    is_new: bool


def export_journal(
    parts: CellParts,
    asked: JournalAsked,
    layout: Layout,
    form: str,
    *,
    mapping: Path | None = None,
    out: Path | None = None,
    replace: bool = False,
) -> ExportReport:
    """Write the journals of a period.

    Args:
        parts: The cell.
        asked: Period, grouping, company.
        layout: The ERP's file.
        form: csv or xlsx.
        mapping: Account mapping; else `mappings/<layout>.csv` of the cell, else for our own layout our accounts.
        out: File to write; else one under `exports/` of the cell.
        replace: Whether another file of that name may be replaced.

    Raises:
        NothingPublished: Nothing was imported yet.
        CalendarChanged: A fiscal period is asked for, and the tables were made with another calendar.
        MappingMissing: The layout needs a mapping and there is none.
        FileInTheWay: The file is there, holds something else, and `replace` is false.
        EntrepotError: As `read_mapping`, `build_journals` and `write_table` say.
    """
    accounts = _mapping(parts, layout, mapping)
    tables = newest_tables(parts)
    with parts.open_engine() as engine:
        if asked.is_fiscal:
            check_calendar(parts, tables, engine)
        tables.open_into(engine, TABLES_NEEDED)
        rows, totals = build_journals(engine, asked, layout, accounts)
    target = out or parts.layout.home / "exports" / _file_name(asked, layout, form)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        write_table(rows, layout, unfinished, form)
        digest = _digest(unfinished)
        is_new = not target.exists() or _digest(target) != digest
        if is_new and target.exists() and not replace:
            raise FileInTheWay(str(target))
        if is_new:
            unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return ExportReport(target, totals, digest, is_new)


def _mapping(parts: CellParts, layout: Layout, given: Path | None) -> AccountMapping:
    kept = parts.layout.home / "mappings" / f"{layout.name}.csv"
    path = given or (kept if kept.exists() else None)
    if path is not None:
        text = mapping_file_text(path.read_bytes(), path.name)
        return read_mapping(text, path.name, layout.dimensions_max, channels_known(parts))
    if layout.needs_mapping:
        raise MappingMissing(layout.name, str(kept))
    return read_mapping(mapping_text(layout), "our accounts", layout.dimensions_max)


def _file_name(asked: JournalAsked, layout: Layout, form: str) -> str:
    parts = ("journal", asked.period, layout.name, asked.per, asked.entity)
    return "-".join(part for part in parts if part) + "." + ("xlsx" if form == "xlsx" else layout.text.suffix)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
