"""Invoices and credit notes of Odoo: entries of the types out_invoice and out_refund, with lines as they are planned.

Tax is a line on its account without a tax of Odoo's, which would compute anew. The total goes to the account that the
contact has for what it owes, so that one is set before.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import pieces
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    PARTY,
    PRICE_DIGITS,
    PRODUCT,
    Found,
    Invoice,
    ItemLine,
    TaxLine,
    content_of_body,
)
from entrepot.delivery.odoo.books import (
    CANCELLED,
    MARK,
    POSTED,
    POSTING,
    context,
    key_of,
    keyed,
    posting,
    to_minor,
)
from entrepot.delivery.odoo.spec import MODULE, SPEC
from entrepot.delivery.worded import TAX
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Document
    from entrepot.delivery.odoo.books import Books, Company

_COLUMNS = (
    "id",
    "move_type",
    "journal_id/.id",
    "date",
    "invoice_date",
    "invoice_date_due",
    "ref",
    "partner_id/.id",
    "currency_id/.id",
    "invoice_line_ids/id",
    "invoice_line_ids/account_id/.id",
    "invoice_line_ids/product_id/.id",
    "invoice_line_ids/name",
    "invoice_line_ids/quantity",
    "invoice_line_ids/price_unit",
    "invoice_line_ids/tax_ids/.id",
)
_HEAD = 9
TYPES = ("out_invoice", "out_refund")
_RECEIVABLE = "property_account_receivable_id"
_NO_TAX = ""
"""An empty cell takes away the taxes that Odoo would take from product and account."""
OWED = "payment_term"
"""Type of the line that Odoo makes for the total."""


class Invoices:
    """Customer invoices and credit notes.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books
        self._charged: dict[tuple[int, int], int] = {}

    def wanted(self, kind: str, keys: Sequence[str]) -> list[object]:
        """The condition of some keys."""
        assert kind, "both kinds are entries"
        return keyed(keys)

    def prepared(self, document: Document) -> list[list[str]]:
        """Each line under an id of its own, so that a repeat changes nothing.

        Raises:
            Trouble: Something that it names is not there, or Odoo gave no answer.
        """
        invoice, of, key = document.body, document.company, document.document_id
        assert isinstance(invoice, Invoice), "an invoice has a party and lines"
        company = self._books.company(of)
        receivable = company.account(invoice.receivable, of)
        is_back = document.kind == CREDIT_NOTE
        day = document.posted_on.isoformat()
        head = [f"{MODULE}.{key}", TYPES[is_back], str(company.journal("sale", of)), day, day, day]
        head += [f"{MARK}{key} {document.text}".strip(), str(self._books.master(PARTY, invoice.party))]
        head.append(str(self._books.currency(document.currency)))
        lines = []
        for item in invoice.items:
            product = str(self._books.master(PRODUCT, item.product)) if item.product else ""
            price = str(Decimal(item.price_e6).scaleb(-PRICE_DIGITS))
            quantity = -item.quantity if is_back else item.quantity
            account = str(company.account(item.account, of))
            lines.append([account, product, item.text or item.product or "-", str(quantity), price, _NO_TAX])
        for tax in invoice.taxes:
            amount = Decimal(-tax.amount_minor if is_back else tax.amount_minor)
            price = str(amount.scaleb(-minor_digits(document.currency)))
            account = str(company.account(tax.account, of))
            lines.append([account, "", f"{TAX} {tax.code}".strip(), "1", price, _NO_TAX])
        self._charge(company, self._books.master(PARTY, invoice.party), receivable)
        return [[*(head if at == 0 else [""] * _HEAD), f"{MODULE}.{key}_{at}", *line] for at, line in enumerate(lines)]

    def create(self, documents: Sequence[Document], rows: Sequence[list[list[str]]]) -> list[int]:
        """Make drafts; their numbers."""
        company = self._books.company(documents[0].company)
        return list(self._books.load(company, "account.move", _COLUMNS, [row for each in rows for row in each]))

    def found(self, kind: str, company_code: str, domain: Sequence[object]) -> Mapping[str, tuple[Found, ...]]:
        """Those that meet a condition."""
        company = self._books.company(company_code)
        mine = [["company_id", "=", company.company_id], ["move_type", "in", list(TYPES)]]
        names = ["ref", "state", "date", "move_type", "partner_id", "currency_id"]
        heads = list(self._books.rows(company, "account.move", [*mine, *domain], names))
        numbers = [each["id"] for each in heads if each["state"] != CANCELLED]
        own = ["display_type", "product_id", "name", "quantity", "price_unit", "price_subtotal", *POSTING]
        lines = self._books.lines(company, numbers, own)
        parties = self._books.codes(PARTY, [each["partner_id"][0] for each in heads])
        sold = [row["product_id"][0] for rows in lines.values() for row in rows if row["product_id"]]
        products = self._books.codes(PRODUCT, sold)
        found: dict[str, tuple[Found, ...]] = {}
        for head in heads:
            rows = lines.get(head["id"], [])
            body = _body(company, head, rows, parties.get(head["partner_id"][0], ""), products)
            day, key = date.fromisoformat(head["date"]), key_of(head["ref"])
            content = content_of_body(company_code, day, head["currency_id"][1], body)
            is_posted = head["state"] == POSTED
            booked = tuple(posting(company, row) for row in rows) if is_posted else ()
            steps = len(SPEC.steps[kind]) if is_posted else 1
            found[key] = (*found.get(key, ()), Found(str(head["id"]), steps, content, booked))
        return found

    def _charge(self, company: Company, party: int, receivable: int) -> None:
        """Give a contact, which is a channel of ours, its account in a company; written again, it changes nothing."""
        if self._charged.get((company.company_id, party)) != receivable:
            (row,) = self._books.rows(company, "res.partner", [["id", "=", party]], [_RECEIVABLE])
            if not row[_RECEIVABLE] or row[_RECEIVABLE][0] != receivable:
                values = {_RECEIVABLE: receivable}
                self._books.wire.call("res.partner", "write", [party], vals=values, context=context(company))
            self._charged[company.company_id, party] = receivable


def _body(
    company: Company,
    head: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    party: str,
    products: Mapping[int, str],
) -> Invoice:
    """What an invoice holds as it stands; one without lines was cancelled."""
    currency, sign = head["currency_id"][1], -1 if head["move_type"] == TYPES[True] else 1
    owed, items, taxes = "", [], []
    for row in rows:
        account = posting(company, row).account
        amount = sign * to_minor(Decimal(row["price_subtotal"]), currency)
        if row["display_type"] == OWED:
            owed = account
        elif str(row["name"]).split(" ", 1)[0] == TAX:
            taxes.append(TaxLine(account, str(row["name"]).removeprefix(TAX).strip(), 0, amount))
        elif row["display_type"] == "product":
            product = products.get(row["product_id"][0], "") if row["product_id"] else ""
            price = int(Decimal(row["price_unit"]).scaleb(PRICE_DIGITS))
            items.append(ItemLine(account, product, "", sign * pieces(row["quantity"]), price, amount))
    return Invoice(party, owed, tuple(items), tuple(taxes))
