"""From an opened file to one Parquet file of clean text cells, with the row number a spreadsheet would show.

What leaves here is still the platform's text. Rows that cannot be cells of this header (wrong number of columns, bytes
of another encoding, ids a spreadsheet has ruined) keep their number and say why in `reject`. Streams: memory does not
grow with the file, workbooks excepted.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from python_calamine import CalamineWorkbook

from entrepot.connectors.errors import ColumnTwice, FileUnreadable
from entrepot.connectors.reading.tabular import cell_text, text_stream
from entrepot.model import ResidencyClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.connectors.contract import FileFormat
    from entrepot.connectors.reading.tabular import Opened
    from entrepot.connectors.recognition import Recognised

_BLANKS = " \t\r\n\u00a0\ufeff\u3000"
_BLOCK_BYTES = 8 << 20
_XLSX_BATCH_ROWS = 20_000
_RUINED_ID = r"^[0-9](\.[0-9]+)?[eE]\+[0-9]+$"
_SPOILT = (("undecodable", "\ufffd"), ("nul_byte", "\x00"))


@dataclass(slots=True)
class StagedFile:
    """What staging learnt of a file.

    Attributes:
        row_count: Rows of data, rejected ones included.
        rejected_count: Rows that cannot be cells of this header.
        facts: Values found outside the data, by name.
        outside: Lines outside the data, for control totals; never shown.
    """

    row_count: int = 0
    rejected_count: int = 0
    facts: dict[str, str] = field(default_factory=dict)
    outside: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Page:
    """A batch of raw cells and the row numbers they stand on; `bad` holds rows that have no cells."""

    columns: list[pa.Array]
    row_numbers: pa.Array
    bad: list[tuple[int, str]]


def wire_schema(wire: FileFormat) -> pa.Schema:
    """Columns of a staged file: row number, reason of rejection, every column of the format as text."""
    return pa.schema(
        [
            ("raw_id", pa.string()),
            ("row_no", pa.int64()),
            ("reject", pa.string()),
            *((column.name, pa.string()) for column in wire.columns),
        ]
    )


def stage(opened: Opened, recognised: Recognised, raw_id: str, target: Path, shown: str) -> StagedFile:
    """Write the rows of a file as clean text cells.

    Args:
        opened: The file.
        recognised: Its header and format.
        raw_id: Written to every row.
        target: Parquet file to write; complete or absent, never half-written.
        shown: Name for errors.

    Raises:
        FileUnreadable: The file breaks off in a way that leaves no rows to trust.
        ColumnTwice: A column that decides stands twice and the two differ.
    """
    wire = recognised.format
    result = StagedFile()
    schema = wire_schema(wire)
    partial = target.with_suffix(".partial")
    partial.parent.mkdir(parents=True, exist_ok=True)
    pages = _workbook_pages(opened, recognised) if opened.kind == "xlsx" else _csv_pages(opened, recognised, result)
    result.outside += [opened.delimiter.join(row) for row in opened.head[: recognised.header_index]]
    try:
        with pq.ParquetWriter(partial, schema, compression="zstd") as writer:
            for page in pages:
                table = _clean(page, recognised, raw_id, result, shown)
                if table.num_rows:
                    writer.write_table(table)
                    result.row_count += table.num_rows
                    result.rejected_count += table.num_rows - table["reject"].null_count
    except pa.ArrowInvalid as error:
        partial.unlink(missing_ok=True)
        raise FileUnreadable(shown, "its quotation marks do not close; save it again from the seller centre") from error
    except ColumnTwice:
        partial.unlink(missing_ok=True)
        raise
    partial.rename(target)
    _read_facts(wire, result)
    return result


def _read_facts(wire: FileFormat, result: StagedFile) -> None:
    for name, pattern in wire.facts.items():
        for line in result.outside:
            if match := re.search(pattern, line):
                result.facts[name] = match["value"].strip(_BLANKS)
                break


def _csv_pages(opened: Opened, recognised: Recognised, result: StagedFile) -> Iterator[_Page]:
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "page.csv"
        broken = _transcode(opened, plain, recognised)
        yield from _arrow_pages(plain, opened, recognised, result)
        if broken:
            yield _Page([], pa.array([], pa.int64()), [(number, "unclosed_quote") for number in broken])


def _transcode(opened: Opened, plain: Path, recognised: Recognised) -> list[int]:
    """Write the text as UTF-8; in a file whose quotes do not pair, set aside each line whose own do not."""
    broken: list[int] = []
    cell_mark, width = recognised.format.cell_mark, len(recognised.columns)
    with text_stream(opened.path, opened.encoding) as source, plain.open("w", encoding="utf-8", newline="") as out:
        if not opened.unbalanced_quotes and not cell_mark:
            while chunk := source.read(1 << 20):
                out.write(chunk)
            return broken
        for number, text in enumerate(source, start=1):
            line = _quoted(text, opened.delimiter, cell_mark, width) if cell_mark else text
            if opened.unbalanced_quotes and line.count('"') % 2:
                broken.append(number)
                # An empty line keeps the numbers of the lines after it.
                out.write("\n")
            else:
                out.write(line)
    return broken


def _quoted(line: str, delimiter: str, cell_mark: str, width: int) -> str:
    """A line of marked cells with quotes around those that need them; one that a spreadsheet has quoted stays."""
    surplus = line.count(delimiter) - (width - 1)
    if not line.startswith(cell_mark) or f'{delimiter}"{cell_mark}' in line or (not surplus and '"' not in line):
        return line
    text = line.rstrip("\r\n")
    cells = text.split(delimiter)
    if surplus:
        # A separator behind the last cell is none of its text.
        while surplus > 0 and text.rstrip(" ").endswith(delimiter):
            text, surplus = text.rstrip(" ").removesuffix(delimiter), surplus - 1
        first, *others = text.split(delimiter + cell_mark)
        cells = [first, *(cell_mark + cell for cell in others)]
    # A cell that begins with a quotation mark instead of its own was quoted by a spreadsheet.
    if len(cells) != width or any(cell.startswith('"') for cell in cells):
        return line
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return out.getvalue()


def _arrow_pages(plain: Path, opened: Opened, recognised: Recognised, result: StagedFile) -> Iterator[_Page]:
    names = [f"c{index}" for index in range(_rows_width(opened, recognised))]
    bad: list[tuple[int, str]] = []
    skipped: list[int] = []

    def on_invalid(row: pacsv.InvalidRow) -> str:
        text = row.text.strip(_BLANKS)
        first = text.split(opened.delimiter, maxsplit=1)[0].strip(_BLANKS + '"')
        skipped.append(row.number)
        if not text.strip(opened.delimiter):
            return "skip"
        if (
            _is_comment(recognised, text)
            or first.startswith(recognised.format.total_words)
            or _is_outside(recognised, text)
        ):
            result.outside.append(text)
        else:
            bad.append((row.number, "wrong_columns"))
        return "skip"

    reader = pacsv.open_csv(
        plain,
        read_options=pacsv.ReadOptions(
            use_threads=False, block_size=_BLOCK_BYTES, column_names=names, skip_rows=recognised.header_index + 1
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=opened.delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=on_invalid,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    )
    next_number = recognised.header_index + 2
    used = 0
    for batch in reader:
        numbers, next_number, used = _row_numbers(batch.num_rows, next_number, skipped, used)
        yield _under_header(list(batch.columns), numbers, len(recognised.columns), bad)
    if bad:
        yield _Page([], pa.array([], pa.int64()), bad)


def _rows_width(opened: Opened, recognised: Recognised) -> int:
    """Cells of a row, the empty one behind a separator at its end among them.

    Only a format that ends its rows so may have rows longer than the header, and then all of them: a comma in an amount
    makes a row longer too, and the cells behind it stand under another's header. A separator behind the header alone
    moves nothing.
    """
    width = len(recognised.columns)
    header, *head = opened.head[recognised.header_index :]
    rows = [row for row in head if any(cell.strip(_BLANKS) for cell in row)]
    longest = max(map(len, rows), default=width)
    if longest < width:
        return width if any(cell.strip(_BLANKS) for cell in header[longest:]) else longest
    beyond = [row[width:] for row in rows if len(row) >= width]
    all_end = all(len(cells) == 1 and not cells[0].strip(_BLANKS) for cells in beyond)
    return width + 1 if recognised.format.ends_in_separator and all_end else width


def _under_header(columns: list[pa.Array], numbers: pa.Array, width: int, bad: list[tuple[int, str]]) -> _Page:
    """The cells that stand under the header; a row with something beyond it is none of this header's."""
    filled = pa.array([False] * len(numbers))
    for beyond in columns[width:]:
        filled = pc.or_(filled, pc.not_equal(pc.utf8_trim(beyond, characters=_BLANKS), ""))
    if pc.any(filled).as_py():
        bad += [(number, "wrong_columns") for number in numbers.filter(filled).to_pylist()]
        columns = [column.filter(pc.invert(filled)) for column in columns]
        numbers = numbers.filter(pc.invert(filled))
    blank = pa.array([""] * len(numbers), pa.string())
    return _Page([*columns[:width], *[blank] * (width - len(columns))], numbers, [])


