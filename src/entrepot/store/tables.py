"""Canonical tables as Delta tables: open files that outlive the engine.

An observed table keeps one row per key and source, the newest; where several sources describe one key a merged row
takes each field from the newest source that has it. Which file arrived first never decides, so any order of imports
gives the same tables. Readers see `is_current` rows only.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, WriterProperties, write_deltalake
from deltalake import Schema as DeltaSchema
from deltalake.exceptions import TableNotFoundError
from deltalake.writer import ColumnProperties

from entrepot.engine import Column, ColumnType, Schema, parse
from entrepot.model import TABLES, FieldType, Origin, ResidencyClass, Table, table
from entrepot.store.errors import TablesOutdated

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from entrepot.engine import Engine
    from entrepot.store.layout import CellLayout
    from entrepot.store.state import Snapshot

_TYPES = {
    FieldType.TEXT: ColumnType.TEXT,
    FieldType.INTEGER: ColumnType.INTEGER,
    FieldType.BOOLEAN: ColumnType.BOOLEAN,
    FieldType.INSTANT: ColumnType.INSTANT,
    FieldType.DATE: ColumnType.DATE,
}
assert set(_TYPES) == set(FieldType), "every field type has a column type"

_MERGED = "merged"


@lru_cache(maxsize=512)
def schema_of(of: Table) -> Schema:
    """The columns of a table as the engine declares them, provenance included."""
    return Schema(tuple(Column(field.name, _TYPES[field.type], field.nullable) for field in of.all_fields))


class TableStore:
    """Tables of one cell, at one snapshot.

    Args:
        layout: The company folder.
        snapshot: The versions to read; None for an empty cell.
    """

    def __init__(self, layout: CellLayout, snapshot: Snapshot | None) -> None:
        self._layout = layout
        self._versions: dict[str, int] = dict(snapshot.versions) if snapshot else {}
        self._opened: dict[str, DeltaTable] = {}

    @property
    def versions(self) -> Mapping[str, int]:
        """Table name to the Delta version that this store reads, its own writes included."""
        return dict(self._versions)

    def restore(self) -> None:
        """Bring every table back to this snapshot after a publisher that died half-way."""
        for folder in sorted(self._layout.tables.glob("*")):
            handle = self._handle(folder.name)
            if handle is None:
                continue
            wanted = self._versions.get(folder.name)
            if wanted is None:
                handle.delete()
            elif handle.version() > wanted:
                handle.restore(wanted)
            self._versions[folder.name] = handle.version()

    def outdated(self) -> list[str]:
        """Tables of this snapshot that another version of this software wrote, with other columns than it has now."""
        return [
            name
            for name, version in sorted(self._versions.items())
            if name in TABLES and not _is_current(TABLES[name], self._at(name, version))
        ]

    def begin_anew(self, names: Iterable[str]) -> None:
        """Give tables the columns of today. They are emptied, for what they held is translated again.

        Booked tables follow from nothing, so they keep their rows; a column that they did not have is null in them.
        """
        for name in names:
            of = table(name)
            handle = self._handle(name)
            assert handle is not None, f"{name}: a table of the snapshot is there"
            shape = _delta_schema(of)
            rows = _widened(handle, shape) if of.origin is Origin.BOOKED else shape.empty_table()
            write_deltalake(
                handle, rows, mode="overwrite", schema_mode="overwrite", writer_properties=_writer_properties(of)
            )
            self._versions[name] = DeltaTable(handle.table_uri).version()

    def clean(self, name: str, versions: Collection[int], hours: int, *, dry_run: bool) -> int:
        """Delete files that neither the current version of a table nor the given ones read.

        Args:
            name: The table.
            versions: Versions whose files stay.
            hours: Files that became old since then stay too.
            dry_run: Count only.
        Returns:
            Number of files.
        """
        handle = self._handle(name)
        assert handle is not None, f"{name}: a table of the snapshot is there"
        files = handle.vacuum(
            retention_hours=hours,
            dry_run=dry_run,
            enforce_retention_duration=False,
            full=True,
            keep_versions=sorted({*versions, handle.version()}),
        )
        self._versions[name] = DeltaTable(handle.table_uri).version()
        return len(files)

    def forget_history(self, name: str) -> None:
        """Delete the log of every version before the current one, so that no older version can be opened.

        The current version has to be the one that the newest snapshot names, and files of older ones have to be gone.
        """
        handle = self._handle(name)
        assert handle is not None, f"{name}: a table of the snapshot is there"
        assert handle.version() == self._versions[name], f"{name}: what is forgotten is older than the snapshot"
        handle.create_checkpoint()
        current = f"{handle.version():020d}"
        for path in (self._layout.tables / name / "_delta_log").iterdir():
            if path.name[:20].isdigit() and path.name[:20] < current:
                path.unlink()

    def open_into(self, engine: Engine, names: Iterable[str], prefix: str = "") -> None:
        """Name tables in an engine: `<table>` for the rows that readers see, `<table>__all` for every source.

        Args:
            engine: Any engine.
            names: Tables.
            prefix: Put before each name.
        """
        for plain in names:
            of = table(plain)
            name = prefix + plain
            schema = schema_of(of)
            if of.origin is not Origin.OBSERVED:
                engine.add_parquet(name, self._files(of), schema)
                continue
            engine.add_parquet(f"{name}__all", self._files(of), schema)
            engine.define(name, parse(current_sql(of, f"{name}__all"), source=f"current({name})"))

    def files_of(self, name: str) -> list[str]:
        """Parquet files of a table, for a reader that knows Hive partitions; observed tables hold every source."""
        return self._files(table(name))

    def merge(self, engine: Engine, name: str, batch: str, renewed: str) -> int:
        """Fold a batch of observed rows into a table, replacing only the partitions it touches.

        Args:
            engine: Where the batch is.
            name: An observed table.
            batch: Relation with the table's columns, `is_current` aside.
            renewed: Relation with the `raw_id` of every file behind the batch; rows that those files gave before are
                replaced, also where they give none now.
        Returns:
            Partitions written.
        """
        of = table(name)
        assert of.origin is Origin.OBSERVED, f"{name} is not an observed table"
        keys, schema, files = ", ".join(of.partition), schema_of(of), self._files(of)
        reached = f"select {keys} from {batch}"
        if files:
            engine.add_parquet(f"{name}__before", files, schema)
            reached += f" union select {keys} from {name}__before where raw_id in (select raw_id from {renewed})"
        touched = engine.read(
            parse(f"select distinct {keys} from ({reached})", source=f"partitions({name})")
        ).to_pylist()
        if not touched:
            return 0
        handle = self._writable(name)
        together, repeated = batch, f"{name}__repeated"
        if files:
            engine.add_parquet(f"{name}__old", self._files(of, touched), schema)
            kept, together = f"{name}__kept", f"{name}__together"
            engine.define(kept, parse(kept_sql(of, f"{name}__old", renewed), source=f"kept({name})"))
            engine.define(together, parse(together_sql(of, kept, batch), source=f"together({name})"))
            several = repeated_sql(of, kept, batch)
        else:
            several = repeated_alone_sql(of, batch)
        engine.define(repeated, parse(several, source=f"repeated({name})"), materialise=True)
        engine.define(f"{name}__folded", parse(fold_sql(of, together, repeated), source=f"fold({name})"))
        self._write(of, handle, engine.stream(f"{name}__folded", schema), _predicate(of, touched))
        return len(touched)

    def replace(self, engine: Engine, name: str, relation: str) -> None:
        """Replace a whole table by a relation with its columns."""
        of = table(name)
        self._write(of, self._writable(name), engine.stream(relation, schema_of(of)), None)

    def replace_if_other(self, engine: Engine, name: str, relation: str) -> None:
        """Replace a table by a relation unless it holds these very rows: for shipped data, which seldom changes."""
        of = table(name)
        stored, schema = f"{name}__stored", schema_of(of)
        engine.add_parquet(stored, self._files(of), schema)
        if engine.read(stored, schema).equals(engine.read(relation, schema)):
            return  # Also in the same order, as what was written from this relation usually is.
        columns = ", ".join(f'"{column}"' for column in schema_of(of).names)
        counted = "select count(*) as rows_found from"
        one = f"select {columns} from {relation}"
        other = f"select {columns} from {stored}"
        checks = (f"{counted} {relation}", f"{counted} {stored}", f"{counted} ({one} intersect {other}) as both_hold")
        if len({engine.read(parse(check, source=f"same({name})"))["rows_found"][0] for check in checks}) > 1:
            self.replace(engine, name, relation)

    def append(self, engine: Engine, name: str, relation: str, instead_of: Collection[str] = ()) -> None:
        """Add rows to a table.

        Args:
            engine: Where the rows are.
            name: A raw table.
            relation: Rows with the table's columns.
            instead_of: Raw ids whose earlier rows the new ones replace.
        """
        of = table(name)
        schema = schema_of(of)
        self._create(of)
        handle = self._handle(name)
        assert handle is not None, "a table that was just created is there"
        if instead_of:
            assert all(raw_id.isalnum() for raw_id in instead_of), "raw ids are hexadecimal"
            handle.delete(f"raw_id IN ({', '.join(repr(raw_id) for raw_id in sorted(instead_of))})")
        write_deltalake(
            handle, engine.stream(relation, schema), mode="append", writer_properties=_writer_properties(of)
        )
        self._versions[name] = handle.version()

    def _write(self, of: Table, handle: DeltaTable | None, rows: pa.RecordBatchReader, predicate: str | None) -> None:
        if handle is None:
            handle = self._create(of)
        # Delta sees no conflict between two who fill a table that both found empty: the next version must not be there.
        newer = self._layout.tables / of.name / "_delta_log" / f"{handle.version() + 1:020d}.json"
        at_snapshot = handle.version() == self._versions.get(of.name) and not newer.exists()
        assert at_snapshot, f"{of.name}: only the holder of the lease writes, on the version it read"
        # The handle the files were read from, never the path: by path the write opens the newest version, and what
        # another process committed in between would be lost without a conflict.
        write_deltalake(handle, rows, mode="overwrite", predicate=predicate, writer_properties=_writer_properties(of))
        handle.update_incremental()
        self._versions[of.name], self._opened[of.name] = handle.version(), handle

    def _create(self, of: Table) -> DeltaTable:
        path = self._layout.tables / of.name
        existing = self._handle(of.name)
        if existing is not None:
            return existing
        path.mkdir(parents=True, exist_ok=True)
        made = DeltaTable.create(
            str(path), schema=_delta_schema(of), partition_by=list(of.partition), configuration=_configuration(of)
        )
        self._versions[of.name] = made.version()
        return made

    def _at(self, name: str, version: int) -> DeltaTable:
        """A table at a version, opened once."""
        known = self._opened.get(name)
        if known is None or known.version() != version:
            known = self._opened[name] = DeltaTable(str(self._layout.tables / name), version=version)
        return known

    def _writable(self, name: str) -> DeltaTable | None:
        """The handle that files were read from, or the table's newest version where nothing was read."""
        version = self._versions.get(name)
        return self._handle(name) if version is None else self._at(name, version)

    def _handle(self, name: str) -> DeltaTable | None:
        try:
            return DeltaTable(str(self._layout.tables / name))
        except TableNotFoundError:
            return None

    def _files(self, of: Table, partitions: list[dict[str, str]] | None = None) -> list[str]:
        version = self._versions.get(of.name)
        if version is None:
            return []
        handle = self._at(of.name, version)
        if not _is_current(of, handle):
            raise TablesOutdated(str(self._layout.home), of.name)
        files = file_paths(handle)
        if partitions is None:
            return files
        parts = {tuple(f"{key}={part[key]}" for key in of.partition) for part in partitions}
        return [uri for uri in files if tuple(uri.split("/")[-1 - len(of.partition) : -1]) in parts]


