"""What the finance office's files show that a person must look at."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.sandbox.answers.known import Found, Known

_ARRIVES_WITHIN_DAYS = 5


def office_findings(known: Known) -> list[Found]:
    """Payouts that never arrived, payments that are no payout, orders invoiced beyond what they are worth now."""
    return [*_bank(known), *_invoices(known)] if known.office else []


def _bank(known: Known) -> Iterator[Found]:
    assert known.office is not None, "there is an office"
    days: dict[str, list[str]] = {}
    for move in known.office.bank:
        days.setdefault(move.currency, []).append(move.day)
        if move.payout is None and move.minor > 0:
            yield "bank_line_unexplained", "alipay", None, move.minor, move.currency
    for payout in known.payouts:
        told = days.get(payout.currency)
        if payout.arrived_on is not None or not payout.minor or not told or payout.day < min(told):
            continue
        if (date.fromisoformat(max(told)) - date.fromisoformat(payout.day)).days > _ARRIVES_WITHIN_DAYS:
            channel = known.shops[payout.shop].channel
            yield "payout_not_in_bank", channel, payout.shop, payout.minor, payout.currency


def _invoices(known: Known) -> Iterator[Found]:
    assert known.office is not None, "there is an office"
    invoiced = {(each.shop, each.order): each.gross_minor for each in known.office.invoices if each.order}
    for case in known.paid_cases:
        order = case.order
        gross = invoiced.get((order.shop, order.order_id), 0)
        excess = gross - max(case.value_minor - case.refunded_minor, 0)
        if case.refunded_minor and excess > 0:
            yield "over_invoiced_refunds", order.channel, order.shop, excess, order.currency
