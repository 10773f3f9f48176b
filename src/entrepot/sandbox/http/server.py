"""The sandbox over HTTP on loopback, on the standard library's server: one thread per connection is enough here.

Besides the marketplaces' own addresses there are four of ours, none of which a platform has: `/sandbox/truth/<name>`,
`/sandbox/advance?seconds=…`, `/sandbox/faults`, and `/sandbox/consent/<name>?redirect_uri=…&state=…` in place of the
page on which the owner of a shop says yes to an app.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import sys
import threading
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from entrepot.sandbox.http.faults import Faults
from entrepot.sandbox.http.platform import SKEW_S, Asked, Said, SimClock, Simulated
from entrepot.sandbox.http.websocket import WebSocket, accept_of
from entrepot.sandbox.http.world import LiveWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _found() -> dict[str, type[Simulated]]:
    """Every simulated marketplace that has a module beside this one."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name != Path(__file__).stem:
            importlib.import_module(f"{__package__}.{module.name}")
    direct = Simulated.__subclasses__()
    every = (*direct, *(kind for each in direct for kind in each.__subclasses__()))
    return {kind.name: kind for kind in sorted(every, key=lambda kind: kind.name)}


PLATFORMS: Mapping[str, type[Simulated]] = _found()
"""By the name that the product has for the platform."""

_PUSH_EVERY_S = 0.2

START_S = 1_793_462_400
"""2026-11-01 00:00:00 in Beijing."""


