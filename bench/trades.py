"""Nested trades from the raw log to canonical tables: what sync publishes, beside SQL written by hand for DuckDB.

    python -m bench.trades --trades 1000000 --runs 5
    python -m bench.trades --trades 10000000 --runs 1 --memory
    python -m bench.trades --trades 20000 --dlt

Both start from the same zstd NDJSON, one line per answer of `taobao.trade.fullinfo.get`, and write the same columns:
tokens of buyers, personal tables, lines, discounts, tenders, parcels, and an account of every raw row with the reason
of those that are refused. The content of every table has to be equal before any time counts. Ours also stages pages for
a later replay, checks every shape, folds versions and commits Delta tables; the baseline is bench/baseline/trades.sql.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from bench.result import Figure, Result
from entrepot.assembly import open_cell
from entrepot.flows.translating import translate
from entrepot.residency import person_pads
from entrepot.store import RawFile, TableStore

if TYPE_CHECKING:
    from entrepot.flows.parts import CellParts

_DLT = ".venv-dlt/bin/python"
_DLT_SCRIPT = Path(__file__).parent / "baseline" / "dlt_trades.py"
_BASELINE = Path(__file__).parent / "baseline" / "trades.sql"
_TABLES = ("orders", "order_lines", "discounts", "tenders", "shipments", "persons", "addresses", "raw_rows")
# What differs by design: the provenance that names our mapping, the clock of the run, a digest over our own columns.
_NOT_COMPARED = ("mapping_version", "seen_at", "source", "is_current", "row_hash")
_PAGE_TRADES = 20_000
_YEAR_S = 360 * 86_400
_READ_AT_US = 1_767_225_600_000_000
_CELL = """
[[entities]]
id = "ours"

[[shops]]
shop = "our shop"
channel = "tmall"
entity = "ours"
"""
# One trade in a hundred has a status that nobody knows or money that is none; one in ten was paid with points.
_TRADES = """
    select n, 2890000000000000000 + n * 100 as tid,
        strftime(t, '%Y-%m-%d %H:%M:%S') as t0, strftime(t + interval 3 minute, '%Y-%m-%d %H:%M:%S') as t1,
        strftime(t + interval 33 hour, '%Y-%m-%d %H:%M:%S') as t2,
        strftime(t + interval 130 hour, '%Y-%m-%d %H:%M:%S') as t3,
        1 + n % 3 as line_count, 5000 + (n * 7919) % 20000 as price,
        case when n % 10 = 3 then 150 else 0 end as points, (n * 31) % 400 as coupon,
        case when n % 200 = 7 then 'TRADE_ON_THE_MOON' when n % 7 = 1 then 'WAIT_SELLER_SEND_GOODS'
             when n % 7 = 2 then 'WAIT_BUYER_CONFIRM_GOODS' when n % 11 = 5 then 'TRADE_CLOSED_BY_TAOBAO'
             else 'TRADE_FINISHED' end as status
    from (
        select n, timestamp '2025-01-01 00:00:07' + to_seconds(cast(n * {step} as bigint)) as t
        from range({first}, {last}) as r(n))
