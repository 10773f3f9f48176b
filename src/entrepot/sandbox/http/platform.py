"""What every simulated marketplace has: requests, answers, a clock of its own, and the truth in canonical words."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from entrepot.sandbox.http.ads import Advertising
from entrepot.sandbox.http.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from entrepot.sandbox.http.faults import Faults
    from entrepot.sandbox.http.websocket import WebSocket
    from entrepot.sandbox.http.world import LiveWorld, OrderView

SKEW_S = 900
_CODE_LIFE_S = 600


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came.

    Attributes:
        verb: HTTP verb.
        path: Path without query.
        query: Decoded query parameters.
        headers: Names in lower case.
        body: As sent.
        target: Path and query as they came, where a signature is about them.
    """

    verb: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    target: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer.

    Attributes:
        length: Bytes that are announced, where the connection breaks off before they were all sent.
    """

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None


class SimClock:
    """The platform's clock: real time moved and stretched, and a little further with every request.

    Args:
        start_s: What it shows now, unix seconds.
        speed: Simulated seconds per second.
        tick_s: Simulated seconds that pass with each request.
    """

    def __init__(self, start_s: float, speed: float = 1.0, tick_s: float = 0.0) -> None:
        self._start_s, self._speed, self._tick_s = start_s, speed, tick_s
        self._from, self._ticks, self._lock = time.monotonic(), 0.0, threading.Lock()

    def now_s(self) -> float:
        """Unix seconds."""
        return self._start_s + (time.monotonic() - self._from) * self._speed + self._ticks

    def tick(self) -> None:
        """A request was made."""
        self.advance(self._tick_s)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self._ticks += seconds


STATES = {
    "unpaid": ("unpaid", "open", "unallocated"),
    "paid": ("escrowed", "open", "allocated"),
    "shipped": ("escrowed", "open", "shipped"),
    "done": ("released", "completed_by_buyer", "delivered"),
    "cancelled": ("voided", "cancelled_unpaid", "unallocated"),
    "closed": ("voided", "closed_refunded", "unallocated"),
}
"""Stage of an order to its states of payment, commerce and fulfilment."""


def truth_of_order(
    view: OrderView, *, points_are_tender: bool = True, states_discounts: bool = False
) -> dict[str, Any]:
    """One order in the words of the canonical tables; instants in unix seconds.

    Args:
        view: The order.
        points_are_tender: Whether points are shown as a way to pay; else as a discount of the payment provider.
        states_discounts: Whether the merchant's discount stands on an order that is not paid yet.
    """
    order = view.order
    payment, commercial, fulfilment = STATES[view.stage]
    is_paid = view.at("paid") is not None or states_discounts
    return {
        "order_id": order.order_id,
        "payment_state": payment,
        "commercial_state": commercial,
        "fulfilment_state": fulfilment,
        "placed_at": view.at("placed"),
        "paid_at": view.at("paid"),
        "shipped_at": view.at("shipped"),
        "confirmed_at": view.at("confirmed"),
        "modified_at": view.modified_at,
        "goods_minor": order.goods_minor,
        "shipping_minor": order.shipping_minor,
        "paid_minor": view.paid_minor,
        "discount_merchant_minor": order.merchant_minor if is_paid else 0,
        "discount_platform_minor": order.platform_minor,
        "tender_minor": order.points_minor if points_are_tender else 0,
        "refund_stated_minor": view.refunded_minor,
        "lines": [
            {"line_id": line.line_id, "sku_id": line.sku, "quantity": line.quantity, "goods_minor": line.goods_minor}
            for line in order.lines
        ],
    }


@dataclass(frozen=True, slots=True)
class Busy:
    """How big a shop has to be so that every fault of the dial happens to those who sync it.

    Attributes:
        orders: Orders of the shop.
        days: So long they are placed.
        page_rows: Rows per page.
        span_hours: Length of windows, where the platform takes them so long; runs are at least as far apart.
    """

    orders: int = 60
    days: int = 2
    page_rows: int = 4
    span_hours: int = 6


@dataclass
class Simulated(ABC):
    """A simulated marketplace. Its module in this folder is all that it takes: the server finds it there.

    What they share: world, clock, faults. What each states of itself:

    Attributes:
        name: As the product calls the platform.
        renamed: Field that the fault `field_renamed` renames, and what it is called then.
        titles: Fields with text of people, in which control characters have been seen.
        lines_max: Lines that an order of it has at most.
        immune: Faults that it cannot have, for it has no such thing.
        region: Region of the cell that may sync it.
        busy: How big a shop has to be for a test of every fault.
        advertises: Names of its campaigns, where a world has none.
        has_orders: Whether it tells orders; who only pays shops out hands out files.
        code_name: How the browser brings back the code of a consent.
    """

    world: LiveWorld
    clock: SimClock
    faults: Faults
    name: ClassVar[str]
    renamed: ClassVar[tuple[str, str]]
    titles: ClassVar[tuple[str, ...]] = ("title",)
    lines_max: ClassVar[int] = 3
    immune: ClassVar[frozenset[str]] = frozenset()
    region: ClassVar[str] = "CN"
    busy: ClassVar[Busy] = Busy()
    _codes: dict[str, float] = field(default_factory=dict, init=False)
    has_orders: ClassVar[bool] = True
    code_name: ClassVar[str] = "code"
    advertises: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def claims(self, path: str) -> bool:
        """Whether a path is one of its addresses."""

    @abstractmethod
    def answer(self, asked: Asked) -> Said:
        """Answer a request; business errors are answers too."""

    @abstractmethod
    def connection(self, base_url: str) -> dict[str, str]:
        """`gateway_url` and what to sign with."""

    @abstractmethod
    def truth(self) -> dict[str, Any]:
        """Orders and cases as the canonical tables should have them now."""

    @cached_property
    def shelf(self) -> Shelf:
        """What the shop has on offer."""
        return Shelf(self.world)

    @cached_property
    def ads(self) -> Advertising:
        """What the shop spends on advertising."""
        return Advertising(self.world, self.advertises)

    def send_to(self, address: str) -> None:
        """Set where messages are posted, as an app's console does; those of what happened before are left out."""
        raise ValueError(f"{self.name} posts no messages; there is nothing to send to {address}")

    def push(self) -> int:
        """Post the messages that are due; returns how many were taken. Who is asked for messages posts none."""
        return 0

    def line(self, path: str) -> Callable[[WebSocket], None] | None:
        """Who talks on a web socket at an address; nobody where it is not signed, or the platform has none."""
        del path
        return None

    def stop(self) -> bool:
        """Talk no more on web sockets; returns whether anybody might have."""
        return False

    def issue_code(self) -> str:
        """The owner of the shop said yes in a browser: a code for one token, good for ten minutes."""
        code = f"code-{len(self._codes) + 1}-{self.name}"
        self._codes[code] = self.clock.now_s() + _CODE_LIFE_S
        return code

    def redeem(self, code: object) -> bool:
        """Whether a code is good; it is not any more afterwards."""
        good = self._codes.get(str(code), 0.0) >= self.clock.now_s()
        self._codes[str(code)] = 0.0
        return good

    @property
    def now(self) -> int:
        """The platform's time, whole seconds."""
        skew = SKEW_S if "clock_skew" in self.faults.names else 0
        return int(self.clock.now_s()) + skew

    def spoilt_rows(self, rows: list[Any], page: int, size: int) -> list[Any]:
        """One page of a list, with whatever the dial does to it. Pages are counted from 0."""
        start = page * size
        if page > 0 and self.faults.fires("page_shift"):
            start -= max(size // 2, 1)
        shown = rows[start : start + size]
        if len(shown) > 1 and self.faults.fires("out_of_order"):
            shown = self.faults.shuffled(shown)
        if shown and self.faults.fires("duplicates"):
            shown = [*shown, shown[0]]
        return shown

    def rows_behind(self, ordered: list[Any], behind: int, size: int) -> tuple[list[Any], list[Any]]:
        """One page of a list with a cursor, and what the dial makes of it. No row is skipped, some come twice.

        Args:
            ordered: Every row of the list.
            behind: So many of them lie before the cursor.
            size: Rows per page.
        Returns:
            Rows as they are shown, and rows that the page stands for: behind the last of them the next page begins.
        """
        first = behind
        if behind > 0 and self.faults.fires("page_shift"):
            first = max(behind - max(size // 2, 1), 0)
        page = ordered[first : first + size]
        return self.spoilt_rows(page, 0, len(page)), page
