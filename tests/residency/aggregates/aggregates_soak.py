"""The attacks on a thousand random datasets, each with its control.

    python -m tests.residency.aggregates.aggregates_soak --datasets 1000 --seed 1

No attack may succeed on what the guard released; the controls are the same attacks on the same datasets with the guard
off: a threshold with totals, releases that know nothing of each other, two tables that are not compared. `make test` runs a
seeded sample.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random
from typing import TYPE_CHECKING

from tests.residency.aggregates.attacks import across, complementary, differencing, interval, without_guard
from tests.residency.aggregates.without import tables_not_compared
from tests.residency.aggregates.worlds import draw, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.residency.aggregates.worlds import Told, World

__all__ = ["Outcome", "attacked", "controls"]

Outcome = Counter[str]


def attacked(worlds: Sequence[World], told: dict[str, list[Told]]) -> Outcome:
    """On how many datasets each attack succeeded."""
    found: Outcome = Counter(complementary=0, interval=0, differencing=0, across=0)
    for number, world in enumerate(worlds):
        heard = told[world.name]
        found["complementary"] += complementary(world, heard)
        found["interval"] += interval(world, heard)
        found["differencing"] += differencing(world, heard)
        found["across"] += across(world, heard, Random(number))
    return found


def controls(worlds: Sequence[World]) -> Outcome:
    """The same attacks with the guard off, on how many datasets each succeeded."""
    found: Outcome = Counter()
    alone, _ = tell(worlds, with_ledger=False)
    with tables_not_compared():
        apart, _ = tell(worlds)
    for number, world in enumerate(worlds):
        naive = [without_guard(world, 0)]
        found["complementary, threshold only"] += complementary(world, naive)
        found["interval, threshold only"] += interval(world, naive)
        found["differencing, tables not compared"] += differencing(world, apart[world.name])
        found["across, no ledger"] += across(world, alone[world.name], Random(number))
    return found


def _chunk(seed: int, first: int, last: int) -> tuple[Outcome, Outcome, Outcome]:
    """Attack some datasets: on how many each attack succeeded, and each control; what was published of them."""
    worlds = [draw(seed, number) for number in range(first, last)]
    told, _ = tell(worlds)
    published: Outcome = Counter(
        amounts=sum(len(each.rows) + len(each.columns) for heard in told.values() for each in heard),
        anew=sum(len({each.of for each in heard}) > 1 for heard in told.values()),
    )
    return attacked(worlds, told), controls(worlds), published


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the attacks and say what came of them."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--datasets", type=int, default=1000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--at-once", type=int, default=100)
    asked.add_argument("--workers", type=int, default=2)
    options = asked.parse_args(arguments)
    began, guarded, unguarded, published = time.monotonic(), Counter[str](), Counter[str](), Counter[str]()
    firsts = range(0, options.datasets, options.at_once)
    lasts = [min(first + options.at_once, options.datasets) for first in firsts]
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as workers:
        for number, found in enumerate(workers.map(_chunk, [options.seed] * len(firsts), firsts, lasts)):
            guarded.update(found[0])
            unguarded.update(found[1])
            published.update(found[2])
            print(f"{lasts[number]:,} datasets: {dict(guarded)}", flush=True)  # noqa: T201 progress of a long run
    print(  # noqa: T201
        f"seed {options.seed}: {options.datasets:,} datasets, {published['amounts']:,} amounts published, "
        f"{published['anew']:,} datasets released anew; attacks that succeeded {dict(guarded)}; "
        f"controls {dict(unguarded)}; {time.monotonic() - began:.0f} s"
    )
    return int(any(guarded.values()) or not all(unguarded.values()))


if __name__ == "__main__":
    sys.exit(main())
