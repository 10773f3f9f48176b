"""Reports of a company's own: one SQL file and one page of meaning in the folder `reports` of the cell.

They are held to what shipped reports are held to: the restricted dialect, so that they run on every engine, and a page
that says what they mean. Tables with personal values are closed to them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.engine import parse
from entrepot.model import TABLES, ResidencyClass
from entrepot.reports.errors import CustomReportInvalid, CustomReportUnknown
from entrepot.reports.questions import add_asked, known_currency, prepare_report
from entrepot.reports.reading import open_for_reading

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from entrepot.engine import Engine, Query
    from entrepot.store import TableStore

GIVEN = frozenset({"accounts", "asked", "currency_scales", "fx_days", "reporting", "zone_days"})
"""What a report may read beside tables; docs/guides/custom-report.md says what they hold."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PERSONAL = frozenset(
    name for name, table in TABLES.items() if any(field.residency is ResidencyClass.PERSONAL for field in table.fields)
)


@dataclass(frozen=True, slots=True)
class CustomReport:
    """A report that a company wrote.

    Attributes:
        name: Of its two files.
        title: First heading of its page.
        query: Its SQL, checked.
        tables: Tables it reads.
    """

    name: str
    title: str
    query: Query
    tables: tuple[str, ...]


def custom_names(folder: Path) -> tuple[str, ...]:
    """Names of the reports in a folder, sorted; whether they can be used is seen when they are read."""
    return tuple(sorted(path.stem for path in folder.glob("*.sql"))) if folder.is_dir() else ()


def custom_report(folder: Path, name: str) -> CustomReport:
    """Read and check a report.

    Args:
        folder: The folder `reports` of a cell.
        name: Of its files, without suffix.
    Raises:
        CustomReportUnknown: There is no such SQL file.
        CustomReportInvalid: Its page is missing, or it reads what a report may not.
        DialectError: Its SQL leaves the dialect; the error names every line.
    """
    path = folder / f"{name}.sql"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise CustomReportUnknown(name, custom_names(folder))
    query = parse(path.read_text(encoding="utf-8"), source=path.name, strict_output=True)
    page = path.with_suffix(".md")
    title = _title(page.read_text(encoding="utf-8")) if page.is_file() else ""
    if not title:
        raise CustomReportInvalid(path.name, f"{page.name} is missing or has no heading: write what the report says")
    if personal := sorted(query.inputs() & _PERSONAL):
        raise CustomReportInvalid(path.name, f"{', '.join(personal)} holds personal values; a report may not read it")
    if unknown := sorted(query.inputs() - set(TABLES) - GIVEN):
        raise CustomReportInvalid(
            path.name, f"there is no table {', '.join(unknown)}; `entrepot tables list` names them"
        )
    return CustomReport(name, title, query, tuple(sorted(query.inputs() & set(TABLES))))


def run_custom(
    engine: Engine,
    tables: TableStore,
    report: CustomReport,
    reporting_currency: str = "CNY",
    at: datetime | None = None,
) -> pa.Table:
    """The rows of a report; it reads tables as `entrepot sql` shows them.

    Args:
        engine: Any engine.
        tables: The cell at a snapshot.
        report: A checked report.
        reporting_currency: What `reporting` holds.
        at: What `asked` holds; None is now.
    Raises:
        CurrencyUnknown: There is no rate for the reporting currency.
        QueryFailed: The engine could not run it.
    """
    currency = known_currency(reporting_currency)
    prepare_report(engine, tables, ("shops",), currency)
    open_for_reading(engine, tables, [name for name in report.tables if name not in ("shops", "fx_rates")])
    add_asked(engine, report.query, at)
    return engine.read(report.query)


def _title(page: str) -> str:
    heading = re.search(r"^#+[ \t]+(.+?)[ \t]*$", page, re.MULTILINE)
    return heading[1] if heading else ""
