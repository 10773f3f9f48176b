"""A sheet with a P&L: lines down, channels, shops or months across; subtotals and totals are formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_rowcol_to_cell

from entrepot.reports.statement import LINES
from entrepot.reports.workbook.cells import fit_width, units, width_of, write_text
from entrepot.reports.workbook.words import word

if TYPE_CHECKING:
    from entrepot.reports.statement import Line, Statement
    from entrepot.reports.words import Vocabulary
    from entrepot.reports.workbook.cells import Formats

HEAD_ROW = 3
"""Row of the headings, from 0; above it stand title and note."""


def write_statement(sheet: Any, statement: Statement, by: str, formats: Formats, say: Vocabulary) -> None:  # noqa: ANN401
    """Write a statement under its title.

    Args:
        sheet: An XlsxWriter worksheet whose title is written.
        statement: The P&L.
        by: What its columns are.
        formats: Of the workbook.
        say: Words of the sheet's language.
    """
    head = formats.of(bold=True, bottom=1, text_wrap=True, align="right", bg_color="#EAF1F4")
    first = formats.of(bold=True, bottom=1, bg_color="#EAF1F4")
    names = [say.heading(by, column) for column in statement.columns]
    write_text(sheet, (HEAD_ROW, 0), word("line", say.lang), first)
    for at, name in enumerate([*names, word("total", say.lang)], start=1):
        write_text(sheet, (HEAD_ROW, at), name, head)
    shown = [line for line in LINES if line.is_subtotal or any(statement.figures[line.key].values())]
    rows = {line.key: HEAD_ROW + 1 + at for at, line in enumerate(shown)}
    for line in shown:
        _write_line(sheet, line, rows, statement, formats, say)
    sheet.freeze_panes(HEAD_ROW + 1, 1)
    sheet.set_column(0, 0, fit_width(max(width_of(line.title[say.lang]) for line in shown)))
    for at, name in enumerate(names, start=1):
        widest = max(abs(statement.figures[line.key][statement.columns[at - 1]]) for line in shown)
        sheet.set_column(at, at, fit_width(max(min(width_of(name), 18), width_of(_shown(widest, statement)) + 1)))
    widest = max(abs(statement.total(line.key)) for line in shown)
    sheet.set_column(len(names) + 1, len(names) + 1, fit_width(width_of(_shown(widest, statement)) + 1))


def _shown(minor: int, statement: Statement) -> str:
    return f"{units(minor, statement.currency):,.2f}"


def _write_line(
    sheet: Any,  # noqa: ANN401 XlsxWriter ships no types
    line: Line,
    rows: dict[str, int],
    statement: Statement,
    formats: Formats,
    say: Vocabulary,
) -> None:
    look: dict[str, object] = {"bold": True, "top": 1, "bg_color": "#F4F7F9"} if line.is_subtotal else {}
    row, total_at = rows[line.key], len(statement.columns) + 1
    write_text(sheet, (row, 0), line.title[say.lang], formats.of(**look))
    money = formats.money(statement.currency, **look)
    unknown = formats.of(align="right", font_color="#B45309", **look)
    for at, column in enumerate((*statement.columns, None), start=1):
        minor = statement.shown(line.key, column)
        if minor is None:
            write_text(sheet, (row, at), word("unknown", say.lang), unknown)
            continue
        value = units(minor, statement.currency)
        parts = [rows[part] for part in line.parts if part in rows]
        if line.is_subtotal and parts:
            # Over its own lines, in the total's column too: an unknown margin beside it is no number to add.
            cells = ",".join(xl_rowcol_to_cell(part, at) for part in parts)
            sheet.write_formula(row, at, f"=SUM({cells})", money, value)
        elif at == total_at and not line.is_subtotal:
            span = f"{xl_rowcol_to_cell(row, 1)}:{xl_rowcol_to_cell(row, total_at - 1)}"
            sheet.write_formula(row, at, f"=SUM({span})", money, value)
        else:
            sheet.write_number(row, at, value, money)
