"""The list of all canonical tables."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from entrepot.model.tables.after_sale import AFTER_SALE_TABLES
from entrepot.model.tables.bank import BANK_TABLES
from entrepot.model.tables.bills import BILL_TABLES
from entrepot.model.tables.invoices import INVOICE_TABLES
from entrepot.model.tables.journals import JOURNAL_TABLES
from entrepot.model.tables.ledger import LEDGER_TABLES
from entrepot.model.tables.orders import ORDER_TABLES
from entrepot.model.tables.raw import RAW_TABLES
from entrepot.model.tables.reference import REFERENCE_TABLES
from entrepot.model.tables.settlement import SETTLEMENT_TABLES
from entrepot.model.tables.stated import STATED_TABLES
from entrepot.model.tables.stock import STOCK_TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.model.fields import Table

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for family in (
            ORDER_TABLES,
            AFTER_SALE_TABLES,
            INVOICE_TABLES,
            SETTLEMENT_TABLES,
            BANK_TABLES,
            REFERENCE_TABLES,
            STOCK_TABLES,
            STATED_TABLES,
            JOURNAL_TABLES,
            BILL_TABLES,
            LEDGER_TABLES,
            RAW_TABLES,
        )
        for table in family
    }
)


def table(name: str) -> Table:
    """The table of that name.

    Raises:
        KeyError: There is none; a programming error, since names are not user input here.
    """
    return TABLES[name]
