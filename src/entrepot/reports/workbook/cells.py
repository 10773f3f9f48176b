"""One cell: what a value is, how it is shown, how wide it is. A text is always written as a text, never a formula."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from entrepot.model import minor_digits
from entrepot.reports.workbook.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.reports.words import Vocabulary

WIDTH_MIN, WIDTH_MAX = 9, 48
"""Columns are as wide as their longest cell, within these, in characters."""

_EXACT_BELOW = 10**15
"""A spreadsheet keeps fifteen digits of a number; a longer amount is written as text, whole."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DATE, _INSTANT, _COUNT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "#,##0"


class Formats:
    """Formats of one workbook, each made once.

    Args:
        book: An open XlsxWriter workbook.
    """

    def __init__(self, book: Any) -> None:  # noqa: ANN401 XlsxWriter ships no types
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}

    def of(self, **properties: object) -> Any:  # noqa: ANN401 see above
        """The format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"font_name": "Arial", "font_size": 10, **properties})
        return self._made[key]

    def money(self, currency: str, **properties: object) -> Any:  # noqa: ANN401 see above
        """The format of amounts of a currency, with its decimals."""
        return self.of(num_format=money_format(currency), **properties)


def money_format(currency: str) -> str:
    """How a spreadsheet shows an amount: thousands apart, the currency's decimals, red below zero."""
    digits = minor_digits(currency)
    plain = "#,##0" + ("." + "0" * digits if digits else "")
    return f"{plain};[Red]-{plain}"


def units(minor: int, currency: str) -> float:
    """An amount in the currency's unit, as a spreadsheet keeps numbers; exact to fifteen digits."""
    return minor / float(10 ** minor_digits(currency))


def write_cell(
    sheet: Any,  # noqa: ANN401 XlsxWriter ships no types
    at: tuple[int, int],
    column: str,
    row: Mapping[str, Any],
    formats: Formats,
    say: Vocabulary,
    currency: str,
) -> str:
    """Write a cell of a report's row.

    Args:
        sheet: An XlsxWriter worksheet.
        at: Row and column, from 0.
        column: Name of the report's column, whose ending says what it holds.
        row: The report's row.
        formats: Of the workbook.
        say: Words of the sheet's language.
        currency: Of amounts whose row names none.
    Returns:
        The cell as people see it, for the width of its column.
    """
    value = row[column]
    if value is None:
        return ""
    if isinstance(value, bool):
        return _text(sheet, at, word("yes" if value else "no", say.lang), formats)
    if isinstance(value, int):
        return _number(sheet, at, value, column, str(row.get(currency_column(column)) or currency), formats)
    if isinstance(value, datetime):
        sheet.write_datetime(*at, value.astimezone(UTC).replace(tzinfo=None), formats.of(num_format=_INSTANT))
        return _INSTANT
    if isinstance(value, date):
        sheet.write_datetime(*at, value, formats.of(num_format=_DATE))
        return _DATE
    return _text(sheet, at, say.value(column, str(value)), formats)


def currency_column(column: str) -> str:
    """The column that names the currency of an amount."""
    return "functional_currency" if column.startswith("functional") else "currency"


def _number(sheet: Any, at: tuple[int, int], value: int, column: str, currency: str, formats: Formats) -> str:  # noqa: ANN401
    if abs(value) >= _EXACT_BELOW:
        return _text(sheet, at, str(value), formats)
    if column.endswith("_minor"):
        sheet.write_number(*at, units(value, currency), formats.money(currency))
        return f"{units(value, currency):,.{minor_digits(currency)}f}"
    if column.endswith("_bp"):
        sheet.write_number(*at, value / 10_000, formats.of(num_format="0.00%"))
        return f"{value / 100:.2f}%"
    if column.endswith("_e6"):
        sheet.write_number(*at, value / 10**6, formats.of(num_format="0.000000"))
        return f"{value / 10**6:.6f}"
    sheet.write_number(*at, value, formats.of(num_format=_COUNT))
    return f"{value:,}"


def _text(sheet: Any, at: tuple[int, int], text: str, formats: Formats) -> str:  # noqa: ANN401 see above
    return write_text(sheet, at, text, formats.of())


def write_text(sheet: Any, at: tuple[int, int], text: str, form: Any) -> str:  # noqa: ANN401 see above
    """Write a text as a text, whatever it begins with; bytes that XML cannot hold are left out."""
    shown = _UNPRINTABLE.sub("", text)
    sheet.write_string(*at, shown, form)
    return shown


def width_of(text: str) -> int:
    """Columns that a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def fit_width(longest: int) -> int:
    """The width of a column whose longest cell has so many columns."""
    return max(WIDTH_MIN, min(longest + 2, WIDTH_MAX))
