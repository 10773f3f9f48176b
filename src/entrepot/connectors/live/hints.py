"""The loop that turns push messages into hints and hints into documents, for every marketplace.

    receive     messages as the platform gives them; hints are in the state database before it is told that they came
    rest        for a moment: messages about one document come together
    read        each document by its id, with the calls, limits and raw pages of every other document
    settle      a hint is done when its page is kept, polling has read past it, or the platform has no such thing

The watermark never moves here: what no message told, polling finds. A version that was read is known to polling, unless
it was so fresh that the second it is named by had not passed: another change could carry the same name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from entrepot.connectors.live.errors import CallRejected
from entrepot.connectors.live.extract import Extracted, RawPage, answer_line, documents_in, version_digest
from entrepot.connectors.live.overlap import AGAIN_S
from entrepot.errors import EntrepotError
from entrepot.store import Arrival, Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.connectors.live.answers import Answer
    from entrepot.connectors.live.calling import Caller
    from entrepot.connectors.live.contract import Feed
    from entrepot.connectors.live.extract import PageSink
    from entrepot.connectors.live.messages import Asking, Message, Messages, Version
    from entrepot.store import HintState, SyncState, WaitingHint

REST_S = 2.0
"""So long a hint rests, and so old a version has to be to be known by the second it was made in."""

READ_AT_ONCE = 50
"""Documents whose pages are kept together."""

READS_MAX = 20
"""So many of these at a time."""

CONSUMED_MAX = 50
"""Answers full of messages in a row; then what they hint at is read."""

_KIND = "hint"


@dataclass
class Intake:
    """Takes messages of one app and keeps what they hint at.

    Attributes:
        spec: What names documents.
        hints: Where hints are kept.
        shop: Whose connection takes them.
        is_sole: Whether messages of sellers that are not known are about that shop.
        sellers: The sellers' numbers at the platform, to shops.
    """

    spec: Messages
    hints: HintState
    shop: str
    is_sole: bool = True
    sellers: Mapping[str, str] = field(default_factory=dict)

    def take(self, messages: Sequence[Message], now_s: float) -> int:
        """Keep hints; when this returns, the platform may be told that the messages came.

        Returns:
            Messages that had not come before.
        """
        by_shop: dict[str, list[Arrival]] = {}
        foreign = 0
        for message in messages:
            shop = self.sellers.get(message.seller, self.shop if self.is_sole else "")
            if shop:
                by_shop.setdefault(shop, []).append(Arrival(message.id, self.spec.hints_of(message)))
            else:
                foreign += 1
        if foreign:
            self.hints.count(self.shop, {"foreign": foreign})
        return sum(self.hints.receive(shop, arrivals, now_s) for shop, arrivals in by_shop.items())


def consume(caller: Caller, client: Asking, intake: Intake, group: str) -> int:
    """Ask for messages until there are none, and confirm each answer once its hints are kept.

    Returns:
        Messages that had not come before.
    """
    new = 0
    for _ in range(CONSUMED_MAX):
        messages = client.messages_in(caller.answer(client.consume_call(group)).read)
        if not messages:
            break
        new += intake.take(messages, caller.clock.now_s())
        # What dies before this line gets the same messages again, and knows them by their ids.
        caller.answer(client.confirm_call(group, tuple(message.id for message in messages)))
        if len(messages) < client.quantity:
            break
    return new


def forget_passed(caller: Caller, state: SyncState, hints: HintState, feeds: Sequence[Feed]) -> None:
    """Forget hints that came so long before the watermark that polling has listed their time for good."""
    for feed in feeds:
        watermark = state.watermark(caller.shop, feed.name)
        if watermark is not None:
            hints.pass_by(caller.shop, feed.name, watermark - feed.overlap_s - AGAIN_S - caller.skew_s)


@dataclass
class HintReader:
    """Reads what hints name.

    Attributes:
        caller: Makes calls of one shop.
        spec: The platform's messages.
        state: Versions and watermarks.
        hints: Hints that wait.
        sink: Keeps pages.
        done: What was done so far.
    """

    caller: Caller
    spec: Messages
    state: SyncState
    hints: HintState
    sink: PageSink
    done: Extracted = field(default_factory=Extracted)

    def read(self, feeds: Sequence[Feed]) -> Extracted:
        """Read every hint that waits and that nobody else holds; hints that cannot be read now wait on.

        Raises:
            EntrepotError: As `Caller.answer`; what was read before is kept.
        """
        shop, now_s = self.caller.shop, self.caller.clock.now_s
        by_name = {feed.name: feed for feed in feeds if feed.name in self.spec.feed_names}
        forget_passed(self.caller, self.state, self.hints, tuple(by_name.values()))
        # Messages may come faster than documents are read: polling and publishing have their turn all the same.
        for _ in range(READS_MAX):
            claimed = self.hints.claim(shop, by_name, now_s(), REST_S, READ_AT_ONCE)
            if not claimed:
                break
            troubles: list[EntrepotError] = []
            for name in sorted({hint.feed for hint in claimed}):
                try:
                    self._read_some(by_name[name], [hint for hint in claimed if hint.feed == name])
                except EntrepotError as error:
                    # An app without the right to refunds must not keep orders waiting that were claimed with them.
                    troubles.append(error)
            if troubles:
                raise troubles[0]
        return self.done

    def _read_some(self, feed: Feed, waiting: list[WaitingHint]) -> None:
        kept_as, documents = self.spec.by_id.get(feed.name, feed), 0
        lines: list[bytes] = []
        digests: list[str] = []
        read: list[tuple[WaitingHint, float]] = []
        gone: list[WaitingHint] = []
        at_s = 0.0
        seen: set[str] = set()
        window = Window(self.caller.shop, feed.name, _KIND, 0, 0)
        failed: EntrepotError | None = None
        try:
            calls = [self.spec.client.read_call(feed, hint.id) for hint in waiting]
            asked_s = self.caller.platform_now_s()
            for hint, call, answer in zip(waiting, calls, self.caller.outcomes(calls), strict=True):
                if isinstance(answer, EntrepotError) and not isinstance(answer, CallRejected):
                    failed = failed or answer
                    continue
                # What the platform will never give may be no document of this shop.
                if isinstance(answer, EntrepotError) or not (versions := self._versions_in(feed, answer)):
                    gone.append(hint)
                    continue
                read.append((hint, asked_s))
                told = {version_digest(each.listed, window): each.at_s for each in versions}
                if seen.issuperset(told) or not self.state.unknown(self.caller.shop, feed.name, list(told)):
                    self.done.known += 1
                    continue
                seen.update(told)
                lines.append(answer_line(call, answer, hint=int(asked_s)))
                documents += len(documents_in(kept_as, answer.read))
                at_s = answer.at_s
                digests += [digest for digest, changed_s in told.items() if changed_s <= asked_s - REST_S]
        finally:
            # Whatever was read is kept, also where the next one failed.
            if lines:
                self.sink.keep(RawPage(kept_as, b"".join(lines), documents, tuple(digests), at_s), window)
                self.done.documents += documents
                self.done.pages += 1
            now_s = self.caller.clock.now_s()
            self.hints.settle(read, now_s)
            self.hints.drop(gone)
            settled = {*(hint for hint, _ in read), *gone}
            self.hints.release([hint for hint in waiting if hint not in settled], now_s)
        if failed is not None:
            raise failed

    def _versions_in(self, feed: Feed, answer: Answer) -> Sequence[Version]:
        return self.spec.client.versions_in(feed, answer.read)
