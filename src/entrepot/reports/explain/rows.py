"""Ids of the figures that one row of a report shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.reports.explain.ids import Place, PnlId
from entrepot.reports.questions import REPORTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_BY_SKU = ("revenue_goods", "refunds", "cogs", "revenue_without_cost")


def ids_of_row(
    report: str, row: Mapping[str, Any], at: datetime | None = None, *, is_in_weeks: bool = False
) -> dict[str, str]:
    """Column to the id of the figure in it, for the figures of a row that have a value.

    Args:
        report: One of `REPORTS`.
        row: A row of it.
        at: The instant that was looked at, where one was asked for.
        is_in_weeks: Fiscal periods are not whole months, so that a month has rows in two of them.
    """
    if report == "pnl":
        period = f"{row['month']}_{row['fiscal_period']}" if is_in_weeks and row["fiscal_period"] else row["month"]
        return {"amount_minor": _of_pnl(row, period)}
    figures = next(each.figures for each in REPORTS if each.name == report)
    assert figures is not None, "every report but the P&L says which columns are figures"
    return {name: figures.figure_id(report, row, name, at) for name in figures.names if row[name] is not None}


def _of_pnl(row: Mapping[str, Any], period: str) -> str:
    line, detail = row["line"], row["detail"]
    sku = (row["sku_id"] or "-") if line in _BY_SKU else None
    place = Place(row["channel"] or "-", row["shop"] or "-", sku)
    return str(PnlId(period, place, line, detail if detail != line else None))
