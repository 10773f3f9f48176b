"""Documents into Finance and Operations as journals: a header, then all lines in one change set, found by their key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.batches import change_set, parts_of
from entrepot.delivery.calls import Trouble, each_alone, parsed, refusal, unread
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
from entrepot.delivery.dynamics_fo.spec import SPEC
from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, JOURNAL, Found, JournalLine, content_of, content_of_body
from entrepot.delivery.keys import document_id_of, keys_written, short_key
from entrepot.delivery.odata4 import OData4, said, text_literal
from entrepot.delivery.remarks import own_amount, remark
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Address, Document, ErpSpec, Outcome

_HEADERS, _LINES, _CUSTOMERS = "data/LedgerJournalHeaders", "data/LedgerJournalLines", "data/CustomersV3"
_MARK = "EP-"
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
        address: `database` is the journal name under which journals are made.
    """

    def __init__(self, address: Address) -> None:
        self._api, self._journal_name = OData4(address), address.database
        self._companies: dict[str, _Company] = {}
        self._customers: set[tuple[str, str]] = set()

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        return SPEC

    def close(self) -> None:
        """Give connections back."""
        self._api.close()

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Make journals with their lines."""
        del refs
        assert step in SPEC.steps[documents[0].kind], "everything is a journal here"
        return each_alone(documents, self._create)

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """Journals whose lines carry one of the keys."""
        wanted = " or ".join(f"Document eq {text_literal(_MARK + each)}" for key in keys for each in keys_written(key))
        return self._found(kind, company, f"({wanted})") if keys else {}

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Journals of ours in a span."""
        span = f"TransDate ge {_moment(first)} and TransDate le {_moment(last)}"
        return self._found(kind, company, f"startswith(Document,{text_literal(_MARK)}) and {span}")

    def _create(self, document: Document) -> str:
        company = self._company(document.company)
        booked = self._lines(company, document)
        number = self._header(document)
        lines = [
            {
                "dataAreaId": document.company,
                "JournalBatchNumber": number,
                "LineNumber": at,
                **line,
            }
            for at, line in enumerate(booked, start=1)
        ]
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

    def _header(self, document: Document) -> str:
        """The journal to put lines into: a new one, or one that an earlier try has left empty."""
        begins = f"startswith(Description,{text_literal(_MARK + short_key(document.document_id))})"
        mine = f"dataAreaId eq {text_literal(document.company)} and {begins}"
        for row in self._api.rows(_HEADERS, filter=mine, orderby="JournalBatchNumber", cross="true"):
            number = str(row["JournalBatchNumber"])
            inside = f"dataAreaId eq {text_literal(document.company)} and JournalBatchNumber eq {text_literal(number)}"
            if not list(self._api.rows(_LINES, filter=inside, orderby="LineNumber", cross="true")):
                return number
        body = {
            "dataAreaId": document.company,
            "JournalName": self._journal_name,
            "Description": f"{_MARK}{short_key(document.document_id)} {document.text}"[:TEXT_LENGTH],
        }
        try:
            return str(
                parsed(self._api.call("POST", _HEADERS, body, asked={"cross-company": "true"}))["JournalBatchNumber"]
            )
        except Trouble as trouble:
            if trouble.word != "unknown":
                raise
            # A header alone books nothing, so its loss leaves no doubt; the next try finds it if it is there.
            raise Trouble("retry_after", trouble.code, trouble.text, trouble.after_s) from trouble

    def _found(self, kind: str, code: str, condition: str) -> Mapping[str, tuple[Found, ...]]:
        journals: dict[tuple[str, str], list[dict[str, Any]]] = {}
        try:
            company = self._company(code)
            mine = f"{condition} and dataAreaId eq {text_literal(code)}"
            order = "JournalBatchNumber,LineNumber"
            for row in self._api.rows(_LINES, filter=mine, orderby=order, cross="true"):
                journals.setdefault((row["JournalBatchNumber"], row["Document"]), []).append(row)
        except Trouble as trouble:
            raise unread(SPEC.name, trouble) from trouble
        found: dict[str, tuple[Found, ...]] = {}
        for (number, document), rows in journals.items():
            if _kind_of(rows) == kind:
                key = document_id_of(document.removeprefix(_MARK))
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


def connect(address: Address) -> DynamicsFo:
    """An adapter for an environment."""
    return DynamicsFo(address)


def _line(company: _Company, document: Document, line: JournalLine, text: str) -> dict[str, object]:
    if line.account not in company.accounts:
        raise Trouble("rejected", "account", f"{document.company} has no main account {line.account} in use")
    amount = Decimal(line.functional_minor).scaleb(-minor_digits(document.functional_currency))
    number = f"{_MARK}{short_key(document.document_id)}"
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
