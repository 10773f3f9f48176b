"""Explain figures of the reports beside the P&L: each is a sum over orders, postings or exceptions.

A report that adds up orders is run once more with the order in the place of the shop, so that its own query gives one
row per order: no second text could disagree with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.engine import parse
from entrepot.reports import run_report
from entrepot.reports.explain import Node, entry_id, place_of
from entrepot.reports.explain.ids import read
from entrepot.reports.explain.levels import add_row, level
from entrepot.reports.questions import report_text

if TYPE_CHECKING:
    from entrepot.engine import Engine
    from entrepot.store import TableStore

REPORT_IDS = ("gmv_bridge", "settlement_status", "exceptions_summary", "trial_balance")
"""Reports whose figures have ids, beside the P&L."""

_MEASURES = {
    "trial_balance": {"balance": "amount_minor", "functional": "functional_minor"},
}
_PART_COUNTS = {"gmv_bridge": 4, "settlement_status": 5, "exceptions_summary": 5, "trial_balance": 7}


def report_value(engine: Engine, tables: TableStore, asked: str, currency: str, limit: int) -> Node | None:
    """A figure of a report with its parts; None where the id names none.

    Args:
        engine: With the tables of the ledger.
        tables: The cell at a snapshot.
        asked: The id.
        currency: Reporting currency.
        limit: Parts shown; 0 for all.
    """
    name, *parts = asked.split("/")
    if len(parts) != _PART_COUNTS[name] - 1:
        return None
    if name in ("gmv_bridge", "settlement_status"):
        return _of_orders(engine, tables, asked, name, parts, currency, limit)
    if name == "exceptions_summary":
        return _of_exceptions(engine, tables, asked, parts, limit)
    return _of_balance(engine, asked, parts, limit)


def _of_orders(
    engine: Engine, tables: TableStore, asked: str, name: str, parts: list[str], currency: str, limit: int
) -> Node | None:
    place, money, *state, measure = parts
    column = f"{measure}_minor"
    rows = run_report(engine, tables, name, currency)
    if column not in rows.column_names:
        return None
    where = place_of(place)
    add_row(
        engine,
        "asked_report",
        channel=where.channel,
        shop=where.shop,
        currency=money,
        state=state[0] if state else None,
    )
    at = "r.channel = k.channel and r.shop = k.shop and r.currency = k.currency"
    at += " and r.settlement_state = k.state" if state else ""
    engine.add_arrow("report_rows", rows)
    figure = engine.read(
        parse(f"select sum_exact(r.{column}) as m from report_rows as r join asked_report as k on {at}", source=name)
    )["m"][0].as_py()
    if figure is None:
        return None
    tables.open_into(engine, ["order_positions"], prefix="all_")
    others = ", ".join(f"r.{each}" for each in engine.columns("all_order_positions") if each != "shop")
    here = "r.channel = k.channel and r.shop = k.shop and r.currency = k.currency"
    engine.define(
        "order_positions",
        parse(
            f"select {others}, r.order_key as shop from all_order_positions as r join asked_report as k on {here}",
            source="one order at a time",
        ),
        materialise=True,
    )
    engine.define("by_order", parse(report_text(name), source=f"reports/{name}.sql", strict_output=True))
    chosen = "select r.* from by_order as r cross join asked_report as k"
    engine.define(
        "orders_of_figure", parse(chosen + (" where r.settlement_state = k.state" if state else ""), source=name)
    )
    found = level(engine, "orders_of_figure", ("shop",), limit, column, f"{column} <> 0")
    assert found.total_minor == figure, f"{asked}: the orders of a figure add up to it"
    node = Node(
        asked, "report", measure, int(figure), money, facts={"report": name, "shop": where.shop}, more=found.more
    )
    node.children = [
        Node(f"order/{row['shop']}", "order", row["shop"], int(row["amount_minor"]), money) for row in found.rows
    ]
    return node


def _of_exceptions(engine: Engine, tables: TableStore, asked: str, parts: list[str], limit: int) -> Node | None:
    kind, place, money, measure = parts
    if measure != "at_stake":
        return None
    tables.open_into(engine, ["exceptions"])
    where = place_of(place)
    add_row(engine, "asked_report", kind=kind, channel=where.channel, shop=where.shop, currency=money)
    same = "e.currency = k.currency" + "".join(
        f" and (k.{key} is null or coalesce(e.{key}, '-') = k.{key})" for key in ("channel", "shop")
    )
    engine.define(
        "exceptions_of_figure",
        parse(
            "select e.exception_id, e.kind, abs(e.amount_minor) as amount_minor from exceptions as e "
            f"join asked_report as k on e.kind = k.kind and {same} where e.amount_minor is not null",
            source="exceptions of a figure",
        ),
    )
    found = level(engine, "exceptions_of_figure", ("exception_id",), limit)
    if not found.rows:
        return None
    node = Node(
        asked, "report", "at_stake", found.total_minor, money, facts={"report": "exceptions_summary"}, more=found.more
    )
    node.children = [
        Node(f"exception/{row['exception_id']}", "exception", kind, int(row["amount_minor"]), money)
        for row in found.rows
    ]
    return node


def _of_balance(engine: Engine, asked: str, parts: list[str], limit: int) -> Node | None:
    entity, book, account, money, functional, measure = parts
    column = _MEASURES["trial_balance"].get(measure)
    if column is None:
        return None
    add_row(
        engine, "asked_report", entity_id=read(entity), book=book, account=read(account), currency=money,
        functional_currency=functional,
    )  # fmt: skip
    keys = ("entity_id", "book", "account", "currency", "functional_currency")
    same = " and ".join(f"e.{key} = k.{key}" for key in keys)
    engine.define(
        "postings_of_figure",
        parse(
            f"select e.entry_id, e.line_no, e.posting_rule, e.{column} as amount_minor from ledger_entries as e "
            f"join asked_report as k on {same}",
            source="postings of a balance",
        ),
    )
    found = level(engine, "postings_of_figure", ("entry_id", "line_no", "posting_rule"), limit)
    if not found.rows:
        return None
    shown = functional if measure == "functional" else money
    facts = {"report": "trial_balance", "entity": read(entity)}
    node = Node(asked, "report", read(account), found.total_minor, shown, facts=facts, more=found.more)
    node.children = [
        Node(
            entry_id(row["entry_id"], row["line_no"]), "posting", read(account), int(row["amount_minor"]), shown,
            facts={"rule": row["posting_rule"]},
        )
        for row in found.rows
    ]  # fmt: skip
    return node
