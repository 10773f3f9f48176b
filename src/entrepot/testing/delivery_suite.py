"""What every ERP adapter must hold: whatever fails and wherever, each document is in the ERP once, as planned.

    class TestTryton(DeliverySuite): ...

with a fixture `erp` that gives an `ErpUnderTest`. `DeliverySuite` looks at journals, one fault a test; `EveryKindSuite`
at every kind, all faults in one test, which is also for journals on a server that takes a second a document. The ERP is
a real server where one can be had, else a simulator.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, ClassVar

import pytest

from entrepot.delivery.erp import (
    BOOKS_NOTHING,
    CREDIT_NOTE,
    INVOICE,
    JOURNAL,
    KINDS,
    MASTER,
    MOVEMENTS,
    ORDER,
    PAYMENT,
)
from entrepot.delivery.intents import IntentLog
from entrepot.delivery.running import CLAIM_SECONDS, Runner
from entrepot.store import CellLayout, State
from entrepot.testing.delivery_bench import (
    FAULTS,
    Bench,
    Died,
    ErpUnderTest,
    EveryFault,
    Faults,
    Narrow,
    leave_in_doubt,
)
from entrepot.testing.delivery_documents import document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from entrepot.delivery.intents import Change

__all__ = [
    "FAULTS",
    "BookedSuite",
    "DeliverySuite",
    "ErpUnderTest",
    "EveryKindSuite",
    "Faults",
    "Forgetful",
    "KindSuite",
    "points_of",
]

BILLS = MOVEMENTS | {ORDER, INVOICE, CREDIT_NOTE, PAYMENT}
"""Kinds that name a party, products, or an invoice that does."""

POINTS = ("claimed", "{0}: begun", "{0}: sent", "looked up", "{1}: begun", "{1}: sent")
"""Where a worker may die; the ERP's own steps stand in the braces."""


