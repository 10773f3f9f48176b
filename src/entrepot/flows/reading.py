"""The first step of an import: find files, recognise them, keep them as they came, stage their rows.

Each sheet of a workbook that is of a known format is a file of its own. The first one has the id of the workbook's
content, each other one the digest of that id and its name, so that the same workbook gives the same ids again.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from entrepot.connectors.errors import FormatUnknown, ShopsMixed, ShopUndecided, shortened
from entrepot.connectors.reading import find_sources, open_tabular, stage
from entrepot.connectors.recognition import Recognised, Unrecognised, recognise
from entrepot.connectors.registry import connector_of
from entrepot.engine import Column, ColumnType, Schema, parse
from entrepot.errors import EntrepotError
from entrepot.flows.drift import drift_findings, headers_of, likely_names
from entrepot.flows.totals import Finding, check_totals, period_of
from entrepot.store import RawFile, RawLog
from entrepot.store.state import now_us

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from entrepot.connectors.contract import FileFormat
    from entrepot.connectors.reading import Opened, SourceFile, StagedFile
    from entrepot.engine import Engine
    from entrepot.flows.parts import CellParts
    from entrepot.store import State, TableStore

_BEIJING = timedelta(hours=8)
_WORKBOOK = "xlsx"
_UNKNOWN_SHOWN = 50
"""Unknown columns that are named; of more than these the number."""


@dataclass(slots=True)
class FileReport:
    """What became of one file.

    Attributes:
        path: As the user would recognise it; a further sheet of a workbook is `book.xlsx#Sheet2`.
        status: imported, already_imported, not_recognised, unreadable, refused.
        format: Name of the format.
        raw_id: Digest of the content, and of the sheet's name for a further sheet.
        shop: Shop it was assigned to.
        encoding: Encoding it was read in.
        rows: Rows of data.
        canonical: Rows that went into tables.
        duplicates: Rows that were there already.
        quarantined: Rows that were not understood.
        reasons: Quarantined rows by reason.
        period: First and last day of the rows.
        findings: Doubts about the file.
        error: Why it was not read.
    """

    path: str
    status: str = "imported"
    format: str | None = None
    raw_id: str | None = None
    shop: str | None = None
    encoding: str | None = None
    rows: int = 0
    canonical: int = 0
    duplicates: int = 0
    quarantined: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    period: tuple[str, str] | None = None
    findings: list[Finding] = field(default_factory=list)
    error: str | None = None
    error_code: str | None = None

    def count(self, counts: dict[str, int]) -> None:
        """Take over row counts: `canonical`, `duplicates`, and `reject:<reason>` for each reason."""
        self.canonical, self.duplicates = counts.get("canonical", 0), counts.get("duplicates", 0)
        self.reasons = {
            name.removeprefix("reject:"): number for name, number in counts.items() if name.startswith("reject:")
        }
        self.quarantined = sum(self.reasons.values())
        assert self.rows == self.canonical + self.duplicates + self.quarantined, "every raw row is accounted for"


class Filing(Protocol):
    """How a file that was read comes into the raw log."""

    def staged_path(self, raw_id: str, format_name: str) -> Path:
        """Where its rows are written."""

    def keep(self, plain: Path, file: RawFile) -> None:
        """Keep its content and its row."""


class _AtOnce:
    """Each file by itself, as the publish lease allows it."""

    def __init__(self, raw: RawLog, state: State) -> None:
        self._raw, self._state = raw, state

    def staged_path(self, raw_id: str, format_name: str) -> Path:
        """Where they stay."""
        return self._raw.staged_path(raw_id, format_name)

    def keep(self, plain: Path, file: RawFile) -> None:
        """The content first, then its row."""
        self._raw.keep(plain, file.raw_id)
        self._state.add_file(file)


class Reader:
    """Reads files into the raw log of one cell.

    Args:
        parts: The cell.
        state: Its open state.
        shop: Shop to assign to files that name none, if the user said so.
        passwords: Tried on what is locked; never kept.
        filing: How files come into the raw log; each at once where nothing else is said, under the publish lease.
    """

    def __init__(
        self,
        parts: CellParts,
        state: State,
        shop: str | None,
        passwords: tuple[str, ...] = (),
        filing: Filing | None = None,
    ) -> None:
        self._parts, self._state, self._shop, self._passwords = parts, state, shop, passwords
        self._raw = RawLog(parts.layout)
        self._filing = filing or _AtOnce(self._raw, state)
        self._formats = parts.formats
        self._closing: ExitStack | None = None
        self._engine: Engine | None = None

    def read_all(self, paths: list[Path], tell: Callable[[str, int, int], None]) -> list[FileReport]:
        """Read every file under the paths; a file that cannot be read does not stop the others."""
        sources = list(find_sources(paths, leaving_out=self._parts.layout.home, passwords=self._passwords))
        reports = []
        with ExitStack() as self._closing:
            for number, source in enumerate(sources):
                tell("read", number, len(sources))
                reports += self.read_source(source)
        self._closing = self._engine = None
        tell("read", len(sources), len(sources))
        return reports

    def read_source(self, source: SourceFile) -> list[FileReport]:
        """Read a file, or each sheet of a workbook that is of a known format."""
        report = FileReport(source.shown)
        reports = [report]
        with _told(report):
            self._parts.layout.temporary.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._parts.layout.temporary) as folder:
                plain = Path(folder) / "file"
                report.raw_id = source.copy_to(plain)
                known = self._state.file(report.raw_id)
                if known is not None and known.encoding != _WORKBOOK:
                    self._repeat(source, known, report)
                    return reports
                first, *others = self._recognise(plain, known, report)
                reports += [self._report_of_sheet(report, opened.sheet) for opened, _ in others]
                for each, (opened, recognised) in zip(reports, (first, *others), strict=True):
                    with _told(each):
                        self._read(source, plain, each, opened, recognised)
        return reports

    @staticmethod
    def _report_of_sheet(whole: FileReport, sheet: str) -> FileReport:
        raw_id = hashlib.sha256(f"{whole.raw_id}#{sheet}".encode()).hexdigest()
        return FileReport(f"{whole.path}#{sheet}", raw_id=raw_id)

    def _read(
        self, source: SourceFile, plain: Path, report: FileReport, opened: Opened, recognised: Recognised
    ) -> None:
        raw_id, wire = report.raw_id, recognised.format
        assert raw_id is not None, "a file that is read has an id"
        known = self._state.file(raw_id)
        if known is not None:
            self._repeat(source, known, report)
            return
        report.format, report.encoding = wire.name, opened.encoding
        staged_path = self._filing.staged_path(raw_id, wire.name)
        staged = stage(opened, recognised, raw_id, staged_path, report.path)
        report.rows = staged.row_count
        report.shop = self._assign_shop(source, wire, staged, staged_path, report)
        self._hold_one_shop(wire, report, staged_path)
        report.findings += _column_findings(opened, recognised)
        before = self._state.last_file(wire.name)
        path_before = self._raw.staged_path(before.raw_id, wire.name) if before else staged_path
        report.findings += drift_findings(recognised, staged_path, before, path_before)
        report.findings += check_totals(wire, staged, staged_path)
        report.period = period_of(wire, staged_path)
        self._filing.keep(plain, self._record(source, recognised, staged, report))

    def _hold_one_shop(self, wire: FileFormat, report: FileReport, staged: Path) -> None:
        """Hold that the file's orders are those of the files of its shop, where another shop may number its own alike.

        Raises:
            ShopsMixed: An order of the file has the number of another one.
        """
        if wire.numbered_by_shop is None:
            return
        undone = self._state.undone()
        others = [
            file
            for file in self._state.files()
            if (file.format, file.shop) == (wire.name, report.shop or "") and file.raw_id not in undone
        ]
        paths = {
            file.raw_id: path for file in others if (path := self._raw.staged_path(file.raw_id, wire.name)).exists()
        }
        if not paths:
            return
        number, ordered = wire.numbered_by_shop
        schema = Schema(tuple(Column(name, ColumnType.TEXT) for name in ("raw_id", number, ordered)))
        with self._asked() as engine:
            engine.add_parquet("mine", [str(staged)], schema)
            engine.add_parquet("theirs", [str(path) for path in paths.values()], schema)
            query = parse(_OF_ANOTHER.format(number=number, ordered=ordered), source="orders of another shop")
            (found,) = engine.read(query).to_pylist()
        if found["orders"]:
            staged.unlink(missing_ok=True)
            other = next(file.file_name for file in others if file.raw_id == found["other"])
            raise ShopsMixed(report.path, other, report.shop or "", int(found["orders"]))

    def _asked(self) -> AbstractContextManager[Engine]:
        """One engine for all files that are read together, opened for the first that needs it."""
        if self._closing is None:
            return self._parts.open_engine()
        if self._engine is None:
            self._engine = self._closing.enter_context(self._parts.open_engine())
        return nullcontext(self._engine)

    def _repeat(self, source: SourceFile, known: RawFile, report: FileReport) -> None:
        report.status, report.format, report.shop = "already_imported", known.format, known.shop
        report.encoding, report.rows, report.duplicates = known.encoding, known.row_count, known.row_count
        report.findings = [Finding(**note) for note in json.loads(known.notes)]
        if undone := self._state.undone().get(known.raw_id):
            report.findings.append(Finding("undone", undone.reason))
        wire = next((each for each in self._formats if each.name == known.format), None)
        exported = _exported_from_name(wire, source.name) if wire else None
        if exported is not None:
            self._state.raise_export_time(known.raw_id, exported)

    def _recognise(self, plain: Path, known: RawFile | None, report: FileReport) -> list[tuple[Opened, Recognised]]:
        """The tables of a file that are of a known format; first the one that has the id of the content."""
        nearest: Unrecognised | None = None
        found: list[tuple[Opened, Recognised]] = []
        unread = []
        for opened in open_tabular(plain, report.path):
            answer = recognise(opened.head, self._formats)
            if isinstance(answer, Recognised):
                found.append((opened, answer))
                continue
            unread.append(Finding("sheet_not_read", shortened(opened.sheet)))
            if nearest is None or (nearest.nearest is None and answer.nearest is not None):
                nearest = answer
        if not found:
            assert nearest is not None, "a readable file has at least one table"
            wire = nearest.nearest
            known_by = headers_of(wire) if wire else {}
            likely = likely_names({name: known_by[name] for name in nearest.missing}, nearest.extra)
            pairs = tuple(sorted(likely.items()))
            raise FormatUnknown(report.path, wire.name if wire else "", nearest.missing, nearest.extra, pairs)
        report.findings += unread
        if known is not None:
            # A format declared since then may have made an earlier sheet readable; the ids stay where they were.
            found.sort(key=lambda each: each[1].format.name != known.format)
        return found

    def _record(self, source: SourceFile, recognised: Recognised, staged: StagedFile, report: FileReport) -> RawFile:
        wire = recognised.format
        exported = _exported_from_facts(staged) or _exported_from_name(wire, source.name)
        notes = json.dumps([finding.as_dict() for finding in report.findings], ensure_ascii=False)
        columns = "|".join(sorted(name for name in recognised.columns if name))
        assert report.raw_id is not None, "a file that is recorded has an id"
        return RawFile(
            report.raw_id,
            report.path,
            connector_of(wire.name, self._parts.connectors).spec.name,
            wire.name,
            wire.channel,
            report.shop or "",
            staged.facts.get("account"),
            report.encoding,
            staged.row_count,
            f"|{columns}|",
            exported,
            now_us(),
            notes,
        )

    def _assign_shop(
        self, source: SourceFile, wire: FileFormat, staged: StagedFile, staged_path: Path, report: FileReport
    ) -> str | None:
        settings, account = self._parts.settings, staged.facts.get("account")
        channel = connector_of(wire.name, self._parts.connectors).spec.serves or wire.channel
        if wire.channel == "own":
            return "own"
        for wallet in settings.wallets:
            if account and wallet.account == account:
                return wallet.shop
        candidates = [shop for shop in settings.shops if shop.channel == channel]
        if said := wire.shop or self._shop:
            return said
        by_folder = [shop for shop in candidates if shop.folder and shop.folder in source.parts]
        if by_folder or len(candidates) == 1:
            return (by_folder or candidates)[0].shop
        if not candidates:
            if wire.shop_column is None:
                report.findings.append(Finding("shop_assumed", channel))
            return channel
        return _shop_of_rows(report.path, wire, staged_path, channel, tuple(shop.shop for shop in candidates))


def _shop_of_rows(
    path: str, wire: FileFormat, staged_path: Path, channel: str, candidates: tuple[str, ...]
) -> str | None:
    """The shop that every row of a file names, where several could own it and nobody said which.

    It would be that of rows that name none as well, so it is no shop where there are any: those are quarantined.

    Raises:
        ShopUndecided: No row names one.
    """
    cells = _shop_cells(staged_path, wire.shop_column) if wire.shop_column else pa.nulls(1)
    names = pc.unique(cells.drop_null())
    if len(cells) and not len(names):
        raise ShopUndecided(path, channel, candidates)
    return names[0].as_py() if len(names) == 1 and not cells.null_count else None


def _shop_cells(staged_path: Path, column: str) -> pa.ChunkedArray:
    """The shop that each readable row of a file names."""
    rows = pq.read_table(staged_path, columns=["reject", column])
    return rows.filter(pc.is_null(rows["reject"]))[column]


def _exported_from_facts(staged: StagedFile) -> int | None:
    return _beijing_us(
        "".join(f"{int(part):02d}" for part in re.findall(r"\d+", staged.facts.get("exported_at_beijing", ""))[:6])
    )


def _exported_from_name(wire: FileFormat, name: str) -> int | None:
    """Export time that the platform writes into the file's name: unix seconds, or Beijing time as 14 digits."""
    for fact, pattern in wire.file_name_facts.items():
        if match := re.search(pattern, name):
            return int(match["value"]) * 1_000_000 if fact == "exported_unix" else _beijing_us(match["value"])
    return None


