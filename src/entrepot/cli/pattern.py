"""`entrepot pattern`: four ways to deploy two regions: look at them, take one on, go from one to another, compare."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Home, Lang, Language, check_known
from entrepot.cli.output import console, print_json
from entrepot.cli.permit_sums import aggregates_of, platforms_of
from entrepot.cli.tabulate import print_rows
from entrepot.flows.patterns import PatternTerms, apply_pattern, current_pattern
from entrepot.residency.patterns.settings import shipped_pattern, shipped_patterns, steps_between
from entrepot.residency.permits.terms import Recipient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.residency.patterns.settings import Side, StepToTake
    from entrepot.testing.patterns import Measured

app = typer.Typer(
    help="Four ways to deploy two regions, as settings of the same parts.\n\nExample:  entrepot pattern list",
    no_args_is_help=True,
)

_SIDES: dict[str, Side] = {"china": "china", "abroad": "abroad"}

_SAID = {
    "aggregates": ("decisions.yaml: the recipient gets {0}", "decisions.yaml：接收方可获得{0}"),
    "write": ("write the permit {0}; the other cell accepts it", "新建出境许可 {0}，由对端接受"),
    "share": ("share {0} with the other cell (domains.yaml)", "与对端共享{0}（domains.yaml）"),
    "unshare": ("share {0} no longer (domains.yaml)", "不再共享{0}（domains.yaml）"),
    "retire": ("retire the permit {0}", "停用出境许可 {0}"),
    "evidence": ("put on file: {0}", "备案证明材料：{0}"),
    "transport": ("mail goes through {0}", "传输方式：{0}"),
    "rhythm": ("let out and carry every {0} minutes", "每 {0} 分钟出境并传输一次"),
    "figures": ("the China side asks for its figures in {0}", "境内侧在{0}查询报表"),
}
_DETAILS = {
    "rows": ("rows", "明细"),
    "sums only": ("sums only", "汇总值，不含明细"),
    "catalogue": ("catalogue", "商品目录"),
    "prices": ("cost prices", "成本价"),
    "stock": ("stock", "库存"),
    "nats": ("a broker (nats)", "消息代理（nats）"),
    "folder": ("a folder that somebody carries", "由人传递的文件夹"),
    "own": ("its own cell", "自身数据域"),
    "core": ("the core abroad", "境外核心"),
}

_ASSUMED = {
    Language.ENGLISH: (
        "stale_min: rounds that an order took, times the minutes between rounds.",
        "latency_ms: the P&L asked from the China side, median; of the core, with an assumed round trip of 250 ms.",
        "stock: units seen by the recipient, of those stated. shared: keys that both cells show alike, of all.",
        "Cost is counted in what has to be kept and run; no price is assumed.",
    ),
    Language.CHINESE: (
        "stale_min：订单所需轮次数乘以两轮间隔分钟数。",
        "latency_ms：境内侧查询损益表的中位数；由核心应答时另加假设的往返 250 毫秒。",
        "stock：接收方所见件数/填报件数。shared：两个数据域显示一致的键数/全部键数。",
        "成本按需保有和运行的资源计数，不假设价格。",
    ),
}


def _say(step: StepToTake, lang: Language) -> str:
    zh = lang is Language.CHINESE
    named = (step.detail, step.detail)
    # A permit may have the name of a domain, and stays what it is called.
    detail = (named if step.what in {"write", "retire"} else _DETAILS.get(step.detail, named))[zh]
    return _SAID[step.what][zh].format(detail)


@app.command("list")
def list_(lang: Lang = Language.ENGLISH, *, as_json: AsJson = False) -> None:
    """List the four patterns, from the closest to the farthest apart.

    Example:  entrepot pattern list --lang zh
    """
    found = shipped_patterns()
    if as_json:
        print_json([msgspec.to_builtins(each) for each in found])
        return
    rows = [
        {
            "pattern": each.pattern,
            "title": each.title[lang.value],
            "from_china": " ".join(flow.shape for flow in each.of_side("china")),
            "from_abroad": " ".join(flow.shape for flow in each.of_side("abroad")) or "-",
            "shared": " ".join(domain.domain for domain in each.domains) or "-",
            "mail": each.transport,
            "every_minutes": each.every_minutes,
            "take_when": each.take_when[lang.value],
        }
        for each in found
    ]
    print_rows(rows, tuple(rows[0]), "")


@app.command("steps")
def steps(
    before: Annotated[str, typer.Argument(help="Pattern now.")],
    after: Annotated[str, typer.Argument(help="Pattern to come.")],
    lang: Lang = Language.ENGLISH,
    *,
    as_json: AsJson = False,
) -> None:
    """List what has to be done to go from one pattern to another, in an order in which nothing is lost.

    Example:  entrepot pattern steps complete-separation federated-peers
    """
    found = steps_between(shipped_pattern(before), shipped_pattern(after))
    if as_json:
        print_json([msgspec.to_builtins(each) for each in found])
        return
    for number, each in enumerate(found, start=1):
        console.print(f"{number:>3}  {each.side:<7} {_say(each, lang)}", markup=False)


@app.command("apply")
def apply(
    pattern: Annotated[str, typer.Argument(help="Pattern to take on.")],
    side: Annotated[str, typer.Option("--side", help="Which side this cell is: china or abroad.")],
    to: Annotated[str, typer.Option("--to", help="The other cell, as in [[companions]].")],
    recipient: Annotated[str, typer.Option("--recipient", help="Legal name of the recipient.")],
    recipient_region: Annotated[str, typer.Option("--recipient-region", help="Its region.")],
    contact: Annotated[str, typer.Option("--contact", help="Where it is reached; a function, never a person.")],
    processor: Annotated[str, typer.Option("--processor", help="Company whose data it is.")],
    *,
    platform: Annotated[
        list[str] | None, typer.Option("--platform", help="CHANNEL=DOCUMENT that permits it; once for each platform.")
    ] = None,
    important_data: Annotated[
        bool | None, typer.Option("--important-data/--no-important-data", help="As it was determined.")
    ] = None,
    shop: Annotated[list[str] | None, typer.Option("--shop", help="Only this shop's persons; again for more.")] = None,
    months: Annotated[str, typer.Option("--months", help="FIRST:LAST of sums, for complete separation.")] = "",
    currency: Annotated[str, typer.Option("--currency", help="Currency of sums, for complete separation.")] = "",
    days: Annotated[int, typer.Option("--days", help="Permits are valid for so many days.", min=1)] = 365,
    home: Home = DEFAULT_HOME,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Write and retire this cell's permits so that it follows a pattern; nothing leaves by that. Again changes nothing.

    Example:  entrepot pattern apply hub-and-spoke --side china --to global --recipient "B GmbH" --recipient-region EU
    --contact privacy@brand.example --processor cn-shanghai --no-important-data --platform tmall=agreement-7
    """
    check_known("--side", side, _SIDES)
    parts = open_cell(home)
    terms = PatternTerms(
        recipient=Recipient(recipient, recipient_region.upper(), contact),
        processor=processor,
        important_data=important_data,
        platforms=platforms_of(platform),
        aggregates=aggregates_of(months, currency) if months and currency else None,
        days=days,
        shops=tuple(shop or ()),
    )
    done = apply_pattern(parts, pattern, _SIDES[side], to, terms)
    if as_json:
        print_json(
            {
                "before": done.before,
                "pattern": current_pattern(parts),
                "written": [str(each) for each in done.written],
                "retired": [str(each) for each in done.retired],
                "left": [msgspec.to_builtins(each) for each in done.left],
            }
        )
        return
    for path in done.written:
        console.print(f"written   {path}", markup=False)
    for path in done.retired:
        console.print(f"retired   {path}", markup=False)
    for each in done.left:
        console.print(f"to do     {_say(each, lang)}", markup=False)


