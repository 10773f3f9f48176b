"""Canonical tables as Delta tables: open files that outlive the engine.

An observed table keeps one row per key and source, the newest; where several sources describe one key a merged row
takes each field from the newest source that has it. Which file arrived first never decides, so any order of imports
gives the same tables. Readers see `is_current` rows only.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import TableNotFoundError

from entrepot.engine import parse
from entrepot.model import TABLES, Origin, Table, table
from entrepot.store.errors import CellBusy, TablesOutdated
from entrepot.store.folding import (
    current_alone_sql,
    current_sql,
    fold_sql,
    kept_sql,
    met_sql,
    reached_sql,
    repeated_alone_sql,
    repeated_sql,
    together_sql,
    within_sql,
)
from entrepot.store.packing import configuration, delta_schema, is_current, schema_of, writer_properties

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from entrepot.engine import Engine
    from entrepot.store.layout import CellLayout
    from entrepot.store.state import Snapshot

Partitions = set[tuple[str, ...]]
"""Values of a table's partition columns, in their order."""

SMALL_FILES_MAX = 32
"""A partition of so many small files is written anew with the next rows: a reader opens every file."""

SMALL_BYTES = 1 << 20
"""Files below are small. A larger one holds tens of thousands of rows, and opening it is the least of reading it."""


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
            if name in TABLES and not is_current(TABLES[name], self._at(name, version))
        ]

    def begin_anew(self, names: Iterable[str]) -> None:
        """Give tables the columns of today. They are emptied, for what they held is translated again.

        Booked tables follow from nothing, so they keep their rows; a column that they did not have is null in them.
        """
        for name in names:
            of = table(name)
            handle = self._handle(name)
            assert handle is not None, f"{name}: a table of the snapshot is there"
            shape = delta_schema(of)
            rows = _widened(handle, shape) if of.origin is Origin.BOOKED else shape.empty_table()
            write_deltalake(
                handle, rows, mode="overwrite", schema_mode="overwrite", writer_properties=writer_properties(of)
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
        """Fold a batch of observed rows into a table.

        Rows are added to partitions where nothing of before changes; the others are written anew, one file for many.

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
        files, before = self._files(of), ""
        if files:
            before = f"{name}__before"
            engine.add_parquet(before, files, schema_of(of))
        reached = parse(reached_sql(of, batch, before, renewed), source=f"partitions({name})")
        touched = _values(engine.read(reached), of.partition)
        if not touched:
            return 0
        handle, repeated = self._writable(name), f"{name}__repeated"
        engine.define(repeated, parse(repeated_alone_sql(of, batch), source=f"repeated({name})"), materialise=True)
        met = self._met(engine, of, batch, renewed, touched) if files else set()
        if fresh := touched - met:
            handle = self._add(engine, of, _share(engine, of, batch, fresh, touched, "fresh"), handle)
        if met:
            self._fold(engine, of, _share(engine, of, batch, met, touched, "met"), renewed, met, handle)
        return len(touched)

    def _met(self, engine: Engine, of: Table, batch: str, renewed: str, touched: Partitions) -> Partitions:
        """Partitions to write anew: rows of before change in them, or they have many small files."""
        if _rows_in(engine, f"select count(*) as rows_found from {of.name}__repeated where wanders"):
            return touched
        old, files = f"{of.name}__old", self._files(of, touched)
        engine.add_parquet(old, files, schema_of(of))
        rows = engine.read(parse(met_sql(of, old, batch, renewed), source=f"met({of.name})"))
        small = Counter(_partition_of(path, of) for path in files if Path(path).stat().st_size < SMALL_BYTES)
        met = {part for part, number in small.items() if number >= SMALL_FILES_MAX}
        for side in ("old", "new"):
            met |= _values(rows, tuple(f"{side}_{key}" for key in of.partition))
        return met

    def _add(self, engine: Engine, of: Table, batch: str, handle: DeltaTable | None) -> DeltaTable:
        """Add rows whose keys no row of before has; the files of before stay as they are."""
        folded, repeated = f"{of.name}__folded", f"{of.name}__repeated"
        is_single = not _rows_in(engine, f"select count(*) as rows_found from {repeated}")
        sql = current_alone_sql(of, batch) if is_single else fold_sql(of, batch, repeated)
        engine.define(folded, parse(sql, source=f"fold({of.name})"))
        return self._write(of, handle, engine.stream(folded, schema_of(of)), None, is_added=True)

    def _fold(
        self, engine: Engine, of: Table, batch: str, renewed: str, met: Partitions, handle: DeltaTable | None
    ) -> None:
        """Write partitions anew: their rows of before and those of a batch."""
        name, schema = of.name, schema_of(of)
        old, kept, together, repeated = (f"{name}__{what}" for what in ("old", "kept", "together", "repeated"))
        engine.add_parquet(old, self._files(of, met), schema)
        engine.define(kept, parse(kept_sql(of, old, renewed), source=f"kept({name})"))
        engine.define(together, parse(together_sql(of, kept, batch), source=f"together({name})"))
        engine.define(repeated, parse(repeated_sql(of, kept, batch), source=f"repeated({name})"), materialise=True)
        engine.define(f"{name}__folded", parse(fold_sql(of, together, repeated), source=f"fold({name})"))
        self._write(of, handle, engine.stream(f"{name}__folded", schema), _predicate(of, met))

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
        rows, wanted = engine.stream(relation, schema), handle.version() + 1
        write_deltalake(handle, rows, mode="append", writer_properties=writer_properties(of))
        if handle.version() != wanted:
            raise CellBusy("another process")
        self._versions[name] = handle.version()

    def _write(
        self,
        of: Table,
        handle: DeltaTable | None,
        rows: pa.RecordBatchReader,
        predicate: str | None,
        *,
        is_added: bool = False,
    ) -> DeltaTable:
        if handle is None:
            handle = self._create(of)
        # Delta sees no conflict between two who fill a table that both found empty: the next version must not be there.
        newer = self._layout.tables / of.name / "_delta_log" / f"{handle.version() + 1:020d}.json"
        at_snapshot = handle.version() == self._versions.get(of.name) and not newer.exists()
        assert at_snapshot, f"{of.name}: only the holder of the lease writes, on the version it read"
        # The handle the files were read from, never the path: by path the write opens the newest version, and what
        # another process committed in between would be lost without a conflict.
        how, wanted = writer_properties(of), handle.version() + 1
        if not is_added and predicate is None:
            rows, is_empty = _peeked(rows)
            if is_empty and not handle.file_uris():
                self._opened[of.name] = handle
                return handle  # Most derived tables of a small company: nothing in them, and nothing comes.
        if is_added:
            write_deltalake(handle, rows, mode="append", writer_properties=how)
        else:
            write_deltalake(handle, rows, mode="overwrite", predicate=predicate, writer_properties=how)
        handle.update_incremental()
        # What only adds meets no conflict: who commits in between, his lease gone, would be published with us.
        if handle.version() != wanted:
            raise CellBusy("another process")
        self._versions[of.name], self._opened[of.name] = handle.version(), handle
        return handle

    def _create(self, of: Table) -> DeltaTable:
        path = self._layout.tables / of.name
        existing = self._handle(of.name)
        if existing is not None:
            return existing
        path.mkdir(parents=True, exist_ok=True)
        made = DeltaTable.create(
            str(path), schema=delta_schema(of), partition_by=list(of.partition), configuration=configuration(of)
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

    def _files(self, of: Table, partitions: Partitions | None = None) -> list[str]:
        version = self._versions.get(of.name)
        if version is None:
            return []
        handle = self._at(of.name, version)
        if not is_current(of, handle):
            raise TablesOutdated(str(self._layout.home), of.name)
        files = file_paths(handle)
        if partitions is None:
            return files
        return [path for path in files if _partition_of(path, of) in partitions]


def file_paths(handle: DeltaTable) -> list[str]:
    """Parquet files of a Delta table on this computer.

    The library gives them as addresses, with percent signs for blanks and Chinese in a folder's name.
    """
    return [unquote(uri.removeprefix("file://")) for uri in handle.file_uris()]


def _partition_of(path: str, of: Table) -> tuple[str, ...]:
    """Values of the partition columns, from the folders of a file."""
    folders = path.split("/")[-1 - len(of.partition) : -1]
    return tuple(folder.removeprefix(f"{key}=") for key, folder in zip(of.partition, folders, strict=True))


def _values(rows: pa.Table, names: tuple[str, ...]) -> Partitions:
    """Partitions that a few rows name; their values are ASCII by contract and are checked here."""
    found = {tuple(row[name] for name in names) for row in rows.to_pylist()}
    for part in found:
        for name, value in zip(names, part, strict=True):
            is_plain = bool(value) and value.isascii() and "'" not in value
            assert is_plain, f"{name}: a partition value is plain ASCII"
    return found


def _peeked(rows: pa.RecordBatchReader) -> tuple[pa.RecordBatchReader, bool]:
    """The same rows, and whether there are none."""
    for batch in rows:
        if batch.num_rows:
            return pa.RecordBatchReader.from_batches(rows.schema, chain((batch,), rows)), False
    return rows, True


def _rows_in(engine: Engine, counting: str) -> int:
    return int(engine.read(parse(counting, source="counting keys"))["rows_found"][0].as_py())


def _share(engine: Engine, of: Table, batch: str, wanted: Partitions, touched: Partitions, what: str) -> str:
    """The relation of a batch's rows in the wanted partitions."""
    if wanted == touched:
        return batch
    parts, share = f"{of.name}__{what}_parts", f"{of.name}__{what}"
    columns = zip(of.partition, zip(*sorted(wanted), strict=True), strict=True)
    engine.add_arrow(parts, pa.table({key: pa.array(values, pa.string()) for key, values in columns}))
    engine.define(share, parse(within_sql(of, batch, parts), source=f"share({of.name})"))
    return share


def _predicate(of: Table, partitions: Partitions) -> str:
    """A Delta predicate for partitions."""
    each = (zip(of.partition, part, strict=True) for part in sorted(partitions))
    return " OR ".join("(" + " AND ".join(f"{key} = '{value}'" for key, value in pairs) + ")" for pairs in each)


def _widened(handle: DeltaTable, shape: pa.Schema) -> pa.Table:
    stored = handle.to_pyarrow_table()
    columns = [
        stored[field.name].cast(field.type) if field.name in stored.column_names else pa.nulls(len(stored), field.type)
        for field in shape
    ]
    return pa.Table.from_arrays(columns, schema=shape)


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
