"""Buyers by month and channel as they may leave: counted on the engine, told with noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.engine import parse
from entrepot.residency.aggregates.noise import NoiseLedger, drawn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.engine import Engine
    from entrepot.residency.aggregates.noise import Noise, NoisyMonth

__all__ = ["Counted", "counted"]

_COUNTS = pa.schema(
    [("month", pa.string()), ("channel", pa.string()), ("buyers", pa.int64()), ("epsilon_milli", pa.int64())]
)


@dataclass(slots=True)
class Counted:
    """Counts of buyers that may leave now.

    Attributes:
        rows: Month, channel, buyers with noise, epsilon in thousandths.
        ledger: What was drawn before.
        fresh: What was drawn now, to be kept before it leaves.
        beyond: Months that the budget does not cover; nothing leaves while there are any.
        derivable_from: Permits by which the recipient gets rows of the same data.
    """

    rows: pa.Table
    ledger: NoiseLedger
    fresh: tuple[NoisyMonth, ...] = ()
    beyond: tuple[str, ...] = ()
    derivable_from: tuple[str, ...] = ()

    def keep(self) -> None:
        """Spend what it costs."""
        self.ledger.keep(self.fresh)


def counted(
    engine: Engine, months: Sequence[str], channels: Sequence[str], question: str, noise: Noise, ledger: NoiseLedger
) -> Counted:
    """Count the buyers of each month and channel.

    Args:
        engine: With `agg_buyers`: month, channel, person. A person is of one channel, and so in one count of a month.
        months: The closed months; each is told, also where nobody bought.
        channels: The closed channels.
        question: Digest of who is counted and by what.
        noise: How.
        ledger: What was drawn before.
    """
    text = "select month, channel, count(distinct person) as buyers from agg_buyers group by month, channel"
    exact = {month: dict.fromkeys(channels, 0) for month in months}
    for row in engine.read(parse(text, source="buyers")).to_pylist():
        if row["channel"] in exact.get(row["month"], {}):
            exact[row["month"]][row["channel"]] = row["buyers"]
    told = drawn(exact, question, noise, ledger)
    rows = [
        {"month": each.month, "channel": channel, "buyers": count, "epsilon_milli": each.epsilon_milli}
        for each in told.months
        for channel, count in sorted(each.counts.items())
    ]
    return Counted(pa.Table.from_pylist(rows, schema=_COUNTS), ledger, told.fresh, told.beyond)
