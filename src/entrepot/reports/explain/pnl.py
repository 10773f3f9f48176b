"""Figures of the P&L down to postings: subtotal, channel, month, account and rule, order, posting.

The figure comes from the report's own query, its parts from the postings behind it; that both are the same is asserted
for every figure that is explained.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.engine import parse
from entrepot.reports.explain.ids import PnlId, entry_id
from entrepot.reports.explain.levels import LIMIT, add_row, level
from entrepot.reports.explain.tree import Node
from entrepot.reports.id_parts import ALL
from entrepot.reports.questions import prepare_report, run_report
from entrepot.reports.statement import LINES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.engine import Engine
    from entrepot.store import TableStore

_PARTS_OF = {line.key: line.parts or (line.key,) for line in LINES}
_HERE = "explained"

_FILTERED = """
select p.* from {relation} as p cross join asked_part as k
where p.line in (select line from asked_lines)
  and (k.month is null or p.month = k.month) and (k.fiscal_period is null or p.fiscal_period = k.fiscal_period)
  and (k.channel is null or coalesce(p.channel, '-') = k.channel) and (k.shop is null or coalesce(p.shop, '-') = k.shop)
  and (k.sku_id is null or coalesce(p.sku_id, '-') = k.sku_id)
"""
_GROUPED = """
  and (k.account is null or p.account = k.account) and (k.posting_rule is null or p.posting_rule = k.posting_rule)
  and (k.cause_kind is null or (p.cause_kind = k.cause_kind and p.cause = k.cause))
