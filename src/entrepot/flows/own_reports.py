"""Ask a cell one of the company's own reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.flows.asking import newest_tables
from entrepot.reports.custom import custom_names, custom_report, run_custom

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa

    from entrepot.flows.parts import CellParts


def own_report_rows(
    parts: CellParts, name: str, reporting_currency: str | None = None, at: datetime | None = None
) -> tuple[str, pa.Table]:
    """Title and rows of a report in the folder `reports`, over the newest snapshot.

    Raises:
        CustomReportUnknown: There is none of that name.
        CustomReportInvalid: It has no page, or reads what a report may not.
        DialectError: Its SQL leaves the dialect.
        NothingPublished: Nothing was imported yet.
    """
    report = custom_report(parts.layout.reports, name)
    tables = newest_tables(parts)
    with parts.open_engine() as engine:
        currency = reporting_currency or parts.settings.cell.reporting_currency
        return report.title, run_custom(engine, tables, report, currency, at)


def own_report_titles(parts: CellParts) -> dict[str, str]:
    """Name to title of every report in the folder `reports`.

    Raises:
        CustomReportInvalid: One of them has no page, or reads what a report may not.
        DialectError: The SQL of one leaves the dialect.
    """
    folder = parts.layout.reports
    return {name: custom_report(folder, name).title for name in custom_names(folder)}
