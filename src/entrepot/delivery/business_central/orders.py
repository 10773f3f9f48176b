"""Sales orders of Business Central, made as drafts with their lines in one call; shipping and invoicing are people's.

No field of an order is unique: who is in doubt looks for its external document number, among orders and, since an
order that is invoiced as a whole is deleted, among the posted invoices that took the number over. What was shipped or
invoiced of a line is read back, and the order then passes for another document: our journals and invoices carry the
sale and its cost.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.business_central.books import MARK, TEXT_LENGTH, document_number, key_of, to_minor
from entrepot.delivery.business_central.spec import SPEC
from entrepot.delivery.calls import Trouble, once_made, parsed, pieces
from entrepot.delivery.erp import ORDER, PARTY, PRICE_DIGITS, PRODUCT, Found, ItemLine, SalesOrder, content_of_body
from entrepot.delivery.odata4 import text_literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.delivery.business_central.books import Books, Company
    from entrepot.delivery.erp import Content, Document

_LINES = "salesOrderLines"
_NOTE = "Comment"
_WORKED_ON = ("shippedQuantity", "invoicedQuantity")


class Orders:
    """Sales orders.

    Args:
        books: What they need to know.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def create(self, document: Document) -> str:
        """Make a draft with its lines, and read back what became of it; its id.

        Raises:
            Trouble: Something that it names is not there; or what stands there is not what was sent.
        """
        order, company = document.body, self._books.company(document.company)
        assert isinstance(order, SalesOrder), "an order has a party and lines"
        if order.party != order.party.lower():
            # Numbers come back in capitals: what they were before could not be told.
            raise Trouble("rejected", "code", f"the party {order.party} is not in small letters")
        body = {
            "externalDocumentNumber": document_number(document.document_id),
            "orderDate": document.posted_on.isoformat(),
            "customerNumber": self._books.master(company, PARTY, order.party),
            "currencyCode": document.currency,
            _LINES: [
                # The only place of an order that people see and the API takes a text for.
                {"lineType": _NOTE, "description": document.text[:TEXT_LENGTH]},
                *(self._line(company, each) for each in order.items),
            ],
        }
        path = f"{company.path}/salesOrders"
        number = str(parsed(self._books.api.call("POST", path, body))["id"])
        made = once_made(lambda: parsed(self._books.api.call("GET", f"{path}({number})", asked={"$expand": _LINES})))
        if made["externalDocumentNumber"] != body["externalDocumentNumber"]:
            # Looked for by its number it is not there, and would pass for refused.
            words = f"Business Central made it under another number: {number}"
            raise Trouble("rejected", "differs", words, ref=number)
        if _content(company, made) != document.content:
            raise Trouble("rejected", "differs", f"Business Central made something else of it than was sent: {number}")
        return number

    def post(self, document: Document, ref: str) -> str:
        """There is no second step."""
        raise AssertionError(f"{document.kind} {ref} has one step")

    def found(self, company: Company, kind: str, keys: Sequence[str]) -> Iterator[tuple[str, Found]]:
        """Those of some keys."""
        assert kind == ORDER, "orders are no invoices"
        numbers = " or ".join(f"externalDocumentNumber eq {text_literal(document_number(key))}" for key in keys)
        yield from self._read(company, numbers, numbers)

    def held(self, company: Company, kind: str, first: date, last: date) -> Iterator[tuple[str, Found]]:
        """Those of ours in a span; one that is an invoice by now may have become it on any later day."""
        assert kind == ORDER, "orders are no invoices"
        ours = f"startswith(externalDocumentNumber,{text_literal(MARK)})"
        waiting = f"{ours} and orderDate ge {first.isoformat()} and orderDate le {last.isoformat()}"
        yield from self._read(company, waiting, f"{ours} and postingDate ge {first.isoformat()}")

    def _read(self, company: Company, waiting: str, invoiced: str) -> Iterator[tuple[str, Found]]:
        steps, there = len(SPEC.steps[ORDER]), set()
        for row in self._books.api.rows(f"{company.path}/salesOrders", filter=waiting, orderby="id", expand=_LINES):
            there.add(row["externalDocumentNumber"])
            yield key_of(row["externalDocumentNumber"]), Found(str(row["id"]), steps, _content(company, row))
        for row in self._books.api.rows(f"{company.path}/salesInvoices", filter=invoiced, orderby="id"):
            number = row["externalDocumentNumber"]
            # An invoice of ours has its account beside the key.
            if " " not in number and number not in there:
                # What was invoiced in parts is one order all the same.
                there.add(number)
                body = SalesOrder(row["customerNumber"].lower(), ())
                day = date.fromisoformat(row["postingDate"])
                content = content_of_body(company.code, day, company.currency, body)
                yield key_of(number), Found(str(row["id"]), steps, replace(content, body=None))

    def _line(self, company: Company, item: ItemLine) -> dict[str, object]:
        return {
            "lineType": "Item",
            "lineObjectNumber": self._books.master(company, PRODUCT, item.product),
            # Numbers come back in capitals: what the SKU was before stands here.
            "description": item.product,
            "quantity": item.quantity,
            "unitPrice": float(Decimal(item.price_e6).scaleb(-PRICE_DIGITS)),
            # Else the discounts of customer and item would be taken off.
            "discountPercent": 0,
        }


def _content(company: Company, row: Mapping[str, Any]) -> Content:
    """What an order holds as it stands."""
    lines = [line for line in row[_LINES] if line["lineType"] != _NOTE]
    items = tuple(_item_line(line, row["currencyCode"]) for line in lines)
    body = SalesOrder(row["customerNumber"].lower(), items)
    content = content_of_body(company.code, date.fromisoformat(row["orderDate"]), row["currencyCode"], body)
    if any(Decimal(str(line[name])) for line in lines for name in _WORKED_ON):
        return replace(content, body=None)
    return content


def _item_line(line: Mapping[str, Any], currency: str) -> ItemLine:
    number, text = line["lineObjectNumber"], line["description"]
    price = int(Decimal(str(line["unitPrice"])).scaleb(PRICE_DIGITS))
    amount = to_minor(line["netAmount"], currency)
    quantity = pieces(line["quantity"])
    return ItemLine("", text if text.upper() == number else number, "", quantity, price, amount)
