"""What the delivery suite works with: an ERP under test, documents to deliver, a network that fails, a clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpx
import sqlalchemy as sa

from entrepot.delivery.calls import trusted
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    INVOICE,
    JOURNAL,
    PARTY,
    PAYMENT,
    PRODUCT,
    Document,
)
from entrepot.delivery.intents import Intent, IntentLog
from entrepot.delivery.running import Runner
from entrepot.testing.delivery_documents import SUITE_CODE, document, intent_of, settled_by, sums

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    from entrepot.delivery.erp import Adapter, ErpSpec, Found
    from entrepot.store import State

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


@dataclass(frozen=True)
class ErpUnderTest:
    """An ERP that a suite runs against; its documents stay there, so each test takes keys of its own.

    Attributes:
        connect: An adapter, over a transport of the test's or the network.
        company: A company that it has.
        currency: Of its books.
        accounts: Two accounts or more that it has.
        step_of: Of journals: by step, in order, a word that the body of its call holds and no other call's.
        spoilt: Makes of a journal one that the server itself refuses.
        has_sessions: Whether a 401 may mean that a session ran out; else it is a key that a person has to mend.
        receivable: An account for what customers owe, where it takes invoices.
        revenue: An account for what is sold, where it takes invoices.
        customer: A party that it has, where it takes sales orders or goods.
        materials: Products that it has, where it takes sales orders or goods.
        foreign: Another currency, where it keeps both amounts of invoices: half of them are in it.
        all_foreign: Whether all are.
        more_steps: As `step_of`, of kinds that are no journals.
        more_spoilt: As `spoilt`, of kinds that are no journals.
    """

    connect: Callable[[httpx.BaseTransport | None], Adapter]
    company: str
    currency: str
    accounts: Sequence[str]
    step_of: Mapping[str, bytes]
    spoilt: Callable[[Document], Document]
    has_sessions: bool = True
    receivable: str = ""
    revenue: str = ""
    customer: str = ""
    materials: Sequence[str] = ()
    foreign: str = ""
    all_foreign: bool = False
    more_steps: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    more_spoilt: Mapping[str, Callable[[Document], Document]] = field(default_factory=dict)

    @cached_property
    def spec(self) -> ErpSpec:
        """The ERP's facts."""
        adapter = self.connect(None)
        adapter.close()
        return adapter.spec

    def words(self, kind: str) -> list[bytes]:
        """By step of a kind, the word of its call."""
        return list((self.step_of if kind == JOURNAL else self.more_steps[kind]).values())

    def steps(self, kind: str) -> list[str]:
        """Steps of a kind."""
        return list(self.step_of if kind == JOURNAL else self.more_steps[kind])

    def spoil(self, document: Document) -> Document:
        """A document that the server itself refuses."""
        return (self.spoilt if document.kind == JOURNAL else self.more_spoilt[document.kind])(document)


class Faults(httpx.BaseTransport):
    """The network, with one fault for calls that hold a word.

    Args:
        fault: One of `FAULTS`; '' for none.
        word: What the path or the body of the call holds.
        times: How many such calls it meets.
    """

    def __init__(self, fault: str = "", word: bytes = b"", times: int = 1) -> None:
        self._fault, self._word, self.left = fault, word, times
        self.network: httpx.BaseTransport = httpx.HTTPTransport(verify=trusted())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a call, or let it fail."""
        if not self.left or not self._fault or self._word not in request.url.raw_path + request.read():
            return self.network.handle_request(request)
        self.left -= 1
        return self._failing(request)

    def close(self) -> None:
        """Give connections back."""
        self.network.close()

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
        answer = self.network.handle_request(request)
        content = answer.read()
        if self._fault == "lost after":
            raise httpx.ReadTimeout("nobody answers")
        if self._fault == "failed after":
            return httpx.Response(500, request=request)
        assert self._fault == "answer cut", "every fault is known"
        return httpx.Response(200, content=content[: len(content) // 2], request=request)


class FaultsInARow(Faults):
    """The network, with faults for each of some words, one call after the other.

    Args:
        faults: By word, which path or body of a call holds, the faults that such calls meet.
    """

    def __init__(self, faults: Mapping[bytes, Sequence[str]]) -> None:
        super().__init__()
        self._left = {word: list(several) for word, several in faults.items()}

    @property
    def left(self) -> int:
        """How many faults were not met."""
        return sum(len(each) for each in self._left.values())

    @left.setter
    def left(self, _times: int) -> None:
        """What the base counts is counted by word here."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a call, or let it fail as the next in line."""
        told = request.url.raw_path + request.read()
        faults = next((each for word, each in self._left.items() if word in told and each), None)
        if faults is None:
            return self.network.handle_request(request)
        self._fault = faults.pop(0)
        return self._failing(request)


class EveryFault(FaultsInARow):
    """The network, with every fault once for each of some words.

    Args:
        words: What the bodies of calls hold.
    """

    def __init__(self, words: Sequence[bytes]) -> None:
        super().__init__(dict.fromkeys(words, FAULTS))


class Narrow:
    """An adapter with smaller batches, so that workers meet more often.

    Args:
        adapter: The adapter.
        batch_max: Of its batches.
    """

    def __init__(self, adapter: Adapter, batch_max: int) -> None:
        self._adapter = adapter
        self.spec = replace(adapter.spec, batch_max=batch_max)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 whatever the adapter has
        return getattr(self._adapter, name)


