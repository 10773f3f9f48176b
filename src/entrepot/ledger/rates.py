"""Reference rates of the European Central Bank, shipped; the source is named wherever a rate is used.

Rates are units of a currency per euro on the days the bank published; a day without one uses the last day before it.
"""

from __future__ import annotations

import io
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

_E6 = 1_000_000
_EXACT = pa.decimal128(28, 10)

STALE_AFTER_DAYS = 400
"""A rate is used for so many days and no longer; then the currency has none, and the exception `fx_missing` says so."""


@lru_cache(maxsize=1)
def rate_rows() -> pa.Table:
    """The table `fx_rates`: currency, day, units per euro times 1,000,000; the euro itself is 1."""
    published = _published()
    days = published["Date"]
    parts = []
    for currency in published.column_names[1:]:
        known = published[currency].is_valid()
        parts.append(_rows(currency, days.filter(known), published[currency].filter(known)))
    return pa.concat_tables(parts).combine_chunks()


@lru_cache(maxsize=1)
def rates_by_day() -> pa.Table:
    """The relation `fx_days`: each currency on each day, with the rate of the last day that has one."""
    published = _published()
    first, last = published["Date"][0].as_py(), newest_rate_day()
    count = (last - first).days + STALE_AFTER_DAYS + 1
    days = pa.array([first + timedelta(days=number) for number in range(count)], pa.date32())
    places = pc.index_in(days, value_set=published["Date"].combine_chunks())
    parts = []
    for currency in published.column_names[1:]:
        rates = published[currency].combine_chunks().take(places)
        dated = pc.if_else(rates.is_valid(), days, pa.scalar(None, pa.date32()))
        rates, dated = pc.fill_null_forward(rates), pc.fill_null_forward(dated)
        fresh = pc.less_equal(pc.subtract(days.cast(pa.int32()), dated.cast(pa.int32())), STALE_AFTER_DAYS)
        table = pa.table(
            {
                "currency": pa.array([currency] * count, pa.string()),
                "on_day": days,
                "rate_on": dated,
                "per_euro_e6": rates,
            }
        )
        parts.append(table.filter(fresh))
    return pa.concat_tables(parts).combine_chunks()


def newest_rate_day() -> date:
    """The last day with a shipped rate."""
    newest = _published()["Date"][-1].as_py()
    assert isinstance(newest, date), "rates have days"
    return newest


def rated_currencies() -> frozenset[str]:
    """Currencies that have a rate on some day."""
    return frozenset(_published().column_names[1:])


@lru_cache(maxsize=1)
def _published() -> pa.Table:
    """One row per day with rates, earliest first: `Date`, and per currency its rate times 1,000,000 or null."""
    packed = resources.files("entrepot.ledger").joinpath("data", "ecb_reference_rates.csv.gz").read_bytes()
    texts = csv.read_csv(
        pa.CompressedInputStream(io.BytesIO(packed), "gzip"),
        convert_options=csv.ConvertOptions(default_column_type=pa.string(), strings_can_be_null=True, null_values=[""]),
    )
    columns = {"Date": texts["Date"].cast(pa.date32())}
    for currency in texts.column_names[1:]:
        exact = pc.multiply(texts[currency].cast(_EXACT), pa.scalar(_E6, pa.decimal128(8, 0)))
        columns[currency] = pc.trunc(exact).cast(pa.int64())
    columns["EUR"] = pa.chunked_array([pa.array([_E6] * texts.num_rows, pa.int64())])
    return pa.table(columns).sort_by("Date")


def _rows(currency: str, days: pa.ChunkedArray, rates: pa.ChunkedArray) -> pa.Table:
    count = len(days)
    return pa.table(
        {
            "currency": pa.array([currency] * count, pa.string()),
            "rate_on": days,
            "per_euro_e6": rates,
            "rate_source": pa.array(["ECB"] * count, pa.string()),
        }
    )
