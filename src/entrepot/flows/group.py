"""The group's P&L: this cell's own ledger and the journals that other cells let out, through the same report.

Journals come added up by day, account, shop and SKU. The P&L translates and adds up at just that grain, so the group's
figures are the sum of the cells' own to the cent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.engine import Schema, parse
from entrepot.flows.asking import newest_tables
from entrepot.flows.border import door_for
from entrepot.model import TABLES
from entrepot.reports.questions import known_currency, prepare_report, report_text
from entrepot.residency.permits.compiled import schema_of_dataset
from entrepot.residency.permits.shape import shipped_shape
from entrepot.residency.receiver import received_files
from entrepot.store import schema_of

if TYPE_CHECKING:
    import pyarrow as pa

    from entrepot.flows.parts import CellParts

__all__ = ["group_pnl"]

JOURNALS = "journals"
_TAKEN = (
    *("entity_id", "book", "account", "amount_minor", "currency", "functional_minor", "functional_currency"),
    *("accounting_date", "period", "fiscal_period", "posting_rule", "channel", "shop", "sku_id", "tax_code"),
)
_NO_COST = "journals without cost"


def group_pnl(parts: CellParts, reporting_currency: str | None = None) -> pa.Table:
    """Rows of the P&L over all cells whose journals came here, and this one; columns of `reports/pnl.sql`.

    Raises:
        NothingPublished: Nothing was imported here yet.
        CurrencyUnknown: There is no rate for the reporting currency.
    """
    currency = known_currency(reporting_currency or parts.settings.cell.reporting_currency)
    tables = newest_tables(parts)
    shape = next(each for each in shipped_shape("A").datasets if each.name == JOURNALS)
    schema: Schema = schema_of_dataset(shape)
    with parts.open_engine() as engine:
        prepare_report(engine, tables, (), currency)
        tables.open_into(engine, ["ledger_entries", "order_pieces"], prefix="own_")
        files = [path for _, paths in received_files(door_for(parts), JOURNALS) for path in paths]
        engine.add_parquet("journals", files, schema)
        engine.define("ledger_entries", parse(_entries(), source="entries of all cells"))
        engine.define("order_pieces", parse(_pieces(), source="pieces of all cells"))
        return engine.read(parse(report_text("pnl"), source="reports/pnl.sql", strict_output=True))


def _entries() -> str:
    """Own entries, and journals in the same columns; what a journal does not tell is null."""
    own, theirs = [], []
    for column in schema_of(TABLES["ledger_entries"]).columns:
        own.append(f'"{column.name}"')
        value = "null"
        if column.name in _TAKEN:
            value = column.name
        elif column.name in ("order_id", "order_line_id"):
            # The P&L asks the piece of an order whether its cost is known; a journal carries the answer itself.
            value = f"case when not has_cost then '{_NO_COST}' end"
        theirs.append(f'cast({value} as {column.type.value}) as "{column.name}"')
    return f"select {', '.join(own)} from own_ledger_entries union all select {', '.join(theirs)} from journals"


def _pieces() -> str:
    """Own pieces, and one per SKU of journals that stand outside margin."""
    own, theirs = [], []
    values = {"order_key": f"'{_NO_COST}'", "line_id": f"'{_NO_COST}'", "sku_id": "sku_id", "has_cost": "false"}
    for column in schema_of(TABLES["order_pieces"]).columns:
        own.append(f'"{column.name}"')
        theirs.append(f'cast({values.get(column.name, "null")} as {column.type.value}) as "{column.name}"')
    without = "select distinct coalesce(sku_id, '') as sku_id from journals where not has_cost"
    return f"select {', '.join(own)} from own_order_pieces union all select {', '.join(theirs)} from ({without}) as w"
