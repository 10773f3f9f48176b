"""From an event at a marketplace to its canonical row, while orders come in: the sandbox beside `sync watch`.

python -m bench.freshness --rate 50 --seconds 60

The marketplace runs in a process of its own. An order counts as there when a reader of the published snapshot sees it,
which is asked after every look. Prints seconds, for here the seconds are the promise: p95 under ten.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

from bench.result import Figure
from entrepot.assembly import open_cell
from entrepot.flows import syncing
from entrepot.flows.asking import select_rows
from entrepot.sandbox.http import Sandbox, SandboxServer
from entrepot.sandbox.http.world import Event, LiveOrder, LiveWorld
from entrepot.store import CredentialStore
from entrepot.store.credentials import PASSPHRASE

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from entrepot.flows.parts import CellParts

PLATFORM = "tmall"
BUDGET_S = 10.0
_QUIET_S = 20
"""The first orders come so long after the start: the shop's past is read before."""
_PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Freshness:
    """What was measured.

    Attributes:
        orders: Orders that came.
        rate: Orders a second.
        past: Orders that were there before.
        ages_s: Seconds from event to row, least first.
        looks_s: Seconds of each look that brought something.
    """

    orders: int
    rate: float
    past: int
    ages_s: tuple[float, ...]
    looks_s: tuple[float, ...]

    @property
    def p95_s(self) -> float:
        """Seconds that 95 of 100 orders stay under."""
        return self.ages_s[int(len(self.ages_s) * 0.95)]

    def sentence(self) -> str:
        """For the page."""
        middle, look = statistics.median(self.ages_s), statistics.median(self.looks_s)
        return (
            f"From an order at the marketplace to its published row: {middle:.1f} s in the middle, "
            f"**{self.p95_s:.1f} s for 95 of 100** (budget {BUDGET_S:g}), with {self.orders:,} orders at {self.rate:g} "
            f"a second beside {self.past:,} earlier ones; {len(self.looks_s)} looks of {look:.1f} s each."
        )


def _world(rate: float, seconds: int, past: int, start_s: int) -> LiveWorld:
    """Orders that were paid within the hour before, then so many a second."""
    drawn = LiveWorld(5, past + int(rate * seconds), start_s, 1).made

    def at(number: int) -> int:
        if number < past:
            return start_s - 3_600 + number * 3_500 // past
        return start_s + _QUIET_S + int((number - past) / rate)

    made: list[LiveOrder] = []
    for number, order in enumerate(drawn):
        placed = at(number)
        made.append(replace(order, events=(Event("placed", placed, placed), Event("paid", placed, placed))))
    return LiveWorld(5, 0, start_s, 1, made=made)


def _serve(pipe: Connection, rate: float, seconds: int, past: int, start_s: int) -> None:
    sandbox = Sandbox((PLATFORM,), 5, start_s=start_s, worlds={PLATFORM: _world(rate, seconds, past, start_s)})
    with SandboxServer(sandbox) as server:
        pipe.send((server.base_url, sandbox.connections(server.base_url)[PLATFORM]))
        pipe.recv()


def _cell(home: Path, connection: dict[str, str]) -> CellParts:
    home.joinpath("cell.toml").write_text(
        '[cell]\nregion = "CN"\n[[entities]]\nid = "main"\n'
        f'[[shops]]\nshop = "s"\nchannel = "{PLATFORM}"\nentity = "main"\n'
        f'[[connections]]\nshop = "s"\nchannel = "{PLATFORM}"\nregion = "CN"\ngateway = "{connection["gateway_url"]}"\n'
        'credentials = "file"\ncalls_per_s = 1000\n',
        encoding="utf-8",
    )
    parts = open_cell(home)
    kept = {name: value for name, value in connection.items() if name != "gateway_url"}
    CredentialStore(parts.layout, "s", "file").write(kept)
    return parts


def measure(rate: float = 50, seconds: int = 60, past: int = 2_000) -> Freshness:
    """Look again and again while orders come, as `sync watch --every 1` does."""
    os.environ.setdefault(PASSPHRASE, "bench")
    start_s, (here, there) = int(time.time()), multiprocessing.Pipe()
    shop = multiprocessing.Process(target=_serve, args=(there, rate, seconds, past, start_s), daemon=True)
    shop.start()
    url, connection = here.recv()
    seen: dict[str, float] = {}
    looks: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        parts = _cell(Path(folder), connection)
        wanted = past + int(rate * seconds)
        while len(seen) < wanted and time.time() < start_s + _QUIET_S + seconds + _PATIENCE_S:
            began = time.time()
            syncing.extract(parts, "s", start_s - 4_000, only=("orders", "refunds"))
            if syncing.publish_pending(parts) is None:
                time.sleep(0.2)
                continue
            looks.append(time.time() - began)
            rows = select_rows(parts, "select order_id from orders").column("order_id").to_pylist()
            seen |= dict.fromkeys((order for order in rows if order not in seen), time.time())
    with urlopen(f"{url}/sandbox/truth/{PLATFORM}") as answer:
        placed = {each["order_id"]: each["placed_at"] for each in json.load(answer)["orders"]}
    here.send("stop")
    shop.join()
    came = [order for order, at in placed.items() if at >= start_s + _QUIET_S]
    missing = [order for order in came if order not in seen]
    assert not missing, f"{len(missing)} orders never came"
    ages = tuple(sorted(seen[order] - placed[order] for order in came))
    return Freshness(len(came), rate, past, ages, tuple(looks[1:]))


def measure_runs(rate: float = 50, seconds: int = 60, past: int = 2_000, runs: int = 5) -> list[Figure]:
    """The middle and the slow end of several such hours of a shop."""
    found = [measure(rate, seconds, past) for _ in range(runs)]
    shop = f"{rate:g} orders a second for {seconds} s beside {past:,} earlier ones"
    told = f"from an order at the marketplace to its published row, {shop}"
    return [
        Figure(f"{told}: 95 of 100 orders in", tuple(each.p95_s for each in found), "s", budget=BUDGET_S),
        Figure(f"{told}: half of them in", tuple(statistics.median(each.ages_s) for each in found), "s"),
    ]


def main() -> None:
    """Measure and print."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rate", type=float, default=50, help="orders a second")
    reader.add_argument("--seconds", type=int, default=60, help="so long they come")
    reader.add_argument("--past", type=int, default=2_000, help="orders that are there before")
    given = reader.parse_args()
    sys.stdout.write(measure(given.rate, given.seconds, given.past).sentence() + "\n")


if __name__ == "__main__":
    main()
