"""Titled cases for connectors: raw rows in, canonical rows out, through the real reading and translation.

A case says its raw rows as the cells that differ from a plain row, and what must come out as a small text table:

    order_id | payment_state | paid_minor
    1001     | escrowed      | 5480

Instants are shown as Beijing time, null as nothing. Rows are compared whatever their order.
"""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltalake import DeltaTable

from entrepot.assembly import open_cell
from entrepot.connectors.reading import open_tabular, stage
from entrepot.connectors.recognition import Recognised, recognise
from entrepot.connectors.registry import CONNECTORS, all_formats, connector_of
from entrepot.connectors.translation import Batch, canonical_batches, type_rows
from entrepot.engine import DuckDBEngine
from entrepot.flows.importing import ImportReport, import_paths
from entrepot.flows.reading import _exported_from_name
from entrepot.flows.translating import files_table
from entrepot.residency import person_pads
from entrepot.store import RawFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from entrepot.connectors.contract import Connector, FileFormat
    from entrepot.engine import Engine

_BEIJING = timedelta(hours=8)
_SEEN_US = 1_795_000_000_000_000


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file as the platform would give it.

    Attributes:
        text: Its content.
        name: Its name; some platforms put the time of the export into it.
        encoding: What its bytes are in.
        shop: The shop that the folder or the user said.
    """

    text: str
    name: str = "export.csv"
    encoding: str = "utf-8-sig"
    shop: str = "our shop"


@dataclass(slots=True)
class Translated:
    """What became of files.

    Attributes:
        tables: Canonical table to its rows.
        rejects: Row number (with the file's name before it, where there are several files) to the reason.
        rows: Raw rows in all.
        formats: File name to format.
    """

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    rejects: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    formats: dict[str, str] = field(default_factory=dict)

    def shows(self, table: str, text: str, *, row: int | None = None) -> None:
        """Hold that a table has exactly these rows in these columns; see the module for the text.

        Args:
            table: A canonical table.
            text: What it must have.
            row: Number of a raw row, to look only at what came of it.
        """
        columns, wanted = _text_table(text)
        found = [each for each in self.tables.get(table, []) if row is None or each["row_no"] == row]
        _hold(table, shown(found, columns), sorted(wanted))

    def is_empty(self, *, row: int | None = None) -> bool:
        """Whether nothing came out, of all rows or of one, that could be posted."""
        return not [each for rows in self.tables.values() for each in rows if row is None or each["row_no"] == row]


def shown(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Rows as sorted tuples of text."""
    return sorted(tuple(_cell(row[column]) for column in columns) for row in rows)


def code_list(connector: str, name: str) -> list[dict[str, str]]:
    """Rows of a connector's code list."""
    folder = resources.files(f"entrepot.connectors.{connector}")
    return list(csv.DictReader(io.StringIO(folder.joinpath("mapping", f"{name}.csv").read_text(encoding="utf-8"))))


def row_of(cases: Iterable[str], case: str) -> int:
    """Number of the row that a case has in a file with a row per case."""
    return list(cases).index(case) + 2


def lines_of(
    header: str, plain: Mapping[str, str], *rows: Mapping[str, str], tail: str = "", quote: bool = True
) -> str:
    """CSV text: the header as the platform writes it, and per row the cells that differ from the plain row.

    Args:
        header: Column names, joined by commas.
        plain: Cells of a row about which nothing is special.
        rows: What is special, row by row.
        tail: Put at the end of every cell, as some platforms do.
        quote: Whether cells that need it are quoted; otherwise they are written as they are.
    """
    names = header.split(",")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE)
    writer.writerow(names)
    for row in rows:
        unknown = (set(row) | set(plain)) - set(names)
        assert not unknown, f"the header has no {sorted(unknown)}"
        writer.writerow([{**plain, **row}.get(name, "") + tail for name in names])
    return out.getvalue()


