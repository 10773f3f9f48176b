"""Sales orders of a simulated Finance and Operations: headers with numbers from a sequence, lines that name them.

Written from Microsoft's articles on the entities and the names of their properties. That a line takes the customer's
discount unless it says its own is an assumption made to be strict. What it does not prove: sites, warehouses and
dimensions that a product may ask for, delivery date control, agreements of trade, credit limits, charges, tax.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from entrepot.sandbox.erps.odata4 import RefusedError

__all__ = ["Selling"]

_HEAD = frozenset(
    {
        "dataAreaId",
        "OrderingCustomerAccountNumber",
        "InvoiceCustomerAccountNumber",
        "CurrencyCode",
        "CustomersOrderReference",
        "SalesOrderName",
        "RequestedShippingDate",
        "RequestedReceiptDate",
        "ArePricesIncludingSalesTax",
        "IsSalesProcessingStopped",
    }
)
_LINE = frozenset(
    {
        "dataAreaId",
        "SalesOrderNumber",
        "LineNumber",
        "ItemNumber",
        "OrderedSalesQuantity",
        "SalesPrice",
        "SalesPriceQuantity",
        "LineDiscountPercentage",
        "LineDiscountAmount",
    }
)
_LENGTHS = {"CustomersOrderReference": 60, "SalesOrderName": 60, "ItemNumber": 20}
_CENT = Decimal("0.01")


@dataclass
class Selling:
    """Orders.

    Attributes:
        items: Numbers of products that are released, in every legal entity.
        currencies: Codes that there are.
        less: Percent that a customer has off what a line says no discount for.
        headers: By legal entity and number.
        lines: By legal entity, order and line.
    """

    items: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ("CNY", "EUR", "HKD", "USD")
    less: int = 10
    headers: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    lines: dict[tuple[str, str, int], dict[str, Any]] = field(default_factory=dict)

    def header(self, body: dict[str, Any], entities: tuple[str, ...], customers: tuple[str, ...]) -> dict[str, Any]:
        """Make an order without lines."""
        _check(body, _HEAD)
        accounts = (body["OrderingCustomerAccountNumber"], body["InvoiceCustomerAccountNumber"])
        if body["dataAreaId"] not in entities or any(each not in customers for each in accounts):
            raise RefusedError(400, "", f"Customer {accounts[0]} does not exist.")
        if body["CurrencyCode"] not in self.currencies:
            raise RefusedError(400, "", f"Currency {body['CurrencyCode']} does not exist.")
        number = f"SO-{len(self.headers) + 1:06d}"
        made = {**body, "SalesOrderNumber": number, "SalesOrderStatus": "Backorder"}
        self.headers[body["dataAreaId"], number] = made
        return made

    def line(self, body: dict[str, Any]) -> dict[str, Any]:
        """Add a line to an order."""
        _check(body, _LINE)
        key = (body["dataAreaId"], body["SalesOrderNumber"], body["LineNumber"])
        if key[:2] not in self.headers or key in self.lines:
            raise RefusedError(400, "", "The record already exists, or its order does not.")
        if body["ItemNumber"] not in self.items:
            raise RefusedError(400, "", f"Item {body['ItemNumber']} does not exist.")
        quantity, price = Decimal(str(body["OrderedSalesQuantity"])), Decimal(str(body["SalesPrice"]))
        if quantity <= 0 or price < 0 or body.get("SalesPriceQuantity", 1) != 1:
            raise RefusedError(400, "", "The quantity is not valid.")
        off = Decimal(str(body.get("LineDiscountPercentage", self.less)))
        amount = quantity * (price - Decimal(str(body.get("LineDiscountAmount", 0)))) * (100 - off) / 100
        made = {
            **body,
            "OrderedSalesQuantity": quantity,
            "SalesPrice": price,
            "LineAmount": amount.quantize(_CENT, ROUND_HALF_UP),
            "SalesOrderLineStatus": "Backorder",
            "InventoryLotId": f"LOT-{len(self.lines) + 1:06d}",
        }
        self.lines[key] = made
        return made


def _check(body: dict[str, Any], known: frozenset[str]) -> None:
    if unknown := set(body) - known:
        raise RefusedError(400, "", f"The property '{min(unknown)}' does not exist on type")
    for name, limit in _LENGTHS.items():
        if len(body.get(name, "")) > limit:
            raise RefusedError(400, "", f"{name} is longer than {limit}")
