"""Sales orders of Odoo: loaded under external ids, confirmed, and given their date back.

Confirming puts the moment of it into the order's date, so a last step writes the day of the order there. Until it has
done so the source document says which day that is, and that it is still to come.

Nothing in Odoo keeps an order from being invoiced. Whoever does so books the sale twice, and the document then passes
for another one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble, pieces
from entrepot.delivery.erp import ORDER, PARTY, PRICE_DIGITS, PRODUCT, Found, ItemLine, SalesOrder, content_of_body
from entrepot.delivery.odoo.books import CANCELLED, MARK, PAGE, context, key_of, keyed, noon, to_minor
from entrepot.delivery.odoo.spec import MODULE, SPEC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.delivery.erp import Document
    from entrepot.delivery.odoo.books import Books, Company

_MODEL, _LINE = "sale.order", "sale.order.line"
_COLUMNS = (
    "id",
    "partner_id/.id",
    "pricelist_id/.id",
    "date_order",
    "client_order_ref",
    "origin",
    "order_line/id",
    "order_line/product_id/.id",
    "order_line/name",
    "order_line/product_uom_qty",
    "order_line/price_unit",
    "order_line/discount",
)
_HEAD = 6
_NO_DISCOUNT, _NO_TAX = "0", ""
_REFERENCE, _DAY = "client_order_ref", "date_order"
_TAXES = ("tax_ids", "tax_id")
"""The field of a line's taxes: from 18.1 on, and before (odoo's own migration of the module sale, read 2026-11)."""
_CONFIRMED = ("sale", "done")
_PROMISED = re.compile(rf"{MARK}(\d{{4}}-\d\d-\d\d)")


class Sales:
    """Sales orders.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books
        self._pricelists: dict[tuple[int, str], str] = {}
        self._taxes = ""

    def wanted(self, kind: str, keys: Sequence[str]) -> list[object]:
        """The condition of some keys."""
        assert kind == ORDER, "orders are no entries"
        return keyed(keys, _REFERENCE)

    def within(self, first: str, last: str) -> list[object]:
        """A condition: ours, with an order's date in a span of days."""
        return [
            [_REFERENCE, "=like", f"{MARK}%"],
            [_DAY, ">=", f"{first} 00:00:00"],
            [_DAY, "<=", f"{last} 23:59:59"],
        ]

    def prepared(self, document: Document) -> list[list[str]]:
        """Each line under an id of its own, so that a repeat changes nothing.

        Raises:
            Trouble: Something that it names is not there, or Odoo gave no answer.
        """
        order, key, company = document.body, document.document_id, self._books.company(document.company)
        assert isinstance(order, SalesOrder), "an order has a party and lines"
        head = [
            f"{MODULE}.{key}",
            str(self._books.master(PARTY, order.party)),
            self._pricelist(company, document.currency),
            noon(document.posted_on),
            f"{MARK}{key} {document.text}".strip(),
            f"{MARK}{document.posted_on.isoformat()}",
        ]
        rows = []
        for at, item in enumerate(order.items):
            product = str(self._books.master(PRODUCT, item.product))
            price = str(Decimal(item.price_e6).scaleb(-PRICE_DIGITS))
            line = [f"{MODULE}.{key}_{at}", product, item.text, str(item.quantity), price, _NO_DISCOUNT, _NO_TAX]
            rows.append([*(head if at == 0 else [""] * _HEAD), *line])
        return rows

    def create(self, documents: Sequence[Document], rows: Sequence[list[list[str]]]) -> list[int]:
        """Make drafts; their numbers."""
        company = self._books.company(documents[0].company)
        columns = (*_COLUMNS, f"order_line/{self._tax_field(company)}/.id")
        return list(self._books.load(company, _MODEL, columns, [row for each in rows for row in each]))

    def confirm(self, company: Company, ids: Sequence[int]) -> None:
        """Let people work on orders."""
        self._books.wire.call(_MODEL, "action_confirm", ids, context=context(company))

    def give_date(self, company: Company, documents: Sequence[Document], ids: Sequence[int]) -> None:
        """Write the day of each order; done twice it is the same."""
        by_day: dict[date, list[int]] = {}
        for document, number in zip(documents, ids, strict=True):
            by_day.setdefault(document.posted_on, []).append(number)
        for day, numbers in sorted(by_day.items()):
            values = {_DAY: noon(day), "origin": False}
            self._books.wire.call(_MODEL, "write", numbers, vals=values, context=context(company))

    def found(self, kind: str, company_code: str, domain: Sequence[object]) -> Mapping[str, tuple[Found, ...]]:
        """Those that meet a condition."""
        assert kind == ORDER, "orders are no entries"
        company = self._books.company(company_code)
        mine = [["company_id", "=", company.company_id], *domain]
        names = [_REFERENCE, "state", _DAY, "origin", "partner_id", "currency_id", "invoice_ids"]
        heads = list(self._books.rows(company, _MODEL, mine, names))
        items = self._items(company, [each["id"] for each in heads if each["state"] != CANCELLED])
        billing = self._billing(company, [number for each in heads for number in each["invoice_ids"]])
        parties = self._books.codes(PARTY, [each["partner_id"][0] for each in heads])
        found: dict[str, tuple[Found, ...]] = {}
        for head in heads:
            body = SalesOrder(parties.get(head["partner_id"][0], ""), tuple(items.get(head["id"], ())))
            promised = _promised(head)
            day = date.fromisoformat(promised or str(head[_DAY])[:10])
            content = content_of_body(company_code, day, head["currency_id"][1], body)
            if billing & set(head["invoice_ids"]):
                content = replace(content, body=None)
            steps = 1 if head["state"] not in _CONFIRMED else len(SPEC.steps[ORDER]) - bool(promised)
            key = key_of(head[_REFERENCE])
            found[key] = (*found.get(key, ()), Found(str(head["id"]), steps, content))
        return found

    def _items(self, company: Company, orders: Sequence[int]) -> dict[int, list[ItemLine]]:
        """By order, its lines."""
        names = ["order_id", "product_id", "product_uom_qty", "price_unit", "price_subtotal", "currency_id"]
        rows: list[dict[str, Any]] = []
        for at in range(0, len(orders), PAGE):
            own = [["order_id", "in", list(orders[at : at + PAGE])], ["display_type", "=", False]]
            rows += self._books.rows(company, _LINE, own, names)
        products = self._books.codes(PRODUCT, [row["product_id"][0] for row in rows if row["product_id"]])
        items: dict[int, list[ItemLine]] = {}
        for row in rows:
            product = products.get(row["product_id"][0], "") if row["product_id"] else ""
            price = int(Decimal(row["price_unit"]).scaleb(PRICE_DIGITS))
            amount = to_minor(Decimal(row["price_subtotal"]), row["currency_id"][1])
            item = ItemLine("", product, "", pieces(row["product_uom_qty"]), price, amount)
            items.setdefault(row["order_id"][0], []).append(item)
        return items

    def _billing(self, company: Company, invoices: Sequence[int]) -> set[int]:
        """Those of some invoices that are not cancelled."""
        if not invoices:
            return set()
        some = [["id", "in", sorted(set(invoices))], ["state", "!=", CANCELLED]]
        return {row["id"] for row in self._books.rows(company, "account.move", some, [])}

    def _pricelist(self, company: Company, currency: str) -> str:
        """The number of a price list, which is what gives an order its currency; the prices in it are not used.

        Raises:
            Trouble: There is none of a currency that is not the company's.
        """
        at = (company.company_id, currency)
        if at not in self._pricelists:
            number = self._books.currency(currency)
            usable = [["currency_id", "=", number], ["company_id", "in", [False, company.company_id]]]
            found = list(self._books.rows(company, "product.pricelist", usable, []))
            if not found and currency != company.currency:
                raise Trouble("rejected", "pricelist", f"Odoo has no price list in {currency}")
            self._pricelists[at] = str(found[0]["id"]) if found else ""
        return self._pricelists[at]

    def _tax_field(self, company: Company) -> str:
        """What this version calls the field of a line's taxes."""
        if not self._taxes:
            there = self._books.wire.call(
                _LINE, "fields_get", allfields=list(_TAXES), attributes=["type"], context=context(company)
            )
            self._taxes = next(name for name in _TAXES if name in there)
        return self._taxes


def _promised(head: Mapping[str, Any]) -> str:
    """The day that is still to be written into an order; '' where it was, or a person has another source document."""
    found = _PROMISED.fullmatch(str(head["origin"] or ""))
    return found[1] if found else ""
