"""One connection to a NATS broker with JetStream: what it is told and asked, and nothing else.

A cell has an account of its own, and in it one stream per recipient. Its writer may publish there and nowhere else; the
recipient's reader may ask for the next message of its own consumer and acknowledge it. Both prove who they are by an
nkey (Ed25519), so that no secret stands in the broker's settings.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import ssl
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from entrepot.residency.link_errors import BrokerLibraryMissing, BrokerUnreachable
from entrepot.residency.links.sealing import check_sealed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from nats.aio.client import Client
    from nats.aio.msg import Msg

__all__ = [
    "AT_ONCE",
    "Arrival",
    "BrokerAddress",
    "Connection",
    "client_of",
    "connected",
    "inbox_of",
    "nkey_of",
    "stream_of",
    "subject_of",
]

AT_ONCE = 8
"""Messages on their way at the same time."""

WAIT_S = 10.0
_CONNECT_S = 5
_CLOSE_S = 1
_OWNER_ONLY = 0o600
_KEPT_ALREADY = 10077
"""JetStream's code for a subject that holds as many messages as it may, one: the broker keeps this piece."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker of a link is.

    Attributes:
        cell: The companion, for messages.
        url: `tls://host:port`, or `nats://` within a network of one's own.
        ca: File with the authority that signed the broker's certificate; None trusts those of the system.
    """

    cell: str
    url: str
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that came, and whom to tell that it was kept."""

    subject: str
    payload: bytes
    reply: str


def stream_of(recipient: str) -> str:
    """Name of the stream in a sender's account that holds what is for a recipient."""
    return f"to-{recipient}"


def subject_of(sender: str, recipient: str, mail: str, number: int) -> str:
    """Subject of one piece: it is there once at most, however often it is sent."""
    return f"entrepot.{sender}.{recipient}.{mail}.{number}"


def inbox_of(cell: str) -> str:
    """Where answers to a cell arrive."""
    return f"_INBOX.{cell}"


def check_library() -> None:
    """See that the client is installed, before anything is made or sent.

    Raises:
        BrokerLibraryMissing: It is not.
    """
    if find_spec("nats") is None or find_spec("nkeys") is None:
        raise BrokerLibraryMissing


def nkey_of(folder: Path, account: str) -> tuple[str, str]:
    """Seed and public key of a cell's user in an account; made on first use.

    Raises:
        BrokerLibraryMissing: The `nats` extra is not installed.
    """
    check_library()
    import nkeys

    path = folder / f"broker-{account}.seed"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        seed = bytes(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER))
        partial = folder / f"broker-{account}.seed.{os.getpid()}"
        descriptor = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as out:
            out.write(seed + b"\n")
        with contextlib.suppress(FileExistsError):  # another process was first; its key counts
            os.link(partial, path)
        partial.unlink()
    seed_text = path.read_text(encoding="ascii").strip()
    return seed_text, bytes(nkeys.from_seed(bytearray(seed_text.encode())).public_key).decode("ascii")


