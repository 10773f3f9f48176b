"""Push messages as hints, against the sandbox: what they name is read by id, and polling stays the truth.

The sandbox sends them from the documented contracts alone. What it does not prove: when a platform really sends one again.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from entrepot.assembly import open_cell
from entrepot.connectors.live import stream
from entrepot.connectors.live.hints import REST_S, Intake
from entrepot.connectors.live.messages import Message
from entrepot.connectors.tmall.messages import MESSAGES
from entrepot.flows import syncing
from entrepot.flows.erasing import erase_persons, persons_from_list
from entrepot.flows.hints import Attending, message_status
from entrepot.flows.importing import replay
from entrepot.sandbox.http import SandboxServer
from entrepot.store import Arrival, CellLayout, Hint, HintState, RawLog, State, SyncState
from entrepot.testing.connector_suite import PASSPHRASE, QuickClock, Trial, differences, publish_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.connectors.live.contract import Request
    from entrepot.connectors.live.sending import Reply, Transport
    from entrepot.flows.parts import CellParts
    from entrepot.sandbox.http.platform import Simulated

_DAY = 86_400
_DOOR = "127.0.0.1:0"


@dataclass(frozen=True)
class _Kind:
    """What differs between platforms.

    Attributes:
        orders: Feed of orders.
        reads: Methods that read a document by its id.
        settings: Of its connection.
        faults: Faults of messages that it can have.
        confirms: What tells the platform that messages came, as module, class and method.
        says_when: Whether messages say when they were made, so that one read per version is enough.
    """

    orders: str
    reads: tuple[str, ...]
    confirms: tuple[str, str, str]
    settings: str = ""
    faults: frozenset[str] = frozenset({"push_twice", "push_again", "push_shuffled"})
    says_when: bool = False


KINDS = {
    "tmall": _Kind(
        "tmall_live_trades",
        ("taobao.trade.fullinfo.get", "taobao.refund.get"),
        ("entrepot.connectors.tmall.messages", "TmallMessages", "confirm_call"),
        says_when=True,
    ),
    "douyin": _Kind(
        "douyin_live_orders",
        ("order.orderDetail", "afterSale.List"),
        ("entrepot.connectors.live.door", "_Handler", "_say"),
        f'message_door = "{_DOOR}"\n',
        frozenset({"push_twice", "push_again", "push_shuffled", "push_forged"}),
    ),
    "pinduoduo": _Kind(
        "pinduoduo_live_orders",
        ("pdd.order.information.get", "pdd.refund.list.increment.get"),
        ("entrepot.connectors.pinduoduo.messages", "PinduoduoMessages", "acknowledgement"),
        'message_gateway = "{socket}"\n',
        frozenset({"push_twice", "push_again", "push_shuffled", "push_cut"}),
        says_when=True,
    ),
}
every_kind = pytest.mark.parametrize("name", sorted(KINDS))


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "only for tests")
    # A connection that breaks off is opened anew at once.
    monkeypatch.setattr(stream, "AGAIN_S", 0.05)


@contextlib.contextmanager
def _trial(name: str, home: Path, *faults: str, orders: int = 8) -> Iterator[tuple[Trial, SandboxServer, CellParts]]:
    """A shop whose connection takes messages; time passes there only when a test says so."""
    trial = Trial(name, home, frozenset(faults), orders=orders, days=1, tick_s=0.0)
    with SandboxServer(trial.sandbox()) as server:
        parts = trial.prepare(server)
        more = KINDS[name].settings.format(socket=server.base_url.replace("http", "ws"))
        (home / "cell.toml").write_text(
            (home / "cell.toml").read_text(encoding="utf-8") + f"messages = true\n{more}",
            encoding="utf-8",
        )
        yield trial, server, replace(parts, settings=open_cell(home).settings)


class _Run:
    """Takes messages and reads hints for as long as something happens in the shop; polls nothing."""

    def __init__(self, parts: CellParts, server: SandboxServer, *, is_new: bool = True) -> None:
        self.clock, self.server, self.documents, self.known = QuickClock(), server, 0, 0
        self.attending = Attending(parts, ("trial",), clock=self.clock)
        (self.platform,) = server.sandbox.platforms.values()
        port = self.attending.receiving.port(_DOOR)
        if port is not None and is_new:
            self.platform.send_to(f"http://127.0.0.1:{port}/messages")
        elif port is not None:
            self.platform.messages.to = f"http://127.0.0.1:{port}/messages"  # type: ignore[attr-defined]

    def until_the_end(self, step_s: int = _DAY) -> None:
        self.once()
        while self.platform.now < self.platform.world.end_s:
            self.server.sandbox.clock.advance(step_s)
            self.once()
        # Whatever was not confirmed comes again after a minute.
        self.server.sandbox.clock.advance(120)
        self.once()

    def once(self) -> None:
        for _ in range(2):
            self.platform.push()
            # Time leaps there: a call that is signed by the old one would be made twice.
            for shop in self.attending._open.values():
                shop.caller.learn_time()
            for each in self.attending.once().values():
                assert each.troubles == []
                self.documents += each.documents
                self.known += each.known
            self.clock.sleep(REST_S + 1)
            self.server.sandbox.clock.advance(REST_S + 1)

    @property
    def calls(self) -> dict[str, int]:
        return self.attending._open["trial"].caller.calls


def _wrong(parts: CellParts, server: SandboxServer, *, is_polled: bool = False) -> list[str]:
    """Where orders and cases differ from the truth, as far as messages tell of it; of what is on offer none does."""
    (platform,) = server.sandbox.platforms.values()
    found = [each for each in differences(parts, platform.truth()) if not each.startswith("listing ")]
    return found if is_polled else [each for each in found if not any(known in each for known in _untold(platform))]


def _untold(platform: Simulated) -> set[str]:
    """Orders and cases of whose last change a platform sends no message."""
    tells, found = getattr(platform.messages, "tells", ()), set[str]()  # type: ignore[attr-defined]
    for order in platform.world.made if tells else ():
        events = sorted(order.events, key=lambda event: event.seen_at)
        for number, of_it in (
            (order.order_id, events),
            (order.case_id, [each for each in events if each.what.startswith("refund_")]),
        ):
            if of_it and of_it[-1].what not in tells:
                found.add(number)
    return found


def _counts(parts: CellParts) -> dict[str, Any]:
    (told,) = message_status(parts)
    return {
        name: getattr(told.counts, name)
        for name in ("received", "repeated", "waiting", "gone", "unread", "refused", "foreign", "last_s")
    }


@every_kind
def test_without_any_poll_messages_twice_and_in_any_order_fill_the_tables_with_one_read_per_version(
    name: str, tmp_path: Path
) -> None:
    kind = KINDS[name]
    with _trial(name, tmp_path / "cell", *kind.faults) as (trial, server, parts):
        run = _Run(parts, server)
        with contextlib.closing(run.attending):
            run.until_the_end(_DAY // 4)
            assert server.sandbox.dial.fired.keys() == kind.faults
            assert sum(run.calls[each] for each in kind.reads) == run.documents + run.known
            assert run.known == 0 or not kind.says_when
        publish_tables(parts)
        assert _wrong(parts, server) == []
        counts = _counts(parts)
        assert counts["last_s"] is not None
        assert counts["repeated"] > 0
        assert (counts["waiting"], counts["gone"], counts["unread"], counts["foreign"]) == (0, 0, 0, 0)
        assert counts["refused"] == server.sandbox.dial.fired.get("push_forged", 0)
        with contextlib.closing(State(parts.layout)) as state, contextlib.closing(SyncState(state)) as sync:
            assert sync.watermark("trial", kind.orders) is None
        orders = run.platform.world.made
        kept = parts.layout.state.read_bytes()
        assert [order.order_id for order in orders if order.order_id.encode() in kept] == [], "ids stay in raw pages"
        assert b"nick of" not in kept, "the state holds what a message says"
        for blob in trial.layout.blobs.rglob("*.zst"):
            RawLog(trial.layout).restore(blob.stem, tmp_path / "plain")
            assert b"nick of" not in (tmp_path / "plain").read_bytes(), "a raw page holds what a message says"


def test_a_buyer_whose_order_was_read_by_its_number_alone_is_erased_from_that_page_too(tmp_path: Path) -> None:
    with _trial("douyin", tmp_path / "cell") as (trial, server, parts):
        run = _Run(parts, server)
        with contextlib.closing(run.attending):
            run.until_the_end()
        syncing.publish_pending(parts)
        order, listed = run.platform.world.made[0], tmp_path / "persons.csv"
        listed.write_text(f"person\n1@#{order.buyer}\n", encoding="utf-8")
        receiver, account = f"##{order.buyer}*", f"1@#{order.buyer}"

        def pages_with(value: str) -> int:
            found = 0
            for blob in trial.layout.blobs.rglob("*.zst"):
                RawLog(trial.layout).restore(blob.stem, tmp_path / "plain")
                found += value in (tmp_path / "plain").read_text(encoding="utf-8")
            return found

        assert (pages_with(receiver) > 0, pages_with(account) > 0) == (True, True)
        report = erase_persons(parts, persons_from_list(listed), "asked by letter", "Li Na")
        assert (report.persons, report.missing) == (1, ())
        assert (pages_with(receiver), pages_with(account), pages_with("[erased:") > 0) == (0, 0, True)
        replay(parts)
        assert _wrong(parts, server) == []


def test_several_refunds_of_an_order_are_read_together_and_each_is_kept(tmp_path: Path) -> None:
    with _trial("pinduoduo", tmp_path / "cell") as (_, server, parts):
        run = _Run(parts, server)
        methods: dict[str, Any] = run.platform._methods  # type: ignore[attr-defined]
        refunds = methods["pdd.refund.list.increment.get"]

        def twice(params: dict[str, str]) -> dict[str, Any]:
            """As if each order had a second refund that nothing has happened to since."""
            told = refunds(params)["refund_increment_get_response"]
            second = [{**row, "id": row["id"] + 1, "updated_time": row["created_time"]} for row in told["refund_list"]]
            rows = [*told["refund_list"], *second]
            return {"refund_increment_get_response": {"refund_list": rows, "total_count": len(rows)}}

        methods["pdd.refund.list.increment.get"] = twice
        with contextlib.closing(run.attending):
            run.until_the_end()
        publish_tables(parts)
        wrong = _wrong(parts, server)
        cases = {order.case_id for order in run.platform.world.made}
        seconds = {str(int(number) + 1) for number in cases}
        assert wrong
        assert all(any(f"case {number} is not in the truth" == each for number in seconds) for each in wrong)


@every_kind
def test_what_messages_never_told_polling_finds_and_what_they_told_it_does_not_read_again(
    name: str, tmp_path: Path
) -> None:
    with _trial(name, tmp_path / "cell", "push_lost") as (_, server, parts):
        server.sandbox.dial.every = 2
        run = _Run(parts, server)
        with contextlib.closing(run.attending):
            run.until_the_end()
        publish_tables(parts)
        assert server.sandbox.dial.fired["push_lost"] > 0
        assert _wrong(parts, server), "a message was lost, and with it what it told"
        start_s = run.platform.world.start_s
        found = syncing.extract(parts, "trial", start_s, clock=QuickClock(), only=("orders", "refunds"))
        orders = found[KINDS[name].orders]
        assert min(orders.known, orders.documents) > 0
        publish_tables(parts)
        assert _wrong(parts, server, is_polled=True) == []


_DIES = """
import importlib, os, sys, time
from pathlib import Path
from entrepot.assembly import open_cell
from entrepot.flows.hints import Attending
from entrepot.store import HintState
home, door, module, owner, name = sys.argv[1:]
setattr(getattr(importlib.import_module(module), owner), name, lambda *_args: os.kill(os.getpid(), 9))
attending = Attending(open_cell(Path(home)), ("trial",))
print(attending.receiving.port(door) or 0, flush=True)
while True:
    attending.once()
    time.sleep(0.05)
