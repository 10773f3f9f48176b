"""Documents into Finance and Operations as journals, found by their key: a header, then its lines.

Lines go in one change set for each journal, or, where the target names a storage account, in a data package for many.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.batches import change_set, parts_of
from entrepot.delivery.calls import Trouble, each_alone, outcome_of, refusal, unread
from entrepot.delivery.dynamics_fo.headers import LINES, MARK, Headers, description
from entrepot.delivery.dynamics_fo.invoices import (
    CUSTOMER,
    LEDGER,
    TEXT_LENGTH,
    charged,
    customer_text,
    invoice_texts,
    is_invoice,
    kind_said,
    read_invoice,
)
from entrepot.delivery.dynamics_fo.orders import Orders
from entrepot.delivery.dynamics_fo.packages import (
    HEADER_SECONDS,
    Packages,
    check_codes,
    name_of_import,
    package,
    rows_of,
    words_of,
)
from entrepot.delivery.dynamics_fo.spec import PACKAGE_SPEC, SPEC
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    JOURNAL,
    ORDER,
    UNDER_WAY,
    Found,
    Invoice,
    JournalLine,
    Outcome,
    content_of,
    content_of_body,
)
from entrepot.delivery.errors import ErpRefused, ErpUnreachable
from entrepot.delivery.keys import document_id_of, keys_written, short_key
from entrepot.delivery.odata4 import OData4, said, text_literal
from entrepot.delivery.remarks import own_amount, remark
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from entrepot.delivery.erp import Address, Document, ErpSpec

_CUSTOMERS = "data/CustomersV3"
_KEYS_AT_ONCE = 20
"""Keys in one question, and headers in one change set: an address has an end."""

_DIMENSIONS = "-"
"""What stands between the main account and the dimensions of a display value, unless somebody set another character."""


@dataclass(frozen=True, slots=True)
class _Company:
    """What a legal entity's journals need: its currency, and the main accounts that may be posted to."""

    currency: str
    accounts: frozenset[str]


