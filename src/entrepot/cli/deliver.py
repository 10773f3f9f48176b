"""`entrepot deliver`: documents into an ERP, once, and read back."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language
from entrepot.cli.output import console, errors, money, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    GOODS_ISSUE,
    GOODS_RECEIPT,
    INVOICE,
    JOURNAL,
    KINDS,
    ORDER,
    PARTY,
    PAYMENT,
    PRICE_DIGITS,
    PRODUCT,
    Goods,
    Invoice,
    Party,
    Product,
    SalesOrder,
)
from entrepot.delivery.registry import erp_named
from entrepot.flows import delivering

if TYPE_CHECKING:
    from collections import Counter

    from entrepot.delivery.erp import Document
    from entrepot.flows.delivering import AuditReport, PlanReport, RunReport
    from entrepot.flows.parts import CellParts

app = typer.Typer(
    help=(
        "Documents into an ERP, once, and read back.\n\n"
        "Example:  entrepot deliver plan erp --period 2026-09 && entrepot deliver run erp"
    ),
    no_args_is_help=True,
)

TargetName = Annotated[str, typer.Argument(help="A target of cell.toml.")]
Period = Annotated[str, typer.Option("--period", help="Accounting month, YYYY-MM.")]

EXIT_REFUSED, EXIT_LATER = 1, 75


@app.command("plan")
def plan(
    target: TargetName,
    *,
    period: Period,
    home: Home = DEFAULT_HOME,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Keep nothing, and show the documents as they would stand in the ERP.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Plan the documents of a period: what is new, and what changed in the books since it was planned or sent.

    Running it twice plans nothing twice. Their totals are the ledger's; an account without a mapping stops the plan.

    Example:  entrepot deliver plan erp --period 2026-09 --dry-run
    """
    parts = open_cell(home)
    documents = delivering.planned_documents(parts, target, period) if dry_run else []
    report = delivering.plan(parts, target, period, dry_run=dry_run)
    if as_json:
        print_json(
            {**_plan_json(report), **({"would_add": [_document(each) for each in documents]} if dry_run else {})}
        )
        return
    for each in documents:
        _print_document(each)
    _print_plan(report)


@app.command("run")
def run(
    target: TargetName,
    *,
    home: Home = DEFAULT_HOME,
    wait: Annotated[
        float, typer.Option("--wait", help="Seconds to wait, in all, for documents that were put off.", min=0)
    ] = 300.0,
    as_json: AsJson = False,
) -> None:
    """Deliver what is planned. Stop it at any moment; the next run goes on, and asks the ERP first where in doubt.

    Several may run at once. Exit code 1: a document waits for a person; 75: some have to be tried again later.

    Example:  entrepot deliver run erp --wait 600
    """
    parts = open_cell(home)
    report = _run_with_progress(parts, target, wait)
    waiting = delivering.waiting_for_people(parts, target)
    if as_json:
        print_json({**_run_json(report), "waiting_for_people": [asdict(each) for each in waiting]})
    else:
        _print_run(parts, target, report, lang=Language.ENGLISH)
    if waiting:
        raise typer.Exit(EXIT_REFUSED)
    if report.open:
        raise typer.Exit(EXIT_LATER)