def file_paths(handle: DeltaTable) -> list[str]:
    """Parquet files of a Delta table on this computer.

    The library gives them as addresses, with percent signs for blanks and Chinese in a folder's name.
    """
    return [unquote(uri.removeprefix("file://")) for uri in handle.file_uris()]


def current_sql(of: Table, every: str) -> str:
    """The query for the rows that readers see, of all that a table holds."""
    columns = ", ".join(f'a."{field.name}"' for field in of.all_fields if field.name != "is_current")
    shown = f" and a.{of.zero_means_absent} <> 0" if of.zero_means_absent else ""
    if of.gives_way_by:
        return _current_by_sql(of, every, columns)
    if not of.gives_way:
        return f"select {columns} from {every} as a where a.is_current{shown}"
    whole, gives_way = of.key[0], f"coalesce({of.gives_way}, false)"
    return (
        f"with giving as (select distinct {whole} from {every} where is_current and {gives_way}),\n"
        f"led as (select distinct e.{whole} from {every} as e join giving as g on e.{whole} = g.{whole}"
        f" where e.is_current and not coalesce(e.{of.gives_way}, false))\n"
        f"select {columns} from {every} as a left join led as l on a.{whole} = l.{whole}"
        f" where a.is_current and (l.{whole} is null or not coalesce(a.{of.gives_way}, false)){shown}"
    )