class DynamicsFo:
    """One environment.

    Args:
        address: `database` is the journal name under which journals are made; `storage_url` says that they go in
            packages, and where to.
    """

    def __init__(self, address: Address) -> None:
        self._api, self._journal_name = OData4(address), address.database
        self._packages = Packages(self._api, address.storage_url, address.transport)
        self._headers = Headers(self._api, self._journal_name, self._packages.check_over)
        self._spec = PACKAGE_SPEC if address.storage_url else SPEC
        self._companies: dict[str, _Company] = {}
        self._customers: set[tuple[str, str]] = set()
        self._orders = Orders(self._api, self._company, self._check_customer)

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return self._spec

    def close(self) -> None:
        """Give connections back."""
        self._packages.close()
        self._api.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Make journals or orders with their lines."""
        del refs
        assert step in SPEC.steps[documents[0].kind], "every kind has one step"
        if documents[0].kind == ORDER:
            return each_alone(documents, self._orders.create)
        return each_alone(documents, self._create) if self._spec is SPEC else self._create_together(documents)

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """Journals whose lines carry one of the keys, or orders that do."""
        if kind == ORDER:
            return _told(lambda: self._orders.find(company, keys))
        found: dict[str, tuple[Found, ...]] = {}
        for first in range(0, len(keys), _KEYS_AT_ONCE):
            asked = [each for key in keys[first : first + _KEYS_AT_ONCE] for each in keys_written(key)]
            wanted = " or ".join(f"Document eq {text_literal(MARK + each)}" for each in asked)
            found |= self._found(kind, company, f"({wanted})")
        return found

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Journals or orders of ours in a span."""
        if kind == ORDER:
            return _told(lambda: self._orders.held(company, first, last))
        span = f"TransDate ge {_moment(first)} and TransDate le {_moment(last)}"
        return self._found(kind, company, f"startswith(Document,{text_literal(MARK)}) and {span}")

    def _create(self, document: Document) -> str:
        company = self._company(document.company)
        booked = self._lines(company, document)
        number = self._headers.of([document])[document.document_id]
        if isinstance(number, Trouble):
            raise number
        lines = _numbered(document, number, booked)
        made = change_set("POST", "LedgerJournalLines?cross-company=true", lines)
        headers = {"Content-Type": made.content_type, "Accept": "multipart/mixed"}
        for part in parts_of(self._api.call("POST", "data/$batch", headers=headers, content=made.content)):
            if not part.is_success:
                raise refusal(part, said(part)[1])
        return number

    def _lines(self, company: _Company, document: Document) -> list[dict[str, object]]:
        """What the lines hold, once everything that they name is there."""
        if document.kind == JOURNAL:
            text = document.text[:TEXT_LENGTH]
            pairs = [
                (line, customer_text(line.account, document) if line.party else remark(document, line) or text)
                for line in document.lines
            ]
        else:
            pairs = invoice_texts(document)
        for line, _ in pairs:
            if line.party:
                self._check_customer(document.company, line.party)
        return [_line(company, document, line, text) for line, text in pairs]

    def _check_customer(self, company: str, party: str) -> None:
        """Hold that there is a customer.

        Raises:
            Trouble: There is none.
        """
        if (company, party) not in self._customers:
            mine = f"dataAreaId eq {text_literal(company)} and CustomerAccount eq {text_literal(party)}"
            if not list(self._api.rows(_CUSTOMERS, filter=mine, orderby="CustomerAccount", cross="true")):
                raise Trouble("rejected", "party", f"{company} has no customer with the account {party}")
            self._customers.add((company, party))

    def _create_together(self, documents: Sequence[Document]) -> Mapping[str, Outcome]:
        """Make journals in one package; what cannot go into it stops no other."""
        name, ready, outcomes = name_of_import(), dict[str, list[dict[str, object]]](), dict[str, Outcome]()
        for each in documents:
            try:
                booked = self._lines(self._company(each.company), each)
                check_codes(_codes_in_texts(each))
                head = {"JournalName": self._journal_name, "Description": description(each, name)}
                ready[each.document_id] = [{**line, **head} for line in booked]
                rows_of(_numbered(each, "", ready[each.document_id]))
            except Trouble as trouble:
                ready.pop(each.document_id, None)
                outcomes[each.document_id] = outcome_of(trouble)
        going = [each for each in documents if each.document_id in ready]
        told = self._numbers(going, name)
        outcomes |= {key: outcome_of(each) for key, each in told.items() if isinstance(each, Trouble)}
        numbers = {key: each for key, each in told.items() if isinstance(each, str)}
        going = [each for each in going if each.document_id in numbers]
        rows = [
            row
            for each in going
            for row in rows_of(_numbered(each, numbers[each.document_id], ready[each.document_id]))
        ]
        return outcomes | (self._imported(name, going, numbers, rows) if going else {})

    def _numbers(self, documents: Sequence[Document], name: str) -> Mapping[str, str | Trouble]:
        """Journals for a package that still wait for it once all are made."""
        told: dict[str, str | Trouble] = {}
        until = time.monotonic() + HEADER_SECONDS
        for first in range(0, len(documents), _KEYS_AT_ONCE):
            some = documents[first : first + _KEYS_AT_ONCE]
            if time.monotonic() > until:
                slow = Trouble("retry_after", "slow", "the headers of the package took too long")
                told |= {each.document_id: slow for each in some}
            else:
                told |= self._headers.of(some, name)
        numbers = [each for each in told.values() if isinstance(each, str)]
        try:
            waiting = self._headers.still_of(documents[0].company, numbers, name) if numbers else set()
        except Trouble as trouble:
            later = Trouble("retry_after", trouble.code, trouble.text, trouble.after_s)
            return {key: later if isinstance(each, str) else each for key, each in told.items()}
        taken = Trouble("unknown", UNDER_WAY, "another import was named for this journal")
        return {key: taken if isinstance(each, str) and each not in waiting else each for key, each in told.items()}

    def _imported(
        self, name: str, documents: Sequence[Document], numbers: Mapping[str, str], rows: Sequence[str]
    ) -> dict[str, Outcome]:
        """What became of the documents of a package, each read back: an import may bring in a part."""
        kind, company = documents[0].kind, documents[0].company
        try:
            self._packages.begin(name, company, package(name, rows))
        except Trouble as trouble:
            return {each.document_id: outcome_of(trouble) for each in documents}
        try:
            ended = self._packages.ended(name)
            found = self.find(kind, company, [each.document_id for each in documents])
            is_whole = {
                each.document_id: [one.content for one in found.get(each.document_id, ())] == [each.content]
                for each in documents
            }
            errors = [] if all(is_whole.values()) else self._packages.errors(name)
        except (Trouble, ErpUnreachable, ErpRefused) as trouble:
            # It began, so whatever keeps it from being seen leaves it in doubt.
            text = trouble.text if isinstance(trouble, Trouble) else str(trouble)
            code = trouble.code if isinstance(trouble, Trouble) else "no_answer"
            return {each.document_id: Outcome("unknown", code=code, text=text) for each in documents}
        return {
            key: Outcome("applied", found[key][0].ref)
            if whole
            else Outcome("rejected", code="refused", text=f"{ended}: {words_of(errors, _names(key, numbers[key]))}")
            for key, whole in is_whole.items()
        }

    def _found(self, kind: str, code: str, condition: str) -> Mapping[str, tuple[Found, ...]]:
        journals: dict[tuple[str, str], list[dict[str, Any]]] = {}
        try:
            company = self._company(code)
            mine = f"{condition} and dataAreaId eq {text_literal(code)}"
            order = "JournalBatchNumber,LineNumber"
            for row in self._api.rows(LINES, filter=mine, orderby=order, cross="true"):
                journals.setdefault((row["JournalBatchNumber"], row["Document"]), []).append(row)
        except Trouble as trouble:
            raise unread(SPEC.name, trouble) from trouble
        found: dict[str, tuple[Found, ...]] = {}
        for (number, document), rows in journals.items():
            if _kind_of(rows) == kind:
                key = document_id_of(document.removeprefix(MARK))
                found[key] = (*found.get(key, ()), _read(kind, code, company, number, rows))
        return found

    def _company(self, code: str) -> _Company:
        if code not in self._companies:
            entity = f"LegalEntityId eq {text_literal(code)}"
            found = list(self._api.rows("data/Ledgers", filter=entity, orderby="LegalEntityId", cross="true"))
            if len(found) != 1:
                raise Trouble("rejected", "company", f"there is no legal entity {code}")
            chart = f"ChartOfAccounts eq {text_literal(found[0]['ChartOfAccounts'])}"
            rows = self._api.rows("data/MainAccounts", filter=chart, orderby="MainAccountId")
            accounts = frozenset(row["MainAccountId"] for row in rows if row["IsSuspended"] != "Yes")
            self._companies[code] = _Company(found[0]["AccountingCurrency"], accounts)
        return self._companies[code]


