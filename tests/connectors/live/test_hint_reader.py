"""Hints are read in turns: no flood of messages and no right that is missing keeps everything else waiting."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from entrepot.connectors.live.errors import RightMissing
from entrepot.connectors.live.hints import READ_AT_ONCE, READS_MAX, HintReader
from entrepot.errors import EntrepotError
from tests.connectors.live.casework import feed_named

_ORDERS, _REFUNDS = feed_named("tmall_live_trades"), feed_named("tmall_live_refunds")


@dataclass(frozen=True)
class Waiting:
    feed: str
    id: str


@dataclass
class Hints:
    """Hints that come as fast as they are read, of the feeds that are named. It proves nothing of the state."""

    names: tuple[str, ...]
    claims: int = 0
    dropped: list[str] = field(default_factory=list)
    released: list[str] = field(default_factory=list)

    def claim(self, *_asked: object) -> list[Any]:
        self.claims += 1
        return [Waiting(self.names[at % len(self.names)], f"{self.claims}-{at}") for at in range(4)]

    def settle(self, *_told: object) -> None: ...

    def drop(self, gone: list[Any]) -> None:
        self.dropped += [hint.feed for hint in gone]

    def release(self, hints: list[Any], _now_s: float) -> None:
        self.released += [hint.feed for hint in hints]


def _reader(hints: Hints, refused: str = "") -> HintReader:
    def answer(call: tuple[str, str]) -> Any:
        if call[0] == refused:
            raise RightMissing("s", call[0], "11", "the app lacks the right")
        return SimpleNamespace(read={})

    def outcomes(calls: list[tuple[str, str]]) -> list[Any]:
        made: list[Any] = []
        for call in calls:
            try:
                made.append(answer(call))
            except EntrepotError as error:
                made.append(error)
        return made

    clock = SimpleNamespace(now_s=lambda: 1.0)
    caller: Any = SimpleNamespace(shop="s", clock=clock, platform_now_s=lambda: 1.0, outcomes=outcomes)
    # Whatever is read is gone: what becomes of documents is another test's business.
    client = SimpleNamespace(
        read_call=lambda feed, document: (feed.name, document), versions_in=lambda _feed, _read: ()
    )
    spec: Any = SimpleNamespace(client=client, by_id={}, feed_names={_ORDERS.name, _REFUNDS.name})
    state: Any = SimpleNamespace(watermark=lambda _shop, _feed: None)
    return HintReader(caller, spec, state, hints, None)  # type: ignore[arg-type]


def test_messages_that_come_faster_than_they_are_read_leave_polling_its_turn() -> None:
    hints = Hints((_ORDERS.name,))
    _reader(hints).read((_ORDERS, _REFUNDS))
    assert hints.claims == READS_MAX < READ_AT_ONCE


def test_a_right_that_is_missing_for_refunds_keeps_no_order_waiting() -> None:
    hints = Hints((_REFUNDS.name, _ORDERS.name))
    with pytest.raises(RightMissing):
        _reader(hints, refused=_REFUNDS.name).read((_ORDERS, _REFUNDS))
    assert (hints.dropped, hints.released) == ([_ORDERS.name] * 2, [_REFUNDS.name] * 2)
