"""From raw pages to Parquet files of typed columns, one for each page: a row per document, read by the engine once.

A raw page is zstd NDJSON, one line per answer:

    {"method": …, "page": …, "window": [from, to], "params": {…}, "at": platform time, "answer": {… as sent …}}

What the answer leaves out and the question has is read from `params`. Numbers become the text that was sent. A document
of another shape than declared keeps its row and says so in `reject`; none is lost. When a line cannot be read strictly,
all lines of its page are read leniently: only what does not fit becomes null. Pages of one feed are read together, for
DuckDB plans the query anew each time, which took longer than reading a page of an hour.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq

from entrepot.connectors.errors import RowsLost
from entrepot.connectors.live.wire import WireField, WireList
from entrepot.engine import Column, ColumnType, DuckDBEngine, Schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from entrepot.connectors.live.contract import Feed

PAGES_AT_ONCE = 64
"""Pages that are staged together: DuckDB keeps a hundred files open that it writes at once."""

BYTES_AT_ONCE = 1 << 20
"""Packed bytes of pages that are staged together: this bounds the memory. A larger page is staged alone, which is less
work for each row: rows that go into files of their own are sorted into them first."""

_OBJECT_BYTES_MAX = 64 << 20
_ROW_NO_AT = 1
"""Place of `row_no` among the columns of a staged page."""

_DIGEST_KEY = b"wire"
_HASHED = "values"
"""How the digest of a row is made; a page that was staged with another is staged anew when it is translated again."""

Tree = dict[str, "Tree | list[Tree] | None"]
"""Field paths as a tree: None for text, a list of one tree for a list of rows."""


def page_schema(feed: Feed) -> Schema:
    """Columns of a staged page of a feed."""
    return Schema(
        (
            Column("raw_id", ColumnType.TEXT),
            Column("row_no", ColumnType.INTEGER),
            Column("reject", ColumnType.TEXT),
            Column("row_hash", ColumnType.TEXT),
            *(Column(name, kind or ColumnType.TEXT) for name, kind in feed.shape.columns()),
        )
    )


def wire_digest(feed: Feed) -> str:
    """Digest of what decides how a page is read."""
    asked = (each.at for each in feed.shape.asked)
    said = (_HASHED, feed.stored_method.name, feed.documents, repr(feed.shape.fields), *asked)
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:16]


def is_staged(feed: Feed, staged: Path) -> bool:
    """Whether a staged page is there and was read with the wire shape of today."""
    if not staged.exists():
        return False
    metadata = pq.read_metadata(staged).metadata or {}
    return bool(metadata.get(_DIGEST_KEY) == wire_digest(feed).encode())


@dataclass(frozen=True, slots=True)
class Page:
    """A raw page to stage.

    Attributes:
        raw_id: Written to every row.
        blob: The page in the raw log, zstd.
        target: Parquet file to write; a file of its own for each page.
        documents: How many it holds; None where nobody has counted them, and then it is read alone.
    """

    raw_id: str
    blob: Path
    target: Path
    documents: int | None = None


def stage_pages(engine: DuckDBEngine, feed: Feed, pages: Sequence[Page]) -> int:
    """Write the documents of raw pages as typed rows; each file is complete or absent.

    Args:
        engine: Reads JSON as only DuckDB does, whichever engine translates. It has to have one thread: rows are
            numbered as they come, for sorting whole documents took longer than reading them.
        feed: Whose pages.
        pages: Any number.
    Returns:
        Rows written, those of another shape included.
    Raises:
        RowsLost: A page holds another number of documents than it is said to.
    """
    threads = engine.connection.execute("SELECT current_setting('threads')").fetchone()
    assert threads == (1,), "rows are numbered as they are read, in the order of the page with one thread only"
    rows = 0
    for together in _groups(pages):
        try:
            rows += _stage(engine, feed, together, _strict_sql)
        except (duckdb.Error, RowsLost):
            # One line that cannot be read is enough; the pages beside it are not to be read leniently for that.
            rows += sum(_stage_alone(engine, feed, page) for page in together)
    return rows


def _groups(pages: Sequence[Page]) -> Iterator[list[Page]]:
    """Pages to read together: few enough to be written at once, and small enough for the memory."""
    group: list[Page] = []
    size = 0
    for page in pages:
        bytes_more = page.blob.stat().st_size
        is_full = len(group) == PAGES_AT_ONCE or size + bytes_more > BYTES_AT_ONCE or page.documents is None
        if group and (is_full or group[-1].documents is None):
            yield group
            group, size = [], 0
        group.append(page)
        size += bytes_more
    if group:
        yield group


def _stage_alone(engine: DuckDBEngine, feed: Feed, page: Page) -> int:
    try:
        return _stage(engine, feed, [page], _strict_sql)
    except duckdb.Error:
        return _stage(engine, feed, [page], _lenient_sql)


def _stage(engine: DuckDBEngine, feed: Feed, pages: Sequence[Page], read: Callable[[Feed, str], str]) -> int:
    """Write pages that are read in one way, a file for each, put in place when all of them are whole."""
    home = pages[0].target.parent
    home.mkdir(parents=True, exist_ok=True)
    # Erasure clears away what a dead process leaves in here: no page has the name of a part.
    with tempfile.TemporaryDirectory(suffix=".partial", dir=home) as folder:
        blobs = ", ".join(f"'{_text(str(page.blob))}'" for page in pages)
        _copy(engine.connection, feed, read(feed, f"[{blobs}]"), pages, Path(folder))
        made = {page: _made(page, pages, Path(folder)) for page in pages}
        rows = sum(_checked(feed, page, path) for page, path in made.items())
        for page, path in made.items():
            page.target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(page.target)
    return rows


def _made(page: Page, pages: Sequence[Page], folder: Path) -> Path:
    """Where DuckDB writes the rows of a page."""
    return folder / f"raw_id={page.raw_id}" / "data_0.parquet" if len(pages) > 1 else folder / "alone.parquet"


def _checked(feed: Feed, page: Page, made: Path) -> int:
    """Rows of a page: numbered from 1, and as many as were counted. A page without documents gets its file here."""
    if not made.exists():
        made.parent.mkdir(exist_ok=True)
        shape = page_schema(feed).arrow().with_metadata({_DIGEST_KEY: wire_digest(feed).encode()})
        pq.write_table(shape.empty_table(), made)
    footer = pq.read_metadata(made)
    numbers = [footer.row_group(group).column(_ROW_NO_AT).statistics for group in range(footer.num_row_groups)]
    rows = int(footer.num_rows)
    is_numbered = not rows or (min(each.min for each in numbers), max(each.max for each in numbers)) == (1, rows)
    if not is_numbered or page.documents not in (None, rows):
        raise RowsLost(f"{feed.name}: {page.documents} documents were kept and {rows} are staged")
    return rows


def unknown_fields(feed: Feed, documents: Sequence[object]) -> tuple[str, ...]:
    """Paths in documents that the wire shape does not declare; names only, no value is looked at."""
    found: set[str] = set()
    for document in documents:
        _walk(document, "", feed.shape.known_paths, feed.shape.inner_paths, found)
    return tuple(sorted(found - feed.shape.ignored))


def _walk(value: object, path: str, known: frozenset[str], inner: frozenset[str], found: set[str]) -> None:
    if isinstance(value, dict):
        for name, each in value.items():
            here = f"{path}.{name}" if path else str(name)
            if here in inner:
                _walk(each, here, known, inner, found)
            elif here not in known:
                found.add(here)
    elif isinstance(value, list):
        for each in value:
            _walk(each, path, known, inner, found)


def _copy(
    connection: duckdb.DuckDBPyConnection, feed: Feed, documents: str, pages: Sequence[Page], folder: Path
) -> None:
    columns = ", ".join(
        f"{_column_sql(each, 'q' if each in feed.shape.asked else 'd')} AS {_name(each.name)}"
        for each in feed.shape.fields
    )
    hashed = ", ".join(f"coalesce({_hashed_sql(each, '')}, chr(30))" for each in feed.shape.fields)
    listed = ", ".join(_name(each.name) for each in feed.shape.fields)
    checks = " ".join(
        f"WHEN {condition} THEN 'missing_field:{path}'" for path, condition in _missing(feed.shape.fields, "", "")
    )
    reject = f"CASE {checks} END" if checks else "NULL"
    befores = accumulate((page.documents or 0 for page in pages), initial=0)
    told = ", ".join(
        f"('{_text(str(page.blob))}', '{page.raw_id}', {before})" for page, before in zip(pages, befores, strict=False)
    )
    sql = f"""
        WITH pages(blob, raw_id, documents_before) AS (VALUES {told}),
        documents AS ({documents}),
        typed AS (
            SELECT blob, row_number() OVER () AS row_no, {columns} FROM documents
        )
        SELECT raw_id, CAST(row_no - documents_before AS BIGINT) AS row_no, CAST({reject} AS VARCHAR) AS reject,
               md5(concat_ws(chr(31), {hashed})) AS row_hash, {listed}
        FROM typed JOIN pages USING (blob)
    """
    where, apart = str(_made(pages[0], pages, folder)), ""
    if len(pages) > 1:
        where, apart = str(folder), "PARTITION_BY (raw_id), WRITE_PARTITION_COLUMNS true, OVERWRITE_OR_IGNORE true, "
    connection.execute(
        f"COPY ({sql}) TO '{_text(where)}' (FORMAT parquet, COMPRESSION zstd, {apart}"
        f"KV_METADATA {{{_DIGEST_KEY.decode()}: '{wire_digest(feed)}'}})"
    )


def _hashed_sql(each: WireField | WireList, of: str) -> str:
    """Text of a column for its row's digest; of a list the values only, for their names would be most of the text."""
    column = f"{of}{_name(each.name)}"
    if isinstance(each, WireField):
        return column
    row = f"{of.removesuffix('.') or 'hashed'}_{each.name}"
    inner = ", ".join(f"coalesce({_hashed_sql(one, f'{row}.')}, chr(30))" for one in each.fields)
    return f"array_to_string([concat_ws(chr(31), {inner}) FOR {row} IN {column}], chr(29))"


