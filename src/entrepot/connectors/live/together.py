"""Calls of one shop made together: many in one request where the platform takes that, some at once on a slow line.

What a request of many did not answer well is asked for alone: the error table, tokens and pauses are the business of
single calls. A platform that answers no such request any more is asked for single things until the run ends.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.connectors.live.answers import Answer
    from entrepot.connectors.live.calling import Caller
    from entrepot.connectors.live.contract import Call, Credentials, Request

SLOW_S = 0.02
"""Answers that take longer are waited for together: on a faster line threads cost more than they save."""
REFUSED_MAX = 3
"""So often in a row a request of many may go without any good answer."""


@runtime_checkable
class Batching(Protocol):
    """A client whose platform takes several calls in one request, each of which counts for the limits.

    Attributes:
        calls_max: So many calls in one.
    """

    calls_max: int

    def sign_together(self, calls: Sequence[Call], credentials: Credentials, gateway: str, now_s: float) -> Request:
        """Calls as they are sent in one request."""

    def parts_in(self, body: bytes) -> list[bytes]:
        """The answers in it, in the order of the calls; one where the whole request was refused."""


class Together:
    """How the calls of one caller are made together."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None
        self._refused = 0

    def answers(self, caller: Caller, calls: Sequence[Call]) -> list[Answer]:
        """See `Caller.answers`."""
        client, size = caller.live.client, 1
        if isinstance(client, Batching) and self._refused < REFUSED_MAX:
            size = client.calls_max
        shares = [calls[at : at + size] for at in range(0, len(calls), size)]
        if caller.at_once == 1 or len(shares) == 1 or caller.trip_s() < SLOW_S:
            return [answer for share in shares for answer in self._share(caller, share)]
        self._threads = self._threads or ThreadPoolExecutor(caller.at_once, "calls")
        waited_for = [self._threads.submit(self._share, caller, share) for share in shares]
        try:
            return [answer for each in waited_for for answer in each.result()]
        finally:
            # After a failure: what has not begun never does, and what is under way ends before anybody else calls.
            for each in waited_for:
                each.cancel()
            for each in waited_for:
                if not each.cancelled():
                    each.exception()

    def close(self) -> None:
        """Let the threads go."""
        if self._threads is not None:
            self._threads.shutdown()

    def _share(self, caller: Caller, calls: Sequence[Call]) -> list[Answer]:
        client = caller.live.client
        if len(calls) == 1 or not isinstance(client, Batching):
            return [caller.answer(call) for call in calls]
        found = caller.ask_in_one(calls, client)
        self._refused = 0 if any(found) else self._refused + 1
        return [answer or caller.answer(call) for call, answer in zip(calls, found, strict=True)]
