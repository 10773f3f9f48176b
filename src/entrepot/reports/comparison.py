"""The P&L of one month or period beside an earlier one: difference and per cent, line by line.

As in `statement`, what is worked on here is the finished report: a few hundred rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from entrepot.reports.statement import LINES, statement_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.reports.statement import Line, Statement

_MONTHS = 12


class Against(StrEnum):
    """What a month or period is compared with."""

    PREVIOUS = "previous"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One line of two statements.

    Attributes:
        column: Channel, shop or SKU; None for the total.
        line: The line.
        now_minor: Now; None for a margin while no cost is known.
        before_minor: Then, as `now_minor`.
    """

    column: str | None
    line: Line
    now_minor: int | None
    before_minor: int | None

    @property
    def difference_minor(self) -> int | None:
        """Now less then; None where either is not known."""
        if self.now_minor is None or self.before_minor is None:
            return None
        return self.now_minor - self.before_minor

    @property
    def change_bp(self) -> int | None:
        """Difference in hundredths of a per cent of the earlier amount's size, half away from zero; None of nothing."""
        if self.difference_minor is None or not self.before_minor:
            return None
        size, of = abs(self.difference_minor) * 20_000 + abs(self.before_minor), 2 * abs(self.before_minor)
        return size // of if self.difference_minor >= 0 else -(size // of)


def earlier(value: str, against: Against) -> str:
    """The month `2026-09` or fiscal period `FY2026-P09` that one is compared with.

    Args:
        value: A month or period; every fiscal year has twelve.
        against: The one before, or the same of the year before.
    """
    head, tail = value.split("-")
    year, number = int(head.removeprefix("FY")), int(tail.removeprefix("P"))
    if against is Against.YEAR:
        year -= 1
    else:
        year, number = (year, number - 1) if number > 1 else (year - 1, _MONTHS)
    return f"FY{year}-P{number:02d}" if "P" in value else f"{year}-{number:02d}"


def compared(
    now: Sequence[Mapping[str, object]], before: Sequence[Mapping[str, object]], by: str, currency: str
) -> tuple[ComparedLine, ...]:
    """Two sets of rows of the report `pnl` line by line: the total, then each value of a dimension.

    Args:
        now: Rows of the month or period.
        before: Rows of the earlier one.
        by: channel, shop or sku_id.
        currency: Reporting currency.
    """
    both = (statement_of(now, by, currency), statement_of(before, by, currency))
    columns = dict.fromkeys((*both[0].columns, *both[1].columns))
    return tuple(_lines(both, [None, *columns]))


def _lines(both: tuple[Statement, Statement], columns: Sequence[str | None]) -> Iterator[ComparedLine]:
    for column in columns:
        for line in LINES:
            amounts = [_shown(statement, line.key, column) for statement in both]
            if line.is_subtotal or any(amounts):
                yield ComparedLine(column, line, *amounts)


def _shown(statement: Statement, line: str, column: str | None) -> int | None:
    if column is not None and column not in statement.columns:
        return 0
    return statement.shown(line, column)
