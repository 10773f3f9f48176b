"""What a simulated marketplace tells without being asked: a message for each thing that happens in its shop.

A message is due when the platform's own lists show the change, and comes again until its receiver has confirmed it. How
long that takes is not published for any of them and is set here. Manuals say of one or the other that messages may come
twice, in another order, or not at all: the dial does all of it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.world import LiveOrder, LiveWorld

_FIRST_NUMBER = 4_160_600_490_000_000_000


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to an order.

    Attributes:
        number: What tells its message from every other.
        order: The order.
        what: As `Event` calls it.
        at: When it happened, unix seconds.
        seen_at: When the platform shows it, and sends the message.
        is_closing: Whether the order was closed by it.
    """

    number: int
    order: LiveOrder
    what: str
    at: int
    seen_at: int
    is_closing: bool


@dataclass
class Outbox:
    """Messages of one shop that wait for their receiver.

    Attributes:
        world: What happens.
        faults: What goes wrong on the way.
        again_s: A message that is not confirmed comes again after so many simulated seconds.
    """

    world: LiveWorld
    faults: Faults
    again_s: float = 60.0
    _next: int = field(default=0, init=False)
    _waiting: dict[int, tuple[Happening, float]] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        events = [
            (event.seen_at, order.order_id, place, order, event)
            for order in self.world.made
            for place, event in enumerate(order.events)
        ]
        events.sort(key=lambda each: each[:3])
        self._all = [
            Happening(_FIRST_NUMBER + number, order, event.what, event.at, seen, _closes(order, event.what))
            for number, (seen, _, _, order, event) in enumerate(events)
        ]
        self._last: Happening | None = None

    def skip(self, now: float) -> None:
        """Leave out what happened before: messages begin when somebody asks for them."""
        with self._lock:
            while self._next < len(self._all) and self._all[self._next].seen_at <= now:
                self._next += 1

    def due(self, now: float, most: int) -> list[Happening]:
        """Messages to be sent now, oldest first; those that are sent wait for their confirmation."""
        with self._lock:
            while self._next < len(self._all) and self._all[self._next].seen_at <= now:
                happened = self._all[self._next]
                self._next += 1
                if not self.faults.fires("push_lost"):
                    self._waiting[happened.number] = (happened, now)
            found = [happened for happened, due_at in self._waiting.values() if due_at <= now][:most]
            for happened in found:
                self._waiting[happened.number] = (happened, now + self.again_s)
        if len(found) > 1 and self.faults.fires("push_shuffled"):
            found = self.faults.shuffled(found)
        if found and self.faults.fires("push_twice"):
            found = [*found, found[0]][-most:]
        if self._last is not None and len(found) < most and self.faults.fires("push_again"):
            found = [*found, self._last]
        return found

    def has_due(self, now: float) -> bool:
        """Whether a message is to be sent now."""
        with self._lock:
            is_new = self._next < len(self._all) and self._all[self._next].seen_at <= now
            return is_new or any(due_at <= now for _, due_at in self._waiting.values())

    def confirm(self, number: int) -> None:
        """A message was taken and need not come again."""
        with self._lock:
            self._last, _ = self._waiting.pop(number, (self._last, 0.0))

    @property
    def unconfirmed(self) -> int:
        """Messages that were due and are not confirmed."""
        return len(self._waiting)


def _closes(order: LiveOrder, what: str) -> bool:
    """Whether the whole order ends with this: never paid, or given back before it left."""
    shipped = any(event.what == "shipped" for event in order.events)
    return what == "cancelled" or (what == "refund_done" and not shipped)
