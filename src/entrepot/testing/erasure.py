"""Proof that persons can be erased: a sample company, many persons, and a look at every byte of the folder.

    python -m entrepot.testing.erasure --persons 1000 [--orders N]   erases that many and prints figures
    python -m entrepot.testing.erasure --die PLACE --home HOME --file CSV   kills itself (SIGKILL) at a place of one

`bytes_left` unpacks what is packed (zstd, zip, gzip, Parquet, SQLite) and looks for texts in every encoding that a file
of a cell may have. It shares nothing with the product but the knowledge of where the folder is.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import re
import sqlite3
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from entrepot.assembly import open_cell
from entrepot.flows import erasing, erasing_copies
from entrepot.flows.asking import report_rows, table_rows
from entrepot.flows.erasing import erase_persons, persons_from_list
from entrepot.flows.erasing_find import Asked
from entrepot.sandbox.people import written_values
from entrepot.store import ErasureLog, RawLog, State, TableStore
from entrepot.testing.equal_tables import hashes
from entrepot.testing.faults import die_after
from entrepot.testing.sample_company import SampleCompany, import_company, write_company

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from entrepot.flows.parts import CellParts

__all__ = ["KEYS_OF_PERSONS", "NOT_OF_PERSONS", "PLACES", "bytes_left", "erasable", "main"]

PLACES: dict[str, tuple[object, str, int]] = {
    "plan_kept": (erasing, "keep_plan", 1),
    "erasure_begun": (ErasureLog, "begin", 1),
    "redaction_intended": (ErasureLog, "intend_redaction", 1),
    "blob_replaced": (RawLog, "replace", 1),
    "state_rewritten": (ErasureLog, "rewrite_texts", 1),
    "files_marked": (ErasureLog, "translate_again", 1),
    "rows_merged": (TableStore, "merge", 1),
    "published": (State, "publish", 1),
    "snapshots_forgotten": (State, "forget_snapshots_before", 1),
    "table_cleaned": (TableStore, "clean", 3),
    "published_again": (State, "publish", 2),
    "history_forgotten": (TableStore, "forget_history", 2),
    "files_purged": (erasing_copies, "_purge_files", 1),
    "holds_forgotten": (ErasureLog, "forget_subjects", 1),
    "finished": (ErasureLog, "finish", 1),
}
"""Where an erasure may die: right after a call of a method or function has returned, and after which of its calls."""

NOT_OF_PERSONS = ("addresses", "persons")
"""Tables that hold persons; every other one has to be the same after an erasure."""

KEYS_OF_PERSONS = ("buyer_key", "person_key", "row_hash")
"""Columns that an erasure changes elsewhere: keys made of what is gone, and the digest of a raw row's cells."""

_ENCODINGS = ("utf-8", "gb18030", "gbk", "utf-16-le", "utf-16-be")
_DEPTH_MAX = 4
_VALUES = ("platform_account", "name", "mobile", "email")


def bytes_left(home: Path, texts: Iterable[str]) -> dict[str, set[str]]:
    """Which texts still stand in which files of a folder, however they are packed or encoded.

    Args:
        home: The folder.
        texts: What to look for.
    Returns:
        Path within the folder to texts, for files that have any.
    """
    wanted = sorted(set(texts))
    by_bytes: dict[bytes, str] = {}
    for text in wanted:
        for name in _ENCODINGS:
            by_bytes.setdefault(text.encode(name, errors="ignore"), text)
        by_bytes.setdefault(json.dumps(text)[1:-1].encode(), text)
    by_bytes.pop(b"", None)
    heads = sorted({key[:6] for key in by_bytes})
    pattern = re.compile(b"|".join(re.escape(head) for head in heads))
    by_head: dict[bytes, list[bytes]] = {}
    for key in by_bytes:
        by_head.setdefault(key[:6], []).append(key)
    found: dict[str, set[str]] = {}
    for path in sorted(each for each in home.rglob("*") if each.is_file()):
        for content in _unpacked(path.read_bytes(), _DEPTH_MAX):
            for head in set(pattern.findall(content)):
                for key in by_head[head]:
                    if _stands_alone(key, content, by_bytes[key]):
                        found.setdefault(str(path.relative_to(home)), set()).add(by_bytes[key])
    return found


def _stands_alone(key: bytes, content: bytes, text: str) -> bool:
    """Whether a text stands there for itself: a number within a longer one is another number."""
    if not text[-1].isdigit():
        return key in content
    at = content.find(key)
    while at >= 0:
        after = content[at + len(key) : at + len(key) + 1]
        if not after.isdigit() or len(key) != len(text.encode()):
            return True
        at = content.find(key, at + 1)
    return False


