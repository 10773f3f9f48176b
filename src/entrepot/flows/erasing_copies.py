"""The last part of an erasure, after the tables were published: old versions, logs, exports, reports, scratch space.

What may be left of a person in the folder is looked for in every file of it, in every encoding that files have.
"""

from __future__ import annotations

import gzip
import shutil
import zipfile
from typing import TYPE_CHECKING

from entrepot.connectors.reading import ARCHIVE_FAILURES
from entrepot.connectors.reading.tabular import cell_text
from entrepot.flows.erasing_blobs import drop_plans, kept_plan
from entrepot.residency.matching import bytes_pattern
from entrepot.residency.redaction import Redactor
from entrepot.residency.workbooks import redact_workbook
from entrepot.store import ErasureLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.residency.redaction import Plan
    from entrepot.store import CellLayout, State, TableStore

_ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
_OWN_FOLDERS = ("raw", "tables", "keys", "erasing", "tmp", "border")
"""Folders that have their own way: what left the cell is kept as it was sealed, for as long as the law asks."""


def purge_pending(parts: CellParts, state: State, tables: TableStore) -> None:
    """Finish unfinished erasures after a snapshot without those persons was published."""
    log = ErasureLog(state)
    unfinished = log.unfinished()
    if not unfinished:
        return
    _forget_history(state, tables)
    for erasure in unfinished:
        plan = kept_plan(parts.layout, erasure.id)
        _purge_files(parts.layout, plan)
        log.rewrite_texts(plan.cleaned)
        log.forget_subjects(plan.subjects, erasure.id)
        log.finish(erasure.id)
    drop_plans(parts.layout, [])


def _forget_history(state: State, tables: TableStore) -> None:
    """Leave of every table its newest version only, so that nobody can go back to one with the person."""
    newest = state.newest_snapshot()
    assert newest is not None, "an erasure is finished after its snapshot was published"
    state.forget_snapshots_before(newest.id)
    names = sorted(tables.versions)
    for name in names:
        tables.clean(name, (), 0, dry_run=False)
    # Cleaning writes versions of its own; readers go on with those, and only then may the older ones be forgotten.
    state.forget_snapshots_before(state.publish(tables.versions, []).id)
    for name in names:
        tables.forget_history(name)


def _purge_files(layout: CellLayout, plan: Plan) -> None:
    by_text = {each.text: each.placeholder for each in plan.secrets if each.is_found_anywhere}
    if layout.temporary.exists():
        for path in layout.temporary.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    pattern = bytes_pattern(text.encode(name, errors="ignore") for text in by_text for name in _ENCODINGS)
    if pattern is None:
        return
    for path in sorted(layout.home.rglob("*")):
        inside = path.relative_to(layout.home).parts[0]
        if not path.is_file() or inside in _OWN_FOLDERS or inside.startswith(layout.state.name):
            continue
        if path.suffix.lower() == ".xlsx" and zipfile.is_zipfile(path):
            _clean_workbook(path, plan)
        elif pattern.search(path.read_bytes()):
            _clean_text(path, plan)
        elif any(pattern.search(member) for member in _members(path)):
            # A packed copy of something else; what it was packed from has been cleaned, or is not ours.
            path.unlink()


def _clean_workbook(path: Path, plan: Plan) -> None:
    made = path.with_name(f".{path.name}.part")
    if redact_workbook(path, made, lambda _sheet: Redactor(plan, (), ""), cell_text):
        made.replace(path)
    made.unlink(missing_ok=True)


def _clean_text(path: Path, plan: Plan) -> None:
    content = path.read_bytes()
    for name in _ENCODINGS:
        text = content.decode(name, errors="surrogateescape") if "16" not in name else _utf16(content, name)
        cleaned = plan.cleaned(text)
        if cleaned != text:
            content = cleaned.encode(name, errors="surrogateescape" if "16" not in name else "surrogatepass")
    made = path.with_name(f".{path.name}.part")
    made.write_bytes(content)
    made.replace(path)


def _utf16(content: bytes, name: str) -> str:
    return content.decode(name, errors="surrogatepass") if len(content) % 2 == 0 else ""


def _members(path: Path) -> Iterator[bytes]:
    """What an archive holds, where it is one."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for info in archive.infolist():
                    yield archive.read(info)
        elif path.suffix.lower() == ".gz":
            yield gzip.decompress(path.read_bytes())
    except (*ARCHIVE_FAILURES, OSError):
        return