"""


def sql_text(name: str) -> str:
    """Text of a SQL file of the explanations."""
    return resources.files("entrepot.reports.explain").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def open_postings(engine: Engine, tables: TableStore, currency: str, within: PnlId | None = None) -> None:
    """The relations `report` (rows of the P&L) and `postings` (what they are made of).

    Args:
        engine: Any engine.
        tables: The cell at a snapshot.
        currency: Reporting currency.
        within: Only what this figure is about; None for all.
    """
    engine.add_arrow("report", run_report(engine, tables, "pnl", currency))
    prepare_report(engine, tables, ("ledger_entries", "order_pieces"), currency)
    add_row(engine, "asked", **_filter(within))
    query = parse(sql_text("postings"), source="reports/explain/postings.sql", strict_output=True)
    engine.define("postings", query, materialise=True)


def largest_parts(engine: Engine, tables: TableStore, currency: str) -> list[dict[str, Any]]:
    """What a page embeds: rows of `sql/largest.sql` for the whole P&L, in no order.

    Args:
        engine: Any engine.
        tables: The cell at a snapshot.
        currency: Reporting currency.
    """
    open_postings(engine, tables, currency.upper())
    query = parse(sql_text("largest"), source="reports/explain/largest.sql", strict_output=True)
    rows: list[dict[str, Any]] = engine.read(query).to_pylist()
    return rows


class PnlParts:
    """Explains figures of one P&L.

    Args:
        engine: With the relations that `open_postings` gives.
        currency: Reporting currency.
        limit: Parts shown of each figure; 0 for all.
    """

    def __init__(self, engine: Engine, currency: str, limit: int = LIMIT) -> None:
        self._engine, self._currency, self._limit = engine, currency, limit

    def figure(self, asked: PnlId) -> Node | None:
        """The figure of an id, without parts; None where the report knows no such period or place."""
        relation = "postings" if asked.account is not None else "report"
        self._select(relation, asked)
        found = self._engine.read(
            parse(f"select sum_exact(amount_minor) as amount_minor from {_HERE}", source="figure")
        )["amount_minor"][0].as_py()
        if found is None and (asked.account is not None or not self._is_known(asked)):
            return None
        return self._node(asked, int(found or 0))

    def _is_known(self, asked: PnlId) -> bool:
        """Whether the report has the period, and the place, on any line: what is not there is then a zero."""
        every = _filter(asked)
        times = ("month", "fiscal_period")
        for known in (
            {key: value if key in times else None for key, value in every.items()},
            {key: None if key in times else value for key, value in every.items()},
        ):
            add_row(self._engine, "asked_part", **known)
            lines = sorted({part for parts in _PARTS_OF.values() for part in parts})
            self._engine.add_arrow("asked_lines", pa.table({"line": pa.array(lines, pa.string())}))
            self._engine.define(_HERE, parse(_FILTERED.format(relation="report"), source="known figures"))
            if not self._engine.read(parse(f"select count(*) as n from {_HERE}", source="known"))["n"][0].as_py():
                return False
        return True

    def expand(self, node: Node, asked: PnlId) -> list[PnlId]:
        """Add the parts of a figure to its node; gives the id of each, or none where the parts are postings."""
        ids: list[PnlId]
        if len(_PARTS_OF[asked.line]) > 1:
            ids = self._level(node, asked, ("line",), lambda row: replace(asked, line=row["line"]))
        elif asked.place.channel is None and asked.place.shop is None:
            ids = self._level(node, asked, ("channel",), lambda row: asked.of_place(channel=row["channel"]))
        elif asked.period == ALL:
            ids = self._level(node, asked, ("month",), lambda row: replace(asked, period=row["month"]))
        elif asked.account is None or asked.rule is None:
            ids = self._level(node, asked, ("account", "posting_rule"), _with_group(asked))
        elif asked.cause is None:
            ids = self._level(node, asked, ("cause_kind", "cause"), _with_cause(asked))
        else:
            self._postings(node, asked)
            ids = []
        return ids

    def _level(self, node: Node, asked: PnlId, keys: tuple[str, ...], child: Any) -> list[PnlId]:  # noqa: ANN401 a callable over rows
        self._select("postings", asked)
        found = level(self._engine, _HERE, keys, self._limit)
        assert found.total_minor == node.amount_minor, f"{asked}: the parts of a figure add up to it"
        node.more = found.more
        ids = []
        for row in found.rows:
            its = child(row)
            part = self._node(its, int(row["amount_minor"]))
            part.facts["postings"] = int(row["postings"])
            node.children.append(part)
            ids.append(its)
        return ids

    def _postings(self, node: Node, asked: PnlId) -> None:
        self._select("postings", asked)
        keys = ("entry_id", "line_no", "account", "posting_rule", "accounting_date", "posted_minor", "posted_currency")
        found = level(self._engine, _HERE, keys, self._limit)
        assert found.total_minor == node.amount_minor, f"{asked}: the postings of a figure add up to it"
        node.more = found.more
        for row in found.rows:
            facts = {"rule": row["posting_rule"], "day": str(row["accounting_date"])}
            posting = Node(entry_id(row["entry_id"], row["line_no"]), "posting", row["account"], facts=facts)
            posting.amount_minor, posting.currency = int(row["amount_minor"]), self._currency
            # Without known cost, revenue is taken out of the margin again; the posting in the books is the same one.
            sign = 1 if asked.line == "revenue_without_cost" else -1
            posting.own_minor, posting.own_currency = sign * int(row["posted_minor"]), row["posted_currency"]
            node.children.append(posting)

    def _node(self, asked: PnlId, amount: int) -> Node:
        kind, name = "line", asked.line
        if asked.cause is not None:
            kind, name = ("order" if asked.cause_kind == "order" else "cause"), asked.cause
        elif asked.account is not None:
            kind, name = "postings", asked.account
        facts: dict[str, Any] = {"period": asked.period, "channel": asked.place.channel, "shop": asked.place.shop}
        facts |= {"sku_id": asked.place.sku, "line": asked.line, "rule": asked.rule, "cause_kind": asked.cause_kind}
        said = {key: value for key, value in facts.items() if value is not None}
        return Node(str(asked), kind, name, amount, self._currency, facts=said)

    def _select(self, relation: str, asked: PnlId) -> None:
        """The relation `explained`: rows of a relation that an id is about."""
        lines = _PARTS_OF[asked.line]
        self._engine.add_arrow("asked_lines", pa.table({"line": pa.array(lines, pa.string())}))
        group = {"account": asked.account, "posting_rule": asked.rule}
        add_row(self._engine, "asked_part", **_filter(asked), **group, cause_kind=asked.cause_kind, cause=asked.cause)
        text = _FILTERED.format(relation=relation) + (_GROUPED if relation == "postings" else "")
        self._engine.define(_HERE, parse(text, source="explained"))


def is_line(key: str) -> bool:
    """Whether a word is a line of the P&L."""
    return key in _PARTS_OF


def _filter(asked: PnlId | None) -> dict[str, str | None]:
    if asked is None:
        return dict.fromkeys(("month", "fiscal_period", "channel", "shop", "sku_id"))
    return {
        "month": asked.month,
        "fiscal_period": asked.fiscal_period,
        "channel": asked.place.channel,
        "shop": asked.place.shop,
        "sku_id": asked.place.sku,
    }


def _with_group(asked: PnlId) -> Any:  # noqa: ANN401 a callable over rows
    return lambda row: replace(asked, account=row["account"], rule=row["posting_rule"])


def _with_cause(asked: PnlId) -> Any:  # noqa: ANN401 a callable over rows
    return lambda row: replace(asked, cause_kind=row["cause_kind"], cause=row["cause"])


def line_keys() -> Iterable[str]:
    """Keys of the lines, in order."""
    return _PARTS_OF
