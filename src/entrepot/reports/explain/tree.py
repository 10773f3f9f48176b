"""An explanation as a tree: each node a figure, its children the parts that add up to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class More:
    """Parts that are not shown.

    Attributes:
        count: How many.
        amount_minor: Their sum, in the currency of the parts.
    """

    count: int
    amount_minor: int


@dataclass(slots=True)
class Node:
    """A figure and its parts.

    Attributes:
        id: What `entrepot explain value` takes; empty for a part that has no id of its own.
        kind: report, line, channel, month, postings, order, cause, entry, posting, component, row, exception.
        name: The code that people's words stand for: an account, a line, a part.
        amount_minor: The figure in minor units of `currency`; None where there is no amount.
        currency: ISO 4217 code.
        own_minor: For a posting, the amount as it stands in the books, debit positive: its parts add up to this one.
        own_currency: Currency of `own_minor`.
        facts: What else is to be said: days, rules, file, row, cells.
        children: Parts, the largest first.
        more: Parts beyond the limit.
        is_whole: Whether children and `more` add up to the figure. False where the parts are what it was computed of.
    """

    id: str
    kind: str
    name: str
    amount_minor: int | None = None
    currency: str | None = None
    own_minor: int | None = None
    own_currency: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    more: More | None = None
    is_whole: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Plain data with stable keys; what says nothing is left out."""
        plain: dict[str, Any] = {"id": self.id or None, "kind": self.kind, "name": self.name}
        plain |= {"amount_minor": self.amount_minor, "currency": self.currency}
        if self.own_minor is not None:
            plain |= {"own_minor": self.own_minor, "own_currency": self.own_currency}
        plain |= {"facts": self.facts} if self.facts else {}
        if self.children:
            plain |= {"adds_up": self.is_whole, "parts": [child.as_dict() for child in self.children]}
        if self.more is not None:
            plain["more"] = {"count": self.more.count, "amount_minor": self.more.amount_minor}
        return plain
