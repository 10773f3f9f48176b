"""`entrepot report consolidated`: the P&L of all cells, from safe sums; says what is suppressed and where."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import pyarrow.compute as pc
import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import (
    DEFAULT_HOME,
    AsCsv,
    AsJson,
    Currency,
    Home,
    Lang,
    Language,
    check_known,
    check_one_form,
)
from entrepot.cli.output import console, print_csv, print_json
from entrepot.cli.tabulate import print_rows, print_statement
from entrepot.flows.asking import vocabulary
from entrepot.flows.consolidated import COLUMNS, consolidated_pnl
from entrepot.reports import statement_of

if TYPE_CHECKING:
    import pyarrow as pa

    from entrepot.flows.consolidated import Consolidated
    from entrepot.flows.parts import CellParts


class By(StrEnum):
    """What the columns of the consolidated P&L are."""

    CELL = "cell"
    CHANNEL = "channel"
    SHOP = "shop"
    MONTH = "month"


_WORDS = {
    "title": ("Consolidated profit and loss", "合并损益表"),
    "suppressed": (
        "suppressed, too few persons or one too large: {count} amounts",
        "因人数过少或单人占比过高而隐去：{count} 项",
    ),
    "pooled": ("their sums stand under `withheld`: totals tie out", "其合计列于 withheld：总额相符"),
    "missing": (
        "suppressed as a whole, in no total: {count} lines of months",
        "整行隐去且不计入总额：{count} 项（行×月）",
    ),
    "derivable": (
        "of {cells} rows of the same data came too: its sums protect nobody (derivable)",
        "{cells} 的同一数据另有明细：其汇总不提供保护（derivable）",
    ),
}


def _say(lang: Language, word: str, **facts: object) -> str:
    return _WORDS[word][lang is Language.CHINESE].format(**facts)


def consolidated_(
    home: Home = DEFAULT_HOME,
    by: Annotated[By, typer.Option(help="What the columns are.")] = By.CELL,
    month: Annotated[str | None, typer.Option("--month", help="Only this calendar month: 2026-09.")] = None,
    currency: Currency = None,
    lang: Lang = Language.ENGLISH,
    *,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Profit and loss of this cell and of all that let safe sums out to it (permits of the shape G).

    Says which amounts are suppressed, by their keys and never by amount. The currency is that of the sums.

    Example:  entrepot report consolidated --by cell --month 2026-09 --lang zh --home cells/global
    """
    check_one_form(as_json=as_json, as_csv=as_csv)
    parts = open_cell(home)
    found = consolidated_pnl(parts, currency)
    rows, suppressed, missing = found.rows, found.suppressed, found.missing
    if month is not None:
        check_known("--month", month, (each for each in rows["month"].to_pylist() if each))
        rows, suppressed, missing = (_of_month(each, month) for each in (rows, suppressed, missing))
    if as_csv:
        print_csv(rows.to_pylist(), COLUMNS)
    elif as_json:
        print_json(
            {
                "currency": found.currency,
                "rows": rows.to_pylist(),
                "suppressed": {"count": suppressed.num_rows, "keys": suppressed.to_pylist()},
                "suppressed_as_a_whole": missing.to_pylist(),
                "derivable": list(found.derivable),
            }
        )
    else:
        _print(parts, found, rows, suppressed, missing, by, lang)


def _of_month(rows: pa.Table, month: str) -> pa.Table:
    return rows.filter(pc.equal(rows["month"], month))


def _print(
    parts: CellParts,
    found: Consolidated,
    rows: pa.Table,
    suppressed: pa.Table,
    missing: pa.Table,
    by: By,
    lang: Language,
) -> None:
    say = vocabulary(parts, lang.value)
    statement = statement_of(rows.to_pylist(), by.value, found.currency)
    print_statement(statement, by.value, say, _say(lang, "title"), _hidden(rows, suppressed, by.value))
    if suppressed.num_rows:
        console.print(_say(lang, "suppressed", count=f"{suppressed.num_rows:,}"))
        console.print(_say(lang, "pooled"))
        names = ("cell", "month", "channel", "shop")
        counted = Counter(tuple(row[name] for name in names) for row in suppressed.to_pylist())
        listed = [dict(zip(names, key, strict=True)) | {"lines": count} for key, count in counted.items()]
        print_rows(listed, (*names, "lines"), "", say)
    if missing.num_rows:
        console.print(_say(lang, "missing", count=f"{missing.num_rows:,}"))
        print_rows(missing.to_pylist(), ("cell", "month", "line", "detail"), "", say)
    if found.derivable:
        console.print(_say(lang, "derivable", cells=", ".join(found.derivable)), markup=False, soft_wrap=True)


def _hidden(rows: pa.Table, suppressed: pa.Table, by: str) -> set[tuple[str, str]]:
    """Line and column of which an amount is suppressed that no pool of the column has."""
    names = ("cell", "month", "line", "detail")

    def keys(table: pa.Table) -> set[tuple[str, ...]]:
        return {(*(row[name] for name in names), str(row[by])) for row in table.to_pylist()}

    pools = keys(rows.filter(pc.equal(rows["state"], "pooled")))
    return {(key[2], key[4]) for key in keys(suppressed) - pools}