def _strict_sql(feed: Feed, blobs: str) -> str:
    """Documents of every line that holds some, each as one struct `d`; what was asked, where it is read, as `q`."""
    tree: Tree = _tree(feed.shape.answered)
    whole: Tree = {}
    for *outer, last in feed.document_paths:
        place = whole
        for name in outer:
            inner = place.setdefault(name, {})
            assert isinstance(inner, dict), f"{feed.name}: {name} is a list of documents and holds some"
            place = inner
        place[last] = [tree] if feed.documents.endswith("[]") else tree
    paths = ("answer." + ".".join(_name(part) for part in path) for path in feed.document_paths)
    return _documents_sql(_read(feed, blobs, _duck_type(whole)), f"coalesce({', '.join(paths)})", feed)


def _lenient_sql(feed: Feed, blobs: str) -> str:
    paths = (".".join(f'"{part}"' for part in path) for path in feed.document_paths)
    found = f"coalesce({', '.join(_json_at(path) for path in paths)})"
    structure = _text(json.dumps(_structure(_tree(feed.shape.answered))))
    source = f"from_json({found}, '[\"JSON\"]')" if feed.documents.endswith("[]") else found
    inner = _documents_sql(_read(feed, blobs, "JSON"), source, feed)
    return f"SELECT blob{', q' if feed.shape.asked else ''}, from_json(d, '{structure}') AS d FROM ({inner})"


