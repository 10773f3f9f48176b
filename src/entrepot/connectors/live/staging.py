"""From raw pages to one Parquet file of typed columns: a row per document, read by the engine once.

A raw page is zstd NDJSON, one line per answer:

    {"method": …, "page": …, "window": [from, to], "params": {…}, "at": platform time, "answer": {… as sent …}}

Numbers become the text that was sent. A document of another shape than declared keeps its row and says so in `reject`;
none is lost. When a line cannot be read strictly, all lines are read leniently: only what does not fit becomes null.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq

from entrepot.connectors.live.wire import WireField, WireList
from entrepot.engine import Column, ColumnType, DuckDBEngine, Schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.connectors.live.contract import Feed

_OBJECT_BYTES_MAX = 64 << 20
_DIGEST_KEY = b"wire"

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
    said = (feed.stored_method.name, feed.documents, repr(feed.shape.fields))
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:16]


def is_staged(feed: Feed, staged: Path) -> bool:
    """Whether a staged page is there and was read with the wire shape of today."""
    if not staged.exists():
        return False
    metadata = pq.read_metadata(staged).metadata or {}
    return bool(metadata.get(_DIGEST_KEY) == wire_digest(feed).encode())


def stage_page(engine: DuckDBEngine, feed: Feed, blob: Path, raw_id: str, target: Path) -> int:
    """Write the documents of a raw page as typed rows; the file is complete or absent.

    Args:
        engine: Reads JSON as only DuckDB does, whichever engine translates. It has to have one thread: rows are
            numbered as they come, for sorting whole documents took longer than reading them.
        feed: Whose page.
        blob: The page in the raw log, zstd.
        raw_id: Written to every row.
        target: Parquet file to write.
    Returns:
        Rows written, those of another shape included.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    connection = engine.connection
    threads = connection.execute("SELECT current_setting('threads')").fetchone()
    assert threads == (1,), "rows are numbered as they are read, in the order of the page with one thread only"
    try:
        _copy(connection, feed, _strict_sql(feed, blob), raw_id, partial)
    except duckdb.Error:
        _copy(connection, feed, _lenient_sql(feed, blob), raw_id, partial)
    partial.rename(target)
    return int(pq.read_metadata(target).num_rows)


def unknown_fields(feed: Feed, documents: Sequence[object]) -> tuple[str, ...]:
    """Paths in documents that the wire shape does not declare; names only, no value is looked at."""
    known = {path for path, _ in feed.shape.leaves()}
    inner = {".".join(path.split(".")[:place]) for path in known for place in range(1, path.count(".") + 1)}
    lists = set(_list_paths(feed.shape.fields, ""))
    found: set[str] = set()
    for document in documents:
        _walk(document, "", known, inner | lists, found)
    return tuple(sorted(found - feed.shape.ignored))


def _walk(value: object, path: str, known: set[str], inner: set[str], found: set[str]) -> None:
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


def _list_paths(fields: Sequence[WireField | WireList], prefix: str) -> list[str]:
    paths = []
    for each in fields:
        if isinstance(each, WireList):
            whole = prefix + each.at
            parts = whole.split(".")
            paths += [".".join(parts[:place]) for place in range(1, len(parts) + 1)]
            paths += _list_paths(each.fields, f"{whole}.")
    return paths


def _copy(connection: duckdb.DuckDBPyConnection, feed: Feed, documents: str, raw_id: str, target: Path) -> None:
    columns = ", ".join(f"{_column_sql(each, 'd')} AS {_name(each.name)}" for each in feed.shape.fields)
    hashed = ", ".join(f"coalesce(CAST({_name(each.name)} AS VARCHAR), chr(30))" for each in feed.shape.fields)
    listed = ", ".join(_name(each.name) for each in feed.shape.fields)
    checks = " ".join(
        f"WHEN {condition} THEN 'missing_field:{path}'" for path, condition in _missing(feed.shape.fields, "", "")
    )
    reject = f"CASE {checks} END" if checks else "NULL"
    sql = f"""
        WITH documents AS ({documents}),
        typed AS (
            SELECT CAST(row_number() OVER () AS BIGINT) AS row_no, {columns} FROM documents
        )
        SELECT '{raw_id}' AS raw_id, row_no, CAST({reject} AS VARCHAR) AS reject,
               md5(concat_ws(chr(31), {hashed})) AS row_hash, {listed}
        FROM typed
    """
    where = _text(str(target))
    connection.execute(
        f"COPY ({sql}) TO '{where}' (FORMAT parquet, COMPRESSION zstd, "
        f"KV_METADATA {{{_DIGEST_KEY.decode()}: '{wire_digest(feed)}'}})"
    )


def _strict_sql(feed: Feed, blob: Path) -> str:
    """Documents of every line that holds some, each as one struct `d`."""
    tree: Tree = _tree(feed.shape.fields)
    whole: Tree = {}
    for *outer, last in feed.document_paths:
        place = whole
        for name in outer:
            inner = place.setdefault(name, {})
            assert isinstance(inner, dict), f"{feed.name}: {name} is a list of documents and holds some"
            place = inner
        place[last] = [tree] if feed.documents.endswith("[]") else tree
    paths = ("answer." + ".".join(_name(part) for part in path) for path in feed.document_paths)
    return _documents_sql(_read(blob, _duck_type(whole)), f"coalesce({', '.join(paths)})", feed)


def _lenient_sql(feed: Feed, blob: Path) -> str:
    paths = (".".join(f'"{part}"' for part in path) for path in feed.document_paths)
    found = f"coalesce({', '.join(_json_at(path) for path in paths)})"
    structure = _text(json.dumps(_structure(_tree(feed.shape.fields))))
    source = f"from_json({found}, '[\"JSON\"]')" if feed.documents.endswith("[]") else found
    inner = _documents_sql(_read(blob, "JSON"), source, feed)
    return f"SELECT line_no, place, from_json(d, '{structure}') AS d FROM ({inner})"


def _json_at(path: str) -> str:
    return f"json_extract(answer, '$.{path}')"


def _documents_sql(lines: str, path: str, feed: Feed) -> str:
    method = _text(feed.stored_method.name)
    if feed.documents.endswith("[]"):
        return (
            f"SELECT line_no, unnest({path}) AS d, unnest(range(len({path}))) AS place "
            f"FROM ({lines}) WHERE method = '{method}' AND {path} IS NOT NULL"
        )
    return f"SELECT line_no, 0 AS place, {path} AS d FROM ({lines}) WHERE method = '{method}'"


def _read(blob: Path, answer: str) -> str:
    return (
        "SELECT row_number() OVER () AS line_no, method, answer FROM "
        f"read_json('{_text(str(blob))}', format='newline_delimited', compression='zstd', "
        f"maximum_object_size={_OBJECT_BYTES_MAX}, columns={{method: 'VARCHAR', answer: '{_text(answer)}'}})"
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
