"""What the pool beneath httpx has to do as httpx does: packed answers, failures by their names, no redirects."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpcore
import httpx
import pytest

from entrepot.connectors.live.contract import Request
from entrepot.connectors.live.sending import HttpTransport, Reply, _address

ASKED: list[tuple[str, dict[str, str], bytes]] = []


class Gateway(BaseHTTPRequestHandler):
    """Answers by path, and notes what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        ASKED.append((self.path, {name.lower(): text for name, text in self.headers.items()}, self.rfile.read(length)))
        if self.path == "/broken":
            self.wfile.write(b"no HTTP at all\r\n\r\n")
            self.close_connection = True
            return
        packed = self.path == "/packed"
        body = gzip.compress("店铺".encode()) if packed else b"plain"
        self.send_response_only(302 if self.path == "/elsewhere" else 200)
        self.send_header("Date", "Mon, 30 Nov 2026 00:00:07 GMT")
        self.send_header("Retry-After", "3")
        self.send_header("Set-Cookie", "who=me")
        self.send_header("Content-Length", str(len(body)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        if self.path == "/elsewhere":
            self.send_header("Location", "/plain")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the base class's
        """Say nothing."""


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Gateway)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def transport() -> Iterator[HttpTransport]:
    found = HttpTransport()
    yield found
    found.close()


def test_an_answer_is_read_with_its_clock_and_unpacked(base_url: str, transport: HttpTransport) -> None:
    assert transport.send(Request("POST", f"{base_url}/plain", {}, b"x")) == Reply(200, b"plain", 1_795_996_807.0, 3.0)
    assert transport.send(Request("POST", f"{base_url}/packed", {}, b"x")).body == "店铺".encode()


def test_a_redirect_is_an_answer_and_no_cookie_is_kept(base_url: str, transport: HttpTransport) -> None:
    ASKED.clear()
    assert transport.send(Request("POST", f"{base_url}/elsewhere", {"X-Sign": "s"}, b"x")).status == 302
    transport.send(Request("POST", f"{base_url}/a b?q=店", {"Accept": "text/plain"}))
    assert [path for path, _, _ in ASKED] == ["/elsewhere", "/a%20b?q=%E5%BA%97"]
    first, second = (headers for _, headers, _ in ASKED)
    assert first["x-sign"] == "s"
    assert "gzip" in first["accept-encoding"]
    assert second["accept"] == "text/plain"
    assert second["content-length"] == "0"
    assert "cookie" not in second


def test_what_goes_wrong_has_the_names_that_callers_try_again_on(base_url: str, transport: HttpTransport) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        transport.send(Request("POST", f"{base_url}/broken", {}, b"x"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(httpx.ConnectError):
            transport.send(Request("GET", f"http://127.0.0.1:{taken.getsockname()[1]}/"))
    with pytest.raises(httpx.UnsupportedProtocol):
        transport.send(Request("GET", "ftp://127.0.0.1/"))


def test_head_and_body_of_a_call_go_out_in_one_piece(base_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    plain = httpcore.SyncBackend.connect_tcp

    def noting(self: httpcore.SyncBackend, *given: Any, **named: Any) -> httpcore.NetworkStream:
        stream = plain(self, *given, **named)
        write = stream.write

        def note(buffer: bytes, timeout: float | None = None) -> None:
            written.append(buffer)
            write(buffer, timeout)

        monkeypatch.setattr(stream, "write", note)
        return stream

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", noting)
    small, large = b"a=1", b"x" * (3 << 20)
    with contextlib.closing(HttpTransport()) as transport:
        for content in (small, large, small):
            assert transport.send(Request("POST", f"{base_url}/plain", {}, content)).body == b"plain"
            assert ASKED[-1][2] == content
    assert [len(each) > len(large) for each in written] == [False, True, False], "three calls are three pieces"


def test_who_does_not_encrypt_gets_no_call_that_is_to_be(base_url: str) -> None:
    with pytest.raises(httpx.ConnectError), contextlib.closing(HttpTransport()) as transport:
        transport.send(Request("POST", base_url.replace("http://", "https://") + "/secret", {}, b"a=1"))
    assert all(path != "/secret" for path, _, _ in ASKED)


@pytest.mark.parametrize(
    "address",
    [
        "https://gw.example/router/batch?timestamp=2026-11-11%2000%3A00%3A00&sign=A1",
        "http://127.0.0.1:8080/api?name=店铺&q=a b",
        "http://[::1]:80/api?q=%zz",
        "https://gw.example/店铺?a=b+c",
        "https://gw.example?a=~b",
        "https://gw.example/p?",
        "https://gw.example/p?a=b#behind",
        "https://gw.example",
    ],
)
def test_an_address_is_written_as_httpx_writes_it(address: str) -> None:
    wanted, made = httpx.URL(address), _address(address)
    assert (made.scheme, made.host, made.port, made.target) == (
        wanted.raw_scheme,
        wanted.raw_host,
        wanted.port,
        wanted.raw_path,
    )
