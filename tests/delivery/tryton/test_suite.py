"""Journals into a real Tryton, with everything that can go wrong on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import pytest

from entrepot.delivery.erp import (
    CREDIT_NOTE,
    GOODS_ISSUE,
    GOODS_RECEIPT,
    INVOICE,
    JOURNAL,
    ORDER,
    PARTY,
    PAYMENT,
    PRODUCT,
    Address,
    Invoice,
)
from entrepot.delivery.registry import erp_named
from entrepot.testing.delivery_documents import SUITE_CODE, document
from entrepot.testing.delivery_suite import BookedSuite, ErpUnderTest, EveryKindSuite, Faults
from entrepot.testing.tryton.server import DATABASE, PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from entrepot.delivery.erp import Document
    from entrepot.testing.delivery_bench import Bench
    from entrepot.testing.tryton import TrytonServer


def under_test(tryton: TrytonServer) -> ErpUnderTest:
    """The server's first company."""
    return ErpUnderTest(
        lambda transport: erp_named("tryton").connect(Address(tryton.url, DATABASE, USER, PASSWORD, transport)),
        company="cn-shanghai",
        currency="CNY",
        accounts=("1012.01", "1122.01"),
        step_of={"create": b"model.account.move.create", "post": b"model.account.move.post"},
        spoilt=_with_signs_against_each_other,
        receivable="1122.09",
        revenue="6001.01",
        customer=SUITE_CODE,
        materials=(SUITE_CODE,),
        more_steps={
            PARTY: {"put": b"model.party.party.create"},
            PRODUCT: {"put": b"model.product.template.create"},
            ORDER: {
                "create": b"model.sale.sale.create",
                "quote": b"model.sale.sale.quote",
                "confirm": b"model.sale.sale.confirm",
            },
            INVOICE: _INVOICE_STEPS,
            CREDIT_NOTE: _INVOICE_STEPS,
            PAYMENT: {
                "create": b"model.account.move.create",
                "post": b"model.account.move.post",
                "match": b"account.move.reconcile_lines.execute",
            },
            GOODS_ISSUE: {
                "create": b"model.stock.shipment.out.create",
                "wait": b"model.stock.shipment.out.wait",
                "assign": b"model.stock.shipment.out.assign_force",
                "pack": b"model.stock.shipment.out.pack",
                "do": b"model.stock.shipment.out.do",
            },
            GOODS_RECEIPT: {
                "create": b"model.stock.shipment.out.return.create",
                "receive": b"model.stock.shipment.out.return.receive",
            },
        },
        more_spoilt={
            **dict.fromkeys((INVOICE, CREDIT_NOTE), _on_the_account_of_what_was_sold),
            PAYMENT: _with_signs_against_each_other,
        },
    )


class TestTryton(EveryKindSuite):
    """The suite, on the server of the package registry."""

    kinds: ClassVar[Mapping[tuple[str, ...], int]] = {
        (PARTY,): 1,
        (PRODUCT,): 1,
        (ORDER,): 3,
        (INVOICE, CREDIT_NOTE): 3,
        (JOURNAL,): 2,
        (PAYMENT,): 3,
        (GOODS_ISSUE,): 5,
        (GOODS_RECEIPT,): 2,
    }

    @pytest.fixture
    def erp(self, tryton: TrytonServer) -> ErpUnderTest:
        """The server's first company."""
        return under_test(tryton)

    @pytest.mark.parametrize("wordless", [INVOICE, JOURNAL])
    def test_a_document_without_a_text_is_found_by_its_key(
        self, ready: Callable[[tuple[str, ...], int], Bench], wordless: str
    ) -> None:
        """Tryton takes blanks off the end of a description."""
        bench = ready((wordless,), 0)
        bench.add([replace(document(bench.erp, wordless, 0), text="")])
        bench.run(Faults("lost after", bench.erp.words(wordless)[0]))
        assert bench.held() == bench.once()


