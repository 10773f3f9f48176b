"""Publishing: the reports as files that people hand on, a workbook and a PDF.

    ask       rows of every report at one snapshot                       reports
    write     the workbook's bytes; the page through Chromium            reports, this journey
    replace   beside the target, then renamed                            this journey

A workbook of the same snapshot and question has the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from entrepot.engine import parse
from entrepot.flows.asking import html_report, vocabulary
from entrepot.flows.calendars import check_calendar
from entrepot.flows.publishing_errors import NothingInPeriod
from entrepot.flows.publishing_pdf import find_chromium, print_page
from entrepot.reports import REPORTS, open_for_reading, run_report
from entrepot.reports.workbook import WorkbookData, workbook_bytes
from entrepot.store import State, TableStore
from entrepot.store.errors import NothingPublished

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from entrepot.engine import Engine
    from entrepot.flows.parts import CellParts
    from entrepot.store import Snapshot


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file that was written.

    Attributes:
        path: The file.
        sha256: Digest of its bytes.
        byte_count: Its size.
    """

    path: Path
    sha256: str
    byte_count: int


@dataclass(frozen=True, slots=True)
class OpenedSnapshots:
    """The newest snapshot, and the one before it.

    Attributes:
        newest: The one that reports are of.
        published_at: When it was published.
        tables: Its tables.
        before: Tables of the one before; None where there is none.
    """

    newest: Snapshot
    published_at: datetime
    tables: TableStore
    before: TableStore | None


def publish_workbook(
    parts: CellParts,
    out: Path,
    languages: Sequence[str],
    month: str | None = None,
    period: str | None = None,
    currency: str | None = None,
) -> PublishedFile:
    """Write all reports as one workbook.

    Args:
        parts: The cell.
        out: File to write; it is replaced.
        languages: A set of sheets for each, in order: `en`, `zh`.
        month: Calendar month of the P&L; else all.
        period: Fiscal period of the P&L; else all.
        currency: Reporting currency; else the cell's.

    Raises:
        NothingPublished: Nothing was imported yet.
        NothingInPeriod: No entry of the P&L lies in that month or period.
        CalendarChanged: A fiscal period is asked for, and the tables were made with another calendar.
    """
    opened = open_snapshots(parts)
    used = (currency or parts.settings.cell.reporting_currency).upper()
    with parts.open_engine() as engine:
        if period is not None:
            check_calendar(parts, opened.tables, engine)
        tables = {each.name: run_report(engine, opened.tables, each.name, used) for each in REPORTS}
        exceptions = _exceptions(engine, opened.tables)
        sources = _rate_sources(engine, opened.tables)
    pnl = _of_period(_of_period(tables["pnl"], "month", month), "fiscal_period", period)
    data = WorkbookData(
        company=parts.settings.cell.name,
        period=" · ".join(each for each in (month, period) if each),
        currency=used,
        snapshot_id=opened.newest.id,
        published_at=opened.published_at,
        rate_sources=sources,
        pnl=pnl.to_pylist(),
        reports=[(each, tables[each.name]) for each in REPORTS],
        exceptions=exceptions,
    )
    return write_file(out, workbook_bytes(data, [vocabulary(parts, lang) for lang in languages]))


def publish_pdf(parts: CellParts, out: Path, lang: str, currency: str | None = None) -> PublishedFile:
    """Write the HTML report as a PDF.

    Args:
        parts: The cell.
        out: File to write; it is replaced.
        lang: `en` or `zh`.
        currency: Reporting currency; else the cell's.

    Raises:
        ChromiumMissing: There is no browser to print with.
        PrintFailed: It did not print.
        NothingPublished: Nothing was imported yet.
    """
    chromium = find_chromium()
    page = html_report(parts, lang, currency)
    return write_file(out, print_page(page, chromium, parts.layout.temporary))


def open_snapshots(parts: CellParts) -> OpenedSnapshots:
    """Open the newest snapshot and the one before.

    Raises:
        NothingPublished: Nothing was imported yet.
    """
    if not parts.layout.state.exists():
        raise NothingPublished(str(parts.layout.home))
    with contextlib.closing(State(parts.layout)) as state:
        snapshots = state.newest_snapshots(2)
        if not snapshots:
            raise NothingPublished(str(parts.layout.home))
        at_us = state.published_at_us(snapshots[0].id)
    before = TableStore(parts.layout, snapshots[1]) if len(snapshots) > 1 else None
    at = datetime.fromtimestamp(at_us // 1_000_000, tz=UTC)
    return OpenedSnapshots(snapshots[0], at, TableStore(parts.layout, snapshots[0]), before)


def write_file(out: Path, content: bytes) -> PublishedFile:
    """Replace a file by these bytes, whole or not at all."""
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return PublishedFile(out, hashlib.sha256(content).hexdigest(), len(content))


def _of_period(rows: pa.Table, column: str, wanted: str | None) -> pa.Table:
    if wanted is None:
        return rows
    known = tuple(sorted({each for each in rows[column].to_pylist() if each}))
    if wanted not in known:
        raise NothingInPeriod(wanted, known)
    return rows.filter(pc.equal(rows[column], wanted))


def _exceptions(engine: Engine, tables: TableStore) -> list[dict[str, Any]]:
    """Exceptions without the file and row they were found in, which stay in the cell."""
    open_for_reading(engine, tables, ["exceptions"])
    query = parse(
        "select kind, channel, shop, exception_id, amount_minor, currency, cause from exceptions", source="exceptions"
    )
    rows: list[dict[str, Any]] = engine.read(query).to_pylist()
    return sorted(rows, key=lambda row: (row["kind"], -abs(row["amount_minor"] or 0), row["exception_id"]))


def _rate_sources(engine: Engine, tables: TableStore) -> tuple[str, ...]:
    tables.open_into(engine, ["fx_rates"])
    query = parse("select distinct rate_source from fx_rates", source="sources of rates")
    return tuple(sorted(each for each in engine.read(query)["rate_source"].to_pylist() if each))
