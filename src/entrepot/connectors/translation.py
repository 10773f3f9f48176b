"""From staged rows to canonical rows: run a connector's mapping on an engine, and account for every raw row.

Two steps, both SQL of the connector. `mapping/rows/<format>.sql` types each raw row once and says why it refuses one;
`mapping/<table>.sql` turns accepted rows into canonical ones. Between them stands what holds for every format: a row is
of a shop, no sale is below nothing, and no two rows of a file say different things of one key. A row that is refused is
in no table.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.connectors.contract import FileFormat
from entrepot.connectors.errors import MappingBroken, RowsLost
from entrepot.connectors.live.contract import Feed
from entrepot.connectors.live.staging import page_schema
from entrepot.engine import Column, ColumnType, Schema, parse
from entrepot.engine.dialect import macros
from entrepot.model import TABLES, Origin
from entrepot.store import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.connectors.contract import Connector
    from entrepot.engine import Engine, Query

ROW_COLUMNS = ("raw_id", "row_no", "row_key", "reject")
"""Columns that every `rows/<format>.sql` gives besides its own."""

_NEVER_NEGATIVE = ("goods_minor", "unit_price_minor", "shipping_minor", "paid_minor")
"""Money of a sale: a row with less than nothing is a refund or a correction, and no order."""

_NEVER_CHANGES = ("placed_at", "currency", "goods_minor", "unit_price_minor", "quantity")
"""What an order says in every one of its states."""

_OF_ITS_PLACE = frozenset({*ROW_COLUMNS, "statement_order"})
"""Columns of typed rows that tell where a row stands, not what it says."""

SHARED_ROWS = 20_000
"""So many raw rows are worth being typed in two shares; below that, planning a query twice takes longer."""

_SHARES = 2
"""Tables that many answers are typed into. DuckDB gives 122,880 rows of a table to one thread, whatever is worked out
for each of them, and reads two tables beside each other."""

_PROVIDED = ("mapping_version", "seen_at", "source", "is_current")


@dataclass(frozen=True, slots=True)
class Batch:
    """Files to translate together.

    Attributes:
        connector: Whose mapping.
        staged: Format name to staged Parquet files.
        files: The relation `files`: one row per raw file, see `FILES_SCHEMA`.
        row_count: About how many rows the files have.
    """

    connector: Connector
    staged: Mapping[str, Sequence[str]]
    files: pa.Table
    row_count: int = 0


FILES_SCHEMA = pa.schema(
    [
        ("raw_id", pa.string()),
        ("shop", pa.string()),
        ("channel", pa.string()),
        ("account", pa.string()),
        ("currency", pa.string()),
        ("exported_at", pa.timestamp("us", tz="UTC")),
        ("seen_at", pa.timestamp("us", tz="UTC")),
        ("column_set", pa.string()),
        ("source", pa.string()),
        ("file_name", pa.string()),
    ]
)
"""What mapping SQL may know of a file; `column_set` is `|name|name|`: a missing column is not an empty cell."""


def mapping_version(connector: Connector) -> str:
    """Digest of a connector's mapping and of the macros it uses."""
    digest = hashlib.sha256()
    for path, text in connector.mapping_files.items():
        digest.update(f"{path}\0{text}\0".encode())
    digest.update(_macro_digest().encode())
    return f"{connector.spec.name}-{digest.hexdigest()[:12]}"


@lru_cache(maxsize=1)
def _macro_digest() -> str:
    return hashlib.sha256("\0".join(f"{name}:{macro}" for name, macro in sorted(macros().items())).encode()).hexdigest()


def add_code_lists(engine: Engine, connector: Connector) -> None:
    """Name a connector's code lists `<connector>_<list>` in an engine; columns are text, empty cells are null."""
    formats = {wire.name for wire in connector.sources}
    for name, text in connector.code_lists.items():
        assert name not in formats, f"{name} is a format; a code list needs another name"
        rows = list(csv.DictReader(io.StringIO(text)))
        columns = list(rows[0]) if rows else []
        engine.add_arrow(
            name, pa.table({column: pa.array([row[column] or None for row in rows], pa.string()) for column in columns})
        )


def staged_schema(wire: FileFormat | Feed) -> Schema:
    """Columns of a staged file of a format, or of a staged page of a feed."""
    if isinstance(wire, Feed):
        return page_schema(wire)
    return Schema(
        (
            Column("raw_id", ColumnType.TEXT),
            Column("row_no", ColumnType.INTEGER),
            Column("reject", ColumnType.TEXT),
            *(Column(column.name, ColumnType.TEXT) for column in wire.columns),
        )
    )


