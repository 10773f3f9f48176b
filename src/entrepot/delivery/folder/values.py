"""Amounts and prices as texts of files, exact in both directions; and what a file of ours was read as."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from entrepot.delivery.erp import PRICE_DIGITS

if TYPE_CHECKING:
    from entrepot.delivery.erp import Content, JournalLine


class Unreadable(ValueError):
    """A file under one of our names that does not hold what we write."""


@dataclass(frozen=True)
class Read:
    """What a file holds.

    Attributes:
        key: Document id, or code of a party or product.
        kind: Kind of document.
        content: As `Found.content`.
        booked: As `Found.booked`.
    """

    key: str
    kind: str
    content: Content
    booked: tuple[JournalLine, ...] = ()


def amount_text(minor: int, digits: int) -> str:
    """An amount with as many digits as its currency has."""
    return f"{Decimal(minor).scaleb(-digits):f}"


def price_text(price_e6: int) -> str:
    """A price, without zeros at its end."""
    return f"{Decimal(price_e6).scaleb(-PRICE_DIGITS).normalize():f}"


def whole(text: str, digits: int) -> int:
    """A number as a count of units with so many digits; an empty text is none.

    Raises:
        Unreadable: It is no number, or has more digits than that.
    """
    try:
        units = Decimal(text or "0").scaleb(digits)
    except InvalidOperation as error:
        raise Unreadable("a cell is no number") from error
    if not units.is_finite() or units != units.to_integral_value():
        raise Unreadable("a number has more digits than its currency")
    return int(units)
