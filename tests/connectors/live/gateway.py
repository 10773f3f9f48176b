"""A client and a simulated gateway face to face, without a network: what one signs the other has to accept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from entrepot.connectors.live.contract import Credentials
from entrepot.sandbox.http import Sandbox
from entrepot.sandbox.http.platform import Asked

if TYPE_CHECKING:
    from entrepot.connectors.live.contract import Call, Failure, LiveConnector

BASE = "http://127.0.0.1:1"


class Gateway:
    """One simulated marketplace and the connector's client.

    Args:
        platform: Name of both.
        live: The connector.
        orders: Orders of the shop.
    """

    def __init__(self, platform: str, live: LiveConnector, orders: int = 6) -> None:
        self.sandbox = Sandbox((platform,), orders=orders, days=1, begin_days=4.0)
        self.world = self.sandbox.platforms[platform].world
        self.live = live
        kept = self.sandbox.connections(BASE)[platform]
        self.gateway = kept.pop("gateway_url")
        self.credentials = Credentials(kept)

    @property
    def now_s(self) -> float:
        """The platform's time."""
        return self.sandbox.clock.now_s()

    def ask(self, call: Call, *, late_s: float = 0.0, secret: str = "", body: bytes | None = None) -> dict[str, Any]:
        """Make a call; the answer as objects.

        Args:
            call: What to ask.
            late_s: How far our clock is behind.
            secret: Another secret to sign with.
            body: Another body than was signed.
        """
        credentials = Credentials({**self.credentials.values, **({"secret": secret} if secret else {})})
        request = self.live.client.sign(call, credentials, self.gateway, self.now_s - late_s)
        parts = urlsplit(request.url)
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        sent = request.body if body is None else body
        said = self.sandbox.answer(Asked(request.verb, parts.path, query, headers, sent))
        assert said is not None, "no fault is on"
        answer: dict[str, Any] = json.loads(said.body)
        return answer

    def failure(self, call: Call, **how: Any) -> Failure | None:
        """What the client takes the answer for."""
        return self.live.client.failure_in(self.ask(call, **how), 200)

    def renew(self) -> Failure | None:
        """Renew the token; the failure, if there is one."""
        call = self.live.client.refresh_call(self.credentials)
        assert call is not None, "the platform renews tokens"
        answer = self.ask(call)
        failure = self.live.client.failure_in(answer, 200)
        if failure is None:
            self.credentials = self.live.client.refreshed(answer, self.credentials, self.now_s)
        return failure
