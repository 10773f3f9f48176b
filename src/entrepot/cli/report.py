"""`entrepot report`: questions asked of the ledger."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pyarrow.compute as pc
import typer

from entrepot.assembly import open_cell
from entrepot.cli import publish
from entrepot.cli.buyers import buyers_
from entrepot.cli.consolidated import consolidated_
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
from entrepot.cli.tabulate import print_bridge, print_comparison, print_rows, print_statement
from entrepot.flows.asking import html_report, report_rows, vocabulary
from entrepot.flows.calendars import check_fiscal_report
from entrepot.flows.group import group_pnl
from entrepot.flows.own_reports import own_report_rows, own_report_titles
from entrepot.reports import REPORTS, Against, compared, earlier, statement_of
from entrepot.reports.explain import ids_of_row

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from entrepot.flows.parts import CellParts
    from entrepot.reports import ComparedLine

app = typer.Typer(help="Reports.\n\nExample:  entrepot report pnl --by shop --lang zh", no_args_is_help=True)
app.command("consolidated")(consolidated_)
app.command("buyers")(buyers_)


class By(StrEnum):
    """What the columns of a P&L are."""

    CHANNEL = "channel"
    SHOP = "shop"
    MONTH = "month"
    PERIOD = "period"
    SKU = "sku"


Month = Annotated[str | None, typer.Option("--month", help="Only this calendar month: 2026-09.")]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        help="Cut-off: an instant with its zone, 2026-11-11T00:00+08:00, or a day, which begins at midnight in Beijing "
        "where the cell's region is CN, else in UTC. Without it everything counts.",
    ),
]
_BEIJING = timezone(timedelta(hours=8))
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@app.command("pnl")
def pnl(
    home: Home = DEFAULT_HOME,
    by: Annotated[By, typer.Option(help="What the columns are.")] = By.CHANNEL,
    month: Month = None,
    period: Annotated[str | None, typer.Option("--period", help="Only this fiscal period: FY2026-P09.")] = None,
    compare: Annotated[
        Against | None, typer.Option("--compare", help="Beside it the month or period before, or a year before.")
    ] = None,
    currency: Currency = None,
    lang: Lang = Language.ENGLISH,
    *,
    group: Annotated[
        bool, typer.Option("--group", help="With the journals that other cells let out to this one.")
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Profit and loss by channel, shop, month, fiscal period or SKU.

    Example:  entrepot report pnl --by channel --month 2026-09 --compare previous
    """
    check_one_form(as_json=as_json, as_csv=as_csv)
    if compare is not None and ((month is None) == (period is None) or by in (By.MONTH, By.PERIOD)):
        message = "give one of --month and --period with it, and --by channel, shop or sku"
        raise typer.BadParameter(message, param_hint="--compare")
    parts = open_cell(home)
    if period is not None or by is By.PERIOD:
        check_fiscal_report(parts)
    rows = group_pnl(parts, currency) if group else report_rows(parts, "pnl", currency)
    every = rows
    for option, name, value in (("--month", "month", month), ("--period", "fiscal_period", period)):
        if value is not None:
            check_known(option, value, (each for each in rows[name].to_pylist() if each))
            rows = rows.filter(pc.equal(rows[name], value))
    used = rows["currency"][0].as_py() if rows.num_rows else (currency or "CNY")
    column = {By.SKU: "sku_id", By.PERIOD: "fiscal_period"}.get(by, by.value)
    say = vocabulary(parts, lang.value)
    if compare is not None:
        name, now = ("month", month) if month is not None else ("fiscal_period", period)
        names = (str(now), earlier(str(now), compare))
        lines = compared(rows.to_pylist(), every.filter(pc.equal(every[name], names[1])).to_pylist(), column, used)
        if as_json or as_csv:
            _print_compared(lines, names, column, used, as_json=as_json)
        else:
            print_comparison(lines, names, column, say, f"{_title('pnl', lang)} ({used})")
        return
    if as_json or as_csv:
        in_weeks = parts.settings.calendar.pattern != "months"
        _print_plain(rows, as_json=as_json, name="pnl", is_in_weeks=in_weeks)
        return
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


def _other(name: str, example: str, meaning: str = "") -> None:
    """Add a command for a report that takes no options of its own."""

    def command(
        home: Home = DEFAULT_HOME, lang: Lang = Language.ENGLISH, as_json: AsJson = False, as_csv: AsCsv = False
    ) -> None:
        _show(home, name, lang, as_json, as_csv)

    _add(name, command, example, meaning)


