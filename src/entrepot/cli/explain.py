"""`entrepot explain`: where a field or a value comes from, down to the cell of the file."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text
from rich.tree import Tree

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, AsJson, Currency, Home, Lang, Language, check_known
from entrepot.cli.output import console, money, print_json
from entrepot.flows.asking import vocabulary
from entrepot.flows.explaining import DEPTH, explain_value
from entrepot.flows.explaining_fields import channels_known, explain_field
from entrepot.reports.explain import LIMIT
from entrepot.reports.explain.words import title_of, word

if TYPE_CHECKING:
    from entrepot.engine.dialect import Step
    from entrepot.flows.explaining_fields import FieldNode, FieldPath
    from entrepot.reports import Vocabulary
    from entrepot.reports.explain import Node

_STEPS_SHOWN = 3
_STEP_LENGTH_MAX = 150


def explain(
    what: Annotated[str, typer.Argument(help="A field, `table.column`; or `value`, with an id after it.")],
    value_id: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]",
            help="After `value`: pnl/2026-09/tmall/fees, order/…, entry/…, or any id that `report NAME --json` gives.",
        ),
    ] = None,
    *,
    home: Home = DEFAULT_HOME,
    channel: Annotated[str | None, typer.Option("--channel", help="For a field: only files of this platform.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="Parts shown of each figure; 0 for all.", min=0)] = LIMIT,
    depth: Annotated[
        int, typer.Option("--depth", help="Levels shown in full; below, the largest part only.", min=0)
    ] = DEPTH,
    currency: Currency = None,
    lang: Lang = Language.ENGLISH,
    as_json: AsJson = False,
) -> None:
    """Say where a field comes from, or what a value is made of, down to file, row and cell.

    Example:  entrepot explain order_lines.net_minor --channel tmall

    Example:  entrepot explain value pnl/2026-09/tmall/net_revenue --lang zh
    """
    parts = open_cell(home)
    say = vocabulary(parts, lang.value)
    if what == "value" or (value_id is None and "/" in what):
        asked = value_id if what == "value" else what
        if asked is None:
            raise typer.BadParameter("give the id of a value: pnl/2026-09/tmall/net_revenue", param_hint="ID")
        node = explain_value(parts, asked, limit=limit, depth=depth, reporting_currency=currency)
        if as_json:
            print_json(node.as_dict())
        else:
            _print_value(node, say)
        return
    if value_id is not None:
        raise typer.BadParameter("an id follows the word `value`; a field stands alone", param_hint="ID")
    if channel is not None:
        check_known("--channel", channel, channels_known(parts.connectors))
    path = explain_field(parts, what, channel)
    if as_json:
        print_json(_field_as_dict(path))
    else:
        _print_field(path, say)


def _print_value(node: Node, say: Vocabulary) -> None:
    tree = Tree(_label(node, say))
    _grow(tree, node, say)
    console.print(tree, soft_wrap=True)
    if node.children:
        deeper = next((child.id for child in node.children if child.id), "")
        hint = f"{word('deeper', say.lang)}: entrepot explain value {shlex.quote(deeper)}"
        console.print(Text(hint if deeper else "", style="dim"), soft_wrap=True)


def _grow(tree: Tree, node: Node, say: Vocabulary) -> None:
    for child in node.children:
        _grow(tree.add(_label(child, say)), child, say)
    for cell in node.facts.get("cells", ()):
        shown = f"({word('hidden', say.lang)})" if cell.get("hidden") else cell["text"]
        label = Text(f"{cell['column']}: ", style="cyan").append(shown or f"({word('empty', say.lang)})", style="bold")
        if cell["row_no"] != node.facts["row_no"]:
            label.append(f"  {word('row', say.lang)} {cell['row_no']}", style="dim")
        tree.add(label)
    if node.more is not None:
        unit = node.own_currency or node.currency
        rest = f"… {node.more.count:,} {word('more', say.lang)}  {_amount(node.more.amount_minor, unit)}"
        tree.add(Text(rest, style="dim"))
    if node.facts.get("has_parts") is False:
        tree.add(Text(word("no_parts", say.lang), style="dim"))


def _label(node: Node, say: Vocabulary) -> Text:
    label = Text(title_of(node, say))
    if node.amount_minor is not None:
        label.append(f"  {_amount(node.amount_minor, node.currency)} {node.currency or ''}".rstrip(), style="bold")
    if node.own_minor is not None and (node.own_minor, node.own_currency) != (node.amount_minor, node.currency):
        own = f"{money(node.own_minor, node.own_currency)} {node.own_currency}"
        label.append(f"  {word('in_books', say.lang)} {own}", style="dim")
    if "of_minor" in node.facts:
        label.append(f"  {word('share_of', say.lang)} {money(node.facts['of_minor'], node.currency)}", style="dim")
    if "rate_bp" in node.facts and node.kind == "component":
        label.append(f"  {word('rate', say.lang)} {_percent(node.facts['rate_bp'])}", style="dim")
    if node.kind == "row" and node.name != "row":
        label.append(f"  {node.name}", style="dim")
    if node.id:
        label.append(f"  {node.id}", style="dim")
    return label


def _amount(minor: int, currency: str | None) -> str:
    """Money, or a count or rate where there is no currency."""
    return f"{minor:,}" if currency is None else money(minor, currency)


def _percent(rate_bp: int) -> str:
    whole, part = divmod(rate_bp, 100)
    return f"{whole}.{part:02d} %" if part else f"{whole} %"


def _print_field(path: FieldPath, say: Vocabulary) -> None:
    title = Text(path.field, style="bold").append(f"  {path.meaning}", style="dim")
    tree = Tree(title)
    seen: set[str] = set()
    _grow_field(tree, path.root, path, seen, say)
    console.print(tree, soft_wrap=True)


def _grow_field(tree: Tree, node: FieldNode, path: FieldPath, seen: set[str], say: Vocabulary) -> None:
    seen.add(node.id)
    if node.source:
        tree.add(Text(node.source, style="dim"))
    _add_steps(tree, node.steps)
    for part in node.parts:
        again = part in seen
        branch = tree.add(Text(part).append(f"  ({word('seen', say.lang)})" if again else "", style="dim"))
        if not again:
            _grow_field(branch, path.nodes[part], path, seen, say)
    if node.stage == "given":
        tree.add(Text(word("given", say.lang), style="dim"))
    if node.stage == "observed" and not node.files:
        tree.add(Text(word("no_files", say.lang), style="dim"))
    for file in node.files:
        label = Text(say.formats.get(file.format, file.format)).append(f"  {file.format}", style="dim")
        branch = tree.add(label)
        branch.add(Text(" ← ".join(file.sources), style="dim"))
        _add_steps(branch, file.steps)
        for header, how in file.columns.items():
            branch.add(Text(header, style="bold").append(f"  {how}", style="dim"))
        if not file.columns:
            branch.add(Text(word("constant", say.lang), style="dim"))


def _add_steps(tree: Tree, steps: tuple[Step, ...]) -> None:
    for step in steps[:_STEPS_SHOWN]:
        short = step.sql if len(step.sql) <= _STEP_LENGTH_MAX else step.sql[:_STEP_LENGTH_MAX] + " …"
        tree.add(Text(short, style="green"))
    if len(steps) > _STEPS_SHOWN:
        tree.add(Text(f"… {len(steps) - _STEPS_SHOWN} (--json)", style="dim"))


def _field_as_dict(path: FieldPath) -> dict[str, object]:
    return {
        "field": path.field,
        "meaning": path.meaning,
        "nodes": [
            {
                "id": node.id,
                "stage": node.stage,
                "source": node.source or None,
                "expressions": [{"within": step.within or None, "sql": step.sql} for step in node.steps],
                "parts": list(node.parts),
                "files": [
                    {
                        "connector": file.connector,
                        "format": file.format,
                        "sources": list(file.sources),
                        "expressions": [{"within": step.within or None, "sql": step.sql} for step in file.steps],
                        "columns": [{"header": header, "how": how} for header, how in file.columns.items()],
                    }
                    for file in node.files
                ],
            }
            for node in path.nodes.values()
        ],
    }
