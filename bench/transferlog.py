"""The transfer log: verifying a long one beside bare hashing, and appending beside bare calls to `fsync`.

python -m bench.transferlog --leaves 1000000 --appends 2000 --runs 3
"""

from __future__ import annotations

import argparse
import base64
import gc
import hashlib
import os
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bench.result import Result
from entrepot.residency.notes import signing_key
from entrepot.residency.transferlog import TransferLog, entry_bytes
from entrepot_verify import public_key, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ORIGIN = "entrepot.example/cn/transfers"
_START = datetime(2026, 1, 1, tzinfo=UTC)
_HASH = "sha256:" + "ab" * 32
_LOT = 50_000
_ROUND = 100
_THREADS = 8


def _transfer(number: int) -> list[bytes]:
    """Intent and outcome of one transfer, as the gateway writes them."""
    transfer, at = f"{number:032x}", _START + timedelta(milliseconds=number)
    intent = entry_bytes(
        "intent",
        at,
        transfer=transfer,
        permit="cn-eu/order-totals",
        permit_hash=_HASH,
        profile="cn-2026.1",
        profile_hash=_HASH,
        recipient="eu",
        purpose="consolidation",
        route="cn.free",
        processor="main",
        year=2026,
        rows=20,
        classes={"operational": 20, "pseudonymous": 10},
        persons_before={"other": number, "sensitive": 0},
        persons_after={"other": number + 1, "sensitive": 0},
        sequence=number + 1,
        commitment={"alg": "hmac-sha256", "key_id": transfer, "value": "cd" * 32},
    )
    return [intent, entry_bytes("outcome", at, transfer=transfer, verdict="sent", envelope_hash=_HASH)]


def _lots(leaves: int) -> Iterator[list[bytes]]:
    for first in range(0, leaves // 2, _LOT // 2):
        yield [entry for number in range(first, min(first + _LOT // 2, leaves // 2)) for entry in _transfer(number)]


def _hashed(entries: list[bytes]) -> bytes:
    """The root by nothing but hashing, everything in memory."""
    sha256 = hashlib.sha256
    level = [sha256(b"\0" + entry).digest() for entry in entries]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(b"\1" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)] + odd
    return level[0]


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure_verifying(leaves: int = 1_000_000, runs: int = 3) -> Result:
    """Seconds to verify a log offline, and to hash its entries; both arrive at the same root first."""
    with tempfile.TemporaryDirectory() as name:
        log = TransferLog.open(Path(name) / "log", _ORIGIN, signing_key(Path(name), _ORIGIN))
        for lot in _lots(leaves):
            log.append(lot)
        entries, key = log.entries(0, leaves), public_key(str(log.key))
        report = verify(Path(name) / "log", key)
        assert report.is_whole, "the log is whole before any time counts"
        assert base64.b64decode(report.root) == _hashed(entries), "both arrive at the same root"
        ours, theirs = [], []
        for _ in range(runs):
            ours.append(_seconds(lambda: verify(Path(name) / "log", key)))
            theirs.append(_seconds(lambda: _hashed(entries)))
    return Result(
        f"`entrepot-verify` over {leaves:,} entries ({sum(map(len, entries)) / 1e6:.0f} MB): tree, entries, promises",
        "hashing the same leaves and nodes in memory (`hashlib` alone)",
        tuple(ours),
        tuple(theirs),
    )


def _bare(path: Path, entries: list[bytes]) -> None:
    with path.open("wb", buffering=0) as out:
        for entry in entries:
            out.write(entry)
            os.fsync(out.fileno())


def _in_rounds(log: TransferLog, entries: list[bytes]) -> None:
    for first in range(0, len(entries), _ROUND):
        log.append(entries[first : first + _ROUND])


def _one_by_one(log: TransferLog, entries: list[bytes]) -> None:
    for entry in entries:
        log.append([entry])


def _by_threads(log: TransferLog, entries: list[bytes]) -> None:
    threads = [threading.Thread(target=_one_by_one, args=(log, entries[at::_THREADS])) for at in range(_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measure_appending(appends: int = 2_000, runs: int = 5) -> list[Result]:
    """Seconds to append entries durably in three ways, each beside one bare write and `fsync` per entry."""
    entries = next(_lots(appends))
    ways = (
        (_in_rounds, f"append {appends:,} entries to the transfer log, {_ROUND} in a call"),
        (_by_threads, f"append {appends:,} entries one in a call, {_THREADS} threads at once"),
        (_one_by_one, f"append {appends:,} entries one in a call, one thread"),
    )
    results = []
    with tempfile.TemporaryDirectory() as name:
        key = signing_key(Path(name), _ORIGIN)
        for way, said in ways:
            ours, theirs = [], []
            for run in range(runs):
                log = TransferLog.open(Path(name) / f"{way.__name__}{run}", _ORIGIN, key)
                ours.append(_seconds(lambda: way(log, entries)))  # noqa: B023 run at once
                assert log.size == len(entries), "every entry was acknowledged"
                theirs.append(_seconds(lambda: _bare(Path(name) / "bare", entries)))
            results.append(
                Result(said, "as many bare writes to one file, each with `fsync`", tuple(ours), tuple(theirs))
            )
    return results


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--leaves", type=int, default=1_000_000)
    parser.add_argument("--appends", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=3)
    wanted = parser.parse_args()
    for result in (
        *measure_appending(wanted.appends, wanted.runs),
        measure_verifying(wanted.leaves, wanted.runs),
    ):
        result.say()
