"""Sales orders of the simulated NetSuite: what one holds, how a bill or a fulfilment counts against it.

Written from the record browser of 2026.1 and public queries, not from a running account. That a price level beside our
own takes the price list's rate, and that an order whose status is not named waits for nobody's approval, are
assumptions made to be strict. What it does not prove: locations, units and taxes that an item may ask for; workflows
that change an order; whether a role may leave an order waiting for approval.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["order_line", "order_status"]

_TYPED_IN = "-1"
_STATUSES = ("A", "B")


def order_status(body: Mapping[str, Any]) -> str:
    """Waiting for approval, or else for its fulfilment."""
    status = str(body.get("orderStatus", {"id": "B"})["id"])
    if status not in _STATUSES:
        raise ValueError(f"Invalid reference key {status} for orderStatus")
    return status


def order_line(line: Mapping[str, Any], listed: Decimal | None) -> dict[str, Any]:
    """What a line of an order holds.

    Args:
        line: As sent.
        listed: Price of its item in the price list.
    """
    quantity, rate, amount = (Decimal(str(line[name])) for name in ("quantity", "rate", "amount"))
    if quantity <= 0 or amount != (quantity * rate).quantize(Decimal("0.01"), ROUND_HALF_UP):
        raise ValueError("amount, quantity and rate do not fit together")
    if listed is not None and str(line.get("price", {"id": "1"})["id"]) != _TYPED_IN:
        rate, amount = listed, (quantity * listed).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {"mainline": "F", "memo": line["description"], "quantity": -quantity, "rate": rate, "amount": -amount}
