"""Reference rates of the European Central Bank, shipped; the source is named wherever a rate is used.

Rates are units of a currency per euro on the days the bank published; a day without one uses the last day before it.
"""

from __future__ import annotations

import csv
import gzip
import io
from datetime import date
from functools import lru_cache
from importlib import resources

import pyarrow as pa

_E6 = 1_000_000
_NEVER = date(9999, 12, 31)


@lru_cache(maxsize=1)
def rate_rows() -> pa.Table:
    """The table `fx_rates`: currency, day, units per euro times 1,000,000; the euro itself is 1."""
    packed = resources.files("entrepot.ledger").joinpath("data", "ecb_reference_rates.csv.gz").read_bytes()
    currencies: list[str] = []
    days: list[date] = []
    rates: list[int] = []
    for row in csv.DictReader(io.StringIO(gzip.decompress(packed).decode("ascii"))):
        day = date.fromisoformat(row["Date"])
        for currency, text in row.items():
            if currency and currency != "Date" and text:
                currencies.append(currency)
                days.append(day)
                rates.append(_e6(text))
        currencies.append("EUR")
        days.append(day)
        rates.append(_E6)
    return pa.table(
        {
            "currency": pa.array(currencies, pa.string()),
            "rate_on": pa.array(days, pa.date32()),
            "per_euro_e6": pa.array(rates, pa.int64()),
            "rate_source": pa.array(["ECB"] * len(days), pa.string()),
        }
    )


def _e6(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * _E6 + int((part + "000000")[:6])


@lru_cache(maxsize=1)
def rate_spans() -> pa.Table:
    """The relation `fx_days`: each rate with the first day on which it no longer holds."""
    rows = rate_rows().to_pylist()
    rows.sort(key=lambda row: (row["currency"], row["rate_on"]))
    ends = []
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        same = after is not None and after["currency"] == row["currency"]
        ends.append(after["rate_on"] if after is not None and same else _NEVER)
    return pa.table(
        {
            "currency": pa.array([row["currency"] for row in rows], pa.string()),
            "rate_on": pa.array([row["rate_on"] for row in rows], pa.date32()),
            "next_on": pa.array(ends, pa.date32()),
            "per_euro_e6": pa.array([row["per_euro_e6"] for row in rows], pa.int64()),
        }
    )


def newest_rate_day() -> date:
    """The last day with a shipped rate."""
    newest = max(rate_rows()["rate_on"].to_pylist())
    assert isinstance(newest, date), "rates have days"
    return newest
