"""What the persons meter says: distinct persons of one processor in one year, before and after a transfer."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SENSITIVE = 1
"""Bit of a person of whom sensitive data went out."""

SUBJECTS: Mapping[str, int] = MappingProxyType(
    {
        "buyer": 2,
        "recipient": 4,
        "declarant": 8,
        "invoice_holder": 16,
        "talent": 32,
        "employee": 64,
        "b2b_contact": 128,
    }
)
"""Kinds of persons with their bit. A person may be of several kinds and is still one person."""

CLASSES = ("sensitive", "non_sensitive")


@dataclass(frozen=True, slots=True)
class Persons:
    """Distinct persons by class; who is sensitive once is not counted as non-sensitive."""

    sensitive: int = 0
    non_sensitive: int = 0

    def __add__(self, other: Persons) -> Persons:
        return Persons(self.sensitive + other.sensitive, self.non_sensitive + other.non_sensitive)


@dataclass(frozen=True, slots=True)
class Totals:
    """Persons of a processor and year.

    Attributes:
        counted: In transfers that are not exempt, and declared ones.
        exempt: In exempt transfers; some of them may be among the counted too.
        everyone: In either.
        own: The same without declared ones.
        by_subject: Everyone of this system by kind; they add up to more where a person is of several.
    """

    counted: Persons
    exempt: Persons
    everyone: Persons
    own: Persons
    by_subject: dict[str, Persons]

    def toward_lines(self, *, count_exempt: bool) -> Persons:
        """The persons that stand against the lines: everyone where the profile counts exempt ones."""
        return self.everyone if count_exempt else self.counted


@dataclass(frozen=True, slots=True)
class MeterReading:
    """The meter before and after a transfer; both are the same where nothing was asked but the state.

    Attributes:
        processor: The legal processor.
        year: Calendar year in the meter's zone.
        this_system_only: Nothing is declared of flows outside this system or of the balance at the year's start.
        upper_bound: Some persons could not be told apart, so there may be fewer.
    """

    processor: str
    year: int
    before: Totals
    after: Totals
    this_system_only: bool
    upper_bound: bool


def totals_from(groups: Iterable[tuple[int, int, int]], declared: Persons, declared_exempt: Persons) -> Totals:
    """Totals from how many persons have which bits.

    Args:
        groups: Bits in counted transfers, bits in exempt ones, number of persons.
        declared: Persons of flows outside this system.
        declared_exempt: The same in exempt flows.
    """
    rows = [(counted, exempt, persons) for counted, exempt, persons in groups if persons]
    own = _persons((counted | exempt, persons) for counted, exempt, persons in rows)
    return Totals(
        counted=_persons((counted, persons) for counted, _, persons in rows) + declared,
        exempt=_persons((exempt, persons) for _, exempt, persons in rows) + declared_exempt,
        everyone=own + declared + declared_exempt,
        own=own,
        by_subject={
            subject: _persons(
                (counted | exempt, persons) for counted, exempt, persons in rows if (counted | exempt) & bit
            )
            for subject, bit in SUBJECTS.items()
        },
    )


def _persons(groups: Iterable[tuple[int, int]]) -> Persons:
    sensitive = plain = 0
    for mask, persons in groups:
        if mask & SENSITIVE:
            sensitive += persons
        elif mask:
            plain += persons
    return Persons(sensitive, plain)