def _is_comment(recognised: Recognised, text: str) -> bool:
    mark = recognised.format.comment_mark
    return bool(mark) and text.startswith(mark)


def _is_outside(recognised: Recognised, text: str) -> bool:
    return any(re.search(total.pattern, text) for total in recognised.format.totals)


def _row_numbers(count: int, start: int, skipped: list[int], used: int) -> tuple[pa.Array, int, int]:
    """Numbers of `count` good rows from `start` on, leaving out those the parser skipped."""
    if used == len(skipped):
        return pa.arange(start, start + count), start + count, used
    numbers: list[int] = []
    number = start
    while len(numbers) < count:
        if used < len(skipped) and skipped[used] == number:
            used += 1
        else:
            numbers.append(number)
        number += 1
    return pa.array(numbers, pa.int64()), number, used


def _workbook_pages(opened: Opened, recognised: Recognised) -> Iterator[_Page]:
    sheet = CalamineWorkbook.from_path(opened.path).get_sheet_by_name(opened.sheet)
    width = len(recognised.columns)
    rows: list[list[str]] = []
    first = recognised.header_index + 2
    for number, row in enumerate(sheet.to_python(skip_empty_area=False)):
        if number <= recognised.header_index:
            continue
        cells = [cell_text(cell) for cell in row[:width]]
        rows.append(cells + [""] * (width - len(cells)))
        if len(rows) == _XLSX_BATCH_ROWS:
            yield _page_of(rows, first)
            first, rows = first + len(rows), []
    if rows:
        yield _page_of(rows, first)


