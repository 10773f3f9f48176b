"""What every ERP adapter must hold: whatever fails and wherever, each document is in the ERP once, as planned.

    class TestTryton(DeliverySuite): ...

with a fixture `erp` that gives an `ErpUnderTest`. The ERP is a real server where one can be had, else a simulator.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import sqlalchemy as sa

from entrepot.delivery.erp import JOURNAL, Document, JournalLine
from entrepot.delivery.intents import Intent, IntentLog
from entrepot.delivery.running import CLAIM_SECONDS, Runner
from entrepot.store import CellLayout, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from entrepot.delivery.erp import Adapter
    from entrepot.delivery.intents import Change

__all__ = ["FAULTS", "DeliverySuite", "ErpUnderTest", "Faults"]

FAULTS = (
    "no connection",
    "lost before",
    "lost after",
    "failed before",
    "failed after",
    "answer cut",
    "slow down",
    "slow down, no word for how long",
    "session over",
)
"""What can happen to a call: before the server heard of it, or after it has done it."""

POINTS = ("claimed", "{0}: begun", "{0}: sent", "looked up", "{1}: begun", "{1}: sent")
"""Where a worker may die; the ERP's own steps stand in the braces."""

_DAY = date(2026, 9, 1)


@dataclass(frozen=True)
class ErpUnderTest:
    """An ERP that a suite runs against; its documents stay there, so each test takes keys of its own.

    Attributes:
        connect: An adapter, over a transport of the test's or the network.
        company: A company that it has.
        currency: Of its books.
        accounts: Two accounts or more that it has.
        step_of: By step, in order, a word that the body of its call holds and no other call's.
        spoilt: Makes of a document one that the server itself refuses.
        has_sessions: Whether a 401 may mean that a session ran out; else it is a key that a person has to mend.
    """

    connect: Callable[[httpx.BaseTransport | None], Adapter]
    company: str
    currency: str
    accounts: Sequence[str]
    step_of: Mapping[str, bytes]
    spoilt: Callable[[Document], Document]
    has_sessions: bool = True


