"""Processor seconds of a client that reads a whole shop by API: ours beside what other tools' SDKs make of it.

    python -m bench.extraction --orders 6000 --runs 3

The shop is a simulated Tmall in a process of its own: signed forms, a list by time of change, each order by its id.
Every client is a process of its own too, whose whole life counts, imports and writing included; not the shop's. Ours
keeps limits, windows, versions, raw pages and tables that readers see, with entries or without; two taps print records
into a file, dlt writes Parquet. Each has to have every order, and no other, before its seconds count. The shop rests
while it is read, so that the others, which read pages forwards, have a chance to be complete.

Ours asks for twenty orders in one request, as the platform takes them; the SDKs have no such thing, so their taps ask
for one. Ours has a second of costs that do not grow: the fewer orders, the worse it looks.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import duckdb

from bench.result import Result
from entrepot.assembly import open_cell
from entrepot.connectors.live.contract import Listed
from entrepot.connectors.tmall.api import TRADES
from entrepot.connectors.tmall.client import TYPES, TmallClient
from entrepot.flows.asking import select_rows
from entrepot.sandbox.http import Sandbox, SandboxServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

_ROOT = Path(__file__).parent.parent
_PLATFORM = "tmall"
_DAY_S = 86_400
_DAYS = 3
_AGE_DAYS = 7
"""Lives of orders end two days after the last one was placed: nothing changes any more."""
_PREFIX = "BENCH"
_CELL = """
[cell]
region = "CN"
[[entities]]
id = "main"
[[shops]]
shop = "s"
channel = "tmall"
entity = "main"
[[connections]]
shop = "s"
channel = "tmall"
region = "CN"
gateway = "{gateway_url}"
credentials = "env"
env_prefix = "BENCH"
calls_per_s = 1000
"""


@dataclass(frozen=True, slots=True)
class _Shop:
    """A shop that is up.

    Attributes:
        connection: Address and secrets.
        since_s: When its first order was placed.
        order_ids: Of all orders.
    """

    connection: dict[str, str]
    since_s: int
    order_ids: frozenset[str]


def _serve(pipe: Connection, orders: int, since_s: int) -> None:
    sandbox = Sandbox((_PLATFORM,), 5, orders, _DAYS, start_s=since_s, begin_days=_AGE_DAYS)
    with SandboxServer(sandbox) as server:
        pipe.send((server.base_url, sandbox.connections(server.base_url)[_PLATFORM]))
        pipe.recv()


@contextmanager
def _shop(orders: int) -> Iterator[_Shop]:
    since_s, (here, there) = int(time.time()) - _AGE_DAYS * _DAY_S, multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(there, orders, since_s), daemon=True)
    process.start()
    url, connection = here.recv()
    with urlopen(f"{url}/sandbox/truth/{_PLATFORM}") as answer:
        known = frozenset(str(each["order_id"]) for each in json.load(answer)["orders"])
    assert len(known) == orders, "the shop has every order from the start"
    yield _Shop(connection, since_s, known)
    here.send("stop")
    process.join()


def _spent(command: list[str], printed: Path, added: dict[str, str] | None = None) -> float:
    """Processor seconds of a process and of those it waited for."""
    # Nobody translates his modules anew each time.
    around = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with printed.open("wb") as out, printed.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(command, cwd=_ROOT, stdout=out, stderr=log, env={**around, **(added or {})})
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    told = printed.with_suffix(".log").read_text(encoding="utf-8", errors="replace")[-2_000:]
    assert process.returncode == 0, f"{command[:3]} ended with {process.returncode}: {told}"
    return used.ru_utime + used.ru_stime


def _assert_whole(found: list[str], shop: _Shop) -> None:
    assert len(found) == len(shop.order_ids), f"{len(found)} orders instead of {len(shop.order_ids)}"
    assert set(found) == shop.order_ids, "other orders than the shop has"


def ours(shop: _Shop, folder: Path, *, books: bool) -> float:
    """Processor seconds of ours: extracted and published, with entries or without."""
    (folder / "cell.toml").write_text(_CELL.format(**shop.connection), encoding="utf-8")
    secrets = {f"{_PREFIX}_{name.upper()}": value for name, value in shop.connection.items() if name != "gateway_url"}
    command = [".venv/bin/python", "-m", "bench.taps.ours", str(folder), str(shop.since_s)]
    spent = _spent([*command, "--books"] if books else command, folder / "printed", secrets)
    _assert_whole(select_rows(open_cell(folder), "select order_id from orders").column("order_id").to_pylist(), shop)
    return spent


def singer(shop: _Shop, folder: Path) -> float:
    """Processor seconds of a Singer tap that prints records."""
    tap = [".venv-singer/bin/python", "-m", "bench.taps.singer", "--config", str(_config(shop, folder))]
    spent = _spent(tap, folder / "printed")
    lines = (json.loads(line) for line in (folder / "printed").open(encoding="utf-8"))
    _assert_whole([str(line["record"]["tid"]) for line in lines if line["type"] == "RECORD"], shop)
    return spent


def airbyte(shop: _Shop, folder: Path) -> float:
    """Processor seconds of an Airbyte source that prints records."""
    stream = {"name": "trades", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    chosen = {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"}
    catalog = folder / "catalog.json"
    catalog.write_text(json.dumps({"streams": [chosen]}), encoding="utf-8")
    source = [".venv-airbyte/bin/python", "-m", "bench.taps.airbyte", "read", "--catalog", str(catalog)]
    spent = _spent([*source, "--config", str(_config(shop, folder))], folder / "printed")
    lines = (json.loads(line) for line in (folder / "printed").open(encoding="utf-8"))
    _assert_whole([str(line["record"]["data"]["tid"]) for line in lines if line["type"] == "RECORD"], shop)
    return spent


def dlt(shop: _Shop, folder: Path) -> float:
    """Processor seconds of dlt's REST source into Parquet files."""
    out = folder / "out"
    command = [".venv-dlt/bin/python", "-m", "bench.taps.dlt_rest", str(_config(shop, folder)), str(out)]
    spent = _spent(command, folder / "printed")
    query = f"select cast(tid as varchar) from read_parquet('{out}/canonical/trades/*.parquet')"
    _assert_whole([row[0] for row in duckdb.execute(query).fetchall()], shop)
    return spent