def _unpacked(content: bytes, depth: int) -> Iterator[bytes]:
    """The bytes themselves and what is packed in them."""
    yield content
    if not depth:
        return
    if content.startswith(b"\x28\xb5\x2f\xfd"):
        yield from _unpacked(zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content)).read(), depth - 1)
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                yield from _unpacked(archive.read(info), depth - 1)
    elif content.startswith(b"\x1f\x8b"):
        yield from _unpacked(gzip.decompress(content), depth - 1)
    elif content.startswith(b"PAR1"):
        table = pq.ParquetFile(io.BytesIO(content)).read()
        for column in table.columns:
            values = column.to_pylist() if pa.types.is_nested(column.type) else column.unique().to_pylist()
            yield "\n".join(str(value) for value in values).encode()
    elif content.startswith(b"SQLite format 3"):
        with tempfile.NamedTemporaryFile(suffix=".db") as copy:
            Path(copy.name).write_bytes(content)
            connection = sqlite3.connect(copy.name)
            yield "\n".join(connection.iterdump()).encode()
            connection.close()


def erasable(company: SampleCompany, parts: CellParts, count: int) -> list[tuple[Asked, set[str]]]:
    """Buyers of a sample company, each with the values that stand in no cell of anybody else.

    The same invented human may buy on several platforms, which no file says; what the others know of them stays, also
    in rows that were refused.
    """
    rows = table_rows(parts, "persons").to_pylist()
    values: dict[str, set[str]] = {}
    for row in rows + table_rows(parts, "addresses").to_pylist():
        own = {str(row[name]) for name in _VALUES if row.get(name)}
        values.setdefault(row["person_key"], set()).update(own)
    written = company.world.personal_values()
    refused = {order_id for _, order_id in company.world.unseen_orders()}
    unseen = set().union(
        *(written_values(order.channel, order.buyer) for order in company.world.orders if order.order_id in refused)
    )
    holders: dict[str, set[str]] = {}
    # Douyin writes `##` or `$$` before what it hides.
    for key, own in values.items():
        for value in own:
            holders.setdefault(value.lstrip("#$"), set()).add(key)
    buyers = sorted({row["person_key"] for row in rows if row["role"] == "buyer"})
    chosen = [
        (Asked(key), {value for value in (values[key] & written) - unseen if holders[value] == {key}}) for key in buyers
    ]
    return [(asked, own) for asked, own in chosen if own][:count]


def main(arguments: list[str] | None = None) -> int:
    """Erase and print figures, or die on the way."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--persons", type=int, default=1_000)
    parser.add_argument("--orders", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--die", choices=sorted(PLACES))
    parser.add_argument("--home", type=Path)
    parser.add_argument("--file", type=Path)
    given = parser.parse_args(arguments)
    if given.die:
        owner, name, times = PLACES[given.die]
        die_after(owner, name, times)
        erase_persons(open_cell(given.home), persons_from_list(given.file), "asked for", "tester")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return _prove(Path(folder), given.seed, given.orders, given.persons)


def _prove(folder: Path, seed: int, orders: int, count: int) -> int:
    company = write_company(folder / "company", seed, orders)
    parts = import_company(company, folder / "home").parts
    home = parts.layout.home
    chosen = erasable(company, parts, count)
    values = set().union(*(own for _, own in chosen))
    before = bytes_left(home, values)
    balance = sorted(report_rows(parts, "trial_balance").to_pylist(), key=str)
    other = hashes(parts, also_without=KEYS_OF_PERSONS)
    started = time.monotonic()
    report = erase_persons(parts, [asked for asked, _ in chosen], "proof run", "tester")
    took = time.monotonic() - started
    after = bytes_left(home, values)
    same = hashes(parts, also_without=KEYS_OF_PERSONS)
    changed = sorted(name for name in other if name not in NOT_OF_PERSONS and same[name] != other[name])
    is_balanced = sorted(report_rows(parts, "trial_balance").to_pylist(), key=str) == balance
    lines = (
        f"persons erased          {report.persons:,} with {report.orders:,} orders",
        f"values looked for       {len(values):,}",
        f"found before            {len(set().union(*before.values())):,} in {len(before):,} files",
        f"found after             {len(set().union(*after.values())):,} in {len(after):,} files",
        f"raw files changed       {report.blobs:,}, cells {report.cells:,}",
        f"trial balance           {'unchanged' if is_balanced else 'CHANGED'}",
        f"tables that changed     {', '.join(changed) or 'none but persons and addresses'}",
        f"seconds                 {took:.1f}",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if is_balanced and not after and not changed and before else 1


if __name__ == "__main__":
    raise SystemExit(main())
