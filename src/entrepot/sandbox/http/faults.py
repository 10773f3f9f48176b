"""The fault dial: what real marketplaces do to those who read them, by name, each with a rate and once for sure."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

_Row = TypeVar("_Row")

FAULTS = {
    "duplicates": "rows of a list come twice",
    "out_of_order": "rows of a page come in another order",
    "page_shift": "a page silently shows rows of the page before it",
    "server_error": "HTTP 502 with a page of HTML",
    "no_answer": "the connection closes before the answer, which was made all the same",
    "truncated": "the JSON breaks off",
    "control_characters": "raw tabs and line ends within strings",
    "throttle": "too many calls: a ban of one second",
    "token_expiry": "the access token ends in the middle of a window",
    "new_fields": "answers have fields that nobody has heard of",
    "late_modification": "changes are listed up to seven minutes after the time they carry",
    "clock_skew": "the platform's clock is a quarter of an hour ahead",
    "field_renamed": "a field that decides has another name",
    "field_retyped": "a text has become an object",
}
"""Faults of orders; `late_modification` and `clock_skew` hold from the start, the last two as long as they are on."""

BILL_FAULTS = {
    "file_late": "a file is not made yet on the morning that it is promised for",
    "link_expired": "the link to a file has ended before it is used",
    "digest_wrong": "a file comes whole, with other bytes than were stated",
}
"""Faults of files that a platform hands out, beside those of the connection: 502, no answer, what breaks off."""

PUSH_FAULTS = {
    "push_lost": "a message is never sent",
    "push_twice": "a message comes twice at once",
    "push_again": "a message that was confirmed comes once more",
    "push_shuffled": "messages come in another order",
    "push_cut": "the connection on which messages come breaks off",
    "push_forged": "somebody else posts messages, signed with another secret",
}
"""Faults of messages that a platform sends."""

_LASTING = frozenset({"late_modification", "clock_skew", "field_renamed", "field_retyped"})


@dataclass
class Faults:
    """Which faults are on, and how often each fires.

    Attributes:
        names: Faults that are on.
        seed: Of the dice.
        every: A fault fires about once in so many occasions, and at one of the first three for sure.
        fired: How often each did.
    """

    names: frozenset[str] = frozenset()
    seed: int = 1
    every: int = 29
    fired: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {**FAULTS, **BILL_FAULTS, **PUSH_FAULTS}
        unknown = self.names - set(known)
        if unknown:
            raise ValueError(f"there is no fault {sorted(unknown)}; there are {sorted(known)}")
        self._dice, self._lock = Random(self.seed), threading.Lock()  # noqa: S311 two runs must agree
        self._asked: dict[str, int] = {}

    def fires(self, name: str) -> bool:
        """Whether a fault happens on this occasion."""
        if name not in self.names:
            return False
        with self._lock:
            if name in _LASTING:
                self.fired[name] = self.fired.get(name, 0) + 1
                return True
            self._asked[name] = self._asked.get(name, 0) + 1
            happens = self._dice.randrange(self.every) == 0 or (self._asked[name] == 3 and not self.fired.get(name))  # noqa: PLR2004
            if happens:
                self.fired[name] = self.fired.get(name, 0) + 1
            return happens

    def shuffled(self, rows: list[_Row]) -> list[_Row]:
        """The same rows in another order."""
        with self._lock:
            return self._dice.sample(rows, len(rows))
