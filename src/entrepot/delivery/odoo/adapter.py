"""Documents in Odoo: loaded under external ids, several in one transaction, and then posted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from entrepot.delivery.calls import Trouble, outcome_of
from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, JOURNAL, PARTY, PRODUCT, Found, Outcome, content_of
from entrepot.delivery.errors import ErpUnreachable
from entrepot.delivery.odoo.books import (
    CANCELLED,
    MARK,
    POSTED,
    POSTING,
    Books,
    context,
    in_span,
    key_of,
    keyed,
    posting,
)
from entrepot.delivery.odoo.invoices import Invoices
from entrepot.delivery.odoo.masters import Masters
from entrepot.delivery.odoo.spec import MODULE, SPEC
from entrepot.delivery.odoo.wire import wire
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Address, Document, ErpSpec
    from entrepot.delivery.odoo.wire import Wire

_COLUMNS = (
    "id",
    "move_type",
    "journal_id/.id",
    "date",
    "ref",
    "line_ids/id",
    "line_ids/account_id/.id",
    "line_ids/partner_id/.id",
    "line_ids/name",
    "line_ids/debit",
    "line_ids/credit",
    "line_ids/currency_id/.id",
    "line_ids/amount_currency",
)
_HEAD = 5
"""The first columns are of the entry; in the rows of its further lines they are empty."""


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
        self._books.wire.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Create drafts, post them, or put masters."""
        try:
            if step != "post":
                return self._create(documents)
            company = self._books.company(documents[0].company)
            ids = [int(refs[each.document_id]) for each in documents]
            self._books.wire.call("account.move", "action_post", ids, context=context(company))
        except Trouble as trouble:
            return {each.document_id: outcome_of(trouble) for each in documents}
        return {each.document_id: Outcome("applied") for each in documents}

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What stands under some keys: entries whose reference begins with one, masters under their codes."""
        return self._found(kind, company, self._kinds[kind].wanted(kind, keys)) if keys else {}

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Entries of ours in a span."""
        return self._found(kind, company, in_span(first.isoformat(), last.isoformat()))

    def _create(self, documents: Sequence[Document]) -> Mapping[str, Outcome]:
        outcomes: dict[str, Outcome] = {}
        ready: list[Document] = []
        rows: list[list[list[str]]] = []
        of_kind = self._kinds[documents[0].kind]
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
            return self._kinds[kind].found(kind, company, domain)
        except Trouble as trouble:
            raise ErpUnreachable(SPEC.name, trouble.text) from trouble


class Journals:
    """Journals as entries.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def wanted(self, kind: str, keys: Sequence[str]) -> list[object]:
        """The condition of some keys."""
        assert kind == JOURNAL, "an entry is a journal"
        return keyed(keys)

    def prepared(self, document: Document) -> list[list[str]]:
        """Each line under an id of its own, so that a repeat changes nothing.

        Raises:
            Trouble: Something that it names is not there, or Odoo gave no answer.
        """
        key, company = document.document_id, self._books.company(document.company)
        head = [
            f"{MODULE}.{key}",
            "entry",
            str(company.journal("general", document.company)),
            document.posted_on.isoformat(),
            f"{MARK}{key} {document.text}".strip(),
        ]
        currency = str(self._books.currency(document.currency))
        rows = []
        for at, line in enumerate(document.lines):
            account = company.account(line.account, document.company)
            party = str(self._books.master(PARTY, line.party)) if line.party else ""
            amount = Decimal(line.functional_minor).scaleb(-minor_digits(document.functional_currency))
            own = Decimal(line.amount_minor).scaleb(-minor_digits(document.currency))
            sides = [str(max(amount, Decimal(0))), str(max(-amount, Decimal(0)))]
            values = [f"{MODULE}.{key}_{at}", str(account), party, document.text, *sides, currency, str(own)]
            rows.append([*(head if at == 0 else [""] * _HEAD), *values])
        return rows

    def create(self, documents: Sequence[Document], rows: Sequence[list[list[str]]]) -> list[int]:
        """Make drafts; their numbers."""
        company = self._books.company(documents[0].company)
        return list(self._books.load(company, "account.move", _COLUMNS, [row for each in rows for row in each]))

    def found(self, kind: str, company_code: str, domain: Sequence[object]) -> Mapping[str, tuple[Found, ...]]:
        """Entries that meet a condition."""
        company = self._books.company(company_code)
        mine = [["company_id", "=", company.company_id], ["move_type", "=", "entry"]]
        entries = list(self._books.rows(company, "account.move", [*mine, *domain], ["ref", "state", "date"]))
        numbers = [each["id"] for each in entries if each["state"] != CANCELLED]
        lines = self._books.lines(company, numbers, POSTING)
        found: dict[str, tuple[Found, ...]] = {}
        for entry in entries:
            own = lines.get(entry["id"], [])
            currency = own[-1]["currency_id"][1] if own else company.currency
            day, key = date.fromisoformat(entry["date"]), key_of(entry["ref"])
            content = content_of(company_code, day, currency, [posting(company, row) for row in own])
            steps = len(SPEC.steps[kind]) if entry["state"] == POSTED else 1
            found[key] = (*found.get(key, ()), Found(str(entry["id"]), steps, content))
        return found


def connect(address: Address) -> Odoo:
    """An adapter for a database."""
    return Odoo(wire(address))
