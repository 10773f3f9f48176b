"""Rates that a company lists itself: they count where they are newer, and are looked at beside the shipped ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from entrepot.ledger.rates import newest_rate_day, rate_rows
from entrepot.store import CellSettings, EntitySettings, ShopSettings
from entrepot.testing.memory_tables import derived_from

_SETTINGS = CellSettings(
    entities=(EntitySettings("cn"),),
    shops=(ShopSettings("world", "shopify", "cn", "own_shop", "shipped", "UTC"),),
)


def _sale(day: date, currency: str = "USD") -> dict[str, Any]:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return {
        "order_key": "shopify/world/1",
        "channel": "shopify",
        "month": day.isoformat()[:7],
        "shop": "world",
        "order_id": "1",
        "order_kind": "sale",
        "currency": currency,
        "goods_minor": 100_00,
        "shipping_minor": 0,
        "tax_minor": 0,
        "paid_minor": 100_00,
        "payment_state": "captured",
        "commercial_state": "open",
        "fulfilment_state": "shipped",
        **dict.fromkeys(("placed_at", "paid_at", "shipped_at"), at),
    }


def _rate(base: str, quote: str, day: date, rate: float, source: str = "PBOC") -> dict[str, Any]:
    names = {"base_currency": base, "quote_currency": quote}
    return {"channel": "own", **names, "rate_on": day, "rate_source": source, "rate_e9": round(rate * 1e9)}


def _read(day: date, *rates: dict[str, Any], currency: str = "USD") -> tuple[dict[str, Any], set[str]]:
    """The receivable of one sale of that day, and the kinds of exceptions."""
    derived = derived_from({"orders": [_sale(day, currency)], "listed_rates": list(rates)}, _SETTINGS)
    entries = derived["ledger_entries"]
    row = next(each for each in entries if each["account"] == "platform_receivable")
    return row, {each["kind"] for each in derived["exceptions"] if each["kind"].startswith("fx")}


def test_a_rate_of_last_week_is_used_and_one_of_eight_days_ago_is_an_exception() -> None:
    newest = newest_rate_day()
    row, kinds = _read(newest + timedelta(days=7))
    assert (row["fx_rate_id"], kinds) == (f"ecb:{newest}", set())
    row, kinds = _read(newest + timedelta(days=8))
    assert (row["fx_rate_id"], kinds) == (f"ecb:{newest}", {"fx_stale"})


def test_the_central_parity_of_the_day_takes_the_place_of_an_old_rate() -> None:
    day = newest_rate_day() + timedelta(days=30)
    row, kinds = _read(day, _rate("USD", "CNY", day, 7.0), _rate("EUR", "CNY", day, 8.4))
    assert (row["functional_minor"], row["fx_rate_id"], kinds) == (700_00, f"PBOC:{day}", set())


def test_a_list_without_the_euro_prices_in_its_own_currency_all_the_same() -> None:
    day = newest_rate_day() + timedelta(days=3)
    row, _ = _read(day, _rate("USD", "CNY", day, 7.0))
    assert (row["functional_minor"], row["fx_rate_id"]) == (700_00, f"PBOC:{day}")


def test_a_list_that_the_european_central_bank_contradicts_is_an_exception() -> None:
    day = newest_rate_day()
    shipped = {row["currency"]: row["per_euro_e6"] for row in rate_rows().to_pylist() if row["rate_on"] == day}
    true = shipped["CNY"] / shipped["USD"]
    near, far = true * 1.005, true * 1.02
    euro = _rate("EUR", "CNY", day, shipped["CNY"] / 1e6)
    row, kinds = _read(day, euro, _rate("USD", "CNY", day, near))
    # On a day that both have, the shipped rate counts.
    assert (row["fx_rate_id"], kinds) == (f"ecb:{day}", set())
    assert _read(day, euro, _rate("USD", "CNY", day, far))[1] == {"fx_sources_differ"}
