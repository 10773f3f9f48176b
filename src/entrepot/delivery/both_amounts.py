"""Invoices and credit notes in another currency: what each of their lines is in the company's.

A document books the ledger's own amounts, line by line. They are no product of a rate: what a rate makes of a line may
differ by the smallest unit, and the books would not tie.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.delivery.erp import Invoice

if TYPE_CHECKING:
    from entrepot.delivery.erp import Document

__all__ = ["Functional", "functional_of"]


@dataclass(frozen=True, slots=True)
class Functional:
    """Amounts in the company's currency, minor units; with the signs of the amounts beside them.

    Attributes:
        total: What the customer owes.
        items: In the order of the items.
        taxes: In the order of the taxes.
    """

    total: int
    items: tuple[int, ...]
    taxes: tuple[int, ...]


def functional_of(document: Document) -> Functional:
    """What an invoice or credit note is in the company's currency, of its own postings."""
    body = document.body
    assert isinstance(body, Invoice), "an invoice has a party and lines"
    items = tuple(each.amount_minor for each in body.items)
    taxes = tuple(each.amount_minor for each in body.taxes)
    if document.currency == document.functional_currency:
        return Functional(body.total_minor, items, taxes)
    booked = tuple(-line.amount_minor for line in document.lines)
    assert booked == (-body.total_minor, *items, *taxes), "an invoice books its total, its items and its taxes"
    of_lines = tuple(-line.functional_minor for line in document.lines)
    return Functional(-of_lines[0], of_lines[1 : len(items) + 1], of_lines[len(items) + 1 :])
