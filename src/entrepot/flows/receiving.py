"""What brings messages in by itself: addresses of ours at which platforms post, and connections on which they send.

Both are open from the first look of `sync watch` on, while shops are read too: what comes is kept as hints, and read
between two looks like any other. Connections of one app share what comes for it; sellers tell their shops apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.connectors.live.contract import Credentials
from entrepot.connectors.live.door import Desk, Door
from entrepot.connectors.live.errors import (
    ConnectionMissing,
    DoorMissing,
    DoorShut,
    MessagesNotKept,
    SellerMissing,
    StreamBroken,
)
from entrepot.connectors.live.hints import Intake
from entrepot.connectors.live.messages import Posted, Streamed
from entrepot.connectors.live.stream import Line, Stream
from entrepot.errors import EntrepotError
from entrepot.flows.syncing import messages_of, secret_names, secrets_of, sellers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from entrepot.connectors.live.calling import Clock
    from entrepot.connectors.live.messages import Message, Messages
    from entrepot.flows.parts import CellParts
    from entrepot.store import ConnectionSettings, HintState

TRY_AGAIN_S = 30.0
"""What could not be opened is tried again after so long."""


@dataclass(frozen=True)
class _App:
    """Connections of one app: the first counts for messages that no seller tells apart."""

    first: ConnectionSettings
    shops: frozenset[str]
    spec: Messages
    credentials: Credentials
    keep: Callable[[Sequence[Message]], None]


class Receiving:
    """Doors and streams of the connections whose platforms have them.

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
        self._doors: dict[str, Door] = {}
        self._streams: dict[str, Stream] = {}
        self._waiting: dict[str, list[ConnectionSettings]] = {}
        self._try_s = 0.0
        self._troubles: dict[str, EntrepotError] = {}
        for each in connections:
            client = messages_of(parts, each).client
            if isinstance(client, Streamed):
                self._waiting.setdefault(each.message_gateway or client.stream, []).append(each)
            elif isinstance(client, Posted) and each.message_door:
                self._waiting.setdefault(each.message_door, []).append(each)
            elif isinstance(client, Posted):
                self._troubles[each.shop] = DoorMissing(each.shop)

    def open(self) -> None:
        """Open whatever is not open yet and may be tried now."""
        if not self._waiting or self._clock.now_s() < self._try_s:
            return
        self._try_s = self._clock.now_s() + TRY_AGAIN_S
        for address, behind in list(self._waiting.items()):
            # Who lacks a secret keeps nobody else at the same address out.
            apps = self._apps(behind)
            desks = [
                Desk(each.first.shop, each.spec.client, each.credentials, each.keep)
                for each in apps
                if isinstance(each.spec.client, Posted)
            ]
            for each in apps:
                if isinstance(each.spec.client, Streamed):
                    now_s, client = self._clock.now_s, each.spec.client
                    line = Line(each.first.shop, address, client, each.credentials, each.keep, now_s)
                    self._streams[each.first.shop] = Stream(line)
            try:
                if desks and address in self._doors:
                    self._doors[address].add(desks)
                elif desks:
                    self._doors[address] = Door(address, desks)
            except DoorShut as error:
                self._troubles[error.shop] = error
                continue
            ready = frozenset[str]().union(*(each.shops for each in apps))
            self._waiting[address] = [each for each in behind if each.shop not in ready]
            if not self._waiting[address]:
                del self._waiting[address]

    def troubles(self, shop: str) -> list[EntrepotError]:
        """What keeps a shop's messages out, told once; what was refused meanwhile is counted."""
        self._count_refused()
        unkept = {name: each for door in self._doors.values() for name, each in door.take_unkept().items()}
        for name, stream in self._streams.items():
            unkept |= {name: told} if (told := stream.take_unkept())[0] else {}
            if reason := stream.take_trouble():
                self._troubles[name] = StreamBroken(name, reason)
        self._troubles |= {name: MessagesNotKept(name, times, reason) for name, (times, reason) in unkept.items()}
        return [self._troubles.pop(shop)] if shop in self._troubles else []

    def port(self, address: str) -> int | None:
        """Where the door of an address listens; None while it is shut."""
        return self._doors[address].port if address in self._doors else None

    def close(self) -> None:
        """Take no more messages, and count what was refused."""
        for door in self._doors.values():
            door.close()
        for stream in self._streams.values():
            stream.close()
        self._count_refused()
        self._doors.clear()
        self._streams.clear()

    def _count_refused(self) -> None:
        for door in self._doors.values():
            for name, posts in door.take_refused().items():
                self._hints.refuse(name, posts)

    def _apps(self, behind: Sequence[ConnectionSettings]) -> list[_App]:
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
        return [self._app(shops) for shops in by_app.values()]

    def _app(self, shops: Sequence[tuple[ConnectionSettings, Credentials]]) -> _App:
        first, credentials = shops[0]
        spec, known = messages_of(self._parts, first), sellers(self._parts, first.channel)
        is_sole = len(shops) == 1 and not first.seller
        names = frozenset(each.shop for each, _ in shops)
        if len(shops) > 1:
            self._troubles |= {each.shop: SellerMissing(each.shop) for each, _ in shops if not each.seller}
        intake = Intake(spec, self._hints, first.shop, is_sole=is_sole, sellers=known)

        def keep(messages: Sequence[Message]) -> None:
            intake.take(messages, self._clock.now_s())

        return _App(first, names, spec, credentials, keep)
