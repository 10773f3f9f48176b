"""Deliver what is planned: claim, look up where in doubt, write down, send, write down.

The order is what makes it exactly once. Before a call, every document of it is marked `sending` on disk. Whoever finds
a document so marked, because its worker died or its answer was lost, asks the ERP for it by key before anything else,
and not before the ERP can have finished with the lost call. Sending goes on only with what is not there.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from entrepot.delivery.erp import MASTER, UNDER_WAY
from entrepot.delivery.errors import ErpRefused, ErpUnreachable
from entrepot.delivery.intents import DELETED, TRIES_RAN_OUT, UNSEEN, Change

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from entrepot.delivery.erp import Adapter, Document, Found, Outcome
    from entrepot.delivery.intents import Intent, IntentLog

CLAIM_SECONDS = 300.0
"""A worker that says nothing for so long is taken for dead. Longer than any call, whose time the adapters limit."""

TRIES_MAX = 8
"""After so many tries without an effect a person is asked."""

ADVICE: Mapping[str, Mapping[str, str]] = {
    DELETED: {
        "en": "if it is to come again, name it: `entrepot deliver retry TARGET DOCUMENT` looks, and sends it anew",
        "zh": "如需重新发送,请指明单据:`entrepot deliver retry 目标 单据` 会先查询,再重新发送",
    },
    "differs": {
        "en": "mend it there and `deliver retry`; or take it away there and name it to `deliver retry TARGET DOCUMENT`",
        "zh": "在 ERP 中改正后运行 `deliver retry`;或在 ERP 中删除后运行 `deliver retry 目标 单据`",
    },
    "twice": {
        "en": "take all but one away there, then `entrepot deliver retry`",
        "zh": "在 ERP 中只保留一份,然后运行 `entrepot deliver retry`",
    },
    TRIES_RAN_OUT: {
        "en": "see that the ERP answers, then `entrepot deliver retry`: it is looked up before it is sent",
        "zh": "确认 ERP 可以访问,然后运行 `entrepot deliver retry`:发送前会先查询",
    },
}
"""By code of a trouble that is the same for every ERP, what to do; an adapter's own advice comes before it."""

_WAIT_S = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 120.0)


@dataclass(slots=True)
class Delivered:
    """What a run did.

    Attributes:
        words: How often each thing of the history happened.
        is_idle: Whether nothing was left that could be done at once.
    """

    words: Counter[str] = field(default_factory=Counter)
    is_idle: bool = False


