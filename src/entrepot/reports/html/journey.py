"""From GMV to contribution margin in one table: the bridge, and below its end the P&L; chart and table share it.

Between the two stands what they count differently: VAT inside of prices, and what no order explains. It is their
difference, so that the way has no gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot.reports.html.words import words
from entrepot.reports.statement import LINES, MARGINS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.reports.statement import Statement

BRIDGE = (
    *("placed", "unpaid", "third_party", "paid", "closed_before_recognition", "not_shipped", "shipped"),
    *("not_recognised", "recognised", "refunds", "net"),
)
"""Steps of the bridge, from the top; the subtotals among them follow."""
BRIDGE_TOTALS = frozenset({"placed", "paid", "shipped", "recognised", "net"})

_AFTER_NET = [
    line for line in LINES[[line.key for line in LINES].index("net_revenue") :] if line.key != "fx_difference"
]


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the way.

    Attributes:
        key: Of the bridge or of the P&L; `to_books` between them.
        title: In the page's language.
        is_level: A subtotal, not a change.
        cells: Channel to amount, None where it is unknown; minor units of the reporting currency.
        total: Over all channels.
        is_of_pnl: Whether it is a line of the P&L, whose figures have ids.
    """

    key: str
    title: str
    is_level: bool
    cells: Mapping[str, int | None]
    total: int | None
    is_of_pnl: bool = False


def journey(gmv: Sequence[Mapping[str, Any]], statement: Statement, lang: str) -> tuple[tuple[str, ...], list[Step]]:
    """Channels and the steps of the way.

    Args:
        gmv: Rows of `sql/gmv_translated.sql`.
        statement: The P&L by channel.
        lang: `en` or `zh`.
    """
    word = words(lang)
    rows = {row["channel"]: row for row in gmv}
    channels = (*rows, *(name for name in statement.columns if name not in rows))
    steps = []
    for key in BRIDGE:
        cells: dict[str, int | None] = {name: rows[name][f"{key}_minor"] if name in rows else 0 for name in channels}
        steps.append(Step(key, word[key], key in BRIDGE_TOTALS, cells, sum(each or 0 for each in cells.values())))
    net, booked = steps[-1], statement.figures["net_revenue"]
    between: dict[str, int | None] = {name: booked.get(name, 0) - (net.cells[name] or 0) for name in channels}
    steps.append(Step("to_books", word["to_books"], False, between, sum(each or 0 for each in between.values())))
    for line in _AFTER_NET:
        shown = {name: statement.shown(line.key, name) if name in statement.columns else 0 for name in channels}
        if line.is_subtotal or any(shown.values()):
            steps.append(Step(line.key, line.title[lang], line.is_subtotal, shown, statement.shown(line.key), True))
    return channels, steps


def waterfall(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Bars of the chart: changes from level to level. It ends at net revenue where no margin is known."""
    is_margin_known = all(step.total is not None for step in steps if step.key in MARGINS)
    bars: list[dict[str, Any]] = []
    level = 0
    for step in steps:
        if step.total is None or (step.key == "revenue_without_cost" and not is_margin_known):
            break
        if step.is_level:
            assert step.key == "placed" or level == step.total, f"{step.key}: the steps lead to the level"
            level = step.total
            bars.append({"name": step.title, "from": 0, "to": level, "total": True})
        elif step.total:
            bars.append({"name": step.title, "from": level, "to": level + step.total, "total": False})
            level += step.total
    return bars
