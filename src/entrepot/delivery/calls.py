"""What a call over HTTP to an ERP came to, where it gave no result: the same three words for all ERPs.

Only what surely had no effect may be sent again without a look; everything between the first byte and a whole answer is
doubt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from entrepot.delivery.erp import Outcome

if TYPE_CHECKING:
    from entrepot.delivery.erp import OutcomeWord

__all__ = ["CALL_SECONDS", "Trouble", "client", "outcome_of", "posted", "seconds_to_wait"]

CALL_SECONDS = 60.0
"""A call without an answer by then is given up; what it did is unknown."""


@dataclass(frozen=True)
class Trouble(Exception):
    """A call that gave no result.

    Attributes:
        word: rejected, unknown or retry_after, as `Outcome`.
        code: A word of ours, or the ERP's name for its error.
        text: The ERP's own words.
        after_s: Seconds to wait at least.
    """

    word: OutcomeWord
    code: str
    text: str
    after_s: float = 0.0


def client(url: str, transport: httpx.BaseTransport | None) -> httpx.Client:
    """A client for one address.

    A redirect would lead to an address whose region nobody has stated, and so would a proxy of the environment.
    """
    return httpx.Client(
        base_url=url, timeout=CALL_SECONDS, follow_redirects=False, trust_env=False, transport=transport
    )


def posted(at: httpx.Client, request: httpx.Request) -> httpx.Response:
    """The answer to a request.

    Raises:
        Trouble: There was no connection, or no answer to what was sent; or the server asked to slow down.
    """
    try:
        answer = at.send(request)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise Trouble("retry_after", "unreachable", f"no connection ({type(error).__name__})") from error
    except httpx.HTTPError as error:
        raise Trouble("unknown", "no_answer", f"the line broke ({type(error).__name__})") from error
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise Trouble("retry_after", "too_many", "the server asked us to slow down", seconds_to_wait(answer.headers))
    return answer


def seconds_to_wait(headers: httpx.Headers) -> float:
    """What Retry-After says, if it says seconds; else 0."""
    try:
        return max(float(headers.get("Retry-After", "0")), 0.0)
    except ValueError:
        return 0.0


def outcome_of(trouble: Trouble) -> Outcome:
    """The outcome of a document whose call gave no result."""
    return Outcome(trouble.word, code=trouble.code, text=trouble.text, after_s=trouble.after_s)
