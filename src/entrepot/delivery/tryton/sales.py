"""Sales orders of Tryton: sales that are quoted and confirmed, and neither invoice nor ship by themselves.

Both methods of a sale are manual, so that confirming it makes no invoice and no shipment. Whoever makes an invoice from
it all the same books the sale twice, and the document then passes for another one. What a paid order names is on sale:
a product that is not salable yet becomes so, by its own unit.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble, pieces
from entrepot.delivery.erp import ORDER, PRICE_DIGITS, Found, ItemLine, SalesOrder, content_of_body
from entrepot.delivery.tryton.books import KEY_MARK, PAGE, NotThereError, context, key_of, keyed, to_minor
from entrepot.delivery.tryton.spec import SPEC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from entrepot.delivery.erp import Document
    from entrepot.delivery.tryton.books import Books, Company

_STEPS = {"draft": 1, "quotation": 2, "confirmed": 3, "processing": 3, "done": 3}
_METHODS = {"quote": "quote", "confirm": "confirm"}
_BY_HAND = "manual"
_BEYOND = 10 ** (PRICE_DIGITS - SPEC.price_digits)


@dataclass(frozen=True, slots=True)
class _Article:
    """A product as a line of a sale names it."""

    product: int
    template: int
    unit: int
    is_salable: bool


class Sales:
    """Sales.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books
        self._articles: dict[str, _Article] = {}
        self._warehouse = 0

    def prepared(self, document: Document) -> dict[str, Any]:
        """What `create` takes.

        Raises:
            NotThereError: Something that it names is not there.
            Trouble: Tryton gave no answer.
        """
        company, order = self._books.company(document.company), document.body
        assert isinstance(order, SalesOrder), "an order has a party and lines"
        party = self._books.party(order.party)
        if not party["addresses"]:
            raise Trouble("rejected", "address", f"the party {order.party} has no address in Tryton")
        return {
            "company": company.company_id,
            "party": party["id"],
            "invoice_address": party["addresses"][0],
            "shipment_address": party["addresses"][0],
            "warehouse": self._from(),
            "currency": self._books.currency(document.currency),
            "sale_date": document.posted_on,
            "description": f"{KEY_MARK}{document.document_id} {document.text}",
            "reference": document.text,
            "invoice_method": _BY_HAND,
            "shipment_method": _BY_HAND,
            "lines": [["create", [self._line(each) for each in order.items]]],
        }

    def create(self, documents: Sequence[Document], made: Sequence[dict[str, Any]]) -> list[int]:
        """Make drafts; their numbers."""
        company = self._books.company(documents[0].company)
        self._put_on_sale({line["product"] for each in made for line in each["lines"][0][1]})
        return list(self._books.wire.call("model.sale.sale.create", list(made), context(company)))

    def advance(self, step: str, company: str, numbers: list[int]) -> None:
        """Quote, or confirm."""
        self._books.wire.call(f"model.sale.sale.{_METHODS[step]}", numbers, context(self._books.company(company)))

    def found(
        self, kind: str, company_code: str, keys: Sequence[str] | None, span: tuple[date, date] | None = None
    ) -> Mapping[str, tuple[Found, ...]]:
        """Sales of some keys, or of ours in a span."""
        assert kind == ORDER, "a sale is an order"
        company = self._books.company(company_code)
        domain: list[object] = [["company", "=", company.company_id]]
        domain.append(["description", "like", f"{KEY_MARK}%"] if keys is None else keyed(keys))
        if span:
            domain += [["sale_date", ">=", span[0]], ["sale_date", "<=", span[1]]]
        names = ["description", "state", "sale_date", "party.code", "currency.code", "invoice_method", "invoices"]
        heads = list(self._books.rows("sale.sale", domain, names, company))
        items = self._items(company, [head["id"] for head in heads])
        billing = self._billing(company, [number for head in heads for number in head["invoices"]])
        found: dict[str, tuple[Found, ...]] = {}
        for head in heads:
            # A cancelled sale holds nothing any more.
            own = items.get(head["id"], []) if head["state"] in _STEPS else []
            body = SalesOrder(head["party."]["code"], tuple(own))
            content = content_of_body(company_code, head["sale_date"], head["currency."]["code"], body)
            if head["invoice_method"] != _BY_HAND or billing & set(head["invoices"]):
                content = replace(content, body=None)
            key = key_of(head["description"])
            found[key] = (*found.get(key, ()), Found(str(head["id"]), _STEPS.get(head["state"], 1), content))
        return found

    def _from(self) -> int:
        """The number of the first warehouse; a shipment that a person makes may leave from another one.

        Raises:
            NotThereError: There is none.
        """
        if not self._warehouse:
            of_type = [["type", "=", "warehouse"]]
            found = self._books.wire.call("model.stock.location.search", of_type, 0, 1, [["id", "ASC"]], {})
            if not found:
                raise NotThereError("warehouse", "")
            self._warehouse = found[0]
        return self._warehouse

    def _line(self, item: ItemLine) -> dict[str, Any]:
        article = self._article(item.product)
        return {
            "type": "line",
            "product": article.product,
            "unit": article.unit,
            "quantity": float(item.quantity),
            "unit_price": Decimal(item.price_e6 // _BEYOND).scaleb(-SPEC.price_digits),
            "description": item.text,
        }

    def _article(self, code: str) -> _Article:
        if code not in self._articles:
            names = ["template", "default_uom", "salable"]
            found = list(self._books.rows("product.product", [["code", "=", code]], names))
            if not found:
                raise NotThereError("product", code)
            one = found[0]
            self._articles[code] = _Article(one["id"], one["template"], one["default_uom"], bool(one["salable"]))
        return self._articles[code]

    def _put_on_sale(self, products: set[int]) -> None:
        """Make salable what is not; done twice it is the same."""
        by_unit: dict[int, dict[str, _Article]] = defaultdict(dict)
        for code, article in self._articles.items():
            if article.product in products and not article.is_salable:
                by_unit[article.unit][code] = article
        for unit, several in by_unit.items():
            templates = sorted({each.template for each in several.values()})
            values = {"salable": True, "sale_uom": unit}
            self._books.wire.call("model.product.template.write", templates, values, context(None))
            self._articles |= {code: replace(each, is_salable=True) for code, each in several.items()}

    def _items(self, company: Company, sales: Sequence[int]) -> dict[int, list[ItemLine]]:
        names = ["sale", "product.code", "quantity", "unit_price", "amount", "currency.code"]
        items: dict[int, list[ItemLine]] = {}
        for at in range(0, len(sales), PAGE):
            some = [["sale", "in", list(sales[at : at + PAGE])], ["type", "=", "line"]]
            for row in self._books.rows("sale.line", some, names, company):
                item = ItemLine(
                    "",
                    (row.get("product.") or {}).get("code") or "",
                    "",
                    pieces(row["quantity"]),
                    int(row["unit_price"].scaleb(PRICE_DIGITS)),
                    to_minor(row["amount"], row["currency."]["code"]),
                )
                items.setdefault(row["sale"], []).append(item)
        return items

    def _billing(self, company: Company, invoices: Sequence[int]) -> set[int]:
        """Those of some invoices that are not cancelled."""
        if not invoices:
            return set()
        some: list[object] = [["id", "in", sorted(set(invoices))], ["state", "!=", "cancelled"]]
        return {row["id"] for row in self._books.rows("account.invoice", some, ["id"], company)}
