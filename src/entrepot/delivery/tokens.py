"""Access tokens of OAuth 2.0 for a client that acts for itself: fetched when needed, kept in memory, never written.

Source: RFC 6749, section 4.4; RFC 7523 for a client that signs instead of showing a secret.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx

from entrepot.delivery.calls import Trouble, parsed, posted, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Tokens", "authorised"]

_EARLY_S = 60.0
"""A token is renewed so long before its end, for it has to last until the call is there."""


class Tokens:
    """The token of one client at one server.

    Args:
        at: Client of HTTP.
        url: Where tokens are got; absolute, or of `at`'s own server.
        form: Gives the fields of the request; what is signed has a time in it, so they are asked for anew each time.
        clock: Seconds since 1970.
    """

    def __init__(
        self,
        at: httpx.Client,
        url: str,
        form: Callable[[], Mapping[str, str]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client, self._url, self._form, self._clock = at, url, form, clock
        self._token, self._ends_at_s = "", 0.0

    def header(self) -> dict[str, str]:
        """What says who calls.

        Raises:
            Trouble: There is no token.
        """
        if self._clock() >= self._ends_at_s:
            self._fetch()
        return {"Authorization": f"Bearer {self._token}"}

    def drop(self) -> None:
        """Forget the token: the server did not take it."""
        self._token, self._ends_at_s = "", 0.0

    def _fetch(self) -> None:
        request = self._client.build_request("POST", self._url, data=dict(self._form()))
        try:
            answer = posted(self._client, request)
        except Trouble as trouble:
            # A token that nobody heard of does no harm, so nothing is in doubt yet.
            raise Trouble("retry_after", trouble.code, trouble.text, trouble.after_s) from trouble
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Trouble("retry_after", "server_failed", f"no token: HTTP {answer.status_code}")
        if answer.status_code != httpx.codes.OK:
            raise Trouble("rejected", "rights", f"no token: {refusal(answer, _said(answer)).text}")
        told = parsed(answer)
        self._token = str(told["access_token"])
        self._ends_at_s = self._clock() + float(told.get("expires_in", 0)) - _EARLY_S


def authorised(at: httpx.Client, request: httpx.Request, tokens: Tokens) -> httpx.Response:
    """The answer to a request; with a new token where the old one was not taken, which is before anything is done.

    Raises:
        Trouble: There was none.
    """
    request.headers.update(tokens.header())
    answer = posted(at, request)
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        tokens.drop()
        request.headers.update(tokens.header())
        answer = posted(at, request)
    return answer


def _said(answer: httpx.Response) -> str:
    """The word of an error, and nothing that was sent."""
    try:
        return str(answer.json().get("error", ""))
    except (ValueError, AttributeError):
        return ""
