"""Orders whose invoice or credit note would have a line of the other sign, for ERPs that refuse such lines."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, JOURNAL, KINDS, PARTY, PAYMENT, PRODUCT, Invoice
from entrepot.delivery.registry import ERPS, erp_named
from tests.delivery.business_central import test_suite as business_central
from tests.delivery.erpnext import test_suite as erpnext
from tests.delivery.netsuite import test_suite as netsuite
from tests.delivery.test_invoices import ONE, Books, refund, sale

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.delivery.erp import Adapter, Document
    from entrepot.delivery.planning import Plan
    from entrepot.engine import DuckDBEngine, Engine
    from entrepot.testing.delivery_bench import ErpUnderTest

LESS = sale("o5", "2026-09-03", ("l6", "A", 10_000, 1_300), ("~unlisted", "", -1_000, -130))
"""The goods come to less than the lines."""

FREIGHT = sale("o6", "2026-09-03", ("l7", "A", 10_000, 1_300), ("", "", -500, 0))
TAX = sale("o7", "2026-09-03", ("l8", "A", 10_000, -1))
NOTHING = sale("o8", "2026-09-03", ("l9", "A", 10_000, 1_300), ("~unlisted", "", -12_000, -1_560))
TWO_LINES = refund("o1", "2026-09-04", "l1", "A", 3_333, 433)
MORE = [
    {**row, "entry_id": "refunded:o1"} for row in (*TWO_LINES, *refund("o1", "2026-09-04", "~unlisted", "", -333, -43))
]
"""A refund of a line that was a little more than what was given back."""

MAPPING = """kind,ours,theirs,tax_code,dimensions,note
account,contract_liability_unshipped,1110,,,
account,revenue_goods,4110,,,
account,revenue_shipping,4110,,,
account,revenue_reduction,4110,,,
account,output_vat,4110,by_rate,,
account,refund_liability,1110,,,
account,customer_clearing,1130,,,
tax,1300,S13,,,
entity,cn,上海,,,
channel,tmall,tm,,,
"""


@pytest.fixture
def books(engine: Engine, tmp_path: Path) -> Books:
    return Books(engine, tmp_path)


def test_an_erp_that_takes_such_lines_gets_them(books: Books) -> None:
    made = books.plan(LESS, per="order")
    (invoice,) = books.documents(made.intents, INVOICE)
    assert (_quantities(invoice), made.kept) == ([-1, 1], {})


@pytest.mark.parametrize(
    ("entries", "per", "payments"),
    [(LESS, "order", ""), (FREIGHT, "day", ""), (TAX, "settlement", "order"), (NOTHING, "day", "order")],
    ids=["goods", "freight", "tax", "in all"],
)
def test_an_order_with_a_line_below_zero_stays_in_journals_and_no_other_does(
    books: Books, entries: list[dict[str, object]], per: str, payments: str
) -> None:
    alone = Books(books.engine, books.folder).plan(ONE, per=per, payments=payments)
    made = books.plan(ONE, entries, per=per, payments=payments, turns_lines=False)
    assert made.kept == {INVOICE: 1}
    assert {kind: made.kinds[kind] for kind in (INVOICE, PAYMENT) if kind in made.kinds} == {
        kind: alone.kinds[kind] for kind in (INVOICE, PAYMENT) if kind in alone.kinds
    }
    (invoice,) = books.documents(made.intents, INVOICE)
    assert all(each > 0 for each in _quantities(invoice))
    in_all = _sums(entries)
    for account, minor in _sums(ONE).items():
        in_all[account] = in_all.get(account, 0) + minor
    assert books.balances(made.intents) == {account: minor for account, minor in in_all.items() if minor}


def test_a_refund_with_a_line_above_zero_stays_in_journals_beside_its_invoice(books: Books) -> None:
    made = books.plan(ONE, MORE, turns_lines=False)
    assert made.kept == {CREDIT_NOTE: 1}
    assert (made.kinds[INVOICE], made.kinds.get(CREDIT_NOTE)) == (1, None)
    assert books.plan(ONE, MORE).kinds[CREDIT_NOTE] == 1


def test_orders_of_a_book_that_the_target_does_not_take_are_not_counted(books: Books) -> None:
    made = books.plan(ONE, [{**row, "book": "group"} for row in LESS], book=str(ONE[0]["book"]), turns_lines=False)
    assert (made.kept, made.kinds[INVOICE]) == ({}, 1)


def test_a_sale_that_was_booked_again_on_its_day_is_judged_as_a_whole(books: Books) -> None:
    back = [{**row, "amount_minor": -row["amount_minor"], "functional_minor": -row["functional_minor"]} for row in ONE]
    made = books.plan(ONE, back, ONE, per="order", turns_lines=False)
    assert (made.kept, made.kinds[INVOICE]) == ({}, 1)


def test_what_was_sent_as_an_invoice_is_taken_back_once_a_line_turns(books: Books) -> None:
    made = books.plan(sale("o5", "2026-09-03", ("l6", "A", 10_000, 1_300)), per="order", turns_lines=False)
    books.sent()
    later = books.plan(LESS, per="order", turns_lines=False)
    assert [each.kind for each in later.intents if each.role == "reversal"] == [CREDIT_NOTE, JOURNAL]
    assert later.kinds.get(INVOICE) is None
    assert books.balances([*made.intents, *later.intents]) == _sums(LESS)


_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SIMULATED: dict[str, Callable[[ExitStack], ErpUnderTest]] = {
    "erpnext": lambda stack: erpnext.under_test(stack.enter_context(closing(erpnext.sandbox()))),
    "business_central": lambda stack: business_central.under_test(
        stack.enter_context(closing(business_central.sandbox()))
    ),
    "netsuite": lambda stack: netsuite.under_test(stack.enter_context(closing(netsuite.sandbox(_KEY)))),
}


def test_these_are_the_erps_that_refuse_such_lines() -> None:
    assert {each.spec.name for each in ERPS if not each.spec.turns_lines} == set(SIMULATED)


@pytest.mark.parametrize("name", SIMULATED)
def test_what_is_planned_is_accepted_and_what_would_be_planned_else_is_not(
    duckdb_engine: DuckDBEngine, tmp_path: Path, name: str
) -> None:
    spec = erp_named(name).spec
    entries = (ONE, LESS, FREIGHT, NOTHING, MORE)
    facts: dict[str, Any] = {"per": "order", "mapping": MAPPING, "price_digits": spec.price_digits}
    facts |= {"masters": "shared" if spec.has_shared_masters else "own", "sends_products": PRODUCT in spec.steps}
    with ExitStack() as stack:
        adapter = stack.enter_context(closing(SIMULATED[name](stack).connect(None)))
        books = Books(duckdb_engine, tmp_path)
        made = books.plan(*entries, turns_lines=spec.turns_lines, **facts)
        assert made.kept == {INVOICE: 3, CREDIT_NOTE: 1}
        assert set(_words(adapter, books, made)) == {"applied"}
    with ExitStack() as stack:
        adapter = stack.enter_context(closing(SIMULATED[name](stack).connect(None)))
        books = Books(duckdb_engine, tmp_path)
        refused = _words(adapter, books, books.plan(*entries, **facts)).count("rejected")
        assert refused == 4, "three invoices and a credit note"


def _words(adapter: Adapter, books: Books, made: Plan) -> list[str]:
    """What became of each document of a plan; one that was refused goes no further."""
    words = []
    for document in sorted(books.documents(made.intents), key=lambda each: KINDS.index(each.kind)):
        ref, word = "", "applied"
        for step in adapter.spec.steps[document.kind]:
            outcome = adapter.send(step, [document], {document.document_id: ref} if ref else {})[document.document_id]
            word, ref = outcome.word, outcome.ref
            if word != "applied":
                break
        words.append(word)
    assert PARTY in made.kinds, "a party comes first"
    return words


def _quantities(document: Document) -> list[int]:
    assert isinstance(document.body, Invoice)
    return sorted(item.quantity for item in document.body.items)


def _sums(entries: list[dict[str, object]]) -> dict[str, int]:
    """What entries come to on the accounts of `test_invoices`."""
    of = {"contract_liability_unshipped": "2205", "revenue_goods": "6001", "revenue_shipping": "6002"}
    of |= {"output_vat": "2221"}
    sums: dict[str, int] = {}
    for row in entries:
        account = of[str(row["account"])]
        sums[account] = sums.get(account, 0) + int(str(row["amount_minor"]))
    return {account: minor for account, minor in sums.items() if minor}
