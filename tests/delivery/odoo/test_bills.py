"""Invoices in another currency in a simulated Odoo: entries of the customer, with both amounts of each line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar

import pytest

from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    JOURNAL,
    PARTY,
    PAYMENT,
    PRODUCT,
    Document,
    Invoice,
    ItemLine,
    JournalLine,
    Party,
    Product,
    TaxLine,
)
from entrepot.testing.delivery_suite import ErpUnderTest, EveryKindSuite
from tests.delivery.odoo.test_suite import BACK, COMPANY, RPC, adapter_of, sandbox, under_test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.delivery.erp import Adapter
    from entrepot.sandbox.erps.odoo import OdooSandbox


@pytest.fixture
def site() -> Iterator[OdooSandbox]:
    made = sandbox()
    yield made
    made.close()


@pytest.fixture
def adapter(site: OdooSandbox) -> Iterator[Adapter]:
    made = adapter_of(site, RPC, None)
    yield made
    made.close()


class TestOdooInAnotherCurrency(EveryKindSuite):
    """Invoices in dollars of a company that keeps its books in yuan, and what pays them."""

    kinds: ClassVar[Mapping[tuple[str, ...], int]] = {(PARTY,): 1, (INVOICE, CREDIT_NOTE): 2, (PAYMENT,): 3}

    @pytest.fixture
    def erp(self, site: OdooSandbox) -> ErpUnderTest:
        """The Chinese company."""
        made = under_test(site)
        in_a_closed_year = dict.fromkeys((INVOICE, CREDIT_NOTE, PAYMENT), made.spoilt)
        return replace(made, foreign="USD", all_foreign=True, more_spoilt=in_a_closed_year)


IN_EUROS = replace(
    BACK,
    document_id="b" * 16,
    kind=INVOICE,
    currency="EUR",
    lines=(
        JournalLine("121100", 12_347, 11_300, "TM"),
        JournalLine("411000", -10_927, -9_999),
        JournalLine("411000", 0, -1),
        JournalLine("511000", -1_420, -1_300),
    ),
    body=Invoice(
        "TM",
        "121100",
        (ItemLine("411000", "A", "A", 3, 33_330_000, 9_999), ItemLine("411000", "", "rounding", 1, 10_000, 1)),
        (TaxLine("511000", "S13", 10_000, 1_300),),
    ),
)


def test_an_invoice_in_another_currency_is_an_entry_with_the_ledgers_amounts(
    site: OdooSandbox, adapter: Adapter
) -> None:
    _bring(adapter, Document("c" * 16, PARTY, "", IN_EUROS.posted_on, "", "", "", (), Party("TM", "Tmall")), ("put",))
    _bring(adapter, IN_EUROS, ("create", "post"))
    (found,) = adapter.find(INVOICE, COMPANY, [IN_EUROS.document_id])[IN_EUROS.document_id]
    assert (found.steps_done, found.content) == (2, IN_EUROS.content)
    of_books = [replace(line, party="") for line in IN_EUROS.lines]
    assert sorted(found.booked, key=astuple) == sorted(of_books, key=astuple)
    assert {entry["move_type"] for entry in site.entries.values()} == {"entry"}
    for kind in (JOURNAL, PAYMENT):
        assert adapter.find(kind, COMPANY, [IN_EUROS.document_id]) == {}


@pytest.mark.parametrize(("euros", "is_matched"), [(11_300, True), (11_299, False)])
def test_what_is_paid_in_one_currency_and_not_in_the_other_is_not_matched(
    site: OdooSandbox, adapter: Adapter, euros: int, *, is_matched: bool
) -> None:
    _bring(adapter, Document("c" * 16, PARTY, "", IN_EUROS.posted_on, "", "", "", (), Party("TM", "Tmall")), ("put",))
    _bring(adapter, IN_EUROS, ("create", "post"))
    lines = (JournalLine("111000", 12_347, euros), JournalLine("121100", -12_347, -euros, "TM", IN_EUROS.document_id))
    payment = replace(IN_EUROS, document_id="d" * 16, kind=PAYMENT, lines=lines, body=None)
    _bring(adapter, payment, ("create", "post", "match"))
    assert bool(site.matched) == is_matched


@pytest.mark.parametrize(
    ("paid", "matched"),
    [(((6_000, 5_650), (6_347, 5_650)), 0), (((12_347, 11_300),), 2), (((6_000, 5_650), (-6_000, -5_650)), 2)],
    ids=["in two parts", "as a whole", "paid and taken back"],
)
def test_only_what_is_equal_in_both_currencies_is_matched_and_odoo_books_no_exchange_difference(
    site: OdooSandbox, adapter: Adapter, paid: tuple[tuple[int, int], ...], matched: int
) -> None:
    _bring(adapter, Document("c" * 16, PARTY, "", IN_EUROS.posted_on, "", "", "", (), Party("TM", "Tmall")), ("put",))
    _bring(adapter, IN_EUROS, ("create", "post"))
    for at, (minor, euros) in enumerate(paid):
        lines = (JournalLine("111000", minor, euros), JournalLine("121100", -minor, -euros, "TM", IN_EUROS.document_id))
        payment = replace(IN_EUROS, document_id=f"{at}" * 16, kind=PAYMENT, lines=lines, body=None)
        _bring(adapter, payment, ("create", "post", "match"))
        (found,) = adapter.find(PAYMENT, COMPANY, [payment.document_id])[payment.document_id]
        assert found.steps_done == 3, "what is left open waits for a person, not for us"
    assert (len(site.matched), site.exchanged) == (matched, [])


def test_a_bad_invoice_stops_alone_beside_one_in_another_currency(adapter: Adapter) -> None:
    """They take two calls: one was carried out, so that nobody would look for the bad one in the other."""
    _bring(adapter, Document("c" * 16, PARTY, "", IN_EUROS.posted_on, "", "", "", (), Party("TM", "Tmall")), ("put",))
    _bring(adapter, Document("d" * 16, PRODUCT, "", IN_EUROS.posted_on, "", "", "", (), Product("A", "A")), ("put",))
    bad = replace(BACK, document_id="e" * 16, posted_on=date(2025, 12, 31))
    outcomes = adapter.send("create", [bad, BACK, IN_EUROS], {})
    assert {key[0]: each.word for key, each in outcomes.items()} == {"e": "rejected", "a": "applied", "b": "applied"}


def _bring(adapter: Adapter, document: Document, steps: tuple[str, ...]) -> None:
    ref = ""
    for step in steps:
        outcome = adapter.send(step, [document], {document.document_id: ref} if ref else {})[document.document_id]
        assert outcome.word == "applied", outcome
        ref = outcome.ref or ref
