"""Invoices and credit notes of Finance and Operations: general journals whose first line is the customer's.

The contract at hand has no entity of free text invoices and no call that posts one. It has what books the same: a
journal line of the account type Cust with the number of an invoice, beside ledger lines for what was sold and its tax,
each on the account of the mapping and with what it stands for in its text. The main account that the customer charges
follows from its posting profile, which no line tells, so ours stands in the text of the customer's line. So does which
of the two kinds it is, for either may come to any amount.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.delivery.both_amounts import functional_of
from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, Invoice, JournalLine
from entrepot.delivery.worded import read_back, worded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Document

LEDGER, CUSTOMER = "Ledger", "Cust"
"""Account types of a line."""

TEXT_LENGTH = 60

_WORDS: Mapping[str, str] = {INVOICE: "INV", CREDIT_NOTE: "CRN"}
"""By kind, the word behind the account in the text of a customer's line."""


def invoice_texts(document: Document) -> list[tuple[JournalLine, str]]:
    """What an invoice or credit note books, each line with its text; the customer's first.

    Raises:
        Trouble: A text is too long to be read back.
    """
    invoice = document.body
    assert isinstance(invoice, Invoice), "an invoice has a party and lines"
    total = invoice.total_minor
    owed = JournalLine(invoice.receivable, total, total, invoice.party)
    return [(owed, customer_text(invoice.receivable, document)), *worded(invoice, functional_of(document), TEXT_LENGTH)]


def customer_text(account: str, document: Document) -> str:
    """The text of a customer's line: the main account that it is to charge, its kind if any, and what it is for."""
    words = (account, _WORDS.get(document.kind, ""), document.text)
    return " ".join(each for each in words if each)[:TEXT_LENGTH]


def charged(row: Mapping[str, Any]) -> str:
    """The main account in the text of a customer's line."""
    return str(row["Text"]).partition(" ")[0]


def is_invoice(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a journal is an invoice or a credit note: its customer's line has the number of one."""
    return any(row["AccountType"] == CUSTOMER and row["Invoice"] for row in rows)


def kind_said(rows: Sequence[Mapping[str, Any]]) -> str:
    """The kind that the text of a customer's line says; '' where none does, as earlier releases wrote it."""
    texts = [str(row["Text"]).split(" ", 2)[1:2] for row in rows if row["AccountType"] == CUSTOMER]
    return next((kind for kind, word in _WORDS.items() if [word] in texts), "")


def read_invoice(kind: str, rows: Sequence[Mapping[str, Any]], lines: Sequence[JournalLine], currency: str) -> Invoice:
    """What an invoice or credit note holds as it stands.

    Args:
        kind: Which of the two.
        rows: Of its journal.
        lines: The same rows as what they book.
        currency: Of the company.
    """
    owed = [(row, line) for row, line in zip(rows, lines, strict=True) if row["AccountType"] == CUSTOMER]
    sold = [(line, str(row["Text"])) for row, line in zip(rows, lines, strict=True) if row["AccountType"] != CUSTOMER]
    # Whoever splits what is owed among two customers makes it another document.
    party, receivable = (owed[0][0]["AccountDisplayValue"], owed[0][1].account) if len(owed) == 1 else ("", "")
    return read_back(kind, party, receivable, sold, currency)
