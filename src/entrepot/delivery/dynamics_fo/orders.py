"""Sales orders of Finance and Operations, made with *Do not process* set: they wait until a person takes them further.

An order's number comes from a sequence and no field of it is unique, so one is found by its customer reference, which
is the key. The header is made first and stands for nothing while it has no lines, which come in one change set. What
was delivered, invoiced or cancelled, in whole or by line, makes it another document: our journals and invoices carry
the sale and its cost.

Source: Microsoft Learn, "Sales order headers V2" and "Sales order lines V2", and the entities' properties as an SDK
generated from the service's metadata has them, read 2026-11. That the requested shipping date takes a day of the past
is an assumption, and so are discounts of nothing, which keep agreements of trade out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.batches import change_set, parts_of
from entrepot.delivery.calls import Trouble, once_made, parsed, pieces, refusal
from entrepot.delivery.dynamics_fo.spec import SPEC
from entrepot.delivery.erp import ORDER, PRICE_DIGITS, Found, ItemLine, SalesOrder, content_of_body
from entrepot.delivery.keys import document_id_of, keys_written, short_key
from entrepot.delivery.odata4 import OData4, said, text_literal
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from entrepot.delivery.erp import Content, Document

__all__ = ["Orders"]

_HEADERS, _LINES, _ITEMS = "data/SalesOrderHeadersV2", "data/SalesOrderLines", "data/ReleasedProductsV2"
_MARK = "EP-"
_OPEN = "Backorder"
_NAME_LENGTH = 60
_NUMBERS_AT_ONCE = 20
"""Orders whose lines are asked for in one question: an address has an end."""


class Orders:
    """Sales orders.

    Args:
        api: Of the environment.
        check_company: Holds that there is a company.
        check_customer: Holds that it has a customer.
    """

    def __init__(
        self, api: OData4, check_company: Callable[[str], object], check_customer: Callable[[str, str], None]
    ) -> None:
        self._api, self._check_company, self._check_customer = api, check_company, check_customer
        self._items: set[tuple[str, str]] = set()

    def create(self, document: Document) -> str:
        """Make an order, and read back what became of it; its number.

        Raises:
            Trouble: Something that it names is not there; or what stands there is not what was sent.
        """
        order = document.body
        assert isinstance(order, SalesOrder), "an order has a party and lines"
        self._check_company(document.company)
        self._check_customer(document.company, order.party)
        for product in sorted({each.product for each in order.items}):
            self._check_item(document.company, product)
        number = self._header(document, order)
        lines = [_line(document, number, at, each) for at, each in enumerate(order.items, start=1)]
        made = change_set("POST", "SalesOrderLines?cross-company=true", lines)
        headers = {"Content-Type": made.content_type, "Accept": "multipart/mixed"}
        for part in parts_of(self._api.call("POST", "data/$batch", headers=headers, content=made.content)):
            if not part.is_success:
                raise refusal(part, said(part)[1])
        found = once_made(lambda: self.find(document.company, [document.document_id]))
        if [one.content for one in found.get(document.document_id, ())] != [document.content]:
            words = f"Finance and Operations made something else of it than was sent: {number}"
            raise Trouble("rejected", "differs", words, ref=number)
        return number

    def held(self, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Those of ours in a span.

        Raises:
            Trouble: There was no answer.
        """
        span = f"RequestedShippingDate ge {_moment(first)} and RequestedShippingDate le {_moment(last)}"
        return self._read(company, f"startswith(CustomersOrderReference,{text_literal(_MARK)}) and {span}")

    def find(self, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """Those of some keys.

        Raises:
            Trouble: There was no answer.
        """
        found: dict[str, tuple[Found, ...]] = {}
        for first in range(0, len(keys), _NUMBERS_AT_ONCE):
            asked = [each for key in keys[first : first + _NUMBERS_AT_ONCE] for each in keys_written(key)]
            found |= self._read(company, f"({_any('CustomersOrderReference', (_MARK + each for each in asked))})")
        return found

    def _read(self, company: str, condition: str) -> Mapping[str, tuple[Found, ...]]:
        self._check_company(company)
        mine = f"{condition} and dataAreaId eq {text_literal(company)}"
        headers = list(self._api.rows(_HEADERS, filter=mine, orderby="SalesOrderNumber", cross="true"))
        lines: dict[str, list[dict[str, Any]]] = {}
        for first in range(0, len(headers), _NUMBERS_AT_ONCE):
            numbers = _any("SalesOrderNumber", (row["SalesOrderNumber"] for row in headers[first:][:_NUMBERS_AT_ONCE]))
            asked = f"({numbers}) and dataAreaId eq {text_literal(company)}"
            for line in self._api.rows(_LINES, filter=asked, orderby="SalesOrderNumber,LineNumber", cross="true"):
                lines.setdefault(line["SalesOrderNumber"], []).append(line)
        found: dict[str, tuple[Found, ...]] = {}
        for row in headers:
            number = row["SalesOrderNumber"]
            if number in lines:
                key = document_id_of(row["CustomersOrderReference"].removeprefix(_MARK))
                one = Found(number, len(SPEC.steps[ORDER]), _content(company, row, lines[number]))
                found[key] = (*found.get(key, ()), one)
        return found

    def _header(self, document: Document, order: SalesOrder) -> str:
        """The order to put lines into: a new one, or one that an earlier try has left empty."""
        reference = _MARK + short_key(document.document_id)
        mine = f"dataAreaId eq {text_literal(document.company)}"
        asked = f"{mine} and CustomersOrderReference eq {text_literal(reference)}"
        for row in self._api.rows(_HEADERS, filter=asked, orderby="SalesOrderNumber", cross="true"):
            number = str(row["SalesOrderNumber"])
            inside = f"{mine} and SalesOrderNumber eq {text_literal(number)}"
            if not list(self._api.rows(_LINES, filter=inside, orderby="LineNumber", cross="true")):
                return number
        body = {
            "dataAreaId": document.company,
            "OrderingCustomerAccountNumber": order.party,
            "InvoiceCustomerAccountNumber": order.party,
            "CurrencyCode": document.currency,
            "CustomersOrderReference": reference,
            # The only text of an order that lists show.
            "SalesOrderName": document.text[:_NAME_LENGTH],
            "RequestedShippingDate": _moment(document.posted_on),
            "RequestedReceiptDate": _moment(document.posted_on),
            "ArePricesIncludingSalesTax": "No",
            "IsSalesProcessingStopped": "Yes",
        }
        try:
            made = self._api.call("POST", _HEADERS, body, asked={"cross-company": "true"})
            return str(parsed(made)["SalesOrderNumber"])
        except Trouble as trouble:
            if trouble.word != "unknown":
                raise
            # A header alone is nothing to deliver, so its loss leaves no doubt; the next try finds it if it is there.
            raise Trouble("retry_after", trouble.code, trouble.text, trouble.after_s) from trouble

    def _check_item(self, company: str, product: str) -> None:
        """Hold that a product is released to a company.

        Raises:
            Trouble: It is not.
        """
        if (company, product) not in self._items:
            mine = f"dataAreaId eq {text_literal(company)} and ItemNumber eq {text_literal(product)}"
            if not list(self._api.rows(_ITEMS, filter=mine, orderby="ItemNumber", cross="true")):
                raise Trouble("rejected", "product", f"{company} has no released product {product}")
            self._items.add((company, product))


def _any(name: str, values: Iterable[str]) -> str:
    return " or ".join(f"{name} eq {text_literal(value)}" for value in values)


def _line(document: Document, number: str, at: int, item: ItemLine) -> dict[str, object]:
    return {
        "dataAreaId": document.company,
        "SalesOrderNumber": number,
        "LineNumber": at,
        "ItemNumber": item.product,
        "OrderedSalesQuantity": item.quantity,
        "SalesPrice": float(Decimal(item.price_e6).scaleb(-PRICE_DIGITS)),
        "SalesPriceQuantity": 1,
        # Else what was agreed with the customer or for the item would be taken off.
        "LineDiscountPercentage": 0,
        "LineDiscountAmount": 0,
    }


def _content(company: str, row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Content:
    """What an order holds as it stands."""
    currency = row["CurrencyCode"]
    items = tuple(_item_line(line, currency) for line in lines)
    body = SalesOrder(row["OrderingCustomerAccountNumber"], items)
    day = date.fromisoformat(row["RequestedShippingDate"][:10])
    content = content_of_body(company, day, currency, body)
    states = [row["SalesOrderStatus"], *(line["SalesOrderLineStatus"] for line in lines)]
    return content if set(states) == {_OPEN} else replace(content, body=None)


def _item_line(line: Mapping[str, Any], currency: str) -> ItemLine:
    price = int(Decimal(str(line["SalesPrice"])).scaleb(PRICE_DIGITS))
    amount = int(Decimal(str(line["LineAmount"])).scaleb(minor_digits(currency)))
    return ItemLine("", line["ItemNumber"], "", pieces(line["OrderedSalesQuantity"]), price, amount)


def _moment(day: date) -> str:
    """Noon, so that no time zone moves the day."""
    return f"{day.isoformat()}T12:00:00Z"