class Died(BaseException):
    """The worker is gone, between two of its own statements."""


@dataclass
class Bench:
    """Documents to deliver, a log of their own, and a clock that nobody waits for.

    Attributes:
        erp: Where they go.
        kinds: Their kinds, which take the same steps by the same calls.
        state: Where the log is.
        documents: By id.
        now_s: The clock.
    """

    erp: ErpUnderTest
    kinds: tuple[str, ...]
    state: State
    documents: dict[str, Document]
    now_s: float = 1_000_000.0
    log: IntentLog = field(init=False)

    def __post_init__(self) -> None:
        self.log = IntentLog(self.state, "erp")

    def load(self, intents: Sequence[Intent]) -> Mapping[str, Document]:
        """What `Runner` takes to know its documents."""
        return {each.document_id: self.documents[each.document_id] for each in intents}

    def runner(self, adapter: Adapter, passed: Callable[[str], None] = lambda _point: None) -> Runner:
        """A worker on this log."""
        return Runner(adapter, self.log, self.load, clock=lambda: self.now_s, passed=passed)

    @cached_property
    def adapter(self) -> Adapter:
        """One over the network, which logs in once."""
        return self.erp.connect(None)

    def close(self) -> None:
        """Give connections back."""
        if "adapter" in self.__dict__:
            self.adapter.close()

    def run(self, transport: httpx.BaseTransport | None = None, batch_max: int = 0) -> None:
        """Deliver until nothing is open; time passes where a document is put off."""
        adapter = self.erp.connect(transport) if transport else self.adapter
        try:
            runner = self.runner(Narrow(adapter, batch_max) if batch_max else adapter)
            for _ in range(200):
                if runner.run_once():
                    continue
                ready = self.log.next_at_s()
                if ready is None:
                    return
                self.now_s = max(self.now_s, ready) + 1
            raise AssertionError("a run comes to an end")
        finally:
            if transport:
                adapter.close()

    def held(self, *, whole_only: bool = True) -> dict[str, int]:
        """How often the ERP holds each document; whole and as planned, if nothing else is said."""
        held: dict[str, int] = {}
        for kind in self.kinds:
            planned = {each.key: each for each in self.documents.values() if each.kind == kind}
            found = self.adapter.find(kind, next(iter(planned.values())).company, list(planned)) if planned else {}
            for key, several in found.items():
                held[key] = len(several)
                for one in several if whole_only else ():
                    self._check_whole(planned[key], one)
        return held

    def _check_whole(self, planned: Document, one: Found) -> None:
        assert one.content == planned.content, "the ERP holds what was planned"
        assert one.steps_done == len(self.spec.steps[planned.kind]), "it is in its last step"
        assert not one.booked or sums(one.booked) == sums(planned.lines), "and books what it should"
        assert one.booked or planned.kind not in (INVOICE, CREDIT_NOTE), "an invoice is booked"

    def statuses(self) -> dict[str, int]:
        """How many documents have each status."""
        counts: dict[str, int] = {}
        for each in self.log.documents():
            counts[each.status] = counts.get(each.status, 0) + 1
        return counts

    def add(self, documents: Sequence[Document]) -> None:
        """Plan documents; what payments settle is in the ERP before."""
        self._bill([each for each in documents if each.kind == PAYMENT])
        self.documents.update({each.document_id: each for each in documents})
        self.log.add([intent_of(each) for each in documents], {})

    def once(self) -> dict[str, int]:
        """Each document once, by key."""
        return {each.key: 1 for each in self.documents.values()}

    def all_done(self) -> dict[str, int]:
        """Statuses once everything is delivered."""
        return {"done": len(self.log.documents())}

    @property
    def spec(self) -> ErpSpec:
        """The ERP's facts."""
        return self.erp.spec

    def more(self, first: int, count: int) -> None:
        """Plan documents, of each kind in turn."""
        numbers = range(first, first + count)
        self.add([document(self.erp, self.kinds[number % len(self.kinds)], number) for number in numbers])

    def provide(self) -> None:
        """Bring in the party and the product that invoices name, where the ERP has such."""
        for kind in (each for each in (PARTY, PRODUCT) if each in self.spec.steps):
            (step,) = self.adapter.spec.steps[kind]
            one = document(self.erp, kind, 0, SUITE_CODE)
            if not self.adapter.find(kind, one.company, [SUITE_CODE]):
                outcome = self.adapter.send(step, [one], {})[one.document_id]
                assert outcome.word == "applied", outcome

    def _bill(self, payments: Sequence[Document]) -> None:
        """Bring in the invoices that payments settle."""
        refs: dict[str, str] = {}
        invoices = [settled_by(self.erp, each) for each in payments]
        for step in self.spec.steps[INVOICE] if invoices else ():
            for key, outcome in self.adapter.send(step, invoices, refs).items():
                assert outcome.word == "applied", outcome
                refs[key] = outcome.ref


def leave_in_doubt(bench: Bench, dice: Random | None = None, only: Sequence[str] = ()) -> None:
    """Mark documents as a worker that died in its call leaves them; all of them, or some in any order."""
    keys = list(only) or list(bench.documents)
    if dice:
        dice.shuffle(keys)
        keys = keys[: dice.randint(1, len(keys))]
    with bench.state.engine.begin() as connection:
        for key in keys:
            connection.execute(
                sa.text("update delivery_documents set status = 'sending', steps_done = 0 where document_id = :key"),
                {"key": key},
            )
