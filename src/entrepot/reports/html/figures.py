"""What the page shows beside the reports: GMV in one currency, the age of what platforms owe, how far feeds reach."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from entrepot.engine import parse
from entrepot.reports.daily import feed_rows
from entrepot.reports.questions import prepare_report, report_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.engine import Engine, Query
    from entrepot.store import TableStore

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PageFigures:
    """Rows of queries that only the page asks.

    Attributes:
        gmv: The bridge per channel in the reporting currency; see `sql/gmv_translated.sql`.
        ageing: What platforms owe by days since recognition; see `sql/ageing.sql`.
        feeds: How far each feed reaches; see `daily/sql/freshness.sql`.
    """

    gmv: Sequence[Row] = ()
    ageing: Sequence[Row] = ()
    feeds: Sequence[Row] = ()


def page_figures(engine: Engine, tables: TableStore, currency: str) -> PageFigures:
    """Ask for them.

    Args:
        engine: Any engine; afterwards its relation `order_positions` holds days instead of shops.
        tables: The cell at a snapshot.
        currency: Reporting currency.
    """
    prepare_report(engine, tables, ("order_positions", "ledger_entries"), currency.upper())
    ageing = engine.read(_query("ageing")).to_pylist()
    feeds = feed_rows(engine, tables)
    tables.open_into(engine, ["order_positions"], prefix="dated_")
    engine.define("order_positions", _query("dated_positions"))
    engine.define("daily_bridge", parse(report_text("gmv_bridge"), source="reports/gmv_bridge.sql"))
    gmv = engine.read(_query("gmv_translated")).to_pylist()
    return PageFigures(
        sorted(gmv, key=lambda row: (-row["placed_minor"], row["channel"])),
        sorted(ageing, key=lambda row: (row["channel"], row["shop"], row["currency"], row["days_owed"])),
        feeds,
    )


def _query(name: str) -> Query:
    text = resources.files("entrepot.reports.html").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return parse(text, source=f"reports/html/sql/{name}.sql", strict_output=True)
