"""All measurements, one after the other, into docs/benchmarks.md.

    python -m bench                      goes on behind the last row of a run that was stopped, else begins a new run
    python -m bench --only trades,pnl    measures these anew
    python -m bench --list               names them, and says when each was measured
    python -m bench --small              whether everything runs: next to nothing is measured, and nothing is written

Each row is measured in a process of its own and kept in `.bench.jsonl` at once; the page is written after each. A row
that fails is named at the end, and the others go on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.keeping import Kept, Log, left_of_run, machine, newest, results_of, told
from bench.page import write_page
from bench.rows import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.result import Figure, Result
    from bench.rows import Row

    Measured = tuple[Result | Figure, ...]
    Measure = Callable[[Row], Measured]
    Keep = Callable[[Row, Measured], None]

_ROOT = Path(__file__).parent.parent
_LOG = _ROOT / ".bench.jsonl"
_PAGE = _ROOT / "docs" / "benchmarks.md"


def measure_rows(rows: Sequence[Row], wanted: Sequence[str], measure: Measure, keep: Keep) -> list[str]:
    """Measure some rows, and keep each as soon as it is measured.

    Args:
        rows: All there are.
        wanted: Names of those to measure.
        measure: Measures one.
        keep: Keeps one.

    Returns:
        Names of those that failed.
    """
    failed = []
    chosen = [row for row in rows if row.name in wanted]
    for number, row in enumerate(chosen):
        left = sum(each.minutes for each in chosen[number:])
        _tell(f"{number + 1} of {len(chosen)}: {row.name}, about {row.minutes:g} min; {left:g} min to the end")
        try:
            results = measure(row)
        except subprocess.CalledProcessError as error:
            _tell(f"{row.name} failed with {error.returncode}; see above")
            failed.append(row.name)
            continue
        for each in results:
            each.say()
        keep(row, results)
    return failed


def measure_apart(row: Row, *, in_small: bool = False) -> Measured:
    """Measure a row in a process that has done nothing else: neither memory nor threads of the row before it count.

    Raises:
        subprocess.CalledProcessError: It failed; what it said went to where our errors go.
    """
    command = [sys.executable, "-m", "bench", "--measure", row.name, *(["--small"] if in_small else [])]
    done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, check=True, text=True)
    return results_of(json.loads(done.stdout.splitlines()[-1]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, keep and write the page; 1 where a row failed."""
    names = [row.name for row in ROWS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), help="names of rows, with commas between them")
    parser.add_argument("--list", action="store_true", help="name the rows and measure nothing")
    parser.add_argument("--small", action="store_true", help="see whether all run; keeps nothing")
    parser.add_argument("--log", type=Path, default=_LOG, help="where measured rows are kept")
    parser.add_argument("--page", type=Path, default=_PAGE, help="the page to write")
    parser.add_argument("--measure", choices=names, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if unknown := set(asked.only or ()) - set(names):
        parser.error(f"there is no row {', '.join(sorted(unknown))}; --list names them")
    by_name = {row.name: row for row in ROWS}
    if asked.measure:
        row = by_name[asked.measure]
        sys.stdout.write(json.dumps(told((row.in_small if asked.small else row.measure)())) + "\n")
        return 0
    if asked.small:
        failed = measure_rows(
            ROWS, asked.only or names, lambda row: measure_apart(row, in_small=True), lambda _row, _results: None
        )
        return _ended(failed)
    log = Log(asked.log)
    if asked.list:
        _list(log)
        return 0
    return _ended(_measure_and_keep(log, asked.page, asked.only))


def _measure_and_keep(log: Log, page: Path, only: Sequence[str] | None) -> list[str]:
    names, where = [row.name for row in ROWS], machine()
    run, left = (0, only) if only else left_of_run(log.kept(), names, where)

    def keep(row: Row, results: Measured) -> None:
        for each in results:
            if not each.is_within_budget:
                _tell(f"{row.name}: beyond its budget")
        log.add(Kept(row.name, run, f"{datetime.now(UTC):%Y-%m-%d}", where, results))
        write_page(page, names, newest(log.kept()))

    return measure_rows(ROWS, left, measure_apart, keep)


def _list(log: Log) -> None:
    last = newest(log.kept())
    for row in ROWS:
        when = f"measured {last[row.name].day}" if row.name in last else "not measured here yet"
        sys.stdout.write(f"{row.name:<20} about {row.minutes:>2g} min, {when}\n")


def _ended(failed: Sequence[str]) -> int:
    if failed:
        _tell(f"failed: {', '.join(failed)}; the same command measures what is missing")
    return int(bool(failed))


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
