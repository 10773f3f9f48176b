"""Documents into NetSuite: written under an external id by SuiteTalk REST, a call each, and read back by SuiteQL."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from entrepot.delivery.calls import Trouble, each_alone, unread
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    JOURNAL,
    ORDER,
    PARTY,
    PAYMENT,
    Found,
    JournalLine,
    content_of,
)
from entrepot.delivery.netsuite.customers import Customers
from entrepot.delivery.netsuite.door import MARK, Door, external_of, key_of, keyed, net_of, span, to_number
from entrepot.delivery.netsuite.invoices import Invoices
from entrepot.delivery.netsuite.open_items import OpenItems
from entrepot.delivery.netsuite.orders import Orders
from entrepot.delivery.netsuite.spec import SPEC
from entrepot.delivery.remarks import own_amount, remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.delivery.erp import Address, Document, ErpSpec, Outcome
    from entrepot.delivery.netsuite.door import Company

_LINES = """
select t.id as id, t.externalid as externalid, to_char(t.trandate, 'YYYY-MM-DD') as day,
    a.acctnumber as account, tal.debit as debit, tal.credit as credit, tl.memo as memo
from transaction t
join transactionline tl on tl.transaction = t.id
join transactionaccountingline tal on tal.transaction = tl.transaction and tal.transactionline = tl.id
join account a on a.id = tal.account
where t.type = 'Journal' and tal.accountingbook = 1 and tl.subsidiary = {subsidiary} and {condition}
order by t.id, tl.id
"""


class _Kind(Protocol):
    """How a kind of documents is written and read."""

    def write(self, document: Document) -> str:
        """Write one; its number."""

    def found(self, company: Company, kind: str, keys: Sequence[str]) -> Iterator[tuple[str, Found]]:
        """What stands under some keys."""

    def held(self, company: Company, kind: str, first: date, last: date) -> Iterator[tuple[str, Found]]:
        """What is ours in a span."""


class NetSuite:
    """One account.

    Args:
        address: By certificate: the client id as user, the certificate's id as database, the private key (PEM, or the
            path of its file) as password. By token: consumer key and token id as user, the account as database, both
            secrets as password; pairs with a colon between them.
    """

    def __init__(self, address: Address) -> None:
        self._door = Door(address)
        customers = Customers(self._door)
        invoices, self._journals = Invoices(self._door, customers), Journals(self._door, customers)
        self._kinds: dict[str, _Kind] = {
            JOURNAL: self._journals,
            PAYMENT: self._journals,
            INVOICE: invoices,
            CREDIT_NOTE: invoices,
            PARTY: customers,
            ORDER: Orders(self._door, customers),
        }

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Give connections back."""
        self._door.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Write documents, which are posted at once if they book; or match what payments settle."""
        del refs
        kind = documents[0].kind
        assert step in SPEC.steps[kind], "each kind has its steps"
        return each_alone(documents, self._journals.match if step == "match" else self._kinds[kind].write)

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What stands under some keys."""
        return self._read(kind, company, keys) if keys else {}

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """What is ours in a span."""
        return self._read(kind, company, None, first, last)

    def _read(
        self, kind: str, code: str, keys: Sequence[str] | None, first: date = date.min, last: date = date.max
    ) -> Mapping[str, tuple[Found, ...]]:
        found: dict[str, tuple[Found, ...]] = {}
        of_kind = self._kinds[kind]
        try:
            company = self._door.company(code)
            rows = of_kind.held(company, kind, first, last) if keys is None else of_kind.found(company, kind, keys)
            for key, one in rows:
                found[key] = (*found.get(key, ()), one)
        except Trouble as trouble:
            raise unread(SPEC.name, trouble) from trouble
        return found


class Journals:
    """Journals and payments as journal entries; the memo of a line that pays is the key of its invoice.

    Args:
        door: Of the account.
        customers: Whom lines on what customers owe name.
    """

    def __init__(self, door: Door, customers: Customers) -> None:
        self._door, self._customers = door, customers
        self._open = OpenItems(door)

    def match(self, document: Document) -> str:
        """Apply what a payment settles to what it pays, once that comes to nothing; its number does not change."""
        self._open.match(self._door.company(document.company), document)
        return ""

    def write(self, document: Document) -> str:
        """Write a journal in the subsidiary's currency.

        Raises:
            Trouble: Something that it names is not there, or NetSuite refused it or gave no answer.
        """
        company = self._door.company(document.company)
        body = {
            "tranDate": document.posted_on.isoformat(),
            "memo": document.text,
            "subsidiary": {"id": company.number},
            "currency": {"id": company.currency_id},
            "approved": True,
            "line": {"items": [self._line(company, document, line) for line in document.lines]},
        }
        return self._door.put("journalEntry", external_of(document.document_id), body, "line")

    def found(self, company: Company, kind: str, keys: Sequence[str]) -> Iterator[tuple[str, Found]]:
        """Journals under the keys' external ids."""
        assert kind in (JOURNAL, PAYMENT), "both are entries"
        yield from self._read(company, keyed(keys))

    def held(self, company: Company, kind: str, first: date, last: date) -> Iterator[tuple[str, Found]]:
        """Journals and payments of ours in a span."""
        assert kind in (JOURNAL, PAYMENT), "both are entries"
        yield from self._read(company, span(first, last))

    def _read(self, company: Company, condition: str) -> Iterator[tuple[str, Found]]:
        journals: dict[str, list[dict[str, Any]]] = {}
        for row in self._door.rows(_LINES.format(subsidiary=company.number, condition=condition)):
            journals.setdefault(row["id"], []).append(row)
        pays = {number: _settled(rows) for number, rows in journals.items()}
        loose = self._open.loose(company, {key for keys in pays.values() for key in keys})
        for number, rows in journals.items():
            steps = len(SPEC.steps[PAYMENT if pays[number] else JOURNAL])
            yield key_of(rows[0]["externalid"]), _found(company, rows, steps - bool(pays[number] & loose))

    def _line(self, company: Company, document: Document, line: JournalLine) -> dict[str, object]:
        side = "debit" if line.functional_minor >= 0 else "credit"
        amount = to_number(abs(line.functional_minor), document.functional_currency)
        made: dict[str, object] = {"account": {"id": company.account(line.account)}, side: amount}
        if line.party:
            made["entity"] = {"id": self._customers.number(company, line.party)}
        if text := MARK + line.settles if line.settles else remark(document, line):
            made["memo"] = text
        return made


def connect(address: Address) -> NetSuite:
    """An adapter for an account."""
    return NetSuite(address)


def _settled(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Keys of what lines pay."""
    return {key_of(row["memo"]) for row in rows if row.get("memo", "").startswith(MARK)}


def _found(company: Company, rows: Sequence[Mapping[str, Any]], steps_done: int) -> Found:
    currency, lines = company.currency, []
    for row in rows:
        functional = net_of(row, company.currency)
        currency, amount = own_amount(row.get("memo", ""), company.currency, functional)
        lines.append(JournalLine(row["account"], functional, amount))
    content = content_of(company.code, date.fromisoformat(rows[0]["day"]), currency, lines)
    return Found(str(rows[0]["id"]), steps_done, content)