def _monthly(name: str, example: str, meaning: str) -> None:
    """Add a command for a report with a row per month."""

    def command(
        home: Home = DEFAULT_HOME,
        month: Month = None,
        lang: Lang = Language.ENGLISH,
        as_json: AsJson = False,
        as_csv: AsCsv = False,
    ) -> None:
        _show(home, name, lang, as_json, as_csv, only={"month": month})

    _add(name, command, example, meaning)


def _add(name: str, command: Callable[..., None], example: str, meaning: str) -> None:
    title = next(each for each in REPORTS if each.name == name).title["en"]
    command.__doc__ = f"{meaning or title}.\n\nExample:  {example}"
    app.command(name.replace("_", "-"))(command)


_other("gmv_bridge", "entrepot report gmv-bridge --json")
_other("settlement_status", "entrepot report settlement-status")
_other("exceptions_summary", "entrepot report exceptions-summary")
_other("fx_sources", "entrepot report fx-sources")
_other("trial_balance", "entrepot report trial-balance --csv > trial.csv")
_other("ageing", "entrepot report ageing --json")
_other("cash_forecast", "entrepot report cash-forecast --csv > cash.csv")
_other("invoicing", "entrepot report invoicing --csv > invoicing.csv")
_other(
    "on_offer",
    "entrepot report on-offer --csv > offers.csv",
    "What shops offer that the catalogue does not know, what they do not, and what stands below cost or above stock",
)
_other("metrics", "entrepot report metrics --json", "Metrics of the integration with their targets, by month and now")
_monthly(
    "stock_turnover",
    "entrepot report stock-turnover --month 2026-09",
    "How often stock turns and how many days it lasts, per SKU, channel and place, and in sum",
)
_monthly(
    "platform_figures",
    "entrepot report platform-figures --month 2026-09",
    "Our figures beside those of the seller centres, with what they differ by",
)
_monthly(
    "quality",
    "entrepot report quality --month 2026-09",
    "Scores of each feed's data by day of arrival, with the counts behind them",
)