"""


@every_kind
def test_a_process_that_dies_between_taking_and_confirming_loses_no_message(name: str, tmp_path: Path) -> None:
    with _trial(name, tmp_path / "cell", orders=2) as (trial, server, parts):
        run = _Run(parts, server)
        run.once()
        run.attending.receiving.close()
        server.sandbox.clock.advance(2 * _DAY)
        outbox = run.platform.messages.outbox  # type: ignore[attr-defined]
        receiving = ("entrepot.store", "HintState", "receive")
        for where, waits in ((receiving, False), (KINDS[name].confirms, True)):
            _die(trial, run, where)
            assert outbox.unconfirmed > 0
            assert (_counts(parts)["waiting"] > 0) is waits, "hints are kept before messages are confirmed"
            server.sandbox.clock.advance(outbox.again_s)
        kept = _counts(parts)["received"]
        run.attending.close()
        run = _Run(parts, server, is_new=False)
        with contextlib.closing(run.attending):
            run.until_the_end()
        assert outbox.unconfirmed == 0
        assert _counts(parts)["repeated"] == kept > 0
        publish_tables(parts)
        assert _wrong(parts, server) == []


def _die(trial: Trial, run: _Run, where: tuple[str, str, str]) -> None:
    """Take messages in a process that is killed where it does something for the first time."""
    code = (sys.executable, "-c", _DIES, str(trial.home), _DOOR, *where)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(code, env=environment, stdout=subprocess.PIPE) as taking:
        assert taking.stdout is not None
        port = int(taking.stdout.readline() or 0)
        if port:
            run.platform.messages.to = f"http://127.0.0.1:{port}/"  # type: ignore[attr-defined]
            run.platform.push()
        assert taking.wait(60) == -9


@every_kind
def test_hints_rest_while_a_platform_fails_and_wait_until_polling_has_passed_them(name: str, tmp_path: Path) -> None:
    with _trial(name, tmp_path / "cell", orders=3) as (_, server, parts):
        run = _Run(parts, server)
        with contextlib.closing(run.attending):
            run.once()
            server.sandbox.clock.advance(_DAY)
            run.platform.push()
            run.attending.once()
            waiting = _counts(parts)["waiting"]
            assert waiting > 0
            caller = run.attending._open["trial"].caller
            sound, caller.transport = caller.transport, _Broken(caller.transport, KINDS[name].reads)
            run.clock.sleep(REST_S + 1)
            (failed,) = run.attending.once().values()
            assert [each.code for each in failed.troubles] == ["live.call_failed"]
            assert _counts(parts)["waiting"] == waiting
            caller.transport = sound
            run.attending.receiving.close()
            # Polling reads a day later, and by then it has passed every hint.
            server.sandbox.clock.advance(_DAY)
            run.clock.sleep(_DAY)
            start_s = run.platform.world.start_s
            syncing.extract(parts, "trial", start_s, clock=run.clock)
            counts = message_status(parts)[0].counts
            assert (counts.waiting, counts.passed) == (0, waiting)


class _Broken:
    """A transport on which no document comes back."""

    def __init__(self, sound: Transport, reads: tuple[str, ...]) -> None:
        self._sound = sound
        self._reads = {spelt.encode() for name in reads for spelt in (name, name.replace(".", "/"))}

    def send(self, request: Request) -> Reply:
        if any(name in request.url.encode() + request.body for name in self._reads):
            raise httpx.ConnectError("no document comes back")
        return self._sound.send(request)


def test_a_hint_that_a_later_read_has_shown_is_not_read_and_one_that_came_meanwhile_is(tmp_path: Path) -> None:
    with _hints(tmp_path) as hints:
        hints.receive("shop", [Arrival("1", (Hint("trades", "77", 1000.0),))], 5000.0)
        (claimed,) = hints.claim("shop", ("trades",), 5002.0, REST_S, 9)
        assert claimed.id == "77"
        assert hints.claim("shop", ("trades",), 5002.0, REST_S, 9) == [], "it is held"
        # A second message comes while it is read: what the read shows may be older than that.
        hints.receive("shop", [Arrival("2", (Hint("trades", "77", 1004.0),))], 5003.0)
        hints.settle([(claimed, 1003.0)], 5004.0)
        (again,) = hints.claim("shop", ("trades",), 5010.0, REST_S, 9)
        hints.settle([(again, 1010.0)], 5011.0)
        assert hints.counts("shop").waiting == 0
        hints.receive("shop", [Arrival("3", (Hint("trades", "77", 1007.0),))], 5020.0)
        assert (hints.counts("shop").waiting, hints.counts("shop").older) == (0, 1)
        hints.receive("shop", [Arrival("4", (Hint("trades", "77", 1008.0),))], 5021.0)
        assert hints.counts("shop").waiting == 1, "clocks show whole seconds"
        hints.receive("shop", [Arrival("4", (Hint("trades", "78"),))], 5022.0)
        assert (hints.counts("shop").waiting, hints.counts("shop").repeated) == (1, 1)
        hints.forget(5022.0)
        assert hints.counts("shop").waiting == 0, "nothing waits for ever"


def test_hints_of_a_dead_worker_are_free(tmp_path: Path) -> None:
    with _hints(tmp_path) as hints:
        hints.receive("shop", [Arrival("1", (Hint("trades", "77"),))], 5000.0)
        other = HintState(hints._state)
        assert len(other.claim("shop", ("trades",), 5010.0, REST_S, 9)) == 1
        assert hints.claim("shop", ("trades",), 5010.0, REST_S, 9) == []
        other.close()
        assert len(hints.claim("shop", ("trades",), 5010.0, REST_S, 9)) == 1


def test_messages_of_an_app_go_to_the_shops_that_they_name(tmp_path: Path) -> None:
    def message(number: str, seller: str, **said: object) -> Message:
        return Message(number, "taobao_trade_TradeBuyerPay", seller, said)

    with _hints(tmp_path) as hints:
        intake = Intake(MESSAGES, hints, "one", is_sole=False, sellers={"11": "one", "22": "two"})
        intake.take([message("1", "11", tid=71), message("2", "22", tid=72), message("3", "33", tid=73)], 1.0)
        assert {name: hints.counts(name).waiting for name in ("one", "two")} == {"one": 1, "two": 1}
        assert hints.counts("one").foreign == 1
        sole = Intake(MESSAGES, hints, "three")
        sole.take(
            [
                message("1", "33", tid=73),
                message("2", "33"),
                message("3", "33", tid="a b"),
                message("4", "33", tid=True),
            ],
            1.0,
        )
        assert (hints.counts("three").waiting, hints.counts("three").unread) == (1, 3)
    assert "73" not in repr(message("1", "33", tid=73))


@contextlib.contextmanager
def _hints(home: Path) -> Iterator[HintState]:
    with contextlib.closing(State(CellLayout(home))) as state, contextlib.closing(HintState(state)) as hints:
        yield hints
