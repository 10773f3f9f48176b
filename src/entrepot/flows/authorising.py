"""The first tokens of a shop: its owner says yes in a browser, and the code that the browser brings back is exchanged.

consent says where, with a state that only this request has; authorise exchanges the code and keeps the tokens with
their end.
"""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from entrepot.connectors.live.contract import Authorising
from entrepot.connectors.live.errors import CodeRefused, ConsentNotOffered
from entrepot.flows.syncing import Shop
from entrepot.store import State

if TYPE_CHECKING:
    from entrepot.connectors.live.calling import Clock
    from entrepot.connectors.live.sending import Transport
    from entrepot.flows.parts import CellParts


@dataclass(frozen=True, slots=True)
class Consent:
    """What the owner of a shop opens.

    Attributes:
        url: The platform's page; empty where the app needs nobody to say yes.
        state: Comes back with the code, so that nobody else's code is taken for this one.
    """

    url: str
    state: str


def consent(parts: CellParts, shop: str, redirect_uri: str) -> Consent:
    """Where the owner of a shop says yes to the app.

    Args:
        parts: The cell.
        shop: Whose; its app's key and secret are kept already.
        redirect_uri: Address of the app as it is registered with the platform; the browser ends there.
    Raises:
        ConnectionMissing: It is not set up, or a secret is missing.
        ConsentNotOffered: The platform's first token comes in another way.
    """
    state = secrets.token_urlsafe(16)
    with contextlib.closing(State(parts.layout)) as kept, contextlib.closing(_opened(parts, kept, shop)) as opened:
        client = _client(opened)
        return Consent(client.consent_url(opened.caller.credentials, redirect_uri, state), state)


def authorise(
    parts: CellParts,
    shop: str,
    code: str,
    state: str = "",
    *,
    transport: Transport | None = None,
    clock: Clock | None = None,
) -> float | None:
    """Exchange a code for tokens and keep them.

    Args:
        parts: The cell.
        shop: Whose.
        code: As the platform gave it, or the whole address at which the browser ended; empty where none is needed.
        state: That of `consent`; compared where an address is given.
        transport: How calls are sent.
        clock: Time and waiting.
    Returns:
        When the access token ends, unix seconds; None where the platform does not say.
    Raises:
        CodeRefused: The address has no code, or that of another request.
        RightMissing: The platform does not take the code.
    """
    plain = _code_in(code, state, shop) if "://" in code else code
    with (
        contextlib.closing(State(parts.layout)) as kept,
        contextlib.closing(_opened(parts, kept, shop, transport=transport, clock=clock)) as opened,
    ):
        _client(opened)
        opened.caller.learn_time()
        opened.caller.take_code(plain)
        return opened.caller.credentials.expires_at_s


def _opened(
    parts: CellParts, state: State, shop: str, transport: Transport | None = None, clock: Clock | None = None
) -> Shop:
    return Shop(parts, state, shop, transport=transport, clock=clock, has_token=False)


def _client(opened: Shop) -> Authorising:
    client = opened.caller.live.client
    if not isinstance(client, Authorising):
        raise ConsentNotOffered(opened.settings.channel)
    return client


def _code_in(address: str, state: str, shop: str) -> str:
    """The code in an address, if it answers this request."""
    found = parse_qs(urlsplit(address).query)
    if state and found.get("state", [""])[0] != state:
        raise CodeRefused(shop, "its state is that of another request: begin again")
    # Ocean Engine calls it `auth_code`.
    code = (found.get("code") or found.get("auth_code") or [""])[0]
    if not code:
        raise CodeRefused(shop, "it has no code: copy it from the address bar after saying yes")
    return code
