"""The selling side of the simulated NetSuite: customers, items, invoices and credit memos, and what they book.

Written from the record browser of 2026.1, not from a running account. What it does not prove: the tax set-up, which
decides there whether a line is taxed and which fields an item needs; approvals; how SuiteQL gives the lines of an
invoice.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["RECORDS", "TYPES", "accounting_lines", "checked"]

TYPES = {"journalEntry": "Journal", "invoice": "CustInvc", "creditMemo": "CustCred", "salesOrder": "SalesOrd"}
"""By record, what SuiteQL calls its type."""

RECORDS: Mapping[str, frozenset[str]] = {
    "journalEntry": frozenset({"tranDate", "memo", "subsidiary", "currency", "approved", "line"}),
    "invoice": frozenset({"tranDate", "memo", "entity", "subsidiary", "currency", "account", "item"}),
    "creditMemo": frozenset({"tranDate", "memo", "entity", "subsidiary", "currency", "account", "item"}),
    "salesOrder": frozenset(
        {"tranDate", "memo", "otherRefNum", "entity", "subsidiary", "currency", "orderStatus", "item"}
    ),
    "customer": frozenset({"companyName", "isPerson", "subsidiary"}),
    "customerPayment": frozenset(
        {"customer", "subsidiary", "currency", "arAcct", "tranDate", "autoApply", "payment", "apply", "credit"}
    ),
    "otherChargeSaleItem": frozenset({"itemId", "incomeAccount", "subsidiary"}),
}
"""Properties that are known, by record."""
_LINES: Mapping[str, frozenset[str]] = {
    "line": frozenset({"account", "debit", "credit", "memo", "entity"}),
    "item": frozenset({"item", "description", "quantity", "price", "rate", "amount"}),
    "apply": frozenset({"doc", "line", "apply", "amount"}),
    "credit": frozenset({"doc", "line", "apply", "amount"}),
}


def checked(record: str, body: Mapping[str, Any]) -> str:
    """The first property that is unknown; '' if there is none."""
    unknown = set(body) - RECORDS[record]
    for sublist, known in _LINES.items():
        unknown |= {name for line in body.get(sublist, {}).get("items", []) for name in set(line) - known}
    return min(unknown, default="")


def accounting_lines(
    record: str, body: Mapping[str, Any], income: Sequence[str], percent: Mapping[str, int], tax_account: str
) -> list[dict[str, Any]]:
    """What an invoice or credit memo books: the total first, then its lines, then tax that NetSuite adds.

    Args:
        record: invoice or creditMemo.
        body: As sent.
        income: By line, the number of the account of its item.
        percent: By number of an account, what is added to lines on it.
        tax_account: Where that goes.
    """
    sign = 1 if record == "invoice" else -1
    lines, total = [], Decimal(0)
    for line, account in zip(body["item"]["items"], income, strict=True):
        quantity, rate = Decimal(str(line["quantity"])), Decimal(str(line["rate"]))
        amount = Decimal(str(line["amount"]))
        if amount != (quantity * rate).quantize(Decimal("0.01"), ROUND_HALF_UP) or quantity <= 0 or rate < 0:
            raise ValueError("amount, quantity and rate do not fit together")
        total += amount
        about = {"memo": line["description"], "mainline": "F", "quantity": -sign * quantity, "rate": rate}
        lines.append({**about, "account": account, "net": -sign * amount})
        if account in percent:
            tax = (amount * percent[account] / 100).quantize(Decimal("0.01"))
            total += tax
            lines.append({"memo": None, "mainline": "F", "account": tax_account, "net": -sign * tax})
    return [{"memo": body["memo"], "mainline": "T", "account": "", "net": sign * total}, *lines]
