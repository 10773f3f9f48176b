"""Documents in Tryton: made as drafts, brought on step by step, found again by their key, read back line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from entrepot.delivery.calls import Trouble, in_groups, outcome_of, unread
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
    Outcome,
)
from entrepot.delivery.tryton.books import Books, NotThereError
from entrepot.delivery.tryton.entries import Entries
from entrepot.delivery.tryton.goods import Shipments
from entrepot.delivery.tryton.invoices import Invoices
from entrepot.delivery.tryton.masters import Masters
from entrepot.delivery.tryton.moves import Moves
from entrepot.delivery.tryton.sales import Sales
from entrepot.delivery.tryton.spec import SPEC
from entrepot.delivery.tryton.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from entrepot.delivery.erp import Address, Document, ErpSpec, Found


class _Kind(Protocol):
    """How a kind of documents is written and read."""

    def prepared(self, document: Document) -> Any:  # noqa: ANN401 each kind's own
        """What `create` takes."""

    def create(self, documents: Sequence[Document], made: Sequence[Any]) -> list[int]:
        """Do the first step; numbers in the documents' order."""

    def advance(self, step: str, company: str, numbers: list[int]) -> None:
        """Do a later step."""

    def found(
        self, kind: str, company_code: str, keys: Sequence[str] | None, span: tuple[date, date] | None = None
    ) -> Mapping[str, tuple[Found, ...]]:
        """What stands under some keys, or is ours in a span."""


class Tryton:
    """One database of a Tryton server.

    Args:
        wire: A session with it.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._books = Books(wire)
        invoices, masters, moves = Invoices(self._books), Masters(self._books), Moves(self._books)
        self._entries = Entries(self._books)
        self._kinds: dict[str, _Kind] = {
            JOURNAL: moves,
            PAYMENT: moves,
            INVOICE: invoices,
            CREDIT_NOTE: invoices,
            PARTY: masters,
            PRODUCT: masters,
            ORDER: Sales(self._books),
            GOODS_ISSUE: Shipments(self._books, GOODS_ISSUE),
            GOODS_RECEIPT: Shipments(self._books, GOODS_RECEIPT),
        }

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Give connections back."""
        self._wire.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Do a step; one call of one transaction, and another for what is in another currency."""
        entries = [each for each in documents if _is_entry(each)]
        others = [each for each in documents if not _is_entry(each)]
        return in_groups((others, entries), lambda group: self._send(step, group, refs))

    def _send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        of_kind: _Kind = self._entries if _is_entry(documents[0]) else self._kinds[documents[0].kind]
        refused: dict[str, Outcome] = {}
        ready: list[Document] = []
        made: list[Any] = []
        try:
            if step not in ("create", "put"):
                of_kind.advance(step, documents[0].company, [int(refs[each.document_id]) for each in documents])
                return {each.document_id: Outcome("applied", refs[each.document_id]) for each in documents}
            for each in documents:
                try:
                    made.append(of_kind.prepared(each))
                    ready.append(each)
                except NotThereError as missing:
                    code, name = missing.args
                    words = f"{each.company or 'Tryton'} has no {code} {name}"
                    refused[each.document_id] = Outcome("rejected", code=code, text=words)
            numbers = of_kind.create(ready, made) if ready else []
        except Trouble as trouble:
            return {each.document_id: outcome_of(trouble) for each in documents} | refused
        applied = zip(ready, numbers, strict=True)
        return refused | {each.document_id: Outcome("applied", str(number)) for each, number in applied}

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What stands under some keys."""
        try:
            return self._found(kind, company, keys, None)
        except Trouble as trouble:
            return _nothing(trouble)

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """What is ours in a span."""
        try:
            return self._found(kind, company, None, (first, last))
        except Trouble as trouble:
            return _nothing(trouble)

    def _found(
        self, kind: str, company: str, keys: Sequence[str] | None, span: tuple[date, date] | None
    ) -> Mapping[str, tuple[Found, ...]]:
        found = dict(self._kinds[kind].found(kind, company, keys, span))
        if kind in _BILLS:
            for key, several in self._entries.found(kind, company, keys, span).items():
                found[key] = (*found.get(key, ()), *several)
        return found


_BILLS = (INVOICE, CREDIT_NOTE)


def _is_entry(document: Document) -> bool:
    """Whether it is an entry, since Tryton would book an invoice at a rate of its own."""
    return document.kind in _BILLS and document.currency != document.functional_currency


def _nothing(trouble: Trouble) -> Mapping[str, tuple[Found, ...]]:
    """What a module keeps that is not activated is not there; anything else says nothing of what is."""
    if trouble.code != "module":
        raise unread(SPEC.name, trouble) from trouble
    return {}


def connect(address: Address) -> Tryton:
    """An adapter for a database of a server."""
    return Tryton(Wire(address.url, address.database, address.user, address.password, address.transport))
