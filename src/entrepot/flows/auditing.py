"""First look at a stranger's folder: what is there, what is missing, what it would save, where to begin.

    look        every file through an import into a temporary cell, which is deleted again     flows
    count       months, values and costs that its tables hold                                  reports
    map         each column found to what it feeds                                             connectors, engine
    judge       needs of each report, hours, order of roll-out                                 reports

Nothing below the path is changed, and no company folder is written: settings and declared formats of one are copied.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq

from entrepot.connectors.errors import NothingToImport, shortened
from entrepot.connectors.reading import find_sources, open_tabular
from entrepot.connectors.recognition import Unrecognised, clean_header, recognise
from entrepot.connectors.registry import connector_of
from entrepot.flows.asking import OWN_SHOP, newest_tables, vocabulary
from entrepot.flows.field_mapping import fields_of, tables_fed
from entrepot.flows.importing import import_paths
from entrepot.ledger.rates import rated_currencies
from entrepot.reports.audit.counting import Counted, count_tables
from entrepot.reports.audit.hours import hours_of
from entrepot.reports.audit.needs import Found, needs_of
from entrepot.reports.audit.rollout import rollout_of
from entrepot.reports.audit.shape import Audit, AuditedFile, Basis, Nearest, Platform
from entrepot.store import CellLayout, RawLog, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from entrepot.connectors.contract import Connector, FileFormat
    from entrepot.connectors.reading import SourceFile
    from entrepot.flows.parts import CellParts
    from entrepot.flows.reading import FileReport
    from entrepot.reports.audit.hours import Assumptions
    from entrepot.reports.audit.shape import FormatFields, Title

OWN = "own"
"""Channel of the merchant's lists."""

_SHOPS_SHOWN = 20
_KEPT_FINDINGS = frozenset({"repeated_column", "shop_assumed", "sheet_not_read", "unclosed_quote", "undecodable"})


def audit(
    open_cell: Callable[[Path], CellParts],
    home: Path,
    path: Path,
    assumptions: Assumptions,
    progress: Callable[[str, int, int], None] | None = None,
    passwords: tuple[str, ...] = (),
) -> Audit:
    """Look at every file under a path.

    Args:
        open_cell: Builds the parts of a cell.
        home: A company folder whose settings and declared formats are used, if there is one.
        path: File or folder.
        assumptions: Rows of `hours.py`.
        progress: As for `import_paths`.
        passwords: As for `import_paths`.
    Raises:
        NothingToImport: There is nothing at the path.
        SettingsInvalid: The company folder's settings cannot be used.
        DeclarationInvalid: One of its declared formats cannot be used.
    """
    if not path.exists():
        raise NothingToImport(str(path))
    with tempfile.TemporaryDirectory(prefix="entrepot-audit-") as folder:
        parts = open_cell(_like(home, Path(folder) / "cell"))
        paths = list(_outside_cells(path.resolve()))
        report = import_paths(parts, paths, progress=progress, passwords=passwords)
        unknown = {each.path for each in report.files if each.status == "not_recognised"}
        looked = _looked_at(parts, find_sources(paths, passwords=passwords), unknown)
        files = _files(parts, path.resolve(), report.files, looked)
        return _judged(parts, path, files, _counted(parts), _fields(parts), assumptions)


def _like(home: Path, cell: Path) -> Path:
    """A new cell with the settings and declared formats of a company folder."""
    cell.mkdir(parents=True)
    known, new = CellLayout(home), CellLayout(cell)
    if known.settings.is_file():
        shutil.copy(known.settings, new.settings)
    if known.declared.is_dir():
        shutil.copytree(known.declared, new.declared)
    return cell


def _outside_cells(path: Path) -> Iterator[Path]:
    """The path, or what lies under it beside company folders: those hold what was imported, not what to import."""
    cells = {found.parent for found in path.rglob("state.db") if CellLayout(found.parent).tables.is_dir()}
    if not path.is_dir() or not cells:
        yield path
        return
    if path in cells:
        return
    for child in sorted(path.iterdir()):
        if any(cell.is_relative_to(child) for cell in cells):
            yield from _outside_cells(child)
        elif child.name != CellLayout(path).settings.name and not child.name.startswith("."):
            yield child


def _counted(parts: CellParts) -> Counted:
    with contextlib.closing(State(parts.layout)) as state:
        is_empty = state.newest_snapshot() is None
    if is_empty:
        return Counted((), [], [], {})
    with parts.open_engine() as engine:
        found = count_tables(engine, newest_tables(parts), parts.settings.cell.reporting_currency)
    platform = _platform_of(parts.connectors)
    coverage = tuple(replace(each, channel=platform.get(each.channel, each.channel)) for each in found.coverage)
    return replace(found, coverage=coverage)


