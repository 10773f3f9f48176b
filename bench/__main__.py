"""All measurements, one after the other, into docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import clearing, delivery, extraction, freshness, pnl, reading, trades, transferlog

_PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
_PARTS = ("duckdb", "pyarrow", "deltalake", "sqlglot", "cryptography")


_MEMORY_TRADES = (1_000_000, 10_000_000)


def _memory() -> str:
    """Ten million trades take an hour of one core."""
    return ", ".join(f"{trades.measure_memory(count):,} MB for {count:,}" for count in _MEMORY_TRADES)


def main() -> None:
    """Measure and write the page."""
    results = [
        reading.measure(),
        trades.measure(),
        trades.measure_dlt(),
        *extraction.measure(),
        pnl.measure(),
        clearing.measure(),
        transferlog.measure_verifying(),
        *transferlog.measure_appending(),
        delivery.measure_posting(),
    ]
    for result in results:
        result.say()
    fresh = freshness.measure().sentence()
    versions = ", ".join(f"{part} {version(part)}" for part in _PARTS)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    lines = [
        "# Measured beside something else",
        "",
        "`make bench` makes the data, compares what both sides give, measures them in turns and writes this page.",
        "The ratio is our time over theirs; in brackets the least and the greatest of the runs. Seconds depend on the",
        "machine, ratios less so.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine}, {versions}.",
        "",
        "| ours | beside | runs | ours, s | theirs, s | ratio | budget |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(result.row() for result in results),
        "",
        f"Greatest resident memory of nested trades to canonical tables: {_memory()}.",
        "",
        fresh,
        "",
    ]
    # What needs data that is not in the repository is measured by hand and stays as it was.
    _, heading, kept = _PAGE.read_text(encoding="utf-8").partition("\n## ")
    _PAGE.write_text("\n".join(lines) + heading + kept, encoding="utf-8")


if __name__ == "__main__":
    main()
