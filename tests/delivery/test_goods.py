"""Goods issues and goods receipts of what was shipped and came back, on both engines; what nobody knows is left out, and said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from entrepot.delivery import JournalAsked, read_mapping
from entrepot.delivery.documents import PlanAsked
from entrepot.delivery.erp import (
    GOODS_ISSUE,
    GOODS_RECEIPT,
    JOURNAL,
    MOVEMENTS,
    PARTY,
    PRODUCT,
    Content,
    Found,
    Goods,
    GoodsLine,
)
from entrepot.delivery.goods import goods_audit
from entrepot.delivery.lines import load_documents
from entrepot.delivery.planning import plan_documents
from tests.delivery.entries import entries_table, entry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from entrepot.delivery.erp import Document
    from entrepot.delivery.goods import GoodsAudit
    from entrepot.delivery.intents import Intent
    from entrepot.delivery.planning import Plan
    from entrepot.engine import DuckDBEngine, Engine

MAPPING = """kind,ours,theirs,tax_code,dimensions,note
account,cogs,6401,,,
account,inventory,1405,,,
entity,cn,1410,,,
channel,douyin,DY,,,
sku,A,TG11,,,
"""
SENT = datetime(2026, 9, 3, 15, 30, tzinfo=UTC)
"""On the third of September in Shanghai, still."""

ORDERS: dict[str, dict[str, Any]] = {
    "douyin:1": {"shipped_at": SENT, "fulfilment_state": "shipped"},
    # Half an hour later it is the fourth there.
    "douyin:2": {"shipped_at": datetime(2026, 9, 3, 16, 0, tzinfo=UTC), "fulfilment_state": "delivered"},
    "douyin:3": {"shipped_at": SENT, "fulfilment_state": "shipped"},
}
PIECES = [
    # order, piece, kind, line, SKU, pieces, cost, whether it has a cost or needs none
    ("douyin:1", 1, "line", "1a", "A", 2, 1_000, True),
    ("douyin:1", 2, "line", "1b", "B", 1, None, False),
    ("douyin:1", 3, "shipping", None, None, 0, None, True),
    ("douyin:2", 1, "line", "2a", "A", 3, 1_500, True),
    ("douyin:3", 1, "line", "3a", "A", 1, 500, True),
]
_TIMES = {"shipped_at", "received_at"}
_NUMBERS = {"piece_no", "quantity", "cost_minor", "received_quantity"}


def cost(order: str, line: str, on: str, minor: int, sku: str = "A") -> list[dict[str, Any]]:
    """What a line cost, in the ledger."""
    rows = entry(f"cost:{order}:{line}", on, ("cogs", minor), ("inventory", -minor), channel="douyin")
    return [{**row, "posting_rule": "cost", "order_id": order, "order_line_id": line, "sku_id": sku} for row in rows]


COSTS = [cost("douyin:1", "1a", "2026-09-12", 1_000), cost("douyin:2", "2a", "2026-10-02", 1_500)]
RETURN = {"kind": "return_refund", "process": "succeeded", "month": "2026-09"}


def _table(names: tuple[str, ...], rows: list[Mapping[str, Any]]) -> pa.Table:
    return pa.table(
        {
            name: pa.array(
                [row.get(name) for row in rows],
                pa.timestamp("us", tz="UTC") if name in _TIMES
                else pa.int64() if name in _NUMBERS
                else pa.bool_() if name == "has_cost"
                else pa.string(),
            )
            for name in names
        }
    )  # fmt: skip


class Books:
    """A target that gets goods."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder, self.plans = engine, folder, 0
        self.known: list[Intent] = []

    def plan(
        self,
        orders: Mapping[str, Mapping[str, Any]] = ORDERS,
        pieces: list[Any] = PIECES,
        cases: list[Mapping[str, Any]] | None = None,
        costs: list[list[dict[str, Any]]] = COSTS,
        **facts: Any,
    ) -> Plan:
        self.plans += 1
        rows = [
            {"order_id": key.split(":")[1], "order_kind": "sale", "month": "2026-09", "channel": "douyin", **each}
            for key, each in orders.items()
        ]
        named = [
            {**row, "order_key": key, "shop": "s1", "entity_id": "cn"} for key, row in zip(orders, rows, strict=True)
        ]
        add = self.engine.add_arrow
        add("orders", _table(("order_key", "order_id", "parent_order_id", "channel", "order_kind", "fulfilment_state",
                              "month", "shipped_at"), list(named)))  # fmt: skip
        add("order_positions", _table(("order_key", "channel", "shop", "entity_id"), list(named)))
        shop = {"channel": "douyin", "shop": "s1", "business_zone": "Asia/Shanghai"}
        add("shops", _table(("channel", "shop", "business_zone"), [shop]))
        add("legal_entities", pa.table({"entity_id": ["cn"], "functional_currency": ["CNY"]}))
        names = ("order_key", "piece_no", "kind", "line_id", "sku_id", "quantity", "cost_minor", "has_cost")
        told = [{**dict(zip(names, row, strict=True)), "cost_currency": "CNY" if row[6] else None} for row in pieces]
        add("order_pieces", _table((*names, "cost_currency"), list(told)))
        names = (
            "case_key",
            "order_key",
            "order_line_id",
            "kind",
            "process",
            "month",
            "received_at",
            "received_quantity",
        )
        add("after_sales", _table(names, cases or []))
        add("skus", _table(("sku_id", "name", "name_en"), [{"sku_id": "A", "name": "杯子"}]))
        add("ledger_entries", entries_table([row for each in costs for row in each]))
        add("settlement_lines", _table(("line_id", "settlement_id", "channel", "order_key"), []))
        asked = PlanAsked(
            "erp", JournalAsked("2026-09", "day", order_days=facts.pop("order_days", ())), "", plan_id=f"p{self.plans}",
            **{"names_orders": True, "reposts": True, "names_products": True, "masters": "shared", "movements": "day",
               "names_skus": True, **facts},
        )  # fmt: skip
        files = {f"p{number}": self.folder / f"p{number}.parquet" for number in range(1, self.plans)}
        made = plan_documents(self.engine, asked, read_mapping(MAPPING, "erp.csv", 0), self.known, files)
        assert made.lines is not None
        pq.write_table(made.lines, self.folder / f"p{self.plans}.parquet")
        self.known += [replace(each, status="done", steps_done=1) for each in made.intents]
        return made

    def goods(self, made: Plan) -> list[Document]:
        files = {f"p{number}": self.folder / f"p{number}.parquet" for number in range(1, self.plans + 1)}
        documents = load_documents([each for each in made.intents if each.kind in MOVEMENTS], files)
        return sorted(documents.values(), key=lambda each: (each.posted_on, each.kind, each.document_id))

    def audit(self, held: Mapping[str, tuple[Found, ...]]) -> GoodsAudit:
        """Of the last plan."""
        return goods_audit(self.engine, pq.read_table(self.folder / f"p{self.plans}.parquet"), held)