"""
_ANSWERS = """
    select 'taobao.trade.fullinfo.get' as method, 1 as page, [0, 86400] as "window",
        {{'tid': cast(tid as varchar)}} as params, 0 as at,
        {{'trade_fullinfo_get_response': {{'trade': {{
            'tid': tid, 'tid_str': cast(tid as varchar), 'status': status, 'type': 'fixed', 'created': t0,
            'pay_time': case when status <> 'TRADE_CLOSED_BY_TAOBAO' then t1 end,
            'consign_time': case when status in ('TRADE_FINISHED', 'WAIT_BUYER_CONFIRM_GOODS') then t2 end,
            'end_time': case when status in ('TRADE_FINISHED', 'TRADE_CLOSED_BY_TAOBAO') then t3 end,
            'modified': t3, 'total_fee': case when n % 200 = 9 then '12,5' else {total} end,
            'payment': {payment}, 'post_fee': '8.00', 'adjust_fee': '0.00', 'discount_fee': '0.00',
            'coupon_fee': coupon, 'alipay_point': points,
            'buyer_open_uid': 'AAH' || cast(n // 2 as varchar), 'oaid': '1AAH' || cast(n // 2 as varchar),
            'receiver_name': '张**', 'receiver_mobile': '*******' || lpad(cast(n % 10000 as varchar), 4, '0'),
            'receiver_address': '文三路***号', 'receiver_state': '浙江省', 'receiver_city': '杭州市',
            'orders': {{'order': [{{
                'oid': tid + i, 'oid_str': cast(tid + i as varchar), 'status': status, 'refund_status': 'NO_REFUND',
                'num_iid': 680000000000 + (n + i) % 500, 'sku_id': cast(5120000000000 + (n + i) % 500 as varchar),
                'outer_iid': 'SPU-' || ((n + i) % 500), 'outer_sku_id': 'SKU-' || ((n + i) % 500),
                'title': '春季新款 宽松 白色 小衫', 'num': 1 + i % 2,
                'price': {price}, 'payment': {shared}, 'divide_order_fee': {shared},
                'logistics_company': case when status = 'TRADE_FINISHED' then '顺丰速运' end,
                'invoice_no': case when status = 'TRADE_FINISHED' then 'SF' || (tid + 1) end,
                'consign_time': case when status = 'TRADE_FINISHED' then t2 end
            }} for i in range(1, line_count + 1)]}},
            'promotion_details': {{'promotion_detail': [
                {{'id': tid, 'promotion_name': '店铺满减', 'discount_fee': '0.00'}}]}}
        }}}}}} as answer
    from trades order by n
"""


def _yuan(fen: str) -> str:
    return f"printf('%d.%02d', ({fen}) // 100, ({fen}) % 100)"


def pages_of(trades: int) -> list[RawFile]:
    """Rows of the pages that hold so many trades."""
    return [
        RawFile(
            raw_id=hashlib.sha256(f"page {first}".encode()).hexdigest(),
            file_name=f"page {first}",
            connector="tmall",
            format="tmall_live_trades",
            channel="tmall",
            shop="our shop",
            account=None,
            encoding="ndjson",
            row_count=min(first + _PAGE_TRADES, trades) - first,
            column_set="",
            exported_at_us=_READ_AT_US + first,
            seen_at_us=_READ_AT_US + first,
        )
        for first in range(0, trades, _PAGE_TRADES)
    ]


def write_pages(parts: CellParts, trades: int) -> list[RawFile]:
    """Raw pages of a year of trades in a cell's raw log; gives their rows."""
    database, pages = duckdb.connect(), pages_of(trades)
    goods = "list_sum([price * (1 + i % 2) for i in range(1, line_count + 1)])"
    answers = _ANSWERS.format(
        total=_yuan(goods),
        payment=_yuan(f"{goods} + 800 - coupon - points"),
        price=_yuan("price"),
        shared=_yuan("price * (1 + i % 2)"),
    )
    first = 0
    for page in pages:
        span = {"step": _YEAR_S / trades, "first": first, "last": first + page.row_count}
        database.execute(f"create or replace temp table trades as {_TRADES.format(**span)}")
        target = parts.layout.blobs / page.raw_id[:2] / f"{page.raw_id}.zst"
        target.parent.mkdir(parents=True, exist_ok=True)
        database.execute(f"copy ({answers}) to '{target}' (format json, compression zstd)")
        first += page.row_count
    return pages


def new_cell(folder: Path) -> Path:
    """A company folder with the shop of the trades; gives where it is."""
    home = folder / "cell"
    home.mkdir()
    (home / "cell.toml").write_text(_CELL, encoding="utf-8")
    return home


def _ours(parts: CellParts, pages: list[RawFile]) -> TableStore:
    tables = TableStore(parts.layout, None)
    connector = next(each for each in parts.connectors if each.spec.name == "tmall")
    with parts.open_engine() as engine:
        translate(parts, engine, tables, connector, pages)
    return tables


def _by_hand(parts: CellParts, pages: list[RawFile], out: Path) -> None:
    out.mkdir()
    database = duckdb.connect(config={"temp_directory": str(out / "spill")})
    database.execute("set TimeZone = 'UTC'")
    database.register("pads", person_pads(parts.layout.keys))
    blobs = ", ".join(f"'{parts.layout.blobs / page.raw_id[:2] / page.raw_id}.zst'" for page in pages)
    text = _BASELINE.read_text(encoding="utf-8")
    database.execute(text.replace("{blobs}", blobs).replace("{out}", str(out)))


def _digests(files: dict[str, list[str]]) -> dict[str, tuple[int, str]]:
    """Rows and a sum of row digests per table, whatever the order of rows."""
    database, found = duckdb.connect(), {}
    database.execute("set TimeZone = 'UTC'")
    for name, paths in files.items():
        source = f"read_parquet({paths}, hive_partitioning = true, hive_types_autocast = false)"
        known = database.execute(f"describe select * from {source}").fetchall()
        columns = sorted(row[0] for row in known if row[0] not in _NOT_COMPARED)
        cells = ", ".join(f"coalesce(cast(\"{column}\" as varchar), '~')" for column in columns)
        row = database.execute(f"select count(*), sum(hash(concat_ws('|', {cells}))::hugeint) from {source}").fetchone()
        assert row is not None, "an aggregate gives a row"
        found[name] = (int(row[0]), f"{row[1]} of {columns}")
    return found


def assert_equal(tables: TableStore, out: Path) -> None:
    """Both sides wrote the same rows."""
    ours = _digests({name: tables.files_of(name) for name in _TABLES})
    theirs = _digests({name: [str(path) for path in sorted((out / name).rglob("*.parquet"))] for name in _TABLES})
    other = {name: (ours[name], theirs[name]) for name in _TABLES if ours[name] != theirs[name]}
    assert not other, f"both sides write the same rows before any time counts: {other}"
    assert all(rows for rows, _ in ours.values()), "every table has rows"


def _processor() -> float:
    """Seconds of processor of this process so far, all threads together."""
    now = os.times()
    return now.user + now.system


def _now() -> tuple[float, float]:
    """The clock, and the processor."""
    return time.perf_counter(), _processor()


def _since(before: tuple[float, float]) -> tuple[float, ...]:
    return tuple(now - then for now, then in zip(_now(), before, strict=True))


def measure(trades: int = 1_000_000, runs: int = 5) -> list[Result]:
    """Seconds of both by the clock, and of the processor; every run begins with pages in the raw log and nothing else.

    Where others work on the machine too, only those of the processor are right.
    """
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out"
        parts = open_cell(new_cell(Path(name)))
        pages = write_pages(parts, trades)
        ours, by_hand = [], []
        for run in range(runs):
            started = _now()
            tables = _ours(parts, pages)
            ours.append(_since(started))
            started = _now()
            _by_hand(parts, pages, out)
            by_hand.append(_since(started))
            if not run:
                assert_equal(tables, out)
            for folder in (out, parts.layout.tables, parts.layout.staged):
                shutil.rmtree(folder)
    ways = ("by the clock", "seconds of processor")
    return [
        Result(
            f"{trades:,} nested trades from raw pages to canonical tables, {way}",
            "the same written by hand for DuckDB (bench/baseline/trades.sql)",
            one,
            other,
            budget=1.5,
        )
        for way, one, other in zip(ways, zip(*ours, strict=True), zip(*by_hand, strict=True), strict=True)
    ]


_HELD = "greatest resident memory of a process that brings {:,} nested trades into empty tables"
_MOST_MB = 1_500
_MOST_MORE = 1.3


def measure_memory(trades: int = 1_000_000, runs: int = 5) -> Figure:
    """Memory that trades take."""
    return Figure(_HELD.format(trades), tuple(_held_mb(trades) for _ in range(runs)), "MB", budget=_MOST_MB)


def measure_much_memory(trades: int = 10_000_000, few: int = 1_000_000) -> list[Result | Figure]:
    """Memory that many trades take, by itself and beside that of fewer: it must not grow with them. One run of each."""
    held, of_few = _held_mb(trades), _held_mb(few)
    return [
        Figure(_HELD.format(trades), (held,), "MB", budget=_MOST_MB),
        Result(_HELD.format(trades), f"the same of {few:,}", (held,), (of_few,), budget=_MOST_MORE, unit="MB"),
    ]


def _held_mb(trades: int) -> int:
    """Greatest resident memory, in MB, of a process that does nothing but bring a year of trades into tables."""
    with tempfile.TemporaryDirectory() as name:
        home = new_cell(Path(name))
        write_pages(open_cell(home), trades)
        done = subprocess.run(
            [sys.executable, "-m", "bench.trades", "--trades", str(trades), "--resident", str(home)],
            check=True,
            capture_output=True,
            text=True,
        )
        return int(done.stdout)


def _resident(home: Path, trades: int) -> None:
    parts = open_cell(home)
    tables = _ours(parts, pages_of(trades))
    kept = duckdb.execute("select count(*) from read_parquet($1)", [tables.files_of("raw_rows")]).fetchone()
    assert kept == (trades,), "every trade is accounted for"
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}\n")


