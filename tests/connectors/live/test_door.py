"""The door for messages that are posted: what is not signed stays outside, and nothing is confirmed before it is kept."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from entrepot.connectors.douyin.messages import MESSAGES, DouyinMessages
from entrepot.connectors.live import door
from entrepot.connectors.live.contract import Credentials
from entrepot.connectors.live.door import Desk, Door
from entrepot.connectors.live.errors import DoorShut
from entrepot.connectors.live.messages import Message, Post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

APP, SECRET = "3409409348479354011", "hush"
BODY = json.dumps(
    [{"tag": "102", "msg_id": "7", "data": json.dumps({"p_id": 71, "shop_id": 5, "receiver_msg": {"name": "张三"}})}]
).encode()


@contextlib.contextmanager
def _door(keep: Callable[[Sequence[Message]], None]) -> Iterator[Door]:
    desk = Desk("shop", DouyinMessages(), Credentials({"app_key": APP, "secret": SECRET}), keep)
    opened = Door("127.0.0.1:0", (desk,))
    try:
        yield opened
    finally:
        opened.close()


def _sign(body: bytes, secret: str = SECRET, app: str = APP) -> dict[str, str]:
    sign = hashlib.md5(app.encode() + body + secret.encode(), usedforsecurity=False).hexdigest()
    return {"app-id": app, "event-sign": sign}


def _post(opened: Door, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", opened.port, timeout=30)
    with contextlib.closing(connection):
        connection.request("POST", "/any/path", body, headers)
        said = connection.getresponse()
        return said.status, said.read()


def test_what_the_platform_signed_is_kept_and_then_confirmed() -> None:
    kept: list[Message] = []
    with _door(kept.extend) as opened:
        assert _post(opened, BODY, _sign(BODY)) == (200, b'{"code":0,"msg":"success"}')
        assert opened.take_refused() == {}
    (message,) = kept
    assert (message.id, message.topic, message.seller) == ("7", "102", "5")
    assert [(hint.feed, hint.id) for hint in MESSAGES.hints_of(message)] == [("douyin_live_orders", "71")]


def test_a_signature_that_a_client_of_the_platform_accepts_is_accepted() -> None:
    vectors = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
    (vector,) = [each for each in vectors if each["platform"] == "doudian-push"]
    credentials = Credentials({"app_key": vector["app_key"], "secret": vector["secret"]})
    body = vector["payload"].encode()
    assert DouyinMessages().is_signed(Post({"event-sign": vector["expected"]}, body), credentials)
    assert not DouyinMessages().is_signed(Post({"event-sign": vector["expected"]}, body + b" "), credentials)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY, _sign(BODY, "another secret")),
        (BODY, _sign(BODY, app="1")),
        (BODY.replace(b"71", b"72"), _sign(BODY)),
        (BODY, {"app-id": APP}),
        (BODY, {"app-id": APP, "event-sign": "\xe9"}),
        (BODY, {}),
    ],
)
def test_what_nobody_signed_is_refused_counted_and_neither_kept_nor_told(
    body: bytes, headers: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    kept: list[Message] = []
    with _door(kept.extend) as opened:
        assert _post(opened, body, headers) == (403, b'{"code":1,"msg":"fail"}')
        assert kept == []
        assert (opened.take_refused(), opened.take_refused()) == ({"shop": 1}, {})
    assert capfd.readouterr() == ("", "")
    assert "张三" not in f"{Post(headers, body)}"


def test_what_cannot_be_kept_is_not_confirmed_and_only_its_kind_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    def keep(messages: Sequence[Message]) -> None:
        raise RuntimeError(str(messages[0].content))

    with _door(keep) as opened:
        assert _post(opened, BODY, _sign(BODY)) == (503, b'{"code":1,"msg":"fail"}')
        assert _post(opened, BODY, _sign(BODY))[0] == 503
        assert (opened.take_unkept(), opened.take_unkept()) == ({"shop": (2, "RuntimeError")}, {})
    assert capfd.readouterr() == ("", "")


def test_what_is_too_long_or_says_no_length_is_not_read() -> None:
    kept: list[Message] = []
    with _door(kept.extend) as opened:
        for length, status in ((str(door.BODY_BYTES_MAX + 1), 413), ("-1", 411), ("many", 411), (None, 411)):
            connection = http.client.HTTPConnection("127.0.0.1", opened.port, timeout=30)
            with contextlib.closing(connection):
                connection.putrequest("POST", "/")
                if length is not None:
                    connection.putheader("content-length", length)
                connection.endheaders()
                assert connection.getresponse().status == status
        assert _post(opened, BODY, _sign(BODY))[0] == 200
    assert len(kept) == 1


def test_what_cannot_be_read_is_confirmed_and_tells_of_nothing() -> None:
    kept: list[Message] = []
    bodies = (b"[", b"{}", b"7", b'[7, {"tag": "101", "data": "["}]', b'[{"tag": "999", "msg_id": "8", "data": {}}]')
    with _door(kept.extend) as opened:
        for body in bodies:
            assert _post(opened, body, _sign(body))[0] == 200
    assert len(kept) == 6
    assert {MESSAGES.hints_of(each) for each in kept} == {()}
    assert len({each.id for each in kept}) >= 4, "what has no number is known by what it says"


def test_more_posts_than_the_door_has_desks_for_find_it_shut_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "POSTS_AT_ONCE", 1)
    has_begun, may_end = threading.Event(), threading.Event()

    def keep(_messages: Sequence[Message]) -> None:
        has_begun.set()
        may_end.wait(60)

    with _door(keep) as opened:
        first: list[int] = []
        sending = threading.Thread(target=lambda: first.append(_post(opened, BODY, _sign(BODY))[0]))
        sending.start()
        assert has_begun.wait(60)
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            _post(opened, BODY, _sign(BODY))
        may_end.set()
        sending.join()
        assert first == [200]


def test_two_doors_do_not_listen_at_one_address() -> None:
    with _door(lambda _: None) as opened:
        desk = Desk("other", DouyinMessages(), Credentials({}), lambda _: None)
        with pytest.raises(DoorShut, match=f"other: nobody can listen at 127.0.0.1:{opened.port}"):
            Door(f"127.0.0.1:{opened.port}", (desk,))


def test_a_post_that_comes_a_byte_now_and_then_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte breaks the silence; a few such callers would keep everybody else out."""
    monkeypatch.setattr(door, "WHOLE_S", 0.3)
    sent = 0
    with _door(lambda _: None) as opened, socket.create_connection(("127.0.0.1", opened.port), 30) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\ncontent-length: 400\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while sent < 400:
                slow.sendall(b" ")
                sent += 1
                time.sleep(0.02)
        assert sent < 400, "it was read to its end"
        assert _post(opened, BODY, _sign(BODY))[0] == 200
