"""What was checked and what was found. A finding names its place, never a value of an entry."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["FINDINGS_MAX", "Check", "Finding", "Report"]

FINDINGS_MAX = 100
"""Of one check that are kept; all are counted."""


class Check(StrEnum):
    """The questions that are asked of a log, in the order of the table."""

    FILES = "files"
    TILES = "tiles"
    ROOT = "root"
    SIGNATURE = "signature"
    COSIGNATURES = "cosignatures"
    HELD = "held"
    ENTRIES = "entries"
    TRANSFERS = "transfers"
    SEQUENCES = "sequences"
    PERSONS = "persons"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be.

    Attributes:
        check: Which question found it.
        problem: A word of `words.PROBLEMS`.
        place: A file's name or `entry 17`.
    """

    check: Check
    problem: str
    place: str


@dataclass(slots=True)
class Report:
    """The answer.

    Attributes:
        origin: The log's name as its checkpoint says it.
        size: Number of entries as the checkpoint says it.
        root: Root in base64 as the checkpoint says it.
        last_at: Time of the last entry.
        cosigned: Name of a witness to the greatest number of entries that it cosigned.
        findings: The first ones of each check.
        counts: All of each check.
        unasked: Checks for which the caller gave nothing to check against.
    """

    origin: str = ""
    size: int = 0
    root: str = ""
    last_at: str = ""
    cosigned: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[Check] = field(default_factory=Counter)
    unasked: set[Check] = field(default_factory=set)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.counts

    def found(self, check: Check, problem: str, place: str) -> None:
        """Keep a finding."""
        self.counts[check] += 1
        if self.counts[check] <= FINDINGS_MAX:
            self.findings.append(Finding(check, problem, place))

    def state(self, check: Check) -> str:
        """`whole`, `findings` or `unasked`."""
        if self.counts[check]:
            return "findings"
        return "unasked" if check in self.unasked else "whole"
