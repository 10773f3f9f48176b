"""Sales orders of the simulated Business Central: what a draft holds, and what is left when it was invoiced.

Written from the published documentation, not from a running one. That an order takes the customer's discount unless
the line says its own is an assumption made to be strict. What it does not prove: locations and variants that an item
may ask for, approvals, exchange rates, and that an order with a line of text alone can be shipped as before.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.erps.odata4 import RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["LINES", "invoice_of", "order_of"]

LINES = "salesOrderLines"
_HEAD = frozenset({"externalDocumentNumber", "orderDate", "customerNumber", "currencyCode", LINES})
_NOTE = frozenset({"lineType", "description"})
_LINE = frozenset({"lineType", "lineObjectNumber", "description", "quantity", "unitPrice", "discountPercent"})
_CENT = Decimal("0.01")


def order_of(
    body: Mapping[str, Any], customers: Collection[str], items: Collection[str], currencies: Collection[str], less: int
) -> dict[str, Any]:
    """A draft.

    Args:
        body: As sent.
        customers: Numbers of customers.
        items: Numbers of items.
        currencies: Those that there are.
        less: Percent that a customer has off what a line says no discount for.
    """
    if unknown := set(body) - _HEAD:
        raise RefusedError(400, "BadRequest", f"The property '{min(unknown)}' does not exist")
    if body["customerNumber"] not in customers:
        raise RefusedError(400, "Internal_RecordNotFound", "The sell-to customer cannot be found.")
    if body["currencyCode"] not in currencies:
        raise RefusedError(400, "BadRequest", 'The "currencyCode" does not match to a Currency.')
    return {**body, LINES: [_line(line, items, less) for line in body[LINES]], "status": "Draft"}


def invoice_of(order: Mapping[str, Any], posted_on: str) -> dict[str, Any]:
    """What is left of an order that was shipped and invoiced as a whole: the posted invoice has its number."""
    return {
        "externalDocumentNumber": order["externalDocumentNumber"],
        "customerNumber": order["customerNumber"],
        "postingDate": posted_on,
        "salesInvoiceLines": [],
        "totalTaxAmount": Decimal(0),
        "status": "Open",
        "number": f"PS-{order['externalDocumentNumber']}",
    }


def _line(line: Mapping[str, Any], items: Collection[str], less: int) -> dict[str, Any]:
    none = Decimal(0)
    made = {"lineObjectNumber": "", "quantity": none, "unitPrice": none, "netAmount": none}
    if line["lineType"] == "Comment":
        if set(line) != _NOTE:
            raise RefusedError(400, "BadRequest", f"comment: {sorted(set(line) ^ _NOTE)}")
        return {**made, **line, "shippedQuantity": none, "invoicedQuantity": none}
    if unknown := set(line) - _LINE:
        raise RefusedError(400, "BadRequest", f"line: {sorted(unknown)}")
    if line["lineType"] != "Item" or line["lineObjectNumber"] not in items:
        raise RefusedError(400, "Internal_RecordNotFound", f"The Item {line['lineObjectNumber']} does not exist.")
    quantity, price = Decimal(str(line["quantity"])), Decimal(str(line["unitPrice"]))
    if quantity <= 0 or price < 0:
        raise RefusedError(400, "Application_DialogException", "must be positive")
    off = Decimal(str(line.get("discountPercent", less)))
    amount = (quantity * price * (100 - off) / 100).quantize(_CENT, ROUND_HALF_UP)
    worked_on = {"shippedQuantity": none, "invoicedQuantity": none}
    return {**made, **line, "quantity": quantity, "unitPrice": price, "netAmount": amount, **worked_on}
