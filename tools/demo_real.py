"""Real data through the product's own commands: a shipped month of UCI Online Retail, and sets beside the project.

Run by `make demo-real`. Per set: a company folder is made from `examples/`, `entrepot import` reads the files, and the
P&L, the GMV bridge and the exceptions are printed as a user sees them. A set whose files are not there is named and
left out: only the first one may be passed on.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

__all__ = ["SETS", "RealSet", "join_olist", "run_set"]

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
_REPORTS = (("report", "pnl", "--by", "shop"), ("report", "gmv-bridge"), ("report", "exceptions-summary"))


@dataclass(frozen=True, slots=True)
class RealSet:
    """One set of real files.

    Attributes:
        name: Folder below the output.
        title: What is printed above it.
        source: Files below the data folder, or below `examples/` for the shipped set.
        currency: Reporting currency.
        is_shipped: Whether the files are part of the project.
        declared: Declared formats, below `examples/`.
        settings: `cell.toml`, below `examples/`.
        prepare: Makes one importable file of the sources where they are not one.
    """

    name: str
    title: str
    source: tuple[str, ...]
    currency: str
    is_shipped: bool = False
    declared: tuple[str, ...] = ()
    settings: str = ""
    prepare: Callable[[list[Path], Path], Path] | None = None


def join_olist(sources: list[Path], target: Path) -> Path:
    """Olist's orders joined to their items, one row per item, as text: the data set keeps the two apart."""
    orders, items = (f"read_csv('{path}', all_varchar = true)" for path in sources)
    found = target / "olist_orders_and_items.csv"
    query = f"select o.*, i.* exclude (order_id), '1' as quantity from {orders} o join {items} i using (order_id)"
    duckdb.sql(f"copy ({query} order by order_id, order_item_id) to '{found}' (header)")
    return found


SETS = (
    RealSet(
        "online-retail",
        "UCI Online Retail, February 2011 (CC BY 4.0)",
        ("online-retail/online_retail_2011-02.csv.gz",),
        "GBP",
        is_shipped=True,
        declared=("online-retail/declared/online_retail.yaml",),
        settings="online-retail/cell.toml",
    ),
    RealSet(
        "tmall-2020",
        "A real Tmall order report, February 2020",
        ("orders-tmall-2020/tmall_order_report_2020-02-01_24.csv",),
        "CNY",
    ),
    RealSet(
        "olist",
        "Olist orders of 2017",
        ("orders-olist/orders_2017-01_2017-08.csv", "orders-olist/order_items_2017-01_2017-08.csv"),
        "BRL",
        declared=("real/olist_orders.yaml",),
        prepare=join_olist,
    ),
    RealSet(
        "supermarket",
        "Supermarket receipts in GBK, January 2017",
        ("orders-supermarket-gbk/order_stores_other.csv",),
        "CNY",
        declared=("real/supermarket_receipts.yaml",),
    ),
)


def run_set(one: RealSet, data: Path, out: Path, command: list[str]) -> Path | None:
    """Import one set and print its reports.

    Args:
        one: The set.
        data: Folder of the public files.
        out: Folder to write; what an earlier run left of this set is replaced.
        command: How `entrepot` is called.

    Returns:
        The HTML report, or None where the files are not there.
    """
    sources = [(EXAMPLES if one.is_shipped else data) / name for name in one.source]
    _say(f"\n=== {one.title}")
    if not all(path.is_file() for path in sources):
        _say("left out: its files are not there, and their licence does not let us ship them")
        return None
    home = out / one.name / "company"
    shutil.rmtree(home.parent, ignore_errors=True)
    (home / "declared").mkdir(parents=True)
    for name in one.declared:
        shutil.copy(EXAMPLES / name, home / "declared")
    if one.settings:
        shutil.copy(EXAMPLES / one.settings, home / "cell.toml")
    files = [one.prepare(sources, home.parent)] if one.prepare else sources
    _run(command, "import", *map(str, files), "--home", str(home))
    for words in _REPORTS:
        extra = ("--currency", one.currency) if "pnl" in words else ()
        _run(command, *words, *extra, "--home", str(home))
    page = home / "reports" / "report-en.html"
    _run(command, "report", "html", "--currency", one.currency, "--out", str(page), "--home", str(home))
    return page


def _run(command: list[str], *arguments: str) -> None:
    sys.stdout.flush()
    subprocess.run([*command, *arguments], check=True)


def _say(text: str) -> None:
    print(text, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run every set, or those named, and say where the pages are."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("demo-real"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the public files")
    parser.add_argument("--set", action="append", choices=[one.name for one in SETS], help="only this set")
    given = parser.parse_args(arguments)
    command = [sys.executable, "-m", "entrepot"]
    wanted = [one for one in SETS if not given.set or one.name in given.set]
    pages = {one.title: run_set(one, given.data, given.out, command) for one in wanted}
    _say("")
    for title, page in pages.items():
        _say(f"{page or 'left out'}   {title}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
