"""Count what a folder's tables hold: months, values, costs. Reads tables; the caller made them in a temporary cell."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from entrepot.engine import parse
from entrepot.ledger.rates import newest_rate_day, rates_by_day
from entrepot.reports.audit.shape import Coverage
from entrepot.reports.questions import add_currencies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.engine import Engine
    from entrepot.store import TableStore

_READ = (
    *("orders", "order_lines", "settlement_lines", "wallet_lines", "ad_spend", "sku_costs"),
    *("bank_lines", "invoices", "stock_snapshots", "stated_figures"),
    *("order_positions", "order_pieces", "exceptions"),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of the three queries, small: by platform, shop and month.

    Attributes:
        coverage: Months per table, channel as the file has it, and shop.
        values: Per channel and currency: paid orders and their value in the reporting currency.
        costs: Per channel: SKUs sold, and those with a cost.
        exceptions: Items by kind.
    """

    coverage: tuple[Coverage, ...]
    values: list[dict[str, Any]]
    costs: list[dict[str, Any]]
    exceptions: dict[str, int]


def count_tables(engine: Engine, tables: TableStore, currency: str) -> Counted:
    """Count the tables of a cell.

    Args:
        engine: Any engine.
        tables: The cell at a snapshot.
        currency: Reporting currency.
    """
    tables.open_into(engine, _READ)
    add_currencies(engine, currency)
    rates = rates_by_day()
    engine.add_arrow("newest_rates", rates.filter(pc.equal(rates["on_day"], newest_rate_day())))
    coverage = sorted(
        _rows(engine, "coverage"), key=lambda row: (row["table_name"], row["channel"], row["shop"], row["month"])
    )
    kinds = engine.read(parse("select kind, count(*) as n from exceptions group by kind", source="exceptions by kind"))
    return Counted(
        tuple(
            _covered(key, list(rows))
            for key, rows in groupby(coverage, key=lambda row: (row["table_name"], row["channel"], row["shop"]))
        ),
        [{**row, "value_minor": translated_minor(row)} for row in _rows(engine, "value")],
        _rows(engine, "costs"),
        {row["kind"]: int(row["n"]) for row in sorted(kinds.to_pylist(), key=lambda row: row["kind"])},
    )


def translated_minor(row: Mapping[str, int | None]) -> int:
    """Amount of a row of `value.sql` in the reporting currency, half up; 0 where there is no rate."""
    amount, up, down = row["amount_minor"] or 0, row["to_rate"], row["from_rate"]
    if not up or not down:
        return 0
    above = abs(amount) * up * (row["to_scale"] or 1)
    below = down * (row["from_scale"] or 1)
    return (2 * above + below) // (2 * below) * (-1 if amount < 0 else 1)


def _rows(engine: Engine, name: str) -> list[dict[str, Any]]:
    source = f"reports/audit/sql/{name}.sql"
    text = resources.files("entrepot.reports.audit").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = engine.read(parse(text, source=source, strict_output=True)).to_pylist()
    return rows


def _covered(key: tuple[str, str, str], rows: list[dict[str, Any]]) -> Coverage:
    firsts = [str(row["first_on"]) for row in rows if row["first_on"]]
    lasts = [str(row["last_on"]) for row in rows if row["last_on"]]
    # A source without times has its rows in the month `all`, which is no month.
    months = tuple(row["month"] for row in rows if row["month"] != "all")
    items = sum(int(row["items"]) for row in rows)
    return Coverage(*key, months, items, min(firsts, default=""), max(lasts, default=""))
