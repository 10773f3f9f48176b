"""`entrepot close`, `entrepot reopen`, `entrepot periods`: the books, month by month."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.assembly import open_cell
from entrepot.cli.importing import with_progress
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language
from entrepot.cli.output import console, errors, print_json
from entrepot.cli.tabulate import print_rows
from entrepot.flows.asking import vocabulary
from entrepot.flows.closing import ClosingReport, close_period, period_states, reopen_period

if TYPE_CHECKING:
    from datetime import date

    from entrepot.reports import Vocabulary

_NOT_CLOSED = 1
_WORDS = {
    "checks": {"en": "What stands against closing", "zh": "结账前须处理的事项"},
    "none": {"en": "Nothing stands against closing.", "zh": "没有妨碍结账的事项。"},
    "posted": {"en": "Month-end postings", "zh": "期末分录"},
    "backtest": {"en": "Return provision: estimated and come", "zh": "退货准备回测：预计与实际"},
    "vouchers": {"en": "Voucher numbers", "zh": "凭证号"},
    "closed": {"en": "closed", "zh": "已结账"},
    "reopened": {"en": "reopened", "zh": "已反结账"},
    "tried": {"en": "tried only; nothing was kept", "zh": "仅试算，未保留任何结果"},
    "standing": {"en": "not closed; accept or mend", "zh": "未结账；请处理或说明理由后接受"},
    "periods": {"en": "Periods", "zh": "会计期间"},
}

Period = Annotated[str, typer.Argument(help="2026-09, or FY2026-P09 as the fiscal calendar names it.")]
Entity = Annotated[str | None, typer.Option("--entity", help="Only this company of cell.toml; else all that are open.")]
By = Annotated[str, typer.Option("--by", help="Who decides; kept with the decision.")]


def close_(
    period: Period,
    by: By = "",
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", help="A check that may stand against it, or `all`; again for another."),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why that is accepted; kept.")] = "",
    *,
    entity: Entity = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what closing would post; keep nothing.")] = False,
    home: Home = DEFAULT_HOME,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Close a period: post the month end, number the vouchers, keep every entry as it stands.

    Posts fees not yet taken, refunds to come, advertising not yet reported, settlements that span the turn, and
    exchange differences; estimates turn back on the next day. What files say later about closed days becomes a
    restatement on the first open day. Leaves with 1, and keeps nothing, while something stands against closing.

    Example:  entrepot close 2026-09 --dry-run
    """
    if not dry_run and not by.strip():
        raise typer.BadParameter("say who closes the period", param_hint="--by")
    if accept and not reason.strip():
        raise typer.BadParameter("say why it is accepted", param_hint="--reason")
    parts = open_cell(home)
    report = with_progress(
        lambda tell: close_period(
            parts,
            period,
            by,
            _today(),
            entity=entity,
            accepted=accept or (),
            reason=reason,
            dry_run=dry_run,
            progress=tell,
        ),
        quiet=as_json,
    )
    if as_json:
        print_json(_as_dict(report))
    else:
        _print_closing(report, vocabulary(parts, lang.value), dry_run=dry_run)
    if report.standing and not dry_run:
        raise typer.Exit(_NOT_CLOSED)


def reopen_(
    period: Period,
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")],
    entity: Entity = None,
    home: Home = DEFAULT_HOME,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Open the newest closed period again; its month-end postings are reversed, its entries keep their numbers.

    Example:  entrepot reopen 2026-09 --by "Li Na" --reason "JD sent a corrected bill"
    """
    for option, value in (("--by", by), ("--reason", reason)):
        if not value.strip():
            raise typer.BadParameter("it must not be empty", param_hint=option)
    parts = open_cell(home)
    report = with_progress(
        lambda tell: reopen_period(parts, period, by, reason, _today(), entity=entity, progress=tell), quiet=as_json
    )
    if as_json:
        print_json(_as_dict(report))
    else:
        console.print(f"{report.decision.fiscal_period}: {_WORDS['reopened'][lang.value]}", style="bold")


def periods_(home: Home = DEFAULT_HOME, lang: Lang = Language.ENGLISH, as_json: AsJson = False) -> None:
    """List the periods that have entries, and whether they are closed.

    Example:  entrepot periods --json
    """
    parts = open_cell(home)
    rows: list[dict[str, Any]] = [
        {
            "fiscal_period": each.fiscal_period,
            "starts_on": each.starts_on,
            "ends_on": each.ends_on,
            "state": each.state,
            "closed_for": list(each.closed_for),
            "entries": each.entries,
            "restatements": each.restatements,
        }
        for each in period_states(parts)
    ]
    if as_json:
        print_json({"periods": rows})
        return
    say = vocabulary(parts, lang.value)
    shown = [row | {"closed_for": ", ".join(row["closed_for"])} for row in rows]
    columns = ("fiscal_period", "starts_on", "ends_on", "state", "closed_for", "entries", "restatements")
    print_rows(shown, columns, _WORDS["periods"][lang.value], say)


def _print_closing(report: ClosingReport, say: Vocabulary, *, dry_run: bool) -> None:
    lang = say.lang
    if report.checks:
        rows = [{"check": row["name"], **row, "items": row["n"]} for row in report.checks]
        print_rows(rows, ("check", "channel", "shop", "items", "amount_minor", "currency"), _WORDS["checks"][lang], say)
    else:
        console.print(_WORDS["none"][lang])
    posted = (
        "posting_rule",
        "channel",
        "shop",
        "account",
        "amount_minor",
        "currency",
        "functional_minor",
        "functional_currency",
    )
    if report.posted:
        print_rows(report.posted, posted, _WORDS["posted"][lang], say)
    if report.backtest:
        tested = ("ends_on", "channel", "shop", "expected_minor", "came_minor", "currency", "is_complete")
        print_rows(report.backtest, tested, _WORDS["backtest"][lang], say)
    name = report.decision.fiscal_period
    if report.is_done:
        numbered = ("entity_id", "fiscal_period", "vouchers", "first_no", "last_no")
        print_rows(report.vouchers, numbered, _WORDS["vouchers"][lang], say)
        console.print(f"{name}: {_WORDS['closed'][lang]}", style="bold")
        return
    if report.standing:
        names = ", ".join(say.shown("check", each) for each in report.standing)
        errors.print(f"{name}: {_WORDS['standing'][lang]}: {names}", style="yellow", markup=False, soft_wrap=True)
        if not dry_run:
            options = " ".join(f"--accept {each}" for each in report.standing)
            alone = f" --entity {report.decision.entity_id}" if report.decision.entity_id else ""
            errors.print(f"  entrepot close {name}{alone} --by … {options} --reason …", markup=False, soft_wrap=True)
    if dry_run:
        console.print(f"{name}: {_WORDS['tried'][lang]}")


def _as_dict(report: ClosingReport) -> dict[str, object]:
    decision = report.decision
    return {
        "closing_id": decision.closing_id,
        "action": decision.action,
        "fiscal_period": decision.fiscal_period,
        "starts_on": decision.starts_on,
        "ends_on": decision.ends_on,
        "entity_id": decision.entity_id,
        "done": report.is_done,
        "checks": report.checks,
        "standing": report.standing,
        "posted": report.posted,
        "backtest": report.backtest,
        "vouchers": report.vouchers,
        "snapshot": report.snapshot_id,
    }


def _today() -> date:
    return datetime.now(UTC).date()
