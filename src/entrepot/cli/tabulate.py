"""Tables on a terminal, wide characters included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from entrepot.cli.output import console, money, texts
from entrepot.reports import LINES, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from entrepot.reports import ComparedLine, Statement

_SUFFIX = "_minor"
_NAME_WIDTH = 14
_TOTAL = {"en": "total", "zh": "合计"}
_UNKNOWN = {"en": "unknown", "zh": "未知"}
_HIDDEN = {"en": "hidden", "zh": "隐去"}
_COMPARED = {"en": ("difference", "per cent"), "zh": ("差异", "变动率")}


_PLAIN = Vocabulary()


def print_rows(
    rows: Sequence[Mapping[str, object]], columns: Sequence[str], title: str = "", say: Vocabulary | None = None
) -> None:
    """Print rows; amounts and counts to the right. Without words, names of columns and codes stand as they are."""
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        numeric = column.endswith(_SUFFIX) or any(isinstance(row[column], int) for row in rows)
        heading = say.column(column) if say else column.removesuffix(_SUFFIX)
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for cells in texts(rows, columns, say or _PLAIN):
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)


def print_bridge(rows: Sequence[Mapping[str, object]], columns: Sequence[str], title: str, say: Vocabulary) -> None:
    """Print the GMV bridge: steps down, shops across, in blocks where the terminal is narrow."""
    head = ("channel", "shop", "currency")
    steps = [column for column in columns if column not in head]
    cells = texts(sorted(rows, key=lambda row: [str(row[name]) for name in head]), columns, say)
    width = 3 + max((cell_len(cell) for row in cells for cell in row), default=0)
    label = 4 + max(cell_len(say.column(step)) for step in steps)
    room = max((console.width - label) // width, 1)
    for start in range(0, max(len(cells), 1), room):
        block = cells[start : start + room]
        table = Table(title=title if not start else None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        table.add_column("")
        for row in block:
            # As text, since a shop may be called [red].
            table.add_column(Text("\n".join(row[columns.index(name)] for name in head)), justify="right")
        for step in steps:
            table.add_row(say.column(step), *(Text(row[columns.index(step)]) for row in block))
        console.print(table)


def print_statement(
    statement: Statement, by: str, say: Vocabulary, title: str, hidden: AbstractSet[tuple[str, str]] = frozenset()
) -> None:
    """Print a P&L: lines down, columns across, subtotals bold, a total; in blocks where the terminal is narrow.

    What is hidden, by line and column, is said to be; a subtotal with a hidden part is, too.
    """
    lang = say.lang
    total = _TOTAL[lang]
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
        headings = [say.heading(by, column) for column in block]
        _print_block(
            statement,
            block,
            headings + [total] * is_last,
            lang,
            f"{title} ({statement.currency})" if not start else "",
            hidden,
        )


def print_comparison(
    lines: Sequence[ComparedLine], names: tuple[str, str], by: str, say: Vocabulary, title: str
) -> None:
    """Print two months of a P&L side by side with difference and per cent: the total, then a block for each column.

    Args:
        lines: Block by block, as `compared` gives them.
        names: Headings of the two months or periods.
        by: What the columns are.
        say: Words of one language.
        title: Of the whole, with the currency in brackets at its end.
    """
    lang = say.lang
    currency = title.rpartition("(")[2].rstrip(")")
    for number, column in enumerate(dict.fromkeys(each.column for each in lines)):
        table = Table(title=None if number else title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        table.add_column(Text(_TOTAL[lang] if column is None else say.heading(by, column)))
        for heading in (*names, *_COMPARED[lang]):
            table.add_column(Text(heading), justify="right")
        for each in lines:
            if each.column != column:
                continue
            amounts = (each.now_minor, each.before_minor, each.difference_minor)
            cells = [_UNKNOWN[lang] if amount is None else money(amount, currency) for amount in amounts]
            change = "" if each.change_bp is None else f"{money(each.change_bp, 'CNY')} %"
            style = "bold" if each.line.is_subtotal else ""
            table.add_row(Text(each.line.title[lang]), *map(Text, (*cells, change)), style=style)
        console.print(table)


def _print_block(
    statement: Statement,
    block: Sequence[str],
    headings: Sequence[str],
    lang: str,
    title: str,
    hidden: AbstractSet[tuple[str, str]],
) -> None:
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for column in headings:
        table.add_column(Text(column), justify="right", overflow="fold")
    for line in LINES:
        if not line.is_subtotal and not any(statement.figures[line.key].values()):
            continue
        amounts = [statement.shown(line.key, column) for column in block]
        amounts += [statement.shown(line.key)] if len(headings) > len(block) else []
        cells = [_UNKNOWN[lang] if amount is None else money(amount, statement.currency) for amount in amounts]
        for place, column in enumerate(block):
            if any((part, column) in hidden for part in line.parts or (line.key,)):
                cells[place] = _HIDDEN[lang]
        table.add_row(
            Text(line.title[lang]),
            *map(Text, cells),
            style="bold" if line.is_subtotal else "",
            end_section=line.is_subtotal,
        )
    console.print(table)
