"""A sheet with the rows of a report: headings, filter, and sums per currency as formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_range_abs

from entrepot.reports.workbook.cells import currency_column, fit_width, units, width_of, write_cell, write_text
from entrepot.reports.workbook.statements import HEAD_ROW
from entrepot.reports.workbook.words import WORDS, word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.reports.words import Vocabulary
    from entrepot.reports.workbook.cells import Formats

ROWS_MAX = 100_000
"""Rows of a sheet; a longer list is cut, and the sheet and the cover say so."""

_COUNTS = frozenset({"orders", "items"})
_SUBTOTAL = 109
"""SUBTOTAL's number for a sum that leaves out rows which a filter hides."""

Row = dict[str, Any]


def write_list(
    sheet: Any,  # noqa: ANN401 XlsxWriter ships no types
    rows: Sequence[Row],
    columns: Sequence[str],
    currency: str,
    formats: Formats,
    say: Vocabulary,
    *,
    has_sums: bool,
) -> None:
    """Write rows under the sheet's title.

    Args:
        sheet: An XlsxWriter worksheet whose title is written.
        rows: Rows of a report, in order.
        columns: Their columns, in order.
        currency: Of amounts whose row names none.
        formats: Of the workbook.
        say: Words of the sheet's language.
        has_sums: Whether sums of these rows say something.
    """
    head = formats.of(bold=True, bottom=1, text_wrap=True, bg_color="#EAF1F4", valign="top")
    widths = []
    for at, column in enumerate(columns):
        name = write_text(sheet, (HEAD_ROW, at), _heading(column, say), head)
        # The arrow of the filter takes three.
        widths.append(width_of(name) + 3)
    shown = rows[:ROWS_MAX]
    for number, row in enumerate(shown, start=HEAD_ROW + 1):
        for at, column in enumerate(columns):
            text = write_cell(sheet, (number, at), column, row, formats, say, currency)
            widths[at] = max(widths[at], width_of(text))
    last = HEAD_ROW + len(shown)
    sheet.autofilter(HEAD_ROW, 0, last, len(columns) - 1)
    sheet.freeze_panes(HEAD_ROW + 1, 0)
    if has_sums and len(shown) == len(rows):
        _write_sums(sheet, shown, columns, last, currency, formats, say)
    for at, width in enumerate(widths):
        sheet.set_column(at, at, fit_width(width))


def _heading(column: str, say: Vocabulary) -> str:
    own = f"column_{column}"
    text = word(own, say.lang) if own in WORDS else say.column(column)
    return text[:1].upper() + text[1:]


def _write_sums(
    sheet: Any,  # noqa: ANN401 XlsxWriter ships no types
    rows: Sequence[Row],
    columns: Sequence[str],
    last: int,
    currency: str,
    formats: Formats,
    say: Vocabulary,
) -> None:
    """One row of sums per currency: what is not of one currency is never added up."""
    summed = [column for column in columns if column.endswith("_minor") or column in _COUNTS]
    named = [column for column in columns if column in ("currency", "functional_currency")]
    currencies = sorted({str(row[column]) for row in rows for column in named if row[column]}) or [currency]
    look: dict[str, object] = {"bold": True, "top": 1}
    for number, of in enumerate(currencies, start=last + 2):
        for at in range(len(columns)):
            sheet.write_blank(number, at, None, formats.of(**look))
        write_text(sheet, (number, 0), f"{word('total', say.lang)} {of}", formats.of(**look))
        for column in summed:
            value = _sum(rows, column, of, named)
            if value is None:
                continue
            at = columns.index(column)
            of_column = xl_range_abs(HEAD_ROW + 1, at, last, at)
            key = currency_column(column)
            if len(currencies) == 1 or key not in columns:
                formula = f"=SUBTOTAL({_SUBTOTAL},{of_column})"
            else:
                names = columns.index(key)
                formula = f'=SUMIF({xl_range_abs(HEAD_ROW + 1, names, last, names)},"{of}",{of_column})'
            is_money = column.endswith("_minor")
            form = formats.money(of, **look) if is_money else formats.of(num_format="#,##0", **look)
            sheet.write_formula(number, at, formula, form, units(value, of) if is_money else value)


def _sum(rows: Sequence[Mapping[str, Any]], column: str, of: str, named: Sequence[str]) -> int | None:
    """What a column sums to in one currency; None where no row has that currency there."""
    key = currency_column(column)
    own = [row[column] or 0 for row in rows if key not in named or row[key] == of]
    return sum(own) if own else None