@pytest.fixture
def books(engine: Engine, tmp_path: Path) -> Books:
    return Books(engine, tmp_path)


@pytest.fixture
def quick(duckdb_engine: DuckDBEngine, tmp_path: Path) -> Books:
    """On one engine, where only the rule is looked at."""
    return Books(duckdb_engine, tmp_path)


def test_what_was_shipped_on_a_day_is_one_goods_issue_by_product_and_books_nothing(books: Books) -> None:
    made = books.plan()
    assert made.kinds == {GOODS_ISSUE: 2, JOURNAL: 1, PARTY: 1, PRODUCT: 2}
    one, other = books.goods(made)
    assert (one.company, one.posted_on, one.text, one.lines) == ("1410", date(2026, 9, 3), "shipped douyin", ())
    assert one.body == Goods("DY", (GoodsLine("B", 1), GoodsLine("TG11", 3)))
    assert (other.posted_on, other.body) == (date(2026, 9, 4), Goods("DY", (GoodsLine("TG11", 3),)))
    assert [each.debit_minor for each in made.intents if each.kind in MOVEMENTS] == [0, 0]
    assert made.totals.by_currency == (("cn", "CNY", 1_000, 1_000),), "the journals carry the cost, as without goods"
    # Party and products are there before what names them.
    masters = {each.base_id for each in made.intents if each.kind in (PARTY, PRODUCT)}
    assert {base for document, base in made.needs if document == one.document_id} == masters
    assert made.goods_left_out == {}
    assert books.plan().intents == [], "the same tables plan nothing twice"


