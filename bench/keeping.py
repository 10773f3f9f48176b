"""What was measured is kept at once, a line for each row, so that a run that was stopped goes on behind it.

The file is no part of the repository: the page is written from it. Where a line was cut off, what it told is measured
again.
"""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from bench.result import Figure, Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_PARTS = ("duckdb", "pyarrow", "deltalake", "sqlglot", "cryptography")


@dataclass(frozen=True, slots=True)
class Kept:
    """A row that was measured.

    Attributes:
        row: Its name.
        run: Number of the run that it belongs to; a run is whole once every row has its measurement in it. Rows that
            somebody named belong to none: 0.
        day: When it was measured, UTC.
        where: The machine and the versions.
        results: What was measured.
    """

    row: str
    run: int
    day: str
    where: str
    results: tuple[Result | Figure, ...]


def machine() -> str:
    """The machine and the versions that have a say in the seconds."""
    versions = ", ".join(f"{part} {version(part)}" for part in _PARTS)
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {versions}"


def told(results: Iterable[Result | Figure]) -> list[dict[str, Any]]:
    """Results as they are kept, and as one process tells them to another."""
    return [asdict(each) for each in results]


def results_of(said: Iterable[dict[str, Any]]) -> tuple[Result | Figure, ...]:
    """Results from what was told of them."""
    made: list[Result | Figure] = []
    for each in said:
        fields: dict[str, Any] = {name: tuple(it) if isinstance(it, list) else it for name, it in each.items()}
        made.append(Figure(**fields) if "figures" in fields else Result(**fields))
    return tuple(made)


class Log:
    """The file of what was measured.

    Args:
        path: It may not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def kept(self) -> list[Kept]:
        """All that was measured, oldest first; a line that was cut off tells nothing."""
        found = []
        for line in self._text().splitlines():
            try:
                said = json.loads(line)
            except json.JSONDecodeError:
                continue
            found.append(Kept(said["row"], said["run"], said["day"], said["where"], results_of(said["results"])))
        return found

    def add(self, measured: Kept) -> None:
        """Keep a row, so that a power cut does not lose it."""
        text = self._text()
        ended = "\n" if text and not text.endswith("\n") else ""
        line = json.dumps({**asdict(measured), "results": told(measured.results)})
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{ended}{line}\n")
            file.flush()
            os.fsync(file.fileno())

    def _text(self) -> str:
        return self._path.read_text(encoding="utf-8") if self._path.exists() else ""


def newest(kept: Iterable[Kept]) -> dict[str, Kept]:
    """Of each row what was measured last."""
    return {each.row: each for each in kept}


def left_of_run(kept: Sequence[Kept], names: Sequence[str], where: str) -> tuple[int, list[str]]:
    """The run to go on with, and the names of the rows that it has not measured yet.

    A run that is whole, or that was begun on another machine or with other versions, is followed by a new one.
    """
    run = max((each.run for each in kept), default=0)
    of_run = [each for each in kept if run and each.run == run]
    left = [name for name in names if name not in {each.row for each in of_run}]
    if not of_run or not left or any(each.where != where for each in of_run):
        return run + 1, list(names)
    return run, left
