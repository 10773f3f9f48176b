"""The profit and loss account and the bridge from GMV, row by row as the reports have them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from entrepot.sandbox.arithmetic import half_up
from entrepot.sandbox.expected import expected

if TYPE_CHECKING:
    from entrepot.sandbox.answers.known import Known, Row

_TAKEN = ("unpaid", "closed_before_recognition", "not_shipped", "not_recognised", "refunds")


def pnl(known: Known) -> list[Row]:
    """Every line by shop, SKU and month. Fiscal periods of a company without a calendar of its own are the months."""
    figures = expected(known.world, known.currency, known.rates, known.policies)
    return [
        {
            "channel": channel,
            "shop": shop,
            "sku_id": sku or None,
            "month": month,
            "fiscal_period": f"FY{month[:4]}-P{month[5:]}",
            "amount_minor": minor,
            "currency": known.currency,
            "line": line.split(".")[0],
            "detail": line.replace("fees.", "fee:"),
        }
        for (channel, shop, month, sku, line), minor in figures.pnl_by_sku.items()
    ]


def gmv_bridge(known: Known) -> list[Row]:
    """From what was placed to what is kept; what is taken away is below nothing."""
    figures = expected(known.world, known.currency, known.rates, known.policies)
    orders = Counter(case.order.shop for case in known.judged)
    return [
        {
            "channel": channel,
            "shop": shop,
            "currency": known.shops[shop].currency,
            "orders": orders[shop],
            **{f"{step}_minor": -minor if step in _TAKEN else minor for step, minor in steps.items()},
        }
        for (channel, shop), steps in figures.gmv_bridge.items()
        if orders[shop]
    ]


def compared(known: Known, now: str, before: str) -> dict[tuple[str | None, str], tuple[int, int, int | None]]:
    """Two months: channel (None for all) and line to both amounts, and the change in hundredths of a per cent."""
    figures = expected(known.world, known.currency, known.rates, known.policies)
    months: dict[str, Counter[tuple[str | None, str]]] = {now: Counter(), before: Counter()}
    for (channel, _, month, line), minor in figures.pnl.items():
        if month in months and not line.startswith("fees."):
            months[month][channel, line] += minor
            months[month][None, line] += minor
    found = {}
    for key in {*months[now], *months[before]}:
        one, other = months[now][key], months[before][key]
        found[key] = (one, other, half_up((one - other) * 10_000, abs(other)) if other else None)
    return found
