"""Files damaged at random, and a soak that imports them by the thousand: booked right, or named.

    python -m entrepot.testing.damage --files 100000 --workers 2

Half of the files are small Tmall lists and Alipay ledgers, whose totals a second reading with `csv` and `Decimal`
knows; the others are pages of the sample company's files of every format, of which it is held that no row is lost and
that nothing ends in a traceback.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from entrepot.assembly import open_cell
from entrepot.flows.asking import select_rows
from entrepot.flows.importing import import_paths
from entrepot.testing.sample_company import write_company
from entrepot.testing.small_files import Move, Sale, alipay_text, stated_minor, tmall_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.flows.parts import CellParts

__all__ = ["CELL", "DAMAGES", "check_batch", "damaged", "intact"]

CELL = """
[[entities]]
id = "ours"

[[shops]]
shop = "our shop"
channel = "tmall"
entity = "ours"

[[wallets]]
wallet = "our wallet"
shop = "our shop"
account = "20880000000000000156"
"""

DAMAGES = ("flip", "drop byte", "insert", "cut", "drop row", "repeat row", "swap cells")
"""What can happen to a file, once or twice."""

_INSERTED = b'",;\n\r\t\x00\xff-.0'
# Half of an import of two hundred files is what an import of none costs.
_BATCH = 1_000
_PAGE_LINES = 40
_LEDGER = (
    ("在线支付", 23_450, ""),
    ("其它", -1_175, "天猫佣金"),
    ("在线支付", 8_900, ""),
    ("交易退款", -4_700, ""),
    ("提现", -10_000, ""),
)


def intact(number: int) -> bytes:
    """A small file as the platform gives it, of orders that no other number has."""
    base = (3_000 + number) * 1_000_000_000_000
    if number % 2:
        moves = [
            Move(str(base + at), str(base + 900 + at), kind, minor, remark)
            for at, (kind, minor, remark) in enumerate(_LEDGER, start=1)
        ]
        return alipay_text(moves).encode("gb18030")
    return tmall_text([Sale(str(base + at), 10_000 + 77 * at, 100 * at, 50 * at) for at in range(1, 6)]).encode(
        "gb18030"
    )


def damaged(content: bytes, what: str, place: float, value: int) -> bytes:
    """A file after one mishap.

    Args:
        content: The file.
        what: One of `DAMAGES`.
        place: Where, from 0 to 1.
        value: The byte that comes in, or the cell that is exchanged.
    """
    at = int(place * len(content))
    within = {
        "flip": content[:at] + bytes([value]) + content[at + 1 :],
        "drop byte": content[:at] + content[at + 1 :],
        "insert": content[:at] + bytes([value]) + content[at:],
        "cut": content[: max(at, 1)],
    }
    if what in within:
        return within[what]
    lines = content.splitlines(keepends=True)
    row = int(place * len(lines))
    if what == "drop row":
        return b"".join(lines[:row] + lines[row + 1 :])
    if what == "repeat row":
        return b"".join(lines[: row + 1] + lines[row:])
    cells = lines[row].split(b",")
    cells[value % len(cells)], cells[-1] = cells[-1], cells[value % len(cells)]
    return b"".join([*lines[:row], b",".join(cells), *lines[row + 1 :]])


@dataclass(slots=True)
class Soaked:
    """What became of a batch.

    Attributes:
        statuses: Files by what the import said of them.
        silent: Files whose booked total is not what they say, although nothing was reported.
        crashes: Batches that ended in an error that is not ours.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)


def check_batch(parts: CellParts, contents: dict[str, bytes], *, known: frozenset[str] = frozenset()) -> Soaked:
    """Import files and compare what was booked with what they say.

    Args:
        parts: An empty cell.
        contents: Path to the bytes that stand there.
        known: Paths whose total the second reading does not know.
    """
    report = import_paths(parts, [Path(path) for path in contents])
    booked = {
        row["raw_id"]: int(row["n"])
        for row in select_rows(
            parts,
            """
        select raw_id, sum(goods_minor + shipping_minor) as n from orders group by 1
        union all select raw_id, sum(amount_minor) as n from settlement_lines group by 1""",
        ).to_pylist()
    }
    result = Soaked()
    assert {file.path for file in report.files} == set(contents), "every file is reported"
    for file in report.files:
        result.statuses[file.status] += 1
        told = file.error or file.quarantined or file.duplicates or [each for each in file.findings if not each.agrees]
        if told or file.path in known:
            continue
        # Nobody is told of anything, so the file must say what was booked, to whoever reads it.
        stated = stated_minor(contents[file.path].decode(file.encoding or "utf-8"))
        if booked.get(str(file.raw_id), 0) != stated:
            result.silent.append(file.path)
    return result


