"""Kills a process at each call that changes files, in turn, and looks at what is left: run by `test_log.py`.

Each death happens in a forked child; the parent opens the log again and says what it found, one JSON line per place.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from entrepot.residency.notes import signing_key
from entrepot.residency.transferlog import TransferLog

ORIGIN = "entrepot.example/cn/transfers"
CALLS = ("fsync", "replace", "unlink", "rmdir", "mkdir")
BEFORE, NEW = 250, 270
"""The second append fills a tile, starts the next one and the next level."""


def dying(at: int, work: Callable[[], object]) -> int:
    """Run the work in a child that dies before its call number `at`, or in the middle of a write; its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    count = 0

    def watched(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            nonlocal count
            if count == at:
                os._exit(9)
            count += 1
            return call(*given, **named)

        return counted

    for name in CALLS:
        setattr(os, name, watched(name, getattr(os, name)))
    plain = Path.touch
    Path.touch = watched("touch", plain)  # type: ignore[method-assign]
    work()
    os._exit(0)


def main(base: Path) -> None:
    key = signing_key(base / "keys", ORIGIN)
    old = [f"old {number}".encode() for number in range(BEFORE)]
    new = [f"new {number}".encode() for number in range(NEW)]
    place = 0
    while True:
        folder = base / str(place)
        first = dying(place, lambda: TransferLog.open(folder, ORIGIN, key))  # noqa: B023 run at once
        log = TransferLog.open(folder, ORIGIN, key)
        made = log.size
        log.append(old)
        second = dying(place, lambda: TransferLog.open(folder, ORIGIN, key).append(new))  # noqa: B023
        if place % 2:
            log = TransferLog.open(folder, ORIGIN, key)
        # Else the log that was open all the time goes on, as another process would.
        kept = log.size
        log.append([b"after"])
        found = log.entries(0, log.size)
        known = old + (new if kept > BEFORE else []) + [b"after"]
        names = [path for path in folder.rglob("*") if path.name.endswith(".new") or path.name == "writing"]
        partial = sorted(path.relative_to(folder).as_posix() for path in folder.glob("tile/*/*.p/*"))
        told = [place, first, made, second, kept, found == known, [path.name for path in names], partial]
        sys.stdout.write(json.dumps(told) + "\n")
        if first == second == 0:
            return
        place += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]))
