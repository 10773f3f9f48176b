"""What the broker denies: each user may do what carrying needs and nothing else, tried against a running broker.

A control tries the same with the allow-lists taken out of the broker's settings; there most of it succeeds.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import nats
import pytest

from entrepot.flows.border import door_for
from entrepot.residency.link_errors import BrokerUnreachable
from entrepot.residency.links.broker import BrokerAddress, connected, inbox_of, nkey_of
from tests.residency.links.brokers import Broker, LinkedCells, linked_cells, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEALED = "entrepot.cn.global." + "0" * 32 + ".0"
USERS = {
    "cn, own account": ("cn", "cn"),
    "global, account of cn": ("global", "cn"),
    "global, own": ("global", "global"),
}
"""Cell and account of each user that is tried."""

LISTEN = (
    *(
        ">",
        "entrepot.>",
        "entrepot.cn.global.*.*",
        "$JS.EVENT.ADVISORY.>",
        "$JS.EVENT.METRIC.>",
        "$JS.API.>",
        "$JS.ACK.>",
    ),
    *("$SYS.>", "_INBOX.>", "_INBOX.operator.>", "_INBOX.stranger.>", "_R_.>"),
)
ASK = (
    *("$JS.API.INFO", "$JS.API.STREAM.LIST", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.INFO.to-global"),
    *("$JS.API.STREAM.MSG.GET.to-global", "$JS.API.DIRECT.GET.to-global", "$JS.API.STREAM.MSG.DELETE.to-global"),
    *("$JS.API.STREAM.PURGE.to-global", "$JS.API.STREAM.DELETE.to-global", "$JS.API.STREAM.CREATE.other"),
    *("$JS.API.STREAM.UPDATE.to-global", "$JS.API.CONSUMER.LIST.to-global", "$JS.API.CONSUMER.NAMES.to-global"),
    *("$JS.API.CONSUMER.CREATE.to-global", "$JS.API.CONSUMER.CREATE.to-global.spy.>"),
    *("$JS.API.CONSUMER.DURABLE.CREATE.to-global.spy", "$JS.API.CONSUMER.DELETE.to-global.global"),
    *("$JS.API.CONSUMER.INFO.to-global.global", "$JS.API.CONSUMER.MSG.NEXT.to-global.spy", "$SYS.REQ.SERVER.PING"),
)
OF_OTHERS = {
    "cn, own account": (
        *("entrepot.global.cn.x.0", "$JS.API.CONSUMER.MSG.NEXT.to-global.global", "$JS.ACK.to-global.global.1.1.1.1.0"),
    ),
    "global, account of cn": (SEALED, "entrepot.global.cn.x.0", "$JS.ACK.to-cn.cn.1.1.1.1.0"),
    "global, own": (SEALED, "$JS.API.CONSUMER.MSG.NEXT.to-cn.cn", "$JS.ACK.to-global.global.1.1.1.1.0"),
}


@dataclass(frozen=True)
class Place:
    """Cells with a letter that the broker keeps."""

    cells: LinkedCells
    broker: Broker

    def seed(self, cell: str, account: str) -> str:
        parts = self.cells.cn if cell == "cn" else self.cells.abroad
        return nkey_of(door_for(parts).layout.keys, account)[0]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("denied")
    broker = Broker(folder / "broker")
    cells = linked_cells(folder / "cells", broker)
    cells.outbox.mkdir(parents=True)
    (cells.outbox / "a.envelope").write_bytes(b"a letter")
    with running(broker):
        assert cells.carry("cn")["cn"].handed == 1
        yield Place(cells, broker)


async def tried(url: str, seed: str, cell: str, listen: tuple[str, ...], ask: tuple[str, ...]) -> set[str]:
    """Listen to and ask under subjects; returns those for which the broker answered that it is not allowed."""
    said: list[str] = []

    async def noted(error: Exception) -> None:
        said.append(str(error))

    client = await nats.connect(
        url, nkeys_seed_str=seed, inbox_prefix=inbox_of(cell), allow_reconnect=False, error_cb=noted
    )
    try:
        heard: list[str] = []

        async def hear(message: object) -> None:
            heard.append(str(message))

        for subject in listen:
            await client.subscribe(subject, cb=hear)
        for subject in ask:
            await client.publish(subject, json.dumps({"seq": 1}).encode(), reply=inbox_of(cell) + ".answer")
        for _ in range(20):  # refusals may come behind the answer to a flush
            await client.flush()
            if len(said) == len(listen) + len(ask):
                break
            await asyncio.sleep(0.02)
    finally:
        await client.close()
    found = [re.search(r'(?:Publish|Subscription) to "([^"]+)"', each, re.IGNORECASE) for each in said]
    assert all(found), said
    denied = {each[1] for each in found if each}
    assert not heard or denied != {*listen, *ask}, "who may nothing hears nothing"
    return denied


def lowered(subjects: set[str] | tuple[str, ...]) -> set[str]:
    """Subjects as the client tells them: it writes errors in small letters."""
    return {each.lower() for each in subjects}


@pytest.mark.parametrize("user", USERS)
def test_a_user_hears_reads_makes_and_says_nothing_that_carrying_does_not_need(place: Place, user: str) -> None:
    cell, account = USERS[user]
    listen, ask = LISTEN, (*ASK, *OF_OTHERS[user])
    denied = asyncio.run(tried(place.broker.url, place.seed(cell, account), cell, listen, ask))
    assert lowered((*listen, *ask)) - lowered(denied) == set()


def test_what_carrying_needs_is_allowed_and_the_letter_is_still_there(place: Place) -> None:
    taken = place.cells.carry("global")["global"]
    assert (taken.taken, taken.refused) == (1, [])
    assert place.cells.carry("cn")["cn"].delivered == 1


def test_an_operator_reads_nothing(place: Place) -> None:
    seed, _ = nkey_of(place.broker.folder, "operator-cn")
    forbidden = tuple(each for each in ASK if each != "$JS.API.CONSUMER.CREATE.to-global")
    denied = asyncio.run(tried(place.broker.url, seed, "operator", ("entrepot.>", "$JS.EVENT.ADVISORY.>"), forbidden))
    assert lowered(("entrepot.>", "$JS.EVENT.ADVISORY.>", *forbidden)) - lowered(denied) == set()


def test_nobody_without_a_known_key_comes_in(place: Place, tmp_path: Path) -> None:
    stranger, _ = nkey_of(tmp_path, "stranger")

    async def come(seed: str) -> None:
        async with connected(BrokerAddress("global", place.broker.url), seed, inbox_of("cn")):
            raise AssertionError("it came in")

    with pytest.raises(BrokerUnreachable, match="Authorization"):
        asyncio.run(come(stranger))
    with socket.create_connection((place.broker.host, place.broker.port), timeout=5) as plain:
        plain.sendall(b'CONNECT {"user":"cn","pass":"cn"}\r\nPING\r\n')
        answer = b"".join(iter(lambda: plain.recv(4096), b""))
    assert b"Authorization Violation" in answer


def test_settings_hold_no_secret_and_only_their_owner_reads_the_seeds(place: Place) -> None:
    text = (place.broker.folder / "nats.conf").read_text(encoding="utf-8")
    assert not re.search(r"\bS[A-Z]{1}[A-Z2-7]{56}\b|password|token", text)
    seeds = [
        *place.broker.folder.glob("*.seed"),
        *place.cells.folder.rglob("*.seed"),
        *place.cells.folder.rglob("box.key"),
    ]
    assert len(seeds) == 8
    assert {each.stat().st_mode & 0o077 for each in seeds} == {0}


def test_without_the_allow_lists_the_same_attempts_succeed(place: Place, tmp_path: Path) -> None:
    broker = Broker(tmp_path / "open")
    broker.configure(place.cells)
    path = broker.folder / "nats.conf"
    text = re.sub(r", permissions \{.*\} \}(?= \})", "", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    assert "permissions" not in text
    with running(broker):
        cell, account = USERS["global, account of cn"]
        ask = (*ASK, *OF_OTHERS["global, account of cn"])
        denied = asyncio.run(tried(broker.url, place.seed(cell, account), cell, LISTEN, ask))
    assert denied == set()
