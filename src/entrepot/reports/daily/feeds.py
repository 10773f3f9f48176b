"""How far each feed reaches: the last event that its rows tell of and the last file that came."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

from entrepot.engine import parse
from entrepot.ledger.calendar import zone_days

if TYPE_CHECKING:
    from entrepot.engine import Engine, Query
    from entrepot.store import TableStore

_READ = ("orders", "settlement_lines", "wallet_lines", "ad_spend", "raw_files")


def feed_rows(engine: Engine, tables: TableStore) -> list[dict[str, Any]]:
    """Rows of `sql/freshness.sql`, by format and shop.

    Args:
        engine: Any engine.
        tables: The cell at a snapshot.
    Returns:
        format, channel, shop, last_event_on (the shop's day; None for lists), last_import_at (UTC), days_behind (days
        since the last event of the feed that reaches furthest).
    """
    tables.open_into(engine, _READ)
    open_shops(engine, tables)
    rows: list[dict[str, Any]] = engine.read(daily_query("freshness")).to_pylist()
    return sorted(rows, key=lambda row: (row["format"], row["channel"], row["shop"]))


def open_shops(engine: Engine, tables: TableStore) -> None:
    """Name in an engine `shops`, and `zone_days` for their zones."""
    tables.open_into(engine, ["shops"])
    zones = engine.read(parse("select distinct business_zone from shops", source="zones of shops"))
    engine.add_arrow("zone_days", zone_days(tuple(zone or "UTC" for zone in zones["business_zone"].to_pylist())))


def daily_query(name: str) -> Query:
    """One of the queries of this report."""
    text = resources.files("entrepot.reports.daily").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return parse(text, source=f"reports/daily/sql/{name}.sql", strict_output=True)