def _current_by_sql(of: Table, every: str, columns: str) -> str:
    """The same where rows say by which columns they give way to those that say nothing."""
    assert of.gives_way_by is not None, f"{of.name}: no row gives way"
    word, ways = of.gives_way_by
    led = f"select * from {every} where is_current and {word} is null"
    joins, conditions = "", ""
    for number, (said, names) in enumerate(ways):
        same = " and ".join(f"a.{name} = l{number}.{name}" for name in names)
        keys = ", ".join(names)
        joins += f" left join (select distinct {keys} from led) as l{number} on {same} and a.{word} = '{said}'"
        conditions += f" and l{number}.{names[0]} is null"
    return f"with led as ({led})\nselect {columns} from {every} as a{joins}\nwhere a.is_current{conditions}"


def kept_sql(of: Table, old: str, renewed: str) -> str:
    """The query for the rows of partitions that a batch touches, merged ones left out.

    Rows of files that are translated again (`renewed`) give way to what they say now.
    """
    stored = ", ".join(f'"{field.name}"' for field in of.all_fields)
    return f"select {stored} from {old} where source <> '{_MERGED}' and raw_id not in (select raw_id from {renewed})"


def repeated_sql(of: Table, kept: str, batch: str) -> str:
    """The query for keys that several rows have, without looking at keys that no batch can repeat.

    What a table holds was folded before: a current row is alone with its key unless the batch has it too.
    """
    key = ", ".join(f'"{name}"' for name in of.key)
    of_old = ", ".join(f'u."{name}"' for name in of.key)
    same = " and ".join(_same(of, name) for name in of.key)
    return (
        f"with news as (select distinct {key} from {batch}),\n"
        f"met as (select {of_old} from {kept} as u join news as r on {same} where u.is_current),\n"
        f"keys as (select {key} from {batch} union all select {key} from {kept} where not is_current"
        f" union all select {key} from met)\n"
        f"select {key}, true as is_repeated from keys group by {key} having count(*) > 1"
    )