def test_goods_go_by_order_where_that_is_asked_for_or_the_day_says_so(quick: Books) -> None:
    texts = [each.text for each in quick.goods(quick.plan(movements="order"))]
    assert sorted(texts) == ["shipped douyin 1", "shipped douyin 2", "shipped douyin 3"]
    quick.known = []
    texts = [each.text for each in quick.goods(quick.plan(order_days=(date(2026, 9, 3),)))]
    assert sorted(texts) == ["shipped douyin", "shipped douyin 1", "shipped douyin 3"]
    quick.known = []
    assert {each.text for each in quick.goods(quick.plan(names_orders=False))} == {""}, "texts are up to the permit"


@pytest.mark.parametrize(
    ("order", "left_out"),
    [
        ({"fulfilment_state": "part_shipped"}, {"part_shipped": (1, 3)}),
        ({"shipped_at": None, "fulfilment_state": "delivered"}, {"day_unknown": (1, 3)}),
        ({"order_kind": "sample"}, {"kind_unclear": (1, 3)}),
        # Neither left, so that there is nothing to say.
        ({"shipped_at": None, "fulfilment_state": "allocated"}, {}),
        ({"order_kind": "fictitious"}, {}),
    ],
)
def test_what_nobody_knows_to_have_left_is_in_no_document_and_said(
    quick: Books, order: dict[str, Any], left_out: dict[str, tuple[int, int]]
) -> None:
    made = quick.plan({"douyin:1": {**ORDERS["douyin:1"], **order}, "douyin:3": ORDERS["douyin:3"]})
    (issue,) = quick.goods(made)
    assert issue.body == Goods("DY", (GoodsLine("TG11", 1),))
    assert made.goods_left_out == left_out


def test_a_line_without_a_sku_and_one_that_was_cancelled_move_nothing_and_a_gift_does(quick: Books) -> None:
    pieces = [
        ("douyin:1", 1, "line", "1a", None, 2, None, False),
        # Cancelled before the goods left: it has no cost, and lacks none.
        ("douyin:1", 2, "line", "1b", "B", 1, None, True),
        ("douyin:1", 3, "line", "1c", "A", 5, None, False),
    ]
    made = quick.plan({"douyin:1": {**ORDERS["douyin:1"], "order_kind": "gift"}}, pieces)
    assert [each.body for each in quick.goods(made)] == [Goods("DY", (GoodsLine("TG11", 5),))]
    assert made.goods_left_out == {"sku_unknown": (1, 2)}


def test_a_difference_in_money_is_no_goods(books: Books) -> None:
    pieces = [
        ("douyin:1", 1, "line", "1a", "A", 2, 1_000, True),
        ("douyin:1", 2, "line", "~unlisted", None, 0, None, False),
    ]
    # Nor another line that could have come back.
    back = {**RETURN, "case_key": "c1", "order_key": "douyin:1", "received_at": BACK, "received_quantity": 1}
    made = books.plan({"douyin:1": ORDERS["douyin:1"]}, pieces, cases=[back])
    assert made.kinds[GOODS_RECEIPT] == 1
    assert made.goods_left_out == {}


