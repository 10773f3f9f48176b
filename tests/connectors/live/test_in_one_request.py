"""Many calls in one request: each has its answer, counts for the limits, and what went wrong is asked for alone."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from entrepot.connectors.live.answers import Answer
from entrepot.connectors.live.calling import Caller, gates_of
from entrepot.connectors.live.contract import Credentials, Listed
from entrepot.connectors.live.errors import CallRejected, RateLimited
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
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from entrepot.connectors.live.contract import Call, Request

_START_S = 1_793_462_400
_PARTED = b"\r\n-S-\r\n"
_SEVERAL = "/router/batch"


class Wire:
    """Hands requests to a simulated gateway. It proves nothing of HTTP.

    Attributes:
        paths: Where requests went.
        spoil: What becomes of the answer to a request of many.
        spoil_single: What becomes of that to another one.
    """

    def __init__(self, platform: Taobao) -> None:
        self.platform = platform
        self.paths: list[str] = []
        self.spoil: Callable[[Reply], Reply] = lambda reply: reply
        self.spoil_single: Callable[[Reply], Reply] = lambda reply: reply

    def send(self, request: Request) -> Reply:
        address = urlsplit(request.url)
        self.paths.append(address.path)
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = dict(parse_qsl(address.query))
        said = self.platform.answer(Asked(request.verb, address.path, query, headers, request.body))
        reply = Reply(said.status, said.body, self.platform.clock.now_s())
        return (self.spoil if address.path == _SEVERAL else self.spoil_single)(reply)

    @property
    def single(self) -> int:
        """Requests of one call."""
        return len(self.paths) - self.paths.count(_SEVERAL)


@pytest.fixture
def platform() -> Taobao:
    return Taobao(LiveWorld(5, 50, _START_S, 1), SimClock(_START_S + 3 * 86_400), Faults())


@pytest.fixture
def wire(platform: Taobao) -> Wire:
    return Wire(platform)


@pytest.fixture
def caller(platform: Taobao, wire: Wire, tmp_path: Path) -> Iterator[Caller]:
    connection = platform.connection("http://gw")
    held = [Credentials({name: value for name, value in connection.items() if name != "gateway_url"}, 2.0**33)]
    with contextlib.closing(State(CellLayout(tmp_path))) as kept, contextlib.closing(SyncState(kept)) as state:
        made = Caller(
            *("s", LIVE, held[0], lambda: held[-1], held.append, state, wire, connection["gateway_url"], QuickClock()),
            calls_per_s=1_000,
        )
        made.skew_s = platform.clock.now_s() - made.clock.now_s()
        with contextlib.closing(made):
            yield made


@pytest.fixture
def calls(platform: Taobao) -> list[Call]:
    ids = [str(order["order_id"]) for order in platform.truth()["orders"]]
    assert len(ids) == 50
    return [LIVE.client.detail_call(TRADES, Listed(each, "1")) for each in ids]


def _assert_answered(caller: Caller, calls: list[Call]) -> None:
    told = [answer.read["trade_fullinfo_get_response"]["trade"]["tid_str"] for answer in caller.answers(calls)]
    assert told == [call.params["tid"] for call in calls]


def test_fifty_orders_are_three_requests_and_fifty_calls(caller: Caller, wire: Wire, calls: list[Call]) -> None:
    _assert_answered(caller, calls)
    assert wire.paths == [_SEVERAL] * 3
    assert caller.calls == {"taobao.trade.fullinfo.get": 50}


def test_each_call_of_a_request_counts_for_the_limits(caller: Caller, calls: list[Call]) -> None:
    caller.calls_per_s = 5
    began_s = caller.clock.now_s()
    _assert_answered(caller, calls[:20])
    # Five at once are allowed, then five a second.
    assert caller.clock.now_s() - began_s >= 2.9


@pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256"])
def test_each_way_to_sign_is_about_the_body_too(
    caller: Caller, wire: Wire, calls: list[Call], method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LIVE.client, "sign_method", method, raising=False)
    _assert_answered(caller, calls[:20])
    assert wire.paths == [_SEVERAL]


def test_what_one_call_is_refused_takes_no_other_answer_away(caller: Caller, wire: Wire, calls: list[Call]) -> None:
    nobodys = LIVE.client.detail_call(TRADES, Listed("1", "1"))
    with pytest.raises(CallRejected) as refused:
        caller.answers([*calls[:10], nobodys])
    assert "isv.trade-not-exist" in refused.value.platform_code
    assert wire.paths == [_SEVERAL, "/router/rest"]


def test_calls_that_were_throttled_are_made_alone(caller: Caller, wire: Wire, calls: list[Call]) -> None:
    wire.platform.faults.names = frozenset({"throttle"})
    _assert_answered(caller, calls)
    assert wire.platform.faults.fired["throttle"] > 0
    assert wire.single >= wire.platform.faults.fired["throttle"]


def test_a_token_that_ended_is_renewed_once(caller: Caller, wire: Wire, calls: list[Call]) -> None:
    caller.credentials.values["access_token"] = "ended"
    _assert_answered(caller, calls)
    # Twenty were refused with the old token; the first of them that was made alone renewed it.
    assert wire.paths.count(_SEVERAL) == 3
    assert wire.single == 20 + 2


def test_a_part_that_is_no_json_is_asked_for_alone(caller: Caller, wire: Wire, calls: list[Call]) -> None:
    def spoil(reply: Reply) -> Reply:
        parts = reply.body.split(_PARTED)
        parts[7] = parts[7][:40]
        return Reply(reply.status, _PARTED.join(parts), reply.date_s)

    wire.spoil = spoil
    _assert_answered(caller, calls[:20])
    assert wire.single == 1


def test_an_answer_that_breaks_off_is_asked_for_alone(caller: Caller, wire: Wire, calls: list[Call]) -> None:
    wire.spoil = lambda reply: Reply(reply.status, reply.body[: len(reply.body) // 2], reply.date_s)
    _assert_answered(caller, calls[:20])
    assert wire.single == 20


def test_a_separator_within_a_text_leaves_no_answer_in_anothers_place(
    caller: Caller, wire: Wire, calls: list[Call]
) -> None:
    """Some gateways send line ends raw; then a buyer's words may hold the very line that parts answers."""
    wire.spoil = lambda reply: Reply(
        reply.status, reply.body.replace(b'"oaid":"', b'"oaid":"\r\n-S-\r\n', 1), reply.date_s
    )
    _assert_answered(caller, calls[:20])
    assert wire.single == 20