def repeated_alone_sql(of: Table, batch: str) -> str:
    """The query for keys that several rows have, where a table holds nothing yet."""
    key = ", ".join(f'"{name}"' for name in of.key)
    return f"select {key}, true as is_repeated from {batch} group by {key} having count(*) > 1"


def together_sql(of: Table, kept: str, batch: str) -> str:
    """The query for the rows that are folded: those of before and those of a batch."""
    stored = ", ".join(f'"{field.name}"' for field in of.all_fields if field.name != "is_current")
    return f"select {stored} from {kept} union all select {stored} from {batch}"


def fold_sql(of: Table, together: str, repeated: str) -> str:
    """The query that folds rows of before and of a batch into the rows of the partitions that the batch touches.

    Per key and source the row with the greatest version stays. A key with several sources gets one merged row more,
    which takes each field from the newest source that has a value there. Most keys have one row: those pass as they
    are, for sorting whole rows costs more than looking their keys up.
    """
    names = [field.name for field in of.all_fields]
    inner = [name for name in names if name != "is_current"]
    stored = ", ".join(f'"{name}"' for name in inner)
    each = ", ".join(f'u."{name}"' for name in inner)
    key, of_key = (", ".join(f'{prefix}"{name}"' for name in of.key) for prefix in ("", "u."))
    same = " and ".join(_same(of, name) for name in of.key)
    single = ", ".join("true as is_current" if name == "is_current" else f'u."{name}"' for name in names)
    several = ", ".join("sources = 1 as is_current" if name == "is_current" else f'"{name}"' for name in names)
    merged = ", ".join(_merged_column(name, of) for name in names)
    return (
        f"with newest as (select {each} from {together} as u join {repeated} as r on {same}"
        f" qualify row_number() over (partition by {of_key}, u.source order by u.version desc) = 1),\n"
        f"counted as (select {stored}, count(*) over (partition by {key}) as sources from newest)\n"
        f"select {single} from {together} as u left join {repeated} as r on {same} where r.is_repeated is null\n"
        f"union all\n"
        f"select {several} from counted\n"
        f"union all\n"
        f"select {merged} from counted where sources > 1 group by {key}"
    )


