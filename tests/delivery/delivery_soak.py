"""The full matrix of a delivery that goes wrong: every fault at every step, a worker killed at every point, doubt, a race.

    python -m tests.delivery.delivery_soak --runs 10 --seed 1 --adapter odoo

Workers are processes of their own and die by SIGKILL. After each case the ERP holds each document once, whole, and in sum
what was planned. What is done stands in the log, a line for each case, and a run that was stopped goes on behind it.
`make test` runs the suites, which meet most of this once; here it is every case, many times, by dice.

What it does not prove: how a vendor's own server behaves where the suite's counterpart is a simulator of ours.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from entrepot.delivery.erp import BOOKS_NOTHING
from entrepot.delivery.running import CLAIM_SECONDS
from entrepot.store import CellLayout, State
from entrepot.testing.delivery_bench import FAULTS, Bench, Faults, Narrow, leave_in_doubt
from entrepot.testing.delivery_suite import BILLS, Forgetful, points_of
from tests.delivery.soaked import ADAPTERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from entrepot.testing.delivery_bench import ErpUnderTest

DOUBTS, WORKERS, DOCUMENTS = 100, 6, 4
_HUNG_S = 120.0
_NOT_MET = 3
"""What a worker ends with whose fault was not met."""


@dataclass(frozen=True)
class Case:
    """One thing that goes wrong, with documents of some kinds.

    Attributes:
        adapter: The ERP.
        kinds: Kinds that take the same steps.
        what: fault, killed, doubt, race or control.
        detail: Which.
    """

    adapter: str
    kinds: tuple[str, ...]
    what: str
    detail: str

    @property
    def name(self) -> str:
        """As it stands in the log."""
        return f"{self.adapter}, {' and '.join(self.kinds)}, {self.what}: {self.detail}"


@dataclass
class Told:
    """What came of a case: what was wrong, how many workers were killed, how many documents there were."""

    troubles: list[str] = field(default_factory=list)
    killed: int = 0
    documents: int = 0


def cases(adapter: str, erp: ErpUnderTest, several: Sequence[tuple[str, ...]]) -> Iterator[Case]:
    """Every case of an ERP, the simplest first."""
    for kinds in several:
        steps = erp.steps(kinds[0])
        for step in steps:
            yield from (Case(adapter, kinds, "fault", f"{step}: {fault}") for fault in FAULTS)
        yield from (Case(adapter, kinds, "killed", point) for point in (*points_of(steps), "any moment"))
        yield Case(adapter, kinds, "doubt", "a hundred times, in any order")
        yield from (Case(adapter, kinds, "race", each) for each in ("six workers", "six workers that are killed"))
        if not BOOKS_NOTHING & set(kinds):
            yield Case(adapter, kinds, "control", "no record of what was begun")


class Soak:
    """Runs cases against one ERP.

    Args:
        erp: The ERP.
        settle_s: How long its server may go on with the call of a worker that was killed. The bench's clock jumps.
        has_intents: False takes the guard out: the control of the whole soak.
    """

    def __init__(self, erp: ErpUnderTest, settle_s: float, *, has_intents: bool = True) -> None:
        self._erp, self._settle_s, self._has_intents = erp, settle_s, has_intents
        self._number = 100

    def run(self, case: Case, seed: str) -> Told:
        """Run a case on documents of its own."""
        told, dice = Told(), Random(seed)
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as closing:
            layout = CellLayout(Path(folder))
            state = closing.enter_context(contextlib.closing(State(layout)))
            bench = closing.enter_context(contextlib.closing(self._bench(case.kinds, state)))
            if BILLS & set(case.kinds):
                bench.provide()
            # Names follow from numbers, and some ERPs take a name once.
            self._number += DOCUMENTS
            bench.more(self._number, 1 if case.what == "control" else DOCUMENTS)
            told.documents = len(bench.documents)
            try:
                getattr(self, f"_{case.what}")(case, bench, layout, dice, told)
                if case.what != "control":
                    self._finish(bench)
                    self._check(bench, told)
            except AssertionError as error:
                told.troubles.append(f"{type(error).__name__}: {error}")
        return told

    def _bench(self, kinds: tuple[str, ...], state: State) -> Bench:
        bench = Bench(self._erp, kinds, state, {})
        if not self._has_intents:
            bench.log = Forgetful(state, "erp")
        return bench

    def _fault(self, case: Case, bench: Bench, layout: CellLayout, _dice: Random, told: Told) -> None:
        step, _, fault = case.detail.partition(": ")
        word = dict(zip(self._erp.steps(case.kinds[0]), self._erp.words(case.kinds[0]), strict=True))[step]

        def work(own: Bench) -> int:
            faults = Faults(fault, word)
            own.run(faults)
            return _NOT_MET if faults.left else 0

        if status := _ended(self._worker(bench, layout, work)):
            told.troubles.append(f"the worker with the fault ended with {status}")

    def _killed(self, case: Case, bench: Bench, layout: CellLayout, dice: Random, told: Told) -> None:
        if case.detail == "any moment":
            for _ in range(3):
                worker = self._worker(bench, layout, _delivers)
                time.sleep(dice.uniform(0, max(self._settle_s, 0.1)))
                told.killed += self._kill(worker, bench)
            return
        if case.detail == "looked up":
            leave_in_doubt(bench)

        def work(own: Bench) -> int:
            own.runner(
                own.adapter, lambda at: os.kill(os.getpid(), signal.SIGKILL) if at == case.detail else None
            ).run_once()
            return 0

        status = _ended(self._worker(bench, layout, work))
        told.killed += status == -signal.SIGKILL
        if status != -signal.SIGKILL:
            told.troubles.append(f"the worker did not die at its point and ended with {status}")
        self._pass_time(bench)

    def _doubt(self, _case: Case, bench: Bench, _layout: CellLayout, dice: Random, _told: Told) -> None:
        bench.run()
        for _ in range(DOUBTS):
            leave_in_doubt(bench, dice)
            bench.run()

    def _race(self, case: Case, bench: Bench, layout: CellLayout, dice: Random, told: Told) -> None:
        workers = [self._worker(bench, layout, _races) for _ in range(WORKERS)]
        doomed = workers[: WORKERS // 2] if "killed" in case.detail else []
        for worker in doomed:
            time.sleep(dice.uniform(0, max(self._settle_s, 0.1) / len(doomed)))
            told.killed += self._kill(worker, bench)
        for status in (_ended(worker) for worker in workers if worker not in doomed):
            if status:
                told.troubles.append(f"a worker of the race ended with {status}")
        self._pass_time(bench)

    def _control(self, case: Case, bench: Bench, _layout: CellLayout, _dice: Random, told: Told) -> None:
        """Without the record a lost answer doubles, unless the ERP itself keeps the key single."""
        bench.log = Forgetful(bench.state, "erp")
        bench.run(Faults("lost after", self._erp.words(case.kinds[0])[0]))
        times = max(bench.held(whole_only=False).values())
        if times < 2 and not bench.spec.native_key[case.kinds[0]]:
            told.troubles.append("the guard was taken out, and nobody saw it")

    def _worker(self, bench: Bench, layout: CellLayout, work: Callable[[Bench], int]) -> int:
        """Start a worker in a process of its own, with a log and connections of its own."""
        sys.stdout.flush()
        process = os.fork()
        if process:
            return process
        status = 1
        try:
            own = self._bench(bench.kinds, State(layout))
            own.documents, own.now_s = bench.documents, bench.now_s
            status = work(own)
        except BaseException:  # noqa: BLE001 a process ends here whatever happens, and its parent is told
            traceback.print_exc()
        finally:
            os._exit(status)

    def _kill(self, worker: int, bench: Bench) -> bool:
        """Kill a worker; whether it was still at work."""
        os.kill(worker, signal.SIGKILL)
        was_at_work = _ended(worker) == -signal.SIGKILL
        self._pass_time(bench)
        return was_at_work

    def _pass_time(self, bench: Bench) -> None:
        """The server ends what it was doing, and claims run out."""
        time.sleep(self._settle_s)
        bench.now_s += CLAIM_SECONDS + bench.spec.quiet_s + 1

    def _finish(self, bench: Bench) -> None:
        bench.run()
        if not self._erp.has_sessions:
            # A key that a person has to mend, which he does once.
            bench.log.retry([])
            bench.run()

    def _check(self, bench: Bench, told: Told) -> None:
        held = bench.held()
        if held != bench.once():
            told.troubles.append(f"held {sorted(held.values())}, planned {len(bench.documents)} once")
        if bench.statuses() != bench.all_done():
            told.troubles.append(f"statuses {bench.statuses()}")
        planned: Counter[tuple[str, str]] = Counter()
        booked: Counter[tuple[str, str]] = Counter()
        for kind in set(bench.kinds) - BOOKS_NOTHING:
            documents = {each.key: each for each in bench.documents.values() if each.kind == kind}
            days = [each.posted_on for each in documents.values()]
            for each in documents.values():
                planned.update(_sums((line.account, line.functional_minor) for line in each.lines))
            span = bench.adapter.held(kind, self._erp.company, min(days), max(days)) if days else {}
            for found in (one for key in documents for one in span.get(key, ())):
                lines = [(line.account, line.functional_minor) for line in found.booked] or [
                    (account, functional * times) for (account, functional, _), times in found.content.lines.items()
                ]
                booked.update(_sums(lines))
        if planned != booked:
            told.troubles.append(f"the ERP's books differ by {dict(booked - planned)} and {dict(planned - booked)}")


def _sums(lines: Iterator[tuple[str, int]] | list[tuple[str, int]]) -> Counter[tuple[str, str]]:
    """Debits and credits by account, so that a doubled document cannot hide in a sum of nothing."""
    sums: Counter[tuple[str, str]] = Counter()
    for account, minor in lines:
        sums[account, "debit" if minor >= 0 else "credit"] += abs(minor)
    return sums


def _delivers(own: Bench) -> int:
    own.run()
    return 0


def _races(own: Bench) -> int:
    """One document at a time, until nothing can be had for a while: the clock stands still, so lost claims stay."""
    runner = own.runner(Narrow(own.adapter, 1))
    idle = 0
    while idle < 20:
        idle = 0 if runner.run_once() else idle + 1
        time.sleep(0.01 if idle else 0)
    return 0


def _ended(worker: int) -> int:
    """What a worker ended with; minus the signal that killed it. One that hangs is killed and is a trouble."""
    until = time.monotonic() + _HUNG_S
    while time.monotonic() < until:
        process, status = os.waitpid(worker, os.WNOHANG)
        if process:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    return 75


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases that are not in the log yet; 1 where one of any run went wrong."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--runs", type=int, default=1, help="how often the whole matrix, each time with other dice")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--adapter", action="append", choices=list(ADAPTERS), help="one or several; else all there are")
    asked.add_argument("--kind", action="append", help="only kinds of this name")
    asked.add_argument("--log", type=Path, default=Path(".soak-delivery.jsonl"))
    asked.add_argument("--without-intents", action="store_true", help="the control: it has to end with 1")
    options = asked.parse_args(arguments)
    lines = options.log.read_text(encoding="utf-8").splitlines() if options.log.exists() else []
    done = {(each["case"], each["seed"]): each for each in map(json.loads, lines)}
    print(f"seed {options.seed}")  # noqa: T201 a long run
    wrong = 0
    for name in options.adapter or ADAPTERS:
        adapter = ADAPTERS[name]
        if not adapter.is_there():
            print(f"{name}: its server is not installed here, so nothing was run")  # noqa: T201
            wrong += bool(options.adapter)
            continue
        several = [kinds for kinds in adapter.kinds if not options.kind or set(options.kind) & set(kinds)]
        wrong += _soaked(name, several, options, done)
    return int(bool(wrong))


def _soaked(
    name: str,
    several: Sequence[tuple[str, ...]],
    options: argparse.Namespace,
    done: dict[tuple[str, str], dict[str, object]],
) -> int:
    """Run one ERP's cases and tell; how many went wrong."""
    began, told = time.monotonic(), Counter[str]()
    with tempfile.TemporaryDirectory() as folder, ADAPTERS[name].opened(Path(folder)) as erp:
        soak = Soak(erp, ADAPTERS[name].settle_s, has_intents=not options.without_intents)
        for run in range(options.runs):
            for case in cases(name, erp, several):
                key = (case.name, f"{options.seed}.{run}" + (" without intents" if options.without_intents else ""))
                if key not in done:
                    came = soak.run(case, f"{key}")
                    done[key] = {"case": key[0], "seed": key[1], **vars(came)}
                    with options.log.open("a", encoding="utf-8") as log:
                        log.write(json.dumps(done[key]) + "\n")
                line = done[key]
                told.update(cases=1, documents=int(str(line["documents"])), killed=int(str(line["killed"])))
                if line["troubles"]:
                    told["wrong"] += 1
                    print(f"{case.name} (seed {key[1]}): {line['troubles']}", flush=True)  # noqa: T201
    print(  # noqa: T201
        f"{name}: {told['cases']:,} cases, {told['documents']:,} documents, {told['killed']:,} workers killed, "
        f"{told['wrong']:,} not as planned; {time.monotonic() - began:.0f} s",
        flush=True,
    )
    return told["wrong"]


if __name__ == "__main__":
    sys.exit(main())
