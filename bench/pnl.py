"""P&L over many ledger lines: the report beside a query written by hand, in one process, on the same files.

    python -m bench.pnl --lines 10000000 --runs 5

Both sides read the same Parquet files and must give the same rows before any time counts.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from bench.files import FilesOnly, columns_of
from bench.result import Result
from entrepot.engine import DuckDBEngine
from entrepot.ledger import accounts
from entrepot.ledger.rates import rates_by_day
from entrepot.reports import run_report

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

_MONTHS = 12
_BASELINE = Path(__file__).parent / "baseline" / "pnl.sql"
_KEY = ("channel", "shop", "sku_id", "month", "line", "detail")


def _generate(folder: Path, lines: int) -> None:
    """Twelve months of postings of orders in five shops and three currencies; one SKU in ten has no cost."""
    columns = columns_of("ledger_entries")
    per_month = lines // _MONTHS
    (folder / "ledger_entries").mkdir()
    (folder / "order_pieces").mkdir()
    database = duckdb.connect()
    for month in range(1, _MONTHS + 1):
        database.execute(
            f"""copy (
            with numbers as (select range + {month * per_month} as n from range({per_month})),
            facts as (select *, n // 5 as o, n % 5 as slot, n // 5 % 5 as s from numbers)
            select {columns} from (
                select 'recognised:o' || o as entry_id, slot + 1 as line_no, 'main' as entity_id, 'local' as book,
                    case slot when 0 then 'revenue_goods' when 1 then 'output_vat' when 2 then 'cogs'
                              when 3 then 'fee:commission' else 'revenue_reduction' end as account,
                    case slot when 0 then -10000 - n % 977 when 4 then n % 89 else n % 613 end as amount_minor,
                    case s when 3 then 'USD' when 4 then 'EUR' else 'CNY' end as currency,
                    0 as functional_minor, 'CNY' as functional_currency, null as fx_rate_id,
                    date '2025-01-01' + to_months({month - 1}) + to_days(cast(n % 28 as integer)) as document_date,
                    date '2025-01-01' + to_months({month - 1}) + to_days(cast(n % 28 as integer)) as accounting_date,
                    '2025-{month:02d}' as period, 'FY2025-P{month:02d}' as fiscal_period, 'recognised' as posting_rule,
                    'v' as rule_version, 'order' as cause_kind, 'o' || o as cause_id, 'o' || o as order_id,
                    'l1' as order_line_id, 'SKU' || o % 500 as sku_id,
                    ['tmall', 'jd', 'douyin', 'shopify', 'amazon'][s + 1] as channel, 'shop' || s as shop,
                    null as counterparty_id, null as tax_code, null as wallet_id, null as reversal_of,
                    null as voucher_no,
                    timestamptz '2025-01-01 00:00:00+00' as posted_at
                from facts)
            ) to '{folder}/ledger_entries/{month:02d}.parquet' (format parquet, compression zstd)"""
        )
    columns = columns_of("order_pieces")
    database.execute(
        f"""copy (
        select {columns} from (
            select 'o' || o as order_key, 'tmall' as channel, 'shop' as shop, 1 as piece_no, 'line' as kind,
                'l1' as line_id, 'SKU' || o % 500 as sku_id, 1 as quantity, 'CNY' as currency, 0 as goods_minor,
                0 as discount_merchant_minor, 0 as gross_minor, 0 as vat_rate_bp, 0 as vat_minor, 0 as refund_minor,
                0 as cost_minor, 'CNY' as cost_currency,
                o % 10 <> 0 as has_cost
            from (select range + {per_month // 5} as o from range({lines // 5 + 1})))
        ) to '{folder}/order_pieces/all.parquet' (format parquet, compression zstd)"""
    )
    (folder / "chart_accounts").mkdir()


def _ours(folder: Path) -> pa.Table:
    with DuckDBEngine() as engine:
        return run_report(engine, FilesOnly(folder), "pnl", "CNY")


def _by_hand(folder: Path) -> pa.Table:
    database = duckdb.connect()
    chart = accounts()
    rows = ", ".join(f"('{each.account}', {repr(each.pnl_line) if each.pnl_line else 'null'})" for each in chart)
    database.execute(f"create temp table chart as select * from (values {rows}) as t(account, pnl_line)")
    database.register("rates", rates_by_day())
    text = _BASELINE.read_text(encoding="utf-8")
    for name, value in (
        ("$entries", f"'{folder}/ledger_entries/*.parquet'"),
        ("$pieces", f"'{folder}/order_pieces/*.parquet'"),
        ("$accounts", "chart"),
        ("$rates", "rates"),
    ):
        text = text.replace(name, value)
    return database.sql(text).to_arrow_table()


def _plain(rows: pa.Table) -> list[tuple[Any, ...]]:
    columns = [rows[name].to_pylist() for name in (*_KEY, "amount_minor")]
    return sorted(tuple(str(cell) for cell in row) for row in zip(*columns, strict=True))


def _seconds(work: Callable[[Path], object], folder: Path) -> float:
    gc.collect()
    started = time.perf_counter()
    work(folder)
    return time.perf_counter() - started


def measure(lines: int = 10_000_000, runs: int = 5) -> Result:
    """Seconds of both, the rows compared first."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _generate(folder, lines)
        first, second = _plain(_ours(folder)), _plain(_by_hand(folder))
        assert first == second, f"{len(first)} rows and {len(second)}: both sides say the same before any time counts"
        ours, by_hand = [], []
        for _ in range(runs):
            ours.append(_seconds(_ours, folder))
            by_hand.append(_seconds(_by_hand, folder))
    return Result(
        f"P&L over {lines:,} ledger lines: `entrepot report pnl` without the terminal",
        "a query written by hand for DuckDB (bench/baseline/pnl.sql)",
        tuple(ours),
        tuple(by_hand),
        budget=1.5,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    wanted = parser.parse_args()
    measure(wanted.lines, wanted.runs).say()
