"""Every measurement of `make bench`, in the order of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import clearing, delivery, extraction, freshness, ledger, pnl, reading, trades, transferlog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.result import Figure, Result


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement; it may fill several lines of the page.

    Attributes:
        name: What it is called for.
        minutes: So long it takes about, on two quiet cores.
        measure: Measures it.
        in_small: The same over next to nothing: it says whether the measurement runs, and no figure of it counts.
    """

    name: str
    minutes: float
    measure: Callable[[], Sequence[Result | Figure]]
    in_small: Callable[[], Sequence[Result | Figure]]


ROWS = (
    Row("reading", 1, lambda: [reading.measure()], lambda: [reading.measure(500, 1)]),
    Row("trades", 6, trades.measure, lambda: trades.measure(400, 1)),
    Row("trades-dlt", 1, trades.measure_dlt, lambda: trades.measure_dlt(400, 1)),
    Row("extraction", 3, extraction.measure, lambda: extraction.measure(60, 1)),
    Row("freshness", 8, freshness.measure_runs, lambda: freshness.measure_runs(5, 2, 20, 1)),
    Row("ledger", 4, ledger.measure, lambda: ledger.measure(400, 1)),
    Row("pnl", 2, lambda: [pnl.measure()], lambda: [pnl.measure(2_000, 1)]),
    Row("clearing", 2, lambda: [clearing.measure()], lambda: [clearing.measure(400, 1)]),
    Row(
        "verifying",
        3,
        lambda: [transferlog.measure_verifying()],
        lambda: [transferlog.measure_verifying(200, 1)],
    ),
    Row("appending", 1, transferlog.measure_appending, lambda: transferlog.measure_appending(200, 1)),
    Row("posting", 2, lambda: [delivery.measure_posting()], lambda: [delivery.measure_posting(20, 1)]),
    Row("planning", 1, lambda: [delivery.measure_planning()], lambda: [delivery.measure_planning(200, 1)]),
    Row("memory", 5, lambda: [trades.measure_memory()], lambda: [trades.measure_memory(400, 1)]),
    # The longest comes last: who is in a hurry stops it and has all the others.
    Row("memory-ten-million", 14, trades.measure_much_memory, lambda: trades.measure_much_memory(800, 400)),
)
"""Their names are for ever: the page and what is kept know them by these."""