class DeliverySuite:
    """The suite of journals. Subclass it and give `erp`.

    Attributes:
        steps: How many calls bring a journal to its end.
    """

    steps: ClassVar[int] = 2

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Each step of the ERP, and each point of them at which a worker may die."""
        if "step" in metafunc.fixturenames:
            metafunc.parametrize("step", range(self.steps))
        if "point" in metafunc.fixturenames:
            metafunc.parametrize("point", [each for each in POINTS if self.steps > 1 or "{1}" not in each])

    @pytest.fixture
    def bench(self, erp: ErpUnderTest, tmp_path: Path) -> Iterator[Bench]:
        """Four documents that are planned."""
        state = State(CellLayout(tmp_path))
        made = Bench(erp, (JOURNAL,), state, {})
        made.more(0, 4)
        yield made
        made.close()
        state.close()

    def test_each_document_is_there_once_and_whole(self, bench: Bench) -> None:
        """Nothing goes wrong."""
        assert len(bench.erp.step_of) == self.steps, "the class says how many steps there are"
        bench.run()
        assert bench.held() == bench.once()
        assert bench.statuses() == {"done": 4}

    @pytest.mark.parametrize("fault", FAULTS)
    def test_a_fault_at_a_step_leaves_each_document_once(self, bench: Bench, fault: str, step: int) -> None:
        """The network fails once, before or after the server has done its work."""
        faults = Faults(fault, bench.erp.words(JOURNAL)[step])
        bench.run(faults)
        assert not faults.left, "the fault was met"
        if fault == "session over" and not bench.erp.has_sessions:
            # A call that is refused as a whole is halved, and the halves get through.
            assert bench.statuses().get("rejected", 0) == len(bench.log.retry([]))
            bench.run()
        assert bench.held() == bench.once()
        assert bench.statuses() == {"done": 4}

    def test_a_worker_that_dies_at_a_point_leaves_each_document_once(self, bench: Bench, point: str) -> None:
        """Another worker goes on after its claim has run out."""
        passed: list[str] = []
        place = point.format(*bench.erp.step_of)

        def dies(at: str) -> None:
            passed.append(at)
            if at == place:
                raise Died

        if point == "looked up":
            # A look-up needs documents in doubt.
            leave_in_doubt(bench)
        with pytest.raises(Died):
            bench.runner(bench.adapter, dies).run_once()
        assert passed[-1] == place
        bench.now_s += CLAIM_SECONDS + 1
        if place.endswith(("begun", "sent")):
            assert not bench.runner(bench.adapter).run_once() or not bench.spec.quiet_s, "the call may go on"
        bench.run()
        assert bench.held() == bench.once()
        assert bench.statuses() == {"done": 4}

    def test_what_was_sent_is_never_sent_again_however_often_it_is_in_doubt(self, bench: Bench) -> None:
        """Documents left in doubt in any order, five times over."""
        bench.run()
        dice = Random(5)  # noqa: S311 repeatable chance, no secret
        for _ in range(5):
            leave_in_doubt(bench, dice)
            bench.run()
        assert bench.held() == bench.once()
        assert bench.statuses() == {"done": 4}

    def test_six_workers_at_once_leave_each_document_once(self, bench: Bench) -> None:
        """Small batches, so that they meet."""
        bench.more(4, 14)
        _six_at_once(bench, 3)
        assert bench.held() == bench.once()
        assert bench.statuses() == {"done": 18}

    def test_without_the_record_of_what_was_begun_a_lost_answer_doubles(self, bench: Bench) -> None:
        """The control: with the guard taken out, the suite sees the damage."""
        bench.log = Forgetful(bench.state, "erp")
        bench.run(Faults("lost after", next(iter(bench.erp.step_of.values()))))
        held = bench.held(whole_only=False)
        assert bench.spec.native_key[JOURNAL] or max(held.values()) > 1

    def test_an_account_that_is_not_there_stops_its_document_only(self, bench: Bench) -> None:
        """What the ERP lacks is named."""
        bad = document(bench.erp, JOURNAL, 90, account="no such account")
        bench.add([bad])
        bench.run()
        assert bench.held() == {key: 1 for key in bench.documents if key != bad.document_id}
        assert bench.statuses() == {"done": 4, "rejected": 1}
        found = bench.log.document(bad.document_id)
        assert found is not None
        assert (found.code, "no such account" in found.words) == ("account", True)

    def test_a_document_that_the_erp_refuses_stops_alone_in_its_batch(self, bench: Bench) -> None:
        """One bad document is found by halves."""
        bad = bench.erp.spoilt(document(bench.erp, JOURNAL, 91))
        bench.add([bad])
        bench.run()
        assert bench.held() == {key: 1 for key in bench.documents if key != bad.document_id}
        assert bench.statuses() == {"done": 4, "rejected": 1}
        found = bench.log.document(bad.document_id)
        assert found is not None
        assert (found.status, bool(found.words)) == ("rejected", True)

    def test_other_contents_under_a_key_are_a_conflict_and_nothing_is_sent(self, bench: Bench) -> None:
        """A person decides."""
        bench.run()
        key, planned = next(iter(bench.documents.items()))
        other = document(bench.erp, JOURNAL, 92)
        bench.documents[key] = replace(other, document_id=key)
        leave_in_doubt(bench)
        bench.run()
        assert bench.statuses() == {"conflict": 1, "done": 3}
        bench.documents[key] = planned
        assert bench.held() == bench.once()


class KindSuite:
    """What holds of each kind of documents that an ERP takes: name the kinds, with how many steps each has.

    A test meets everything of a sort in one go, so that a real server has few documents of a kind to take.

    Attributes:
        kinds: By kind, or by kinds that take the same steps by the same calls and so share their tests, how many steps.
    """

    kinds: ClassVar[Mapping[tuple[str, ...], int]] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Every kind of the class that a test asks for."""
        assert list(self.kinds) == sorted(self.kinds, key=lambda each: KINDS.index(each[0])), "as they depend"
        sorts = {
            "kinds_alike": list(self.kinds),
            "made": [each for each in self.kinds if not MASTER & set(each)],
            "booked": [each for each in self.kinds if not BOOKS_NOTHING & set(each)],
            "master": [each for each in self.kinds if MASTER & set(each)],
        }
        for name, several in sorts.items():
            if name in metafunc.fixturenames:
                metafunc.parametrize(name, several, ids=[" and ".join(each) for each in several])
        super_of = getattr(super(), "pytest_generate_tests", None)
        if super_of:
            super_of(metafunc)

    @pytest.fixture
    def ready(self, erp: ErpUnderTest, tmp_path: Path) -> Iterator[Callable[[tuple[str, ...], int], Bench]]:
        """Gives a few documents that are planned, of each kind in turn, with what they need already there."""
        with contextlib.ExitStack() as closing:
            state = closing.enter_context(contextlib.closing(State(CellLayout(tmp_path))))

            def make(kinds: tuple[str, ...], count: int) -> Bench:
                made = closing.enter_context(contextlib.closing(Bench(erp, kinds, state, {})))
                if BILLS & set(kinds):
                    made.provide()
                made.more(0, count)
                return made

            yield make

    def test_every_fault_at_every_step_leaves_each_document_once(
        self, ready: Callable[[tuple[str, ...], int], Bench], kinds_alike: tuple[str, ...]
    ) -> None:
        """Each step meets each fault, one call after the other."""
        # Three faults carry a call out all the same, and one document has to meet the others.
        bench = ready(kinds_alike, 4)
        words = bench.erp.words(kinds_alike[0])
        faults, mended = EveryFault(words), 0
        bench.run(faults, batch_max=1)
        while again := bench.log.retry([]):
            mended += len(again)
            bench.run(faults, batch_max=1)
        assert not faults.left, "every fault was met"
        assert len(words) == self.kinds[kinds_alike], "every step was named"
        assert mended == (0 if bench.erp.has_sessions else len(words)), "a person mends a key, and nothing else"
        assert bench.held() == bench.once()
        assert bench.statuses() == bench.all_done()

    def test_a_document_whose_worker_dies_at_every_point_is_there_once(
        self, ready: Callable[[tuple[str, ...], int], Bench], kinds_alike: tuple[str, ...]
    ) -> None:
        """A death at each point of its way, one after the other, and another worker after each."""
        bench = ready(kinds_alike, 0)
        for number, kind in enumerate(kinds_alike):
            bench.add([document(bench.erp, kind, number)])
            for point in points_of(bench.erp.steps(kind)):
                passed: list[str] = []

                def dies(at: str, place: str = point, passed: list[str] = passed) -> None:
                    passed.append(at)
                    if at == place:
                        raise Died

                with pytest.raises(Died):
                    bench.runner(bench.adapter, dies).run_once()
                assert passed[-1] == point
                bench.now_s += CLAIM_SECONDS + bench.spec.quiet_s + 1
            bench.run()
        assert bench.held() == bench.once()
        assert bench.statuses() == bench.all_done()

    def test_six_workers_and_doubt_leave_each_document_once(
        self, ready: Callable[[tuple[str, ...], int], Bench], kinds_alike: tuple[str, ...]
    ) -> None:
        """Six at once, one document a batch; then all of it in doubt, any of it in any order."""
        bench = ready(kinds_alike, 4)
        _six_at_once(bench, 1)
        dice = Random(5)  # noqa: S311 repeatable chance, no secret
        for _ in range(3):
            leave_in_doubt(bench, dice)
            bench.run()
        assert bench.held() == bench.once()
        assert bench.statuses() == bench.all_done()

    def test_without_the_record_a_lost_answer_doubles_what_is_made(
        self, ready: Callable[[tuple[str, ...], int], Bench], made: tuple[str, ...]
    ) -> None:
        """The control: with the guard taken out, the suite sees the damage. A master is looked for in any case."""
        bench = ready(made, 1)
        bench.log = Forgetful(bench.state, "erp")
        bench.run(Faults("lost after", bench.erp.words(made[0])[0]))
        held = bench.held(whole_only=False)
        assert bench.spec.native_key[made[0]] or set(held.values()) == {2}


