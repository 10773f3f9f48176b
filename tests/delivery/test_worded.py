"""Invoices whose lines are texts of a journal: what was sent is what is read back, whichever sign a line has."""

from __future__ import annotations

from datetime import date

import pytest

from entrepot.delivery.both_amounts import Functional
from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, Invoice, ItemLine, content_of_body
from entrepot.delivery.worded import read_back, worded

SOLD = ItemLine("6001", "A", "A", 2, 12_350_000, 2_470)
ALLOWANCE = ItemLine("6002", "", "allowance", -1, 5_000_000, -500)
RETURNED = ItemLine("6001", "A", "A", -1, 12_350_000, -1_235)
FREIGHT = ItemLine("6002", "", "freight", 1, 5_000_000, 500)


@pytest.mark.parametrize(
    ("kind", "items"),
    [
        (INVOICE, (SOLD, FREIGHT)),
        (INVOICE, (SOLD, ALLOWANCE)),
        (INVOICE, (SOLD, RETURNED)),
        (CREDIT_NOTE, (RETURNED, FREIGHT)),
        # What rounding leaves may be below zero, of pieces of either sign.
        (INVOICE, (SOLD, ItemLine("6001", "", "rounding", 1, -10_000, -1))),
        (INVOICE, (SOLD, ItemLine("6001", "", "rounding", -1, -10_000, 1))),
        (CREDIT_NOTE, (RETURNED, ItemLine("6001", "", "rounding", -1, -10_000, 1))),
        # What comes to nothing has the sign of its document.
        (INVOICE, (SOLD, ItemLine("6001", "B", "B", 2, 0, 0))),
        (CREDIT_NOTE, (RETURNED, ItemLine("6001", "B", "B", -2, 1_000, 0))),
    ],
)
def test_lines_of_either_sign_are_read_back_as_they_were_sent(kind: str, items: tuple[ItemLine, ...]) -> None:
    sent = Invoice("tmall", "1122", items, ())
    in_books = Functional(0, tuple(7 * each.amount_minor + 1 for each in items), ())
    told = worded(sent, in_books, 50)
    assert tuple(-line.functional_minor for line, _ in told) == in_books.items
    back = read_back(kind, sent.party, sent.receivable, told, "CNY")
    on = date(2026, 9, 1)
    assert content_of_body("cn", on, "CNY", back) == content_of_body("cn", on, "CNY", sent)
