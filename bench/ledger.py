"""From raw pages to a P&L, each part by its own clock: tables, entries, report.

    python -m bench.ledger --trades 300000 --runs 5

A cell has a year of nested trades in its raw log and nothing else (`bench.trades`), and publishes them as `entrepot
sync` does. What the row *trades* measures is the first part only; here its seconds stand beside those of the entries,
so that nobody has to guess which of them a month's close waits for.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.result import Figure, Result
from bench.trades import new_cell, write_pages
from entrepot.assembly import open_cell
from entrepot.flows.asking import select_rows
from entrepot.flows.importing import LEASE, ImportReport, publish, tables_to_write
from entrepot.reports import run_report
from entrepot.store import State, TableStore

if TYPE_CHECKING:
    from collections.abc import Sequence

_BOOKS = """
    select count(*) as lines, count(distinct period) as months,
        coalesce(sum(case when s.minor <> 0 then 1 else 0 end), 0) as unbalanced
    from ledger_entries as e join (
        select entry_id, currency, sum(amount_minor) as minor from ledger_entries group by entry_id, currency
    ) as s on e.entry_id = s.entry_id and e.currency = s.currency
"""


def _run(trades: int) -> tuple[int, float, float, float]:
    """Lines of the ledger, and seconds of tables, of entries and of the report."""
    with tempfile.TemporaryDirectory() as name:
        parts = open_cell(new_cell(Path(name)))
        pages = write_pages(parts, trades)
        derived_from = []

        def tell(step: str, done: int, of: int) -> None:
            if step == "translate" and done == of:
                derived_from.append(time.perf_counter())

        with contextlib.closing(State(parts.layout)) as state, state.lease(LEASE):
            for page in pages:
                state.add_file(page)
            started = time.perf_counter()
            publish(parts, state, tables_to_write(parts, state), ImportReport(), tell)
            published = time.perf_counter()
            tables = TableStore(parts.layout, state.newest_snapshot())
        with parts.open_engine() as engine:
            begun = time.perf_counter()
            rows = run_report(engine, tables, "pnl", "CNY")
            reported = time.perf_counter() - begun
        books = select_rows(parts, _BOOKS).to_pylist()[0]
        assert books["unbalanced"] == 0, "every entry sums to zero"
        assert books["lines"] > trades, "most trades are recognised"
        assert rows.num_rows > 0, "there is a P&L"
        return books["lines"], derived_from[0] - started, published - derived_from[0], reported


def measure(trades: int = 300_000, runs: int = 5) -> Sequence[Result | Figure]:
    """Entries beside the tables that they follow from, and the report by itself."""
    counts, tables, entries, reports = zip(*(_run(trades) for _ in range(runs)), strict=True)
    assert len(set(counts)) == 1, "every run books the same"
    what = f"{counts[0]:,} ledger lines of {trades:,} trades"
    return [
        Result(f"{what}, from tables", "the same trades from raw pages to tables", entries, tables),
        Figure(f"P&L over {what}: `entrepot report pnl` without the terminal", reports, "s"),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="From raw pages to a P&L, each part by its own clock.")
    parser.add_argument("--trades", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=5)
    wanted = parser.parse_args()
    for row in measure(wanted.trades, wanted.runs):
        row.say()
