"""Where an ERP takes a journal in the company's currency only, a line's own amount is its remark: `EUR -90.50`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from entrepot.model import minor_digits

if TYPE_CHECKING:
    from entrepot.delivery.erp import Document, JournalLine

__all__ = ["own_amount", "remark"]

_REMARK = re.compile(r"([A-Z]{3}) (-?[0-9]+(?:\.[0-9]+)?)")


def remark(document: Document, line: JournalLine) -> str:
    """The remark of a line; '' where the document is in the company's currency."""
    if document.currency == document.functional_currency:
        return ""
    return f"{document.currency} {Decimal(line.amount_minor).scaleb(-minor_digits(document.currency))}"


def own_amount(text: str, currency: str, functional_minor: int) -> tuple[str, int]:
    """Currency and amount of a line as it stands in an ERP.

    Args:
        text: Its remark, whoever wrote it.
        currency: Of the company.
        functional_minor: The line's amount in it, in minor units; what is given where there is no such remark.
    """
    found = _REMARK.fullmatch(text)
    if found is None:
        return currency, functional_minor
    return found[1], int(Decimal(found[2]).scaleb(minor_digits(found[1])))