def _platform_of(connectors: Sequence[Connector]) -> Mapping[str, str]:
    """Channel of a payment provider to the platform whose shops it pays."""
    return {each.spec.name: each.spec.serves for each in connectors if each.spec.serves}


def _files(
    parts: CellParts, root: Path, reports: Sequence[FileReport], unknown: Mapping[str, _Unknown]
) -> tuple[AuditedFile, ...]:
    first: dict[str, str] = {}
    first_of: dict[tuple[tuple[str, ...], ...], str] = {}
    found = []
    for report in reports:
        shown = _below(root, report.path)
        same_as = first.setdefault(report.raw_id or shown, shown)
        looked = unknown.get(report.path)
        like = first_of.setdefault(looked.headers, shown) if looked is not None and looked.is_table else shown
        found.append(
            replace(
                _file(parts, report, shown),
                same_as=same_as if same_as != shown else "",
                same_columns_as=like if like != shown else "",
                is_table=looked.is_table if looked is not None else report.format is not None,
                nearest=looked.nearest if looked is not None else None,
            )
        )
    return tuple(found)


def _below(root: Path, shown: str) -> str:
    start = f"{root if root.is_dir() else root.parent}/"
    return shown.removeprefix(start)


def _file(parts: CellParts, report: FileReport, shown: str) -> AuditedFile:
    status = {"imported": "recognised", "already_imported": "duplicate"}.get(report.status, report.status)
    error = (report.error or "").replace(report.path, shown)
    common = AuditedFile(shown, status, error=error, error_code=report.error_code or "")
    if not report.format or status not in ("recognised", "duplicate"):
        return common
    wire = next(each for each in parts.formats if each.name == report.format)
    return replace(
        common,
        format=wire.name,
        title=dict(wire.title),
        channel=_channel(parts, wire),
        shops=_shops(parts, wire, report),
        encoding=report.encoding or "",
        rows=report.rows,
        quarantined=report.quarantined,
        reasons=dict(sorted(report.reasons.items())),
        period=report.period,
        control_totals=tuple(
            {"name": each.name, "stated": each.stated, "found": each.found}
            for each in report.findings
            if each.kind == "control_total"
        ),
        findings=tuple(
            {"kind": each.kind, "name": each.name} for each in report.findings if each.kind in _KEPT_FINDINGS
        ),
        unknown_columns=tuple(each.name for each in report.findings if each.kind == "unknown_column"),
    )


def _channel(parts: CellParts, wire: FileFormat) -> str:
    return connector_of(wire.name, parts.connectors).spec.serves or wire.channel


def _shops(parts: CellParts, wire: FileFormat, report: FileReport) -> tuple[str, ...]:
    """Shops that the rows name, else the one that the settings gave; a shop that was only assumed is none."""
    if wire.shop_column is not None and report.raw_id:
        staged = RawLog(parts.layout).staged_path(report.raw_id, wire.name)
        named = pc.unique(pc.drop_null(pq.read_table(staged, columns=[wire.shop_column])[wire.shop_column])).to_pylist()
        if named:
            return tuple(sorted(named)[:_SHOPS_SHOWN])
    is_assumed = wire.channel == OWN or report.shop == _channel(parts, wire)
    return (report.shop,) if report.shop and not is_assumed else ()


@dataclass(frozen=True, slots=True)
class _Unknown:
    """What a file of no known format is: whether a table, of which columns, and the format nearest to it."""

    is_table: bool
    headers: tuple[tuple[str, ...], ...]
    nearest: Nearest | None


def _looked_at(parts: CellParts, sources: Iterator[SourceFile], unknown: set[str]) -> dict[str, _Unknown]:
    found: dict[str, _Unknown] = {}
    for source in sources:
        if source.shown not in unknown:
            continue
        with tempfile.TemporaryDirectory(dir=parts.layout.temporary) as folder:
            plain = Path(folder) / "file"
            source.copy_to(plain)
            sheets = open_tabular(plain, source.shown)
        answers = [recognise(opened.head, parts.formats) for opened in sheets]
        near = next((each for each in answers if isinstance(each, Unrecognised) and each.nearest is not None), None)
        headers = tuple(header for opened in sheets if (header := _header(opened.head)))
        found[source.shown] = _Unknown(bool(headers), headers, _nearest(near))
    return found


