"""Invoices where an ERP takes journals alone: what a ledger line stands for is its text, and is read back from there.

A line of goods says quantity, price and SKU: `3 x 33.33 SKU A-1`; a line of tax `EP-TAX` and its code. What a person
writes instead makes the document another one, and ends nothing.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from entrepot.delivery.calls import Trouble
from entrepot.delivery.erp import CREDIT_NOTE, PRICE_DIGITS, Invoice, ItemLine, JournalLine, TaxLine
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.delivery.both_amounts import Functional

__all__ = ["SKU", "TAX", "read_back", "worded"]

SKU, TAX = "SKU ", "EP-TAX"
"""What the text of a line of goods, and of tax, begins with; a code follows; whole invoices use them too."""

_ITEM = re.compile(r"(?P<quantity>[0-9]{1,9}) x (?P<price>-?[0-9]{1,12}(?:\.[0-9]{1,6})?) (?P<what>.+)")


def worded(invoice: Invoice, functional: Functional, length: int) -> list[tuple[JournalLine, str]]:
    """What an invoice or credit note books beside what its customer owes, each line with its text.

    Args:
        invoice: What it holds.
        functional: What each of its lines is in the company's currency.
        length: Characters that a text may have.

    Raises:
        Trouble: A text is too long to be read back.
    """
    made = []
    for item, minor in zip(invoice.items, functional.items, strict=True):
        price = Decimal(item.price_e6).scaleb(-PRICE_DIGITS).normalize()
        what = SKU + item.product if item.product else item.text or "-"
        text = f"{abs(item.quantity)} x {price:f} {what}"
        if len(text) > length and item.product:
            raise Trouble("rejected", "code", f"{text} has more than {length} characters")
        made.append((JournalLine(item.account, -minor, -item.amount_minor), text[:length]))
    for tax, minor in zip(invoice.taxes, functional.taxes, strict=True):
        text = f"{TAX} {tax.code}".strip()
        made.append((JournalLine(tax.account, -minor, -tax.amount_minor), text[:length]))
    return made


def read_back(
    kind: str, party: str, receivable: str, lines: Iterable[tuple[JournalLine, str]], currency: str
) -> Invoice:
    """What an invoice or credit note holds as it stands.

    Args:
        kind: Which of the two.
        party: Whom it charges.
        receivable: The account that it charges.
        lines: Its other lines with their texts.
        currency: Of the document.
    """
    sign = -1 if kind == CREDIT_NOTE else 1
    items, taxes = [], []
    for line, text in lines:
        amount = -line.amount_minor
        if text.split(" ", 1)[0] == TAX:
            taxes.append(TaxLine(line.account, text.removeprefix(TAX).strip(), 0, amount))
        elif found := _ITEM.fullmatch(text):
            product = found["what"].removeprefix(SKU) if found["what"].startswith(SKU) else ""
            price = int(Decimal(found["price"]).scaleb(PRICE_DIGITS))
            # An invoice may take a line back: its sign is its own, unless it comes to nothing.
            own = (price * amount > 0) - (price * amount < 0) or sign
            items.append(ItemLine(line.account, product, "", own * int(found["quantity"]), price, amount))
        else:
            price = sign * amount * 10 ** (PRICE_DIGITS - minor_digits(currency))
            items.append(ItemLine(line.account, text, "", sign, price, amount))
    return Invoice(party, receivable, tuple(items), tuple(taxes))
