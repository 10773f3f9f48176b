"""Tables on a terminal, wide characters included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from entrepot.cli.output import console, money, texts
from entrepot.reports import LINES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.reports import Statement

_SUFFIX = "_minor"
_NAME_WIDTH = 14


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
    """Print a P&L: lines down, columns across, subtotals bold, a total; in blocks where the terminal is narrow."""
    total = {"en": "total", "zh": "合计"}[lang]
    width = 2 + max(
        cell_len(money(amount, statement.currency))
        for line in LINES
        for amount in (*statement.figures[line.key].values(), statement.total(line.key))
    )
    label = max(cell_len(line.title[lang]) for line in LINES)
    room = max((console.width - label) // max(width, _NAME_WIDTH) - 1, 1)
    for start in range(0, max(len(statement.columns), 1), room):
        block = statement.columns[start : start + room]
        is_last = start + room >= len(statement.columns)
        _print_block(
            statement, block, lang, f"{title} ({statement.currency})" if not start else "", total if is_last else ""
        )


def _print_block(statement: Statement, block: Sequence[str], lang: str, title: str, total: str) -> None:
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for column in (*block, *((total,) if total else ())):
        table.add_column(column, justify="right", overflow="fold")
    for line in LINES:
        if not line.is_subtotal and not any(statement.figures[line.key].values()):
            continue
        amounts = [statement.figures[line.key][column] for column in block]
        amounts += [statement.total(line.key)] if total else []
        table.add_row(
            Text(line.title[lang]),
            *(Text(money(amount, statement.currency)) for amount in amounts),
            style="bold" if line.is_subtotal else "",
            end_section=line.is_subtotal,
        )
    console.print(table)
