"""Sales orders of S/4HANA by API_SALES_ORDER_SRV: made with their items in one insert, found by their reference.

The service keeps no reference unique, and a caller that sends again after a lost answer makes a second order (SAP note
2931385), so whoever is in doubt looks first. An order is blocked for billing: what is sold is booked by journals.

Source: metadata of API_SALES_ORDER_SRV, read 2026-11; measured on SAP's CAP runtime 10.1. The order type OR, the
channel 10, the division 00, pieces, the price condition PPR0 and the billing block 01 are those of SAP's best practices
and our assumption.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from entrepot.delivery.calls import Trouble, parsed, pieces
from entrepot.delivery.sap.gateway import day_literal, day_of, text_literal
from entrepot.model import minor_digits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from entrepot.delivery.sap.gateway import Gateway

_SERVICE, _ORDERS = "API_SALES_ORDER_SRV", "A_SalesOrder"
_MARK = "EP-"
_PRICE_DIGITS = 6
_HEAD = {
    "SalesOrderType": "OR",
    "DistributionChannel": "10",
    "OrganizationDivision": "00",
    "HeaderBillingBlockReason": "01",
}
_PIECE, _PRICE = "PC", "PPR0"
_NAMES = (
    "SalesOrder",
    "SalesOrganization",
    "SoldToParty",
    "PurchaseOrderByCustomer",
    "SalesOrderDate",
    "TransactionCurrency",
    "DeliveryBlockReason",
    "HeaderBillingBlockReason",
    "to_Item",
)


@dataclass(frozen=True, slots=True)
class OrderItem:
    """A position.

    Attributes:
        material: Number of the material.
        quantity: Pieces.
        price_e6: Of one, without tax, in millionths of the currency's unit.
        amount_minor: Quantity times price, rounded as SAP rounds it.
    """

    material: str
    quantity: int
    price_e6: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Order:
    """A sales order.

    Attributes:
        key: What finds it again.
        organisation: Sales organisation.
        party: The customer's number.
        day: Date of the order.
        currency: ISO 4217.
        items: In order.
    """

    key: str
    organisation: str
    party: str
    day: date
    currency: str
    items: tuple[OrderItem, ...]


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order that S/4HANA holds.

    Attributes:
        number: Its number there.
        etag: Its version.
        is_blocked: Whether nothing of it is delivered.
        is_unbilled: Whether nothing of it is billed, as it was made.
        order: As it stands there.
    """

    number: str
    etag: str
    is_blocked: bool
    is_unbilled: bool
    order: Order


class SalesOrders:
    """The orders of one system.

    Args:
        gateway: Its services.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def make(self, orders: Sequence[Order]) -> list[str]:
        """Make orders, all or none; their numbers.

        Raises:
            Trouble: None was made, or nobody knows.
        """
        bodies = [_body(each) for each in orders]
        if len(bodies) == 1:
            answers = [self._gateway.write("POST", f"{_SERVICE}/{_ORDERS}", bodies[0])]
        else:
            answers = self._gateway.make_all(_SERVICE, _ORDERS, bodies)
        return [str(parsed(each)["d"]["SalesOrder"]) for each in answers]

    def find(self, organisation: str, keys: Sequence[str]) -> Mapping[str, tuple[FoundOrder, ...]]:
        """Orders under keys; more than one is a fault that a person has to look at.

        Raises:
            Trouble: There was no answer.
        """
        wanted = " or ".join(f"PurchaseOrderByCustomer eq {text_literal(_MARK + key)}" for key in keys)
        return self._found([f"SalesOrganization eq {text_literal(organisation)}", f"({wanted})"]) if keys else {}

    def held(self, organisation: str, first: date, last: date) -> Mapping[str, tuple[FoundOrder, ...]]:
        """Every order of ours in a span, by key.

        Raises:
            Trouble: There was no answer.
        """
        span = [f"SalesOrderDate ge {day_literal(first)}", f"SalesOrderDate le {day_literal(last)}"]
        ours = f"startswith(PurchaseOrderByCustomer,{text_literal(_MARK)})"
        return self._found([f"SalesOrganization eq {text_literal(organisation)}", ours, *span])

    def block(self, found: FoundOrder, reason: str) -> None:
        """Let nothing of an order be delivered until a person has looked at it.

        Args:
            found: As it was read: one that was changed since is left alone.
            reason: Of SAP's own list.

        Raises:
            Trouble: It is not blocked, or nobody knows.
        """
        path = f"{_SERVICE}/{_ORDERS}({text_literal(found.number)})"
        self._gateway.write("PATCH", path, {"DeliveryBlockReason": reason}, found.etag)

    def _found(self, filters: Sequence[str]) -> Mapping[str, tuple[FoundOrder, ...]]:
        found: dict[str, tuple[FoundOrder, ...]] = {}
        expand = "to_Item/to_PricingElement"
        for row in self._gateway.rows(f"{_SERVICE}/{_ORDERS}", filters, _NAMES, "SalesOrder", expand):
            one = _read(row)
            found[one.order.key] = (*found.get(one.order.key, ()), one)
        return found


def _body(order: Order) -> dict[str, object]:
    items = [
        {
            "Material": each.material,
            "RequestedQuantity": str(each.quantity),
            "RequestedQuantityUnit": _PIECE,
            "to_PricingElement": {"results": [_price(each, order.currency)]},
        }
        for each in order.items
    ]
    return {
        **_HEAD,
        "SalesOrganization": order.organisation,
        "SoldToParty": order.party,
        "PurchaseOrderByCustomer": _MARK + order.key,
        "SalesOrderDate": f"{order.day.isoformat()}T00:00:00",
        "TransactionCurrency": order.currency,
        "to_Item": {"results": items},
    }


def _price(item: OrderItem, currency: str) -> dict[str, str]:
    return {
        "ConditionType": _PRICE,
        "ConditionRateValue": str(Decimal(item.price_e6).scaleb(-_PRICE_DIGITS)),
        "ConditionCurrency": currency,
        "ConditionQuantity": "1",
        "ConditionQuantityUnit": _PIECE,
    }


def _read(row: Mapping[str, Any]) -> FoundOrder:
    currency, items = row["TransactionCurrency"], []
    for each in row["to_Item"]["results"]:
        rates = [one for one in each["to_PricingElement"]["results"] if one["ConditionType"] == _PRICE]
        if len(rates) != 1:
            raise Trouble(
                "rejected", "refused", f"order {row['SalesOrder']} has {len(rates)} prices of ours in an item"
            )
        price = int(Decimal(rates[0]["ConditionRateValue"]).scaleb(_PRICE_DIGITS))
        amount = int(Decimal(each["NetAmount"]).scaleb(minor_digits(currency)))
        items.append(OrderItem(each["Material"], pieces(each["RequestedQuantity"]), price, amount))
    key = row["PurchaseOrderByCustomer"].removeprefix(_MARK)
    day = day_of(row["SalesOrderDate"])
    order = Order(key, row["SalesOrganization"], row["SoldToParty"], day, currency, tuple(items))
    is_blocked, is_unbilled = bool(row["DeliveryBlockReason"]), bool(row["HeaderBillingBlockReason"])
    return FoundOrder(row["SalesOrder"], row["__metadata"]["etag"], is_blocked, is_unbilled, order)