@app.command("acquisition")
def acquisition(
    home: Home = DEFAULT_HOME,
    month: Month = None,
    currency: Currency = None,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Advertising, new and returning buyers, and what a new buyer costs, per channel and month.

    Example:  entrepot report acquisition --month 2026-09
    """
    _show(home, "acquisition", lang, as_json, as_csv, currency=currency, only={"month": month})


@app.command("tax-bridge")
def tax_bridge(
    home: Home = DEFAULT_HOME,
    quarter: Annotated[str | None, typer.Option("--quarter", help="Only this quarter: 2026-Q3.")] = None,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """From what platforms report to the tax authority in a quarter to the ledger, and from there to invoices.

    Example:  entrepot report tax-bridge --quarter 2026-Q3
    """
    _show(home, "tax_bridge", lang, as_json, as_csv, only={"quarter": quarter})


@app.command("presale")
def presale(
    home: Home = DEFAULT_HOME,
    at: At = None,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Presale deposits by shop at a cut-off: completed, forfeited, given back, open.

    Example:  entrepot report presale --at 2026-11-11T00:00+08:00
    """
    _show(home, "presale", lang, as_json, as_csv, at=at)


@app.command("cut-off")
def cut_off(
    home: Home = DEFAULT_HOME,
    at: At = None,
    month: Month = None,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """What was placed, paid, shipped and recognised by day, before and after a cut-off.

    Example:  entrepot report cut-off --at 2026-11-11 --month 2026-11
    """
    _show(home, "cut_off", lang, as_json, as_csv, at=at, only={"month": month})


@app.command("custom")
def custom(
    name: Annotated[str, typer.Argument(help="Name of `reports/<name>.sql` in the company folder.")],
    home: Home = DEFAULT_HOME,
    at: At = None,
    currency: Currency = None,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Run a report of the company's own: one SQL file and one page of meaning.

    Example:  entrepot report custom paid_by_others --csv
    """
    check_one_form(as_json=as_json, as_csv=as_csv)
    parts = open_cell(home)
    title, rows = own_report_rows(parts, name, currency, _instant(parts, at))
    _print(parts, rows, title, lang, as_json, as_csv)


@app.command("list")
def list_reports(home: Home = DEFAULT_HOME, lang: Lang = Language.ENGLISH, as_json: AsJson = False) -> None:
    """Reports that there are, the company's own included.

    Example:  entrepot report list
    """
    shipped = [
        {"name": each.name.replace("_", "-"), "title": each.title[lang.value], "origin": "shipped"} for each in REPORTS
    ]
    parts = open_cell(home)
    own = [
        {"name": f"custom {name}", "title": title, "origin": "own"} for name, title in own_report_titles(parts).items()
    ]
    if as_json:
        print_json({"reports": shipped + own})
    else:
        print_rows(shipped + own, ("name", "title", "origin"), "", vocabulary(parts, lang.value))


def _show(
    home: Path,
    name: str,
    lang: Language,
    as_json: bool,
    as_csv: bool,
    *,
    currency: str | None = None,
    at: str | None = None,
    only: dict[str, str | None] | None = None,
) -> None:
    check_one_form(as_json=as_json, as_csv=as_csv)
    parts = open_cell(home)
    instant = _instant(parts, at)
    rows = report_rows(parts, name, currency, instant)
    for column, value in (only or {}).items():
        if value is not None:
            check_known(f"--{column}", value, (each for each in rows[column].to_pylist() if each))
            rows = rows.filter(pc.equal(rows[column], value))
    if name == "gmv_bridge" and not (as_json or as_csv):
        print_bridge(rows.to_pylist(), rows.column_names, _title(name, lang), vocabulary(parts, lang.value))
        return
    if as_json or as_csv:
        _print_plain(rows, as_json=as_json, name=name, at=instant)
        return
    _print(parts, rows, _title(name, lang), lang, as_json, as_csv)


def _print(parts: CellParts, rows: pa.Table, title: str, lang: Language, as_json: bool, as_csv: bool) -> None:
    if as_json or as_csv:
        _print_plain(rows, as_json=as_json)
    else:
        print_rows(_sorted(rows), rows.column_names, title, vocabulary(parts, lang.value))


def _instant(parts: CellParts, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text) if _DAY.match(text) else None
    except ValueError:
        found = None
    if found is not None and found.tzinfo is None and _DAY.fullmatch(text):
        found = found.replace(tzinfo=_BEIJING if parts.settings.cell.region.upper() == "CN" else UTC)
    if found is None or found.tzinfo is None:
        message = f"{text} is no day and no instant with its zone, such as 2026-11-11T00:00+08:00"
        raise typer.BadParameter(message, param_hint="--at")
    return found.astimezone(UTC)


def _print_compared(
    lines: tuple[ComparedLine, ...], names: tuple[str, str], by: str, currency: str, *, as_json: bool
) -> None:
    rows = [
        {
            by: each.column,
            "line": each.line.key,
            "now": names[0],
            "before": names[1],
            "amount_minor": each.now_minor,
            "before_minor": each.before_minor,
            "difference_minor": each.difference_minor,
            "change_bp": each.change_bp,
            "currency": currency,
        }
        for each in lines
    ]
    if as_json:
        print_json({"rows": rows})
    else:
        print_csv(rows, list(rows[0]))


def _title(name: str, lang: Language) -> str:
    return next(each for each in REPORTS if each.name == name).title[lang.value]


def _sorted(rows: pa.Table) -> list[dict[str, object]]:
    return sorted(rows.to_pylist(), key=lambda row: [_reading_order(row[name]) for name in rows.column_names])


def _reading_order(value: object) -> list[str | int]:
    """How people sort: numbers inside a text by size, so that 8-15 days stand before 16-30, and before before after."""
    text = "0 before" if value == "before" else str(value)
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", text)]


def _print_plain(
    rows: pa.Table, *, as_json: bool, name: str | None = None, at: datetime | None = None, is_in_weeks: bool = False
) -> None:
    ordered = _sorted(rows)
    if as_json:
        # Programs that ask further take the id of a figure from here; a report of the company's own has none.
        ids = [{"figures": ids_of_row(name, row, at, is_in_weeks=is_in_weeks)} if name else {} for row in ordered]
        print_json({"rows": [row | its for row, its in zip(ordered, ids, strict=True)]})
    else:
        print_csv(ordered, rows.column_names)


publish.add_to(app)
