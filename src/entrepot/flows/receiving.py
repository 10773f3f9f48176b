"""Addresses of ours at which messages of platforms that post them are waited for, one per `message_door` of settings.

A door is open from the first look of `sync watch` on, while shops are read too: what comes is kept as hints, and read
between two looks like any other. Connections of one app share what is posted for it; sellers tell their shops apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.connectors.live.contract import Credentials
from entrepot.connectors.live.door import Desk, Door
from entrepot.connectors.live.errors import ConnectionMissing, DoorMissing, DoorShut, MessagesNotKept
from entrepot.connectors.live.hints import Intake
from entrepot.connectors.live.messages import Posted
from entrepot.errors import EntrepotError
from entrepot.flows.syncing import messages_of, secret_names, secrets_of, sellers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.connectors.live.calling import Clock
    from entrepot.connectors.live.messages import Message
    from entrepot.flows.parts import CellParts
    from entrepot.store import ConnectionSettings, HintState

TRY_AGAIN_S = 30.0
"""A door that could not be opened is tried again after so long."""


class Doors:
    """Doors of the connections whose platforms post messages.

    Args:
        parts: The cell.
        connections: Connections that take messages, of any platform.
        hints: Where hints are kept.
        clock: Time.
    """

    def __init__(
        self, parts: CellParts, connections: Sequence[ConnectionSettings], hints: HintState, clock: Clock
    ) -> None:
        self._parts, self._hints, self._clock = parts, hints, clock
        self._open: dict[str, Door] = {}
        self._waiting: dict[str, list[ConnectionSettings]] = {}
        self._try_s = 0.0
        self._troubles: dict[str, EntrepotError] = {}
        for each in connections:
            if not isinstance(messages_of(parts, each).client, Posted):
                continue
            if each.message_door:
                self._waiting.setdefault(each.message_door, []).append(each)
            else:
                self._troubles[each.shop] = DoorMissing(each.shop)

    def open(self) -> None:
        """Open every door that is not open yet and may be tried now."""
        if not self._waiting or self._clock.now_s() < self._try_s:
            return
        self._try_s = self._clock.now_s() + TRY_AGAIN_S
        for address, behind in list(self._waiting.items()):
            desks = self._desks(behind)
            # Who lacks a secret keeps nobody else behind the same door out.
            if not desks:
                continue
            try:
                self._open[address] = Door(address, desks)
            except DoorShut as error:
                self._troubles[error.shop] = error
                continue
            del self._waiting[address]

    def troubles(self, shop: str) -> list[EntrepotError]:
        """What keeps a shop's messages out, told once; what was refused meanwhile is counted."""
        for door in self._open.values():
            for name, posts in door.take_refused().items():
                self._hints.refuse(name, posts)
            for name, (posts, reason) in door.take_unkept().items():
                self._troubles[name] = MessagesNotKept(name, posts, reason)
        return [self._troubles.pop(shop)] if shop in self._troubles else []

    def port(self, address: str) -> int | None:
        """Where the door of an address listens; None while it is shut."""
        return self._open[address].port if address in self._open else None

    def close(self) -> None:
        """Shut every door, and count what was refused."""
        for door in self._open.values():
            door.close()
            for name, posts in door.take_refused().items():
                self._hints.refuse(name, posts)
        self._open.clear()

    def _desks(self, behind: Sequence[ConnectionSettings]) -> list[Desk]:
        """One for each app; its first connection counts for those that no seller tells apart."""
        by_app: dict[tuple[str, str], list[tuple[ConnectionSettings, Credentials]]] = {}
        for each in behind:
            try:
                found = secrets_of(self._parts, each).read(secret_names(self._parts, each))
            except EntrepotError as error:
                self._troubles[each.shop] = error
                continue
            missing = tuple(name for name in ("app_key", "secret") if not found.get(name))
            if missing:
                self._troubles[each.shop] = ConnectionMissing(each.shop, missing)
                continue
            by_app.setdefault((each.channel, found["app_key"]), []).append((each, Credentials(found)))
        return [self._desk(shops) for shops in by_app.values()]

    def _desk(self, shops: Sequence[tuple[ConnectionSettings, Credentials]]) -> Desk:
        first, credentials = shops[0]
        spec = messages_of(self._parts, first)
        assert isinstance(spec.client, Posted), "behind a door stand platforms that post"
        is_sole = len(shops) == 1 and not first.seller
        known = sellers(self._parts, first.channel)
        intake = Intake(spec, self._hints, first.shop, is_sole=is_sole, sellers=known)

        def keep(messages: Sequence[Message]) -> None:
            intake.take(messages, self._clock.now_s())

        return Desk(first.shop, spec.client, credentials, keep)
