"""Documents in Tryton: made as drafts, brought on step by step, found again by their key, read back line by line."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from entrepot.delivery.calls import Trouble, outcome_of
from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, JOURNAL, PARTY, PRODUCT, Found, Outcome, content_of
from entrepot.delivery.errors import ErpUnreachable
from entrepot.delivery.tryton.books import (
    KEY_MARK,
    POSTED,
    Books,
    NotThereError,
    context,
    key_of,
    keyed,
    to_decimal,
)
from entrepot.delivery.tryton.invoices import Invoices
from entrepot.delivery.tryton.masters import Masters
from entrepot.delivery.tryton.spec import SPEC
from entrepot.delivery.tryton.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from entrepot.delivery.erp import Address, Document, ErpSpec, JournalLine
    from entrepot.delivery.tryton.books import Company


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
        invoices, masters = Invoices(self._books), Masters(self._books)
        self._kinds: dict[str, _Kind] = {
            JOURNAL: Journals(self._books),
            INVOICE: invoices,
            CREDIT_NOTE: invoices,
            PARTY: masters,
            PRODUCT: masters,
        }

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Give connections back."""
        self._wire.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Do a step; one call of one transaction."""
        of_kind = self._kinds[documents[0].kind]
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
            return self._kinds[kind].found(kind, company, keys)
        except Trouble as trouble:
            raise ErpUnreachable(SPEC.name, trouble.text) from trouble

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """What is ours in a span."""
        try:
            return self._kinds[kind].found(kind, company, None, (first, last))
        except Trouble as trouble:
            raise ErpUnreachable(SPEC.name, trouble.text) from trouble


class Journals:
    """Journals as account moves.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def prepared(self, document: Document) -> dict[str, Any]:
        """What `create` takes.

        Raises:
            NotThereError: Something that it names is not there.
            Trouble: Tryton gave no answer.
        """
        company = self._books.company(document.company)
        return {
            "company": company.company_id,
            "journal": company.journals["general"],
            "period": company.period(document.posted_on),
            "date": document.posted_on,
            "description": f"{KEY_MARK}{document.document_id} {document.text}",
            "lines": [["create", [self._line(company, document, line) for line in document.lines]]],
        }

    def create(self, documents: Sequence[Document], made: Sequence[dict[str, Any]]) -> list[int]:
        """Make drafts; their numbers."""
        company = self._books.company(documents[0].company)
        return list(self._books.wire.call("model.account.move.create", list(made), context(company)))

    def advance(self, step: str, company: str, numbers: list[int]) -> None:
        """Post."""
        assert step == "post", "drafts are posted"
        self._books.wire.call("model.account.move.post", numbers, context(self._books.company(company)))

    def found(
        self, kind: str, company_code: str, keys: Sequence[str] | None, span: tuple[date, date] | None = None
    ) -> Mapping[str, tuple[Found, ...]]:
        """Moves of some keys, or of ours in a span. Moves of invoices have no description."""
        company = self._books.company(company_code)
        domain: list[object] = [["company", "=", company.company_id]]
        domain.append(["description", "like", f"{KEY_MARK}%"] if keys is None else keyed(keys))
        if span:
            domain += [["date", ">=", span[0]], ["date", "<=", span[1]]]
        moves = list(self._books.rows("account.move", domain, ["id", "description", "state", "date"], company))
        lines = self._books.postings(company, [move["id"] for move in moves])
        found: dict[str, tuple[Found, ...]] = {}
        for move in moves:
            currency, own = lines.get(move["id"], (company.currency, []))
            content = content_of(company_code, move["date"], currency, own)
            steps = len(SPEC.steps[kind]) if move["state"] == POSTED else 1
            key = key_of(move["description"])
            found[key] = (*found.get(key, ()), Found(str(move["id"]), steps, content))
        return found

    def _line(self, company: Company, document: Document, line: JournalLine) -> dict[str, Any]:
        amount = to_decimal(line.functional_minor, document.functional_currency)
        made: dict[str, Any] = {
            "account": company.account(line.account),
            "debit": max(amount, Decimal(0)),
            "credit": max(-amount, Decimal(0)),
        }
        if line.party and line.account in company.of_parties:
            made["party"] = self._books.party(line.party)["id"]
        if document.currency != document.functional_currency:
            made["second_currency"] = self._books.currency(document.currency)
            made["amount_second_currency"] = to_decimal(line.amount_minor, document.currency)
        return made


def connect(address: Address) -> Tryton:
    """An adapter for a database of a server."""
    return Tryton(Wire(address.url, address.database, address.user, address.password, address.transport))
