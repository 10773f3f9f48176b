"""Imports that are killed at random moments, again and again, and then left to finish: the same tables as undisturbed.

    python -m entrepot.testing.kills --kills 50 --seed 3

Each cell dies up to five times on its way (SIGKILL, without a chance to clean up), the second batch on top of a
published first one; then the import runs through. At every death readers see the last snapshot whole, or nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from entrepot.flows.importing import import_paths
from entrepot.store.errors import NothingPublished
from entrepot.testing.equal_tables import hashes
from entrepot.testing.sample_company import write_company

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.flows.parts import CellParts

__all__ = ["main"]

_PER_CELL = 5
_LATEST = 1.2
"""Of an undisturbed import's time; some are killed only when they are done, which must not matter either."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, look, finish, compare; 1 where anything differs."""
    parser = argparse.ArgumentParser(prog="python -m entrepot.testing.kills")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=3)
    chosen = parser.parse_args(arguments)
    dice = Random(chosen.seed)  # noqa: S311 a reproducible choice, no secret
    with tempfile.TemporaryDirectory() as folder:
        company = write_company(Path(folder) / "company", chosen.seed, 200)
        files = sorted(company.data_files("tmall_orders", "alipay_ledger"), key=lambda path: path.name)
        batches = (files[: len(files) // 2], files[len(files) // 2 :])
        undisturbed, seconds = _undisturbed(company.new_cell(Path(folder) / "whole"), batches)
        done = differing = killed_at_work = 0
        while done < chosen.kills:
            parts = company.new_cell(Path(folder) / f"cell-{done}")
            for batch in batches:
                before = _seen(parts)
                for _ in range(min(dice.randint(1, _PER_CELL), chosen.kills - done)):
                    killed_at_work += _killed(parts, batch, dice.uniform(0, seconds * _LATEST))
                    done += 1
                    differing += _seen(parts) not in (before, _published(undisturbed, batch, batches))
                import_paths(parts, batch)
            differing += _with_rows(hashes(parts)) != undisturbed[1]
            _tell(f"{done} kills, {killed_at_work} at work, {differing} differences")
    return 1 if differing else 0


def _undisturbed(parts: CellParts, batches: tuple[list[Path], list[Path]]) -> tuple[list[dict[str, str]], float]:
    """Tables after each batch, and how long a batch takes in a process of its own."""
    after = []
    began = time.monotonic()
    for batch in batches:
        _process(parts, batch).wait()
        after.append(_with_rows(hashes(parts)))
    return after, (time.monotonic() - began) / len(batches)


def _published(
    undisturbed: list[dict[str, str]], batch: list[Path], batches: tuple[list[Path], list[Path]]
) -> dict[str, str]:
    return undisturbed[batches.index(batch)]


def _process(parts: CellParts, files: Sequence[Path]) -> subprocess.Popen[bytes]:
    paths = [str(path) for path in files]
    command = [sys.executable, "-m", "entrepot.testing.faults", str(parts.layout.home), "published", "0", *paths]
    return subprocess.Popen(command)  # noqa: S603 our own interpreter on paths of our own


def _killed(parts: CellParts, files: Sequence[Path], after_s: float) -> bool:
    """Kill an import after so many seconds; whether it was still at work."""
    process = _process(parts, files)
    time.sleep(after_s)
    was_at_work = process.poll() is None
    process.kill()
    process.wait()
    return was_at_work


def _seen(parts: CellParts) -> dict[str, str]:
    """What readers see: the tables that hold something."""
    try:
        return _with_rows(hashes(parts))
    except NothingPublished:
        return {}


def _with_rows(found: dict[str, str]) -> dict[str, str]:
    return {name: each for name, each in found.items() if not each.startswith("0 rows")}


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
