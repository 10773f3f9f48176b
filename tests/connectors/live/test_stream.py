"""The connection on which messages come: opened anew, alive, and nothing acknowledged before it is kept."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from typing import TYPE_CHECKING

import pytest

from entrepot.connectors.live import stream
from entrepot.connectors.live.contract import Credentials
from entrepot.connectors.live.stream import Line, Stream
from entrepot.connectors.pinduoduo.messages import MESSAGES, PinduoduoMessages
from entrepot.sandbox.http import Sandbox, SandboxServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from entrepot.connectors.live.messages import Message
    from entrepot.sandbox.http.pinduoduo_messages import PinduoduoMessages as Simulated
    from entrepot.sandbox.http.websocket import WebSocket

PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "AGAIN_S", 0.05)
    monkeypatch.setattr(stream, "AGAIN_MAX_S", 0.05)
    monkeypatch.setattr(PinduoduoMessages, "life_s", 0.05)


@contextlib.contextmanager
def _shop(*faults: str) -> Iterator[tuple[SandboxServer, Simulated]]:
    """A shop in which everything has happened since messages were allowed."""
    with SandboxServer(Sandbox(("pinduoduo",), orders=8, days=1, faults=frozenset(faults))) as server:
        platform = server.sandbox.platforms["pinduoduo"]
        platform.messages.permitted({})  # type: ignore[attr-defined]
        server.sandbox.clock.advance(platform.world.end_s - platform.now + 1)
        yield server, platform.messages  # type: ignore[attr-defined]


@contextlib.contextmanager
def _taken(server: SandboxServer, keep: Callable[[Sequence[Message]], None], secret: str = "") -> Iterator[Stream]:
    told = server.sandbox.connections(server.base_url)["pinduoduo"]
    credentials = Credentials({"app_key": told["app_key"], "secret": secret or told["secret"]})
    address = server.base_url.replace("http", "ws", 1)
    opened = Stream(Line("shop", address, PinduoduoMessages(), credentials, keep, time.time))
    try:
        yield opened
    finally:
        opened.close()


def _until(is_so: Callable[[], object]) -> None:
    """Wait for what is bound to come; the patience only ends a test that would fail."""
    ends = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.01)


def test_every_message_comes_is_kept_and_then_acknowledged_and_signs_of_life_are_given() -> None:
    kept: list[Message] = []
    with _shop() as (server, shop), _taken(server, kept.extend) as opened:
        shop.settled()
        _until(lambda: shop.signs_of_life > 3)
        assert shop.outbox.unconfirmed == 0
        assert (opened.take_trouble(), opened.take_unkept()) == ("", (0, ""))
    topics = {each.topic for each in kept}
    assert {"pdd_trade_TradeConfirmed", "pdd_refund_RefundCreated"} <= topics <= set(MESSAGES.topics)
    assert len({each.id for each in kept}) == len(kept)
    assert {each.seller for each in kept} == {str(shop.mall_id)}
    hints = [hint for each in kept for hint in MESSAGES.hints_of(each)]
    assert {hint.feed for hint in hints} == {"pinduoduo_live_orders", "pinduoduo_live_refunds"}
    assert all(hint.at_s is not None for hint in hints)


def test_a_connection_that_breaks_off_is_opened_anew_without_a_word_and_what_is_missing_comes_again() -> None:
    kept: list[Message] = []
    with _shop("push_cut") as (server, shop), _taken(server, kept.extend) as opened:
        _until(lambda: shop.settled() or shop.outbox.unconfirmed)
        _until(lambda: server.sandbox.dial.fired.get("push_cut"))
        server.sandbox.clock.advance(120)
        _until(lambda: shop.settled() or not shop.outbox.unconfirmed)
        server.sandbox.clock.advance(120)
        _until(lambda: not shop.outbox.unconfirmed)
        assert opened.take_trouble() == ""
    assert len({each.id for each in kept}) > 3


def test_what_cannot_be_kept_is_not_acknowledged_and_only_its_kind_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    has_come = threading.Event()

    def keep(messages: Sequence[Message]) -> None:
        has_come.set()
        raise RuntimeError(str(messages[0].content))

    with _shop() as (server, shop), _taken(server, keep) as opened:
        assert has_come.wait(PATIENCE_S)
        _until(lambda: (told := opened.take_unkept())[0] and told[1] == "RuntimeError")
        assert shop.outbox.unconfirmed > 0
    assert capfd.readouterr() == ("", "")


def test_a_connection_that_is_refused_is_told_and_tried_again() -> None:
    kept: list[Message] = []
    with _shop() as (server, shop):
        with _taken(server, kept.extend, "another secret") as opened:
            for _ in range(2):
                _until(lambda: opened.take_trouble() == "HTTP 401")
        assert kept == []
        assert shop.outbox.has_due(shop._now())
    with _taken(server, kept.extend) as opened:
        _until(opened.take_trouble)


def test_where_nothing_comes_any_more_the_connection_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SILENT_S", 0.0)
    monkeypatch.setattr(stream, "_LOOK_S", 0.01)
    lines: list[int] = []

    def hear(line: WebSocket) -> None:
        """Say nothing until the other side has gone."""
        lines.append(1)
        while line.is_open:
            line.texts(PATIENCE_S)

    with _shop() as (server, shop):
        monkeypatch.setattr(shop, "talk", hear)
        with _taken(server, lambda _: None):
            _until(lambda: len(lines) > 2)


def test_a_message_that_is_too_long_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Message] = []
    lines: list[int] = []
    frame = json.dumps({"id": 1, "commandType": "Common", "message": {"content": "x" * (stream.FRAME_BYTES_MAX + 1)}})

    def shout(line: WebSocket) -> None:
        lines.append(1)
        line.send(frame)
        while line.is_open:
            line.texts(PATIENCE_S)

    with _shop() as (server, shop):
        monkeypatch.setattr(shop, "talk", shout)
        with _taken(server, kept.extend):
            _until(lambda: len(lines) > 1)
    assert kept == []


def test_nothing_of_a_message_is_logged_however_much_others_log(caplog: pytest.LogCaptureFixture) -> None:
    kept: list[Message] = []
    with caplog.at_level("DEBUG"), _shop() as (server, shop), _taken(server, kept.extend):
        shop.settled()
    assert kept
    assert [each.name for each in caplog.records if "commandType" in each.getMessage()] == []


def test_an_acknowledgement_gives_back_what_told_the_message_from_others() -> None:
    inner = {"type": "pdd_trade_TradeConfirmed", "mallID": 7, "content": '{"mall_id":7,"tid":"260901-1","name":"张三"}'}
    frame = json.dumps(
        {
            "id": 9_007_199_254_740_993,
            "commandType": "Common",
            "time": 5,
            "sendTime": 1_700_000_000_123,
            "message": inner,
        }
    ).encode()
    client = PinduoduoMessages()
    assert json.loads(client.acknowledgement(frame, 12.5)) == {
        "commandType": "Ack",
        "time": 12_500,
        "id": 9_007_199_254_740_993,
        "sendTime": 1_700_000_000_123,
        "type": "pdd_trade_TradeConfirmed",
        "mallID": 7,
    }
    (message,) = client.messages_in_frame(frame)
    assert (message.id, message.seller, message.at_s) == ("9007199254740993", "7", 1_700_000_000.123)
    assert "张三" not in f"{message}"


@pytest.mark.parametrize(
    "frame", [b"{", b"[]", b'{"commandType":"Common"}', b'{"commandType":"Common","message":[]}', b"\xff"]
)
def test_a_frame_that_cannot_be_read_tells_of_nothing(frame: bytes) -> None:
    client = PinduoduoMessages()
    (message,) = client.messages_in_frame(frame)
    assert MESSAGES.hints_of(message) == ()
    assert client.acknowledgement(frame, 1.0) == ""


@pytest.mark.parametrize("kind", ["HeartBeat", "Ack", "Fail"])
def test_answers_to_signs_of_life_are_no_messages(kind: str) -> None:
    assert PinduoduoMessages().messages_in_frame(json.dumps({"commandType": kind, "id": 1}).encode()) == ()


def test_an_address_is_signed_as_a_client_of_the_platform_signs_it() -> None:
    """The digest that a public client's own test states for the same app, secret and time."""
    credentials = Credentials({"app_key": "app", "secret": "secret"})
    assert PinduoduoMessages().stream_url("wss://host/", credentials, 1_700_000_000.0) == (
        "wss://host/message/app/1700000000000/OTgxODMwNDI2NWZiN2NiNzA2NzIxOTI0ZjJlMDMxMjE%3D"
    )


def test_a_frame_that_breaks_its_reader_ends_one_connection_and_not_the_thread(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    kept: list[Message] = []
    read, broken = PinduoduoMessages.messages_in_frame, list[bytes]()

    def breaks_once(self: PinduoduoMessages, frame: bytes) -> object:
        if not broken:
            broken.append(frame)
            raise RecursionError
        return read(self, frame)

    monkeypatch.setattr(PinduoduoMessages, "messages_in_frame", breaks_once)
    with _shop() as (server, shop), _taken(server, kept.extend):
        _until(lambda: broken)
        # What was not acknowledged comes again some time later.
        server.sandbox.clock.advance(120)
        _until(lambda: shop.outbox.unconfirmed == 0)
    assert (bool(kept), len(broken)) == (True, 1)
    assert capfd.readouterr() == ("", "")
