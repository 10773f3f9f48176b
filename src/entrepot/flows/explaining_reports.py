"""Explain figures of the reports beside the P&L: each is a sum of orders, postings, exceptions or rows, or a rate.

Nothing here knows a report: `reports.figures` says which columns are figures, what names them and what their parts are.
That the parts add up to the report's own figure is asserted whenever one is explained.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.engine import parse
from entrepot.model import TABLES
from entrepot.reports import REPORTS, run_report
from entrepot.reports.explain import Node, entry_id, entry_of
from entrepot.reports.explain.levels import add_row, level
from entrepot.reports.figures import NOTHING, Figures, Rate, parts_query, referred
from entrepot.reports.questions import add_asked

if TYPE_CHECKING:
    from entrepot.engine import Engine
    from entrepot.store import TableStore

REPORT_IDS = tuple(report.name for report in REPORTS if report.figures is not None)
"""Reports whose figures have ids by `reports.figures`."""

_KINDS = {"order": "order", "entry": "posting", "exception": "exception", "row": "row_of_table"}


@dataclass(frozen=True, slots=True)
class _Figure:
    """One figure that was asked for."""

    report: str
    figures: Figures
    name: str
    wanted: dict[str, str | None]
    at: datetime | None


def report_value(engine: Engine, tables: TableStore, asked: str, currency: str, limit: int) -> Node | None:
    """A figure of a report with its parts; None where the id names none.

    Args:
        engine: With the tables of the ledger.
        tables: The cell at a snapshot.
        asked: The id.
        currency: Reporting currency, where the id does not name it.
        limit: Parts shown; 0 for all.
    """
    figure = _figure_of(asked)
    if figure is None:
        return None
    if figure.figures.is_translated:
        currency = figure.wanted["currency"] or currency
    rows = run_report(engine, tables, figure.report, currency, figure.at)
    found = _chosen(engine, figure, rows)
    values = [row[figure.name] for row in found if row[figure.name] is not None]
    rate = figure.figures.rates.get(figure.name)
    if not values or (rate is not None and len(values) > 1):
        return None
    first = found[0]
    unit = figure.figures.unit_of(figure.name, first)
    node = Node(asked, "report", figure.name, sum(values), unit, facts={"report": figure.report})
    if first.get("shop") is not None and figure.wanted.get("shop") is not None:
        node.facts["shop"] = first["shop"]
    define_parts(engine, tables, figure.report, figure.name, figure.at)
    engine.define("chosen_parts", parse(_matching("figure_parts", figure, with_name=True), source="parts of a figure"))
    if rate is None or not _add_rate(engine, figure, node, first, rate, limit):
        found_parts = level(engine, "chosen_parts", ("part",), limit, "amount", "amount <> 0")
        assert found_parts.total_minor == node.amount_minor, f"{asked}: the parts of a figure add up to it"
        node.more = found_parts.more
        node.children = [_part(figure, first, row, unit) for row in found_parts.rows]
    _name_postings(engine, [node, *node.children])
    return node


def define_parts(engine: Engine, tables: TableStore, report: str, name: str, at: datetime | None = None) -> None:
    """Name `figure_parts` in an engine on which the report has just run: the parts of one figure in all of its rows."""
    figures = next(each.figures for each in REPORTS if each.name == report)
    assert figures is not None, "the P&L has parts of its own"
    query = parts_query(report, figures, name)
    tables.open_into(engine, sorted(query.inputs() & set(TABLES)))
    add_asked(engine, query, at)
    engine.define("figure_parts", query)


def _figure_of(asked: str) -> _Figure | None:
    head, *parts, last = asked.split("/")
    report, _, cut = head.partition("@")
    figures = next((each.figures for each in REPORTS if each.name == report), None)
    if figures is None:
        return None
    name, wanted = figures.named(last), figures.asked(parts)
    try:
        at = datetime.strptime(cut, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if cut else None
    except ValueError:
        return None
    return None if name is None or wanted is None else _Figure(report, figures, name, wanted, at)


def _chosen(engine: Engine, figure: _Figure, rows: pa.Table) -> list[dict[str, Any]]:
    """The rows of the report that an id names: one, or several where it asks for all channels or shops."""
    engine.add_arrow("report_rows", rows)
    add_row(engine, "asked_figure", **figure.wanted)
    found: list[dict[str, Any]] = engine.read(
        parse(_matching("report_rows", figure), source=f"figure of {figure.report}")
    ).to_pylist()
    return found


def _matching(relation: str, figure: _Figure, *, with_name: bool = False) -> str:
    same = [
        f"(k.{column} is null or coalesce(cast(p.{column} as varchar), '{NOTHING}') = k.{column})"
        for column in figure.figures.columns
    ]
    same += [f"p.figure = '{figure.name}'"] if with_name else []
    return f"select p.* from {relation} as p cross join asked_figure as k where {' and '.join(same)}"


def _part(figure: _Figure, row: dict[str, Any], found: dict[str, Any], unit: str | None) -> Node:
    """One part: another figure of the report, an order, a posting, an exception, a row, or what has a name only."""
    part, amount = found["part"], int(found["amount_minor"])
    if (other := referred(part, {key: row[key] for key in figure.figures.columns})) is not None:
        name, keys = other
        its_id = figure.figures.figure_id(figure.report, keys, name, figure.at)
        return Node(its_id, "report", name, amount, unit, facts={"report": figure.report})
    kind, _, rest = part.partition("/")
    if rest and kind in _KINDS:
        return Node(part, _KINDS[kind], rest, amount, unit)
    return Node("", "component", part, amount, unit)


def _name_postings(engine: Engine, nodes: list[Node]) -> None:
    """Give the postings among the parts of nodes the name of their account, with rule and day."""
    postings: dict[str, list[Node]] = {}
    for part in (part for node in nodes for part in node.children if part.kind == "posting"):
        postings.setdefault(part.id, []).append(part)
    if not postings:
        return
    entries = sorted({entry_of(each.removeprefix("entry/"))[0] for each in postings})
    engine.add_arrow("entries_of_parts", pa.table({"entry_id": pa.array(entries, pa.string())}))
    text = (
        "select e.entry_id, e.line_no, e.account, e.posting_rule, e.accounting_date from ledger_entries as e "
        "join entries_of_parts as k on e.entry_id = k.entry_id"
    )
    for row in engine.read(parse(text, source="postings of a figure")).to_pylist():
        for part in postings.get(entry_id(row["entry_id"], row["line_no"]), ()):
            part.name = row["account"]
            part.facts = {"rule": row["posting_rule"], "day": str(row["accounting_date"])}


def _add_rate(engine: Engine, figure: _Figure, node: Node, row: dict[str, Any], rate: Rate, limit: int) -> bool:
    """Add numerator and denominator to the node of a rate; False where the figure is a plain sum."""
    sides = []
    for side, named in (("numerator", rate.numerator), ("denominator", rate.denominator)):
        found = level(engine, "chosen_parts", ("part",), limit, "amount", f"role = '{side}' and amount <> 0")
        unit = figure.figures.unit_of(named[0].removeprefix("-") if named else "", row)
        one = Node("", "component", side, found.total_minor, unit, more=found.more)
        one.children = [_part(figure, row, each, unit) for each in found.rows]
        for name in named:
            plain, sign = name.removeprefix("-"), -1 if name.startswith("-") else 1
            its_id = figure.figures.figure_id(figure.report, row, plain, figure.at)
            amount = sign * int(row[plain])
            one.children.append(Node(its_id, "report", plain, amount, unit, facts={"report": figure.report}))
            one.amount_minor = int(one.amount_minor or 0) + amount
        sides.append(one)
    above, below = (int(side.amount_minor or 0) for side in sides)
    if not below:
        return False
    assert rate.of(above, below, row) == node.amount_minor, f"{node.id}: a rate follows from its two sums"
    node.children, node.is_whole = sides, False
    node.facts |= {"scale": rate.scale, "rounded": "down" if rate.is_rounded_down else "half_up"}
    node.facts |= {key: int(row[key]) for key in (rate.times, rate.over) if key}
    return True
