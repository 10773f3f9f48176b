"""Tables on a terminal, wide characters included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from entrepot.cli.output import console, money, texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.reports import Statement

_SUFFIX = "_minor"


def print_rows(rows: Sequence[Mapping[str, object]], columns: Sequence[str], title: str = "") -> None:
    """Print rows; amounts and counts to the right."""
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        numeric = column.endswith(_SUFFIX) or any(isinstance(row[column], int) for row in rows)
        table.add_column(column.removesuffix(_SUFFIX), justify="right" if numeric else "left", overflow="fold")
    for cells in texts(rows, columns):
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)


def print_statement(statement: Statement, lang: str, title: str) -> None:
    """Print a P&L: lines down, columns across, subtotals bold, a total column."""
    from entrepot.reports import LINES  # noqa: PLC0415 keeps `--help` quick

    table = Table(title=f"{title} ({statement.currency})", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    total = {"en": "total", "zh": "合计"}[lang]
    for column in (*statement.columns, total):
        table.add_column(column, justify="right", no_wrap=True)
    for line in LINES:
        amounts = [*(statement.figures[line.key][column] for column in statement.columns), statement.total(line.key)]
        if not line.is_subtotal and not any(amounts):
            continue
        style = "bold" if line.is_subtotal else ""
        cells = [money(amount, statement.currency) for amount in amounts]
        table.add_row(Text(line.title[lang]), *(Text(cell) for cell in cells), style=style,
                      end_section=line.is_subtotal)
    console.print(table)