@app.command("status")
def status(
    target: TargetName,
    *,
    home: Home = DEFAULT_HOME,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """List documents by period and status, and each that waits for a person with what to do.

    Example:  entrepot deliver status erp --lang zh
    """
    parts = open_cell(home)
    counts = delivering.status(parts, target)
    waiting = delivering.waiting_for_people(parts, target)
    if as_json:
        print_json({"counts": counts, "waiting_for_people": [asdict(each) for each in waiting]})
        return
    words = _STATUS[lang.value]
    print_rows(
        [{**row, "status": words.get(row["status"], row["status"])} for row in counts],
        ("period", "status", "documents"),
        target,
    )
    _print_waiting(parts, target, lang)


@app.command("retry")
def retry(
    target: TargetName,
    documents: Annotated[
        list[str] | None, typer.Argument(help="Documents; without one all that wait and are there.")
    ] = None,
    *,
    home: Home = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Put documents that wait for a person back in line, once what was wrong is mended; `run` looks each up first.

    A document that is named, also one that is done, is sent anew where it is not in the ERP any more.

    Example:  entrepot deliver retry erp 3fa9c1d2e4b5a607
    """
    again = delivering.retry(open_cell(home), target, documents or [])
    if as_json:
        print_json({"again": again})
    else:
        console.print(f"{len(again):,} back in line; `entrepot deliver run {target}` takes them up")


@app.command("explain")
def explain(target: TargetName, document: str, *, home: Home = DEFAULT_HOME, as_json: AsJson = False) -> None:
    """Show a document: its lines, where it stands, and every attempt with the ERP's own words.

    Example:  entrepot deliver explain erp 3fa9c1d2e4b5a607
    """
    intent, found, history = delivering.explain(open_cell(home), target, document)
    if as_json:
        print_json({"document": _document(found), "state": asdict(intent), "history": history})
        return
    _print_document(found)
    console.print(f"status    {intent.status}" + (f", {intent.ref} in the ERP" if intent.ref else ""), markup=False)
    if intent.words:
        console.print(f"trouble   {intent.code}: {intent.words}", markup=False)
    print_rows(history, ("at_us", "step", "what", "words"), "attempts")


@app.command("audit")
def audit(target: TargetName, *, period: Period, home: Home = DEFAULT_HOME, as_json: AsJson = False) -> None:
    """Read the ERP and compare it with what was sent, document by document and line by line.

    Exit code 1 when anything is missing, not sent yet, twice, unknown or different.

    Example:  entrepot deliver audit erp --period 2026-09
    """
    report = delivering.audit(open_cell(home), target, period)
    if as_json:
        print_json({**asdict(report), "is_equal": report.is_equal})
    else:
        print_audit(report)
    if not report.is_equal:
        raise typer.Exit(EXIT_REFUSED)


@app.command("mapping")
def mapping(erp: Annotated[str, typer.Option("--erp", help="The ERP.")] = "tryton") -> None:
    """Print an ERP's example of an account mapping; keep yours as mappings/TARGET.csv of the cell.

    Example:  entrepot deliver mapping --erp tryton > company/mappings/erp.csv
    """
    typer.echo(erp_named(erp).accounts, nl=False)


def print_audit(report: AuditReport) -> None:
    """The tie-out, for people."""
    console.print(f"documents       {report.documents:,}")
    console.print(f"in the ERP      {report.found:,}")
    if set(report.kinds) - {JOURNAL}:
        console.print(f"of these        {_kinds(report.kinds)}", markup=False)
    if report.waiting:
        console.print(f"not there yet   {report.waiting:,}: see `entrepot deliver status`", style="red", markup=False)
    for company, currency, debit, functional in report.sums:
        console.print(f"{company}  debit {money(debit, functional)} {functional} of documents in {currency}")
    lists = (
        ("missing", report.missing),
        ("twice", report.twice),
        ("unknown to us", report.strangers),
        ("changed there", report.changed),
    )
    for name, keys in lists:
        if keys:
            console.print(f"{name:<15} {len(keys):,}: {', '.join(keys[:5])}", style="red", markup=False)
    print_rows(list(report.differences), tuple(report.differences[0]) if report.differences else (), "differences")
    if report.ledger:
        print_rows(list(report.ledger), tuple(report.ledger[0]), "beside the ledger")
    goods = report.goods
    for company, moved, held, costed, booked in goods.sums:
        console.print(
            f"{company}  goods {moved:,} pieces out, {held:,} in the ERP; {costed:,} with a cost, which the ledger has "
            f"for {booked:,}",
            markup=False,
        )
    for title, rows in (("pieces", goods.pieces), ("beside the stock that moved", goods.stock)):
        if rows:
            print_rows(list(rows), tuple(rows[0]), title)
    parts = (report.differences, report.ledger, report.changed, goods.pieces, goods.stock)
    console.print(f"differences: {sum(len(each) for each in parts)}")


def _run_with_progress(parts: CellParts, target: str, wait_s: float) -> RunReport:
    total = sum(row["documents"] for row in delivering.status(parts, target) if row["status"] in ("planned", "sending"))
    columns = (TextColumn("delivering"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("", total=total)

        def tell(_words: Counter[str]) -> None:
            left = sum(
                row["documents"] for row in delivering.status(parts, target) if row["status"] in ("planned", "sending")
            )
            progress.update(task, completed=max(total - left, 0))

        return delivering.run(parts, target, wait_s=wait_s, tell=tell)


def _plan_json(report: PlanReport) -> dict[str, object]:
    return {
        "documents": report.documents,
        "kinds": report.kinds,
        "planned": report.planned,
        "replaced": report.replaced,
        "reversed": report.reversed_,
        "asks": list(report.asks),
        "goods_left_out": {
            reason: {"orders": orders, "pieces": pieces} for reason, (orders, pieces) in report.goods_left_out.items()
        },
        "kept_in_journals": dict(sorted(report.kept.items())),
        "foreign_journals": [
            {"kind": kind, "currency": currency, "orders": orders, "amount_minor": minor}
            for kind, currency, orders, minor in report.foreign_journals
        ],
        "opposed_in_journals": [
            {"kind": kind, "currency": currency, "orders": orders} for kind, currency, orders in report.opposed
        ],
        "journals": report.totals.journals,
        "totals": [
            {"entity_id": entity, "currency": currency, "debit_minor": debit, "credit_minor": credit}
            for entity, currency, debit, credit in report.totals.by_currency
        ],
    }


def _run_json(report: RunReport) -> dict[str, object]:
    return {"words": dict(report.words), "open": report.open, "waits_s": round(report.waits_s, 1)}


def _document(each: Document) -> dict[str, object]:
    return asdict(each)


def _print_plan(report: PlanReport) -> None:
    console.print(f"{report.documents:,} documents in the period, {report.planned:,} to send")
    if set(report.kinds) - {JOURNAL}:
        console.print(_kinds(report.kinds), markup=False)
    for entity, currency, debit, credit in report.totals.by_currency:
        console.print(f"{entity}: debit {money(debit, currency)} = credit {money(credit, currency)} {currency}")
    for reason, (orders, pieces) in report.goods_left_out.items():
        known = f", {pieces:,} pieces" if pieces else ""
        console.print(f"goods of no document: {orders:,} orders{known}: {_LEFT_OUT[reason]}", style="yellow")
    for kind, orders in sorted(report.kept.items()):
        console.print(f"{orders:,} orders stay in journals: {_KEPT[kind]}, which this ERP refuses", style="yellow")
    for kind, currency, orders, minor in report.foreign_journals:
        what = f"{orders:,} orders in {currency}, {money(minor, currency)}"
        console.print(
            f"no {PLURALS[kind]} of {what}: they stay journals, since this ERP would book them at its own rate",
            style="yellow",
        )
    for kind, currency, orders in report.opposed:
        console.print(
            f"{orders:,} orders in {currency} stay in journals: {PLURALS[kind]} of them would have a line that is "
            "a debit in one currency and a credit in the other",
            style="yellow",
        )
    if report.replaced:
        console.print(f"{report.replaced:,} that had not been sent were replaced")
    if report.reversed_:
        console.print(f"{report.reversed_:,} that changed after they were sent are taken back and sent anew")
    if report.asks:
        console.print(
            f"{len(report.asks):,} changed after they were sent, and wait for a person: {', '.join(report.asks[:5])}",
            style="yellow",
            markup=False,
        )


def _print_run(parts: CellParts, target: str, report: RunReport, lang: Language) -> None:
    told = ", ".join(f"{count:,} {word}" for word, count in sorted(report.words.items())) or "nothing to do"
    console.print(told, markup=False)
    if report.open:
        console.print(f"{report.open:,} are put off for {report.waits_s:.0f} s; run it again", style="yellow")
    _print_waiting(parts, target, lang)


def _print_waiting(parts: CellParts, target: str, lang: Language) -> None:
    waiting = delivering.waiting_for_people(parts, target)
    for each in waiting[:_SHOWN_MAX]:
        console.print(f"{each.document_id}  {each.posted_on}  {each.code}: {each.words}", style="red", markup=False)
        if todo := delivering.advice(parts, target, each.code, lang.value):
            console.print(f"                  {todo}", markup=False)
    if len(waiting) > _SHOWN_MAX:
        console.print(f"… and {len(waiting) - _SHOWN_MAX:,} more; --json lists them all", style="dim")


def _print_document(each: Document) -> None:
    console.print(f"{each.document_id}  {each.posted_on}  {each.company}  {each.text}", markup=False)
    if isinstance(each.body, Party | Product):
        console.print(f"  {each.kind} {each.body.code}: {each.body.name}", markup=False)
    if isinstance(each.body, Invoice | SalesOrder):
        console.print(f"  {each.kind} to {each.body.party}", markup=False)
        for item in each.body.items:
            price = Decimal(item.price_e6).scaleb(-PRICE_DIGITS).normalize()
            amount = money(item.amount_minor, each.currency)
            text = item.product or item.text
            console.print(
                f"  {text:<24} {item.quantity:>7,} x {price:>12,f} {amount:>16} {each.currency}", markup=False
            )
        for tax in each.body.taxes if isinstance(each.body, Invoice) else ():
            base, amount = money(tax.base_minor, each.currency), money(tax.amount_minor, each.currency)
            console.print(f"  tax {tax.code:<20} on {base:>19} {amount:>16} {each.currency}", markup=False)
    if isinstance(each.body, Goods):
        console.print(f"  {each.kind} of {each.body.party}", markup=False)
        for goods in each.body.lines:
            console.print(f"  {goods.product:<24} {goods.quantity:>7,}", markup=False)
    for line in each.lines:
        side = "debit" if line.functional_minor >= 0 else "credit"
        amount = money(abs(line.functional_minor), each.functional_currency)
        pays = f"  pays {line.settles}" if line.settles else ""
        console.print(f"  {line.account:<14} {side:<7} {amount:>16} {each.functional_currency}{pays}", markup=False)


def _kinds(kinds: dict[str, int]) -> str:
    """How many documents of each kind, in the order in which they depend on each other."""
    return ", ".join(f"{kinds[kind]:,} {PLURALS[kind]}" for kind in KINDS if kinds.get(kind))


PLURALS = {
    PARTY: "parties",
    PRODUCT: "products",
    ORDER: "sales orders",
    INVOICE: "invoices",
    CREDIT_NOTE: "credit notes",
    JOURNAL: "journals",
    PAYMENT: "payments",
    GOODS_ISSUE: "goods issues",
    GOODS_RECEIPT: "goods receipts",
}
"""What several documents of a kind are called, in the order in which they depend on each other."""
_LEFT_OUT = {
    "part_shipped": "shipped in part, and which part is unknown",
    "day_unknown": "shipped on a day that the source does not say",
    "kind_unclear": "samples, which may be a platform's tests",
    "line_cancelled": "lines of which something was cancelled before shipping",
    "sku_unknown": "lines whose SKU nobody knows",
    "return_unseen": "returns of which the source does not say that the goods came back",
    "pieces_unknown": "returns of which it is unknown what came back, or how much",
    "more_than_left": "returns of more than had left",
}
"""Why goods are in no document; see `goods_moved.sql`."""

_KEPT = {
    INVOICE: "their invoices would have lines below zero",
    CREDIT_NOTE: "their credit notes would have lines above zero",
}

_SHOWN_MAX = 10
_STATUS = {
    "en": {},
    "zh": {
        "planned": "待发送",
        "sending": "发送中",
        "done": "已完成",
        "rejected": "被拒绝",
        "conflict": "有冲突",
        "dropped": "已替换",
    },
}