def _page_of(rows: list[list[str]], first: int) -> _Page:
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    return _Page(columns, pa.arange(first, first + len(rows)), [])


def _clean(page: _Page, recognised: Recognised, raw_id: str, result: StagedFile, shown: str) -> pa.Table:
    """Trim cells, unwrap `="…"`, leading quotes and backticks, drop empty and total rows, and mark bad rows."""
    wire = recognised.format
    schema = wire_schema(wire)
    if not page.columns:
        numbers = [number for number, _ in page.bad]
        reasons = [reason for _, reason in page.bad]
        blank = [pa.nulls(len(numbers), pa.string()) for _ in wire.columns]
        return pa.table(
            [
                pa.array([raw_id] * len(numbers), pa.string()),
                pa.array(numbers, pa.int64()),
                pa.array(reasons, pa.string()),
                *blank,
            ],
            schema=schema,
        )
    raw = {name: column for name, column in zip(recognised.columns, page.columns, strict=True) if name is not None}
    cells = {name: _clean_cells(column, wire.empty_words) for name, column in raw.items()}
    reject = _rejects(page, raw, cells, recognised)
    length = len(page.row_numbers)
    columns = [cells.get(column.name, pa.nulls(length, pa.string())) for column in wire.columns]
    table = pa.table([pa.array([raw_id] * length, pa.string()), page.row_numbers, reject, *columns], schema=schema)
    data = _is_data(page, recognised, table, result)
    _hold_repeated(page, recognised, cells, data, shown)
    return table.filter(data)


