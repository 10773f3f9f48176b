"""The second step of an import: run each connector's mapping over the files that are in no snapshot yet."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.connectors.live.staging import Page, is_staged, stage_pages
from entrepot.connectors.translation import FILES_SCHEMA, Batch, canonical_batches, type_rows
from entrepot.engine import DuckDBEngine, parse
from entrepot.residency import person_pads
from entrepot.store import RawLog

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from entrepot.connectors.contract import Connector
    from entrepot.connectors.live.contract import Feed
    from entrepot.engine import Engine
    from entrepot.flows.parts import CellParts
    from entrepot.store import RawFile, TableStore

ROWS_AT_ONCE = 160_000
"""Rows of raw files that are translated together: this bounds the memory, whatever waits."""

_NUMBERED = """
with asked as (
    select distinct format, row_key, row_hash from new_rows where row_key is not null
),
known as (
    select distinct o.format, o.row_key, o.row_hash
    from raw_rows as o
    join asked as a on o.format = a.format and o.row_key = a.row_key and o.row_hash = a.row_hash
    where o.reject is null and o.raw_id not in (select raw_id from renewed)
)
select n.raw_id, n.reject, k.row_key is not null as was_known,
       row_number() over (partition by n.format, n.row_key, n.row_hash order by n.raw_id, n.row_no) as turn
from new_rows as n
left join known as k on n.format = k.format and n.row_key = k.row_key and n.row_hash = k.row_hash
"""

_COUNTED = """
select raw_id,
       case when reject is not null then 'reject:' || split_part(reject, ':', 1)
            when was_known or turn > 1 then 'duplicates' else 'canonical' end as what,
       count(*) as n
from numbered
group by 1, 2
"""


def translate(
    parts: CellParts,
    engine: Engine,
    tables: TableStore,
    connector: Connector,
    pending: Sequence[RawFile],
    undone: Collection[str] = (),
) -> dict[str, dict[str, int]]:
    """Translate the pending files of one connector into the cell's tables.

    Args:
        parts: The cell.
        engine: Any engine.
        tables: The cell's tables.
        connector: Whose files.
        pending: Files that are in no snapshot, of any connector.
        undone: Raw ids of files that count no more: what they gave is taken out, and nothing comes in.
    Returns:
        Row counts per raw file that counts; see `FileReport.count`.
    """
    files = [file for file in pending if file.connector == connector.spec.name]
    if not files:
        return {}
    raw = RawLog(parts.layout)
    counted = [file for file in files if file.raw_id not in undone]
    feeds = {feed.name: feed for feed in connector.feeds}
    pages = [(feeds[file.format], file) for file in counted if file.format in feeds]
    _stage_pages(raw, pages, parts.layout.temporary)
    engine.add_arrow("person_pads", person_pads(parts.layout.keys))
    counts: dict[str, dict[str, int]] = {}
    # What these files gave before goes with the first group, so that no row of today gives way to one that is gone.
    renewed = {file.raw_id for file in files}
    for group in _groups(counted):
        engine.add_arrow("renewed", pa.table({"raw_id": pa.array(sorted(renewed), pa.string())}))
        counts |= _translate_group(engine, tables, connector, raw, group, renewed)
        renewed = set()
    return counts


def _groups(files: Sequence[RawFile]) -> Iterator[list[RawFile]]:
    """Files of at most so many rows together, in the order of their time: the months they touch lie close together."""
    group: list[RawFile] = []
    rows = 0
    for file in sorted(files, key=lambda file: (file.exported_at_us or 0, file.raw_id)):
        if group and rows + file.row_count > ROWS_AT_ONCE:
            yield group
            group, rows = [], 0
        group.append(file)
        rows += file.row_count
    yield group


def _translate_group(
    engine: Engine,
    tables: TableStore,
    connector: Connector,
    raw: RawLog,
    files: Sequence[RawFile],
    renewed: Collection[str],
) -> dict[str, dict[str, int]]:
    staged: dict[str, list[str]] = {}
    for file in files:
        staged.setdefault(file.format, []).append(str(raw.staged_path(file.raw_id, file.format)))
    batch = Batch(connector, staged, files_table(files), sum(file.row_count for file in files))
    rows = type_rows(engine, batch)
    tables.open_into(engine, ["raw_rows"])
    engine.add_arrow("new_rows", rows)
    engine.define("numbered", parse(_NUMBERED, source="counting rows"), materialise=True)
    counts: dict[str, dict[str, int]] = {file.raw_id: {} for file in files}
    for row in engine.read(parse(_COUNTED, source="counting rows")).to_pylist():
        counts[row["raw_id"]][row["what"]] = int(row["n"])
    for name, relation in canonical_batches(engine, batch):
        tables.merge(engine, name, relation, "renewed")
    tables.append(engine, "raw_rows", "new_rows", instead_of=renewed if "raw_rows" in tables.versions else ())
    return counts


def _stage_pages(raw: RawLog, pages: Sequence[tuple[Feed, RawFile]], spill: Path) -> None:
    """Stage pages that are new, whose wire shape has changed since, or whose rows were cleared away.

    Raises:
        RowsLost: A page holds another number of documents than were kept.
    """
    waiting: dict[str, list[Page]] = {}
    feeds = {feed.name: feed for feed, _ in pages}
    for feed, file in pages:
        target = raw.staged_path(file.raw_id, feed.name)
        if not is_staged(feed, target):
            page = Page(file.raw_id, raw.path(file.raw_id), target, file.row_count)
            waiting.setdefault(feed.name, []).append(page)
    workers = min(os.cpu_count() or 1, sum(map(len, waiting.values())))
    with ThreadPoolExecutor(max(workers, 1)) as pool:
        shares = [[(feeds[name], each[number::workers]) for name, each in waiting.items()] for number in range(workers)]
        for share in [pool.submit(_stage_share, share, spill) for share in shares]:
            share.result()


def _stage_share(share: Sequence[tuple[Feed, Sequence[Page]]], spill: Path) -> None:
    with DuckDBEngine(threads=1, temp_directory=spill) as engine:
        for feed, pages in share:
            stage_pages(engine, feed, pages)


def files_table(files: Sequence[RawFile]) -> pa.Table:
    """The relation `files` that mapping SQL joins."""
    rows = [
        {
            "raw_id": file.raw_id,
            "shop": file.shop or None,
            "channel": file.channel,
            "account": file.account,
            "currency": None,
            "exported_at": file.exported_at_us,
            "seen_at": file.seen_at_us,
            "column_set": file.column_set,
            "source": f"{file.format}{file.column_set}",
            "file_name": file.file_name,
        }
        for file in files
    ]
    plain = pa.schema(
        [(field.name, pa.int64() if field.name in ("exported_at", "seen_at") else field.type) for field in FILES_SCHEMA]
    )
    return pa.Table.from_pylist(rows, schema=plain).cast(FILES_SCHEMA)
