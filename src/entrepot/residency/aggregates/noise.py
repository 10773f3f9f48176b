"""Counts of persons with noise: drawn once for each month and question, within a budget that is spent for good.

A count of buyers cannot leave as a safe sum: who knows all of them but one reads off whether that one is among them.
With noise of the discrete Laplace distribution he learns almost nothing of anybody: what leaves is at most e^epsilon
times as likely with a person as without. Asking again would wear that away, so what was drawn is kept and repeated, and
what different questions cost of a year adds up. OpenDP draws, exactly and from the system's own randomness.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import msgspec

from entrepot.residency.gate_errors import NoiseLibraryMissing
from entrepot.residency.transferlog.durable import write_durably

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Drawn", "Noise", "NoiseLedger", "NoisyMonth", "draw", "drawn", "interval"]

_MILLI = 1_000
_EPSILON_MAX_MILLI = 10_000
"""With it one count of ten thousand differs from the exact one: more would be no noise."""
_SURE = 0.05


class Noise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How counts are drawn.

    Attributes:
        epsilon_milli: What a month costs, in thousandths: 500 is an epsilon of 0.5. Each person has one part in it.
        budget_milli: What all counts of a calendar year may cost together, whoever receives them.
    """

    epsilon_milli: int = 500
    budget_milli: int = 6_000

    def __post_init__(self) -> None:
        """Refuse noise that hides nobody, or that cannot be drawn once."""
        if not 1 <= self.epsilon_milli <= min(_EPSILON_MAX_MILLI, self.budget_milli):
            raise ValueError(f"epsilon_milli is 1 to {_EPSILON_MAX_MILLI}, budget_milli at least as much")


class NoisyMonth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was drawn for a month under one question.

    Attributes:
        month: Such as 2026-09.
        question: Digest of who is counted, by what, and of the epsilon.
        epsilon_milli: What it cost.
        counts: Channel to the number that may be told.
    """

    month: str
    question: str
    epsilon_milli: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What may be told now.

    Attributes:
        months: Months drawn before, or now.
        fresh: Those of them that are to be kept before anything leaves.
        beyond: Months that the budget of their year does not cover; nothing leaves while there are any.
    """

    months: tuple[NoisyMonth, ...]
    fresh: tuple[NoisyMonth, ...] = ()
    beyond: tuple[str, ...] = ()


class NoiseLedger:
    """What was drawn in each calendar year: one JSON file a year, which never leaves the cell.

    Args:
        folder: Its folder; made on first use.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def year(self, year: str) -> tuple[NoisyMonth, ...]:
        """Everything that was drawn of a year."""
        path = self._folder / f"{year}.json"
        return msgspec.json.decode(path.read_bytes(), type=tuple[NoisyMonth, ...]) if path.exists() else ()

    def keep(self, months: Sequence[NoisyMonth]) -> None:
        """Spend what months cost, on the disk before anything is sent; a month that is there already costs nothing."""
        for year in sorted({each.month[:4] for each in months}):
            before = self.year(year)
            known = {(each.month, each.question) for each in before}
            new = [each for each in months if each.month[:4] == year and (each.month, each.question) not in known]
            if new:
                write_durably(self._folder / f"{year}.json", msgspec.json.encode((*before, *new)))


def drawn(exact: Mapping[str, Mapping[str, int]], question: str, noise: Noise, ledger: NoiseLedger) -> Drawn:
    """Tell each month as it was told before, or draw it.

    Args:
        exact: Month to channel to persons; every month and channel that is asked for, those with nobody too.
        question: Digest of who is counted and by what.
        noise: How.
        ledger: What was drawn before.
    """
    told: list[NoisyMonth] = []
    fresh: list[NoisyMonth] = []
    beyond: list[str] = []
    for month, counts in sorted(exact.items()):
        before = ledger.year(month[:4])
        known = next((each for each in before if (each.month, each.question) == (month, question)), None)
        if known is not None:
            told.append(known)
            continue
        spent = sum(each.epsilon_milli for each in (*before, *(one for one in fresh if one.month[:4] == month[:4])))
        if spent + noise.epsilon_milli > noise.budget_milli:
            beyond.append(month)
            continue
        numbers = draw([counts[channel] for channel in sorted(counts)], noise.epsilon_milli)
        made = dict(zip(sorted(counts), numbers, strict=True))
        fresh.append(NoisyMonth(month, question, noise.epsilon_milli, made))
    return Drawn((*told, *fresh), tuple(fresh), tuple(beyond))


def draw(counts: Sequence[int], epsilon_milli: int) -> list[int]:
    """Each count with noise of its own; never below nothing, which tells no more.

    Args:
        counts: Of persons who each have one part in one count at most.
        epsilon_milli: In thousandths.

    Raises:
        NoiseLibraryMissing: OpenDP is not installed.
    """
    if find_spec("opendp") is None:
        raise NoiseLibraryMissing
    import opendp.prelude as dp

    # OpenDP calls so whatever its own committee has not signed yet, the Laplace mechanism included.
    dp.enable_features("contrib")
    epsilon = epsilon_milli / _MILLI
    mechanism: Any = dp.m.make_laplace(dp.atom_domain(T=int), dp.absolute_distance(T=int), scale=1 / epsilon)
    assert mechanism.map(1) <= epsilon * (1 + 1e-9), "one person more or less costs what was said"
    return [max(0, int(mechanism(count))) for count in counts]


def interval(epsilon_milli: int) -> int:
    """How far a count is off at most, in nineteen of twenty cases."""
    shrink = math.exp(-epsilon_milli / _MILLI)
    # P(|noise| > t) is 2 * shrink^(t + 1) / (1 + shrink).
    return max(0, math.ceil(math.log(_SURE * (1 + shrink) / 2) / math.log(shrink)) - 1)
