"""Ask a cell: open its newest snapshot and run a report or a free SELECT."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from entrepot.engine import DuckDBEngine
from entrepot.engine.duckdb.console import free_select, tables_in_select
from entrepot.flows.errors import ReasonNeeded
from entrepot.model import TABLES, ResidencyClass
from entrepot.reports import Vocabulary, open_for_reading, run_report
from entrepot.reports.explain import largest_parts
from entrepot.reports.html import PageData, page_figures, render_page
from entrepot.store import State, TableStore
from entrepot.store.errors import NothingPublished
from entrepot.store.state import now_us

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa

    from entrepot.flows.parts import CellParts

PERSONAL_TABLES = frozenset(
    name for name, table in TABLES.items() if any(field.residency is ResidencyClass.PERSONAL for field in table.fields)
)
"""Tables that are read only with a reason, which is logged."""

OWN_SHOP = "own_shop"
_OWN_SHOP_TITLE = {"en": "Own shop", "zh": "自营店铺"}
"""The channel of declared formats that name no other: no connector has this name."""


def report_rows(
    parts: CellParts, name: str, reporting_currency: str | None = None, at: datetime | None = None
) -> pa.Table:
    """Rows of a report over the newest snapshot, as of an instant where it looks at one.

    Raises:
        NothingPublished: Nothing was imported yet.
    """
    tables = newest_tables(parts)
    with parts.open_engine() as engine:
        return run_report(engine, tables, name, reporting_currency or parts.settings.cell.reporting_currency, at)


def html_report(parts: CellParts, lang: str, reporting_currency: str | None = None) -> str:
    """The whole report as one HTML page.

    Raises:
        NothingPublished: Nothing was imported yet.
    """
    currency = reporting_currency or parts.settings.cell.reporting_currency
    tables = newest_tables(parts)
    with parts.open_engine() as engine:
        rows = {
            name: run_report(engine, tables, name, currency).to_pylist()
            for name in ("pnl", "gmv_bridge", "settlement_status")
        }
        largest = largest_parts(engine, tables, currency)
        figures = page_figures(engine, tables, currency)
        open_for_reading(engine, tables, ["exceptions", "skus"])
        exceptions = engine.read("exceptions").to_pylist()
        names = engine.read("skus").to_pylist()
    say = vocabulary(parts, lang)
    shown = "name" if lang == "zh" else "name_en"
    return render_page(
        PageData(
            pnl=rows["pnl"],
            bridge=rows["gmv_bridge"],
            settlement=rows["settlement_status"],
            exceptions=exceptions,
            sku_names={row["sku_id"]: row[shown] or row["name"] or "" for row in names},
            channels=say.channels,
            currency=currency,
            company=parts.settings.cell.name,
            largest=largest,
            figures=figures,
            formats=say.formats,
        ),
        lang,
    )


def vocabulary(parts: CellParts, lang: str) -> Vocabulary:
    """Words for codes in one language; channels and formats are called what their connectors say."""
    # A declared format is called after its file, not after a platform.
    titles = {each.spec.name: each.spec.title[lang] for each in parts.connectors if each.texts is None}
    return Vocabulary(
        lang,
        titles | {OWN_SHOP: _OWN_SHOP_TITLE[lang]},
        {wire.name: wire.title[lang] for own in parts.connectors for wire in own.sources},
    )


def channels_known(parts: CellParts) -> frozenset[str]:
    """Every channel that a row of this cell can have: of connectors, declared formats, shops, and those in its books.

    Raises:
        NothingPublished: Nothing was imported yet.
    """
    of_files = {wire.channel for own in parts.connectors for wire in own.sources}
    of_shops = {shop.channel for shop in parts.settings.shops if shop.channel}
    # Advertising lists name channels freely, and so does what another cell sent.
    found = select_rows(parts, "select distinct channel from ledger_entries where channel is not null")
    booked = found["channel"].to_pylist()
    return frozenset({*vocabulary(parts, "en").channels, *of_files, *of_shops, *booked})


def table_rows(parts: CellParts, name: str) -> pa.Table:
    """Rows of a table over the newest snapshot, as readers see them.

    Raises:
        NothingPublished: Nothing was imported yet.
    """
    tables = newest_tables(parts)
    with parts.open_engine() as engine:
        open_for_reading(engine, tables, [name])
        return engine.read(name)


def select_rows(parts: CellParts, text: str, personal_reason: str | None = None) -> pa.Table:
    """Rows of one SELECT over the cell's tables at the newest snapshot.

    Args:
        parts: The cell.
        text: One SELECT, any DuckDB function.
        personal_reason: Why tables with personal values are read; written to the access log with the time.

    Raises:
        NothingPublished: Nothing was imported yet.
        ReasonNeeded: It reads a personal table and no reason was given.
        SelectRefused: It is not one SELECT over this cell's tables.
    """
    tables = newest_tables(parts)
    wanted = tables_in_select(text)
    personal = sorted(wanted & PERSONAL_TABLES)
    if personal and not personal_reason:
        raise ReasonNeeded(tuple(personal))
    if personal:
        _log_access(parts, personal, personal_reason or "")
    with DuckDBEngine(temp_directory=str(parts.layout.temporary)) as engine:
        open_for_reading(engine, tables, sorted(wanted & set(TABLES)))
        return free_select(engine, text, TABLES, [str(parts.layout.tables)])


def newest_tables(parts: CellParts) -> TableStore:
    """The cell's tables at the newest snapshot.

    Raises:
        NothingPublished: Nothing was imported yet.
    """
    if not parts.layout.state.exists():
        raise NothingPublished(str(parts.layout.home))
    with contextlib.closing(State(parts.layout)) as state:
        snapshot = state.newest_snapshot()
    if snapshot is None:
        raise NothingPublished(str(parts.layout.home))
    return TableStore(parts.layout, snapshot)


def _log_access(parts: CellParts, tables: list[str], reason: str) -> None:
    line = json.dumps({"at_us": now_us(), "tables": tables, "reason": reason}, ensure_ascii=False)
    with (parts.layout.home / "access.log").open("a", encoding="utf-8") as log:
        log.write(line + "\n")
