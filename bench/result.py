"""What a measurement says: two things beside each other, or one by itself."""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """Two things measured in turns.

    Attributes:
        ours: What we did.
        beside: What stood beside it.
        our_seconds: Per run; or what else `unit` says.
        their_seconds: Per run, in the same order.
        budget: Greatest ratio that the design allows; None where it names none.
        unit: Of both sides.
    """

    ours: str
    beside: str
    our_seconds: tuple[float, ...]
    their_seconds: tuple[float, ...]
    budget: float | None = None
    unit: str = "s"

    @property
    def ratios(self) -> list[float]:
        """Our time over theirs, run by run, least first."""
        return sorted(one / other for one, other in zip(self.our_seconds, self.their_seconds, strict=True))

    @property
    def is_within_budget(self) -> bool:
        """Whether the middle one of the ratios is; nothing is too much where the design names no budget."""
        return self.budget is None or statistics.median(self.ratios) <= self.budget

    def cells(self) -> tuple[str, ...]:
        """Cells of a row of the page, without its name and date."""
        low, high = self.ratios[0], self.ratios[-1]
        spread = f" ({low:.2f} to {high:.2f})" if len(self.ratios) > 1 else ""
        return (
            self.ours,
            self.beside,
            str(len(self.our_seconds)),
            _shown(statistics.median(self.our_seconds), self.unit),
            _shown(statistics.median(self.their_seconds), self.unit),
            f"**{statistics.median(self.ratios):.2f}**{spread}",
            "" if self.budget is None else f"≤ {self.budget:.3g}",
        )

    def say(self) -> None:
        """Print the row."""
        sys.stdout.write(f"| {' | '.join(self.cells())} |\n")


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that is measured by itself, for the figure is what was promised.

    Attributes:
        what: What was measured.
        figures: Per run.
        unit: Of the figures.
        budget: Greatest figure that the design allows; None where it names none.
    """

    what: str
    figures: tuple[float, ...]
    unit: str
    budget: float | None = None

    @property
    def is_within_budget(self) -> bool:
        """Whether the middle one is."""
        return self.budget is None or statistics.median(self.figures) <= self.budget

    def cells(self) -> tuple[str, ...]:
        """Cells of a row of the page, without its name and date; nothing stands beside it."""
        low, high = min(self.figures), max(self.figures)
        spread = f" ({_shown(low, self.unit)} to {_shown(high, self.unit)})" if len(self.figures) > 1 else ""
        middle = f"**{_shown(statistics.median(self.figures), self.unit)}**{spread}"
        budget = "" if self.budget is None else f"≤ {self.budget:,g} {self.unit}"
        return self.what, "", str(len(self.figures)), middle, "", "", budget

    def say(self) -> None:
        """Print the row."""
        sys.stdout.write(f"| {' | '.join(self.cells())} |\n")


def _shown(figure: float, unit: str) -> str:
    """A figure with its unit: two digits behind the point, of megabytes none."""
    return f"{figure:,.{0 if unit == 'MB' else 2}f} {unit}"
