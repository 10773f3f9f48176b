"""Exact amounts of money.

Not for bulk data: columns carry `*_minor` and `currency`; an object is for a single decision or a printed figure.
"""

from __future__ import annotations

from dataclasses import dataclass

_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_DIGITS = {**dict.fromkeys(_WHOLE.split(), 0), **dict.fromkeys(_THOUSANDTHS.split(), 3)}


def minor_digits(currency: str) -> int:
    """Decimals of a currency's smallest unit: 2 for CNY, 0 for JPY, 3 for KWD (ISO 4217)."""
    return _DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency.

    Attributes:
        minor: Signed count of the currency's smallest unit: 1999 is EUR 19.99, but JPY 1999 is 1999 yen.
        currency: ISO 4217 code, upper case.
    """

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        """Add an amount of the same currency.

        Raises:
            TypeError: The currencies differ; translate first.
        """
        if other.currency != self.currency:
            raise TypeError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.minor + other.minor, self.currency)

    def __neg__(self) -> Money:
        """The same amount the other way."""
        return Money(-self.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract an amount of the same currency."""
        return self + -other

    def __str__(self) -> str:
        """Print with the currency's decimals and thousands separators: `CNY 1,999.00`."""
        digits = minor_digits(self.currency)
        sign = "-" if self.minor < 0 else ""
        whole, part = divmod(abs(self.minor), 10**digits)
        return f"{self.currency} {sign}{whole:,}" + (f".{part:0{digits}d}" if digits else "")


def half_up(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest integer, halves away from zero; the denominator is positive."""
    assert denominator > 0, "a denominator is positive"
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return quotient if numerator >= 0 else -quotient
