"""Ten thousand random histories of a shared domain: partitions, crashes, mail that is late, lost, twice, out of order.

    python -m tests.residency.domains.domains_soak --histories 10000 --seed 1 --log .soak-domains.jsonl

After each, both cells hold the same, and it is what the rule declares. What is done stands in the log, a line for each
block, and a run that was stopped goes on behind it. `make test` runs a sample.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.engine import DuckDBEngine
from tests.residency.domains.histories import Answers, troubles

if TYPE_CHECKING:
    from collections.abc import Sequence


def _block(first: int, last: int) -> dict[int, list[str]]:
    """Seeds of a block whose history did not come out as declared, and what was wrong."""
    found = {seed: troubles(_answers(), seed) for seed in range(first, last)}
    return {seed: each for seed, each in found.items() if each}


@cache
def _answers() -> Answers:
    """One engine for all blocks of a process, and what it answered."""
    return Answers(DuckDBEngine(threads=1))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the histories that are not in the log yet; 1 where one of any run went wrong."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--histories", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=1, help="seed of the first history; each has the next number")
    asked.add_argument("--log", type=Path, default=Path(".soak-domains.jsonl"))
    asked.add_argument("--at-once", type=int, default=100)
    asked.add_argument("--workers", type=int, default=2)
    options = asked.parse_args(arguments)
    lines = options.log.read_text(encoding="utf-8").splitlines() if options.log.exists() else []
    done = {(each["first"], each["last"]): each["troubles"] for each in map(json.loads, lines)}
    end = options.seed + options.histories
    blocks = [(at, min(at + options.at_once, end)) for at in range(options.seed, end, options.at_once)]
    left = [each for each in blocks if each not in done]
    began = time.monotonic()
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as workers:
        for block, found in zip(left, workers.map(_block, *zip(*left, strict=True)) if left else (), strict=True):
            done[block] = found
            with options.log.open("a", encoding="utf-8") as log:
                log.write(json.dumps({"first": block[0], "last": block[1], "troubles": found}) + "\n")
            print(f"histories until {block[1]:,}: {found or 'as declared'}", flush=True)  # noqa: T201 a long run
    wrong = {seed: each for block in blocks for seed, each in done[block].items()}
    print(  # noqa: T201
        f"seed {options.seed}: {options.histories:,} histories, {len(wrong):,} not as declared; "
        f"{time.monotonic() - began:.0f} s for {len(left):,} of {len(blocks):,} blocks"
    )
    for seed, each in wrong.items():
        print(f"seed {seed}: {', '.join(each)}")  # noqa: T201
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
