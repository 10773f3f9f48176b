"""The queries of the page and of the day's figures give the same rows on the second engine."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from entrepot.engine import DuckDBEngine, SparkEngine
from entrepot.flows.asking import newest_tables
from entrepot.reports.daily import day_figures
from entrepot.reports.html import page_figures
from entrepot.testing.sail import sail_session

if TYPE_CHECKING:
    from entrepot.testing.sample_company import ImportedCompany

DAY = date(2026, 9, 15)


def test_both_engines_tell_the_same_page_and_the_same_day(small_imported: ImportedCompany) -> None:
    tables = newest_tables(small_imported.parts)
    with DuckDBEngine(threads=1) as reference:
        page = page_figures(reference, tables, "EUR")
        day = day_figures(reference, tables, tables, "EUR", DAY)
    assert len(page.gmv) == 7
    assert page.ageing
    assert day.total.orders_placed > 0
    with sail_session() as address, SparkEngine(address) as sail:
        assert page_figures(sail, tables, "EUR") == page
        assert day_figures(sail, tables, tables, "EUR", DAY) == day