@dataclass
class Sandbox:
    """Simulated marketplaces with one shop each, on one clock.

    Attributes:
        names: Platforms; all where empty.
        seed: Of worlds and faults.
        orders: Orders per shop.
        days: So long orders are placed.
        faults: Faults that are on.
        every: Each fires about once in so many occasions.
        speed: Simulated seconds per second.
        tick_s: Simulated seconds that pass with each request.
        begin_days: Days of the world that have passed when the sandbox comes up.
        start_s: First instant of the world.
        worlds: Worlds that are there already, by platform; the others are drawn.
    """

    names: tuple[str, ...] = ()
    seed: int = 20_261_111
    orders: int = 200
    days: int = 10
    faults: frozenset[str] = frozenset()
    every: int = 29
    speed: float = 1.0
    tick_s: float = 0.0
    begin_days: float = 0.0
    start_s: int = START_S
    worlds: Mapping[str, LiveWorld] = field(default_factory=dict)
    platforms: dict[str, Simulated] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dial = Faults(self.faults, self.seed, self.every)
        self.clock = SimClock(self.start_s + self.begin_days * 86_400, self.speed, self.tick_s)
        for name in self.names or tuple(PLATFORMS):
            kind = PLATFORMS[name]
            late = "late_modification" in self.faults
            world = self.worlds.get(name) or LiveWorld(
                self.seed, self.orders, self.start_s, self.days, late, lines_max=kind.lines_max
            )
            self.platforms[name] = kind(world, self.clock, self.dial)

    def connections(self, base_url: str) -> dict[str, dict[str, str]]:
        """What `entrepot sandbox up --json` prints under `platforms`."""
        return {name: platform.connection(base_url) for name, platform in self.platforms.items()}

    def answer(self, asked: Asked) -> Said | None:
        """Answer a request; None where the connection is to be closed without one."""
        if asked.path.startswith("/sandbox/"):
            return self._own(asked)
        self.clock.tick()
        platform = next((each for each in self.platforms.values() if each.claims(asked.path)), None)
        if platform is None:
            return Said(b'{"error":"no marketplace answers here"}', 404)
        if self.dial.fires("server_error"):
            return Said(b"<html><body>502 Bad Gateway</body></html>", 502, {"content-type": "text/html"})
        said = platform.answer(asked)
        if self.dial.fires("no_answer"):
            return None
        return self._spoilt(said, platform)

    def _spoilt(self, said: Said, platform: Simulated) -> Said:
        body, title = said.body, rb'"(%s)": ?"' % "|".join(platform.titles).encode()
        is_file = "json" not in said.headers.get("content-type", "json")
        if self.dial.fires("truncated"):
            body = body[: max(len(body) // 2, 1)]
            if is_file:
                # Of a file that is no archive nothing but the length tells that it is not whole.
                return Said(body, said.status, said.headers, len(said.body))
        elif re.search(title, body) and self.dial.fires("control_characters"):
            body = re.sub(title, rb"\g<0>\t\n", body, count=1)
        return Said(body, said.status, said.headers)

    def line(self, path: str) -> Callable[[WebSocket], None] | None:
        """Who talks on a web socket at an address."""
        return next((line for each in self.platforms.values() if (line := each.line(path)) is not None), None)

    def date(self) -> str:
        """The platform's clock as an HTTP date."""
        skew = SKEW_S if "clock_skew" in self.faults else 0
        return formatdate(self.clock.now_s() + skew, usegmt=True)

    def _own(self, asked: Asked) -> Said:
        _, _, what, *rest = asked.path.split("/")
        if what == "truth" and rest and rest[0] in self.platforms:
            return _json(self.platforms[rest[0]].truth())
        if what == "advance":
            self.clock.advance(float(asked.query.get("seconds", "0")))
            worlds = [each.world for each in self.platforms.values()]
            spans = {"start_s": min(each.start_s for each in worlds), "end_s": max(each.end_s for each in worlds)}
            return _json({"now_s": int(self.clock.now_s()), **spans})
        if what == "consent" and rest and rest[0] in self.platforms:
            platform = self.platforms[rest[0]]
            back = {platform.code_name: platform.issue_code(), "state": asked.query.get("state", "")}
            return Said(b"", 302, {"location": f"{asked.query.get('redirect_uri', '')}?{urlencode(back)}"})
        if what == "faults":
            return _json({"on": sorted(self.faults), "fired": self.dial.fired})
        return Said(b"{}", 404)


def _json(value: dict[str, Any]) -> Said:
    return Said(json.dumps(value, ensure_ascii=False).encode())


class SandboxServer:
    """A sandbox that listens on a port of this computer.

    Args:
        sandbox: What answers.
        port: 0 takes a free one.
    """

    def __init__(self, sandbox: Sandbox, port: int = 0) -> None:
        self.sandbox = sandbox
        handler = type("Handler", (_Handler,), {"sandbox": sandbox})
        self._server = _Server(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._stopped, self._pushing = threading.Event(), list[threading.Thread]()

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Listen, in a thread of its own."""
        self._thread.start()

    def push_to(self, name: str, address: str) -> None:
        """Let a marketplace post its messages to an address until the end."""
        platform = self.sandbox.platforms[name]
        platform.send_to(address)

        def push() -> None:
            while not self._stopped.wait(_PUSH_EVERY_S):
                platform.push()

        self._pushing.append(threading.Thread(target=push, daemon=True))
        self._pushing[-1].start()

    def stop(self) -> None:
        """Stop listening and posting."""
        self._stopped.set()
        for platform in self.sandbox.platforms.values():
            platform.stop()
        for each in self._pushing:
            each.join()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> SandboxServer:  # noqa: PYI034
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of callers that went away; they may have been killed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # as it came


class _Handler(BaseHTTPRequestHandler):
    sandbox: Sandbox
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def _serve(self) -> None:
        # Some clients send an absolute address in the request line.
        parts = urlsplit(self.path)
        if self.headers.get("upgrade", "").lower() == "websocket":
            self._talk(parts.path)
            return
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length) if length else b""
        asked = Asked(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
            f"{parts.path}?{parts.query}" if parts.query else parts.path,
        )
        said = self.sandbox.answer(asked)
        if said is None:
            self.close_connection = True
            return
        self.send_response_only(said.status)
        self.send_header("date", self.sandbox.date())
        self.send_header("content-length", str(said.length or len(said.body)))
        self.close_connection = self.close_connection or said.length is not None
        for name, value in {"content-type": "application/json;charset=UTF-8", **said.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said.body)

    def _talk(self, path: str) -> None:
        self.close_connection = True
        line = self.sandbox.line(path)
        self.send_response_only(101 if line is not None else 401)
        if line is None:
            self.send_header("content-length", "0")
            self.end_headers()
            return
        self.send_header("upgrade", "websocket")
        self.send_header("connection", "Upgrade")
        self.send_header("sec-websocket-accept", accept_of(self.headers.get("sec-websocket-key", "")))
        self.end_headers()
        line(WebSocket(self.connection))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the base class's
        """Say nothing: requests carry tokens."""
