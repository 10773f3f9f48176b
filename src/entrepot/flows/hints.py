"""Push messages of every connection that has them: taken, kept as hints, and read by id between two looks of polling.

    open        who asks for messages, and which connections share an app          connectors, store
    wait        for platforms that send them by themselves; see `receiving`        flows.receiving
    take        messages; what they hint at is kept before the platform hears it   connectors, store
    read        what hints name, through raw pages like everything else            connectors, store

Polling stays the truth: nothing here moves a watermark, and whatever no message told comes with the next look.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.connectors.live.calling import SystemClock
from entrepot.connectors.live.extract import Extracted
from entrepot.connectors.live.hints import HintReader, Intake, consume
from entrepot.connectors.live.messages import Asking, Streamed
from entrepot.errors import EntrepotError
from entrepot.flows.receiving import Receiving
from entrepot.flows.syncing import Shop, connection_names, connection_of, has_messages, messages_of, sellers
from entrepot.store import HintState, MessageCounts, State
from entrepot.store.hints import KEPT_S

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from entrepot.connectors.live.calling import Clock
    from entrepot.connectors.live.sending import Transport
    from entrepot.flows.parts import CellParts
    from entrepot.store import ConnectionSettings

TRY_AGAIN_S = 30.0
"""A connection whose messages could not be taken rests so long; polling goes on meanwhile."""

ASK_EVERY_S = 1.0
"""A platform that had no messages is asked again after so long: each question counts against its limits."""

_FORGET_EVERY_S = 3600.0


@dataclass(slots=True)
class MessageStatus:
    """What became of the messages of a connection.

    Attributes:
        way: How they come.
        counts: See there.
    """

    shop: str
    channel: str
    way: str
    counts: MessageCounts


class Attending:
    """Connections whose platforms push messages, kept open while somebody waits for messages.

    Args:
        parts: The cell.
        names: Connections, as `connection_of` takes them; those without messages are left out.
        only: As for `extract`: what is not asked for is not read.
        transport: How calls are sent; HTTP unless a test says otherwise.
        clock: Time and waiting.
    """

    def __init__(
        self,
        parts: CellParts,
        names: Sequence[str],
        *,
        only: Collection[str] = (),
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._parts, self._only, self._transport, self._clock = parts, set(only), transport, clock
        self._state = State(parts.layout)
        self._hints = HintState(self._state)
        self._open: dict[str, Shop] = {}
        self._permitted: set[str] = set()
        self._not_before_s: dict[str, float] = {}
        self._now_s = (clock or SystemClock()).now_s
        self._forgotten_s = 0.0
        named = (connection_of(parts, name) for name in names)
        # Who serves a shop has a connection under the shop's name too, and no messages.
        self._connections = list({each.shop: each for each in named if has_messages(parts, each)}.values())
        self.receiving = Receiving(parts, self._connections, self._hints, clock or SystemClock())
        self.receiving.open()

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to wait for."""
        return bool(self._connections)

    def once(self) -> dict[str, Extracted]:
        """Take what messages there are and read what hints wait; publishes nothing.

        Returns:
            What was read of each shop that had something, and what kept others from being read.
        """
        found: dict[str, Extracted] = {}
        self.receiving.open()
        for each in self._connections:
            done = Extracted(troubles=self.receiving.troubles(each.shop))
            try:
                self._attend(each, done)
            except EntrepotError as error:
                done.troubles.append(error)
                self._put_off(each, TRY_AGAIN_S)
            if done.documents or done.known or done.troubles:
                found[f"{each.shop}:{each.channel} messages"] = done
        return found

    def close(self) -> None:
        """Let go of doors, hints and connections."""
        self.receiving.close()
        for shop in self._open.values():
            shop.close()
        self._hints.close()
        self._state.close()

    def _attend(self, each: ConnectionSettings, done: Extracted) -> None:
        spec, now_s = messages_of(self._parts, each), self._now_s()
        may_call = self._not_before_s.get(each.shop, 0.0) <= now_s
        if each.shop not in self._open and not may_call:
            return
        shop = self._opened(each)
        if may_call and isinstance(spec.client, Asking | Streamed) and each.shop not in self._permitted:
            shop.caller.answer(spec.client.permit_call())
            self._permitted.add(each.shop)
        if may_call and isinstance(spec.client, Asking):
            known = sellers(self._parts, each.channel)
            intake = Intake(spec, self._hints, each.shop, is_sole=not each.seller, sellers=known)
            if not consume(shop.caller, spec.client, intake, each.message_group):
                self._put_off(each, ASK_EVERY_S)
        feeds = [feed for feed in shop.feeds if not self._only or {feed.what, feed.name} & self._only]
        HintReader(shop.caller, spec, shop.sync, self._hints, shop.pages, done).read(feeds)
        if now_s > self._forgotten_s + _FORGET_EVERY_S:
            self._forgotten_s = now_s
            self._hints.forget(now_s - KEPT_S)

    def _opened(self, each: ConnectionSettings) -> Shop:
        if each.shop not in self._open:
            name = f"{each.shop}:{each.channel}"
            shop = Shop(self._parts, self._state, name, transport=self._transport, clock=self._clock)
            # When something was read is told by the platform's clock.
            with contextlib.ExitStack() as closing:
                closing.callback(shop.close)
                shop.caller.learn_time()
                closing.pop_all()
            self._open[each.shop] = shop
        return self._open[each.shop]

    def _put_off(self, each: ConnectionSettings, seconds: float) -> None:
        self._not_before_s[each.shop] = self._now_s() + seconds


def message_status(parts: CellParts) -> list[MessageStatus]:
    """What became of the messages of every connection that takes some."""
    found = []
    with contextlib.closing(State(parts.layout)) as state, contextlib.closing(HintState(state)) as hints:
        for name in connection_names(parts) if parts.settings.connections else ():
            each = connection_of(parts, name)
            if has_messages(parts, each):
                way = messages_of(parts, each).way.value
                found.append(MessageStatus(each.shop, each.channel, way, hints.counts(each.shop)))
    return found
