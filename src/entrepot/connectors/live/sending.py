"""How a request of a marketplace's API goes out and what comes back: HTTP, and files that are fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import httpcore
import httpx

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from entrepot.connectors.live.contract import Request

FILE_BYTES_MAX = 4 << 30
"""A download that goes on longer is given up."""
_CONNECTIONS_MAX, _KEPT_MAX, _KEPT_S = 100, 20, 5.0
_HELD_BYTES_MAX = 1 << 20
_AS_IT_IS = re.compile(r"(?:[A-Za-z0-9._~=&+-]|%[0-9A-F]{2})+")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_NOT_ANSWERED = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        status: HTTP status.
        body: As sent.
        date_s: The server's clock, where it said so.
        retry_after_s: How long it asks to wait, where it said so.
    """

    status: int
    body: bytes
    date_s: float | None = None
    retry_after_s: float | None = None


class Transport(Protocol):
    """Sends a request. Raises `httpx.TransportError` when nothing came back."""

    def send(self, request: Request) -> Reply:
        """Send, and wait for the whole answer."""


@runtime_checkable
class Saving(Protocol):
    """A transport that also fetches files, without holding them in memory."""

    def save(self, request: Request, target: Path) -> Reply:
        """Send, and write the body to a file as it came; the reply has none. Raises as `send` does."""


class _Stream(httpcore.NetworkStream):
    """A connection that holds back what is written until an answer is waited for.

    The head and the body of a call went out as two packets, each a call of the system and a turn of the other side's.
    """

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner, self._held = inner, b""
        self._timeout_s: float | None = None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._held, self._timeout_s = self._held + buffer, timeout
        if len(self._held) > _HELD_BYTES_MAX:
            self._send()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._send()
        return self._inner.read(max_bytes, timeout)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._send()
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 as httpcore says
        return self._inner.get_extra_info(info)

    def _send(self) -> None:
        held, self._held = self._held, b""
        if held:
            self._inner.write(held, self._timeout_s)


class _InOnePiece(httpcore.SyncBackend):
    """Connections that send a call in one piece."""

    def connect_tcp(self, *given: Any, **named: Any) -> httpcore.NetworkStream:  # noqa: ANN401 passed on as given
        return _Stream(super().connect_tcp(*given, **named))


class HttpTransport:
    """HTTP with connections kept open; no redirects, for a redirect would carry a signature elsewhere.

    Calls go to the pool beneath httpx: what httpx adds (cookies, redirects, hooks) costs more than the call itself and
    is not wanted here. Its words for what went wrong, its headers and its reading of packed answers are kept.
    """

    def __init__(self, timeout_s: float = 30.0) -> None:
        context = httpx.create_ssl_context(trust_env=False)
        self._client = httpx.Client(timeout=timeout_s, follow_redirects=False, trust_env=False, verify=context)
        self._pool = httpcore.ConnectionPool(
            context,
            max_connections=_CONNECTIONS_MAX,
            max_keepalive_connections=_KEPT_MAX,
            keepalive_expiry=_KEPT_S,
            network_backend=_InOnePiece(),
        )
        self._headers: dict[bytes | str, bytes | str] = {
            name.lower(): value for name, value in self._client.headers.items()
        }
        self._waits = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), timeout_s)}

    def send(self, request: Request) -> Reply:
        """Send a request; see the protocol."""
        headers = self._headers | {name.lower(): value for name, value in request.headers.items()}
        # A form without fields states its length too.
        content = request.body or (b"" if request.verb in _WITH_BODY else None)
        try:
            answer = self._pool.request(
                request.verb, _address(request.url), headers=headers, content=content, extensions=self._waits
            )
        except _NOT_ANSWERED as error:
            raise getattr(httpx, type(error).__name__)(str(error)) from error
        said = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
        body = answer.content
        if b"content-encoding" in said:
            body = httpx.Response(answer.status, headers=answer.headers, content=body).content
        return Reply(answer.status, body, _date_s(said.get(b"date")), _seconds(said.get(b"retry-after")))

    def save(self, request: Request, target: Path) -> Reply:
        """Fetch a file; see the protocol. A body that is shorter than it says raises."""
        # Compressed for the way, its bytes would not be those that a digest was taken of.
        headers = {**request.headers, "accept-encoding": "identity"}
        with (
            self._client.stream(request.verb, request.url, headers=headers) as answer,
            target.open("wb") as out,
        ):
            for chunk in answer.iter_raw():
                if out.tell() > FILE_BYTES_MAX:
                    raise httpx.ReadError(f"more than {FILE_BYTES_MAX} bytes")
                out.write(chunk)
            return Reply(answer.status_code, b"", None, _seconds(answer.headers.get("retry-after")))

    def close(self) -> None:
        """Close connections."""
        self._pool.close()
        self._client.close()


def _address(url: str) -> httpcore.URL:
    """An address as httpx writes it; what is asked in it stands there as it is where it needs no other writing."""
    path, has_query, asked = url.partition("?")
    if has_query and not _AS_IT_IS.fullmatch(asked):
        return _written(url)
    written = _written(path)
    target = written.target + b"?" + asked.encode() if has_query else written.target
    return httpcore.URL(scheme=written.scheme, host=written.host, port=written.port, target=target)


@lru_cache(maxsize=32)
def _written(url: str) -> httpcore.URL:
    read = httpx.URL(url)
    return httpcore.URL(scheme=read.raw_scheme, host=read.raw_host, port=read.port, target=read.raw_path)


@lru_cache(maxsize=8)
def _date_s(text: str | None) -> float | None:
    if not text:
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None


def _seconds(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"\d+(\.\d+)?", text) else None
