"""`entrepot export`: journals for an ERP, by file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, check_known
from entrepot.cli.output import console, money, print_json
from entrepot.delivery import GROUPINGS, LAYOUTS, JournalAsked, layout_named, mapping_text
from entrepot.flows.exporting import export_journal

if TYPE_CHECKING:
    from entrepot.flows.exporting import ExportReport

app = typer.Typer(
    help="Journals for an ERP, by file.\n\nExample:  entrepot export journal --period 2026-09 --layout netsuite",
    no_args_is_help=True,
)

_LAYOUT_NAMES = [layout.name for layout in LAYOUTS]
LayoutName = Annotated[str, typer.Option("--layout", help=f"The ERP's file: {', '.join(_LAYOUT_NAMES)}.")]


class Form(StrEnum):
    """Forms of a journal file."""

    CSV = "csv"
    XLSX = "xlsx"


class Per(StrEnum):
    """What one journal holds."""

    DAY = "day"
    ORDER = "order"
    SETTLEMENT = "settlement"


assert tuple(sorted(Per)) == tuple(sorted(GROUPINGS)), "the command offers the groupings that delivery knows"


@app.command("journal")
def journal(
    *,
    period: Annotated[str, typer.Option("--period", help="2026-09, or FY2026-P09 as the fiscal calendar names it.")],
    home: Home = DEFAULT_HOME,
    layout: LayoutName = "plain",
    form: Annotated[Form, typer.Option("--format", help="The layout's text form, or a workbook.")] = Form.CSV,
    per: Annotated[Per, typer.Option("--per", help="What one journal holds.")] = Per.DAY,
    entity: Annotated[str, typer.Option("--entity", help="Only this company of cell.toml.")] = "",
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="Account mapping; else the cell's mappings/LAYOUT.csv.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; else under the cell's exports/.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace another file of that name.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write balanced journals of a month or fiscal period, mapped to the ERP's accounts.

    Nothing is dropped: the file's debits and credits are the ledger's, account by account. An account or tax code that
    the mapping does not name stops the export. The same question again gives the same bytes.

    Example:  entrepot export journal --period 2026-09 --layout kingdee --entity cn-shanghai --format xlsx
    """
    check_known("--layout", layout, _LAYOUT_NAMES)
    parts = open_cell(home)
    if entity:
        check_known("--entity", entity, (each.id for each in parts.settings.entities))
    is_fiscal = period.upper().startswith("FY")
    asked = JournalAsked(period.upper(), per.value, entity, is_fiscal=is_fiscal)
    report = export_journal(parts, asked, layout_named(layout), form.value, mapping=mapping, out=out, replace=force)
    if as_json:
        print_json(as_dict(report, asked, layout, form.value))
    else:
        _print(report)


@app.command("mapping")
def mapping_(layout: LayoutName = "plain") -> None:
    """Print a layout's example of an account mapping, to be edited: put your ERP's accounts into `theirs`.

    Example:  entrepot export mapping --layout netsuite > accounts.csv
    """
    check_known("--layout", layout, _LAYOUT_NAMES)
    typer.echo(mapping_text(layout_named(layout)), nl=False)


def as_dict(report: ExportReport, asked: JournalAsked, layout: str, form: str) -> dict[str, object]:
    """The documented JSON of an export."""
    return {
        "path": str(report.path),
        "layout": layout,
        "format": form,
        "per": asked.per,
        "period": asked.period,
        "entity": asked.entity or None,
        "journals": report.totals.journals,
        "lines": report.totals.lines,
        "totals": [
            {"entity_id": entity, "currency": currency, "debit_minor": debit, "credit_minor": credit}
            for entity, currency, debit, credit in report.totals.by_currency
        ],
        "sha256": report.sha256,
        "is_new": report.is_new,
    }


def _print(report: ExportReport) -> None:
    console.print(str(report.path), soft_wrap=True, markup=False)
    console.print(f"{report.totals.journals:,} journals, {report.totals.lines:,} lines, sha256 {report.sha256[:16]}…")
    for entity, currency, debit, credit in report.totals.by_currency:
        console.print(f"{entity}: debit {money(debit, currency)} = credit {money(credit, currency)} {currency}")
    if not report.is_new:
        console.print("the file was there already with these very bytes", style="dim")
