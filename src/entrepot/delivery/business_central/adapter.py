"""Documents in Business Central: journals as batches of their own, invoices, credit memos, orders, masters."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from entrepot.delivery.business_central.books import (
    MARK,
    TEXT_LENGTH,
    Books,
    document_number,
    is_between,
    key_of,
    net_of,
    to_minor,
    to_number,
)
from entrepot.delivery.business_central.invoices import Invoices
from entrepot.delivery.business_central.masters import Masters
from entrepot.delivery.business_central.orders import Orders
from entrepot.delivery.business_central.spec import SPEC
from entrepot.delivery.calls import Trouble, each_alone, parsed, unread
from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, JOURNAL, ORDER, PARTY, PRODUCT, Found, JournalLine, content_of
from entrepot.delivery.keys import short_key
from entrepot.delivery.odata4 import OData4, text_literal
from entrepot.delivery.remarks import own_amount, remark
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.delivery.business_central.books import Company
    from entrepot.delivery.erp import Address, Content, Document, ErpSpec, Outcome

_POSTED = len(SPEC.steps[JOURNAL])
_CUSTOMER = "Customer"
_UNSEEN = "EP-CUSTOMERS "
"""What a comment begins with that says which lines of customers a draft has: the API shows those of accounts only."""
_OWED = re.compile(r"(.+) (-?[0-9]+)")
_COMMENT_LENGTH = 250


class _Kind(Protocol):
    """How a kind of documents is written and read."""

    def create(self, document: Document) -> str:
        """Do the first step; its id."""

    def post(self, document: Document, ref: str) -> str:
        """Do the second step; its number."""

    def found(self, company: Company, kind: str, keys: Sequence[str]) -> Iterator[tuple[str, Found]]:
        """What stands under some keys."""

    def held(self, company: Company, kind: str, first: date, last: date) -> Iterator[tuple[str, Found]]:
        """What is ours in a span."""


class BusinessCentral:
    """One environment of one tenant.

    Args:
        address: The API's address with tenant and environment, up to and with `api/v2.0`.
    """

    def __init__(self, address: Address) -> None:
        self._books = Books(OData4(address))
        invoices, masters = Invoices(self._books), Masters(self._books)
        self._kinds: dict[str, _Kind] = {
            JOURNAL: Journals(self._books),
            INVOICE: invoices,
            CREDIT_NOTE: invoices,
            ORDER: Orders(self._books),
            PARTY: masters,
            PRODUCT: masters,
        }

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Give connections back."""
        self._books.api.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Make documents with their lines, or post them."""
        of_kind = self._kinds[documents[0].kind]
        if step == "post":
            return each_alone(documents, lambda each: of_kind.post(each, refs[each.document_id]))
        return each_alone(documents, of_kind.create)

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What waits and what is posted under some keys."""
        return self._read(kind, company, keys) if keys else {}

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Everything of ours in a span, posted or not."""
        return self._read(kind, company, None, first, last)

    def _read(
        self, kind: str, code: str, keys: Sequence[str] | None, first: date = date.min, last: date = date.max
    ) -> Mapping[str, tuple[Found, ...]]:
        found: dict[str, tuple[Found, ...]] = {}
        of_kind = self._kinds[kind]
        try:
            company = self._books.company(code)
            rows = of_kind.held(company, kind, first, last) if keys is None else of_kind.found(company, kind, keys)
            for key, one in rows:
                found[key] = (*found.get(key, ()), one)
        except Trouble as trouble:
            raise unread(SPEC.name, trouble) from trouble
        return found


class Journals:
    """Journals, a batch of its own for each, posted as a whole, read back from the ledger.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def create(self, document: Document) -> str:
        """Make a batch with its lines."""
        company = self._books.company(document.company)
        lines = [self._line(company, document, line) for line in document.lines]
        if owed := [line for line in document.lines if line.party]:
            first = next((each for each in lines if each["accountType"] != _CUSTOMER), None)
            noted = _UNSEEN + ";".join(f"{line.account} {line.functional_minor}" for line in owed)
            if len(noted) > _COMMENT_LENGTH:
                words = f"journal {document_number(document.document_id)} has {len(owed)} lines of customers"
                raise Trouble("rejected", "refused", f"{words}: more than a draft can be read back with")
            # With lines of customers alone there is no line that a draft shows: in doubt it is left to a person.
            if first is not None:
                first["comment"] = noted
        body = {
            "code": _code(document.document_id),
            "displayName": document_number(document.document_id),
            "journalLines": lines,
        }
        return str(parsed(self._books.api.call("POST", f"{company.path}/journals", body))["id"])

    def post(self, document: Document, ref: str) -> str:
        """Post its lines, and take the batch away."""
        journal = f"{self._books.company(document.company).path}/journals({ref})"
        self._books.api.call("POST", f"{journal}/Microsoft.NAV.post")
        with contextlib.suppress(Trouble):
            # What is left is an empty journal, in everybody's way and no part of the books.
            self._books.api.call("DELETE", journal, headers={"If-Match": "*"})
        return document_number(document.document_id)

    def found(self, company: Company, kind: str, keys: Sequence[str]) -> Iterator[tuple[str, Found]]:
        """Under the keys' document numbers."""
        assert kind == JOURNAL, "a batch is a journal"
        posted = " or ".join(f"documentNumber eq {text_literal(document_number(key))}" for key in keys)
        yield from self._posted(company, posted)
        yield from self._waiting(company, " or ".join(f"code eq {text_literal(_code(key))}" for key in keys))

    def held(self, company: Company, kind: str, first: date, last: date) -> Iterator[tuple[str, Found]]:
        """In a span."""
        assert kind == JOURNAL, "a batch is a journal"
        span = f"postingDate ge {first.isoformat()} and postingDate le {last.isoformat()}"
        yield from self._posted(company, f"startswith(documentNumber,{text_literal(MARK)}) and {span}")
        for key, one in self._waiting(company, f"startswith(displayName,{text_literal(MARK)})"):
            if is_between(first, one.content.posted_on, last):
                yield key, one

    def _posted(self, company: Company, condition: str) -> Iterator[tuple[str, Found]]:
        """What the ledger holds; entries of one number on one day are one document."""
        documents: dict[tuple[str, str], list[dict[str, Any]]] = {}
        rows = self._books.api.rows(f"{company.path}/generalLedgerEntries", filter=condition, orderby="id")
        for row in rows:
            one = {**row, "amount": net_of(row)}
            documents.setdefault((row["documentNumber"], row["postingDate"]), []).append(one)
        for (number, day), lines in documents.items():
            yield key_of(number), Found(number, _POSTED, _content(company, day, lines))

    def _waiting(self, company: Company, condition: str) -> Iterator[tuple[str, Found]]:
        """Journals with lines that nobody has posted; one without is what posting leaves."""
        path = f"{company.path}/journals"
        for row in self._books.api.rows(path, filter=condition, orderby="code", expand="journalLines"):
            if lines := row["journalLines"]:
                content = _content(company, lines[0]["postingDate"], [*lines, *_unseen(company, lines)])
                yield key_of(lines[0]["documentNumber"]), Found(str(row["id"]), 1, content)

    def _line(self, company: Company, document: Document, line: JournalLine) -> dict[str, object]:
        made = {
            "postingDate": document.posted_on.isoformat(),
            "documentNumber": document_number(document.document_id),
            "amount": to_number(line.functional_minor, document.functional_currency),
        }
        if line.party:
            # What customers owe is posted by customer: the account follows from its posting group, so it is noted.
            account = company.account(line.account, directly=False)
            customer = self._books.master(company, PARTY, line.party)
            text = f"{account} {document.text}".strip()[:TEXT_LENGTH]
            return {**made, "accountType": _CUSTOMER, "accountNumber": customer, "description": text}
        text = remark(document, line) or document.text[:TEXT_LENGTH]
        account = company.account(line.account)
        return {**made, "accountType": "G/L Account", "accountNumber": account, "description": text}


