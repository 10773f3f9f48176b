"""Mail through one Unix socket: for a cell that has no network at all, but a socket bind-mounted into its namespace.

One side serves its two mail folders; the other takes what is new and hands back its answers. Only envelopes and
checkpoints travel, under names of a closed form; a file appears in a folder as a whole or not at all. Nothing is
trusted for coming this way: the receiver verifies it as ever.

    LIST                            OK <count>, then a line `<size> <sha256> <name>` each
    GET <name>                      OK <size>, then the bytes
    PUT <size> <sha256> <name>      and the bytes; OK
                                    NO <word> for everything else
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import socket
import socketserver
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from entrepot.residency.gate_errors import MailUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NAME", "Exchanged", "MailServer", "exchange_mail", "files_of"]

SIZE_MAX = 4 << 30
"""Bytes of the largest file that is taken."""

WAIT_S = 60.0
_LINE_MAX = 400
_CHUNK = 1 << 20
NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,200}\.envelope|checkpoints/[0-9]{16}\.(request|cosigned)")
"""Names that mail has, below its folder."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What one exchange moved: files taken and files handed over."""

    taken: int
    handed: int


class MailServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Serves two folders to whoever can reach the socket's path; the folder around it decides who that is.

    Args:
        path: The socket; a stale one of a dead server is replaced.
        send: What the other side may take.
        receive: Where its answers are put.
    """

    daemon_threads = True
    request_queue_size = 16

    def __init__(self, path: Path, send: Path, receive: Path) -> None:
        self.send, self.receive = send, receive
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            if path.is_socket() and not _is_answered(path):
                path.unlink()
        super().__init__(str(path), _Answer)
        path.chmod(0o660)

    def handle_error(self, request: object, client_address: object) -> None:
        """One connection that broke is its own trouble; nothing of it is printed."""
        del request, client_address


class _Answer(socketserver.StreamRequestHandler):
    """One command on one connection."""

    timeout = WAIT_S

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, MailServer), "only the mail server answers"
        words = self.rfile.readline(_LINE_MAX).decode("ascii", "replace").strip("\n").split(" ")
        if words == ["LIST"]:
            found = list(files_of(server.send))
            self.wfile.write(f"OK {len(found)}\n".encode())
            for name, path in found:
                self.wfile.write(f"{path.stat().st_size} {_digest(path)} {name}\n".encode())
        elif len(words) == 2 and words[0] == "GET" and NAME.fullmatch(words[1]):  # noqa: PLR2004 a verb and a name
            self._give(server.send / words[1])
        elif words[0] == "PUT" and (asked := _put(words[1:])):
            size, digest, name = asked
            taken = _take(self.rfile, size, digest, server.receive / name)
            self.wfile.write(b"OK\n" if taken else b"NO altered\n")
        else:
            self.wfile.write(b"NO command\n")

    def _give(self, path: Path) -> None:
        try:
            with path.open("rb") as content:
                self.wfile.write(f"OK {os.fstat(content.fileno()).st_size}\n".encode())
                while chunk := content.read(_CHUNK):
                    self.wfile.write(chunk)
        except FileNotFoundError:
            self.wfile.write(b"NO file\n")


def exchange_mail(path: Path, send: Path, receive: Path) -> Exchanged:
    """Take what is new from a served mailbox, and hand over what lies in `send`.

    Args:
        path: The socket.
        send: Our answers; each is handed over again until the server has it, which changes nothing.
        receive: Where mail is put.

    Raises:
        MailUnreachable: Nobody serves there, or the connection broke; what was moved stays moved.
    """
    try:
        return Exchanged(_taken(path, receive), _handed(path, send))
    except (OSError, ValueError) as error:
        raise MailUnreachable(str(path), type(error).__name__) from error


def _taken(path: Path, receive: Path) -> int:
    with _asked(path, b"LIST\n") as stream:
        listed = [_put(stream.readline(_LINE_MAX).decode().strip("\n").split(" ")) for _ in range(_ok(stream))]
    count = 0
    for each in listed:
        if each is None:
            raise ValueError
        size, digest, name = each
        if (receive / name).exists():
            continue
        with _asked(path, f"GET {name}\n".encode()) as stream:
            # A file that grew or went away since the list comes with the next exchange.
            count += _ok(stream) == size and _take(stream, size, digest, receive / name)
    return count


def _handed(path: Path, send: Path) -> int:
    count = 0
    for name, file in files_of(send):
        command = f"PUT {file.stat().st_size} {_digest(file)} {name}\n".encode()
        with _asked(path, command, file) as stream:
            count += stream.readline(_LINE_MAX) == b"OK\n"
    return count


class _Bytes(Protocol):
    """What is read from a connection."""

    def read(self, size: int = -1, /) -> bytes: ...

    def readline(self, size: int = -1, /) -> bytes: ...


@contextlib.contextmanager
def _asked(path: Path, command: bytes, content: Path | None = None) -> Iterator[_Bytes]:
    """Say one command on a connection of its own, with a file behind it where there is one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(WAIT_S)
        connection.connect(str(path))
        connection.sendall(command)
        if content is not None:
            with content.open("rb") as stream:
                connection.sendfile(stream)
        with connection.makefile("rb") as answer:
            yield answer


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        return connection.connect_ex(str(path)) == 0


def _ok(stream: _Bytes) -> int:
    words = stream.readline(_LINE_MAX).decode("ascii", "replace").split()
    if len(words) != 2 or words[0] != "OK":  # noqa: PLR2004 a word and a number
        raise ValueError
    return int(words[1])


def _put(words: list[str]) -> tuple[int, str, str] | None:
    """Size, digest and name; None where one is not in its form."""
    if len(words) != 3 or not words[0].isdigit():  # noqa: PLR2004 three words
        return None
    size, digest, name = int(words[0]), words[1], words[2]
    is_good = size <= SIZE_MAX and _SHA256.fullmatch(digest) and NAME.fullmatch(name)
    return (size, digest, name) if is_good else None


def _take(stream: _Bytes, size: int, digest: str, target: Path) -> bool:
    """Write so many bytes to a file, which is there afterwards only when they have the digest."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    found, left = hashlib.sha256(), size
    try:
        with partial.open("wb") as out:
            while left:
                chunk = stream.read(min(left, _CHUNK))
                if not chunk:
                    return False
                out.write(chunk)
                found.update(chunk)
                left -= len(chunk)
            out.flush()
            os.fsync(out.fileno())
        if found.hexdigest() != digest:
            return False
        partial.replace(target)
        return True
    finally:
        partial.unlink(missing_ok=True)


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Files of a mail folder under names of the closed form, in order."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if NAME.fullmatch(name) and path.is_file() and not path.is_symlink():
            yield name, path


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