class Connection:
    """A user's connection to an account."""

    def __init__(self, client: Client, address: BrokerAddress) -> None:
        self._client = client
        self._address = address

    async def publish(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Let the broker keep messages, and wait until it says that all of them are on its disk.

        Args:
            messages: Subject and payload; at most `AT_ONCE`. One that it keeps already is kept once.

        Raises:
            BrokerUnreachable: Not all were confirmed; sending them again is safe.
            MailNotSealed: A payload is not encrypted; nothing was sent.
        """
        for subject, payload in messages:
            check_sealed(payload, subject)
        await asyncio.gather(*(self._publish(*each) for each in messages))

    async def _publish(self, subject: str, payload: bytes) -> None:
        from nats.errors import Error
        from nats.js.errors import APIError

        # What the broker kept and gave on may be published again by a sender that did not hear of it.
        headers = {"Nats-Msg-Id": subject}
        try:
            await self._client.jetstream(timeout=WAIT_S).publish(subject, payload, headers=headers)
        except APIError as error:
            if error.err_code != _KEPT_ALREADY:
                raise BrokerUnreachable(self._address.cell, f"it answered {error.err_code}") from error
        except (OSError, TimeoutError, Error) as error:
            raise BrokerUnreachable(self._address.cell, type(error).__name__) from error

    async def take(self, stream: str, consumer: str) -> list[Arrival]:
        """The next few messages that wait; none where there are none.

        Raises:
            BrokerUnreachable: The connection broke; what was not acknowledged comes again.
        """
        found = await asyncio.gather(*(self._next(stream, consumer) for _ in range(AT_ONCE)))
        return [Arrival(each.subject, each.data, each.reply) for each in found if each is not None]

    async def _next(self, stream: str, consumer: str) -> Msg | None:
        from nats.errors import Error

        asked = json.dumps({"batch": 1, "no_wait": True}).encode()
        try:
            # JetStream answers under the message's own subject, which the client's shared inbox would not recognise.
            answer = await self._client.request(
                f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}", asked, timeout=WAIT_S, old_style=True
            )
        except (OSError, TimeoutError, Error) as error:
            raise BrokerUnreachable(self._address.cell, type(error).__name__) from error
        return None if (answer.headers or {}).get("Status") else answer

    async def acknowledge(self, arrivals: Sequence[Arrival], word: bytes = b"+ACK") -> None:
        """Tell the broker that messages need not be kept any longer; `+TERM` for those that nobody can use.

        Raises:
            BrokerUnreachable: It may not have heard of it; then they come again.
        """
        from nats.errors import Error

        try:
            for each in arrivals:
                await self._client.publish(each.reply, word)
            await self._client.flush(timeout=int(WAIT_S))
        except (OSError, TimeoutError, Error) as error:
            raise BrokerUnreachable(self._address.cell, type(error).__name__) from error


@contextlib.asynccontextmanager
async def connected(address: BrokerAddress, seed: str, inbox: str) -> AsyncIterator[Connection]:
    """What a cell may say to a broker, as the user of a seed.

    Raises:
        BrokerUnreachable: Nobody answers there, it does not know the user, or it is not who it says it is.
    """
    async with client_of(address, seed, inbox) as client:
        yield Connection(client, address)


@contextlib.asynccontextmanager
async def client_of(address: BrokerAddress, seed: str, inbox: str) -> AsyncIterator[Client]:
    """Connect as the user of a seed; closed at the end.

    Raises:
        BrokerUnreachable: Nobody answers there, it does not know the user, or it is not who it says it is.
    """
    from nats.aio.client import Client as NatsClient
    from nats.errors import Error

    refused: list[Exception] = []

    async def noted(error: Exception) -> None:
        refused.append(error)

    tls = ssl.create_default_context(cafile=address.ca) if address.url.startswith("tls://") else None
    client = NatsClient()
    try:
        connecting = client.connect(
            address.url,
            nkeys_seed_str=seed,
            inbox_prefix=inbox,
            # A round that broke says so, and the next one connects anew; the client itself would try for two minutes.
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=_CONNECT_S,
            error_cb=noted,
            tls=tls,
        )
        await asyncio.wait_for(connecting, 2 * _CONNECT_S)
    except (OSError, TimeoutError, Error) as error:
        await _closed(client)
        named = refused[-1] if refused else error
        # The client has no class of its own for most of what a broker answers, such as an authorization violation.
        why = str(named) if type(named) is Error else type(named).__name__
        raise BrokerUnreachable(address.cell, why) from error
    try:
        yield client
    finally:
        await _closed(client)


async def _closed(client: Client) -> None:
    from nats.errors import Error

    with contextlib.suppress(OSError, TimeoutError, Error):
        # It would wait for ever for the last word of a server whose certificate it does not believe.
        await asyncio.wait_for(client.close(), _CLOSE_S)
    # A client whom the broker turned away closes its socket in a task of its own; it is given the time for that.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