def _soak_batch(number: int, seed: int, pages: Sequence[bytes]) -> Soaked:
    dice = Random(f"{seed}:{number}")  # noqa: S311 repeatable chance, no secret
    with tempfile.TemporaryDirectory() as folder:
        contents: dict[str, bytes] = {}
        foreign: set[str] = set()
        for at in range(_BATCH):
            is_page = at % 2 == 1 and bool(pages)
            content = dice.choice(pages) if is_page else intact(number * _BATCH + at)
            for _ in range(dice.randint(1, 2)):
                what = dice.choice(DAMAGES)
                value = dice.choice(_INSERTED) if what == "insert" else dice.randrange(256)
                content = damaged(content, what, dice.random(), value)
            path = Path(folder) / f"file{at:03d}.csv"
            path.write_bytes(content)
            contents[str(path)] = content
            if is_page:
                foreign.add(str(path))
        home = Path(folder) / "home"
        home.mkdir()
        (home / "cell.toml").write_text(CELL, encoding="utf-8")
        try:
            result = check_batch(open_cell(home), contents, known=frozenset(foreign))
        except Exception as error:  # noqa: BLE001 a crash is what this looks for
            result = Soaked(crashes=[f"batch {number}: {type(error).__name__}: {error}"])
        result.silent = [f"batch {number}, {Path(path).name}" for path in result.silent]
        return result


def _pages(seed: int) -> list[bytes]:
    """The first lines of each text file of a small sample company."""
    with tempfile.TemporaryDirectory() as folder:
        files = [
            path for path in write_company(Path(folder), seed, 300).data_files() if path.suffix in (".csv", ".txt")
        ]
        return [b"".join(path.read_bytes().splitlines(keepends=True)[:_PAGE_LINES]) for path in sorted(files)]


def _kept(path: Path | None, seed: int) -> dict[int, Soaked]:
    """Batches of that seed and size that an earlier run finished; a last line that was cut off is done again."""
    done: dict[int, Soaked] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path and path.exists() else ():
        try:
            each = json.loads(line)
        except ValueError:
            continue
        if (each["seed"], each.get("files")) == (seed, _BATCH):
            done[each["batch"]] = Soaked(Counter(each["statuses"]), each["silent"], each["crashes"])
    return done


def _keep(path: Path | None, seed: int, batch: int, result: Soaked) -> None:
    if path is not None:
        told = {"files": _BATCH, "statuses": result.statuses, "silent": result.silent, "crashes": result.crashes}
        with path.open("a", encoding="utf-8") as log:
            log.write(json.dumps({"seed": seed, "batch": batch, **told}) + "\n")


def _soak(wanted: argparse.Namespace, batches: int) -> list[Soaked]:
    pages, done = _pages(wanted.seed), _kept(wanted.log, wanted.seed)
    results = [result for batch, result in done.items() if batch < batches]
    with ProcessPoolExecutor(wanted.workers) as pool:
        work = {
            pool.submit(_soak_batch, batch, wanted.seed, pages): batch for batch in range(batches) if batch not in done
        }
        for each in as_completed(work):
            results.append(each.result())
            _keep(wanted.log, wanted.seed, work[each], results[-1])
            sys.stderr.write(f"\r{len(results) * _BATCH:,} of {batches * _BATCH:,} files")
            sys.stderr.flush()
    return results


def main() -> None:
    """Soak: leave with 1 when a file was read wrong in silence or anything crashed."""
    parser = argparse.ArgumentParser(description="Import damaged files by the thousand.")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, help="results by batch as JSON lines; a later run goes on after them")
    wanted = parser.parse_args()
    batches, started = -(-wanted.files // _BATCH), time.monotonic()
    total = Soaked()
    for result in _soak(wanted, batches):
        total.statuses += result.statuses
        total.silent += result.silent
        total.crashes += result.crashes
    minutes = (time.monotonic() - started) / 60
    lines = (
        f"\n{batches * _BATCH:,} damaged files, seed {wanted.seed}, {minutes:.0f} minutes",
        ", ".join(f"{status} {count:,}" for status, count in sorted(total.statuses.items())),
        f"{len(total.crashes)} crashes, {len(total.silent)} silent changes of a total",
        *total.crashes,
        *total.silent,
    )
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(1 if total.crashes or total.silent else 0)


if __name__ == "__main__":
    main()
