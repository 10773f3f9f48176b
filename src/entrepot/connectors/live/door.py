"""An address of ours to which platforms post messages: HTTP without TLS, behind whoever ends TLS for this computer.

    listen      one thread per post, so many at once; what is too long or has no length is not read
    check       which app it is for, and whether the platform signed it; what it did not sign is counted and forgotten
    keep        what it hints at; only then the platform hears that it came

It knows nothing of what messages mean, and says nothing of what it was sent: posts carry persons.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6, SHUT_RDWR, socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from entrepot.connectors.live.errors import DoorShut
from entrepot.connectors.live.messages import Post

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from entrepot.connectors.live.contract import Credentials
    from entrepot.connectors.live.messages import Message, Posted

BODY_BYTES_MAX = 1 << 20
"""A longer post is not read: messages are some hundred bytes each."""

POSTS_AT_ONCE = 32
"""More of them find the door shut for a moment."""

_SILENT_S = 10.0
"""Whoever says nothing for so long is left."""

WHOLE_S = 30.0
"""A post has to be whole by then."""

_OK, _FORBIDDEN, _LENGTH_REQUIRED, _TOO_LARGE, _UNAVAILABLE = 200, 403, 411, 413, 503


@dataclass(frozen=True)
class Desk:
    """Takes the posts for one app.

    Attributes:
        shop: Whose connection states the app, for what is counted.
        client: Reads posts.
        credentials: With `app_key` and `secret`.
        keep: Keeps what messages hint at; when it returns, the platform may be told that they came.
    """

    shop: str
    client: Posted
    credentials: Credentials
    keep: Callable[[Sequence[Message]], None]


class Door:
    """Listens at one address for the posts of some apps.

    Args:
        address: `host:port`.
        desks: Apps.
    Raises:
        DoorShut: Nobody can listen there.
    """

    def __init__(self, address: str, desks: Sequence[Desk]) -> None:
        self._desks, self._lock = tuple(desks), threading.Lock()
        self._refused, self._unkept = dict[str, int](), dict[str, tuple[int, str]]()
        told = urlsplit(f"//{address}")
        kind = AF_INET6 if ":" in (told.hostname or "") else AF_INET
        handler = type("Handler", (_Handler,), {"door": self})
        try:
            self._server = type("Server", (_Server,), {"address_family": kind})(
                (told.hostname or "", told.port or 0), handler
            )
        except OSError as error:
            raise DoorShut(desks[0].shop, address, error.strerror or type(error).__name__) from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens; of the system's choice where the address says 0."""
        return int(self._server.server_address[1])

    def add(self, desks: Sequence[Desk]) -> None:
        """Take the posts for further apps too."""
        self._desks = (*self._desks, *desks)

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take_refused(self) -> dict[str, int]:
        """Posts that were refused since this was asked last, by shop."""
        with self._lock:
            refused, self._refused = self._refused, {}
        return refused

    def take_unkept(self) -> dict[str, tuple[int, str]]:
        """Posts that could not be kept since this was asked last, by shop, with the kind of what went wrong last."""
        with self._lock:
            unkept, self._unkept = self._unkept, {}
        return unkept

    def answer(self, post: Post) -> tuple[int, bytes]:
        """Status and body of the answer to a post."""
        desk = next((each for each in self._desks if each.client.app_in(post) == each.credentials["app_key"]), None)
        if desk is None or not desk.client.is_signed(post, desk.credentials):
            found = desk or self._desks[0]
            with self._lock:
                self._refused[found.shop] = self._refused.get(found.shop, 0) + 1
            return _FORBIDDEN, found.client.refused
        try:
            desk.keep(desk.client.messages_in_post(post))
        except Exception as error:  # noqa: BLE001 what went wrong may quote the post, so its kind alone is told
            with self._lock:
                posts, _ = self._unkept.get(desk.shop, (0, ""))
                self._unkept[desk.shop] = (posts + 1, type(error).__name__)
            return _UNAVAILABLE, desk.client.refused
        return _OK, desk.client.taken


class _Server(ThreadingHTTPServer):
    request_queue_size = 64

    def __init__(self, *args: Any) -> None:  # noqa: ANN401 as the base class takes them
        self._slots = threading.BoundedSemaphore(POSTS_AT_ONCE)
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 as the base class has them
        """Leave whoever comes while all are busy: a platform sends again what got no answer."""
        if self._slots.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 as the base class has them
        """Serve one caller, who has to be done in time: a byte now and then would hold a slot for ever."""
        late = threading.Timer(WHOLE_S, _cut, (request,))
        late.daemon = True
        late.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            late.cancel()
            self._slots.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of callers that went away."""


def _cut(request: socket) -> None:
    with suppress(OSError):
        request.shutdown(SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    door: Door
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "door", ""
    timeout = _SILENT_S

    def do_POST(self) -> None:
        """Answer a post, and hang up: a platform has its own reasons to come back."""
        self.close_connection = True
        length = self.headers.get("content-length") or ""
        if not length.isdecimal():
            self._say(_LENGTH_REQUIRED, b"")
        elif int(length) > BODY_BYTES_MAX:
            self._say(_TOO_LARGE, b"")
        else:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                self._say(*self.door.answer(Post(headers, body)))

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the base class's
        """Say nothing: whoever stands before the door keeps its own log."""
