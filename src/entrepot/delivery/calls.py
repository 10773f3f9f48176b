"""What a call over HTTP to an ERP came to, where it gave no result: the same three words for all ERPs.

Only what surely had no effect may be sent again without a look; everything between the first byte and a whole answer is
doubt.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from entrepot.delivery.erp import Outcome
from entrepot.delivery.errors import ErpRefused, ErpUnreachable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from entrepot.delivery.erp import Document, OutcomeWord

__all__ = [
    "CALL_SECONDS",
    "Trouble",
    "client",
    "each_alone",
    "in_groups",
    "once_made",
    "outcome_of",
    "parsed",
    "pieces",
    "posted",
    "refusal",
    "seconds_to_wait",
    "trusted",
    "unread",
]

_Read = TypeVar("_Read")

CALL_SECONDS = 60.0
"""A call without an answer by then is given up; what it did is unknown."""


_IN_DOUBT = frozenset({httpx.codes.REQUEST_TIMEOUT})
"""A 408 may come from a server that gave up in the middle of the work."""


@dataclass(frozen=True)
class Trouble(Exception):
    """A call that gave no result.

    Attributes:
        word: rejected, unknown or retry_after, as `Outcome`.
        code: A word of ours, or the ERP's name for its error.
        text: The ERP's own words.
        after_s: Seconds to wait at least.
        ref: The ERP's number of what it made all the same.
    """

    word: OutcomeWord
    code: str
    text: str
    after_s: float = 0.0
    ref: str = ""


def client(url: str, transport: httpx.BaseTransport | None) -> httpx.Client:
    """A client for one address.

    A redirect would lead to an address whose region nobody has stated, and so would a proxy of the environment.
    """
    return httpx.Client(
        base_url=url,
        timeout=CALL_SECONDS,
        follow_redirects=False,
        trust_env=False,
        transport=transport,
        verify=trusted(),
    )


@cache
def trusted() -> ssl.SSLContext:
    """The authorities whose certificates are taken; reading them takes longer than most calls, so it is done once."""
    return httpx.create_ssl_context(trust_env=False)


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


def parsed(answer: httpx.Response) -> Any:  # noqa: ANN401 JSON
    """The JSON of an answer, with exact decimals.

    Raises:
        Trouble: It is not whole: what was asked for may have been done.
    """
    try:
        return json.loads(answer.content, parse_float=Decimal)
    except ValueError as error:
        raise Trouble("unknown", "answer_cut", "the answer is not whole JSON") from error


def refusal(answer: httpx.Response, words: str = "") -> Trouble:
    """What an answer outside of 200 to 299 says, where the ERP's own codes say no more.

    A 5xx is doubt: a proxy gives it too, before and after the work is done. So is a redirect, which is not followed.
    """
    status = answer.status_code
    text = f"HTTP {status}" + (f": {words}" if words else "")
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status < httpx.codes.BAD_REQUEST or status in _IN_DOUBT:
        return Trouble("unknown", "server_failed", text, seconds_to_wait(answer.headers))
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return Trouble("rejected", "rights", text)
    return Trouble("rejected", "refused", text)


def in_groups(
    groups: Iterable[Sequence[Document]], send: Callable[[Sequence[Document]], Mapping[str, Outcome]]
) -> dict[str, Outcome]:
    """Documents of one step that take several calls, each of which is carried out as a whole or not at all.

    Where all of a step is refused, its bad document is looked for. Beside a call that was carried out nobody would, and
    the good ones would wait with the bad one: so they go alone. Who may not call at all is not heard alone either.
    """
    several = [group for group in groups if group]
    outcomes = {key: outcome for group in several for key, outcome in send(group).items()}
    if any(each.word != "rejected" for each in outcomes.values()):
        for group in several:
            told = [outcomes[each.document_id] for each in group]
            if len(group) > 1 and all(each.word == "rejected" and each.code != "rights" for each in told):
                outcomes |= {key: outcome for each in group for key, outcome in send([each]).items()}
    return outcomes


def pieces(told: object) -> int:
    """The quantity of a line as an ERP tells it; 0, which no line of ours has, where it is no whole number."""
    quantity = Decimal(str(told))
    return int(quantity) if quantity % 1 == 0 else 0


def each_alone(documents: Sequence[Document], do: Callable[[Document], str]) -> Mapping[str, Outcome]:
    """A call a document, so that one that fails stops no other.

    Args:
        documents: What to send.
        do: Sends one and gives the ERP's number, or raises `Trouble`.
    """
    outcomes = {}
    for each in documents:
        try:
            outcomes[each.document_id] = Outcome("applied", do(each))
        except Trouble as trouble:
            outcomes[each.document_id] = outcome_of(trouble)
    return outcomes


def once_made(read: Callable[[], _Read]) -> _Read:
    """What is read back of a document that was just made.

    Raises:
        Trouble: Nothing came back. Whatever kept it from being read, the document was made: that is doubt.
    """
    try:
        return read()
    except Trouble as trouble:
        raise Trouble("unknown", trouble.code, trouble.text, trouble.after_s) from trouble


def seconds_to_wait(headers: httpx.Headers) -> float:
    """What Retry-After says, if it says seconds; else 0."""
    try:
        return max(float(headers.get("Retry-After", "0")), 0.0)
    except ValueError:
        return 0.0


def outcome_of(trouble: Trouble) -> Outcome:
    """The outcome of a document whose call gave no result."""
    return Outcome(trouble.word, trouble.ref, code=trouble.code, text=trouble.text, after_s=trouble.after_s)


def unread(erp: str, trouble: Trouble) -> ErpRefused | ErpUnreachable:
    """What a question came to that has no answer: told to a person where the same question will always be refused."""
    if trouble.word == "rejected":
        return ErpRefused(erp, trouble.code, trouble.text)
    return ErpUnreachable(erp, trouble.text)
