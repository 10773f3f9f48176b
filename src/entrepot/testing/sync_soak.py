"""Every platform through ten days with a great sale among them, every fault on: the tables equal the truth in the end.

    python -m entrepot.testing.sync_soak --platform tmall --days 10 --orders 300 --seed 1

    plain        one process syncs every few hours
    two          two processes on one shop, each of which also publishes
    killed       the same two, each killed (SIGKILL) again and again after some seconds, and started anew

Orders of half the shop come in the first hours of 11.11. A line of the log for each platform and way; a run that was
stopped goes on behind it. What it does not prove: that platforms behave as their manuals say. Fields that change their
names or types are not among the faults here, for what they spoil is quarantined until a mapping is mended.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import mmap
import os
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import httpx

from entrepot.connectors.live.errors import AnswerUnreadable
from entrepot.errors import Transient
from entrepot.flows import syncing
from entrepot.sandbox.http import SandboxServer
from entrepot.sandbox.http.server import PLATFORMS, START_S
from entrepot.testing.connector_suite import (
    HEALING_FAULTS,
    PASSPHRASE,
    Trial,
    differences,
    never_fired,
    publish_tables,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.flows.parts import CellParts

__all__ = ["ORDERED", "WAYS", "main"]

ORDERED = tuple(sorted(name for name, kind in PLATFORMS.items() if kind.has_orders))
WAYS = ("plain", "two", "killed")
_HOUR, _DAY = 3_600, 86_400
_SALE_S = START_S + 10 * _DAY
"""2026-11-11 00:00:00 in Beijing."""
_AFTER_S = 2 * _HOUR
_AGAIN_MAX, _PAUSE_S = 50, 120.0
_SHOWN_MAX = 20


@dataclass(frozen=True)
class Asked:
    """One run of the soak; two with the same fields are the same run.

    Attributes:
        platform: Whose shop.
        way: One of `WAYS`.
        days: Days on which orders are placed; the last but one is the sale.
        orders: Orders of the shop.
        seed: Of everything but the moments of death, which real time decides.
        kills: So often a process dies.
    """

    platform: str
    way: str
    days: int
    orders: int
    seed: int
    kills: int

    def trial(self, home: Path) -> Trial:
        """The shop, its windows and pages as small as in the tests of the connector."""
        busy = PLATFORMS[self.platform].busy
        return Trial(
            self.platform,
            home,
            HEALING_FAULTS,
            self.seed,
            self.orders,
            self.days,
            page_rows=busy.page_rows,
            span_s=busy.span_hours * _HOUR,
            start_s=_SALE_S - max(self.days - 2, 0) * _DAY,
            rush_s=_SALE_S,
        )

    @property
    def step_s(self) -> int:
        """Simulated time between two looks of one process."""
        return max(PLATFORMS[self.platform].busy.span_hours, 8) * _HOUR


class SharedClock:
    """A clock whose waits pass at once, for every process that looks at it: limits are told by one time.

    Args:
        path: Where the waits so far are kept. Two that wait at the same instant may count once; nobody depends on it.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(struct.pack("d", 0.0))
        with path.open("r+b") as file:
            self._waited = mmap.mmap(file.fileno(), 8)

    def now_s(self) -> float:
        """Unix seconds, waits included."""
        return time.time() + float(struct.unpack_from("d", self._waited)[0])

    def sleep(self, seconds: float) -> None:
        """Let the time pass without waiting."""
        struct.pack_into("d", self._waited, 0, self.now_s() - time.time() + seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do the runs that are not in the log yet; 1 where one of any run differs from the truth."""
    parser = argparse.ArgumentParser(prog="python -m entrepot.testing.sync_soak")
    parser.add_argument("--platform", action="append", choices=ORDERED, help="all where none is named")
    parser.add_argument("--way", action="append", choices=WAYS, help="all where none is named")
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--log", type=Path, default=Path(".soak-sync.jsonl"))
    parser.add_argument("--work", nargs=2, metavar=("HOME", "URL"), help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    runs = [
        Asked(platform, way, chosen.days, chosen.orders, chosen.seed, chosen.kills if way == "killed" else 0)
        for platform in chosen.platform or ORDERED
        for way in chosen.way or WAYS
    ]
    os.environ.setdefault(PASSPHRASE, "only for the soak")
    if chosen.work:
        home, url = chosen.work
        sync_to_the_end(runs[0], runs[0].trial(Path(home)).opened(), url)
        return 0
    lines = chosen.log.read_text(encoding="utf-8").splitlines() if chosen.log.exists() else []
    done = {Asked(**each["asked"]): each for each in map(json.loads, lines)}
    for asked in runs:
        if asked not in done:
            done[asked] = {"asked": asdict(asked), **_run(asked)}
            with chosen.log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(done[asked], ensure_ascii=False) + "\n")
        _tell(asked, done[asked])
    return int(any(done[asked]["wrong"] for asked in runs))


def _run(asked: Asked) -> dict[str, Any]:
    """One shop from its first order until nothing happens any more, and how its tables differ from the truth."""
    began = time.monotonic()
    # In memory, where there is such a place: thousands of small commits that wait for a disk prove nothing more here.
    memory = Path("/dev/shm")  # noqa: S108 a folder of our own in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        trial = asked.trial(Path(folder) / "cell")
        with SandboxServer(trial.sandbox()) as server:
            parts = trial.prepare(server)
            told = {"plain": _plain, "two": _two, "killed": _two}[asked.way](asked, trial, server.base_url)
            # One that nobody kills: it goes on from whatever the others left.
            sync_to_the_end(asked, parts, server.base_url)
            truth = server.sandbox.platforms[asked.platform].truth()
            wrong = differences(parts, truth)
            wrong += [f"{name} never happened" for name in sorted(never_fired(server.sandbox, asked.platform))]
            return {
                "wrong": len(wrong),
                "shown": wrong[:_SHOWN_MAX],
                "orders": len(truth["orders"]),
                "cases": len(truth["after_sales"]),
                "faults": dict(sorted(server.sandbox.dial.fired.items())),
                **told,
                "seconds": round(time.monotonic() - began),
            }


def sync_to_the_end(asked: Asked, parts: CellParts, url: str) -> int:
    """Look, publish, let time pass, until nothing happens any more; returns how often a look had to be repeated.

    What is told as passing is tried again, as `sync watch` does: that the other process publishes passes, and so does a
    row of faults longer than the tries of one call.
    """
    start_s, end_s = _advanced(url, 0, "start_s"), _advanced(url, 0, "end_s")
    clock, again = SharedClock(parts.layout.home.parent / "clock"), 0
    while True:
        at_s = _advanced(url, 0)
        try:
            syncing.extract(parts, "trial", start_s, clock=clock, refresh_now=at_s > end_s)
        except (Transient, AnswerUnreadable):
            again += 1
            if again > _AGAIN_MAX:
                raise
            clock.sleep(_PAUSE_S)
            continue
        with contextlib.suppress(Transient):
            publish_tables(parts)
        if at_s > end_s + _AFTER_S:
            return again
        _advanced(url, asked.step_s // (1 if asked.way == "plain" else 2))


def _plain(asked: Asked, trial: Trial, url: str) -> dict[str, Any]:
    return {"again": sync_to_the_end(asked, trial.opened(), url)}


def _two(asked: Asked, trial: Trial, url: str) -> dict[str, Any]:
    """Two processes; where kills are asked for, each dies after some seconds of work and another takes its place."""
    dice, kills = Random(asked.seed), 0  # noqa: S311 a choice of moments, no secret
    workers = {place: (_started(asked, trial, url), _death(dice)) for place in range(2)}
    try:
        while workers:
            time.sleep(0.1)
            for place, (worker, dies_at) in list(workers.items()):
                if worker.poll() is not None:
                    if worker.returncode:
                        message = f"a process of {asked} ended with {worker.returncode}"
                        raise RuntimeError(message)
                    del workers[place]
                elif kills < asked.kills and time.monotonic() > dies_at:
                    worker.kill()
                    worker.wait()
                    kills += 1
                    workers[place] = (_started(asked, trial, url), _death(dice))
    finally:
        for worker, _ in workers.values():
            worker.kill()
            worker.wait()
    return {"kills": kills}


def _death(dice: Random) -> float:
    """When a process dies: some seconds after it began, of which the first ones go by with its start."""
    return time.monotonic() + dice.uniform(1.5, 8.0)


def _started(asked: Asked, trial: Trial, url: str) -> subprocess.Popen[bytes]:
    named = {"platform": asked.platform, "way": asked.way, "days": asked.days, "orders": asked.orders}
    options = [text for name, value in named.items() for text in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "entrepot.testing.sync_soak", *options, "--work", str(trial.home), url]
    return subprocess.Popen(command)  # noqa: S603 our own interpreter on a folder of our own


def _advanced(url: str, seconds: int, what: str = "now_s") -> int:
    """Let time pass at the sandbox; the instant that its clock shows then, or another one of its world."""
    query = {"seconds": str(seconds)}
    said = httpx.get(f"{url}/sandbox/advance", params=query, trust_env=False, timeout=60).json()
    return int(said[what])


def _tell(asked: Asked, found: dict[str, Any]) -> None:
    told = f"{found['orders']} orders, {found['cases']} cases, {found.get('kills', 0)} kills, {found['seconds']} s"
    print(f"{asked.platform} {asked.way}, seed {asked.seed}: {told}; {found['wrong']} wrong", flush=True)  # noqa: T201
    for each in found["shown"]:
        print(f"    {each}", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