class Faults(httpx.BaseTransport):
    """The network, with one fault for calls that hold a word.

    Args:
        fault: One of `FAULTS`; '' for none.
        word: What the body of the call holds.
        times: How many such calls it meets.
    """

    def __init__(self, fault: str = "", word: bytes = b"", times: int = 1) -> None:
        self._fault, self._word, self.left = fault, word, times
        self._network = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a call, or let it fail."""
        if not self.left or not self._fault or self._word not in request.read():
            return self._network.handle_request(request)
        self.left -= 1
        return self._failing(request)

    def close(self) -> None:
        """Give connections back."""
        self._network.close()

    def _failing(self, request: httpx.Request) -> httpx.Response:
        match self._fault:
            case "no connection":
                raise httpx.ConnectError("no route")
            case "lost before":
                raise httpx.ReadTimeout("nobody answers")
            case "failed before":
                return httpx.Response(502, request=request)
            case "slow down":
                return httpx.Response(429, headers={"Retry-After": "7"}, request=request)
            case "slow down, no word for how long":
                return httpx.Response(429, request=request)
            case "session over":
                return httpx.Response(401, request=request)
        answer = self._network.handle_request(request)
        content = answer.read()
        if self._fault == "lost after":
            raise httpx.ReadTimeout("nobody answers")
        if self._fault == "failed after":
            return httpx.Response(500, request=request)
        assert self._fault == "answer cut", "every fault is known"
        return httpx.Response(200, content=content[: len(content) // 2], request=request)


class _Died(BaseException):
    """The worker is gone, between two of its own statements."""


@dataclass
class _Bench:
    """Documents to deliver, a log of their own, and a clock that nobody waits for."""

    erp: ErpUnderTest
    state: State
    documents: dict[str, Document]
    now_s: float = 1_000_000.0
    log: IntentLog = field(init=False)

    def __post_init__(self) -> None:
        self.log = IntentLog(self.state, "erp")

    def load(self, intents: Sequence[Intent]) -> Mapping[str, Document]:
        return {each.document_id: self.documents[each.document_id] for each in intents}

    def runner(self, adapter: Adapter, passed: Callable[[str], None] = lambda _point: None) -> Runner:
        return Runner(adapter, self.log, self.load, clock=lambda: self.now_s, passed=passed)

    def run(self, transport: httpx.BaseTransport | None = None) -> None:
        """Deliver until nothing is open; time passes where a document is put off."""
        adapter = self.erp.connect(transport)
        try:
            runner = self.runner(adapter)
            for _ in range(200):
                if runner.run_once():
                    continue
                ready = self.log.next_at_s()
                if ready is None:
                    return
                self.now_s = max(self.now_s, ready) + 1
            raise AssertionError("a run comes to an end")
        finally:
            adapter.close()

    def held(self, *, whole_only: bool = True) -> dict[str, int]:
        """How often the ERP holds each document; whole and as planned, if nothing else is said."""
        adapter = self.erp.connect(None)
        try:
            found = adapter.find(JOURNAL, self.erp.company, list(self.documents))
            steps = len(adapter.spec.steps[JOURNAL])
        finally:
            adapter.close()
        for key, several in found.items() if whole_only else ():
            for one in several:
                assert one.content == self.documents[key].content, "the ERP holds what was planned"
                assert one.steps_done == steps, "it is in its last step"
        return {key: len(several) for key, several in found.items()}

    def statuses(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for each in self.log.documents():
            counts[each.status] = counts.get(each.status, 0) + 1
        return counts

    def add(self, documents: Sequence[Document]) -> None:
        self.documents.update({each.document_id: each for each in documents})
        self.log.add([_intent(each) for each in documents], {})

    def once(self) -> dict[str, int]:
        return dict.fromkeys(self.documents, 1)


class DeliverySuite:
    """The suite. Subclass it and give `erp`."""

    @pytest.fixture
    def bench(self, erp: ErpUnderTest, tmp_path: Path) -> Iterator[_Bench]:
        """Four documents that are planned."""
        state = State(CellLayout(tmp_path))
        made = _Bench(erp, state, {})
        made.add([_document(erp, number) for number in range(4)])
        yield made
        state.close()

    def test_each_document_is_there_once_and_whole(self, bench: _Bench) -> None:
        """Nothing goes wrong."""
        bench.run()
        assert bench.held() == bench.once()
        assert bench.statuses() == {"done": 4}

    @pytest.mark.parametrize("step", [0, 1])
    @pytest.mark.parametrize("fault", FAULTS)
    def test_a_fault_at_a_step_leaves_each_document_once(self, bench: _Bench, fault: str, step: int) -> None:
        """The network fails once, before or after the server has done its work."""
        faults = Faults(fault, list(bench.erp.step_of.values())[step])
        bench.run(faults)
        assert not faults.left, "the fault was met"
        if fault == "session over" and not bench.erp.has_sessions:
            assert bench.statuses()["rejected"] == len(bench.log.retry([])) > 0
            bench.run()
        assert bench.held() == bench.once()
        assert bench.statuses() == {"done": 4}

    @pytest.mark.parametrize("point", POINTS)
    def test_a_worker_that_dies_at_a_point_leaves_each_document_once(self, bench: _Bench, point: str) -> None:
        """Another worker goes on after its claim has run out."""
        passed: list[str] = []
        place = point.format(*bench.erp.step_of)

        def dies(at: str) -> None:
            passed.append(at)
            if at == place:
                raise _Died

        adapter = bench.erp.connect(None)
        try:
            if point == "looked up":
                # A look-up needs documents in doubt.
                _leave_in_doubt(bench)
            with pytest.raises(_Died):
                bench.runner(adapter, dies).run_once()
        finally:
            adapter.close()
        assert passed[-1] == place
        bench.now_s += CLAIM_SECONDS + 1
        bench.run()
        assert bench.held() == bench.once()
        assert bench.statuses() == {"done": 4}

    def test_what_was_sent_is_never_sent_again_however_often_it_is_in_doubt(self, bench: _Bench) -> None:
        """Documents left in doubt in any order, five times over."""
        bench.run()
        dice = Random(5)  # noqa: S311 repeatable chance, no secret
        for _ in range(5):
            _leave_in_doubt(bench, dice)
            bench.run()
        assert bench.held() == bench.once()
        assert bench.statuses() == {"done": 4}

    def test_six_workers_at_once_leave_each_document_once(self, bench: _Bench) -> None:
        """Small batches, so that they meet."""
        bench.add([_document(bench.erp, number) for number in range(4, 18)])
        errors: list[BaseException] = []

        def work() -> None:
            try:
                adapter = bench.erp.connect(None)
                runner = Runner(_Narrow(adapter, 3), bench.log, bench.load, clock=lambda: bench.now_s)
                while runner.run_once() or bench.log.documents(statuses=("planned", "sending")):
                    pass
                adapter.close()
            except BaseException as error:  # noqa: BLE001 told to the test's own thread
                errors.append(error)

        workers = [threading.Thread(target=work) for _ in range(6)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert not errors
        assert bench.held() == bench.once()
        assert bench.statuses() == {"done": 18}

    def test_without_the_record_of_what_was_begun_a_lost_answer_doubles(self, bench: _Bench) -> None:
        """The control: with the guard taken out, the suite sees the damage."""
        bench.log = _Forgetful(bench.state, "erp")
        bench.run(Faults("lost after", next(iter(bench.erp.step_of.values()))))
        held = bench.held(whole_only=False)
        adapter = bench.erp.connect(None)
        has_native_key = bool(adapter.spec.native_key[JOURNAL])
        adapter.close()
        assert has_native_key or set(held.values()) == {2}

    def test_an_account_that_is_not_there_stops_its_document_only(self, bench: _Bench) -> None:
        """What the ERP lacks is named."""
        bad = _document(bench.erp, 90, account="no such account")
        bench.add([bad])
        bench.run()
        assert bench.held() == {key: 1 for key in bench.documents if key != bad.document_id}
        assert bench.statuses() == {"done": 4, "rejected": 1}
        found = bench.log.document(bad.document_id)
        assert found is not None
        assert (found.code, "no such account" in found.words) == ("account", True)

    def test_a_document_that_the_erp_refuses_stops_alone_in_its_batch(self, bench: _Bench) -> None:
        """One bad document is found by halves."""
        bad = bench.erp.spoilt(_document(bench.erp, 91))
        bench.add([bad])
        bench.run()
        assert bench.held() == {key: 1 for key in bench.documents if key != bad.document_id}
        assert bench.statuses() == {"done": 4, "rejected": 1}
        found = bench.log.document(bad.document_id)
        assert found is not None
        assert (found.status, bool(found.words)) == ("rejected", True)

    def test_other_contents_under_a_key_are_a_conflict_and_nothing_is_sent(self, bench: _Bench) -> None:
        """A person decides."""
        bench.run()
        key, planned = next(iter(bench.documents.items()))
        other = _document(bench.erp, 92)
        bench.documents[key] = replace(other, document_id=key)
        _leave_in_doubt(bench)
        bench.run()
        assert bench.statuses() == {"conflict": 1, "done": 3}
        bench.documents[key] = planned
        assert bench.held() == bench.once()


class _Forgetful(IntentLog):
    """A log that loses that something was begun: what a delivery without intents would be."""

    def write(self, token: str, changes: Sequence[Change], now_s: float) -> bool:
        kept = [_planned_again(change) for change in changes]
        return super().write(token, kept, now_s)


def _planned_again(change: Change) -> Change:
    if change.values.get("status") != "sending":
        return change
    return replace(change, values={**change.values, "status": "planned"})


class _Narrow:
    """An adapter with smaller batches, so that workers meet more often."""

    def __init__(self, adapter: Adapter, batch_max: int) -> None:
        self._adapter = adapter
        self.spec = replace(adapter.spec, batch_max=batch_max)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 whatever the adapter has
        return getattr(self._adapter, name)


def _leave_in_doubt(bench: _Bench, dice: Random | None = None) -> None:
    """Mark documents as a worker that died in its call leaves them; all of them, or some in any order."""
    keys = list(bench.documents)
    if dice:
        dice.shuffle(keys)
        keys = keys[: dice.randint(1, len(keys))]
    with bench.state.engine.begin() as connection:
        for key in keys:
            connection.execute(
                sa.text("update delivery_documents set status = 'sending', steps_done = 0 where document_id = :key"),
                {"key": key},
            )


def _document(erp: ErpUnderTest, number: int, account: str = "") -> Document:
    one, other = erp.accounts[:2]
    minor = 1_000 + 7 * number
    lines = (
        JournalLine(account or one, minor, minor),
        JournalLine(other, -minor + 100, -minor + 100),
        JournalLine(other, -100, -100),
    )
    return Document(
        secrets.token_hex(8),
        JOURNAL,
        erp.company,
        _DAY + timedelta(days=number % 28),
        erp.currency,
        erp.currency,
        f"suite {number}",
        lines,
    )


def _intent(each: Document) -> Intent:
    return Intent(
        target="erp",
        document_id=each.document_id,
        base_id=each.document_id,
        kind=each.kind,
        rank=0,
        role="document",
        after="",
        entity_id=each.company,
        company=each.company,
        book="local",
        period=each.posted_on.strftime("%Y-%m"),
        posted_on=each.posted_on.isoformat(),
        currency=each.currency,
        functional_currency=each.functional_currency,
        debit_minor=sum(max(line.functional_minor, 0) for line in each.lines),
        lines=len(each.lines),
        text=each.text,
        payload_hash=each.document_id,
        plan_id="suite",
    )
