"""The shipped chart of accounts and policies."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Account:
    """One account.

    Attributes:
        account: Code.
        kind: asset, liability, equity, income, expense, suspense.
        pnl_line: Line of the P&L it belongs to, or empty.
        is_monetary: yes where it holds money, claims or debts, which a period's end values at its rate.
        settles_by_order: yes where each order brings it back to nothing.
        name_zh: Chinese name.
        name_en: English name.
    """

    account: str
    kind: str
    pnl_line: str
    is_monetary: str
    settles_by_order: str
    name_zh: str
    name_en: str


def read_data(name: str) -> list[dict[str, str]]:
    """Rows of a CSV file shipped with the ledger."""
    text = resources.files("entrepot.ledger").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@lru_cache(maxsize=1)
def accounts() -> tuple[Account, ...]:
    """The chart, in the order of reports."""
    return tuple(Account(**row) for row in read_data("accounts.csv"))
