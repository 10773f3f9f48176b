"""The part of an erasure that changes things: raw blobs, staged rows, copies, state, history.

The plan is written down before anything is changed, and every step may run twice: whoever writes to the cell next
finishes what a dead process began.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from entrepot.connectors.reading import Opened, open_tabular, stage
from entrepot.connectors.reading.tabular import cell_text
from entrepot.connectors.recognition import Recognised, recognise
from entrepot.connectors.registry import connector_of
from entrepot.flows.erasing_pages import redact_page, restage
from entrepot.flows.erasing_same import hold_same
from entrepot.model import ResidencyClass
from entrepot.residency.redaction import UNKNOWN, CellRule, Plan, Redactor, search_pattern
from entrepot.residency.text_files import TextForm, redact_text
from entrepot.residency.workbooks import redact_workbook
from entrepot.store import ErasureLog, RawLog
from entrepot.store.raw import content_digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.connectors.contract import FileFormat, WireColumn
    from entrepot.flows.parts import CellParts
    from entrepot.store import CellLayout, RawFile, State

_WORKBOOK = "xlsx"
_OWNER_ONLY = 0o600


def keep_plan(layout: CellLayout, plan: Plan) -> None:
    """Write a plan down, complete or not at all; readable by its owner only."""
    layout.erasing.mkdir(mode=0o700, exist_ok=True)
    partial = _plan_path(layout, plan.erasure_id).with_suffix(".partial")
    descriptor = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as out:
        out.write(msgspec.json.encode(plan))
    partial.rename(_plan_path(layout, plan.erasure_id))


def kept_plan(layout: CellLayout, erasure_id: str) -> Plan:
    """The plan of an erasure that has not finished."""
    return msgspec.json.decode(_plan_path(layout, erasure_id).read_bytes(), type=Plan)


def drop_plans(layout: CellLayout, unfinished: Sequence[str]) -> None:
    """Delete every plan but those of unfinished erasures: of finished ones, and of one that died before it began."""
    for path in layout.erasing.glob("*"):
        if path.stem not in unfinished or path.suffix != ".json":
            path.unlink()
    if layout.erasing.exists() and not any(layout.erasing.iterdir()):
        layout.erasing.rmdir()


def _plan_path(layout: CellLayout, erasure_id: str) -> Path:
    return layout.erasing / f"{erasure_id}.json"


def redact_pending(parts: CellParts, state: State) -> None:
    """Do, or finish, what unfinished erasures have to do before the tables are written.

    Raises:
        BlobChanged: A blob is not what was kept.
        RowsChanged: A file would say something else without the person; it was left as it was.
    """
    log = ErasureLog(state)
    unfinished = [each.id for each in log.unfinished()]
    drop_plans(parts.layout, unfinished)
    for erasure_id in unfinished:
        plan = kept_plan(parts.layout, erasure_id)
        # Under the write lock: a live page and its row appear together, so none is taken for a leftover.
        with state.exclusive():
            files = state.files()
            _drop_leftovers(parts.layout, files)
        for file in files:
            redact_blob(parts, log, plan, file, files)
        log.rewrite_texts(plan.cleaned)
        log.translate_again(each.raw_id for each in log.redactions(erasure_id))


def _drop_leftovers(layout: CellLayout, files: Sequence[RawFile]) -> None:
    """Delete what dead imports left behind in the raw log: nothing ever reads it."""
    known = {file.raw_id for file in files}
    for folder in (layout.blobs, layout.staged):
        for path in folder.rglob("*"):
            if path.is_file() and (path.suffix == ".partial" or path.stem not in known):
                path.unlink()


def redact_blob(parts: CellParts, log: ErasureLog, plan: Plan, file: RawFile, files: Sequence[RawFile]) -> None:
    """Replace a plan's values in one blob and its staged rows."""
    raw = RawLog(parts.layout)
    parts.layout.temporary.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parts.layout.temporary) as folder:
        plain, made = Path(folder) / "file", Path(folder) / "made"
        is_book = file.encoding == _WORKBOOK
        original = _original(file, files) if is_book else file.raw_id
        expected = log.contents_expected(file.raw_id, original) if original else None
        raw.restore(file.raw_id, plain, expected)
        feed = next((each for own in parts.connectors for each in own.feeds if each.name == file.format), None)
        if feed is not None:
            cells = redact_page(feed, plan, file.shop, plain, made)
            if cells:
                staged = Path(folder) / "staged.parquet"
                before = raw.staged_path(file.raw_id, feed.name)
                restage(parts, feed, file.raw_id, made, before, staged)
                log.intend_redaction(plan.erasure_id, file.raw_id, content_digest(made), cells)
                raw.replace(made, file.raw_id)
                _move(staged, before)
            return
        is_redacted = any(each.raw_id == file.raw_id for each in log.redactions(plan.erasure_id))
        if not is_book and not is_redacted and not _is_concerned(plain, file, plan):
            return
        opened = open_tabular(plain, file.file_name)
        cells = (
            _redact_book(parts, plan, file, plain, made)
            if is_book
            else _redact_text(parts, plan, file, opened[0], made)
        )
        if not cells and not is_redacted:
            return
        content = made if cells else plain
        wire = _wire(parts, file)
        staged = Path(folder) / "staged.parquet"
        if wire is None:
            _clean_staged(raw.staged_path(file.raw_id, file.format), staged, plan)
        else:
            again = _table_of(open_tabular(content, file.file_name), wire, file, original, files)
            stage(*again, file.raw_id, staged, file.file_name)
            hold_same(parts, wire, raw.staged_path(file.raw_id, file.format), staged, file.raw_id)
        if cells:
            log.intend_redaction(plan.erasure_id, file.raw_id, content_digest(content), cells)
            raw.replace(content, file.raw_id)
        _move(staged, raw.staged_path(file.raw_id, file.format))


