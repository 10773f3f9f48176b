"""Invoices and credit notes of Tryton: customer invoices, those that give back with negative quantities.

The invoice's own date is the day on which Tryton numbers it, since its numbers may not go back in time; what we say is
the accounting date. Tax is written as it was booked; Tryton computes none.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble, pieces
from entrepot.delivery.erp import PRICE_DIGITS, Found, Invoice, ItemLine, TaxLine, content_of_body
from entrepot.delivery.tryton.books import (
    KEY_MARK,
    PAGE,
    context,
    key_of,
    keyed,
    to_decimal,
    to_minor,
)
from entrepot.delivery.tryton.spec import SPEC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from entrepot.delivery.erp import Document, JournalLine
    from entrepot.delivery.tryton.books import Books, Company

_STEPS = {"draft": 1, "validated": 2, "posted": 3, "paid": 3}
_METHODS = {"validate": "validate_invoice", "post": "post"}
_BEYOND = 10 ** (PRICE_DIGITS - SPEC.price_digits)
_NO_CODE = "tax"
"""Text of a tax without a code: Tryton wants one."""


class Invoices:
    """Customer invoices.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def prepared(self, document: Document) -> dict[str, Any]:
        """What `create` takes.

        Raises:
            NotThereError: Something that it names is not there.
            Trouble: Tryton gave no answer, or has no journal for it.
        """
        company, invoice = self._books.company(document.company), document.body
        assert isinstance(invoice, Invoice), "an invoice has a party and lines"
        if "revenue" not in company.journals:
            raise Trouble("rejected", "refused", "Tryton has no journal of the type revenue")
        company.period(document.posted_on)
        party = self._books.party(invoice.party)
        if not party["addresses"]:
            raise Trouble("rejected", "address", f"the party {invoice.party} has no address in Tryton")
        return {
            "type": "out",
            "company": company.company_id,
            "party": party["id"],
            "invoice_address": party["addresses"][0],
            "currency": company.currency_id,
            "journal": company.journals["revenue"],
            "account": company.account(invoice.receivable),
            "accounting_date": document.posted_on,
            "description": f"{KEY_MARK}{document.document_id} {document.text}",
            "lines": [["create", [self._item(company, each) for each in invoice.items]]],
            "taxes": [["create", [self._tax(company, each) for each in invoice.taxes]]],
        }

    def create(self, documents: Sequence[Document], made: Sequence[dict[str, Any]]) -> list[int]:
        """Make drafts; their numbers."""
        company = self._books.company(documents[0].company)
        return list(self._books.wire.call("model.account.invoice.create", list(made), context(company)))

    def advance(self, step: str, company: str, numbers: list[int]) -> None:
        """Validate, or post."""
        method = f"model.account.invoice.{_METHODS[step]}"
        self._books.wire.call(method, numbers, context(self._books.company(company)))

    def found(
        self, kind: str, company_code: str, keys: Sequence[str] | None, span: tuple[date, date] | None = None
    ) -> Mapping[str, tuple[Found, ...]]:
        """Invoices of some keys; or of ours in a span, those of the other kind too, which have keys of their own."""
        assert kind, "both kinds are invoices of Tryton"
        company = self._books.company(company_code)
        domain: list[object] = [["company", "=", company.company_id], ["type", "=", "out"]]
        domain.append(["description", "like", f"{KEY_MARK}%"] if keys is None else keyed(keys))
        if span:
            domain += [["accounting_date", ">=", span[0]], ["accounting_date", "<=", span[1]]]
        names = ["id", "description", "state", "accounting_date", "party.code", "account.code", "move", "currency.code"]
        heads = list(self._books.rows("account.invoice", domain, names, company))
        numbers = [head["id"] for head in heads]
        items, taxes = self._items(company, numbers), self._taxes(company, numbers)
        moves = self._books.postings(company, [head["move"] for head in heads if head["move"]])
        found: dict[str, tuple[Found, ...]] = {}
        for head in heads:
            body = Invoice(
                head["party."]["code"],
                head["account."]["code"],
                # A cancelled invoice holds nothing any more.
                tuple(items.get(head["id"], ())) if head["state"] in _STEPS else (),
                tuple(taxes.get(head["id"], ())),
            )
            content = content_of_body(company_code, head["accounting_date"], head["currency."]["code"], body)
            booked: tuple[JournalLine, ...] = tuple(moves[head["move"]].lines) if head["move"] in moves else ()
            key = key_of(head["description"])
            one = Found(str(head["id"]), _STEPS.get(head["state"], 1), content, booked)
            found[key] = (*found.get(key, ()), one)
        return found

    def _item(self, company: Company, item: ItemLine) -> dict[str, Any]:
        made: dict[str, Any] = {
            "type": "line",
            "account": company.account(item.account),
            "quantity": float(item.quantity),
            "unit_price": Decimal(item.price_e6 // _BEYOND).scaleb(-SPEC.price_digits),
            "description": item.text,
            "currency": company.currency_id,
            "company": company.company_id,
        }
        if item.product:
            product = self._books.product(item.product)
            made |= {"product": product["id"], "unit": product["default_uom"]}
        return made

    def _tax(self, company: Company, tax: TaxLine) -> dict[str, Any]:
        return {
            "manual": True,
            "account": company.account(tax.account),
            "description": tax.code or _NO_CODE,
            "base": to_decimal(tax.base_minor, company.currency),
            "amount": to_decimal(tax.amount_minor, company.currency),
        }

    def _items(self, company: Company, invoices: Sequence[int]) -> dict[int, list[ItemLine]]:
        names = ["invoice", "account.code", "product.code", "quantity", "unit_price", "amount"]
        items: dict[int, list[ItemLine]] = {}
        for at in range(0, len(invoices), PAGE):
            some = [["invoice", "in", list(invoices[at : at + PAGE])], ["type", "=", "line"]]
            for row in self._books.rows("account.invoice.line", some, names, company):
                item = ItemLine(
                    row["account."]["code"],
                    (row.get("product.") or {}).get("code") or "",
                    "",
                    pieces(row["quantity"]),
                    int(row["unit_price"].scaleb(PRICE_DIGITS)),
                    to_minor(row["amount"], company.currency),
                )
                items.setdefault(row["invoice"], []).append(item)
        return items

    def _taxes(self, company: Company, invoices: Sequence[int]) -> dict[int, list[TaxLine]]:
        names = ["invoice", "account.code", "description", "base", "amount"]
        taxes: dict[int, list[TaxLine]] = {}
        for at in range(0, len(invoices), PAGE):
            some = [["invoice", "in", list(invoices[at : at + PAGE])]]
            for row in self._books.rows("account.invoice.tax", some, names, company):
                code = "" if row["description"] == _NO_CODE else row["description"]
                base, amount = (to_minor(row[name], company.currency) for name in ("base", "amount"))
                taxes.setdefault(row["invoice"], []).append(TaxLine(row["account."]["code"], code, base, amount))
        return taxes