class BookedSuite(KindSuite):
    """The suite of an ERP that takes more than journals; parties and products have to be there."""

    def test_what_the_erp_lacks_or_refuses_stops_alone_and_what_differs_is_a_conflict(
        self, ready: Callable[[tuple[str, ...], int], Bench], booked: tuple[str, ...]
    ) -> None:
        """A person decides about each; the good one arrives, though all of a kind were in one call."""
        bench = ready(booked, len(booked))
        good, planned = bench.once(), list(bench.documents.values())
        lacking = [document(bench.erp, kind, 90, account="no such account") for kind in booked]
        refused = [bench.erp.spoil(document(bench.erp, kind, 91)) for kind in booked]
        bench.add([*lacking, *refused])
        bench.run()
        assert bench.held() == good
        assert bench.statuses() == {"done": len(good), "rejected": 2 * len(good)}
        told = {each.document_id: (each.code, bool(each.words)) for each in bench.log.documents(statuses=("rejected",))}
        assert {told[each.document_id] for each in lacking} == {("account", True)}
        assert all(told[each.document_id][1] for each in refused)
        for each in planned:
            bench.documents[each.document_id] = replace(
                document(bench.erp, each.kind, 92), document_id=each.document_id
            )
        leave_in_doubt(bench, only=[each.document_id for each in planned])
        bench.run()
        assert bench.statuses() == {"conflict": len(good), "rejected": 2 * len(good)}


class EveryKindSuite(BookedSuite):
    """The suite of an ERP that takes parties and products too."""

    def test_a_master_that_changed_is_written_over_and_not_made_twice(
        self, ready: Callable[[tuple[str, ...], int], Bench], master: tuple[str, ...]
    ) -> None:
        """Its next version goes to what stands under its code, also when a call for it was lost; twice is once."""
        bench = ready(master, 1)
        bench.run()
        old = next(iter(bench.documents.values()))
        later = document(bench.erp, master[0], 93, old.key)
        del bench.documents[old.document_id]
        bench.add([later])
        for _ in range(2):
            leave_in_doubt(bench)
            bench.run()
            assert bench.held() == bench.once()
            assert bench.statuses() == bench.all_done()


def points_of(steps: Sequence[str]) -> list[str]:
    """Where a worker may die, in the order in which one document comes to it."""
    first, *others = steps
    later = [f"{step}: {word}" for step in others for word in ("begun", "sent")]
    return ["claimed", f"{first}: begun", "looked up", f"{first}: sent", *later]


def _six_at_once(bench: Bench, batch_max: int) -> None:
    """Deliver with six workers and small batches, so that they meet."""
    errors: list[BaseException] = []

    def work() -> None:
        try:
            adapter = bench.erp.connect(None)
            runner = Runner(Narrow(adapter, batch_max), bench.log, bench.load, clock=lambda: bench.now_s)
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


class Forgetful(IntentLog):
    """A log that loses that something was begun: what a delivery without intents would be."""

    def write(self, token: str, changes: Sequence[Change], now_s: float) -> bool:
        """Write what happened, but `planned` where a call was begun."""
        kept = [_planned_again(change) for change in changes]
        return super().write(token, kept, now_s)


def _planned_again(change: Change) -> Change:
    if change.values.get("status") != "sending":
        return change
    return replace(change, values={**change.values, "status": "planned"})
