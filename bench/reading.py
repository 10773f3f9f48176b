"""A long Alipay ledger in GB18030: recognised, cleaned and staged by us, and merely read by the standard library.

python -m bench.reading --rows 1000000 --runs 5
"""

from __future__ import annotations

import argparse
import csv
import gc
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq

from bench.result import Result
from entrepot.connectors.reading import open_tabular, stage
from entrepot.connectors.recognition import Recognised, recognise
from entrepot.connectors.registry import all_formats
from entrepot.testing.small_files import Move, alipay_text


def _write(path: Path, rows: int) -> int:
    """A ledger of so many rows; gives the sum of its incomes in fen."""
    moves = [
        Move(str(10**15 + at), str(2 * 10**15 + at), "在线支付", 1_000 + at % 977, "", 1 + at % 28)
        for at in range(1_000)
    ]
    page = alipay_text(moves).splitlines(keepends=True)
    head, body = page[:5], page[5:-4]
    with path.open("w", encoding="gb18030", newline="") as file:
        file.writelines(head)
        for _ in range(rows // len(body)):
            file.writelines(body)
    return rows // len(body) * sum(move.amount_minor for move in moves)


def _ours(path: Path) -> int:
    opened = open_tabular(path, path.name)[0]
    found = recognise(opened.head, all_formats())
    assert isinstance(found, Recognised), "the ledger is recognised"
    target = path.with_suffix(".parquet")
    stage(opened, found, "0" * 64, target, path.name)
    texts = pq.read_table(target, columns=["收入金额（+元）"])[0]
    return sum(int(text.replace(".", "")) for text in texts.to_pylist())


def _library(path: Path) -> int:
    total = Decimal(0)
    with path.open(encoding="gb18030", newline="") as file:
        for row in csv.reader(line for line in file if not line.startswith("#")):
            cell = row[4].strip()
            if cell and not cell.startswith("收入"):
                total += Decimal(cell)
    return int(total * 100)


def measure(rows: int = 1_000_000, runs: int = 5) -> Result:
    """Seconds of both, the sums compared first."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.csv"
        stated = _write(path, rows)
        assert _ours(path) == _library(path) == stated, "both read the same sum before any time counts"
        ours: list[float] = []
        library: list[float] = []
        for _ in range(runs):
            for seconds, work in ((ours, _ours), (library, _library)):
                gc.collect()
                started = time.perf_counter()
                work(path)
                seconds.append(time.perf_counter() - started)
        size = path.stat().st_size // 1_000_000
    return Result(
        f"Alipay ledger of {rows:,} rows ({size} MB, GB18030): recognise, clean, stage as Parquet",
        "the standard library's `csv` with `Decimal`, reading one column",
        tuple(ours),
        tuple(library),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    wanted = parser.parse_args()
    measure(wanted.rows, wanted.runs).say()
