"""Explain one value: from a figure of a report to postings, canonical rows and the cells of files.

    figure      subtotal, channel, month, account and rule    reports
    order       or what else caused a posting                 reports
    posting     a line of a ledger entry                      ledger
    component   what the rule added up                        ledger
    row, cells  file, sheet, row, header, text                connectors, store

Parts add up to their figure; that is asserted on the way, in SQL. An id names what a figure is about, so it is the same
in every run and after a replay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.engine import parse
from entrepot.flows.asking import newest_tables
from entrepot.flows.errors import ValueUnknown
from entrepot.flows.explaining_cells import CellReader
from entrepot.flows.explaining_reports import REPORT_IDS, report_value
from entrepot.model import TABLES, Origin
from entrepot.reports.explain import LIMIT, More, Node, PnlParts, entry_id, entry_of, is_line, open_postings, pnl_id
from entrepot.reports.explain.levels import add_row
from entrepot.reports.explain.pnl import line_keys, sql_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.engine import Engine
    from entrepot.flows.parts import CellParts
    from entrepot.reports.explain import PnlId
    from entrepot.store import TableStore

DEPTH = 2
"""Levels that are shown in full; below them the largest part is followed down to the file."""

_BEHIND = (
    "order_positions",
    "order_pieces",
    "refunds",
    "fees",
    "orders",
    "settlement_lines",
    "ad_spend",
    "service_bill_lines",
    "bank_matches",
    "payouts",
    "journal_lines",
)

# Amounts of an order that are added or taken off until what was paid is left.
_ORDER_PARTS = (
    ("goods", "goods_minor", 1),
    ("shipping", "shipping_minor", 1),
    ("tax", "tax_minor", 1),
    ("discount_merchant", "discount_merchant_minor", -1),
    ("discount_platform", "discount_platform_minor", -1),
    ("discount_other", "discount_other_minor", -1),
    ("tender", "tender_minor", -1),
    ("identity_gap", "identity_gap_minor", -1),
)
# By kind of exception: the order's amounts whose sum is the amount at stake.
_EXCEPTION_PARTS: dict[str, tuple[tuple[str, str, int], ...]] = {
    "order_identity": (*_ORDER_PARTS[:-1], ("paid", "paid_minor", -1)),
    "settlement_difference": (
        ("income", "income_minor", 1),
        ("paid", "paid_minor", -1),
        ("tender", "tender_minor", -1),
        ("discount_platform", "discount_platform_minor", -1),
        ("discount_other", "discount_other_minor", -1),
        ("refunded_before", "refunded_before_minor", 1),
        ("tax_kept", "tax_kept_minor", 1),
    ),
    "settlement_missing": (
        ("paid", "paid_minor", 1),
        ("tender", "tender_minor", 1),
        ("discount_platform", "discount_platform_minor", 1),
        ("discount_other", "discount_other_minor", 1),
        ("refunded_before", "refunded_before_minor", -1),
        ("tax_kept", "tax_kept_minor", -1),
    ),
    "refund_exceeds_paid": (
        ("refund", "refunded_minor", 1),
        ("paid", "paid_minor", -1),
        ("third_party", "third_party_minor", -1),
    ),
}


def explain_value(
    parts: CellParts, asked: str, *, limit: int = LIMIT, depth: int = DEPTH, reporting_currency: str | None = None
) -> Node:
    """Explain a figure, an order, an entry, a posting or an exception.

    Args:
        parts: The cell.
        asked: An id; see `reports.explain.ids`.
        limit: Parts shown of each figure, the largest; 0 for all.
        depth: Levels shown in full.
        reporting_currency: For figures of the P&L; None for the one of `cell.toml`.
    Raises:
        ValueUnknown: The id names nothing.
        NothingPublished: Nothing was imported yet.
    """
    tables = newest_tables(parts)
    currency = (reporting_currency or parts.settings.cell.reporting_currency).upper()
    with parts.open_engine() as engine:
        tables.open_into(engine, ["ledger_entries", *_BEHIND])
        flow = _Explaining(engine, asked, limit, CellReader(parts, engine, tables, limit))
        kind, _, rest = asked.partition("/")
        if kind == "pnl":
            return flow.pnl(tables, currency, depth)
        if kind == "entry" and rest:
            return flow.entry(rest)
        if kind == "order" and rest:
            return flow.order(rest)
        if kind == "exception" and rest:
            return flow.exception(tables, rest)
        if kind == "row" and rest:
            return flow.row(tables, rest)
        if kind.partition("@")[0] in REPORT_IDS:
            return flow.figure(tables, asked, currency, depth)
        raise ValueUnknown(asked, ())


@dataclass
class _Explaining:
    """One question, on an engine with the tables of the ledger."""

    engine: Engine
    asked: str
    limit: int
    cells: CellReader

    def pnl(self, tables: TableStore, currency: str, depth: int) -> Node:
        """A figure of the P&L."""
        wanted = pnl_id(self.asked)
        if wanted is None or not is_line(wanted.line):
            raise ValueUnknown(self.asked, tuple(f"pnl/all/all/{key}" for key in line_keys()) if wanted else ())
        open_postings(self.engine, tables, currency, wanted)
        figures = PnlParts(self.engine, currency, self.limit)
        node = figures.figure(wanted)
        if node is None:
            raise ValueUnknown(self.asked, ())
        self._grow(figures, node, wanted, depth, follow=True)
        return node

    def _grow(self, figures: PnlParts, node: Node, wanted: PnlId, depth: int, *, follow: bool) -> None:
        if depth <= 0 and not follow:
            return
        ids = figures.expand(node, wanted)
        for number, (child, its) in enumerate(zip(node.children, ids, strict=False)):
            self._grow(figures, child, its, depth - 1, follow=follow and number == 0)
        if not ids:
            self._explain_postings(node.children if depth > 0 else node.children[:1])

    def figure(self, tables: TableStore, asked: str, currency: str, depth: int) -> Node:
        """A figure of another report; its largest part is followed down to the file."""
        node = report_value(self.engine, tables, asked, currency, self.limit)
        if node is None:
            raise ValueUnknown(self.asked, ())
        self._follow(tables, node, currency, max(depth, 1))
        return node

    def _follow(self, tables: TableStore, node: Node, currency: str, depth: int) -> None:
        is_rate = any(child.kind == "component" and child.children for child in node.children)
        sums = [child.children for child in node.children] if is_rate else [node.children]
        named = [[part for part in parts if part.id] for parts in sums]
        for part in (part for parts in named for part in (parts if depth > DEPTH else parts[:1])):
            if part.kind == "report":
                if depth > 0:
                    deeper = self.figure(tables, part.id, currency, depth - 1)
                    part.children, part.more, part.is_whole = deeper.children, deeper.more, deeper.is_whole
                    part.is_whole = part.is_whole and deeper.amount_minor == part.amount_minor
            else:
                self._open_part(tables, part)

    def _open_part(self, tables: TableStore, part: Node) -> None:
        """Add to a part of a figure what it is itself made of."""
        kind, _, rest = part.id.partition("/")
        if kind == "entry":
            its = self.entry(rest)
            part.own_minor, part.own_currency = its.amount_minor, its.currency
        elif kind == "order":
            its = self.order(rest)
        else:
            its = self.exception(tables, rest) if kind == "exception" else self.row(tables, rest)
        part.children, part.more, part.is_whole = its.children, its.more, its.is_whole and kind == "entry"
        part.facts |= its.facts

    def row(self, tables: TableStore, rest: str) -> Node:
        """A row of an observed table, of a file as it came, or a file."""
        name, _, key = rest.partition("/")
        node = Node(f"row/{rest}", "row_of_table", rest, is_whole=False)
        file = self.cells.file_of(key if name == "raw_files" else key.rpartition("/")[0])
        if name in ("raw_files", "raw_rows"):
            number = key.rpartition("/")[2]
            if file is None or (name == "raw_rows" and not number.isdigit()):
                raise ValueUnknown(self.asked, ())
            node.facts = {"file": file["file_name"], "format": file["format"]}
            node.children = [self.cells.row(key.rpartition("/")[0], int(number))] if name == "raw_rows" else []
            return node
        table = TABLES.get(name)
        if table is None or table.origin is not Origin.OBSERVED or len(table.key) != 1:
            raise ValueUnknown(self.asked, ())
        tables.open_into(self.engine, [name])
        add_row(self.engine, "asked_row_key", key=key)
        text = (
            f"select t.raw_id, t.row_no from {name}__all as t join asked_row_key as k on t.{table.key[0]} = k.key "
            "where t.source <> 'merged' qualify row_number() over (order by t.version desc nulls last, t.raw_id) = 1"
        )
        found = self.engine.read(parse(text, source=f"row of {name}")).to_pylist()
        if not found:
            raise ValueUnknown(self.asked, ())
        node.children = [self.cells.row(each["raw_id"], each["row_no"]) for each in found]
        return node

    def entry(self, rest: str) -> Node:
        """An entry with its postings, or one posting."""
        entry, line_no = entry_of(rest)
        node = self._entry(entry)
        if node is None:
            raise ValueUnknown(self.asked, ())
        if line_no is None:
            self._explain_postings(node.children)
            return node
        wanted = [child for child in node.children if child.id == entry_id(entry, line_no)]
        if not wanted:
            raise ValueUnknown(self.asked, tuple(child.id for child in node.children))
        self._explain_postings(wanted)
        return wanted[0]

    def order(self, order_key: str) -> Node:
        """An order: how its money adds up, and its entries."""
        add_row(self.engine, "asked_order", order_key=order_key)
        columns = "p.channel, p.shop, p.currency, p.state, p.settlement_state, p.is_paid, p.paid_minor, " + ", ".join(
            f"p.{column}" for _, column, _ in _ORDER_PARTS
        )
        found = self.engine.read(
            parse(
                f"select {columns} from order_positions as p join asked_order as k on p.order_key = k.order_key",
                source="order",
            )
        ).to_pylist()
        if not found:
            raise ValueUnknown(self.asked, ())
        row = found[0]
        facts = {key: row[key] for key in ("channel", "shop", "state", "settlement_state") if row[key] is not None}
        node = Node(f"order/{order_key}", "order", order_key, facts=facts, is_whole=False)
        money = Node("", "component", "paid", int(row["paid_minor"]), row["currency"])
        money.children = self._components_of(row, _ORDER_PARTS, row["currency"])
        gap = self._gap(money)
        assert gap == 0 or not row["is_paid"], f"{node.id}: the parts of an order add up to what was paid"
        self._add_rows(money.children, {"order_id": order_key})
        if gap:
            money.children.append(Node("", "component", "not_paid", gap, row["currency"]))
        node.children = [money]
        self._add_entries(node, order_key)
        return node

    def exception(self, tables: TableStore, exception_id: str) -> Node:
        """An exception with what its amount is made of, where an order or a row of a file is behind it."""
        tables.open_into(self.engine, ["exceptions"])
        add_row(self.engine, "asked_exception", exception_id=exception_id)
        found = self.engine.read(
            parse(
                "select e.kind, e.key, e.channel, e.shop, e.amount_minor, e.currency, e.cause, e.where_found "
                "from exceptions as e join asked_exception as k on e.exception_id = k.exception_id",
                source="exception",
            )
        ).to_pylist()
        if not found:
            raise ValueUnknown(self.asked, ())
        row = found[0]
        facts = {key: row[key] for key in ("channel", "shop", "cause", "where_found") if row[key] is not None}
        node = Node(
            f"exception/{exception_id}", "exception", row["kind"], row["amount_minor"], row["currency"], facts=facts
        )
        if row["kind"] == "quarantined_row":
            raw_id, _, row_no = row["key"].rpartition(":")
            node.children, node.is_whole = [self.cells.row(raw_id, int(row_no))], False
        elif row["kind"] in _EXCEPTION_PARTS:
            self._exception_of_order(node, row)
        return node

    def _exception_of_order(self, node: Node, row: dict[str, Any]) -> None:
        """The parts of an exception whose key is channel, shop and the platform's order number."""
        add_row(self.engine, "asked_key", key=row["key"])
        order = self.engine.read(
            parse(
                "select p.* from order_positions as p "
                "join asked_key as k on p.channel || '/' || p.shop || '/' || p.order_id = k.key",
                source="order of an exception",
            )
        ).to_pylist()[0]
        node.facts["order"] = f"order/{order['order_key']}"
        node.children = self._components_of(order, _EXCEPTION_PARTS[row["kind"]], row["currency"])
        if gap := self._gap(node):
            # Parts that the order's row does not keep apart, such as what lapsed with a line of an open order.
            node.children.append(Node("", "component", "rest", gap, node.currency))
        self._add_rows(node.children, {"order_id": order["order_key"]})

    @staticmethod
    def _components_of(row: dict[str, Any], parts: Sequence[tuple[str, str, int]], currency: str) -> list[Node]:
        return [
            Node("", "component", name, sign * int(row[column]), currency)
            for name, column, sign in parts
            if row[column]
        ]

    def _gap(self, node: Node) -> int:
        """What the parts of a node lack to its figure."""
        self.engine.add_arrow(
            "parts_of_node",
            pa.table({"amount_minor": pa.array([child.amount_minor for child in node.children], pa.int64())}),
        )
        found = self.engine.read(
            parse("select coalesce(sum_exact(amount_minor), 0) as sum_minor from parts_of_node", source="sum of parts")
        )
        return int(node.amount_minor or 0) - int(found["sum_minor"][0].as_py())

    def _add_rows(self, components: Sequence[Node], cause: dict[str, str | None]) -> None:
        for component in components:
            self.cells.add_rows(component, cause)

    def _add_entries(self, node: Node, order_key: str) -> None:
        """Add the entries of an order, the earliest first; each sums to zero, and so do those left out."""
        add_row(self.engine, "asked_order", order_key=order_key)
        found = self.engine.read(
            parse(
                "select e.entry_id, min(e.accounting_date) as first_day from ledger_entries as e "
                "join asked_order as k on e.order_id = k.order_key group by e.entry_id "
                "order by first_day, e.entry_id",
                source="entries of an order",
            )
        )["entry_id"].to_pylist()
        shown = found[: self.limit] if self.limit else found
        node.children += [entry for name in shown if (entry := self._entry(name)) is not None]
        if len(shown) < len(found):
            node.more = More(len(found) - len(shown), 0)

    def _entry(self, entry: str) -> Node | None:
        """An entry with its postings; None when there is none."""
        add_row(self.engine, "asked_entry", entry_id=entry)
        rows = self.engine.read(
            parse(
                "select e.line_no, e.account, e.amount_minor, e.currency, e.posting_rule, e.accounting_date, "
                "e.entity_id, e.reversal_of, e.cause_kind, e.cause_id, "
                "sum_exact(e.amount_minor) over (partition by e.currency) as rest_minor "
                "from ledger_entries as e join asked_entry as k on e.entry_id = k.entry_id order by e.line_no",
                source="entry",
            )
        ).to_pylist()
        if not rows:
            return None
        assert all(row["rest_minor"] == 0 for row in rows), f"{entry}: every entry sums to zero"
        first = rows[0]
        facts = {"rule": first["posting_rule"], "day": str(first["accounting_date"]), "entity": first["entity_id"]}
        facts |= {"cause_kind": first["cause_kind"], "cause": first["cause_id"]}
        facts |= {"reversal_of": first["reversal_of"]} if first["reversal_of"] else {}
        node = Node(entry_id(entry), "entry", first["posting_rule"], 0, first["currency"], facts=facts)
        for row in rows:
            amount = int(row["amount_minor"])
            posting = Node(entry_id(entry, row["line_no"]), "posting", row["account"], amount, row["currency"])
            posting.own_minor, posting.own_currency = amount, row["currency"]
            posting.facts = {"rule": row["posting_rule"], "day": str(row["accounting_date"])}
            node.children.append(posting)
        return node

    def _explain_postings(self, postings: Sequence[Node]) -> None:
        """Add to postings what their rule added up, down to the cells."""
        wanted = {posting.id: posting for posting in postings}
        if not wanted:
            return
        entries = sorted({entry_of(name.removeprefix("entry/"))[0] for name in wanted})
        self.engine.add_arrow("asked_ids", pa.table({"entry_id": pa.array(entries, pa.string())}))
        self.engine.define(
            "asked_entries",
            parse(
                "select e.* from ledger_entries as e join asked_ids as k on e.entry_id = k.entry_id",
                source="asked entries",
            ),
            materialise=True,
        )
        self._add_components(wanted)
        causes = {
            entry_id(row["entry_id"], row["line_no"]): row for row in self.engine.read("asked_entries").to_pylist()
        }
        for name, posting in wanted.items():
            cause = causes[name]
            rate = cause["tax_code"]
            for component in posting.children:
                if component.name == "vat" and rate is not None and rate.isdigit():
                    component.facts["rate_bp"] = int(rate)
            known = {key: cause[key] for key in ("order_id", "order_line_id", "sku_id", "cause_id", "account")}
            self._add_rows(posting.children, {**known, "day": str(cause["accounting_date"])})

    def _add_components(self, wanted: dict[str, Node]) -> None:
        """Add to postings what their rule added up; a posting that is kept although the tables changed stays bare."""
        query = parse(sql_text("components"), source="reports/explain/components.sql", strict_output=True)
        self.engine.define("components", query, materialise=True)
        ordered = "select * from components order by entry_id, line_no, part_no"
        for row in self.engine.read(parse(ordered, source="components")).to_pylist():
            posting = wanted.get(entry_id(row["entry_id"], row["line_no"]))
            if posting is not None:
                posting.children.append(
                    Node("", "component", row["part"], int(row["amount_minor"]), posting.own_currency)
                )
        for posting in wanted.values():
            if not posting.children:
                posting.facts["has_parts"] = False
