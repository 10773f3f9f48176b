"""Calls of one shop made together: many in one request where the platform takes that, some at once on a slow line.

What a request of many did not answer well is asked for alone: the error table, tokens and pauses are the business of
single calls. Where the address of such requests is unknown, or refuses them for good, a run asks for single things.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from entrepot.connectors.live.answers import Answer, read_answer
from entrepot.connectors.live.contract import Retry
from entrepot.connectors.live.errors import CallRejected
from entrepot.errors import EntrepotError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from entrepot.connectors.live.calling import Caller
    from entrepot.connectors.live.contract import Call, Credentials, Request
    from entrepot.connectors.live.sending import Reply

SLOW_S = 0.02
"""Answers that take longer are waited for together: on a faster line threads cost more than they save."""
_BAD_REQUEST = 400
_UNKNOWN_ADDRESS = frozenset({404, 405, 501})

Outcome = Answer | EntrepotError


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
        self._is_refused = False

    def answers(self, caller: Caller, calls: Sequence[Call]) -> list[Answer]:
        """See `Caller.answers`."""
        answers: list[Answer] = []
        for outcome in self.outcomes(caller, calls, goes_on=False):
            if isinstance(outcome, EntrepotError):
                raise outcome
            answers.append(outcome)
        return answers

    def outcomes(self, caller: Caller, calls: Sequence[Call], *, goes_on: bool) -> list[Outcome]:
        """What became of each call. After a failure no other begins; what was not asked for has that failure too.

        Args:
            caller: Makes them.
            calls: Any number.
            goes_on: Whether a call that the platform refuses keeps no other from being made.
        """
        client, size = caller.live.client, 1
        if isinstance(client, Batching) and not self._is_refused:
            size = client.calls_max
        shares = [calls[at : at + size] for at in range(0, len(calls), size)]
        if caller.at_once == 1 or len(shares) == 1 or caller.trip_s() < SLOW_S:
            return self._one_by_one(caller, shares, goes_on=goes_on)
        self._threads = self._threads or ThreadPoolExecutor(caller.at_once, "calls")
        waited_for = [self._threads.submit(self._share, caller, share, goes_on=goes_on) for share in shares]
        try:
            return _gathered(shares, waited_for, goes_on=goes_on)
        finally:
            for each in waited_for:
                each.cancel()
            for each in waited_for:
                if not each.cancelled():
                    each.exception()

    def close(self) -> None:
        """Let the threads go."""
        if self._threads is not None:
            self._threads.shutdown()

    def _one_by_one(self, caller: Caller, shares: Sequence[Sequence[Call]], *, goes_on: bool) -> list[Outcome]:
        found: list[Outcome] = []
        failed: EntrepotError | None = None
        for share in shares:
            part: list[Outcome] = [failed] * len(share) if failed else self._share(caller, share, goes_on=goes_on)
            failed = failed or _ended_by(part, goes_on=goes_on)
            found += part
        return found

    def _share(self, caller: Caller, calls: Sequence[Call], *, goes_on: bool) -> list[Outcome]:
        """What became of calls that go in one request, and of each that it did not answer well."""
        client = caller.live.client
        found: list[Answer | None] = [None] * len(calls)
        if len(calls) > 1 and isinstance(client, Batching) and not self._is_refused:
            try:
                said = caller.send_together(calls, client)
            except EntrepotError as error:
                return [error] * len(calls)
            if said is not None:
                found = self._read(caller, calls, client, *said)
        outcomes: list[Outcome] = []
        failed: EntrepotError | None = None
        for call, answer in zip(calls, found, strict=True):
            outcome: Outcome = answer or failed or _asked_alone(caller, call)
            failed = failed or _ended_by([outcome], goes_on=goes_on)
            outcomes.append(outcome)
        return outcomes

    def _read(
        self, caller: Caller, calls: Sequence[Call], client: Batching, reply: Reply, at_s: float
    ) -> list[Answer | None]:
        """The good answers of a request; None for calls that have to be made alone."""
        self._is_refused = self._is_refused or reply.status in _UNKNOWN_ADDRESS
        parts = client.parts_in(reply.body) if reply.status < _BAD_REQUEST else []
        if len(parts) != len(calls):
            # A refusal of the whole that no pause, no new token and no other clock mends holds for the next one too.
            said = read_answer(parts[0]) if len(parts) == 1 else None
            failure = caller.live.client.failure_in(said[1], reply.status) if said else None
            rule = caller.live.api.rule_for(failure) if failure else None
            is_for_good = failure is not None and (rule is None or rule.retry in (Retry.NEVER, Retry.PERSON))
            self._is_refused = self._is_refused or is_for_good
            return [None] * len(calls)
        found: list[Answer | None] = []
        for call, part in zip(calls, parts, strict=True):
            read = read_answer(part)
            is_good = read is not None and caller.live.client.failure_in(read[1], reply.status) is None
            if is_good:
                caller.went_well(call)
            found.append(Answer(*read, at_s) if read is not None and is_good else None)
        return found


def _asked_alone(caller: Caller, call: Call) -> Outcome:
    try:
        return caller.answer(call)
    except EntrepotError as error:
        return error


def _gathered(
    shares: Sequence[Sequence[Call]], waited_for: Sequence[Future[list[Outcome]]], *, goes_on: bool
) -> list[Outcome]:
    """What is under way, in order; after a failure what has not begun never does."""
    found: list[Outcome] = []
    failed: EntrepotError | None = None
    for share, each in zip(shares, waited_for, strict=True):
        part: list[Outcome] = [failed] * len(share) if failed and each.cancelled() else each.result()
        found += part
        if failed is None and (failed := _ended_by(part, goes_on=goes_on)):
            for other in waited_for:
                other.cancel()
    return found


def _ended_by(outcomes: Sequence[Outcome], *, goes_on: bool) -> EntrepotError | None:
    """The first failure after which no more calls are made."""
    failures = (each for each in outcomes if isinstance(each, EntrepotError))
    return next((each for each in failures if not (goes_on and isinstance(each, CallRejected))), None)