def test_an_order_of_which_no_line_is_known_is_said(quick: Books) -> None:
    made = quick.plan({"douyin:1": ORDERS["douyin:1"]}, [("douyin:1", 1, "line", "~unlisted", None, 0, None, False)])
    assert made.goods_left_out == {"sku_unknown": (1, 0)}


CANCELLED = {"kind": "cancel_before_ship", "process": "succeeded", "month": "2026-09"}


@pytest.mark.parametrize(
    ("case", "left", "left_out"),
    [
        ({"order_key": "douyin:1", "order_line_id": "1a"}, [GoodsLine("B", 1), GoodsLine("TG11", 1)], (1, 2)),
        # Of two lines the case says that something was cancelled, and not which.
        ({"order_key": "douyin:1"}, [GoodsLine("TG11", 1)], (1, 3)),
        ({"order_key": "douyin:3", "order_line_id": "3a"}, [GoodsLine("B", 1), GoodsLine("TG11", 2)], (1, 1)),
        # The only line was shipped all the same.
        ({"order_key": "douyin:3"}, [GoodsLine("B", 1), GoodsLine("TG11", 3)], None),
        ({"order_key": "douyin:1", "order_line_id": "1a", "process": "refused"},
         [GoodsLine("B", 1), GoodsLine("TG11", 3)], None),
        ({"order_key": "douyin:1", "order_line_id": "1a", "kind": "refund_only"},
         [GoodsLine("B", 1), GoodsLine("TG11", 3)], None),
    ],
)  # fmt: skip
def test_a_line_that_a_case_says_was_cancelled_before_shipping_did_not_leave(
    books: Books, case: dict[str, Any], left: list[GoodsLine], left_out: tuple[int, int] | None
) -> None:
    orders = {key: ORDERS[key] for key in ("douyin:1", "douyin:3")}
    # Two refunds of one line are no two lines.
    made = books.plan(orders, cases=[{**CANCELLED, "case_key": key, **case} for key in ("c1", "c2")])
    assert [each.body for each in books.goods(made)] == [Goods("DY", tuple(left))]
    assert made.goods_left_out == ({"line_cancelled": left_out} if left_out else {})


def test_an_order_that_was_split_is_shipped_by_its_parts_only(quick: Books) -> None:
    parts = {
        "douyin:1": ORDERS["douyin:1"],
        "douyin:3": {**ORDERS["douyin:3"], "order_kind": "split_part", "parent_order_id": "1"},
    }
    assert [each.body for each in quick.goods(quick.plan(parts))] == [Goods("DY", (GoodsLine("TG11", 1),))]


BACK = datetime(2026, 9, 20, 4, 0, tzinfo=UTC)


def test_what_came_back_is_a_goods_receipt_of_its_own_day_with_its_signs_turned(books: Books) -> None:
    cases = [
        {"case_key": "c1", "order_key": "douyin:2", "order_line_id": "2a", "received_at": BACK, "received_quantity": 2},
        # The only piece of its order: which it was, and how many, is known without being said.
        {"case_key": "c2", "order_key": "douyin:3", "received_at": BACK},
    ]
    made = books.plan(cases=[{**RETURN, **each} for each in cases])
    (receipt,) = (each for each in books.goods(made) if each.kind == GOODS_RECEIPT)
    assert (receipt.posted_on, receipt.text) == (date(2026, 9, 20), "returned douyin")
    assert receipt.body == Goods("DY", (GoodsLine("TG11", -3),))
    assert made.goods_left_out == {}


