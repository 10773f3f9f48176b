"""Sales invoices and credit memos of Business Central, made with their lines in one call and posted by an action.

Lines are of the type Account: a line of the type Item goes to the account of a posting group and moves stock. What was
sold stands in the line's text. Tax is a line on its account; if Business Central would add VAT of its own, nothing is
posted. The total goes to the account of the customer's posting group, which the API does not tell before.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.business_central.books import (
    MARK,
    TEXT_LENGTH,
    document_number,
    key_of,
    net_of,
    to_minor,
    to_number,
)
from entrepot.delivery.business_central.spec import SPEC
from entrepot.delivery.calls import Trouble, parsed, pieces
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    PARTY,
    PRICE_DIGITS,
    Found,
    Invoice,
    ItemLine,
    JournalLine,
    TaxLine,
    content_of_body,
)
from entrepot.delivery.keys import keys_written
from entrepot.delivery.odata4 import text_literal
from entrepot.delivery.worded import SKU, TAX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.delivery.business_central.books import Books, Company
    from entrepot.delivery.erp import Document

_SETS: Mapping[str, tuple[str, str, str]] = {
    INVOICE: ("salesInvoices", "salesInvoiceLines", "invoiceDate"),
    CREDIT_NOTE: ("salesCreditMemos", "salesCreditMemoLines", "creditMemoDate"),
}
"""By kind: entity set, its lines, its date."""
_DRAFT, _CANCELLED = ("Draft", "In Review"), "Canceled"


class Invoices:
    """Sales invoices and credit memos.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def create(self, document: Document) -> str:
        """Make a draft with its lines; its id.

        Raises:
            Trouble: Something that it names is not there, or there was no answer.
        """
        invoice, company = document.body, self._books.company(document.company)
        assert isinstance(invoice, Invoice), "an invoice has a party and lines"
        if invoice.party != invoice.party.lower():
            # Numbers come back in capitals: what they were before could not be told.
            raise Trouble("rejected", "code", f"the party {invoice.party} is not in small letters")
        entity_set, lines, day = _SETS[document.kind]
        receivable = company.account(invoice.receivable, directly=False)
        sign = -1 if document.kind == CREDIT_NOTE else 1
        made = [
            _line(company.account(each.account), _text_of(each), sign * each.quantity, _price(each.price_e6))
            for each in invoice.items
        ]
        for tax in invoice.taxes:
            amount = to_number(sign * tax.amount_minor, document.currency)
            made.append(_line(company.account(tax.account), f"{TAX} {tax.code}".strip(), 1, amount))
        body = {
            # The account that will be charged stands beside the key, since a draft does not tell it.
            "externalDocumentNumber": f"{document_number(document.document_id)} {receivable}",
            "customerNumber": self._books.master(company, PARTY, invoice.party),
            day: document.posted_on.isoformat(),
            "postingDate": document.posted_on.isoformat(),
            lines: made,
        }
        return str(parsed(self._books.api.call("POST", f"{company.path}/{entity_set}", body))["id"])

    def post(self, document: Document, ref: str) -> str:
        """Post a draft to which Business Central adds nothing; its id stays.

        Raises:
            Trouble: It would add VAT; or there was no answer.
        """
        company = self._books.company(document.company)
        path = f"{company.path}/{_SETS[document.kind][0]}({ref})"
        added = Decimal(str(parsed(self._books.api.call("GET", path))["totalTaxAmount"]))
        if added:
            raise Trouble("rejected", "tax", f"Business Central would add {added} of VAT to what is planned")
        self._books.api.call("POST", f"{path}/Microsoft.NAV.post")
        return ref

    def found(self, company: Company, kind: str, keys: Sequence[str]) -> Iterator[tuple[str, Found]]:
        """Those of some keys."""
        numbers = (text_literal((MARK + each).upper()) for key in keys for each in keys_written(key))
        yield from self._read(
            company, kind, " or ".join(f"startswith(externalDocumentNumber,{each})" for each in numbers)
        )

    def held(self, company: Company, kind: str, first: date, last: date) -> Iterator[tuple[str, Found]]:
        """Those of ours in a span."""
        span = f"postingDate ge {first.isoformat()} and postingDate le {last.isoformat()}"
        yield from self._read(company, kind, f"startswith(externalDocumentNumber,'EP-') and {span}")

    def _read(self, company: Company, kind: str, condition: str) -> Iterator[tuple[str, Found]]:
        entity_set, lines, _ = _SETS[kind]
        path = f"{company.path}/{entity_set}"
        rows = list(self._books.api.rows(path, filter=condition, orderby="id", expand=lines))
        entries = self._entries(company, [row["number"] for row in rows if row["status"] not in _DRAFT])
        for row in rows:
            number, _, receivable = row["externalDocumentNumber"].partition(" ")
            is_posted = row["status"] not in _DRAFT
            booked = entries.get(row["number"], ()) if is_posted else ()
            alive = row[lines] if row["status"] != _CANCELLED else []
            body = _body(company, -1 if kind == CREDIT_NOTE else 1, row["customerNumber"].lower(), receivable, alive)
            content = content_of_body(company.code, date.fromisoformat(row["postingDate"]), company.currency, body)
            steps = len(SPEC.steps[kind]) if is_posted else 1
            yield key_of(number), Found(str(row["id"]), steps, content, tuple(booked))

    def _entries(self, company: Company, numbers: Sequence[str]) -> dict[str, list[JournalLine]]:
        """What the ledger holds, by the number that posting gave."""
        booked: dict[str, list[JournalLine]] = {}
        if numbers:
            wanted = " or ".join(f"documentNumber eq {text_literal(number)}" for number in numbers)
            for row in self._books.api.rows(f"{company.path}/generalLedgerEntries", filter=wanted, orderby="id"):
                amount = to_minor(net_of(row), company.currency)
                line = JournalLine(row["accountNumber"], amount, amount)
                booked.setdefault(row["documentNumber"], []).append(line)
        return booked


def _line(account: str, text: str, quantity: int, price: float) -> dict[str, object]:
    return {
        "lineType": "Account",
        "lineObjectNumber": account,
        "description": text,
        "quantity": quantity,
        "unitPrice": price,
    }


def _price(price_e6: int) -> float:
    return float(Decimal(price_e6).scaleb(-PRICE_DIGITS))


def _text_of(item: ItemLine) -> str:
    text = SKU + item.product if item.product else item.text or "-"
    if len(text) > TEXT_LENGTH:
        raise Trouble("rejected", "code", f"{text} has more than {TEXT_LENGTH} characters")
    return text


def _body(company: Company, sign: int, party: str, receivable: str, rows: Sequence[Mapping[str, Any]]) -> Invoice:
    """What an invoice holds as it stands; one without lines was cancelled."""
    items, taxes = [], []
    for row in rows:
        account, text = row["lineObjectNumber"], row["description"]
        amount = sign * to_minor(row["netAmount"], company.currency)
        if text.split(" ", 1)[0] == TAX:
            taxes.append(TaxLine(account, text.removeprefix(TAX).strip(), 0, amount))
        else:
            product = text.removeprefix(SKU) if text.startswith(SKU) else ""
            price = int(Decimal(str(row["unitPrice"])).scaleb(PRICE_DIGITS))
            items.append(ItemLine(account, product, "", sign * pieces(row["quantity"]), price, amount))
    return Invoice(party, receivable, tuple(items), tuple(taxes))