def type_rows(engine: Engine, batch: Batch) -> pa.Table:
    """Type the rows of a batch: relation `<format>` with the accepted rows of each format.

    Returns:
        The rows of `raw_rows`: one per raw row, accepted or refused.
    Raises:
        MappingBroken: A row query lacks a column of the contract.
        RowsLost: A row query lost or multiplied rows; nothing has been written.
    """
    engine.add_arrow("files", batch.files)
    add_code_lists(engine, batch.connector)
    accounts = [schema_of(TABLES["raw_rows"]).arrow().empty_table()]
    queries = batch.connector.row_queries
    read = frozenset(batch.staged).union(*(_words(text) for told in _table_queries(batch).values() for _, text in told))
    for wire in batch.connector.sources:
        if wire.name not in read:
            continue
        source = batch.connector.row_source(wire.name)
        if wire.name not in queries:
            raise MappingBroken(source, "it is missing")
        typed = _typed(engine, batch, wire, parse(queries[wire.name], source=source))
        columns = engine.columns(typed)
        if missing := set(ROW_COLUMNS) - set(columns):
            raise MappingBroken(source, f"it lacks {sorted(missing)}")
        checked = typed
        if batch.staged.get(wire.name):
            checked = _checked(engine, wire, typed, columns)
            accounts.append(_account(engine, wire, checked, _likes(engine, wire, columns)))
        kept = ", ".join(f'"{name}"' for name in columns if name != "reject")
        engine.define(wire.name, parse(f"select {kept} from {checked} where reject is null", source=wire.name))
    return pa.concat_tables(accounts)


def _typed(engine: Engine, batch: Batch, wire: FileFormat | Feed, query: Query) -> str:
    """The typed rows of a format; those of many answers in shares, each with some of the pages.

    Rows of files are in one table: what they say is compared within each file once more, and kept as one.
    """
    files, typed = list(batch.staged.get(wire.name, ())), f"{wire.name}__typed"
    is_shared = isinstance(wire, Feed) and batch.row_count >= SHARED_ROWS and len(files) >= _SHARES
    shares = [f"{typed}_{number}" for number in range(_SHARES)]
    for number, share in enumerate(shares):
        engine.drop(share)
        if is_shared:
            _add_staged(engine, wire, files[number::_SHARES])
            engine.define(share, query, materialise=True)
    _add_staged(engine, wire, files)
    if is_shared:
        together = " union all ".join(f"select * from {share}" for share in shares)
        query = parse(together, source=query.source)
    engine.define(typed, query, materialise=not is_shared)
    return typed


def _add_staged(engine: Engine, wire: FileFormat | Feed, files: Sequence[str]) -> None:
    engine.add_parquet("staged", files, staged_schema(wire))
    _split_staged(engine, wire)


def _checked(engine: Engine, wire: FileFormat | Feed, typed: str, columns: Sequence[str]) -> str:
    """The typed rows with the refusals that hold for every format: no shop, a sale below nothing, a contradiction."""
    kept = ", ".join(f't."{name}"' for name in columns if name != "reject")
    below = [name for name in _NEVER_NEGATIVE if name in columns]
    refusals = [f"when t.{name} < 0 then 'negative_amount:{name}'" for name in below]
    if isinstance(wire, FileFormat) and wire.shop_column is not None and "shop" in columns:
        # Neither the row nor whoever brought the file said whose it is.
        column = wire.shop_column.replace("'", "''")
        refusals.insert(0, f"when t.shop is null then 'missing_value:{column}'")
    sound, clashes, checked = (f"{wire.name}__{what}" for what in ("sound", "clashes", "checked"))
    reject = f"coalesce(t.reject, case {' '.join(refusals)} end)" if refusals else "t.reject"
    engine.define(sound, parse(f"select {kept}, {reject} as reject from {typed} as t", source=sound))
    if isinstance(wire, Feed):
        # Two answers about one thing differ in time, not in truth: the newer version stays.
        return sound
    engine.define(clashes, parse(_clashes_sql(sound, columns), source=clashes), materialise=True)
    engine.define(
        checked,
        parse(
            f"select {kept}, coalesce(t.reject, 'contradicting_rows:row ' || cast(c.other_no as varchar)) as reject "
            f"from {sound} as t left join {clashes} as c on t.raw_id = c.raw_id and t.row_no = c.row_no",
            source=checked,
        ),
        materialise=True,
    )
    return checked