def test_of_a_return_and_its_refund_that_are_two_cases_one_says_what_came_back(quick: Books) -> None:
    back: dict[str, Any] = {
        **RETURN,
        "order_key": "douyin:2",
        "order_line_id": "2a",
        "received_at": BACK,
        "received_quantity": 1,
    }
    cases: list[Mapping[str, Any]] = [
        {**back, "case_key": "refund-1"},
        {**RETURN, "case_key": "return-1", "order_key": "douyin:2"},
    ]
    made = quick.plan(cases=cases)
    assert (made.goods_left_out, made.kinds[GOODS_RECEIPT]) == ({}, 1)
    # Another line's case that nobody answers is another return.
    pieces = [*PIECES, ("douyin:2", 2, "line", "2b", "B", 1, None, False)]
    made = quick.plan(pieces=pieces, cases=[cases[0], {**cases[1], "order_line_id": "2b"}])
    assert made.goods_left_out == {"return_unseen": (1, 1)}


@pytest.mark.parametrize(
    ("case", "left_out"),
    [
        ({"order_key": "douyin:2", "order_line_id": "2a"}, {"return_unseen": (1, 0)}),
        ({"order_key": "douyin:2", "order_line_id": "2a", "received_at": BACK}, {"pieces_unknown": (1, 0)}),
        ({"order_key": "douyin:1", "received_at": BACK, "received_quantity": 1}, {"pieces_unknown": (1, 1)}),
        (
            {"order_key": "douyin:2", "order_line_id": "2a", "received_at": BACK, "received_quantity": 4},
            {"more_than_left": (1, 4)},
        ),
        ({"order_key": "douyin:2", "kind": "refund_only"}, {}),
        ({"order_key": "douyin:2", "process": "returning"}, {}),
        # What never left does not come back.
        ({"order_key": "douyin:9", "received_at": BACK}, {}),
    ],
)
def test_a_return_whose_goods_nobody_counted_is_no_receipt_and_said(
    quick: Books, case: dict[str, Any], left_out: dict[str, tuple[int, int]]
) -> None:
    made = quick.plan(cases=[{**RETURN, "case_key": "c1", **case}])
    assert GOODS_RECEIPT not in made.kinds
    assert made.goods_left_out == left_out


@pytest.mark.parametrize(
    ("line", "reason", "cases"),
    [
        # Of either line, one of which nobody knows the SKU of.
        (None, {"pieces_unknown": (1, 1), "sku_unknown": (1, 1)}, ()),
        ("1b", {"sku_unknown": (1, 2)}, ()),
        # Something of the other line was cancelled, and the rest of it may have left.
        (None, {"pieces_unknown": (1, 1), "line_cancelled": (1, 1)}, ("1b",)),
        ("1b", {"line_cancelled": (1, 2)}, ("1b",)),
    ],
)
def test_a_return_is_not_guessed_onto_the_only_line_that_was_issued(
    books: Books, line: str | None, reason: dict[str, tuple[int, int]], cases: tuple[str, ...]
) -> None:
    sku = "B" if cases else None
    pieces = [("douyin:1", 1, "line", "1a", "A", 1, 500, True), ("douyin:1", 2, "line", "1b", sku, 1, None, False)]
    back: dict[str, Any] = {
        **RETURN,
        "case_key": "c1",
        "order_line_id": line,
        "received_at": BACK,
        "received_quantity": 1,
    }
    told: list[dict[str, Any]] = [back, *({**CANCELLED, "case_key": "c2", "order_line_id": each} for each in cases)]
    made = books.plan(
        {"douyin:1": ORDERS["douyin:1"]}, pieces, cases=[{"order_key": "douyin:1", **each} for each in told]
    )
    assert [(each.kind, each.body) for each in books.goods(made)] == [
        (GOODS_ISSUE, Goods("DY", (GoodsLine("TG11", 1),)))
    ]
    assert made.goods_left_out == reason


def test_an_order_that_went_back_is_said_where_no_case_says_more(quick: Books) -> None:
    orders = {**ORDERS, "douyin:2": {**ORDERS["douyin:2"], "fulfilment_state": "returned_to_sender"}}
    made = quick.plan(orders)
    assert (made.goods_left_out, GOODS_RECEIPT in made.kinds) == ({"return_unseen": (1, 3)}, False)
    case = {
        "case_key": "c1",
        "order_key": "douyin:2",
        "order_line_id": "2a",
        "received_at": BACK,
        "received_quantity": 3,
    }
    made = quick.plan(orders, cases=[{**RETURN, **case}])
    assert (made.goods_left_out, made.kinds[GOODS_RECEIPT]) == ({}, 1)


