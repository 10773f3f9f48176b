"""Calls that are under way together: as many as are allowed, in their order, with one token, and none after a failure."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from entrepot.connectors.live import together
from entrepot.connectors.live.calling import Caller
from entrepot.connectors.live.contract import Credentials, Listed
from entrepot.connectors.live.errors import CallRejected
from entrepot.connectors.live.sending import Reply
from entrepot.connectors.tmall import LIVE
from entrepot.connectors.tmall.api import TRADES
from entrepot.sandbox.http.faults import Faults
from entrepot.sandbox.http.platform import Asked, SimClock
from entrepot.sandbox.http.taobao import Taobao
from entrepot.sandbox.http.world import LiveWorld
from entrepot.store import CellLayout, State, SyncState
from entrepot.testing.connector_suite import QuickClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.connectors.live.contract import Call, Request

_START_S = 1_793_462_400
_AT_ONCE = 4
_LONG_S = 20


class Crowd:
    """Hands requests to a simulated gateway; calls for orders wait for each other. It proves nothing of HTTP.

    Attributes:
        together: Calls for orders that are let through when so many are there; 0 lets each through.
        slow_s: How long every call for an order takes, but for one that nobody has.
        most: The most that were there at a time.
        renewals: Times that a token was renewed.
        sent: Ids that were asked for.
    """

    def __init__(self, platform: Taobao, together: int, slow_s: float = 0.0) -> None:
        self.platform, self.slow_s = platform, slow_s
        self.most, self.renewals, self.under_way = 0, 0, 0
        self.sent: list[str] = []
        self._lock = threading.Lock()
        self._gate = threading.Barrier(together) if together else None

    def send(self, request: Request) -> Reply:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        with self._lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            self.renewals += "refresh_token" in form
            if "tid" in form:
                self.sent.append(form["tid"])
        try:
            if self._gate is not None and "tid" in form:
                self._gate.wait(_LONG_S)
            if form.get("tid", "1") != "1":
                time.sleep(self.slow_s)
            headers = {name.lower(): value for name, value in request.headers.items()}
            with self._lock:
                path = "/" + request.url.split("/", 3)[3]
                said = self.platform.answer(Asked(request.verb, path, {}, headers, request.body))
                return Reply(said.status, said.body, self.platform.clock.now_s())
        finally:
            with self._lock:
                self.under_way -= 1


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As platforms that take one call in one request."""
    monkeypatch.setattr(LIVE.client, "calls_max", 1, raising=False)


@pytest.fixture
def platform() -> Taobao:
    clock = SimClock(_START_S + 3 * 86_400)
    return Taobao(LiveWorld(5, 12, _START_S, 1), clock, Faults())


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SyncState]:
    with contextlib.closing(State(CellLayout(tmp_path))) as kept, contextlib.closing(SyncState(kept)) as sync:
        yield sync


def _caller(platform: Taobao, wire: Crowd, state: SyncState) -> Caller:
    connection = platform.connection("http://gw")
    held = [Credentials({name: value for name, value in connection.items() if name != "gateway_url"}, 2.0**33)]
    return Caller(
        *("s", LIVE, held[0], lambda: held[-1], held.append, state, wire, connection["gateway_url"], QuickClock()),
        calls_per_s=1_000,
        at_once=_AT_ONCE,
    )


def _calls(platform: Taobao, number: int) -> list[Call]:
    ids = [str(order["order_id"]) for order in platform.truth()["orders"]][:number]
    assert len(ids) == number
    return [LIVE.client.detail_call(TRADES, Listed(each, "1")) for each in ids]


def test_slow_answers_are_waited_for_together_and_come_in_order(
    platform: Taobao, state: SyncState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "SLOW_S", 0.0)
    wire, calls = Crowd(platform, _AT_ONCE), _calls(platform, 2 * _AT_ONCE)
    with contextlib.closing(_caller(platform, wire, state)) as caller:
        found = caller.answers(calls)
    # Fewer at once, and the gate would not have opened.
    assert wire.most == _AT_ONCE
    trades = [answer.read["trade_fullinfo_get_response"]["trade"]["tid_str"] for answer in found]
    assert trades == [call.params["tid"] for call in calls]


def test_on_a_fast_line_one_call_follows_another(platform: Taobao, state: SyncState) -> None:
    wire, calls = Crowd(platform, 0), _calls(platform, 6)
    with contextlib.closing(_caller(platform, wire, state)) as caller:
        assert len(caller.answers(calls)) == 6
    assert wire.most == 1


def test_a_token_that_ended_is_renewed_once_for_all_that_are_under_way(
    platform: Taobao, state: SyncState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "SLOW_S", 0.0)
    wire, calls = Crowd(platform, _AT_ONCE), _calls(platform, _AT_ONCE)
    with contextlib.closing(_caller(platform, wire, state)) as caller:
        caller.credentials.values["access_token"] = "ended"
        assert len(caller.answers(calls)) == _AT_ONCE
    assert wire.renewals == 1


def test_after_a_failure_nothing_is_under_way_and_nothing_begins(
    platform: Taobao, state: SyncState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "SLOW_S", 0.0)
    wire = Crowd(platform, 0, slow_s=0.2)
    calls = [LIVE.client.detail_call(TRADES, Listed("1", "1")), *_calls(platform, 12) * 10]
    with contextlib.closing(_caller(platform, wire, state)) as caller:
        with pytest.raises(CallRejected):
            caller.answers(calls)
        assert wire.under_way == 0
        sent = len(wire.sent)
    assert len(wire.sent) == sent < len(calls)


def test_an_answer_that_waited_for_its_turn_says_nothing_of_the_clocks(platform: Taobao, state: SyncState) -> None:
    caller = _caller(platform, Crowd(platform, 0), state)
    has_turn = threading.Event()

    def waits_for_its_limit() -> None:
        with caller._turn:
            has_turn.set()
            time.sleep(0.1)
            caller.clock.sleep(20)

    class Overtaken(Crowd):
        def send(self, request: Request) -> Reply:
            reply = super().send(request)
            other = threading.Thread(target=waits_for_its_limit, daemon=True)
            other.start()
            assert has_turn.wait(_LONG_S)
            return reply

    (call,) = _calls(platform, 1)
    before = caller.answer(call)
    skew_s, caller.transport = caller.skew_s, Overtaken(platform, 0)
    answer = caller.answer(call)
    assert abs(caller.skew_s - skew_s) < 10
    assert answer.at_s < before.at_s + 10
