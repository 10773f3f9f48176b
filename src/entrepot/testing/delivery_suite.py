"""What every ERP adapter must hold: whatever fails and wherever, each document is in the ERP once, as planned.

    class TestTryton(DeliverySuite):
        kinds = {JOURNAL: 2, INVOICE: 3, ...}

with a fixture `erp` that gives an `ErpUnderTest`. The ERP is a real server where one can be had, else a simulator.
Journals run in batches of four; of other kinds a test delivers two, which is what it takes to see one stop alone.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, JOURNAL, KINDS, MASTER
from entrepot.delivery.intents import IntentLog
from entrepot.delivery.running import CLAIM_SECONDS, Runner
from entrepot.store import CellLayout, State
from entrepot.testing.delivery_bench import FAULTS, Bench, Died, ErpUnderTest, Faults, document, leave_in_doubt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from entrepot.delivery.erp import Adapter
    from entrepot.delivery.intents import Change

__all__ = ["FAULTS", "DeliverySuite", "ErpUnderTest", "Faults", "MasterDeliverySuite"]


class DeliverySuite:
    """The suite. Subclass it, name the kinds with how many steps each has, and give `erp`."""

    kinds: ClassVar[Mapping[str, int]] = {JOURNAL: 2}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Every kind of the class, and each of its steps and points where a test asks for them."""
        names = set(metafunc.fixturenames)
        kinds = {kind: self.kinds[kind] for kind in KINDS if kind in self.kinds}
        if "any_booked" in names:
            metafunc.parametrize("kind", [kind for kind in kinds if kind not in MASTER])
        elif "step" in names:
            metafunc.parametrize(("kind", "step"), [(kind, at) for kind, steps in kinds.items() for at in range(steps)])
        elif "point" in names:
            metafunc.parametrize(
                ("kind", "point"), [(kind, point) for kind, steps in kinds.items() for point in _points(steps)]
            )
        elif "any_master" in names:
            metafunc.parametrize("kind", [kind for kind in kinds if kind in MASTER])
        elif "kind" in names:
            metafunc.parametrize("kind", list(kinds))

    @pytest.fixture
    def any_booked(self, kind: str) -> str:
        """A kind that is booked."""
        return kind

    @pytest.fixture
    def any_master(self, kind: str) -> str:
        """A kind that is kept under a code."""
        return kind

    @pytest.fixture
    def bench(self, erp: ErpUnderTest, kind: str, tmp_path: Path) -> Iterator[Bench]:
        """A few documents of a kind that are planned."""
        state = State(CellLayout(tmp_path))
        made = Bench(erp, kind, state, {})
        if kind in (INVOICE, CREDIT_NOTE):
            made.provide()
        made.more(0, 4 if kind == JOURNAL else 2)
        yield made
        state.close()

    def test_each_document_is_there_once_and_whole(self, bench: Bench) -> None:
        """Nothing goes wrong."""
        bench.run()
        assert bench.held() == bench.once()
        assert bench.statuses() == bench.all_done()

    @pytest.mark.parametrize("fault", FAULTS)
    def test_a_fault_at_a_step_leaves_each_document_once(self, bench: Bench, fault: str, step: int) -> None:
        """The network fails once, before or after the server has done its work."""
        faults = Faults(fault, bench.erp.words(bench.kind)[step])
        bench.run(faults)
        assert not faults.left, "the fault was met"
        if fault == "session over" and not bench.erp.has_sessions:
            assert bench.statuses()["rejected"] == len(bench.log.retry([])) > 0
            bench.run()
        assert bench.held() == bench.once()
        assert bench.statuses() == bench.all_done()

    def test_a_worker_that_dies_at_a_point_leaves_each_document_once(self, bench: Bench, point: str) -> None:
        """Another worker goes on after its claim has run out."""
        passed: list[str] = []
        place = point.format(*bench.erp.steps(bench.kind))

        def dies(at: str) -> None:
            passed.append(at)
            if at == place:
                raise Died

        adapter = bench.erp.connect(None)
        try:
            if point == "looked up":
                # A look-up needs documents in doubt.
                leave_in_doubt(bench)
            with pytest.raises(Died):
                bench.runner(adapter, dies).run_once()
        finally:
            adapter.close()
        assert passed[-1] == place
        bench.now_s += CLAIM_SECONDS + 1
        bench.run()
        assert bench.held() == bench.once()
        assert bench.statuses() == bench.all_done()

    def test_what_was_sent_is_never_sent_again_however_often_it_is_in_doubt(self, bench: Bench) -> None:
        """Documents left in doubt in any order, five times over."""
        bench.run()
        dice = Random(5)  # noqa: S311 repeatable chance, no secret
        for _ in range(5):
            leave_in_doubt(bench, dice)
            bench.run()
        assert bench.held() == bench.once()
        assert bench.statuses() == bench.all_done()

    def test_six_workers_at_once_leave_each_document_once(self, bench: Bench) -> None:
        """Small batches, so that they meet."""
        bench.more(4, 14 if bench.kind == JOURNAL else 7)
        narrow = 3 if bench.kind == JOURNAL else 1
        errors: list[BaseException] = []

        def work() -> None:
            try:
                adapter = bench.erp.connect(None)
                runner = Runner(_Narrow(adapter, narrow), bench.log, bench.load, clock=lambda: bench.now_s)
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
        assert bench.statuses() == bench.all_done()

    def test_without_the_record_of_what_was_begun_a_lost_answer_doubles(self, bench: Bench, any_booked: str) -> None:
        """The control: with the guard taken out, the suite sees the damage. A master is looked for in any case."""
        bench.log = _Forgetful(bench.state, "erp")
        bench.run(Faults("lost after", bench.erp.words(any_booked)[0]))
        held = bench.held(whole_only=False)
        adapter = bench.erp.connect(None)
        has_native_key = bool(adapter.spec.native_key[any_booked])
        adapter.close()
        assert has_native_key or set(held.values()) == {2}

    def test_an_account_that_is_not_there_stops_its_document_only(self, bench: Bench, any_booked: str) -> None:
        """What the ERP lacks is named."""
        bad = document(bench.erp, any_booked, 90, account="no such account")
        found = self._stops_alone(bench, bad)
        assert found == ("rejected", "account")

    def test_a_document_that_the_erp_refuses_stops_alone_in_its_batch(self, bench: Bench, any_booked: str) -> None:
        """One bad document is found by halves."""
        bad = bench.erp.spoil(document(bench.erp, any_booked, 91))
        assert self._stops_alone(bench, bad)[0] == "rejected"

    def test_other_contents_under_a_key_are_a_conflict_and_nothing_is_sent(self, bench: Bench, any_booked: str) -> None:
        """A person decides."""
        bench.run()
        key, planned = next(iter(bench.documents.items()))
        other = document(bench.erp, any_booked, 92)
        bench.documents[key] = replace(other, document_id=key)
        leave_in_doubt(bench)
        bench.run()
        assert bench.statuses() == {"conflict": 1, "done": len(bench.documents) - 1}
        bench.documents[key] = planned
        assert bench.held() == bench.once()

    @staticmethod
    def _stops_alone(bench: Bench, bad: Any) -> tuple[str, str]:  # noqa: ANN401 a document
        """Deliver a bad document among good ones; its status and the word for its trouble."""
        good = bench.once()
        bench.add([bad])
        bench.run()
        assert bench.held() == good
        assert bench.statuses() == {"done": len(good), "rejected": 1}
        found = bench.log.document(bad.document_id)
        assert found is not None
        assert found.words
        return found.status, found.code


class MasterDeliverySuite(DeliverySuite):
    """The suite of an ERP that takes parties and products too."""

    def test_a_master_that_changed_is_written_over_and_not_made_twice(self, bench: Bench, any_master: str) -> None:
        """Its next version goes to what stands under its code."""
        bench.run()
        old = next(iter(bench.documents.values()))
        later = document(bench.erp, any_master, 93, old.key)
        del bench.documents[old.document_id]
        bench.add([later])
        bench.run(Faults("lost after", bench.erp.words(any_master)[0]))
        assert bench.held() == bench.once()


def _points(steps: int) -> list[str]:
    """Where a worker may die; the ERP's own steps stand in the braces."""
    of_steps = [word for at in range(steps) for word in (f"{{{at}}}: begun", f"{{{at}}}: sent")]
    return ["claimed", *of_steps, "looked up"]


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