def test_two_returns_of_one_line_that_are_more_than_left_are_both_left_out(quick: Books) -> None:
    one = {**RETURN, "order_key": "douyin:2", "order_line_id": "2a", "received_at": BACK, "received_quantity": 2}
    made = quick.plan(cases=[{**one, "case_key": key} for key in ("c1", "c2")])
    assert made.goods_left_out == {"more_than_left": (1, 4)}
    assert GOODS_RECEIPT not in made.kinds


def test_a_day_that_changed_after_it_was_sent_is_taken_back_by_the_opposite_and_sent_anew(books: Books) -> None:
    first, _ = books.goods(books.plan())
    later = books.plan({**ORDERS, "douyin:3": {"fulfilment_state": "allocated"}})
    back, again = books.goods(later)[::-1] if books.goods(later)[0].kind == GOODS_ISSUE else books.goods(later)
    assert (back.kind, back.document_id, back.posted_on) == (GOODS_RECEIPT, f"{first.document_id}r", first.posted_on)
    assert back.body == Goods("DY", (GoodsLine("B", -1), GoodsLine("TG11", -3)))
    assert (again.kind, again.document_id) == (GOODS_ISSUE, f"{first.document_id}.2")
    assert again.body == Goods("DY", (GoodsLine("B", 1), GoodsLine("TG11", 2)))
    assert [each.after for each in later.intents if each.role == "document"] == [back.document_id]


def test_a_day_that_changed_is_only_named_where_a_person_is_asked(quick: Books) -> None:
    first, _ = quick.goods(quick.plan(reposts=False))
    later = quick.plan({**ORDERS, "douyin:3": {"fulfilment_state": "allocated"}}, reposts=False)
    assert (later.asks, later.intents) == ([first.document_id], [])


def _held(documents: list[Document]) -> dict[str, tuple[Found, ...]]:
    return {each.document_id: (Found("1", 1, each.content),) for each in documents}


def test_an_audit_counts_pieces_document_by_document_and_beside_the_ledgers_own(books: Books) -> None:
    held = _held(books.goods(books.plan()))
    audit = books.audit(held)
    # Of seven pieces five have a cost: the ledger's, though it counts three of them in another month.
    assert (audit.pieces, audit.stock, audit.sums) == ((), (), (("1410", 7, 7, 5, 5),))


@pytest.mark.parametrize("change", ["fewer", "another product", "gone", "twice"])
def test_an_audit_names_pieces_that_somebody_changed_in_the_erp(quick: Books, change: str) -> None:
    documents = quick.goods(quick.plan())
    held = _held(documents)
    key, (found,) = next(iter(held.items()))
    lines = {"fewer": (GoodsLine("B", 1), GoodsLine("TG11", 2)), "another product": (GoodsLine("C", 4),)}.get(
        change, ()
    )
    changed = Content(found.content.company, found.content.posted_on, "", {}, Goods("DY", lines))
    held[key] = (found, found) if change == "twice" else (replace(found, content=changed),)
    audit = quick.audit(held)
    assert {row["document_id"] for row in audit.pieces} == {key}
    assert {row["product"] for row in audit.stock} >= {"TG11"}


def test_an_audit_names_a_line_whose_cost_in_the_ledger_is_of_other_pieces(books: Books) -> None:
    """The books say two of A left with the second order, and the tables three."""
    held = _held(books.goods(books.plan(costs=[COSTS[0], cost("douyin:2", "2a", "2026-10-02", 1_000)])))
    (row,) = books.audit(held).stock
    assert row == {"company": "1410", "product": "TG11", "moved": 6, "held": 6, "costed": 5, "booked": 4}