def translated(*files: CaseFile, engine: Engine | None = None) -> Translated:
    """Read, recognise, stage and translate files, without a cell around them."""
    result = Translated()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        by_connector: dict[str, tuple[Connector, dict[str, list[str]], list[RawFile]]] = {}
        for file in files:
            wire, path, record = staged(file, home, result)
            connector = connector_of(wire.name, CONNECTORS)
            _, parts, records = by_connector.setdefault(connector.spec.name, (connector, {}, []))
            parts.setdefault(wire.name, []).append(str(path))
            records.append(record)
        for connector, parts, records in by_connector.values():
            with DuckDBEngine(threads=1) if engine is None else engine as running:
                running.add_arrow("person_pads", person_pads(home / "keys"))
                _translate(running, Batch(connector, parts, files_table(records)), records, result)
    return result


def staged(file: CaseFile, home: Path, result: Translated) -> tuple[FileFormat, Path, RawFile]:
    """Read, recognise and stage one file: its format, where its rows are, and what the raw log would say of it."""
    content = file.text.encode(file.encoding)
    raw_id = hashlib.sha256(content).hexdigest()
    plain = home / raw_id
    plain.write_bytes(content)
    opened = open_tabular(plain, file.name)[0]
    recognised = recognise(opened.head, all_formats())
    assert isinstance(recognised, Recognised), f"{file.name} is not recognised: {recognised}"
    wire = recognised.format
    path = home / f"{raw_id}.parquet"
    rows = stage(opened, recognised, raw_id, path, file.name)
    result.formats[file.name] = wire.name
    result.rows += rows.row_count
    columns = "|".join(sorted(name for name in recognised.columns if name))
    record = RawFile(
        raw_id,
        file.name,
        "",
        wire.name,
        wire.channel,
        file.shop,
        None,
        opened.encoding,
        rows.row_count,
        f"|{columns}|",
        _exported_from_name(wire, file.name),
        _SEEN_US,
    )
    return wire, path, record


def _translate(engine: Engine, batch: Batch, records: Sequence[RawFile], result: Translated) -> None:
    names = {record.raw_id: record.file_name for record in records}
    for row in type_rows(engine, batch).to_pylist():
        if row["reject"] is not None:
            number = str(row["row_no"])
            place = number if len(names) == 1 else f"{names[row['raw_id']]}:{number}"
            result.rejects[place] = row["reject"]
    for table, relation in canonical_batches(engine, batch):
        result.tables.setdefault(table, []).extend(engine.read(relation).to_pylist())


@dataclass(frozen=True, slots=True)
class Imported:
    """A cell after one or more imports."""

    home: Path
    reports: tuple[ImportReport, ...]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Rows that readers see."""
        path = self.home / "tables" / table
        if not DeltaTable.is_deltatable(str(path)):
            return []
        found = DeltaTable(str(path)).to_pyarrow_table().to_pylist()
        return [row for row in found if row.get("is_current", True)]

    def shows(self, table: str, text: str) -> None:
        """Hold that a table has exactly these rows in these columns."""
        columns, wanted = _text_table(text)
        _hold(table, shown(self.rows(table), columns), sorted(wanted))

    def rejects(self) -> dict[str, str]:
        """Row number to the reason it was refused for."""
        return {str(row["row_no"]): row["reject"] for row in self.rows("raw_rows") if row["reject"] is not None}


def imported(home: Path, *batches: Sequence[CaseFile]) -> Imported:
    """Import files into a new cell, one import per batch."""
    reports = []
    for number, batch in enumerate(batches):
        folder = home / f"files{number}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in batch:
            (folder / file.name).write_bytes(file.text.encode(file.encoding))
        cell = home / "cell"
        cell.mkdir(exist_ok=True)
        reports.append(import_paths(open_cell(cell), [folder], shop=batch[0].shop))
    return Imported(home / "cell", tuple(reports))


def _text_table(text: str) -> tuple[list[str], list[tuple[str, ...]]]:
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    head, *rows = lines
    assert all(len(row) == len(head) for row in rows), "every row of an expected table has all its cells"
    return head, [tuple(row) for row in rows]


def _hold(table: str, found: list[tuple[str, ...]], wanted: list[tuple[str, ...]]) -> None:
    lines = ["  found  " + " | ".join(row) for row in found] + ["  wanted " + " | ".join(row) for row in wanted]
    assert found == wanted, "\n".join((f"{table} differs:", *lines))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value + _BEIJING:%Y-%m-%d %H:%M:%S}"
    return str(value)