def measure_dlt(trades: int = 20_000, runs: int = 5) -> list[Result]:
    """Seconds of processor of ours, and of SQL written by hand, both beside dlt; imports of no side count.

    What is written by hand says what a budget can ask for: nobody who writes the same tables from these pages is far
    below it.

    Raises:
        subprocess.CalledProcessError: `.venv-dlt` is missing; `make bench` makes it.
    """
    ours, by_hand, theirs = [], [], []
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out"
        parts = open_cell(new_cell(Path(name)))
        pages = write_pages(parts, trades)
        for run in range(runs):
            before = _processor()
            tables = _ours(parts, pages)
            ours.append(_processor() - before)
            before = _processor()
            _by_hand(parts, pages, out)
            by_hand.append(_processor() - before)
            if not run:
                assert_equal(tables, out)
            for folder in (out, parts.layout.tables, parts.layout.staged):
                shutil.rmtree(folder)
            theirs.append(_dlt(parts, trades, Path(name) / "dlt"))
    what = f"{trades:,} nested trades from raw pages to canonical tables, "
    beside = "dlt 1.31 with Parquet files (bench/baseline/dlt_trades.py), which infers types and decides nothing"
    by_dlt = tuple(theirs)
    return [
        Result(f"{what}seconds of processor", beside, tuple(ours), by_dlt, budget=round(1 / 15, 3)),
        Result(f"{what}written by hand for DuckDB (bench/baseline/trades.sql)", beside, tuple(by_hand), by_dlt),
    ]


def _dlt(parts: CellParts, trades: int, out: Path) -> float:
    blobs = [str(path) for path in sorted(parts.layout.blobs.rglob("*.zst"))]
    said = subprocess.run([_DLT, str(_DLT_SCRIPT), str(out), *blobs], check=True, capture_output=True, text=True)
    shutil.rmtree(out)
    spent, _, count = said.stdout.split()
    assert int(count) == trades, "dlt loaded every trade"
    return float(spent)


def main() -> None:
    """One of the measurements, or the process whose memory is measured."""
    parser = argparse.ArgumentParser(description="Nested trades from the raw log to canonical tables.")
    parser.add_argument("--trades", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--memory", action="store_true", help="the greatest resident memory instead")
    parser.add_argument("--dlt", action="store_true", help="beside dlt instead of SQL written by hand")
    parser.add_argument("--resident", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.resident is not None:
        _resident(wanted.resident, wanted.trades)
    elif wanted.memory:
        measure_memory(wanted.trades, wanted.runs).say()
    elif wanted.dlt:
        for result in measure_dlt(wanted.trades, wanted.runs):
            result.say()
    else:
        for result in measure(wanted.trades, wanted.runs):
            result.say()


if __name__ == "__main__":
    main()