def _original(file: RawFile, files: Sequence[RawFile]) -> str | None:
    """Digest of a workbook as it came: the id of its first sheet, from which the ids of its others are made."""
    _, _, sheet = file.file_name.rpartition("#")
    for each in files:
        if each.encoding == _WORKBOOK and hashlib.sha256(f"{each.raw_id}#{sheet}".encode()).hexdigest() == file.raw_id:
            return each.raw_id
    return None if "#" in file.file_name else file.raw_id


def _is_concerned(plain: Path, file: RawFile, plan: Plan) -> bool:
    if not plain.stat().st_size:
        return False
    name = {"gb18030": "gb18030", "utf-16": "utf-16-le"}.get(file.encoding or "", "utf-8")
    with plain.open("rb") as stream:
        if stream.read(2) == b"\xfe\xff":
            name = "utf-16-be"
        pattern = search_pattern(plan, name)
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return pattern is not None and pattern.search(content) is not None


def _redact_text(parts: CellParts, plan: Plan, file: RawFile, opened: Opened, made: Path) -> int:
    form = TextForm(opened.encoding, opened.delimiter, opened.unbalanced_quotes)
    wire = _wire(parts, file)
    return redact_text(opened.path, made, form, plan, _redactor(parts, plan, file, opened, [wire] if wire else []))


def _redact_book(parts: CellParts, plan: Plan, file: RawFile, plain: Path, made: Path) -> int:
    sheets = {opened.sheet: opened for opened in open_tabular(plain, file.file_name)}

    def redactor_of(name: str) -> Redactor:
        opened = sheets.get(name)
        if opened is None:
            return Redactor(plan, (), file.shop)
        return _redactor(parts, plan, file, opened, parts.formats)

    return redact_workbook(plain, made, redactor_of, cell_text)


def _redactor(parts: CellParts, plan: Plan, file: RawFile, opened: Opened, formats: Sequence[FileFormat]) -> Redactor:
    found = recognise(opened.head, formats)
    if not isinstance(found, Recognised):
        return Redactor(plan, (), file.shop)
    repeated = dict(found.repeated)
    columns = {column.name: column for column in found.format.columns}
    connector = connector_of(found.format.name, parts.connectors)
    query = connector.row_queries.get(found.format.name, "")
    rules = []
    for place, name in enumerate(found.columns):
        column = columns.get(name or repeated.get(place, ""))
        rules.append(_rule(column, query) if column else UNKNOWN)
    return Redactor(plan, rules, file.shop, found.format.empty_words)


def _rule(column: WireColumn, query: str) -> CellRule:
    is_local = column.residency is ResidencyClass.LOCAL
    return CellRule(
        kind=column.kind.value if column.kind else "",
        whose=column.whose.value,
        is_reference=column.residency is ResidencyClass.PSEUDONYMOUS,
        is_loose=is_local and f'"{column.name}"' not in query,
        is_text=is_local,
        is_amount=column.residency is ResidencyClass.BUSINESS and not column.free_text,
        may_break=column.free_text,
    )


def _wire(parts: CellParts, file: RawFile) -> FileFormat | None:
    """The file's format; None where its description is gone."""
    return next((wire for wire in parts.formats if wire.name == file.format), None)


def _table_of(
    opened: Sequence[Opened], wire: FileFormat, file: RawFile, original: str | None, files: Sequence[RawFile]
) -> tuple[Opened, Recognised]:
    """The table of a file that its id means."""
    taken = {each.raw_id for each in files}
    fitting: list[tuple[Opened, Recognised]] = []
    for each in opened:
        found = recognise(each.head, [wire])
        if isinstance(found, Recognised):
            sheet_id = hashlib.sha256(f"{original}#{each.sheet}".encode()).hexdigest()
            if sheet_id == file.raw_id:
                return each, found
            if sheet_id not in taken:
                fitting.append((each, found))
    assert fitting, f"{file.raw_id}: what was recognised once is recognised without a person too"
    return fitting[0]


def _clean_staged(old: Path, new: Path, plan: Plan) -> None:
    """Rows of a format whose description is gone cannot be staged again: their cells are cleaned as text."""
    table = pq.read_table(old, partitioning=None)
    for at, name in enumerate(table.column_names):
        if pa.types.is_string(table[name].type):
            cells = [cell if cell is None else plan.cleaned(cell) for cell in table[name].to_pylist()]
            table = table.set_column(at, name, pa.array(cells, pa.string()))
    pq.write_table(table, new, compression="zstd")


def _move(made: Path, target: Path) -> None:
    partial = target.with_suffix(".partial")
    shutil.move(made, partial)
    partial.replace(target)
