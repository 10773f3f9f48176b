"""Import: files in, tables, entries and exceptions out, published as one snapshot.

    read            each file: recognise, keep as it came, stage its rows        connectors, store
    translate       all files not yet in a snapshot: canonical rows, quarantine  connectors, store
    derive          pieces, refunds, entries, exceptions                         ledger, store
    publish         one row that readers follow                                  store

Every step may run twice. A process that dies leaves files that are kept but in no snapshot; the next import finds and
finishes them.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.flows.calendars import check_closed
from entrepot.flows.drift import DRIFT
from entrepot.flows.erasing_blobs import redact_pending
from entrepot.flows.erasing_copies import purge_pending
from entrepot.flows.moved import Moved, moved_figures
from entrepot.flows.reading import FileReport, Reader, recount_repeated
from entrepot.flows.translating import translate
from entrepot.ledger import Decision, ShopDefaults, StatedTotal, Undoing, derive
from entrepot.model import TABLES
from entrepot.store import RawFile, State, TableStore, schema_of, superseded_pages
from entrepot.store.settings import DEFAULT_TOML

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from entrepot.connectors.contract import Connector
    from entrepot.engine import Engine
    from entrepot.flows.parts import CellParts

LEASE = "publish"


@dataclass(slots=True)
class ImportReport:
    """What an import did, file by file.

    Attributes:
        files: One report per file found.
        snapshot_id: The snapshot that readers now see; None when nothing changed.
        exceptions: Number of exceptions in the whole cell afterwards.
        moved: Of a replay, the figures that it changed.
    """

    files: list[FileReport] = field(default_factory=list)
    snapshot_id: int | None = None
    exceptions: int = 0
    moved: Moved | None = None


def import_paths(
    parts: CellParts,
    paths: list[Path],
    *,
    shop: str | None = None,
    passwords: tuple[str, ...] = (),
    progress: Callable[[str, int, int], None] | None = None,
) -> ImportReport:
    """Import files and folders into a cell.

    Args:
        parts: The cell.
        paths: Files, folders, archives.
        shop: Shop to assign to files that name none.
        passwords: Tried in turn on archives and workbooks that are locked; never kept.
        progress: Called with a step's name, how many are done, how many there are.
    Raises:
        CellBusy: Another import is running.
        NothingToImport: A path does not exist.
    """
    tell = progress or (lambda _step, _done, _all: None)
    if not parts.layout.settings.exists():
        # The folder is a cell from its first day, and says so where its owner can change it.
        parts.layout.home.mkdir(parents=True, exist_ok=True)
        parts.layout.settings.write_text(DEFAULT_TOML, encoding="utf-8")
    with contextlib.closing(State(parts.layout)) as state, state.lease(LEASE):
        reader = Reader(parts, state, shop, passwords)
        report = ImportReport(reader.read_all(paths, tell))
        tables = tables_to_write(parts, state)
        if any(file.snapshot_id is None for file in state.files()):
            publish(parts, state, tables, report, tell)
        recount_repeated(parts, tables, report.files)
    return report


def replay(
    parts: CellParts,
    *,
    connectors: Sequence[str] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> ImportReport:
    """Rebuild tables from the raw log, after a mapping or a code list was mended; quarantined rows heal.

    Args:
        parts: The cell.
        connectors: Only files of these; None for all.
        progress: As for `import_paths`.
    Raises:
        CellBusy: An import is running.
    """
    report = ImportReport()
    with contextlib.closing(State(parts.layout)) as state, state.lease(LEASE):
        before = state.newest_snapshot()
        tables = tables_to_write(parts, state)
        if state.translate_again(connectors):
            publish(parts, state, tables, report, progress or (lambda _step, _done, _all: None))
            report.moved = moved_figures(parts, before, state.newest_snapshot())
    return report


def tables_to_write(parts: CellParts, state: State) -> TableStore:
    """The tables as the newest snapshot has them, ready to be written; those with other columns begin anew.

    Raises:
        CalendarChanged: Periods were closed with another calendar.
    """
    redact_pending(parts, state)
    tables = TableStore(parts.layout, state.newest_snapshot())
    if tables.files_of("closings"):
        with parts.open_engine() as engine:
            check_closed(parts, tables, engine)
    outdated = tables.outdated()
    tables.restore()
    if outdated:
        tables.begin_anew(outdated)
        state.translate_again()
    return tables


def publish(
    parts: CellParts, state: State, tables: TableStore, report: ImportReport, tell: Callable[[str, int, int], None]
) -> None:
    """Translate what is pending, derive what follows, and make it the snapshot that readers follow."""
    pending = stage(parts, state, tables, report, tell)
    report.snapshot_id = state.publish(tables.versions, pending).id
    purge_pending(parts, state, tables)


def stage(
    parts: CellParts,
    state: State,
    tables: TableStore,
    report: ImportReport,
    tell: Callable[[str, int, int], None],
    decision: Decision | None = None,
    look: Callable[[Engine], None] | None = None,
) -> list[str]:
    """Everything but the last step of `publish`: tables are written, and no reader sees them yet.

    Args:
        parts: The cell.
        state: Its state, the lease taken.
        tables: Ready to be written.
        report: Takes the counts.
        tell: As for `import_paths`.
        decision: A period that is being closed or reopened.
        look: Called with the engine when everything is derived.
    Returns:
        Raw ids of the files that publishing makes part of the snapshot.
    """
    every_file, undone = state.files(), {*state.undone(), *superseded_pages(state)}
    files = [file for file in every_file if file.raw_id not in undone]
    pending = [file for file in every_file if file.snapshot_id is None]
    with parts.open_engine() as engine:
        counts = {}
        for number, connector in enumerate(parts.connectors):
            tell("translate", number, len(parts.connectors))
            counts.update(translate(parts, engine, tables, connector, pending, undone))
        tell("translate", len(parts.connectors), len(parts.connectors))
    for file in report.files:
        # The first file of a content tells what became of its rows; the same content again stays a repetition.
        if file.raw_id in counts:
            file.count(counts.pop(file.raw_id))
    with parts.open_engine() as engine:
        engine.add_arrow("findings", _findings_table(files))
        tables.replace(engine, "findings", "findings")
        report.exceptions = derive(
            engine,
            tables,
            parts.settings,
            _shop_defaults(parts),
            _files_table(files),
            _stated_totals(files),
            lambda done, of: tell("derive", done, of),
            undoing=_open_undoing(state),
            decision=decision,
        )
        if look is not None:
            look(engine)
    return [file.raw_id for file in pending]


def _open_undoing(state: State) -> Undoing | None:
    """What was undone and is in no snapshot yet, also by a process that died: its entries are kept and reversed."""
    waiting = [each for each in state.undoings() if each.snapshot_id is None]
    if not waiting:
        return None
    return Undoing(str(waiting[-1].id), datetime.fromtimestamp(waiting[-1].at_us / 1_000_000, UTC).date())


def _shop_defaults(parts: CellParts) -> dict[str, ShopDefaults]:
    """By platform: what holds for its shops where `cell.toml` says nothing; its first connector decides.

    Among declared formats one that brings orders comes before one that brings money or advertising: it says when sales
    count.
    """
    specs = {connector.spec.name: connector.spec for connector in parts.connectors}
    defaults: dict[str, ShopDefaults] = {}
    for connector in sorted(parts.connectors, key=_tells_no_orders):
        spec = specs.get(connector.spec.serves, connector.spec)
        for wire in connector.sources:
            channel = connector.spec.serves or wire.channel
            how = ShopDefaults(channel, spec.sale_model, spec.recognition, spec.business_zone)
            defaults.setdefault(wire.channel, how)
    return defaults


def _tells_no_orders(connector: Connector) -> bool:
    return connector.texts is not None and "orders.sql" not in connector.texts


def _files_table(files: list[RawFile]) -> pa.Table:
    """The table `raw_files` from the state that the reader keeps."""
    wanted = schema_of(TABLES["raw_files"]).arrow()
    rows = [
        {
            "raw_id": file.raw_id,
            "file_name": file.file_name,
            "connector": file.connector,
            "format": file.format,
            "channel": file.channel,
            "shop": file.shop or None,
            "account": file.account,
            "encoding": file.encoding,
            "row_count": file.row_count,
            "column_set": file.column_set,
            "exported_at": file.exported_at_us,
            "seen_at": file.seen_at_us,
        }
        for file in files
    ]
    plain = pa.schema(
        [(field.name, pa.int64() if pa.types.is_timestamp(field.type) else field.type) for field in wanted]
    )
    typed = pa.schema([pa.field(field.name, field.type) for field in wanted])
    return pa.Table.from_pylist(rows, schema=plain).cast(typed)


def _findings_table(files: list[RawFile]) -> pa.Table:
    """The table `findings`: what was doubtful in each file, totals that agree left out.

    What has changed since the file before is told of the import, not of the file: another order has other files before.
    """
    rows = [
        {
            "finding_id": f"{file.raw_id}:{number}",
            "raw_id": file.raw_id,
            "file_name": file.file_name,
            "kind": note["kind"],
            "name": note["name"],
            "stated": note["stated"],
            "found": note["found"],
            "currency": None,
        }
        for file in files
        for number, note in enumerate(json.loads(file.notes))
        if note["kind"] not in DRIFT and (note["kind"] != "control_total" or note["stated"] != note["found"])
    ]
    return pa.Table.from_pylist(
        rows, schema=pa.schema([pa.field(f.name, f.type) for f in schema_of(TABLES["findings"]).arrow()])
    )


def _stated_totals(files: list[RawFile]) -> list[StatedTotal]:
    return [
        StatedTotal(
            file.raw_id,
            file.file_name,
            file.channel,
            note["name"],
            note["stated"],
            note["found"],
            None if note["name"].endswith("_count") else "CNY",
        )
        for file in files
        for note in json.loads(file.notes)
        if note["kind"] == "control_total"
    ]