def test_a_gateway_without_such_an_address_is_asked_for_single_orders(
    caller: Caller, wire: Wire, calls: list[Call]
) -> None:
    wire.spoil = lambda reply: Reply(404, b"<html>404</html>", reply.date_s)
    _assert_answered(caller, calls)
    _assert_answered(caller, calls)
    assert (wire.paths.count(_SEVERAL), wire.single) == (1, 100)


def test_an_app_that_may_not_ask_so_is_asked_for_single_orders(caller: Caller, wire: Wire, calls: list[Call]) -> None:
    said = b'{"error_response":{"code":11,"msg":"Insufficient isv permissions"}}'
    wire.spoil = lambda reply: Reply(200, said, reply.date_s)
    _assert_answered(caller, calls)
    assert (wire.paths.count(_SEVERAL), wire.single) == (1, 50)


def test_trouble_that_passes_ends_no_requests_of_many(caller: Caller, wire: Wire, calls: list[Call]) -> None:
    wire.spoil = lambda reply: Reply(503, b"<html>503</html>", reply.date_s)
    _assert_answered(caller, calls)
    assert (wire.paths.count(_SEVERAL), wire.single) == (3, 50)


def test_many_calls_are_made_beside_a_worker_that_makes_them_one_by_one(caller: Caller, calls: list[Call]) -> None:
    """A limit that is asked for twenty at a time only would never be free beside who takes it by twos."""
    caller.calls_per_s = 20
    (gate, limit), *_ = gates_of("s", calls[0].method, 20)
    interval_s, state, waits = limit.per_s / limit.calls, caller.state, 0

    class Beside(QuickClock):
        """While this one waits, the other one takes two whenever two are free."""

        next_s = 0.0

        def sleep(self, seconds: float) -> None:
            nonlocal waits
            waits += 1
            assert waits < 300, "the other one always came before"
            end_s = self.now_s() + seconds
            while self.next_s < end_s - 0.001:
                super().sleep(max(self.next_s - self.now_s(), 0.0))
                self.next_s = self.now_s() + state.pass_gate(gate, interval_s, limit.calls, self.now_s(), 1.0, 2)
            super().sleep(max(end_s - self.now_s(), 0.0))

    caller.clock = Beside()
    _assert_answered(caller, calls)


def test_what_was_answered_before_a_ban_is_told_and_nothing_behind_it_is_asked_for(
    caller: Caller, wire: Wire, calls: list[Call]
) -> None:
    ban = b'{"error_response":{"code":7,"sub_msg":"This ban will last for 900 more seconds"}}'
    wire.spoil = lambda reply: Reply(200, ban, reply.date_s) if wire.paths.count(_SEVERAL) > 2 else reply
    wire.spoil_single = lambda reply: Reply(200, ban, reply.date_s)
    told = caller.outcomes(calls)
    assert [isinstance(each, Answer) for each in told] == [True] * 40 + [False] * 10
    assert all(isinstance(each, RateLimited) for each in told[40:])
    assert wire.single == 1


def test_an_order_of_another_shop_takes_no_answer_away_and_costs_one_call(
    caller: Caller, wire: Wire, calls: list[Call]
) -> None:
    nobodys = LIVE.client.detail_call(TRADES, Listed("1", "1"))
    told = caller.outcomes([*calls[:7], nobodys, *calls[7:]])
    assert [number for number, each in enumerate(told) if isinstance(each, CallRejected)] == [7]
    assert (wire.paths.count(_SEVERAL), wire.single) == (3, 1)