def _header(head: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Of the rows that are as long as most, and longer than one cell, the first; a note or a settings file has none."""
    widths = [len(row) for row in head if len(row) > 1]
    common = max(widths, key=widths.count, default=0)
    if len(widths) < 2 or widths.count(common) * 2 <= len(head):  # noqa: PLR2004
        return ()
    return next(tuple(map(clean_header, row)) for row in head if len(row) == common)


def _nearest(answer: Unrecognised | None) -> Nearest | None:
    if answer is None or answer.nearest is None:
        return None
    return Nearest(
        answer.nearest.name,
        dict(answer.nearest.title),
        answer.missing,
        tuple(shortened(name) for name in answer.extra),
    )


def _fields(parts: CellParts) -> tuple[FormatFields, ...]:
    """The field mapping of every format that was found, in the order of the connectors."""
    present: dict[str, set[str]] = defaultdict(set)
    with contextlib.closing(State(parts.layout)) as state:
        for file in state.files():
            present[file.format] |= set(file.column_set.strip("|").split("|"))
    return tuple(
        fields_of(connector, wire, present[wire.name])
        for connector in parts.connectors
        for wire in connector.formats
        if wire.name in present
    )


def _judged(
    parts: CellParts,
    path: Path,
    files: tuple[AuditedFile, ...],
    counted: Counted,
    fields: tuple[FormatFields, ...],
    assumptions: Assumptions,
) -> Audit:
    platforms = _platforms(parts, files, counted)
    found = Found(platforms, counted.coverage, _sources(parts), rated_currencies())
    missing = needs_of(found)
    basis = _basis(files, counted, platforms)
    return Audit(
        str(path),
        parts.settings.cell.reporting_currency,
        files,
        platforms,
        counted.coverage,
        missing,
        fields,
        counted.exceptions,
        basis,
        hours_of(basis, assumptions),
        tuple(assumptions),
        rollout_of(platforms, missing, files, sum(_without_cost(row) for row in counted.costs if not row["channel"])),
    )


def _platforms(parts: CellParts, files: Sequence[AuditedFile], counted: Counted) -> tuple[Platform, ...]:
    """Platforms that files name, by value."""
    names = {each.channel for each in files if each.channel} | {each.channel for each in counted.coverage}
    titles = {lang: vocabulary(parts, lang).channels for lang in ("en", "zh")}
    costs = {row["channel"]: row for row in counted.costs}
    found = []
    for name in names - {OWN}:
        values = [row for row in counted.values if row["channel"] == name]
        items = {
            table: sum(each.items for each in counted.coverage if (each.table, each.channel) == (table, name))
            for table in ("orders", "order_lines")
        }
        found.append(
            Platform(
                name,
                {lang: titles[lang].get(name, name) for lang in titles},
                items["orders"],
                items["order_lines"],
                tuple(sorted(row["currency"] for row in values)),
                sum(int(row["value_minor"]) for row in values),
                int(costs[name]["skus_sold"]) if name in costs else 0,
                int(costs[name]["skus_with_cost"]) if name in costs else 0,
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.value_minor, each.channel)))


def _without_cost(row: Mapping[str, int]) -> int:
    return int(row["skus_sold"]) - int(row["skus_with_cost"])


def _sources(parts: CellParts) -> dict[tuple[str, str], tuple[Title, ...]]:
    """Per platform and table: titles of the files that bring it; the merchant's lists stand beside every platform."""
    found: dict[tuple[str, str], list[Title]] = defaultdict(list)
    platforms = {_channel(parts, wire) for wire in parts.formats} | {OWN_SHOP}
    for connector in parts.connectors:
        fed = tables_fed(connector)
        for wire in connector.formats:
            channel = _channel(parts, wire)
            for table in fed[wire.name]:
                for platform in platforms if channel == OWN else {channel}:
                    found[platform, table].append(dict(wire.title))
    return {place: tuple(titles) for place, titles in found.items()}


def _basis(files: Sequence[AuditedFile], counted: Counted, platforms: Sequence[Platform]) -> Basis:
    months = {month for each in counted.coverage if each.table == "orders" for month in each.months}
    read = [each for each in files if each.status == "recognised" and each.channel != OWN]
    others = [each for each in files if each.is_unknown_table or each.status in ("unreadable", "refused")]
    links = {(each.channel, each.format) for each in read}
    unknown = [each for each in files if each.is_unknown_table and not each.same_columns_as]
    return Basis(
        months=max(len(months), 1),
        files=len(read) + len(others),
        order_lines=sum(each.order_lines for each in platforms),
        exceptions=sum(counted.exceptions.values()),
        links=len(links) + len(unknown),
    )
