"""Sales orders of NetSuite: written under an external id, waiting for approval, so nothing fulfils or bills them.

They name items that people keep in NetSuite under the SKU; none is made here. Whoever approves an order lets it be
picked. A bill made from it books the sale a second time, and a fulfilment the cost of goods: how much of either stands
against a line is read back, and the order then passes for another one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble, once_made, pieces
from entrepot.delivery.erp import ORDER, PRICE_DIGITS, Found, ItemLine, SalesOrder, content_of_body
from entrepot.delivery.netsuite.customers import code_of
from entrepot.delivery.netsuite.door import external_of, key_of, keyed, span, text_literal, to_minor, to_number
from entrepot.delivery.netsuite.spec import SPEC

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.delivery.erp import Content, Document
    from entrepot.delivery.netsuite.customers import Customers
    from entrepot.delivery.netsuite.door import Company, Door

_PENDING_APPROVAL, _CANCELLED = "A", "C"
_OWN_PRICE = "-1"
"""The price level of a price that is typed in."""
_REFERENCE_LENGTH, _TEXT_LENGTH = 45, 4_000
_LINES = """
select t.id as id, t.externalid as externalid, to_char(t.trandate, 'YYYY-MM-DD') as day, t.status as status,
    cu.symbol as currency, c.externalid as customer, tl.mainline as mainline, i.itemid as item,
    tl.quantity as quantity, tl.rate as rate, tl.foreignamount as amount,
    tl.quantitybilled as billed, tl.quantityshiprecv as fulfilled
from transaction t
join transactionline tl on tl.transaction = t.id
join currency cu on cu.id = t.currency
left join customer c on c.id = t.entity
left join item i on i.id = tl.item
where t.type = 'SalesOrd' and tl.taxline = 'F' and tl.subsidiary = {subsidiary} and {condition}
order by t.id, tl.id
"""


class Orders:
    """Sales orders.

    Args:
        door: Of the account.
        customers: Who orders.
    """

    def __init__(self, door: Door, customers: Customers) -> None:
        self._door, self._customers = door, customers
        self._items: dict[str, str] = {}
        self._currencies: dict[str, str] = {}

    def write(self, document: Document) -> str:
        """Write one, and read back what became of it.

        Raises:
            Trouble: Something that it names is not there; or what stands there is not what was sent.
        """
        order, company = document.body, self._door.company(document.company)
        assert isinstance(order, SalesOrder), "an order has a party and lines"
        body = {
            "tranDate": document.posted_on.isoformat(),
            "memo": document.text,
            "otherRefNum": document.text[:_REFERENCE_LENGTH],
            "entity": {"id": self._customers.number(company, order.party)},
            "subsidiary": {"id": company.number},
            "currency": {"id": self._currency(document.currency)},
            "orderStatus": {"id": _PENDING_APPROVAL},
            "item": {"items": [self._line(document.currency, item) for item in order.items]},
        }
        key = document.document_id
        number = self._door.put("salesOrder", external_of(key), body, "item")
        made = once_made(lambda: [one.content for _, one in self.found(company, document.kind, [key])])
        if made != [document.content]:
            raise Trouble("rejected", "differs", f"NetSuite made something else of it than was sent: {number}")
        return number

    def found(self, company: Company, kind: str, keys: Sequence[str]) -> Iterator[tuple[str, Found]]:
        """Those under the keys' external ids."""
        assert kind == ORDER, "orders are no entries"
        yield from self._read(company, keyed(keys))

    def held(self, company: Company, kind: str, first: date, last: date) -> Iterator[tuple[str, Found]]:
        """Those of ours in a span."""
        assert kind == ORDER, "orders are no entries"
        yield from self._read(company, span(first, last))

    def _read(self, company: Company, condition: str) -> Iterator[tuple[str, Found]]:
        orders: dict[str, list[dict[str, Any]]] = {}
        for row in self._door.rows(_LINES.format(subsidiary=company.number, condition=condition)):
            orders.setdefault(row["id"], []).append(row)
        for rows in orders.values():
            first = rows[0]
            yield key_of(first["externalid"]), Found(str(first["id"]), len(SPEC.steps[ORDER]), _content(company, rows))

    def _line(self, currency: str, item: ItemLine) -> dict[str, object]:
        return {
            "item": {"id": self._item(item.product)},
            "description": (item.text or item.product)[:_TEXT_LENGTH],
            "quantity": item.quantity,
            # Else the price list of the item or the customer would say what it costs.
            "price": {"id": _OWN_PRICE},
            "rate": float(Decimal(item.price_e6).scaleb(-PRICE_DIGITS)),
            "amount": to_number(item.amount_minor, currency),
        }

    def _item(self, code: str) -> str:
        """The number of the item of a SKU.

        Raises:
            Trouble: There is none, or more than one.
        """
        if code not in self._items:
            named = f"itemid = {text_literal(code)} and isinactive = 'F'"
            rows = list(self._door.rows(f"select id from item where {named} order by id"))
            if len(rows) != 1:
                raise Trouble("rejected", "product", f"NetSuite has no single active item with the name {code}")
            self._items[code] = str(rows[0]["id"])
        return self._items[code]

    def _currency(self, code: str) -> str:
        """The number of a currency.

        Raises:
            Trouble: There is none.
        """
        if not self._currencies:
            rows = self._door.rows("select id, symbol from currency order by id")
            self._currencies = {row["symbol"]: str(row["id"]) for row in rows}
        if code not in self._currencies:
            raise Trouble("rejected", "refused", f"NetSuite has no currency {code}")
        return self._currencies[code]


def _content(company: Company, rows: Sequence[Mapping[str, Any]]) -> Content:
    """What an order holds as it stands; a cancelled one holds nothing any more."""
    head = rows[0]
    # Some accounts give the letter alone, others with the type before it.
    is_cancelled = head["status"].rpartition(":")[2] == _CANCELLED
    lines = [] if is_cancelled else [row for row in rows if row["mainline"] == "F"]
    items = tuple(_item_line(row, head["currency"]) for row in lines)
    party = code_of(company, head["customer"]) if "customer" in head else ""
    content = content_of_body(company.code, date.fromisoformat(head["day"]), head["currency"], SalesOrder(party, items))
    if any(Decimal(row.get(name, 0)) for row in lines for name in ("billed", "fulfilled")):
        return replace(content, body=None)
    return content


def _item_line(row: Mapping[str, Any], currency: str) -> ItemLine:
    # NetSuite writes what leaves the store below zero. A line that a person added, such as a discount in per cent, is
    # read as far as it goes: it differs in any case.
    quantity = abs(pieces(row.get("quantity", 0)))
    price = int(Decimal(str(row.get("rate", 0)).removesuffix("%")).scaleb(PRICE_DIGITS))
    return ItemLine("", row.get("item", ""), "", quantity, price, -to_minor(Decimal(row.get("amount", 0)), currency))