def _likes(engine: Engine, wire: FileFormat | Feed, columns: Sequence[str]) -> str:
    """Rows that say in another spelling what an earlier row of their file says of the same key: its repetitions.

    Returns:
        Relation with `raw_id`, `row_no` and `like_no`; '' where answers of a platform are read, which have versions.
    """
    if isinstance(wire, Feed):
        return ""
    sound, likes = f"{wire.name}__sound", f"{wire.name}__likes"
    said = [name for name in columns if name not in _OF_ITS_PLACE]
    query = (
        f"with repeated as {_repeated_sql(sound)},\n"
        f"looked_at as (select t.raw_id, t.row_no, t.row_key, {_digest_of(said)} as content from {sound} as t"
        " join repeated as r on t.raw_id = r.raw_id and t.row_key = r.row_key where t.reject is null),\n"
        "firsts as (select *, min(row_no) over (partition by raw_id, row_key, content) as like_no from looked_at)\n"
        "select raw_id, row_no, like_no from firsts where like_no < row_no"
    )
    engine.define(likes, parse(query, source=likes), materialise=True)
    return likes


def _repeated_sql(sound: str) -> str:
    return (
        f"(select raw_id, row_key from {sound} where reject is null and row_key is not null"
        " group by raw_id, row_key having count(*) > 1)"
    )


def _clashes_sql(sound: str, columns: Sequence[str]) -> str:
    """Rows of one file and one key that say different things, each with another row that it contradicts.

    Nothing but the place in the file says which of them is right, so none is. Equal rows are a repetition. Where the
    format ranks states, a row in a later state follows one in an earlier state, as if it came from a later file; what
    no state changes has to be the same in both.
    """
    said = [name for name in columns if name not in _OF_ITS_PLACE]
    scopes = [("''", said)]
    if "state_rank" in columns:
        scopes = [("cast(t.state_rank as varchar)", said), ("''", [name for name in _NEVER_CHANGES if name in columns])]
    looked_at = "\nunion all\n".join(
        f"select t.raw_id, t.row_no, t.row_key, {scope} as scope, {_digest_of(names)} as content "
        f"from {sound} as t join repeated as r on t.raw_id = r.raw_id and t.row_key = r.row_key where t.reject is null"
        for scope, names in scopes
    )
    return (
        f"with repeated as {_repeated_sql(sound)},\n"
        f"looked_at as ({looked_at}),\n"
        "firsts as (select *, min(row_no) over (partition by raw_id, row_key, scope) as first_no,"
        " min(row_no) over (partition by raw_id, row_key, scope, content) as like_no from looked_at),\n"
        "others as (select *, min(case when like_no <> first_no then row_no end)"
        " over (partition by raw_id, row_key, scope) as unlike_no from firsts)\n"
        "select raw_id, row_no, min(case when like_no = first_no then unlike_no else first_no end) as other_no"
        " from others where unlike_no is not null group by raw_id, row_no"
    )


def _digest_of(names: Sequence[str]) -> str:
    cells = ", ".join(f'coalesce(cast(t."{name}" as varchar), chr(30))' for name in names)
    return f"md5(concat_ws(chr(31), {cells}))" if cells else "''"


def _split_staged(engine: Engine, wire: FileFormat | Feed) -> None:
    """`wire`: rows with cells; `wire_bad`: rows that staging refused."""
    if isinstance(wire, Feed):
        cells = ", ".join(f'"{name}"' for name, _ in wire.shape.columns())
        row_hash = "row_hash"
    else:
        cells = ", ".join(f'"{column.name}"' for column in wire.columns)
        text = ", ".join(f"coalesce(\"{column.name}\", '')" for column in wire.columns)
        row_hash = f"md5(concat_ws(chr(31), {text})) as row_hash"
    engine.define(
        "wire",
        parse(
            f"select raw_id, row_no, {row_hash}, {cells} from staged where reject is null",
            source=f"wire({wire.name})",
        ),
    )
    engine.define(
        "wire_bad",
        parse("select raw_id, row_no, reject from staged where reject is not null", source=f"wire_bad({wire.name})"),
    )


