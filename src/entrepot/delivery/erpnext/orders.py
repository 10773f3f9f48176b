"""Sales Orders of ERPNext: what their calls hold and how they are read.

Nothing keeps an order from being billed once it is submitted. How much of it was is read back: a Sales Invoice made
from it books the sale a second time, and the document then passes for another one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import pieces
from entrepot.delivery.erp import PRICE_DIGITS, Found, ItemLine, SalesOrder, content_of_body
from entrepot.delivery.erpnext.spec import KEY_FIELD
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.delivery.erp import Document

_UNIT = "Nos"
_DRAFT, _SUBMITTED = 0, 1
_TEXT_LENGTH = 140


def order_body(
    document: Document, company: str, currency: str, customer: str, items: Mapping[str, str], places: Mapping[str, str]
) -> dict[str, object]:
    """A Sales Order.

    Args:
        document: What to write.
        company: Its name.
        currency: Of its books; an order in another one takes the site's own rate, since it books nothing.
        customer: Name of the Customer.
        items: By code, names of Items.
        places: By code, the warehouse of those whose line has to have one.
    """
    order, day = document.body, document.posted_on.isoformat()
    assert isinstance(order, SalesOrder), "an order has a party and lines"
    return {
        "company": company,
        "customer": customer,
        "transaction_date": day,
        # ERPNext wants a day; when a parcel has to leave is not in the books.
        "delivery_date": day,
        "currency": document.currency,
        **({"conversion_rate": 1} if document.currency == currency else {}),
        # Prices are ours, to the cent.
        "ignore_pricing_rule": 1,
        "disable_rounded_total": 1,
        "po_no": document.text[:_TEXT_LENGTH],
        KEY_FIELD: document.document_id,
        "items": [
            {
                "item_code": items[each.product],
                "qty": each.quantity,
                "uom": _UNIT,
                "conversion_factor": 1,
                "rate": float(Decimal(each.price_e6).scaleb(-PRICE_DIGITS)),
                "delivery_date": day,
                **({"warehouse": places[each.product]} if each.product in places else {}),
            }
            for each in order.items
        ],
    }


def read_order(row: Mapping[str, Any], customer: str, codes: Mapping[str, str]) -> Found:
    """A Sales Order as it stands. A cancelled one holds nothing any more, and one that was billed is another.

    Args:
        row: The order.
        customer: Code of its Customer.
        codes: By name, codes of Items.
    """
    currency = str(row["currency"])
    items = tuple(
        ItemLine(
            "",
            codes.get(each["item_code"], ""),
            "",
            pieces(each["qty"]),
            int(Decimal(str(each["rate"])).scaleb(PRICE_DIGITS)),
            int(Decimal(str(each["amount"])).scaleb(minor_digits(currency))),
        )
        for each in row["items"]
        if row["docstatus"] in (_DRAFT, _SUBMITTED)
    )
    day, body = date.fromisoformat(row["transaction_date"]), SalesOrder(customer, items)
    content = content_of_body(str(row["company"]), day, currency, body)
    if row["per_billed"]:
        content = replace(content, body=None)
    return Found(str(row["name"]), 1 + int(row["docstatus"] == _SUBMITTED), content)