def _hold_repeated(page: _Page, recognised: Recognised, cells: dict[str, pa.Array], data: pa.Array, shown: str) -> None:
    """Hold that a column that stands twice says the same twice, where money, an id or the format itself hangs on it.

    Raises:
        ColumnTwice: It does not, so that nobody knows which one is meant.
    """
    wire = recognised.format
    deciding = {
        column.name
        for column in wire.columns
        if column.required or column.is_id or column.residency is ResidencyClass.BUSINESS
    }
    for place, name in recognised.repeated:
        if name in deciding:
            again = _clean_cells(page.columns[place], wire.empty_words)
            same = pc.fill_null(pc.equal(again, cells[name]), fill_value=False)
            same = pc.or_(same, pc.and_(pc.is_null(again), pc.is_null(cells[name])))
            differs = page.row_numbers.filter(pc.and_(data, pc.invert(same)))
            if len(differs):
                raise ColumnTwice(shown, name, differs[0].as_py())


def _clean_cells(column: pa.Array, empty_words: tuple[str, ...]) -> pa.Array:
    bare = pc.utf8_trim(column, characters=_BLANKS)
    # Most columns are clean; a look at the first characters is cheaper than two regular expressions over every cell.
    if pc.any(pc.starts_with(bare, '="')).as_py():
        bare = pc.replace_substring_regex(bare, pattern=r'^="(.*)"$', replacement=r"\1")
    if pc.any(pc.match_substring_regex(bare, pattern="^['`]")).as_py():
        bare = pc.replace_substring_regex(bare, pattern=r"^['`]", replacement="")
        bare = pc.utf8_trim(bare, characters=_BLANKS)
    empty = pc.is_in(bare, value_set=pa.array(["", *empty_words], pa.string()))
    return pc.if_else(empty, pa.scalar(None, pa.string()), bare)


def _rejects(page: _Page, raw: dict[str, pa.Array], cells: dict[str, pa.Array], recognised: Recognised) -> pa.Array:
    """First reason why a row cannot be trusted, or null."""
    reject = pa.nulls(len(page.row_numbers), pa.string())
    separators = max(len(recognised.columns) - 1, 1)
    for column in recognised.format.columns:
        if column.name not in raw:
            continue
        cell = raw[column.name]
        checks = [(word, pc.match_substring(cell, mark)) for word, mark in _SPOILT]
        broken = pc.match_substring(cell, "\n")
        if pc.any(broken).as_py():
            broken = pc.match_substring(pc.utf8_trim(cell, characters=_BLANKS), "\n")
            if column.free_text:
                # A quote that never closed swallows whole rows, and with them about as many commas as the header has.
                broken = pc.and_(broken, pc.greater_equal(pc.count_substring(cell, ","), separators))
        checks.append(("unclosed_quote", broken))
        if column.is_id:
            ruined = pc.match_substring_regex(cells[column.name], _RUINED_ID)
            checks.append((f"ruined_id:{column.name}", pc.fill_null(ruined, fill_value=False)))
        for reason, found in checks:
            if pc.any(found).as_py():
                reject = pc.if_else(pc.and_(found, pc.is_null(reject)), pa.scalar(reason, pa.string()), reject)
    return reject


def _is_data(page: _Page, recognised: Recognised, table: pa.Table, result: StagedFile) -> pa.Array:
    """True for rows of data: not empty, no total row, no comment, not the row that explains the columns."""
    wire = recognised.format
    filled = pa.array([False] * table.num_rows)
    for column in wire.columns:
        filled = pc.or_(filled, pc.is_valid(table[column.name].combine_chunks()))
    first = pc.utf8_trim(page.columns[0], characters=_BLANKS)
    mark = wire.comment_mark
    outside = pc.starts_with(first, mark) if mark else pa.array([False] * table.num_rows)
    for word in wire.total_words:
        outside = pc.or_(outside, pc.starts_with(first, word))
    if pc.any(outside).as_py():
        kept = [column.filter(outside).to_pylist() for column in page.columns]
        result.outside += [",".join(cell or "" for cell in row) for row in zip(*kept, strict=True)]
    data = pc.and_(filled, pc.invert(outside))
    if wire.formula_row:
        explains = pc.and_(
            pc.equal(table["row_no"].combine_chunks(), recognised.header_index + 2), _lacks_required(table, wire)
        )
        data = pc.and_(data, pc.invert(explains))
    return data


def _lacks_required(table: pa.Table, wire: FileFormat) -> pa.Array:
    lacking = pa.array([False] * table.num_rows)
    for name in wire.required_names:
        lacking = pc.or_(lacking, pc.is_null(table[name].combine_chunks()))
    return lacking
