"""`python -m entrepot.sandbox`: write the sample company and the figures that must come out of it."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from bisect import bisect_right
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from entrepot.sandbox import Expected, Rates, build_world, expected, write_files

_CODE = 3
"""Letters of a currency code; other columns of the table are no currencies."""


def main(arguments: list[str] | None = None) -> int:
    """Build, write, and print what was written."""
    parser = argparse.ArgumentParser(
        prog="python -m entrepot.sandbox",
        description="Write the sample company.",
        epilog="example: python -m entrepot.sandbox --seed 7 --orders 21000 --out company",
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--orders", type=int, default=21_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--reporting-currency", default="CNY")
    parser.add_argument(
        "--rates",
        type=Path,
        help="ECB reference rates as CSV (Date, then currencies); without it nothing is translated",
    )
    chosen = parser.parse_args(arguments)
    world = build_world(chosen.seed, chosen.orders)
    written = write_files(world, chosen.out)
    rates = rates_from_csv(chosen.rates.read_text(encoding="utf-8")) if chosen.rates else None
    figures = expected(world, chosen.reporting_currency, rates)
    content = {"files": [asdict(file) for file in written], **as_json(figures)}
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    (chosen.out / "expected.json").write_text(text, encoding="utf-8")
    out = sys.stdout
    for file in written:
        out.write(f"{file.rows:>7}  {file.role:<8} {file.path}\n")
    out.write(f"{len(world.orders)} orders, {len(world.movements)} movements, ")
    out.write(f"{len(figures.exceptions)} exceptions\n")
    return 0


def rates_from_csv(text: str) -> Rates:
    """Read a table of rates per euro; a day without one takes the last day before it."""
    by_currency: dict[str, list[tuple[date, int]]] = {}
    for row in csv.DictReader(text.splitlines()):
        day = date.fromisoformat(row["Date"])
        for currency, cell in row.items():
            if len(currency) == _CODE and cell and cell[0].isdigit():
                whole, _, rest = cell.partition(".")
                by_currency.setdefault(currency, []).append((day, int(whole + f"{rest:0<6}"[:6])))
    for table in by_currency.values():
        table.sort()

    def rate(currency: str, on: date) -> int:
        table = by_currency[currency]
        at = bisect_right(table, (on, 1 << 62)) - 1
        assert at >= 0, "the table has a rate on or before every day that is asked for"
        return table[at][1]

    return rate


def as_json(figures: Expected) -> dict[str, Any]:
    """The figures as JSON: keys of several parts are joined by a bar."""

    def joined(table: dict[Any, Any]) -> dict[str, Any]:
        return {"|".join(key): value for key, value in table.items()}

    return {
        "pnl": joined(figures.pnl),
        "pnl_by_sku": joined(figures.pnl_by_sku),
        "pnl_local": joined(figures.pnl_local),
        "gmv_bridge": joined(figures.gmv_bridge),
        "exceptions": sorted([kind, *key, amount, currency] for kind, key, amount, currency in figures.exceptions),
        "order_money": {"|".join(key): asdict(money) for key, money in figures.order_money.items()},
    }


if __name__ == "__main__":
    raise SystemExit(main())
