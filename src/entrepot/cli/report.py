"""`entrepot report`: questions asked of the ledger."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
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
from entrepot.cli.tabulate import print_bridge, print_rows, print_statement
from entrepot.flows.asking import html_report, report_rows, vocabulary
from entrepot.reports import REPORTS, statement_of

if TYPE_CHECKING:
    import pyarrow as pa

app = typer.Typer(help="Reports.\n\nExample:  entrepot report pnl --by shop --lang zh", no_args_is_help=True)


class By(StrEnum):
    """What the columns of a P&L are."""

    CHANNEL = "channel"
    SHOP = "shop"
    MONTH = "month"
    PERIOD = "period"
    SKU = "sku"


@app.command("pnl")
def pnl(
    home: Home = DEFAULT_HOME,
    by: Annotated[By, typer.Option(help="What the columns are.")] = By.CHANNEL,
    month: Annotated[str | None, typer.Option("--month", help="Only this calendar month: 2026-09.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="Only this fiscal period: FY2026-P09.")] = None,
    currency: Currency = None,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Profit and loss by channel, shop, month, fiscal period or SKU.

    Example:  entrepot report pnl --by channel --month 2026-09 --currency EUR
    """
    check_one_form(as_json=as_json, as_csv=as_csv)
    parts = open_cell(home)
    rows = report_rows(parts, "pnl", currency)
    for option, name, value in (("--month", "month", month), ("--period", "fiscal_period", period)):
        if value is not None:
            check_known(option, value, (each for each in rows[name].to_pylist() if each))
            rows = rows.filter(pc.equal(rows[name], value))
    if as_json or as_csv:
        _print_plain(rows, as_json=as_json)
        return
    used = rows["currency"][0].as_py() if rows.num_rows else (currency or "CNY")
    column = {By.SKU: "sku_id", By.PERIOD: "fiscal_period"}.get(by, by.value)
    say = vocabulary(parts, lang.value)
    print_statement(statement_of(rows.to_pylist(), column, used), column, say, _title("pnl", lang))


@app.command("html")
def html(
    home: Home = DEFAULT_HOME,
    out: Annotated[Path | None, typer.Option("--out", help="File to write.")] = None,
    currency: Currency = None,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Write the whole report as one HTML file that needs no network.

    Example:  entrepot report html --lang zh --out report.html
    """
    parts = open_cell(home)
    target = out or parts.layout.reports / f"report-{lang.value}.html"
    page = html_report(parts, lang.value, currency)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page, encoding="utf-8")
    if as_json:
        print_json({"path": str(target)})
    else:
        console.print(str(target), soft_wrap=True)


def _other(name: str, example: str) -> None:
    report = next(each for each in REPORTS if each.name == name)

    def command(
        home: Home = DEFAULT_HOME, lang: Lang = Language.ENGLISH, as_json: AsJson = False, as_csv: AsCsv = False
    ) -> None:
        check_one_form(as_json=as_json, as_csv=as_csv)
        parts = open_cell(home)
        rows = report_rows(parts, name)
        if as_json or as_csv:
            _print_plain(rows, as_json=as_json)
        elif name == "gmv_bridge":
            print_bridge(rows.to_pylist(), rows.column_names, report.title[lang.value], vocabulary(parts, lang.value))
        else:
            print_rows(_sorted(rows), rows.column_names, report.title[lang.value], vocabulary(parts, lang.value))

    command.__doc__ = f"{report.title['en']}.\n\nExample:  {example}"
    app.command(name.replace("_", "-"))(command)


_other("gmv_bridge", "entrepot report gmv-bridge --json")
_other("settlement_status", "entrepot report settlement-status")
_other("exceptions_summary", "entrepot report exceptions-summary")
_other("trial_balance", "entrepot report trial-balance --csv > trial.csv")


def _title(name: str, lang: Language) -> str:
    return next(each for each in REPORTS if each.name == name).title[lang.value]


def _sorted(rows: pa.Table) -> list[dict[str, object]]:
    return sorted(rows.to_pylist(), key=lambda row: [str(row[name]) for name in rows.column_names])


def _print_plain(rows: pa.Table, *, as_json: bool) -> None:
    ordered = _sorted(rows)
    if as_json:
        print_json({"rows": ordered})
    else:
        print_csv(ordered, rows.column_names)