def _beijing_us(digits: str) -> int | None:
    """Microseconds since 1970 of `YYYYMMDDHHMMSS` in Beijing; None when it is no such time."""
    try:
        local = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int((local - _BEIJING).timestamp() * 1_000_000)


def _column_findings(opened: Opened, recognised: Recognised) -> list[Finding]:
    unknown = [shortened(name) for name in recognised.unknown]
    if len(unknown) > _UNKNOWN_SHOWN:
        unknown[_UNKNOWN_SHOWN:] = [f"and {len(unknown) - _UNKNOWN_SHOWN} more"]
    findings = [Finding("unknown_column", name) for name in unknown]
    findings += [Finding("repeated_column", name) for _, name in recognised.repeated]
    if opened.unbalanced_quotes:
        findings.append(Finding("unclosed_quote", "a quotation mark is missing; the rows around it are quarantined"))
    if opened.undecodable:
        findings.append(Finding("undecodable", opened.encoding))
    return findings


@contextmanager
def _told(report: FileReport) -> Iterator[None]:
    """Put an error into the report of the file that it is about, so that the other files go on."""
    try:
        yield
    except FormatUnknown as error:
        report.status, report.error, report.error_code = "not_recognised", str(error), error.code
    except (ShopUndecided, ShopsMixed) as error:
        report.status, report.error, report.error_code = "refused", str(error), error.code
    except EntrepotError as error:
        report.status, report.error, report.error_code = "unreadable", str(error), error.code


