"""One call to a marketplace: allowed by the limits, signed, sent, read, and tried again as the error table says.

Limits, bans and broken methods stand in the state database, so that all workers of a shop share them.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from entrepot.connectors.live.answers import Answer, read_answer
from entrepot.connectors.live.contract import Authorising, Exchanging, Limit, Request, Retry
from entrepot.connectors.live.errors import (
    AnswerUnreadable,
    CallFailed,
    CallRejected,
    RateLimited,
    RightMissing,
)
from entrepot.connectors.live.sending import Saving
from entrepot.connectors.live.together import Together
from entrepot.store.errors import CellBusy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from entrepot.connectors.live.contract import (
        Call,
        Credentials,
        ErrorRule,
        Failure,
        LiveConnector,
        Method,
    )
    from entrepot.connectors.live.sending import Reply, Transport
    from entrepot.connectors.live.together import Batching
    from entrepot.errors import EntrepotError
    from entrepot.store import SyncState

TRIES_MAX = 6
PATIENCE_S = 65.0
"""Longer waits end the run; a one-minute window of a limit is still waited for."""
BREAKER_FAILURES = 10
BREAKER_PAUSE_S = 30.0
_PAUSE_S = 0.2
_PAUSE_MAX_S = 5.0
_ELSEWHERE_TRIES = 300
_BACKFILL_SHARE = 0.5
_GRANTED_MAX, _GRANTED_S = 128, 1.0
_FORBIDDEN = 403
_SERVER_TROUBLE = 500
_TOO_MANY = 429


class Clock(Protocol):
    """Time and waiting, so that a test may say what time it is."""

    def now_s(self) -> float:
        """Unix seconds by this computer."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The computer's own clock."""

    def now_s(self) -> float:
        """Unix seconds."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def gates_of(shop: str, method: Method, calls_per_s: float) -> list[tuple[str, Limit]]:
    """Names and limits that calls of a method pass, by which all workers of a shop share them.

    Args:
        shop: Whose.
        method: Which.
        calls_per_s: Limit in place of those that are `assumed`; 0 keeps them.
    """
    limits = [*method.limits] or [Limit(20, 1.0)]
    if calls_per_s:
        limits = [each for each in limits if each.source != "assumed"]
        limits.append(Limit(max(int(calls_per_s), 1), max(1.0, 1 / calls_per_s), source="settings"))
    return [
        (f"{shop}|" + (method.name if each.over == "shop" else "*") + f"|{number}", each)
        for number, each in enumerate(limits)
    ]


@dataclass
class Caller:
    """Calls one shop's API.

    Attributes:
        shop: Whose.
        live: Facts and client.
        credentials: What it signs with.
        reload_credentials: Reads them anew: another worker may have refreshed the token.
        keep_credentials: Keeps refreshed ones.
        state: Shared limits.
        transport: Sends.
        gateway: Address.
        clock: Time and waiting.
        calls_per_s: Limit of every method where the facts say `assumed`; 0 keeps them.
        is_backfill: Leaves part of every limit to live traffic.
        at_once: Calls that may be under way together; they pass the same limits as one after the other.
        skew_s: Platform time minus ours.
        calls: Calls sent so far, by method.
    """

    shop: str
    live: LiveConnector
    credentials: Credentials
    reload_credentials: Callable[[], Credentials]
    keep_credentials: Callable[[Credentials], None]
    state: SyncState
    transport: Transport
    gateway: str
    clock: Clock = field(default_factory=SystemClock)
    calls_per_s: float = 0.0
    is_backfill: bool = False
    at_once: int = 1
    skew_s: float = 0.0
    calls: dict[str, int] = field(default_factory=dict)
    _trip_s: float = 0.0
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _together: Together = field(default_factory=Together)
    _failing: set[str] = field(default_factory=set)
    _has_asked_end: bool = False
    _granted: dict[str, tuple[int, float]] = field(default_factory=dict)

    def learn_time(self) -> None:
        """Ask what time it is there. A gateway that answers without a date is taken to have ours.

        Raises:
            CallFailed: It does not answer.
        """
        reason = ""
        for attempt in range(TRIES_MAX):
            if attempt:
                self.clock.sleep(min(_PAUSE_S * 2**attempt, _PAUSE_MAX_S))
            try:
                self._learn_time(self.transport.send(Request("HEAD", self.gateway)))
            except httpx.TransportError as error:
                reason = type(error).__name__
                continue
            return
        raise CallFailed(self.shop, "HEAD", reason, TRIES_MAX)

    def platform_now_s(self) -> float:
        """What time it is there."""
        return self.clock.now_s() + self.skew_s

    def close(self) -> None:
        """Let the threads go that made calls at once."""
        self._together.close()

    def answers(self, calls: Sequence[Call]) -> list[Answer]:
        """Make calls: several in one request where the platform takes that, some at once where answers take their time.

        Raises:
            EntrepotError: As `answer`, of the first call that failed; none is under way any more.
        """
        return self._together.answers(self, calls)

    def outcomes(self, calls: Sequence[Call]) -> list[Answer | EntrepotError]:
        """The same, and what was refused beside what was answered; after another failure no more calls are made."""
        return self._together.outcomes(self, calls, goes_on=True)

    def trip_s(self) -> float:
        """How long the last answer was waited for."""
        return self._trip_s

    def send_together(self, calls: Sequence[Call], client: Batching) -> tuple[Reply, float] | None:
        """Send calls of one method in one request, once: what came and the platform's time; None where nothing came.

        Raises:
            RateLimited: The wait is longer than a run waits.
            RightMissing: A person has to act.
            CallFailed: The token could not be renewed.
        """
        assert len({call.method.name for call in calls}) == 1, "calls of one request wait for one method's limits"
        with self._turn:
            self._renew_early()
            for call in calls:
                self._note(call)
            self._wait_for_gates(calls[0], len(calls))
            request = client.sign_together(calls, self.credentials, self.gateway, self.platform_now_s())
            try:
                with self._others_may():
                    reply = self.transport.send(request)
                    came_s = self.clock.now_s()
            except httpx.TransportError:
                return None
            self._learn_time(reply, came_s)
            return reply, came_s + self.skew_s

    def went_well(self, call: Call) -> None:
        """Note a good answer that came with others: the method is not broken any more."""
        self._count(call, failed=False)

    def answer(self, call: Call) -> Answer:
        """Make a call until it succeeds or will not.

        Raises:
            RateLimited: The wait is longer than a run waits.
            CallFailed: It failed too often in a way that passes.
            CallRejected: It will never succeed.
            RightMissing: A person has to act.
            AnswerUnreadable: What came back was no JSON, each time.
        """
        # Limits, tokens and the clock are one caller's business at a time; only the way there and back is not.
        with self._turn:
            return self._answer(call)

    def _answer(self, call: Call) -> Answer:
        self._renew_early()
        reason = ""
        for attempt in range(TRIES_MAX):
            if attempt:
                self.clock.sleep(min(_PAUSE_S * 2**attempt, _PAUSE_MAX_S))
            self._wait_for_gates(call)
            signed_at, token = self.skew_s, self.credentials["access_token"]
            request = self._signed(call)
            try:
                with self._others_may():
                    reply = self.transport.send(request)
                    came_s = self.clock.now_s()
            except httpx.TransportError as error:
                reason = type(error).__name__
                self._count(call, failed=True)
                continue
            self._learn_time(reply, came_s)
            found = read_answer(reply.body) or self._refused_without_words(reply)
            if found is None:
                reason = f"HTTP {reply.status}, no JSON"
                self._count(call, failed=True)
                continue
            text, read = found
            failure = self.live.client.failure_in(read, reply.status)
            if failure is None and reply.status < _SERVER_TROUBLE and reply.status != _TOO_MANY:
                self._count(call, failed=False)
                return Answer(text, read, came_s + self.skew_s)
            if self._was_off(signed_at):
                reason = f"HTTP {reply.status}, signed by a clock that was off"
                continue
            reason = self._after(call, failure, reply, token)
        if reason.endswith("no JSON"):
            raise AnswerUnreadable(self.shop, call.method.name, reason)
        raise CallFailed(self.shop, call.method.name, reason, TRIES_MAX)

    @contextlib.contextmanager
    def _others_may(self) -> Iterator[None]:
        """While this thread waits for an answer the others go on; notes how long it waited."""
        self._turn.release()
        began_s = time.perf_counter()
        try:
            yield
        finally:
            took_s = time.perf_counter() - began_s
            self._turn.acquire()
            self._trip_s = took_s

    def save(self, call: Call, target: Path) -> Reply:
        """Fetch a file, once: what goes wrong with a link is mended by a new one, which the caller asks for.

        Raises:
            RateLimited: The wait is longer than a run waits.
            httpx.TransportError: Nothing came, or not all of it.
        """
        self._wait_for_gates(call)
        assert isinstance(self.transport, Saving), "where files are fetched the transport saves them"
        reply = self.transport.save(self._signed(call), target)
        if reply.status == _TOO_MANY:
            self._ban(call, reply.retry_after_s or 1.0, f"HTTP {reply.status}")
        return reply

    def _refused_without_words(self, reply: Reply) -> tuple[bytes, dict[str, Any]] | None:
        """An empty answer where the bare status says, on this platform, that somebody has to act."""
        failure = self.live.client.failure_in({}, reply.status) if reply.status == _FORBIDDEN else None
        rule = self.live.api.rule_for(failure) if failure else None
        return (b"{}", {}) if rule is not None and rule.retry is Retry.PERSON else None

    def _after(self, call: Call, failure: Failure | None, reply: Reply, token: str) -> str:
        """Do what the error table says before the next try; returns the reason in short.

        Args:
            call: What was asked.
            failure: What the platform says of it.
            reply: What came.
            token: The access token that the call had.
        """
        rule = self.live.api.rule_for(failure) if failure else None
        shown = f"{failure.code} {failure.sub_code}".strip() if failure else f"HTTP {reply.status}"
        if reply.status == _TOO_MANY and (rule is None or rule.retry is Retry.AGAIN):
            self._ban(call, reply.retry_after_s or 1.0, shown)
        elif rule is None:
            if reply.status < _SERVER_TROUBLE:
                raise CallRejected(self.shop, call.method.name, shown, "")
            self._count(call, failed=True)
        elif rule.retry is Retry.AGAIN:
            self._count(call, failed=True)
        elif rule.retry is Retry.WAIT:
            self._ban(call, reply.retry_after_s or _ban_s(rule, failure), shown)
        elif rule.retry is Retry.TOKEN and self.credentials["access_token"] == token:
            self.renew_token()
        elif rule.retry is Retry.TOKEN:
            return shown  # Another thread has renewed it since: to renew it twice would end the new one.
        elif rule.retry is Retry.PERSON:
            raise RightMissing(self.shop, call.method.name, shown, rule.meaning)
        elif rule.retry is not Retry.CLOCK:
            raise CallRejected(self.shop, call.method.name, shown, rule.meaning)
        return shown

    def _note(self, call: Call) -> None:
        self.calls[call.method.name] = self.calls.get(call.method.name, 0) + 1

    def _signed(self, call: Call) -> Request:
        self._note(call)
        return self.live.client.sign(call, self.credentials, self.gateway, self.platform_now_s())

    def _renew_early(self) -> None:
        if self.credentials.expires_at_s is None:
            self._learn_end()
        ends = self.credentials.expires_at_s
        if ends is not None and self.platform_now_s() > ends - self.live.api.token_margin_s:
            self.renew_token()

    def _learn_end(self) -> None:
        """Ask once when the token ends that a person gave: one that ends unseen needs its owner on some platforms."""
        asks = self.live.api.early_renewal_tells_end and self.credentials["refresh_token"] and not self._has_asked_end
        self._has_asked_end = True
        if asks:
            # The token may be good although none can be had for it: then the calls themselves tell.
            with contextlib.suppress(RightMissing):
                self.renew_token()

    def renew_token(self) -> None:
        """Refresh the access token, once for all workers: whoever comes second takes the first one's.

        Raises:
            RightMissing: The platform gives no new token without its owner.
            CallFailed: Another worker takes a minute to renew it.
        """
        used = self.credentials["access_token"]
        for _ in range(_ELSEWHERE_TRIES):
            try:
                with self.state.renewing(self.shop):
                    # Who renewed it while this worker waited has written it down by now.
                    self.credentials = self.reload_credentials()
                    if self.credentials["access_token"] == used:
                        self._renew_token()
                    return
            except CellBusy:
                # What another worker does takes its time, whatever clock this caller has.
                time.sleep(_PAUSE_S)
        raise CallFailed(self.shop, "token", "another worker is renewing it", _ELSEWHERE_TRIES)

    def _renew_token(self) -> None:
        call = self.live.client.refresh_call(self.credentials)
        # A grant of the app's own, as OAuth's client credentials, carries no refresh token and needs none.
        lacks = call is None or any(
            name.replace("_", "").lower() == "refreshtoken" and not value for name, value in call.params.items()
        )
        if call is None or lacks:
            raise RightMissing(self.shop, "token", "expired", "authorise the app again, then `entrepot sync connect`")
        self.credentials = self.live.client.refreshed(self._renewal(call), self.credentials, self.platform_now_s())
        if isinstance(self.live.client, Exchanging):
            self._exchange(self.live.client)
        self.keep_credentials(self.credentials)

    def take_code(self, code: str) -> None:
        """Get the first tokens for a code, and keep them.

        Raises:
            RightMissing: The platform does not take the code: it was used, is too old, or of another app.
        """
        client = self.live.client
        assert isinstance(client, Authorising), "the platform gives tokens for codes"
        answer = self._renewal(client.code_call(self.credentials, code))
        self.credentials = client.refreshed(answer, self.credentials, self.platform_now_s())
        self.keep_credentials(self.credentials)

    def _exchange(self, client: Exchanging) -> None:
        """Buy the second token; whoever may not have one goes on without what only it shows."""
        call = client.exchange_call(self.credentials)
        if call is None:
            return
        try:
            answer = self._renewal(call)
        except RightMissing:
            answer = {}
        self.credentials = client.exchanged(answer, self.credentials, self.platform_now_s())

    def _renewal(self, call: Call) -> Mapping[str, Any]:
        """The answer to a refresh; what passes is tried again, what does not needs the app's owner."""
        shown = ""
        for attempt in range(TRIES_MAX):
            if attempt:
                self.clock.sleep(min(_PAUSE_S * 2**attempt, _PAUSE_MAX_S))
            signed_at = self.skew_s
            try:
                reply = self.transport.send(self._signed(call))
            except httpx.TransportError as error:
                shown = type(error).__name__
                continue
            self._learn_time(reply)
            found = read_answer(reply.body)
            shown = f"HTTP {reply.status}"
            if found is None:
                continue
            failure = self.live.client.failure_in(found[1], reply.status)
            if failure is None and reply.status < _SERVER_TROUBLE and reply.status != _TOO_MANY:
                return found[1]
            if self._was_off(signed_at):
                continue
            rule = self.live.api.rule_for(failure) if failure else None
            passes = rule is not None and rule.retry in (Retry.AGAIN, Retry.WAIT, Retry.CLOCK)
            if failure is not None and not passes and reply.status < _SERVER_TROUBLE and reply.status != _TOO_MANY:
                raise RightMissing(self.shop, call.method.name, failure.code, "authorise the app again")
        raise CallFailed(self.shop, call.method.name, shown, TRIES_MAX)

    def _wait_for_gates(self, call: Call, number: int = 1) -> None:
        """Wait until so many calls like this one may be made."""
        share = _BACKFILL_SHARE if self.is_backfill else 1.0
        for name, limit in self._gates(call):
            left, until_s = self._granted.pop(name, (0, 0.0))
            kept, needed = (left if self.clock.now_s() < until_s else 0), number
            # Asking takes a transaction, so several calls are asked for at once; what is not used soon is given up.
            interval_s = limit.per_s / limit.calls
            # Where a call is allowed every few seconds only, one too many would be a long wait for nothing.
            usual = min(limit.calls // 8, _GRANTED_MAX, int(_GRANTED_S / interval_s))
            while kept < needed:
                calls, fewer = max(usual, min(needed - kept, int(limit.calls * share)), 1), max(usual, 1)
                # Many at once where they are free; else in the portions of others, who would always come before.
                if calls == fewer or self._wait_s(name, limit, share, calls) > 0:
                    calls = fewer
                    while (wait := self._wait_s(name, limit, share, calls)) > 0:
                        if wait > PATIENCE_S:
                            raise RateLimited(self.shop, call.method.name, wait)
                        self.clock.sleep(wait)
                kept, until_s = kept + calls, self.clock.now_s() + _GRANTED_S
            self._granted[name] = (kept - needed, until_s)

    def _wait_s(self, name: str, limit: Limit, share: float, calls: int) -> float:
        interval_s = limit.per_s / limit.calls
        return self.state.pass_gate(name, interval_s, limit.calls, self.clock.now_s(), share, calls)

    def _gates(self, call: Call) -> list[tuple[str, Limit]]:
        return gates_of(self.shop, call.method, self.calls_per_s)

    def _ban(self, call: Call, seconds: float, reason: str) -> None:
        until = self.clock.now_s() + seconds
        for name, _ in self._gates(call):
            self._granted.pop(name, None)
            self.state.close_gate(name, until, reason)

    def _count(self, call: Call, *, failed: bool) -> None:
        """The circuit breaker: a method that fails again and again rests, for every worker."""
        name = f"{self.shop}|{call.method.name}|0"
        if not failed and name not in self._failing:
            return
        (self._failing.add if failed else self._failing.discard)(name)
        failures = self.state.count_failure(name, failed=failed)
        if failures and failures % BREAKER_FAILURES == 0:
            self._ban(call, BREAKER_PAUSE_S, f"{failures} failures in a row")

    def _was_off(self, signed_at: float) -> bool:
        """Whether a call was signed by a time that its answer shows to be wrong: a clock was set, a computer slept.

        Not every platform has a code for that which is known; whatever it said then says nothing of the call.
        """
        tolerance_s = self.live.api.clock_tolerance_s
        return 0 < tolerance_s < abs(self.skew_s - signed_at)

    def _learn_time(self, reply: Reply, came_s: float | None = None) -> None:
        """Compare clocks; an answer may have waited for its turn since it came."""
        if reply.date_s is not None:
            skew = reply.date_s - (self.clock.now_s() if came_s is None else came_s)
            # The header has whole seconds: a difference below one is no difference.
            self.skew_s = skew if abs(skew) > 1 else 0.0


def _ban_s(rule: ErrorRule, failure: Failure | None) -> float:
    found = re.search(rule.ban_pattern, failure.message) if rule.ban_pattern and failure else None
    # "N more seconds" counts whole seconds: one more is safe.
    return float(found["seconds"]) + 1.0 if found else rule.wait_s