def _json_at(path: str) -> str:
    return f"json_extract(answer, '$.{path}')"


def _documents_sql(lines: str, path: str, feed: Feed) -> str:
    method = _text(feed.stored_method.name)
    blob = "blob, q" if feed.shape.asked else "blob"
    if feed.documents.endswith("[]"):
        return f"SELECT {blob}, unnest({path}) AS d FROM ({lines}) WHERE method = '{method}' AND {path} IS NOT NULL"
    return f"SELECT {blob}, {path} AS d FROM ({lines}) WHERE method = '{method}'"


def _read(feed: Feed, blobs: str, answer: str) -> str:
    shown, columns = "filename AS blob, method, answer", f"method: 'VARCHAR', answer: '{_text(answer)}'"
    if feed.shape.asked:
        shown, columns = f"{shown}, params AS q", f"{columns}, params: '{_text(_duck_type(_tree(feed.shape.asked)))}'"
    return (
        f"SELECT {shown} FROM read_json({blobs}, format='newline_delimited', compression='zstd', filename=true, "
        f"maximum_object_size={_OBJECT_BYTES_MAX}, columns={{{columns}}})"
    )


def _tree(fields: Sequence[WireField | WireList]) -> Tree:
    tree: Tree = {}
    for each in fields:
        *outer, last = each.at.split(".")
        place = tree
        for name in outer:
            inner = place.setdefault(name, {})
            assert isinstance(inner, dict), f"{each.at}: {name} is a value and holds values"
            place = inner
        place[last] = None if isinstance(each, WireField) else [_tree(each.fields)]
    return tree


def _duck_type(tree: Tree) -> str:
    inside = []
    for name, each in tree.items():
        if each is None:
            kind = "VARCHAR"
        elif isinstance(each, list):
            kind = f"{_duck_type(each[0])}[]"
        else:
            kind = _duck_type(each)
        inside.append(f"{_name(name)} {kind}")
    return f"STRUCT({', '.join(inside)})"


def _structure(tree: Tree) -> dict[str, object]:
    made: dict[str, object] = {}
    for name, each in tree.items():
        if each is None:
            made[name] = "VARCHAR"
        else:
            made[name] = [_structure(each[0])] if isinstance(each, list) else _structure(each)
    return made


def _column_sql(each: WireField | WireList, of: str) -> str:
    path = f"{of}." + ".".join(_name(part) for part in each.at.split("."))
    if isinstance(each, WireField):
        # An empty text says no more than an absent one.
        return f"nullif({path}, '')"
    inner = f"{of}_{each.name}"
    rows = ", ".join(f"{_name(one.name)}: {_column_sql(one, inner)}" for one in each.fields)
    return f"[{{{rows}}} FOR {inner} IN {path}]"


def _missing(fields: Sequence[WireField | WireList], of: str, shown: str) -> list[tuple[str, str]]:
    """Path and condition of every required field that may be missing."""
    found = []
    for each in fields:
        column = f"{of}{_name(each.name)}"
        if each.required:
            lacks = f"{column} IS NULL" if isinstance(each, WireField) else f"coalesce(len({column}), 0) = 0"
            found.append((shown + each.at, lacks))
        if isinstance(each, WireList) and not of:
            for path, condition in _missing(each.fields, "x.", f"{shown}{each.at}."):
                found.append((path, f"len([1 FOR x IN {column} IF {condition}]) > 0"))
    return found


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return text.replace("'", "''")