def _account(engine: Engine, wire: FileFormat | Feed, typed: str, likes: str) -> pa.Table:
    """Rows of `raw_rows` for a format, every staged row once; a repetition has the digest of what it repeats."""
    like = (
        f"left join {likes} as k on w.raw_id = k.raw_id and w.row_no = k.row_no "
        "left join wire as o on k.raw_id = o.raw_id and k.like_no = o.row_no "
    )
    row_hash = "coalesce(o.row_hash, w.row_hash)" if likes else "w.row_hash"
    rows = engine.read(
        parse(
            f"select w.raw_id, w.row_no, '{wire.name}' as format, t.row_key, {row_hash} as row_hash, t.reject "
            f"from wire as w left join {typed} as t on w.raw_id = t.raw_id and w.row_no = t.row_no "
            f"{like if likes else ''}"
            "union all "
            f"select raw_id, row_no, '{wire.name}' as format, null as row_key, "
            "md5(raw_id || '|' || cast(row_no as varchar)) as row_hash, reject from wire_bad",
            source=f"raw_rows({wire.name})",
        ),
        schema_of(TABLES["raw_rows"]),
    )
    staged = engine.read(parse("select count(*) as n from staged", source="count")).column("n")[0].as_py()
    typed_rows = engine.read(parse(f"select count(*) as n from {typed}", source="count")).column("n")[0].as_py()
    good = engine.read(parse("select count(*) as n from wire", source="count")).column("n")[0].as_py()
    if rows.num_rows != staged or typed_rows != good:
        message = f"{wire.name}: {staged} raw rows became {rows.num_rows}; {good} rows with cells became {typed_rows}"
        raise RowsLost(message)
    return rows


def canonical_batches(engine: Engine, batch: Batch) -> Iterator[tuple[str, str]]:
    """Run the table queries of a batch over its accepted rows, one table after the other.

    Yields:
        Canonical table and relation; the relation has the table's columns with provenance, and rows of several queries
        for one table together. It is gone when the next one is asked for: only one table is in memory at a time.
    Raises:
        MappingBroken: A query is named after no observed table or lacks a column.
    """
    version = mapping_version(batch.connector)
    for name, told in _table_queries(batch).items():
        parts = [f"part_{number}" for number in range(len(told))]
        for part, (shown, text) in zip(parts, told, strict=True):
            _define_part(engine, name, shown, text, part, version)
        relation = f"batch_{name}"
        shape = pa.schema([field for field in schema_of(TABLES[name]).arrow() if field.name != "is_current"])
        if parts:
            union = "\nunion all\n".join(f"select {', '.join(map(_quoted, shape.names))} from {part}" for part in parts)
            engine.define(relation, parse(union, source=f"batch({name})"))
        else:
            engine.add_arrow(relation, shape.empty_table())
        yield name, relation
        for gone in (relation, *parts, *(f"{part}_mapped" for part in parts)):
            engine.drop(gone)


def _table_queries(batch: Batch) -> dict[str, list[tuple[str, str]]]:
    """Path and text of what brings rows to each table of a connector; queries that read no staged format are left out.

    A table without any is named all the same: rows that the files gave it before have to go.
    """
    staged = {name for name, files in batch.staged.items() if files}
    queries: dict[str, list[tuple[str, str]]] = {}
    for name, path, text in batch.connector.table_queries:
        if TABLES.get(name) is None or TABLES[name].origin is not Origin.OBSERVED:
            raise MappingBroken(f"{batch.connector.spec.name}/{path}", f"there is no table {name} that files can fill")
        told = queries.setdefault(name, [])
        if not staged.isdisjoint(_words(text)):
            told.append((f"{batch.connector.spec.name}/{path}", text))
    return queries


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    """Every word of a query: what it reads is among them, and finding it costs no parsing."""
    return frozenset(re.findall(r"\w+", text))


def _define_part(engine: Engine, name: str, shown: str, text: str, relation: str, version: str) -> None:
    """Run one table query and add provenance to its rows."""
    of = TABLES[name]
    mapped = f"{relation}_mapped"
    engine.define(mapped, parse(text, source=shown, strict_output=True), materialise=True)
    given = set(engine.columns(mapped))
    wanted = [field.name for field in of.all_fields if field.name not in _PROVIDED]
    if unknown := given - set(wanted):
        raise MappingBroken(shown, f"{sorted(unknown)} are not columns of {name}")
    needed = {*of.key, *of.partition, "raw_id", "row_no", "version"}
    if missing := needed - given:
        raise MappingBroken(shown, f"it lacks {sorted(missing)}")
    columns = ", ".join(f'm."{column}"' if column in given else _null(of.name, column) for column in wanted)
    engine.define(
        relation,
        parse(
            f"select {columns}, '{version}' as mapping_version, f.seen_at, '{shown}:' || f.source as source "
            f"from {mapped} as m join files as f on m.raw_id = f.raw_id",
            source=f"batch({shown})",
        ),
    )


def _quoted(name: str) -> str:
    return f'"{name}"'


def _null(table_name: str, column: str) -> str:
    kind = next(each.type.value for each in schema_of(TABLES[table_name]).columns if each.name == column)
    return f'cast(null as {kind}) as "{column}"'
