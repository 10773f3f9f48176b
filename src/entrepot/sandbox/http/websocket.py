"""The server's half of a web socket (RFC 6455), as far as simulated platforms need it: texts, each in one frame.

It shares no code with any client. What it leaves out: messages in parts, extensions, subprotocols, binary frames.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import socket
import struct
from dataclasses import dataclass, field
from enum import IntEnum

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LENGTH_16, _LENGTH_64 = 126, 127
_FRAME_BYTES_MAX, _CUT_S = 1 << 20, 2.0


class _Kind(IntEnum):
    TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def accept_of(key: str) -> str:
    """What a server answers to the key of a client."""
    return base64.b64encode(hashlib.sha1((key + _MAGIC).encode(), usedforsecurity=False).digest()).decode()


@dataclass
class WebSocket:
    """A connection whose handshake is done.

    Attributes:
        connection: The socket.
        is_open: Whether anybody is there.
    """

    connection: socket.socket
    is_open: bool = True
    _read: bytearray = field(default_factory=bytearray)

    def send(self, text: str) -> None:
        """Send a message."""
        self._send(_Kind.TEXT, text.encode())

    def texts(self, wait_s: float) -> list[str]:
        """Messages that came, after waiting for some; `is_open` tells whether there will be more."""
        self.connection.settimeout(wait_s)
        try:
            some = self.connection.recv(1 << 16)
        except TimeoutError:
            return []
        except OSError:
            some = b""
        if not some:
            self.is_open = False
        self._read += some
        found: list[str] = []
        while (frame := self._frame()) is not None:
            kind, said = frame
            if kind is _Kind.TEXT:
                found.append(said.decode())
            elif kind is _Kind.PING:
                self._send(_Kind.PONG, said)
            elif kind is _Kind.CLOSE:
                self._send(_Kind.CLOSE, said)
                self.is_open = False
        return found

    def cut(self) -> None:
        """Break off without a word; what was sent arrives all the same."""
        self.is_open = False
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(_CUT_S)
            while self.connection.recv(1 << 16):
                pass

    def _frame(self) -> tuple[_Kind, bytes] | None:
        """The first whole frame of what came; a client masks each with four bytes of its own."""
        head = 2
        if len(self._read) < head:
            return None
        kind, length = _Kind(self._read[0] & 0x0F), self._read[1] & 0x7F
        assert self._read[0] & 0x80, "messages of clients come in one piece here"
        assert self._read[1] & 0x80, "a client masks what it sends"
        if length in (_LENGTH_16, _LENGTH_64):
            wide = 2 if length == _LENGTH_16 else 8
            if len(self._read) < head + wide:
                return None
            length, head = int.from_bytes(self._read[head : head + wide]), head + wide
        assert length <= _FRAME_BYTES_MAX, "clients of platforms send short messages"
        if len(self._read) < head + 4 + length:
            return None
        mask, masked = self._read[head : head + 4], self._read[head + 4 : head + 4 + length]
        del self._read[: head + 4 + length]
        return kind, bytes(each ^ mask[place % 4] for place, each in enumerate(masked))

    def _send(self, kind: _Kind, said: bytes) -> None:
        length = len(said)
        if length < _LENGTH_16:
            head = struct.pack("!BB", 0x80 | kind, length)
        elif length < 1 << 16:
            head = struct.pack("!BBH", 0x80 | kind, _LENGTH_16, length)
        else:
            head = struct.pack("!BBQ", 0x80 | kind, _LENGTH_64, length)
        try:
            self.connection.settimeout(None)
            self.connection.sendall(head + said)
        except OSError:
            self.is_open = False
