"""Arrange P&L rows as a statement: lines down, one column per channel, shop or month, subtotals in between.

The figures come from the engine; what is added up here is a few hundred rows of the finished report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.reports.words import NOT_NAMED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the statement.

    Attributes:
        key: Stable key; `pnl_line` of the chart for plain lines.
        parts: For subtotals, the plain lines that add up to it.
        title: By language.
    """

    key: str
    parts: tuple[str, ...]
    title: Mapping[str, str]

    @property
    def is_subtotal(self) -> bool:
        """Whether it adds up other lines."""
        return bool(self.parts)


_NET = ("revenue_goods", "revenue_shipping", "forfeited_deposits", "refunds")
_GROSS = (*_NET, "revenue_without_cost", "cogs")
_CONTRIBUTION = (*_GROSS, "fees", "ad_spend", "compensation")

LINES: tuple[Line, ...] = (
    Line("revenue_goods", (), {"en": "Revenue from goods", "zh": "商品销售收入"}),
    Line("revenue_shipping", (), {"en": "Revenue from shipping", "zh": "运费收入"}),
    Line("forfeited_deposits", (), {"en": "Forfeited deposits", "zh": "没收定金"}),
    Line("refunds", (), {"en": "Refunds", "zh": "退款"}),
    Line("net_revenue", _NET, {"en": "Net revenue", "zh": "净收入"}),
    Line(
        "revenue_without_cost", (), {"en": "of which cost unknown (not in margin)", "zh": "其中成本未知（不计入毛利）"}
    ),
    Line("cogs", (), {"en": "Cost of goods", "zh": "商品成本"}),
    Line("gross_margin", _GROSS, {"en": "Gross margin", "zh": "毛利"}),
    Line("fees", (), {"en": "Platform fees", "zh": "平台费用"}),
    Line("ad_spend", (), {"en": "Advertising", "zh": "广告推广"}),
    Line("compensation", (), {"en": "Compensation", "zh": "赔付"}),
    Line("contribution_margin", _CONTRIBUTION, {"en": "Contribution margin", "zh": "贡献毛利"}),
    Line("fx_difference", (), {"en": "Exchange differences", "zh": "汇兑损益"}),
)
"""Lines of the P&L, in order. Income is positive, expense negative."""


MARGINS = frozenset({"gross_margin", "contribution_margin"})
"""Lines that say nothing while the cost is unknown."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A P&L with one column per value of a dimension.

    Attributes:
        columns: Values of the dimension, in order.
        figures: Line key to the amounts by column, minor units of the reporting currency; subtotals included.
        currency: Reporting currency.
    """

    columns: tuple[str, ...]
    figures: Mapping[str, Mapping[str, int]]
    currency: str

    def total(self, line: str) -> int:
        """A line over all columns."""
        return sum(self.figures[line].values())

    def shown(self, line: str, column: str | None = None) -> int | None:
        """What people see of a column, or of the total: None for a margin when nothing sold there has a known cost.

        Fees and advertising without one known cost would look like a loss, and revenue without cost like none at all.
        """
        value = self.total if column is None else lambda key: self.figures[key][column]
        is_unknown = value("revenue_without_cost") != 0 and value("cogs") == 0
        return None if line in MARGINS and is_unknown else value(line)


def statement_of(rows: Iterable[Mapping[str, object]], by: str, currency: str) -> Statement:
    """Arrange the rows of the report `pnl`.

    Args:
        rows: Rows with `line`, `amount_minor` and the dimension.
        by: channel, shop, month or sku_id.
        currency: Reporting currency.
    """
    sums: dict[tuple[str, str], int] = {}
    columns: dict[str, int] = {}
    for row in rows:
        column, line, amount = str(row[by] or NOT_NAMED), str(row["line"]), row["amount_minor"]
        assert isinstance(amount, int), "amounts are integers"
        sums[line, column] = sums.get((line, column), 0) + amount
        columns[column] = columns.get(column, 0) + (amount if line == "revenue_goods" else 0)
    ordered = tuple(
        sorted(columns, key=lambda name: name if by in ("month", "fiscal_period") else (-columns[name], name))
    )
    figures = {
        line.key: {
            column: sum(sums.get((part, column), 0) for part in (line.parts or (line.key,))) for column in ordered
        }
        for line in LINES
    }
    return Statement(ordered, figures, currency)
