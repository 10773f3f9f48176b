"""What a measurement says."""

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
        our_seconds: Per run.
        their_seconds: Per run, in the same order.
        budget: Greatest ratio that the design allows; None where it names none.
    """

    ours: str
    beside: str
    our_seconds: tuple[float, ...]
    their_seconds: tuple[float, ...]
    budget: float | None = None

    @property
    def ratios(self) -> list[float]:
        """Our time over theirs, run by run, least first."""
        return sorted(one / other for one, other in zip(self.our_seconds, self.their_seconds, strict=True))

    def row(self) -> str:
        """A row of the page."""
        low, middle, high = self.ratios[0], statistics.median(self.ratios), self.ratios[-1]
        budget = f"≤ {self.budget:g}" if self.budget is not None else ""
        return (
            f"| {self.ours} | {self.beside} | {len(self.our_seconds)} | {statistics.median(self.our_seconds):.2f} | "
            f"{statistics.median(self.their_seconds):.2f} | **{middle:.2f}** ({low:.2f} to {high:.2f}) | {budget} |"
        )

    def say(self) -> None:
        """Print the row."""
        sys.stdout.write(self.row() + "\n")