def _same(of: Table, name: str) -> str:
    field = next(each for each in of.all_fields if each.name == name)
    return f'u."{name}" is not distinct from r."{name}"' if field.nullable else f'u."{name}" = r."{name}"'


def _merged_column(name: str, of: Table) -> str:
    if name in of.key:
        return f'"{name}"'
    if name == "source":
        return f"'{_MERGED}' as source"
    if name == "is_current":
        return "true as is_current"
    if name == "version":
        return "max(version) as version"
    return f'arg_max("{name}", version) filter (where "{name}" is not null) as "{name}"'


def _predicate(of: Table, touched: list[dict[str, str]]) -> str:
    """A Delta predicate for partitions; their values are ASCII by contract and are checked here."""
    for part in touched:
        for key in of.partition:
            value = part[key]
            is_plain = bool(value) and value.isascii() and "'" not in value
            assert is_plain, f"{of.name}.{key}: a partition value is plain ASCII"
    return " OR ".join("(" + " AND ".join(f"{key} = '{part[key]}'" for key in of.partition) + ")" for part in touched)


@lru_cache(maxsize=512)
def _delta_schema(of: Table) -> pa.Schema:
    # Nullability is checked by the engine on the way out; Delta's own non-null feature would raise the writer version.
    return pa.schema([pa.field(field.name, field.type) for field in schema_of(of).arrow()])


def _widened(handle: DeltaTable, shape: pa.Schema) -> pa.Table:
    stored = handle.to_pyarrow_table()
    columns = [
        stored[field.name].cast(field.type) if field.name in stored.column_names else pa.nulls(len(stored), field.type)
        for field in shape
    ]
    return pa.Table.from_arrays(columns, schema=shape)


def _is_current(of: Table, handle: DeltaTable) -> bool:
    return handle.schema() == _stored_schema(of)


@lru_cache(maxsize=512)
def _stored_schema(of: Table) -> DeltaSchema:
    return DeltaSchema.from_arrow(_delta_schema(of))


def _configuration(of: Table) -> dict[str, str | None]:
    """Leave personal columns out of the table's statistics, which would keep their least and greatest value."""
    open_columns = [
        field.name
        for field in of.all_fields
        if field.residency not in (ResidencyClass.PERSONAL, ResidencyClass.SECRET) and field.name not in of.partition
    ]
    return {"delta.dataSkippingStatsColumns": ",".join(open_columns)}


def _writer_properties(of: Table) -> WriterProperties:
    hidden = {
        field.name: ColumnProperties(statistics_enabled="NONE")
        for field in of.all_fields
        if field.residency in (ResidencyClass.PERSONAL, ResidencyClass.SECRET)
    }
    return WriterProperties(compression="ZSTD", column_properties=hidden or None)


def table_hash(rows: pa.Table, without: tuple[str, ...] = ()) -> str:
    """Digest of a table's rows, whatever their order: rows sorted, canonical text, hashed.

    Args:
        rows: The table.
        without: Columns left out, for example `seen_at` where two runs received the same content in another order.
    """
    import hashlib

    names = sorted(set(rows.column_names) - set(without))
    texts = [pc.fill_null(pc.cast(rows[name], pa.string()), "\x00") for name in names]
    if not texts:
        return hashlib.sha256(b"").hexdigest()
    joined = cast("pa.ChunkedArray", pc.binary_join_element_wise(*texts, "\x1f"))
    ordered = joined.take(pc.sort_indices(joined))
    digest = hashlib.sha256()
    for line in ordered.to_pylist():
        digest.update(str(line).encode())
        digest.update(b"\n")
    return digest.hexdigest()
