"""A connection of ours on which a platform sends messages: a web socket, held open in a thread of its own.

    connect     signed anew each time; who is refused or cut off waits longer each time, up to a minute
    live        a sign of life every few seconds, as the platform asks for; where nothing comes for long, connect anew
    keep        what a message hints at; only then it is acknowledged

It knows nothing of what messages mean, and says nothing of what it was sent: they name persons.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from websockets.sync.client import ClientConnection

    from entrepot.connectors.live.contract import Credentials
    from entrepot.connectors.live.messages import Message, Streamed

FRAME_BYTES_MAX = 1 << 20
"""A longer message ends the connection: messages are some hundred bytes each."""

AGAIN_S, AGAIN_MAX_S = 1.0, 60.0
"""So long a connection rests that was refused or cut off: the first time, and at most."""

SOUND_S = 30.0
"""A connection that held so long, or brought a message, was a good one: that it ended is nothing to tell of."""

SILENT_S = 60.0
"""Where nothing came for so long, not even an answer to a sign of life, nobody is there any more."""

_OPEN_S, _LOOK_S, _CLOSE_S = 10.0, 0.5, 2.0

_QUIET = logging.Logger("entrepot.stream", logging.CRITICAL + 1)  # noqa: LOG001 nobody is to find it by its name
"""What the library would tell of frames goes nowhere: nothing is loud enough for it, and no handler hears it."""


@dataclass(frozen=True)
class Line:
    """Takes the messages of one app.

    Attributes:
        shop: Whose connection states the app, for what is told.
        address: Beginning of the address, without what signs it.
        client: Reads frames.
        credentials: With `app_key` and `secret`.
        keep: Keeps what messages hint at; when it returns, they may be acknowledged.
        now_s: Time by this computer's clock.
    """

    shop: str
    address: str
    client: Streamed
    credentials: Credentials
    keep: Callable[[Sequence[Message]], None]
    now_s: Callable[[], float]


class Stream:
    """Holds the connection of an app open until it is closed."""

    def __init__(self, line: Line) -> None:
        self._line, self._stopped, self._lock = line, threading.Event(), threading.Lock()
        self._trouble, self._unkept, self._kept = "", (0, ""), 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more messages; what is not acknowledged comes again."""
        self._stopped.set()
        self._thread.join()

    def take_trouble(self) -> str:
        """Why there is no connection, since this was asked last; empty where there is one or nothing new."""
        with self._lock:
            trouble, self._trouble = self._trouble, ""
        return trouble

    def take_unkept(self) -> tuple[int, str]:
        """Messages that could not be kept since this was asked last, and the kind of what went wrong last."""
        with self._lock:
            unkept, self._unkept = self._unkept, (0, "")
        return unkept

    def _run(self) -> None:
        wait = AGAIN_S
        while not self._stopped.is_set():
            began, kept = time.monotonic(), self._kept
            trouble = self._connected()
            if self._kept > kept or time.monotonic() - began > SOUND_S:
                trouble, wait = "", AGAIN_S
            with self._lock:
                self._trouble = trouble
            self._stopped.wait(wait)
            wait = min(wait * 2, AGAIN_MAX_S)

    def _connected(self) -> str:
        """Be connected for as long as it lasts; returns what ended it."""
        from websockets.exceptions import InvalidStatus
        from websockets.sync.client import connect

        line = self._line
        url = line.client.stream_url(line.address, line.credentials, line.now_s())
        try:
            # Compressed frames could be small here and huge when read; the platform's own signs of life are not the
            # protocol's; and who speaks for the environment's proxy is nobody's business, as for every other call.
            with connect(
                url,
                compression=None,
                proxy=None,
                open_timeout=_OPEN_S,
                ping_interval=None,
                close_timeout=_CLOSE_S,
                max_size=FRAME_BYTES_MAX,
                logger=_QUIET,
            ) as connection:
                self._listen(connection)
        except InvalidStatus as error:
            return f"HTTP {error.response.status_code}"
        except Exception as error:  # noqa: BLE001 whatever it was, the thread goes on, and its kind alone is told
            return type(error).__name__
        return ""

    def _listen(self, connection: ClientConnection) -> None:
        line = self._line
        heard = beaten = time.monotonic()
        connection.send(line.client.sign_of_life(line.now_s()))
        while not self._stopped.is_set():
            now = time.monotonic()
            if now - heard > SILENT_S:
                raise TimeoutError
            if now - beaten > line.client.life_s:
                connection.send(line.client.sign_of_life(line.now_s()))
                beaten = now
            try:
                frame = connection.recv(timeout=_LOOK_S, decode=False)
            except TimeoutError:
                continue
            heard = time.monotonic()
            messages = line.client.messages_in_frame(frame)
            if not messages:
                continue
            if not self._is_kept(messages):
                return
            if answer := line.client.acknowledgement(frame, line.now_s()):
                connection.send(answer)

    def _is_kept(self, messages: Sequence[Message]) -> bool:
        """Keep messages. Where that fails the connection ends: what follows would fail as fast as it comes."""
        try:
            self._line.keep(messages)
        except Exception as error:  # noqa: BLE001 what went wrong may quote a message, so its kind alone is told
            with self._lock:
                self._unkept = (self._unkept[0] + len(messages), type(error).__name__)
            return False
        self._kept += len(messages)
        return True
