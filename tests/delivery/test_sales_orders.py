"""Sales orders that a plan makes of what buyers paid, on both engines; they book nothing, so the journals stay as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from entrepot.delivery import JournalAsked, read_mapping
from entrepot.delivery.documents import PlanAsked
from entrepot.delivery.erp import JOURNAL, ORDER, ItemLine, SalesOrder
from entrepot.delivery.lines import load_documents
from entrepot.delivery.planning import plan_documents
from tests.delivery.entries import entries_table, entry

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.delivery.intents import Intent
    from entrepot.delivery.planning import Plan
    from entrepot.engine import DuckDBEngine, Engine

MAPPING = """kind,ours,theirs,tax_code,dimensions,note
account,contract_liability_unshipped,2205,,,
account,platform_receivable,1122,,,
entity,cn,1410,,,
channel,tmall,17100001,,,
sku,A,TG11,,,
"""
PIECES = [
    # order, kind, SKU, pieces, gross, VAT
    ("tmall:o1", "line", "A", 2, 22_600, 2_600),
    ("tmall:o1", "line", "A", 1, 11_300, 1_300),
    ("tmall:o1", "line", "B", 3, 1_130, 130),
    ("tmall:o1", "shipping", None, 0, 1_000, 0),
    ("tmall:o2", "line", "B", 1, 565, 65),
]


def paid(order: str, on: str, minor: int, **facts: Any) -> list[dict[str, Any]]:
    """What a buyer paid."""
    rows = entry(f"paid:{order}", on, ("platform_receivable", minor), ("contract_liability_unshipped", -minor), **facts)
    return [{**row, "posting_rule": "paid", "order_id": order} for row in rows]


ONE, TWO = paid("tmall:o1", "2026-09-03", 36_030), paid("tmall:o2", "2026-09-30", 565)


class Books:
    """A target that takes sales orders."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder, self.plans = engine, folder, 0
        self.known: list[Intent] = []

    def plan(self, *entries: list[dict[str, Any]], pieces: list[Any] = PIECES, **facts: Any) -> Plan:
        self.plans += 1
        self.engine.add_arrow("ledger_entries", entries_table([row for each in entries for row in each]))
        names = ("line_id", "settlement_id", "channel", "order_key")
        self.engine.add_arrow("settlement_lines", pa.table(dict.fromkeys(names, pa.array([], pa.string()))))
        columns = ("order_key", "kind", "sku_id", "quantity", "gross_minor", "vat_minor")
        rows = {name: pa.array([row[at] for row in pieces]) for at, name in enumerate(columns)}
        self.engine.add_arrow("order_pieces", pa.table(rows))
        asked = PlanAsked(
            "sap", JournalAsked("2026-09", "day"), "", plan_id=f"p{self.plans}",
            **{"names_orders": True, "reposts": True, "price_digits": 2, "names_products": True, "sales_orders": True, **facts},
        )  # fmt: skip
        files = {f"p{number}": self.folder / f"p{number}.parquet" for number in range(1, self.plans)}
        made = plan_documents(self.engine, asked, read_mapping(MAPPING, "sap.csv", 0), self.known, files)
        assert made.lines is not None
        pq.write_table(made.lines, self.folder / f"p{self.plans}.parquet")
        self.known += [replace(each, status="done", steps_done=1) for each in made.intents]
        return made

    def orders(self, made: Plan) -> list[Any]:
        files = {f"p{number}": self.folder / f"p{number}.parquet" for number in range(1, self.plans + 1)}
        documents = load_documents([each for each in made.intents if each.kind == ORDER], files)
        return sorted(documents.values(), key=lambda each: each.posted_on)


@pytest.fixture
def books(engine: Engine, tmp_path: Path) -> Books:
    return Books(engine, tmp_path)


def test_an_order_has_what_was_sold_by_product_without_tax_and_the_journals_stay_whole(books: Books) -> None:
    made = books.plan(ONE, TWO)
    assert made.kinds == {ORDER: 2, JOURNAL: 2}
    one, other = books.orders(made)
    assert (one.company, one.posted_on, one.currency, one.text, one.lines) == (
        "1410", date(2026, 9, 3), "CNY", "order tmall o1", (),
    )  # fmt: skip
    assert one.body == SalesOrder(
        "17100001",
        (
            ItemLine("", "TG11", "TG11", 3, 100_000_000, 30_000),
            # Three for 10.00: what the price cannot say is left out, since nothing is booked by it.
            ItemLine("", "B", "B", 3, 3_330_000, 999),
        ),
    )
    assert other.body.items == (ItemLine("", "B", "B", 1, 5_000_000, 500),)
    assert made.totals.by_currency == (("cn", "CNY", 36_595, 36_595),)
    assert all(each.debit_minor == 0 for each in made.intents if each.kind == ORDER)
    assert books.plan(ONE, TWO).intents == [], "the same books plan nothing twice"


def test_what_was_taken_back_or_paid_in_another_month_is_no_order(books: Books) -> None:
    back = [
        {**row, "entry_id": "paid:back", "amount_minor": -row["amount_minor"], "functional_minor": -row["amount_minor"]}
        for row in TWO
    ]
    made = books.plan(ONE, TWO, back, paid("tmall:o2", "2026-10-01", 565))
    assert [each.text for each in books.orders(made)] == ["order tmall o1"]
    assert JOURNAL in books.plan(ONE, sales_orders=False).kinds


@pytest.mark.parametrize("change", ["changed", "gone"])
def test_an_order_that_changed_after_it_was_sent_is_named_and_left_to_a_person(
    duckdb_engine: DuckDBEngine, tmp_path: Path, change: str
) -> None:
    books = Books(duckdb_engine, tmp_path)
    (order,) = (each for each in books.plan(ONE).intents if each.kind == ORDER)
    pieces = [("tmall:o1", "line", "A", 5, 33_900, 3_900)] if change == "changed" else PIECES
    later = books.plan(ONE if change == "changed" else TWO, pieces=pieces)
    assert later.asks == [order.document_id]
    assert [each.kind for each in later.intents if each.base_id == order.base_id] == []


def test_an_order_of_many_pieces_leaves_no_half_cent_to_round(books: Books) -> None:
    """75 times 12.3406 is 925.545, which one ERP makes 925.55 of and another 925.54."""
    made = books.plan(
        paid("tmall:o3", "2026-09-04", 104_587), pieces=[("tmall:o3", "line", "A", 75, 104_587, 12_032)], price_digits=4
    )
    (order,) = books.orders(made)
    assert order.body.items == (ItemLine("", "TG11", "TG11", 75, 12_340_500, 92_554),)