def connect(address: Address) -> BusinessCentral:
    """An adapter for an environment."""
    return BusinessCentral(address)


def _code(key: str) -> str:
    """Ten characters at most: 45 bits in letters and digits, of a first version those of its key."""
    is_first = short_key(key) == key
    bits = bytes.fromhex(key) if is_first else hashlib.sha256(key.encode()).digest()
    return "E" + base64.b32encode(bits).decode()[:9]


def _content(company: Company, day: str, rows: Sequence[Mapping[str, Any]]) -> Content:
    currency, lines = company.currency, []
    for row in rows:
        functional = to_minor(row["amount"], company.currency)
        currency, amount = own_amount(row["description"], company.currency, functional)
        lines.append(JournalLine(row["accountNumber"], functional, amount))
    return content_of(company.code, date.fromisoformat(day), currency, lines)


def _unseen(company: Company, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines of customers that a draft has, as noted beside the others; posting keeps no comment."""
    noted = [row["comment"].removeprefix(_UNSEEN) for row in rows if row.get("comment", "").startswith(_UNSEEN)]
    # Drafts are there for people: what one of them wrote there makes the journal another one, and ends nothing.
    pairs = [pair.groups() for text in noted for each in text.split(";") if (pair := _OWED.fullmatch(each))]
    digits = minor_digits(company.currency)
    return [
        {"accountNumber": account, "amount": Decimal(minor).scaleb(-digits), "description": ""}
        for account, minor in pairs
    ]