# Instants are told apart for the orders in common alone: a shop has many files, and nearly all of their orders are new.
_OF_ANOTHER = """
select count(distinct m."{number}") as orders, min(t.raw_id) as other
from (select distinct "{number}", "{ordered}" from mine) as m
join (
    select distinct raw_id, "{number}", "{ordered}"
    from theirs
    where "{number}" in (select "{number}" from mine)
) as t
    on m."{number}" = t."{number}" and m."{ordered}" <> t."{ordered}"
where instant_from_offset(m."{ordered}") <> instant_from_offset(t."{ordered}")
"""
_REFUSED_BEFORE = """
select raw_id, split_part(reject, ':', 1) as reason, count(*) as n
from raw_rows
where reject is not null and raw_id in (select raw_id from repeated)
group by 1, 2
"""


def recount_repeated(parts: CellParts, tables: TableStore, reports: Sequence[FileReport]) -> None:
    """Give files that were imported before the quarantine that they are still in; their other rows are known."""
    repeated = [
        report for report in reports if report.status == "already_imported" and report.rows == report.duplicates
    ]
    if not repeated or "raw_rows" not in tables.versions:
        return
    with parts.open_engine() as engine:
        tables.open_into(engine, ["raw_rows"])
        engine.add_arrow("repeated", pa.table({"raw_id": pa.array([each.raw_id for each in repeated], pa.string())}))
        found = engine.read(parse(_REFUSED_BEFORE, source="counting refused rows")).to_pylist()
    for report in repeated:
        refused = {f"reject:{row['reason']}": int(row["n"]) for row in found if row["raw_id"] == report.raw_id}
        report.count({**refused, "duplicates": report.rows - sum(refused.values())})