@app.command("compare")
def compare(
    orders: Annotated[int, typer.Option("--orders", help="Orders in each of two batches.", min=20)] = 20,
    out: Annotated[Path | None, typer.Option("--out", help="Folder that keeps the cells; else none is kept.")] = None,
    lang: Lang = Language.ENGLISH,
    *,
    as_json: AsJson = False,
) -> None:
    """Run one workload on all four patterns on this computer, and print what each showed. It takes a minute.

    Example:  entrepot pattern compare --json
    """
    from entrepot.testing.patterns import measure_patterns, pair_of_cells

    with tempfile.TemporaryDirectory() as made:
        folder = out or Path(made)
        found = measure_patterns(pair_of_cells(folder.resolve() / "base", orders), folder.resolve())
    if as_json:
        print_json([msgspec.to_builtins(each) for each in found])
    else:
        print_measured(found, lang)


def print_measured(found: Sequence[Measured], lang: Language) -> None:
    """The table, a row for each pattern, and what was assumed."""
    zh = lang is Language.CHINESE
    rows = [
        {
            "pattern": each.pattern,
            "leaked": each.leaked,
            "stale_min": each.stale_minutes,
            "latency_ms": f"{each.latency_ms:.0f}",
            "while_cut": ("正常" if zh else "works") if each.works_while_cut else ("无响应" if zh else "no answer"),
            "lost": each.lost,
            "doubled": each.doubled,
            "counted_in": each.finest,
            "stock": f"{each.units_seen}/{each.units_stated}",
            "shared": f"{each.shared_keys}/{each.shared_keys + each.unlike_keys}",
            "permits": each.permits,
            "evidence": each.evidence,
            "rounds_day": each.rounds_a_day,
            "broker": int(each.needs_broker),
            "persons": each.persons,
            "kB": f"{each.sent_bytes / 1000:.0f}",
            "steps_on": "-" if each.steps_to_next is None else each.steps_to_next,
        }
        for each in found
    ]
    print_rows(rows, tuple(rows[0]), "")
    for line in _ASSUMED[lang]:
        console.print(line, markup=False, soft_wrap=True)
