"""Doors of a cell: which shop a post is about, and what is told when none can come in."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from entrepot.assembly import open_cell
from entrepot.flows.hints import Attending, message_status
from entrepot.sandbox.http import Sandbox, SandboxServer
from entrepot.store import CredentialStore
from entrepot.store.errors import SettingsInvalid
from entrepot.testing.connector_suite import PASSPHRASE, QuickClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.flows.parts import CellParts

DOOR = "127.0.0.1:0"


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "only for tests")


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(Sandbox(("douyin",), orders=1)) as started:
        yield started


def _cell(home: Path, server: SandboxServer, connections: dict[str, str], channel: str = "douyin") -> CellParts:
    """Shops of one app, with what else their connections say."""
    told = server.sandbox.connections(server.base_url)[channel]
    text = '[cell]\nregion = "CN"\n[[entities]]\nid = "main"\n'
    for shop, more in connections.items():
        text += (
            f'[[shops]]\nshop = "{shop}"\nchannel = "{channel}"\nentity = "main"\n'
            f'[[connections]]\nshop = "{shop}"\nchannel = "{channel}"\nregion = "CN"\ncredentials = "file"\n'
            f'gateway = "{told["gateway_url"]}"\nmessages = true\n{more}\n'
        )
    home.mkdir(exist_ok=True)
    (home / "cell.toml").write_text(text, encoding="utf-8")
    parts = open_cell(home)
    for shop in connections:
        CredentialStore(parts.layout, shop, "file").write({key: each for key, each in told.items() if "url" not in key})
    return parts


def _post(attending: Attending, server: SandboxServer, rows: list[dict[str, Any]], secret: str = "") -> int:
    told, body = server.sandbox.connections(server.base_url)["douyin"], json.dumps(rows).encode()
    said = told["app_key"].encode() + body + (secret or told["secret"]).encode()
    sign = hashlib.md5(said, usedforsecurity=False).hexdigest()
    address = f"http://127.0.0.1:{attending.receiving.port(DOOR)}/"
    headers = {"app-id": told["app_key"], "event-sign": sign}
    return httpx.post(address, content=body, headers=headers, trust_env=False).status_code


def _paid(number: int, shop: int) -> dict[str, Any]:
    said = {"p_id": number, "shop_id": shop, "receiver_msg": {"name": "Testperson"}}
    return {"tag": "101", "msg_id": f"m{number}", "data": json.dumps(said)}


def test_what_is_posted_for_an_app_goes_to_the_shop_that_it_names_watched_or_not(
    tmp_path: Path, server: SandboxServer
) -> None:
    door = f'message_door = "{DOOR}"\nseller = '
    parts = _cell(tmp_path / "cell", server, {"one": f'{door}"11"', "two": f'{door}"22"'})
    with contextlib.closing(Attending(parts, ("one",), clock=QuickClock())) as attending:
        assert _post(attending, server, [_paid(71, 11), _paid(72, 22), _paid(73, 33), _paid(71, 11)]) == 200
    counts = {each.shop: each.counts for each in message_status(parts)}
    assert {shop: each.waiting for shop, each in counts.items()} == {"one": 1, "two": 1}
    assert {shop: each.foreign for shop, each in counts.items()} == {"one": 1, "two": 0}
    assert counts["one"].repeated == 1
    assert b"Testperson" not in parts.layout.state.read_bytes()


def test_a_post_of_somebody_else_leaves_a_number_in_status_and_nothing_else(
    tmp_path: Path, server: SandboxServer, capfd: pytest.CaptureFixture[str]
) -> None:
    parts = _cell(tmp_path / "cell", server, {"one": f'message_door = "{DOOR}"'})
    with contextlib.closing(Attending(parts, ("one",), clock=QuickClock())) as attending:
        assert _post(attending, server, [_paid(7_100_200_300, 11)], "another secret") == 403
        attending.once()
        assert _post(attending, server, [_paid(7_100_200_300, 11)], "a third one") == 403
    (told,) = message_status(parts)
    assert (told.way, told.counts.refused, told.counts.received, told.counts.waiting) == ("posted", 2, 0, 0)
    assert b"7100200300" not in parts.layout.state.read_bytes()
    assert capfd.readouterr() == ("", "")


def test_messages_of_an_unknown_kind_are_confirmed_and_counted(tmp_path: Path, server: SandboxServer) -> None:
    parts = _cell(tmp_path / "cell", server, {"one": f'message_door = "{DOOR}"'})
    with contextlib.closing(Attending(parts, ("one",), clock=QuickClock())) as attending:
        rows = [{"tag": "999", "msg_id": "m1", "data": '{"p_id":71}'}, {"tag": "101", "msg_id": "m2", "data": "[["}]
        assert _post(attending, server, rows) == 200
    (told,) = message_status(parts)
    assert (told.counts.received, told.counts.unread, told.counts.waiting) == (2, 2, 0)


def test_posts_that_cannot_be_kept_are_told_by_their_number(
    tmp_path: Path, server: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = _cell(tmp_path / "cell", server, {"one": f'message_door = "{DOOR}"'})
    with contextlib.closing(Attending(parts, ("one",), clock=QuickClock())) as attending:
        attending.once()

        def fails(*_args: object) -> int:
            raise OSError("no space left for order 71 of Testperson")

        monkeypatch.setattr(attending._hints, "receive", fails)
        assert [_post(attending, server, [_paid(71, 11)]) for _ in range(2)] == [503, 503]
        (done,) = attending.once().values()
    (trouble,) = done.troubles
    assert trouble.code == "live.messages_not_kept"
    assert "2 times" in str(trouble)
    assert "Testperson" not in str(trouble)


def test_a_connection_without_a_door_and_one_whose_door_is_taken_are_told_and_polling_goes_on(
    tmp_path: Path, server: SandboxServer
) -> None:
    clock = QuickClock()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        parts = _cell(tmp_path / "cell", server, {"one": "", "two": f'message_door = "{address}"'})
        attending = Attending(parts, ("one", "two"), clock=clock)
        with contextlib.closing(attending):
            troubles = [each.code for done in attending.once().values() for each in done.troubles]
            assert troubles == ["live.door_missing", "live.door_shut"]
            assert attending.once() == {}, "it is told once, and tried again later"
            taken.close()
            clock.sleep(60)
            assert attending.once() == {}
            assert attending.receiving.port(address) is not None


@pytest.mark.parametrize(
    "address",
    [
        "8085",
        "127.0.0.1",
        "127.0.0.1:many",
        "93.184.216.34:8085",
        "shop.example:80",
        "0.0.0.0:80",
        "[::]:80",
        "[0::0]:80",
        "[::ffff:0.0.0.0]:80",
    ],
)
def test_a_door_that_is_no_address_or_stands_in_the_open_is_refused(
    address: str, tmp_path: Path, server: SandboxServer
) -> None:
    with pytest.raises(SettingsInvalid, match="the connection of one: `message_door` is"):
        _cell(tmp_path / "cell", server, {"one": f'message_door = "{address}"'})


@pytest.mark.parametrize(
    "address",
    [
        "https://messages.example",
        "ws://messages.example",
        "messages.example",
        "wss://",
        "wss://m.example:99999",
        "wss://m.example:80a",
    ],
)
def test_a_message_service_that_is_no_address_or_is_reached_in_the_clear_is_refused(
    address: str, tmp_path: Path, server: SandboxServer
) -> None:
    with pytest.raises(SettingsInvalid, match="the connection of one: "):
        _cell(tmp_path / "cell", server, {"one": f'message_gateway = "{address}"'})
    _cell(tmp_path / "cell", server, {"one": 'message_gateway = "wss://messages.example"'})


def test_a_connection_for_messages_that_is_refused_is_told_and_polling_goes_on(tmp_path: Path) -> None:
    with SandboxServer(Sandbox(("pinduoduo",), orders=1)) as server, socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"ws://127.0.0.1:{deaf.getsockname()[1]}"
        deaf.close()
        parts = _cell(tmp_path / "cell", server, {"one": f'message_gateway = "{address}"'}, "pinduoduo")
        with contextlib.closing(Attending(parts, ("one",), clock=QuickClock())) as attending:
            troubles: list[str] = []
            ends = time.monotonic() + 60
            while not troubles:
                assert time.monotonic() < ends, "nobody was told"
                troubles += [str(each) for done in attending.once().values() for each in done.troubles]
                time.sleep(0.01)
    (told,) = troubles
    assert told.startswith("one: the connection for messages broke off or was refused (ConnectionRefusedError)")


@pytest.mark.parametrize("address", ["127.0.0.1:8085", "10.0.0.5:80", "[::1]:8085", "localhost:8085"])
def test_a_door_on_this_machine_or_in_a_network_of_ones_own_is_taken(
    address: str, tmp_path: Path, server: SandboxServer
) -> None:
    parts = _cell(tmp_path / "cell", server, {"one": f'message_door = "{address}"'})
    assert parts.settings.connections[0].message_door == address


def test_a_connection_beside_the_shops_own_keeps_no_messages_out(tmp_path: Path, server: SandboxServer) -> None:
    beside = '[[connections]]\nshop = "one"\nchannel = "qianchuan"\nregion = "CN"\ncredentials = "file"\n'
    parts = _cell(tmp_path / "cell", server, {"one": f'message_door = "{DOOR}"\n{beside}'})
    with contextlib.closing(Attending(parts, ("one:douyin", "one:qianchuan"), clock=QuickClock())) as attending:
        assert attending.is_needed
        assert _post(attending, server, [_paid(71, 11)]) == 200


def test_an_app_whose_secret_comes_later_has_its_posts_taken_from_then_on(
    tmp_path: Path, server: SandboxServer
) -> None:
    door, clock = f'message_door = "{DOOR}"', QuickClock()
    parts = _cell(tmp_path / "cell", server, {"one": door, "two": door})
    late, told = CredentialStore(parts.layout, "two", "file"), server.sandbox.connections(server.base_url)["douyin"]
    late.write({})
    body = json.dumps([_paid(72, 22)]).encode()
    sign = hashlib.md5(b"second" + body + b"hush", usedforsecurity=False).hexdigest()

    def posted(attending: Attending) -> int:
        address = f"http://127.0.0.1:{attending.receiving.port(DOOR)}/"
        headers = {"app-id": "second", "event-sign": sign}
        return httpx.post(address, content=body, headers=headers, trust_env=False).status_code

    with contextlib.closing(Attending(parts, ("one", "two"), clock=clock)) as attending:
        assert posted(attending) == 403
        late.write(
            {**{key: each for key, each in told.items() if "url" not in key}, "app_key": "second", "secret": "hush"}
        )
        clock.sleep(60)
        attending.once()
        assert (posted(attending), _post(attending, server, [_paid(71, 11)])) == (200, 200)


def test_shops_of_one_app_that_no_number_tells_apart_are_told(tmp_path: Path, server: SandboxServer) -> None:
    door = f'message_door = "{DOOR}"'
    parts = _cell(tmp_path / "cell", server, {"one": door, "two": f'{door}\nseller = "22"'})
    with contextlib.closing(Attending(parts, ("one", "two"), clock=QuickClock())) as attending:
        troubles = {name: [each.code for each in done.troubles] for name, done in attending.once().items()}
    assert troubles == {"one:douyin messages": ["live.seller_missing"]}


def test_a_shop_that_cannot_be_opened_is_told_of_and_tried_again_later(tmp_path: Path, server: SandboxServer) -> None:
    """Between two looks messages are asked for every second: the same trouble each second would bury everything else."""
    clock = QuickClock()
    parts = _cell(tmp_path / "cell", server, {"one": f'message_door = "{DOOR}"'})
    CredentialStore(parts.layout, "one", "file").write({})
    with contextlib.closing(Attending(parts, ("one",), clock=clock)) as attending:
        (done,) = attending.once().values()
        assert {each.code for each in done.troubles} == {"live.connection_missing"}
        assert [attending.once() for _ in range(3)] == [{}] * 3
        clock.sleep(60)
        assert list(attending.once()) == ["one:douyin messages"]
