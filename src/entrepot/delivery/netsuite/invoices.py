"""Invoices and credit memos of NetSuite, which posts them as they are written.

A line goes to the income account of its item, so there is one item of ours for each account; what was sold stands in
the line's description. Tax is a line on its account. What NetSuite made of it is read back at once: where it added tax
of its own, a person is told before the next document.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble, once_made, pieces
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    PRICE_DIGITS,
    Found,
    Invoice,
    ItemLine,
    JournalLine,
    TaxLine,
    content_of_body,
)
from entrepot.delivery.netsuite.customers import code_of
from entrepot.delivery.netsuite.door import MARK, external_of, key_of, keyed, net_of, span, text_literal, to_number
from entrepot.delivery.netsuite.spec import SPEC
from entrepot.delivery.worded import SKU, TAX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.delivery.erp import Document
    from entrepot.delivery.netsuite.customers import Customers
    from entrepot.delivery.netsuite.door import Company, Door

_RECORDS: Mapping[str, tuple[str, str]] = {INVOICE: ("invoice", "CustInvc"), CREDIT_NOTE: ("creditMemo", "CustCred")}
"""By kind, the record and what SuiteQL calls its type."""
_TEXT_LENGTH = 4_000
_LINES = """
select t.id as id, t.externalid as externalid, to_char(t.trandate, 'YYYY-MM-DD') as day, c.externalid as customer,
    tl.mainline as mainline, tl.quantity as quantity, tl.rate as rate, tl.memo as memo,
    a.acctnumber as account, tal.debit as debit, tal.credit as credit
from transaction t
join transactionline tl on tl.transaction = t.id
join transactionaccountingline tal on tal.transaction = tl.transaction and tal.transactionline = tl.id
join account a on a.id = tal.account
join customer c on c.id = t.entity
where t.type = '{type}' and tal.accountingbook = 1 and tl.subsidiary = {subsidiary} and {condition}
order by t.id, tl.id
"""


class Invoices:
    """Invoices and credit memos.

    Args:
        door: Of the account.
        customers: Whom they are for.
    """

    def __init__(self, door: Door, customers: Customers) -> None:
        self._door, self._customers = door, customers
        self._items: dict[tuple[str, str], str] = {}

    def write(self, document: Document) -> str:
        """Write one, and read back what became of it.

        Raises:
            Trouble: Something that it names is not there; or what stands there is not what was sent.
        """
        invoice, company = document.body, self._door.company(document.company)
        assert isinstance(invoice, Invoice), "an invoice has a party and lines"
        sign = -1 if document.kind == CREDIT_NOTE else 1
        receivable, customer = company.account(invoice.receivable), self._customers.number(company, invoice.party)
        for account in (*(each.account for each in invoice.items), *(each.account for each in invoice.taxes)):
            # Before an item is made for any of them.
            company.account(account)
        lines = []
        for item in invoice.items:
            text = SKU + item.product if item.product else item.text or "-"
            price = float(Decimal(item.price_e6).scaleb(-PRICE_DIGITS))
            amount = to_number(sign * item.amount_minor, document.currency)
            lines.append(self._line(company, item.account, text, sign * item.quantity, price, amount))
        for tax in invoice.taxes:
            amount = to_number(sign * tax.amount_minor, document.currency)
            lines.append(self._line(company, tax.account, f"{TAX} {tax.code}".strip(), 1, amount, amount))
        body = {
            "tranDate": document.posted_on.isoformat(),
            "memo": document.text,
            "entity": {"id": customer},
            "subsidiary": {"id": company.number},
            "currency": {"id": company.currency_id},
            "account": {"id": receivable},
            "item": {"items": lines},
        }
        key = document.document_id
        number = self._door.put(_RECORDS[document.kind][0], external_of(key), body, "item")
        made = once_made(lambda: [one.content for _, one in self.found(company, document.kind, [key])])
        if made != [document.content]:
            raise Trouble("rejected", "differs", f"NetSuite made something else of it than was sent: {number}")
        return number

    def found(self, company: Company, kind: str, keys: Sequence[str]) -> Iterator[tuple[str, Found]]:
        """Those under the keys' external ids."""
        yield from self._read(company, kind, keyed(keys))

    def held(self, company: Company, kind: str, first: date, last: date) -> Iterator[tuple[str, Found]]:
        """Those of ours in a span."""
        yield from self._read(company, kind, span(first, last))

    def _read(self, company: Company, kind: str, condition: str) -> Iterator[tuple[str, Found]]:
        documents: dict[str, list[dict[str, Any]]] = {}
        query = _LINES.format(type=_RECORDS[kind][1], subsidiary=company.number, condition=condition)
        for row in self._door.rows(query):
            documents.setdefault(row["id"], []).append(row)
        for rows in documents.values():
            first = rows[0]
            body = _body(company, rows, -1 if kind == CREDIT_NOTE else 1)
            content = content_of_body(company.code, date.fromisoformat(first["day"]), company.currency, body)
            amounts = [(row["account"], net_of(row, company.currency)) for row in rows]
            booked = tuple(JournalLine(account, amount, amount) for account, amount in amounts)
            found = Found(str(first["id"]), len(SPEC.steps[kind]), content, booked)
            yield key_of(first["externalid"]), found

    def _line(
        self, company: Company, account: str, text: str, quantity: int, price: float, amount: float
    ) -> dict[str, object]:
        item = {"id": self._item(company, account)}
        text = text[:_TEXT_LENGTH]
        return {"item": item, "description": text, "quantity": quantity, "rate": price, "amount": amount}

    def _item(self, company: Company, account: str) -> str:
        """The item whose income goes to an account; made where there is none, under an external id, so only once."""
        external = f"{MARK}ACC-{company.account(account)}-{company.number}"
        if (company.code, account) not in self._items:
            query = f"select id from item where externalid = {text_literal(external)} order by id"
            rows = list(self._door.rows(query))
            body = {
                "itemId": f"Entrepot {account} {company.number}",
                "incomeAccount": {"id": company.account(account)},
                "subsidiary": {"items": [{"id": company.number}]},
            }
            number = rows[0]["id"] if rows else self._door.put("otherChargeSaleItem", external, body)
            self._items[company.code, account] = str(number)
        return self._items[company.code, account]


def _body(company: Company, rows: Sequence[Mapping[str, Any]], sign: int) -> Invoice:
    """What an invoice holds as it stands."""
    receivable, items, taxes = "", [], []
    for row in rows:
        account, amount, text = row["account"], -net_of(row, company.currency), row.get("memo", "")
        if row["mainline"] == "T":
            receivable = account
        elif text.startswith(TAX) or "quantity" not in row:
            # Tax that NetSuite added has no quantity, and no code of ours.
            taxes.append(TaxLine(account, text.removeprefix(TAX).strip(), 0, amount))
        else:
            product = text.removeprefix(SKU) if text.startswith(SKU) else ""
            # NetSuite writes what leaves the store below zero: the sign follows from the kind.
            quantity, price = sign * abs(pieces(row["quantity"])), Decimal(row["rate"]).scaleb(PRICE_DIGITS)
            items.append(ItemLine(account, product, "", quantity, int(price), amount))
    return Invoice(code_of(company, rows[0]["customer"]), receivable, tuple(items), tuple(taxes))
