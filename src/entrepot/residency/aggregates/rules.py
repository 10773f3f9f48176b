"""When a sum may be shown: distinct persons, what the largest of them is of it, and what stays to hide them behind.

The rules are closed under putting sums together: what holds for two sums over different rows holds for both together.
That is why it is enough to judge the blocks of a partition, see `docs/decisions/0030-aggregates.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

__all__ = ["Measured", "Rule"]

_ALL = 100


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of a sum, none of which leaves but the amount.

    Attributes:
        amount_minor: The sum, the company's own part included.
        persons: Distinct persons with a part that is not zero.
        parts_minor: Absolute parts of all persons added up.
        first_minor: The largest part of one person, absolute.
        second_minor: The next one.
    """

    amount_minor: int = 0
    persons: int = 0
    parts_minor: int = 0
    first_minor: int = 0
    second_minor: int = 0

    @property
    def rest_minor(self) -> int:
        """What all but the two largest persons have of it."""
        return self.parts_minor - self.first_minor - self.second_minor


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The three rules of a permit.

    Attributes:
        persons_min: Distinct persons behind a sum, at least.
        rest_pct: The p% rule: all but the two largest persons have at least so many per cent of the largest one's part;
            else the second largest can tell the largest one's part closely.
        share_max_pct: The contribution bound: nobody has more than so many per cent of a sum. A sum with a larger part
            is not shown; parts are never cut, or the figures would not tie out.
    """

    persons_min: int = 10
    rest_pct: int = 10
    share_max_pct: int = 50

    def __post_init__(self) -> None:
        """Refuse rules that hide nobody."""
        if self.persons_min < 3 or not self.rest_pct >= 1 or not 1 <= self.share_max_pct <= _ALL:  # noqa: PLR2004 see below
            # With two persons each knows the other's part; a bound over all is none.
            raise ValueError("persons_min is 3 or more, rest_pct 1 or more, share_max_pct from 1 to 100")

    def allows(self, sum_: Measured) -> bool:
        """Whether a sum may be shown. What nobody stands behind is the company's own."""
        if sum_.persons == 0:
            return True
        return (
            sum_.persons >= self.persons_min
            and sum_.rest_minor * _ALL >= self.rest_pct * sum_.first_minor
            and sum_.first_minor * _ALL <= self.share_max_pct * sum_.parts_minor
        )

    def hides(self, hidden: Measured, others_minor: int) -> bool:
        """Whether a cell is hidden among others of a block: they are wide enough for it not to be read off the sum."""
        return others_minor * _ALL >= self.rest_pct * hidden.parts_minor

    def allows_cut(self, persons: int, parts_minor: int, first_minor: int, second_minor: int) -> bool:
        """Whether the difference of two tables may be known, from the least it can be.

        Args:
            persons: Distinct persons in it, at least.
            parts_minor: Their parts, at least.
            first_minor: The largest part of one person in the whole of both tables.
            second_minor: The next one.
        """
        return (
            persons >= self.persons_min
            and parts_minor * _ALL >= (_ALL + self.rest_pct) * first_minor + _ALL * second_minor
            and parts_minor * self.share_max_pct >= _ALL * first_minor
        )
