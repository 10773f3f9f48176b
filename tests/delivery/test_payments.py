"""Payments that a plan makes of the books, on both engines: each invoice is paid to the cent, and nothing is booked twice."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, JOURNAL, PARTY, PAYMENT, PRODUCT, Invoice, JournalLine
from tests.delivery.entries import entry
from tests.delivery.test_invoices import BACK, COST, MAPPING, ONE, THREE, TWO, Books, refund, sale

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.delivery.intents import Intent
    from entrepot.engine import DuckDBEngine, Engine

CLEARING = "1122.09"
SETTLED = (("x", "B7", "tmall", "o1"), ("y", "B7", "tmall", "o3"))


@pytest.fixture
def books(engine: Engine, tmp_path: Path) -> Books:
    return Books(engine, tmp_path)


@pytest.fixture
def one_engine(duckdb_engine: DuckDBEngine, tmp_path: Path) -> Books:
    """For what no engine's own sums decide."""
    return Books(duckdb_engine, tmp_path)


def _owed(books: Books, intents: Sequence[Intent]) -> dict[str, int]:
    """By invoice or credit note, whatever its version: what it charges less what pays it."""
    owed: Counter[str] = Counter()
    base = {each.document_id: each.base_id for each in intents}
    for each in books.documents(intents):
        if isinstance(each.body, Invoice):
            owed[base[each.document_id]] += each.body.total_minor
        for line in each.lines:
            if line.settles:
                assert line.account == CLEARING
                owed[line.settles] += line.functional_minor
    return dict(owed)


def test_a_payment_takes_what_a_sale_has_beside_its_invoice_out_of_the_journals(books: Books) -> None:
    made = books.plan(ONE, TWO, COST, payments="day")
    assert made.kinds == {INVOICE: 1, PAYMENT: 1, JOURNAL: 1, PARTY: 1, PRODUCT: 2}
    (invoice,), (payment,) = books.documents(made.intents, INVOICE), books.documents(made.intents, PAYMENT)
    assert payment.lines == (
        JournalLine("2205", 17_289, 17_289),
        JournalLine(CLEARING, -17_289, -17_289, "TM", invoice.document_id),
    )
    assert (payment.text, payment.posted_on, payment.company) == ("tmall s1", invoice.posted_on, "CN01")
    (journal,) = books.documents(made.intents, JOURNAL)
    assert {line.account for line in journal.lines} == {"6401", "1405"}
    assert books.balances(made.intents) == {
        "2205": 17_289, "6001": -14_500, "6002": -800, "2221": -1_989, "6401": 300, "1405": -300,
    }  # fmt: skip
    # What the plan says it is for is the ledger of the period, whichever document holds it.
    assert made.totals.by_currency == (("cn", "CNY", 17_589, 17_589),)
    kinds = {each.base_id: each.kind for each in made.intents}
    needed = {(kinds[document], kinds[base]) for document, base in made.needs}
    assert needed == {(INVOICE, PARTY), (INVOICE, PRODUCT), (PAYMENT, PARTY), (PAYMENT, INVOICE)}


@pytest.mark.parametrize(
    ("invoices", "payments", "texts"),
    [
        ("order", "settlement", ["settlement tmall B7", "settlement tmall B7", "tmall s1"]),
        ("settlement", "day", ["tmall s1", "tmall s1", "tmall s1"]),
        ("day", "order", ["order o1", "order o1", "order o2", "order o3"]),
    ],
)
def test_every_invoice_and_credit_note_is_paid_to_the_cent_whatever_a_document_holds(
    one_engine: Books, invoices: str, payments: str, texts: list[str]
) -> None:
    books = one_engine
    documents = {INVOICE: invoices, CREDIT_NOTE: "day"}
    made = books.plan(ONE, TWO, THREE, BACK, documents=documents, payments=payments, settled=SETTLED)
    assert sorted(each.text for each in books.documents(made.intents, PAYMENT)) == texts
    assert set(_owed(books, made.intents).values()) == {0}
    assert (books.balances(made.intents).get(CLEARING), JOURNAL in made.kinds) == (None, False)


def test_only_what_is_invoiced_is_paid_and_the_rest_stays_a_journal(books: Books) -> None:
    """A refund before the sale was recognised takes nothing back of it; another currency is no invoice's."""
    early = [
        {**row, "posting_rule": "refunded"}
        for row in entry("o9", "2026-09-04", ("contract_liability_unshipped", 500), ("refund_liability", -500))
    ]
    foreign = [
        {**row, "currency": "USD", "functional_minor": row["amount_minor"] * 7, "entry_id": "recognised:f"}
        for row in ONE
    ]
    made = books.plan(TWO, early, foreign, payments="order")
    assert (made.kinds[PAYMENT], made.kinds[INVOICE], made.kinds[JOURNAL]) == (1, 1, 2)
    assert set(_owed(books, made.intents).values()) == {0}
    alone = Books(books.engine, books.folder).plan(ONE, BACK, documents={INVOICE: "order"}, payments="order")
    assert (alone.kinds[PAYMENT], alone.kinds[JOURNAL]) == (1, 1), "a refund without a credit note is no payment"


@pytest.mark.parametrize("change", ["amount", "product"])
def test_a_payment_is_taken_back_and_sent_anew_with_its_invoice(one_engine: Books, change: str) -> None:
    books = one_engine
    made = books.plan(ONE, payments="settlement", settled=SETTLED)
    old = {each.kind: each for each in made.intents}
    books.sent()
    again: dict[str, Any] = {"payments": "settlement", "settled": SETTLED}
    assert books.plan(ONE, **again).intents == []
    one = sale("o1", "2026-09-03", ("l1", "A", 9_000, 1_170)) if change == "amount" else ONE
    # Another code for a product changes no amount, and so no payment; but its invoice is another one.
    mapping = MAPPING if change == "amount" else MAPPING.replace("ART-A", "ART-Z")
    later = books.plan(one, mapping=mapping, **again)
    back, new = (each for each in later.intents if each.base_id == old[PAYMENT].base_id)
    assert (back.kind, back.role, back.after) == (PAYMENT, "reversal", old[PAYMENT].document_id)
    assert (new.kind, new.role, new.after) == (PAYMENT, "document", back.document_id)
    assert {base for document, base in later.needs if document == back.document_id} == {old[INVOICE].base_id}
    assert set(_owed(books, [*made.intents, *later.intents]).values()) == {0}


def test_what_refunds_give_back_is_paid_out_by_a_payment_of_its_own(books: Books) -> None:
    made = books.plan(ONE, BACK, refund("o2", "2026-09-03", "l3", "A", 100, 13), payments="day")
    notes = books.documents(made.intents, CREDIT_NOTE)
    paid = [each for each in books.documents(made.intents, PAYMENT) if each.lines[-1].functional_minor > 0]
    assert [each.lines for each in paid] == [
        (JournalLine("2241", -113, -113), JournalLine(CLEARING, 113, 113, "TM", notes[0].document_id)),
        (JournalLine("2241", -3_766, -3_766), JournalLine(CLEARING, 3_766, 3_766, "TM", notes[1].document_id)),
    ]