def _config(shop: _Shop, folder: Path) -> Path:
    """What the others are told; they ask for the same fields and kinds of trades as ours."""
    fields = TmallClient().detail_call(TRADES, Listed("0", "")).params["fields"]
    told = {**shop.connection, "since_s": shop.since_s, "days": _AGE_DAYS, "fields": fields, "types": TYPES}
    target = folder / "config.json"
    target.write_text(json.dumps(told), encoding="utf-8")
    return target


_OTHERS: tuple[tuple[str, Callable[[_Shop, Path], float], float], ...] = (
    ("a Singer SDK tap that only prints (bench/taps/singer.py)", singer, 0.5),
    ("an Airbyte CDK source that only prints (bench/taps/airbyte.py)", airbyte, 0.5),
    ("dlt's REST source to Parquet, which decides nothing (bench/taps/dlt_rest.py)", dlt, 0.333),
)
_OURS = (("canonical tables", False), ("canonical tables and entries", True))


def measure(orders: int = 6_000, runs: int = 5) -> list[Result]:
    """Processor seconds in turns: ours with and without entries, then each of the others.

    Raises:
        FileNotFoundError: An environment is missing; `make bench` makes them.
    """
    ours_spent: dict[str, list[float]] = {what: [] for what, _ in _OURS}
    others_spent: dict[str, list[float]] = {title: [] for title, _, _ in _OTHERS}
    with _shop(orders) as shop:
        for _ in range(runs):
            for what, books in _OURS:
                with tempfile.TemporaryDirectory() as folder:
                    ours_spent[what].append(ours(shop, Path(folder), books=books))
            for title, client, _ in _OTHERS:
                with tempfile.TemporaryDirectory() as folder:
                    others_spent[title].append(client(shop, Path(folder)))
    return [
        Result(
            f"{orders:,} orders by API to {what}, seconds of processor",
            title,
            tuple(ours_spent[what]),
            tuple(others_spent[title]),
            # Promised for tables; entries are more than any of the others makes.
            None if books else budget,
        )
        for what, books in _OURS
        for title, _, budget in _OTHERS
    ]


def main() -> None:
    """Measure and print."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--orders", type=int, default=6_000)
    reader.add_argument("--runs", type=int, default=5)
    given = reader.parse_args()
    for result in measure(given.orders, given.runs):
        result.say()


if __name__ == "__main__":
    main()
