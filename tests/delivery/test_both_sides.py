"""Documents in two currencies: they tie in both, and no line is a debit in the one and a credit in the other."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.delivery import documents as making
from entrepot.delivery.both_amounts import functional_of
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    JOURNAL,
    PAYMENT,
    Document,
    Invoice,
    ItemLine,
    JournalLine,
    TaxLine,
    content_of_body,
)
from entrepot.delivery.worded import read_back, worded
from entrepot.engine import parse
from entrepot.testing.memory_tables import derived_in_turn
from tests.delivery.entries import entry
from tests.delivery.test_invoices import ONE, Books, refund, sale, sums
from tests.ledger.test_closing import HK, SEPTEMBER, yen

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.engine import Engine, Query

TOGETHER = (("x", "B7", "tmall", "o1"), ("y", "B7", "tmall", "o3"))
"""Two orders of a settlement, which are one invoice."""


@pytest.fixture
def books(engine: Engine, tmp_path: Path) -> Books:
    return Books(engine, tmp_path)


def at_rate(rows: list[dict[str, Any]], rate_e4: int) -> list[dict[str, Any]]:
    """An entry in dollars at a rate, and its rest on the largest line, as the ledger has it."""
    rated = [
        {**row, "currency": "USD", "functional_minor": (row["amount_minor"] * rate_e4 + 5_000) // 10_000}
        for row in rows
    ]
    largest = max(rated, key=lambda row: abs(row["functional_minor"]))
    largest["functional_minor"] -= sum(row["functional_minor"] for row in rated)
    return rated


def of_both_sides(documents: list[Document]) -> list[JournalLine]:
    return [
        line
        for each in documents
        for line in each.lines
        if (line.amount_minor > 0 > line.functional_minor) or (line.amount_minor < 0 < line.functional_minor)
    ]


def test_allowances_that_nearly_cancel_are_two_lines_of_an_invoice(books: Books) -> None:
    """3.00 at 7.1234 is 21.37, and 2.99 at 7.2234 is 21.60: together a credit of 0.01 and a debit of 0.23."""
    rows = [
        at_rate(sale("o1", "2026-09-03", ("l1", "A", 10_000, 1_300), ("~d", "", 300, 39)), 71_234),
        at_rate(sale("o3", "2026-09-20", ("l4", "B", 9_000, 1_170), ("~d", "", -299, -39)), 72_234),
    ]
    made = books.plan(*rows, takes_foreign=True, per="settlement", settled=TOGETHER, payments="settlement")
    documents = books.documents(made.intents)
    assert of_both_sides(documents) == []
    (invoice,) = (each for each in documents if each.kind == INVOICE)
    assert JournalLine("6001", -2_137, -300) in invoice.lines
    assert JournalLine("6001", 2_160, 299) in invoice.lines
    assert isinstance(invoice.body, Invoice)
    assert ItemLine("6001", "", "", -1, 2_990_000, -299) in invoice.body.items
    assert invoice.body.taxes == (TaxLine("2221", "S13", -299, -39), TaxLine("2221", "S13", 19_300, 2_509))
    assert made.opposed == ()
    assert books.balances(made.intents) == sums([row for each in rows for row in each if row["account"] != "1122"])


def test_tax_of_one_side_is_on_the_whole(books: Books) -> None:
    """An allowance of three hundredths has no tax that could be written down, and lessens what tax is on."""
    rows = at_rate(sale("o1", "2026-09-03", ("l1", "A", 10_000, 1_300), ("~d", "", -3, 0)), 71_234)
    (invoice,) = books.documents(books.plan(rows, takes_foreign=True).intents, INVOICE)
    assert isinstance(invoice.body, Invoice)
    assert invoice.body.taxes == (TaxLine("2221", "S13", 9_997, 1_300),)


def test_what_pays_them_has_two_lines_too(books: Books) -> None:
    rows = [
        at_rate(sale("o1", "2026-09-03", ("l1", "A", 10_000, 0)), 71_234),
        at_rate(sale("o1", "2026-09-20", ("l2", "A", -9_990, 0)), 72_234),
        at_rate(sale("o3", "2026-09-20", ("l4", "B", 5_000, 0)), 72_234),
    ]
    rows[1] = [{**row, "entry_id": "recognised:o1:2"} for row in rows[1]]
    made = books.plan(*rows, takes_foreign=True, per="settlement", settled=TOGETHER, payments="settlement")
    (payment,) = books.documents(made.intents, PAYMENT)
    assert [line for line in payment.lines if not line.settles] == [
        JournalLine("2205", -72_162, -9_990), JournalLine("2205", 107_351, 15_000),
    ]  # fmt: skip


@pytest.mark.parametrize("payments", ["", "settlement"])
def test_a_document_whose_total_is_of_both_sides_stays_a_journal_and_the_plan_says_so(
    books: Books, payments: str
) -> None:
    rows = [
        at_rate(sale("o1", "2026-09-03", ("l1", "A", 10_000, 0)), 71_234),
        at_rate(sale("o3", "2026-09-20", ("l4", "B", -9_990, 0)), 72_234),
        at_rate(sale("o2", "2026-09-20", ("l3", "A", 4_000, 0)), 72_234),
        at_rate(refund("o1", "2026-09-21", "l1", "A", 500, 65), 72_234),
    ]
    made = books.plan(*rows, takes_foreign=True, per="settlement", settled=TOGETHER, payments=payments)
    documents = books.documents(made.intents)
    assert of_both_sides(documents) == []
    assert [each.text for each in documents if each.kind == INVOICE] == ["tmall s1"]
    assert made.kinds[CREDIT_NOTE] == 1
    assert made.opposed == ((INVOICE, "USD", 2),)
    journals = [line for each in documents if each.kind == JOURNAL for line in each.lines]
    assert JournalLine("6001", -71_234, -10_000) in journals
    assert JournalLine("6001", 72_162, 9_990) in journals
    assert made.kept == {}, "no ERP refuses a line because it is below zero"


def test_an_exchange_difference_is_a_line_beside_what_moved_on_the_same_day(books: Books) -> None:
    """A claim of 18.30 is paid and the rest of it valued 30.66 higher: together a credit of dollars and a debit in yuan."""
    paid = at_rate(
        entry("paid:9", "2026-09-30", ("contract_liability_unshipped", 1_830), ("platform_receivable", -1_830)), 71_234
    )
    valued = entry(
        "fx:9", "2026-09-30", ("platform_receivable", 0), ("contract_liability_unshipped", 0), currency="USD"
    )
    valued[0]["functional_minor"], valued[1]["functional_minor"] = 30_66, -30_66
    (journal,) = books.documents(books.plan(paid, valued).intents)
    assert of_both_sides([journal]) == []
    assert sorted((line.amount_minor, line.functional_minor) for line in journal.lines) == [
        (-1_830, -13_036),
        (0, -30_66),
        (0, 30_66),
        (1_830, 13_036),
    ]


def test_a_restatement_at_another_rate_is_a_journal_without_lines_of_both_sides(books: Books) -> None:
    """A late file moves a sale of a closed month to a day of another rate and makes it ten yen more."""
    late = {**yen("1", datetime(2026, 9, 25, 4, tzinfo=UTC)), "goods_minor": 10_010, "paid_minor": 10_010}
    first = {"orders": [yen("1", datetime(2026, 9, 10, 4, tzinfo=UTC))]}
    _, after = derived_in_turn([(first, SEPTEMBER), ({"orders": [late]}, None)], HK)
    # Plans are of September here.
    restated = [{**row, "period": "2026-09"} for row in after["ledger_entries"] if row["cause_kind"] == "restatement"]
    documents = books.documents(books.plan(restated).intents, JOURNAL)
    lines = [line for each in documents for line in each.lines]
    assert of_both_sides(documents) == []
    assert {line.amount_minor for line in lines} == {-10, 0, 10}
    assert any(line.functional_minor for line in lines if line.amount_minor == 0)
    assert books.balances(books.known) == {account: minor for account, minor in sums(restated).items() if minor}


@pytest.mark.parametrize("kind", [INVOICE, CREDIT_NOTE])
def test_a_line_of_nothing_is_read_back_from_an_erp_as_it_is_planned(books: Books, kind: str) -> None:
    """A hundredth of the company's currency that is nothing in the shop's."""
    if kind == INVOICE:
        rows = at_rate(sale("o1", "2026-09-03", ("l1", "A", 500, 65), ("l2", "B", 100, 0)), 71_234)
        (last,) = (row for row in rows if row["amount_minor"] == -100)
    else:
        rows = at_rate(refund("o1", "2026-09-03", "l1", "A", 500, 65), 71_234)
        rows += at_rate(refund("o1", "2026-09-03", "l2", "B", 100, 0), 71_234)
        (last,) = (row for row in rows if row["amount_minor"] == 100)
    (other,) = (row for row in rows if row["amount_minor"] == (600 + 65 if kind == INVOICE else -100))
    other["amount_minor"] += last["amount_minor"]
    other["functional_minor"] += last["functional_minor"] - 1
    last |= {"amount_minor": 0, "functional_minor": 1}
    (document,) = books.documents(books.plan(rows, takes_foreign=True).intents, kind)
    assert isinstance(document.body, Invoice)
    assert JournalLine("6001" if kind == INVOICE else "6009", 1, 0) in document.lines
    written = worded(document.body, functional_of(document), 50)
    body = read_back(kind, document.body.party, document.body.receivable, written, document.currency)
    assert content_of_body(document.company, document.posted_on, document.currency, body) == document.content


@pytest.mark.parametrize(
    ("file", "column", "broken", "promise"),
    [
        ("invoice_lines", "-l.amount_minor", "-l.amount_minor - l.amount_minor", "are the ledger"),
        ("payment_lines", "l.amount_minor", "l.amount_minor + l.amount_minor", "are the ledger"),
        ("invoice_lines", "-l.amount_minor", "case when l.rank = 1 then 1 else 0 end - l.amount_minor", "balances"),
        ("payment_lines", "l.amount_minor", "l.amount_minor + length(l.settles)", "balances"),
    ],
)
@pytest.mark.parametrize("is_foreign", [False, True])
def test_what_does_not_tie_in_the_currency_of_the_sale_is_no_plan(
    books: Books,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    column: str,
    broken: str,
    promise: str,
    *,
    is_foreign: bool,
) -> None:
    """Amounts that are wrong in the currency of the sale and right in the company's."""

    def wrong(name: str) -> Query:
        text = resources.files("entrepot.delivery").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
        if name == file:
            assert f"cast({column} as bigint) as amount_minor" in text
            text = text.replace(
                f"cast({column} as bigint) as amount_minor", f"cast({broken} as bigint) as amount_minor"
            )
        return parse(text, source=name, strict_output=True)

    monkeypatch.setattr(making, "_query", wrong)
    if promise == "balances":
        # The ledger is compared first, and would already say so.
        tied = "select cast('' as varchar) as company from target_book where false"
        monkeypatch.setattr(
            making, "_query", lambda name: parse(tied, source=name) if name == "planned_tied" else wrong(name)
        )
    rows = at_rate(ONE, 71_234) if is_foreign else ONE
    with pytest.raises(AssertionError, match=promise):
        books.plan(rows, takes_foreign=True, payments="day")


def test_a_plan_whose_orders_do_not_leave_their_documents_ends(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be made again for ever."""
    asked, told = making._query, list[str]()

    def stubborn(name: str) -> Query:
        if name != "opposed_orders":
            return asked(name)
        told.append(name)
        if len(told) > 3:
            raise RuntimeError("it goes on")
        said = "'cn' as entity_id, 'local' as book, 'CNY' as currency, 'invoice' as kind, 'tmall:o1' as sold_as"
        return parse(f"select {said} from asked", source="an order that stays where it is")

    monkeypatch.setattr(making, "_query", stubborn)
    with pytest.raises(AssertionError, match="is in no document"):
        books.plan(ONE)