class TestTrytonInAnotherCurrency(BookedSuite):
    """Invoices in euros of a company that keeps its books in yuan, and what pays them; the server has a rate of its own."""

    kinds: ClassVar[Mapping[tuple[str, ...], int]] = {(INVOICE, CREDIT_NOTE): 2, (PAYMENT,): 3}

    @pytest.fixture
    def erp(self, tryton: TrytonServer) -> ErpUnderTest:
        """The server's first company."""
        made = under_test(tryton)
        entry = {"create": b"model.account.move.create", "post": b"model.account.move.post"}
        return replace(
            made,
            foreign="EUR",
            all_foreign=True,
            more_steps={**made.more_steps, INVOICE: entry, CREDIT_NOTE: entry},
            more_spoilt={**made.more_spoilt, **dict.fromkeys((INVOICE, CREDIT_NOTE), _with_books_against_it)},
        )

    def test_a_bad_invoice_stops_alone_beside_one_in_another_currency(
        self, ready: Callable[[tuple[str, ...], int], Bench]
    ) -> None:
        """They take two calls: one was carried out, so that nobody would look for the bad one in the other."""
        bench = ready((INVOICE,), 1)
        (foreign,) = bench.documents.values()
        own = replace(bench.erp, foreign="")
        good, bad = (document(own, INVOICE, number) for number in (1, 2))
        bench.add([good, _on_the_account_of_what_was_sold(bad)])
        bench.run()
        assert bench.held() == {foreign.key: 1, good.key: 1}
        assert bench.statuses() == {"done": 2, "rejected": 1}

    def test_an_account_that_names_no_party_is_said(self, ready: Callable[[tuple[str, ...], int], Bench]) -> None:
        """An entry names its customer on the line that charges him, and nowhere else."""
        bench = ready((INVOICE,), 0)
        one = document(bench.erp, INVOICE, 0)
        assert isinstance(one.body, Invoice)
        one = replace(one, body=replace(one.body, receivable="1012.01"))
        told = bench.adapter.send("create", [one], {})[one.document_id]
        assert (told.word, told.code, "names no party" in told.text) == ("rejected", "account", True)

    def test_what_is_paid_in_one_currency_and_not_in_the_other_waits_unmatched(
        self, ready: Callable[[tuple[str, ...], int], Bench]
    ) -> None:
        """Tryton would ask whether to write the rest off, and the payment would count as not matched for ever."""
        bench = ready((PAYMENT,), 0)
        whole = document(bench.erp, PAYMENT, 0)
        # One euro goes elsewhere, at the price of nothing: the yuan of the invoice are paid, the euros are not.
        paid, owed, *rest = whole.lines
        less = (
            replace(paid, amount_minor=paid.amount_minor - 100),
            replace(owed, amount_minor=owed.amount_minor + 100),
            *rest,
        )
        bench.add([whole])
        short = replace(whole, lines=less)
        bench.documents[whole.document_id] = short
        bench.run()
        assert (bench.held(), bench.statuses()) == (bench.once(), bench.all_done())


def _with_books_against_it(document: Document) -> Document:
    """The same constraint, of what is in another currency anyway."""
    return replace(
        document, lines=tuple(replace(line, functional_minor=-line.functional_minor) for line in document.lines)
    )


_INVOICE_STEPS = {
    "create": b"model.account.invoice.create",
    "validate": b"model.account.invoice.validate_invoice",
    "post": b"model.account.invoice.post",
}


def _on_the_account_of_what_was_sold(document: Document) -> Document:
    """A rule of Tryton's: the total goes to an account for what is owed to us."""
    assert isinstance(document.body, Invoice)
    return replace(document, body=replace(document.body, receivable="6001.01"))


def _with_signs_against_each_other(document: Document) -> Document:
    """A constraint of Tryton's database: both currencies of a line are debit, or both credit."""
    first, *others = document.lines
    return replace(document, currency="EUR", lines=(replace(first, amount_minor=-first.amount_minor), *others))