def _told(ask: Callable[[], Mapping[str, tuple[Found, ...]]]) -> Mapping[str, tuple[Found, ...]]:
    try:
        return ask()
    except Trouble as trouble:
        raise unread(SPEC.name, trouble) from trouble


def connect(address: Address) -> DynamicsFo:
    """An adapter for an environment."""
    return DynamicsFo(address)


def _line(company: _Company, document: Document, line: JournalLine, text: str) -> dict[str, object]:
    if line.account not in company.accounts:
        raise Trouble("rejected", "account", f"{document.company} has no main account {line.account} in use")
    amount = Decimal(line.functional_minor).scaleb(-minor_digits(document.functional_currency))
    number = f"{MARK}{short_key(document.document_id)}"
    return {
        "AccountType": CUSTOMER if line.party else LEDGER,
        "AccountDisplayValue": line.party or line.account,
        # What pays a customer has no number of an invoice: it tells the two apart.
        "Invoice": number if line.party and document.kind != JOURNAL else "",
        "CurrencyCode": document.functional_currency,
        "DebitAmount": float(max(amount, Decimal(0))),
        "CreditAmount": float(max(-amount, Decimal(0))),
        "TransDate": _moment(document.posted_on),
        "Document": number,
        "Text": text,
    }


def _numbered(document: Document, number: str, lines: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Lines in their journal."""
    head = {"dataAreaId": document.company, "JournalBatchNumber": number}
    return [{**head, "LineNumber": at, **line} for at, line in enumerate(lines, start=1)]


def _names(key: str, number: str) -> tuple[str, str]:
    """What errors may call a document: its key, or its journal."""
    return MARK + short_key(key), number


def _codes_in_texts(document: Document) -> list[str]:
    """What is read back from the texts of lines."""
    if not isinstance(document.body, Invoice):
        return []
    return [*(each.product for each in document.body.items), *(each.code for each in document.body.taxes)]


def _moment(day: date) -> str:
    """Noon, as Finance and Operations itself writes days, so that no time zone moves it."""
    return f"{day.isoformat()}T12:00:00Z"


def _kind_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """What a journal stands for; where it does not say, an invoice charges its customer, a credit note gives back."""
    if not is_invoice(rows):
        return JOURNAL
    owed = sum(_net(row) for row in rows if row["AccountType"] == CUSTOMER)
    return kind_said(rows) or (INVOICE if owed > 0 else CREDIT_NOTE)


def _net(row: Mapping[str, Any]) -> Decimal:
    return Decimal(row["DebitAmount"]) - Decimal(row["CreditAmount"])


def _read(kind: str, code: str, company: _Company, number: str, rows: Sequence[Mapping[str, Any]]) -> Found:
    currency, lines = company.currency, []
    for row in rows:
        functional = int(_net(row).scaleb(minor_digits(company.currency)))
        currency, own = own_amount(row["Text"], company.currency, functional)
        is_owed = row["AccountType"] == CUSTOMER
        account = charged(row) if is_owed else row["AccountDisplayValue"].split(_DIMENSIONS)[0]
        lines.append(JournalLine(account, functional, own))
    day, steps = date.fromisoformat(rows[0]["TransDate"][:10]), len(SPEC.steps[kind])
    if kind == JOURNAL:
        return Found(number, steps, content_of(code, day, currency, lines))
    body = read_invoice(kind, rows, lines, company.currency)
    return Found(number, steps, content_of_body(code, day, company.currency, body), tuple(lines))
