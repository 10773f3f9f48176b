"""Reference rates of the European Central Bank, shipped; the source is named wherever a rate is used.

Rates are units of a currency per euro on the days the bank published; a day without one uses the last day before it.
"""

from __future__ import annotations

import io
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from entrepot.engine import parse
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from entrepot.engine import Engine

_E6 = 1_000_000
SHIPPED = "ecb"
"""Source of the shipped rates, as `fx_rate_id` names it."""
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
def shipped_by_day() -> pa.Table:
    """The relation `fx_days` from the shipped rates alone."""
    published = _published()
    first, last = published["Date"][0].as_py(), newest_rate_day()
    days = _days(first, last + timedelta(days=STALE_AFTER_DAYS))
    places = pc.index_in(days, value_set=published["Date"].combine_chunks())
    parts = []
    for currency in published.column_names[1:]:
        rates = published[currency].combine_chunks().take(places)
        dated = pc.if_else(rates.is_valid(), days, pa.scalar(None, pa.date32()))
        sources = pa.array([SHIPPED] * len(days), pa.string())
        parts.append(_fresh(currency, days, pc.fill_null_forward(rates), pc.fill_null_forward(dated), sources))
    return pa.concat_tables(parts).sort_by("on_day").combine_chunks()


def rates_by_day(listed: pa.Table | None = None) -> pa.Table:
    """The relation `fx_days`: each currency on each day, with the rate of the last day that has one.

    Args:
        listed: Rates of imported lists as rows of `fx_rates`; a list counts where it is newer than the shipped rates.
    Returns:
        currency, on_day, rate_on, per_euro_e6, rate_source; the days in order.
    """
    shipped = shipped_by_day()
    if listed is None or not listed.num_rows:
        return shipped
    last = max(pc.max(listed["rate_on"]).as_py(), newest_rate_day()) + timedelta(days=STALE_AFTER_DAYS)
    days = _days(pc.min(shipped["on_day"]).as_py(), last)
    listed = listed.sort_by([("currency", "ascending"), ("rate_on", "ascending"), ("rate_source", "ascending")])
    named = pc.unique(listed["currency"])
    parts = [shipped.filter(pc.invert(pc.is_in(shipped["currency"], value_set=named)))]
    for currency in named.to_pylist():
        ours = shipped.filter(pc.equal(shipped["currency"], currency))
        theirs = listed.filter(pc.equal(listed["currency"], currency))
        parts.append(_newer_of(currency, days, ours, theirs))
    return pa.concat_tables(parts).sort_by("on_day").combine_chunks()


def add_rates(engine: Engine, listed: pa.Table | None = None) -> None:
    """Name the rates of every day `fx_days` in an engine, the days in order; see `rates_by_day`.

    The engine's own table knows which days each part of it holds. Joining the Arrow table took a tenth of a small
    import, for all of the third of a million rows were looked at each time.
    """
    engine.add_arrow("fx_days_given", rates_by_day(listed))
    every = "select currency, on_day, rate_on, per_euro_e6, rate_source from fx_days_given"
    engine.define("fx_days", parse(every, source="rates by day"), materialise=True)
    engine.drop("fx_days_given")


def _newer_of(currency: str, days: pa.Array, ours: pa.Table, theirs: pa.Table) -> pa.Table:
    """One currency: on each day the rate that is newer, the shipped one where both are of one day."""
    columns = ("rate_on", "per_euro_e6", "rate_source")
    at_ours = pc.index_in(days, value_set=ours["on_day"].combine_chunks())
    own = [ours[name].combine_chunks().take(at_ours) for name in columns]
    at_theirs = pc.index_in(days, value_set=theirs["rate_on"].combine_chunks())
    other = [pc.fill_null_forward(theirs[name].combine_chunks().take(at_theirs)) for name in columns]
    newer = pc.fill_null(pc.greater(other[0], own[0]), fill_value=False)
    chosen = pc.or_(newer, pc.and_(other[0].is_valid(), own[0].is_null()))
    rate_on, rates, sources = (pc.if_else(chosen, two, one) for one, two in zip(own, other, strict=True))
    return _fresh(currency, days, rates, rate_on, sources)


def _fresh(currency: str, days: pa.Array, rates: pa.Array, dated: pa.Array, sources: pa.Array) -> pa.Table:
    """Rows of `fx_days` for one currency, without days whose last rate is too old."""
    age = pc.subtract(days.cast(pa.int32()), dated.cast(pa.int32()))
    table = pa.table(
        {
            "currency": pa.array([currency] * len(days), pa.string()),
            "on_day": days,
            "rate_on": dated,
            "per_euro_e6": rates,
            "rate_source": sources,
        }
    )
    return table.filter(pc.fill_null(pc.less_equal(age, STALE_AFTER_DAYS), fill_value=False))


def _days(first: date, last: date) -> pa.Array:
    return pa.array([first + timedelta(days=number) for number in range((last - first).days + 1)], pa.date32())


@lru_cache(maxsize=1)
def second_source() -> pa.Table:
    """Monthly means of the Federal Reserve (release H.10): currency, month, per_usd_e6; for a cross-check only."""
    packed = resources.files("entrepot.ledger").joinpath("data", "fed_h10_monthly.csv").read_bytes()
    rows = csv.read_csv(
        io.BytesIO(packed),
        convert_options=csv.ConvertOptions(column_types={"month": pa.string(), "units_per_usd": _EXACT}),
    )
    exact = pc.multiply(rows["units_per_usd"], pa.scalar(_E6, pa.decimal128(8, 0)))
    return pa.table(
        {"currency": rows["currency"], "month": rows["month"], "per_usd_e6": pc.trunc(exact).cast(pa.int64())}
    )


@lru_cache(maxsize=1)
def currency_scales() -> pa.Table:
    """The relation `currency_scales`: per pair of currencies the powers of ten between their minor units; one is 1."""
    names = sorted(rated_currencies())
    pairs = [(before, after, minor_digits(after) - minor_digits(before)) for before in names for after in names]
    return pa.table(
        {
            "from_currency": pa.array([before for before, _, _ in pairs], pa.string()),
            "to_currency": pa.array([after for _, after, _ in pairs], pa.string()),
            "to_scale": pa.array([10 ** max(digits, 0) for _, _, digits in pairs], pa.int64()),
            "from_scale": pa.array([10 ** max(-digits, 0) for _, _, digits in pairs], pa.int64()),
        }
    )


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
            "rate_source": pa.array([SHIPPED] * count, pa.string()),
        }
    )