class Runner:
    """One worker for one target.

    Args:
        adapter: The ERP.
        log: The target's documents.
        load: Gives documents with their lines.
        clock: Seconds since 1970.
        passed: For tests: called with the name of each point at which a process may die.
    """

    def __init__(
        self,
        adapter: Adapter,
        log: IntentLog,
        load: Callable[[Sequence[Intent]], Mapping[str, Document]],
        *,
        clock: Callable[[], float] = time.time,
        passed: Callable[[str], None] = lambda _point: None,
    ) -> None:
        self._adapter, self._log, self._load = adapter, log, load
        self._clock, self._passed = clock, passed
        self.done = Delivered()

    def run_once(self) -> bool:
        """Take up one batch and bring it as far as it goes.

        Returns:
            Whether there was anything to do.
        """
        spec = self._adapter.spec
        now_s = self._clock()
        claimed = self._log.claim(spec.batch_max, CLAIM_SECONDS, now_s, spec.calls_at_once_max, spec.batches)
        self.done.is_idle = not claimed
        if not claimed:
            return False
        self._passed("claimed")
        documents = self._load(claimed)
        if claimed[0].status == "sending":
            claimed = self._look_up(claimed, documents)
        steps = spec.steps[claimed[0].kind] if claimed else ()
        while claimed and claimed[0].steps_done < len(steps):
            claimed = self._step(steps[claimed[0].steps_done], claimed, documents)
        return True

    def _step(self, step: str, claimed: list[Intent], documents: Mapping[str, Document]) -> list[Intent]:
        """One call; what comes out has it behind it and is still ours."""
        now_s = self._clock()
        until = now_s + CLAIM_SECONDS
        # Should this worker die, nobody looks before the ERP can have finished with its last call.
        call: dict[str, Any] = {"claimed_until_s": until, "next_at_s": until + self._adapter.spec.quiet_s}
        begun = [_change(each, step, "begun", status="sending", **call) for each in claimed]
        if not self._write(claimed, begun):
            return []
        self._passed(f"{step}: begun")
        # What is sent anew after it was taken away has the number that it had: it means nothing to a first step.
        refs = {each.document_id: each.ref for each in claimed if each.ref and each.steps_done}
        outcomes = self._adapter.send(step, [documents[each.document_id] for each in claimed], refs)
        self._passed(f"{step}: sent")
        assert set(outcomes) == {each.document_id for each in claimed}, "an adapter says what became of each document"
        is_refused = all(outcome.word == "rejected" for outcome in outcomes.values())
        if is_refused and self._adapter.spec.is_atomic and len(claimed) > 1:
            return self._halves(step, claimed, documents)
        return self._settle(step, claimed, outcomes, documents)

    def _halves(self, step: str, claimed: list[Intent], documents: Mapping[str, Document]) -> list[Intent]:
        """One bad document refuses its whole batch: find it by sending halves."""
        middle = len(claimed) // 2
        return [
            *self._step(step, claimed[:middle], documents),
            *self._step(step, claimed[middle:], documents),
        ]

    def _settle(
        self,
        step: str,
        claimed: list[Intent],
        outcomes: Mapping[str, Outcome],
        documents: Mapping[str, Document],
    ) -> list[Intent]:
        """Write outcomes down. A refusal is believed only after a look: the ERP may hold the document already."""
        refused = [each for each in claimed if outcomes[each.document_id].word == "rejected"]
        held = self._held(refused, documents, step) if refused else {}
        if held is None:
            claimed, held = [each for each in claimed if each not in refused], {}
        changes, going_on = [], []
        for each in claimed:
            document = documents[each.document_id]
            outcome, found = outcomes[each.document_id], held.get(document.key, ())
            if found and found[0].steps_done > each.steps_done and not _is_to_change(document, found):
                change, intent = self._from_found(each, step, found, document)
            else:
                change, intent = self._from_outcome(each, step, outcome)
            changes.append(change)
            if intent is not None:
                going_on.append(intent)
        return going_on if self._write(claimed, changes) else []

    def _look_up(self, claimed: list[Intent], documents: Mapping[str, Document]) -> list[Intent]:
        """Ask the ERP what it holds; what comes out is not there, or not finished, and may be sent."""
        held = self._held(claimed, documents, "look up")
        if held is None:
            return []
        self._passed("looked up")
        changes: list[Change] = []
        going_on: list[Intent] = []
        intent: Intent | None
        for each in claimed:
            document = documents[each.document_id]
            found = held.get(document.key, ())
            if _is_to_change(document, found):
                change, intent = _change(each, "look up", "not_there", status="planned", steps_done=0), each
            elif found:
                change, intent = self._from_found(each, "look up", found, document)
            elif each.steps_done:
                words = f"{each.ref} is not in the ERP any more, or not under its key"
                change, intent = _change(each, "look up", "conflict", words, code=DELETED, over=True), None
            else:
                change, intent = _change(each, "look up", "not_there", status="planned"), each
            changes.append(change)
            if intent is not None:
                going_on.append(intent)
        if not self._write(claimed, changes):
            return []
        least = min((each.steps_done for each in going_on), default=0)
        ready = [each for each in going_on if each.steps_done == least]
        self._release([each for each in going_on if each.steps_done != least])
        return ready

    def _held(
        self, claimed: Sequence[Intent], documents: Mapping[str, Document], step: str
    ) -> Mapping[str, tuple[Found, ...]] | None:
        """What the ERP holds; None where it did not say, and they stay in doubt: for later, or until a person acts."""
        if not claimed:
            return {}
        one = documents[claimed[0].document_id]
        try:
            return self._adapter.find(one.kind, one.company, [documents[each.document_id].key for each in claimed])
        except ErpUnreachable:
            self._put_off(claimed, step, self._adapter.spec.quiet_s)
        except ErpRefused as refusal:
            self._write(claimed, [_unseen(each, step, refusal) for each in claimed])
        return None

    def _from_found(
        self, each: Intent, step: str, found: Sequence[Found], document: Document
    ) -> tuple[Change, Intent | None]:
        one = found[0]
        # That it was there is kept in a conflict: once it is taken away, a person says whether it is to come again.
        there: dict[str, Any] = {"steps_done": one.steps_done, "ref": one.ref}
        if len(found) > 1:
            words = f"the ERP holds it {len(found)} times: {', '.join(copy.ref for copy in found)}"
            return _change(each, step, "conflict", words, code="twice", over=True, **there), None
        if one.content != document.content:
            words = f"{one.ref} stands in the ERP with other contents"
            return _change(each, step, "conflict", words, code="differs", over=True, **there), None
        is_done = one.steps_done >= len(self._adapter.spec.steps[each.kind])
        values: dict[str, Any] = {"steps_done": one.steps_done, "ref": one.ref}
        if one.steps_done > each.steps_done:
            # It went on, though nobody heard so: what went wrong before counts no more.
            values |= {"tries": 0, "code": "", "words": ""}
        change = _change(each, step, "found", status="done" if is_done else "planned", over=is_done, **values)
        return change, None if is_done else replace(each, **values)

    def _from_outcome(self, each: Intent, step: str, outcome: Outcome) -> tuple[Change, Intent | None]:
        if outcome.word == "applied":
            steps, ref = each.steps_done + 1, outcome.ref or each.ref
            is_done = steps >= len(self._adapter.spec.steps[each.kind])
            status = "done" if is_done else "planned"
            values: dict[str, Any] = {"steps_done": steps, "ref": ref, "tries": 0, "code": "", "words": ""}
            change = _change(each, step, "applied", status=status, over=is_done, **values)
            return change, None if is_done else replace(each, **values)
        tries = each.tries + (outcome.code != UNDER_WAY)
        if outcome.word == "rejected" or tries >= TRIES_MAX:
            code = outcome.code if outcome.word == "rejected" else TRIES_RAN_OUT
            # An unknown outcome stays in doubt however often it was tried: `retry` looks it up first.
            # What was made all the same is sent anew only where a person names it.
            made: dict[str, Any] = {"steps_done": each.steps_done + 1, "ref": outcome.ref} if outcome.ref else {}
            return _change(each, step, "rejected", outcome.text, code=code, status="rejected", over=True, **made), None
        is_unknown = outcome.word == "unknown"
        wait = self._adapter.spec.quiet_s if is_unknown else max(outcome.after_s, _WAIT_S[min(each.tries, 7)])
        later: dict[str, Any] = {"tries": tries, "next_at_s": self._clock() + wait}
        status = "sending" if is_unknown else "planned"
        change = _change(each, step, outcome.word, outcome.text, code=outcome.code, status=status, over=True, **later)
        return change, None

    def _put_off(self, claimed: Sequence[Intent], step: str, wait_s: float) -> None:
        """Leave documents in doubt, for later."""
        at = self._clock() + wait_s
        self._write(
            claimed, [_change(each, step, "unknown", status="sending", over=True, next_at_s=at) for each in claimed]
        )

    def _release(self, claimed: Sequence[Intent]) -> None:
        self._write(claimed, [_change(each, "look up", "released", over=True) for each in claimed])

    def _write(self, claimed: Sequence[Intent], changes: Sequence[Change]) -> bool:
        if not changes:
            return True
        is_ours = self._log.write(claimed[0].claimed_by, changes, self._clock())
        if is_ours:
            self.done.words.update(change.what for change in changes)
        return is_ours


def _is_to_change(document: Document, found: Sequence[Found]) -> bool:
    """Whether the ERP holds a party or product as it was before: to be written, and no conflict."""
    return document.kind in MASTER and len(found) == 1 and found[0].content != document.content


def _unseen(each: Intent, step: str, refusal: ErpRefused) -> Change:
    """A person has to act before anybody can say whether the ERP holds it: it stays in doubt."""
    return _change(each, step, "rejected", refusal.words, code=UNSEEN + refusal.reason, status="rejected", over=True)


def _change(
    each: Intent,
    step: str,
    what: str,
    words: str = "",
    *,
    over: bool = False,
    **values: Any,  # noqa: ANN401 columns of several types
) -> Change:
    # What is known again may go on at once, unless somebody says when.
    told = {"next_at_s": 0.0, **values}
    if what == "conflict":
        told["status"] = "conflict"
    if words:
        told["words"] = words
    return Change(each.document_id, step, what, words, told, over)
