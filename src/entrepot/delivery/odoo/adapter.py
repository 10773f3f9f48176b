"""Documents in Odoo: loaded under external ids, several in one transaction, and then posted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from entrepot.delivery.calls import Trouble, in_groups, outcome_of, unread
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    GOODS_ISSUE,
    GOODS_RECEIPT,
    INVOICE,
    JOURNAL,
    MOVEMENTS,
    ORDER,
    PARTY,
    PAYMENT,
    PRODUCT,
    Outcome,
)
from entrepot.delivery.odoo.bills import Bills
from entrepot.delivery.odoo.books import Books, context, in_span
from entrepot.delivery.odoo.entries import Entries
from entrepot.delivery.odoo.invoices import Invoices
from entrepot.delivery.odoo.masters import Masters
from entrepot.delivery.odoo.sales import Sales
from entrepot.delivery.odoo.spec import SPEC
from entrepot.delivery.odoo.transfers import Transfers
from entrepot.delivery.odoo.wire import wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from entrepot.delivery.erp import Address, Document, ErpSpec, Found
    from entrepot.delivery.odoo.wire import Wire


class _Kind(Protocol):
    """How a kind of documents is written and read."""

    def prepared(self, document: Document) -> list[list[str]]:
        """A document as rows of `load`, every value a text; all that is not there is named before anything is sent."""

    def create(self, documents: Sequence[Document], rows: Sequence[list[list[str]]]) -> list[int]:
        """Do the first step; numbers in the documents' order."""

    def found(self, kind: str, company_code: str, domain: Sequence[object]) -> Mapping[str, tuple[Found, ...]]:
        """What meets a condition, by key."""

    def wanted(self, kind: str, keys: Sequence[str]) -> list[object]:
        """The condition of some keys."""


class Odoo:
    """One database."""

    def __init__(self, at: Wire) -> None:
        self._books = Books(at)
        invoices, masters = Invoices(self._books), Masters(self._books)
        self._entries, self._sales = Entries(self._books), Sales(self._books)
        self._transfers, self._bills = Transfers(self._books), Bills(self._books)
        self._kinds: dict[str, _Kind] = {
            JOURNAL: self._entries,
            PAYMENT: self._entries,
            INVOICE: invoices,
            CREDIT_NOTE: invoices,
            PARTY: masters,
            PRODUCT: masters,
            ORDER: self._sales,
            GOODS_ISSUE: self._transfers,
            GOODS_RECEIPT: self._transfers,
        }

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Give connections back."""
        self._books.wire.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Create drafts, post, confirm or validate them, match what payments settle, date them, or put masters."""
        try:
            if step in ("create", "put"):
                bills = [each for each in documents if _is_bill(each)]
                return in_groups(([each for each in documents if not _is_bill(each)], bills), self._create)
            company, ids = (
                self._books.company(documents[0].company),
                [int(refs[each.document_id]) for each in documents],
            )
            if documents[0].kind in MOVEMENTS:
                self._transfers.advance(step, company, documents, ids)
                return {each.document_id: Outcome("applied") for each in documents}
            match step:
                case "match":
                    self._entries.match(company, documents)
                case "confirm":
                    self._sales.confirm(company, ids)
                case "date":
                    self._sales.give_date(company, documents, ids)
                case _:
                    self._books.wire.call("account.move", "action_post", ids, context=context(company))
        except Trouble as trouble:
            return {each.document_id: outcome_of(trouble) for each in documents}
        return {each.document_id: Outcome("applied") for each in documents}

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What stands under some keys: documents by the front of their reference, masters by their codes."""
        return self._found(kind, company, self._kinds[kind].wanted(kind, keys)) if keys else {}

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Entries, orders or transfers of ours in a span."""
        span = (first.isoformat(), last.isoformat())
        if kind in MOVEMENTS:
            return self._found(kind, company, self._transfers.within(kind, *span))
        within = self._sales.within if kind == ORDER else in_span
        return self._found(kind, company, within(*span))

    def _create(self, documents: Sequence[Document]) -> Mapping[str, Outcome]:
        outcomes: dict[str, Outcome] = {}
        ready: list[Document] = []
        rows: list[list[list[str]]] = []
        of_kind: _Kind = self._bills if _is_bill(documents[0]) else self._kinds[documents[0].kind]
        for each in documents:
            try:
                rows.append(of_kind.prepared(each))
                ready.append(each)
            except Trouble as trouble:
                outcomes[each.document_id] = outcome_of(trouble)
        try:
            numbers = of_kind.create(ready, rows) if ready else []
        except Trouble as trouble:
            return outcomes | {each.document_id: outcome_of(trouble) for each in ready}
        made = zip(ready, numbers, strict=True)
        return outcomes | {each.document_id: Outcome("applied", str(number)) for each, number in made}

    def _found(self, kind: str, company: str, domain: Sequence[object]) -> Mapping[str, tuple[Found, ...]]:
        try:
            found = dict(self._kinds[kind].found(kind, company, domain))
            bills = self._bills.found(kind, company, domain) if kind in _BILLS else {}
        except Trouble as trouble:
            raise unread(SPEC.name, trouble) from trouble
        for key, several in bills.items():
            found[key] = (*found.get(key, ()), *several)
        return found


_BILLS = (INVOICE, CREDIT_NOTE)


def _is_bill(document: Document) -> bool:
    """Whether it is an entry, since Odoo would make the company's amounts of a rate."""
    return document.kind in _BILLS and document.currency != document.functional_currency


def connect(address: Address) -> Odoo:
    """An adapter for a database."""
    return Odoo(wire(address))
