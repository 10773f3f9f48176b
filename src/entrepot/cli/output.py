"""Printing: tables for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import json
import math
import sys
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from entrepot.errors import EntrepotError
    from entrepot.reports import Vocabulary

_FILE_WIDTH = 180
"""Columns when the output is no terminal: wide enough for a P&L of a dozen shops."""

console = Console(highlight=False, width=None if sys.stdout.isatty() else _FILE_WIDTH)
errors = Console(stderr=True, highlight=False)


def plain(value: object) -> object:
    """A value as JSON has it: decimals that are whole become integers, instants and days ISO text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value


def print_json(value: object, to: TextIO | None = None) -> None:
    """Print a value as JSON, Chinese text readable; on stdout where nothing else is said."""
    text = json.dumps(_finite(value), ensure_ascii=False, indent=1, default=plain, allow_nan=False)
    (to or sys.stdout).write(text + "\n")


def _finite(value: object) -> object:
    """JSON has no infinity and no NaN: they become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return value


def print_csv(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> None:
    """Print rows as CSV with a header."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([plain(row[column]) for column in columns] for row in rows)


def print_error(error: EntrepotError, *, as_json: bool) -> None:
    """Say what went wrong and what to do, on stderr."""
    if as_json:
        print_json({"error": {"code": error.code, "message": str(error)}}, sys.stderr)
    else:
        errors.print(f"error: {error}", style="red", markup=False, soft_wrap=True)


def money(minor: int | None, currency: str | None) -> str:
    """An amount with thousands separators and the currency's decimals; empty for none."""
    if minor is None:
        return ""
    digits = minor_digits(currency or "CNY")
    whole, part = divmod(abs(minor), 10**digits)
    return f"{'-' if minor < 0 else ''}{whole:,}" + (f".{part:0{digits}d}" if digits else "")


def texts(rows: Iterable[Mapping[str, object]], columns: Sequence[str], say: Vocabulary) -> list[list[str]]:
    """Cells as text; `*_minor` columns as money of the row's `currency`, codes as people call them.

    `functional_minor` is money of the row's `functional_currency`, which may have other decimals.
    """
    printed = []
    for row in rows:
        cells = []
        for column in columns:
            value = row[column]
            if column.endswith("_minor") and (value is None or isinstance(value, int)):
                of = "functional_currency" if column == "functional_minor" else "currency"
                cells.append(money(value, str(row.get(of) or row.get("currency") or "CNY")))
            elif isinstance(value, str):
                cells.append(say.shown(column, value))
            else:
                cells.append("" if value is None else str(plain(value)))
        printed.append(cells)
    return printed
