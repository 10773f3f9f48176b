"""Live sync against the sandbox: whatever the platform does, the tables equal its truth.

Each sandbox runs over HTTP on loopback. What it does not prove: that the platforms behave as their manuals say.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.assembly import open_cell
from entrepot.connectors.live.errors import ConnectionMissing, FeedUnknown, NotLive, RightMissing
from entrepot.connectors.registry import CONNECTORS
from entrepot.connectors.tmall.api import REFUNDS, TRADES
from entrepot.flows import syncing
from entrepot.flows.erasing import erase_persons, persons_from_list
from entrepot.flows.importing import _shop_defaults, replay
from entrepot.sandbox.http import SandboxServer
from entrepot.sandbox.http.pinduoduo_bills import order_sn
from entrepot.sandbox.http.server import PLATFORMS
from entrepot.sandbox.http.taobao import Taobao
from entrepot.store import CredentialStore, RawLog, State, SyncState
from entrepot.testing.connector_suite import (
    DRIFT_FAULTS,
    HEALING_FAULTS,
    PASSPHRASE,
    QuickClock,
    Trial,
    differences,
    never_fired,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEED = 20_261_111
ORDERED = sorted(name for name, kind in PLATFORMS.items() if kind.has_orders)
"""Platforms that tell orders; what only hands out files is in test_bills.py."""
_HOUR = 3600


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is one: thousands of small commits that wait for a disk prove nothing more here."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "only for tests")


@pytest.mark.parametrize("platform", ORDERED)
def test_with_every_fault_on_nothing_is_lost_doubled_or_wrong(platform: str, tmp_path: Path) -> None:
    busy = PLATFORMS[platform].busy
    span_s, home = busy.span_hours * _HOUR, tmp_path / "cell"
    trial = Trial(platform, home, HEALING_FAULTS, SEED, busy.orders, busy.days, page_rows=busy.page_rows, span_s=span_s)
    with SandboxServer(trial.sandbox()) as server:
        assert trial.run(server, max(busy.span_hours, 8), books=False) == [], f"seed {SEED}"
        assert never_fired(server.sandbox, platform) == set(), f"seed {SEED}"


@pytest.mark.parametrize("platform", ORDERED)
@pytest.mark.parametrize("fault", sorted(DRIFT_FAULTS))
def test_drift_quarantines_and_a_replay_heals_once_the_page_is_read_again(
    platform: str, fault: str, tmp_path: Path
) -> None:
    trial = Trial(platform, tmp_path / "cell", frozenset({fault}), SEED, orders=6, days=1, span_s=24 * _HOUR)
    with SandboxServer(trial.sandbox()) as server:
        found = trial.run(server, hours=72, books=False)
        assert found, "a field that decides has changed"
        assert all("is lost" in each for each in found if each.startswith("order ")), found
        parts = trial.prepare(server)
        if fault == "field_retyped":
            return
        assert any("unknown_field" in " ".join(each.findings) for each in syncing.status(parts, 0.0))
        healed = trial.healed(parts, fault)
        replay(healed)
        assert differences(healed, server.sandbox.platforms[platform].truth()) == []


def test_two_workers_on_one_shop_share_windows_and_lose_nothing(tmp_path: Path) -> None:
    trial = Trial("tmall", tmp_path / "cell", frozenset({"page_shift", "duplicates"}), SEED, orders=30, days=1)
    with SandboxServer(trial.sandbox()) as server:
        trial.prepare(server)
        server.sandbox.clock.advance(60 * _HOUR)
        workers = [_worker(trial.home) for _ in range(2)]
        assert [worker.wait(timeout=120) for worker in workers] == [0, 0]
        parts = trial.prepare(server)
        syncing.extract(parts, "trial", server.sandbox.platforms["tmall"].world.start_s, clock=QuickClock())
        syncing.publish_pending(parts)
        assert differences(parts, server.sandbox.platforms["tmall"].truth()) == []


def test_two_processes_ask_for_each_page_of_a_run_once(tmp_path: Path) -> None:
    """What a workflow engine would note of each step, windows, versions and raw pages tell: see decision 26."""
    trial = Trial("tmall", tmp_path / "cell", frozenset(), SEED, orders=60, days=2, tick_s=0.0, span_s=_HOUR)
    with SandboxServer(trial.sandbox()) as server:
        trial.prepare(server)
        server.sandbox.clock.advance(20 * 24 * _HOUR)
        platform = server.sandbox.platforms["tmall"]
        assert isinstance(platform, Taobao)
        made: Counter[tuple[str, ...]] = Counter()
        connections = set[int]()

        def noted(name: str, answer: Callable[[dict[str, str]], dict[str, Any]]) -> None:
            def answering(params: dict[str, str]) -> dict[str, Any]:
                made[(name, *(params[each] for each in ("start_modified", "page_no", "use_has_next")))] += 1
                connections.add(threading.get_ident())
                # Long enough for the other process to come to the same place.
                time.sleep(0.05)
                return answer(params)

            platform._methods[name] = answering

        for feed in (TRADES, REFUNDS):
            noted(feed.listing.name, platform._methods[feed.listing.name])
        workers = [_worker(trial.home) for _ in range(2)]
        assert [worker.wait(timeout=120) for worker in workers] == [0, 0]
        assert len(connections) > 1, "one process did it all"
        assert {step: times for step, times in made.items() if times > 1} == {}


def test_killed_at_any_moment_a_run_goes_on_and_loses_nothing(tmp_path: Path) -> None:
    trial = Trial("tmall", tmp_path / "cell", frozenset(), SEED, orders=40, days=1)
    dice = random.Random(SEED)
    with SandboxServer(trial.sandbox()) as server:
        trial.prepare(server)
        server.sandbox.clock.advance(60 * _HOUR)
        killed = 0
        for _ in range(6):
            worker, until_s = _worker(trial.home), server.sandbox.clock.now_s() + dice.randint(1, 12) * trial.tick_s
            while worker.poll() is None and server.sandbox.clock.now_s() < until_s:
                time.sleep(0.002)
            if worker.poll() is None:
                worker.send_signal(signal.SIGKILL)
                worker.wait()
                killed += 1
        assert killed, "no run lasted long enough to be killed"
        parts = trial.prepare(server)
        syncing.extract(parts, "trial", server.sandbox.platforms["tmall"].world.start_s, clock=QuickClock())
        syncing.publish_pending(parts)
        assert differences(parts, server.sandbox.platforms["tmall"].truth()) == []


def _worker(home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "entrepot", "sync", "run", "trial", "--home", str(home), "--no-publish", "--json"]
    # A trial knows no reports of days: they are held to files, not to the truth of orders.
    command += ["--only", "orders", "--only", "refunds", "--only", "listings"]
    source = str(Path(syncing.__file__).parents[2])
    return subprocess.Popen(
        [*command, "--since", "2026-11-01"],
        env={**os.environ, "PYTHONPATH": source},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_no_secret_is_in_state_raw_pages_or_settings(tmp_path: Path) -> None:
    trial = Trial("tmall", tmp_path / "cell", frozenset({"token_expiry"}), SEED, orders=10, days=1)
    with SandboxServer(trial.sandbox()) as server:
        assert trial.run(server, hours=72) == []
        kept = CredentialStore(trial.prepare(server).layout, "trial", "file").read(("access_token",))
        hidden = [server.sandbox.connections("")["tmall"]["secret"], kept["access_token"], "session-1", "refresh-1"]
    raw = RawLog(trial.layout)
    for path in (path for path in trial.home.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix == ".zst":
            target = tmp_path / "plain"
            raw.restore(path.stem, target)
            content = target.read_bytes()
        for value in hidden:
            assert value.encode() not in content, path.name


def test_a_token_that_nobody_can_renew_asks_for_a_person(tmp_path: Path) -> None:
    trial = Trial("tmall", tmp_path / "cell", frozenset(), SEED, orders=3, days=1)
    with SandboxServer(trial.sandbox()) as server:
        parts = trial.prepare(server)
        server.sandbox.clock.advance(24 * _HOUR)
        store = CredentialStore(parts.layout, "trial", "file")
        store.write({"app_key": "12129701", "secret": "sandbox-secret-of-taobao", "access_token": "old"})
        with pytest.raises(RightMissing, match="authorise the app again"):
            syncing.extract(parts, "trial", 1_793_462_400, clock=QuickClock())


def test_a_wrong_secret_is_told_as_such_and_nothing_is_kept(tmp_path: Path) -> None:
    trial = Trial("tmall", tmp_path / "cell", frozenset(), SEED, orders=3, days=1)
    with SandboxServer(trial.sandbox()) as server:
        parts = trial.prepare(server)
        store = CredentialStore(parts.layout, "trial", "file")
        store.write({"app_key": "12129701", "secret": "wrong", "access_token": "session-1"})
        with pytest.raises(Exception, match="check the app's secret"):
            syncing.connect(parts, "trial")
        with contextlib.closing(State(parts.layout)) as state:
            assert state.files() == []


@pytest.mark.parametrize("platform", ORDERED)
def test_pages_and_windows_of_the_usual_size_are_answered(platform: str, tmp_path: Path) -> None:
    # A trial makes them small; here they are as users ask for them.
    trial = Trial(platform, tmp_path / "cell", frozenset(), SEED, orders=2, days=1)
    with SandboxServer(trial.sandbox()) as server:
        trial.prepare(server)
        parts = open_cell(tmp_path / "cell")
        server.sandbox.clock.advance(3 * 24 * 3600)
        start_s = server.sandbox.platforms[platform].world.start_s
        found = syncing.extract(parts, "trial", start_s, clock=QuickClock())
        live = syncing.live_connector(parts, platform).live
        assert live is not None
        assert found.keys() == {feed.name for feed in live.every_feed}
        assert sum(each.documents for each in found.values()) > 0


def test_connections_that_are_not_there_say_what_to_do(tmp_path: Path) -> None:
    trial = Trial("tmall", tmp_path / "cell", frozenset(), SEED, orders=1, days=1)
    with SandboxServer(trial.sandbox()) as server:
        parts = trial.prepare(server)
        with pytest.raises(ConnectionMissing, match="add one"):
            syncing.extract(parts, "nobody", 0)
        with pytest.raises(FeedUnknown, match=r"there is no feed order .* there are: listings, orders, refunds"):
            syncing.extract(parts, "trial", 0, only=("order",))
        assert syncing.extract(parts, "trial", 2**31, only=("refunds",)).keys() == {"tmall_live_refunds"}
        with pytest.raises(NotLive, match="tmall"):
            syncing.live_connector(parts, "efapiao")


def test_a_platform_without_files_has_the_defaults_of_its_shops_too(tmp_path: Path) -> None:
    found = _shop_defaults(open_cell(tmp_path))
    for connector in CONNECTORS:
        for feed in connector.feeds:
            assert found[feed.channel].sale_model == connector.spec.sale_model
            assert found[feed.channel].recognition == connector.spec.recognition


def test_the_watermark_stops_at_the_first_window_that_is_not_done(tmp_path: Path) -> None:
    trial = Trial("tmall", tmp_path / "cell", frozenset(), SEED, orders=1, days=1)
    trial.home.mkdir()
    with contextlib.closing(State(trial.layout)) as state:
        sync = SyncState(state)
        assert sync.plan("s", "f", "live", 0, 300, 100) == 3
        assert sync.plan("s", "f", "live", 0, 300, 100) == 0
        first = sync.claim("s", "f", "live", 0.0)
        second = sync.claim("s", "f", "live", 0.0)
        assert first is not None
        assert second is not None
        sync.claim("s", "f", "live", 0.0, finished=second)
        assert sync.watermark("s", "f") is None
        sync.claim("s", "f", "live", 0.0, finished=first)
        assert sync.watermark("s", "f") == 200


def test_a_limit_is_one_for_all_workers_and_backfill_leaves_room(tmp_path: Path) -> None:
    trial = Trial("tmall", tmp_path / "cell", frozenset(), SEED, orders=1, days=1)
    trial.home.mkdir()
    with contextlib.closing(State(trial.layout)) as state:
        one, other = SyncState(state), SyncState(state)
        granted = sum(worker.pass_gate("m", 1.0, 10, 1000.0) == 0 for _ in range(10) for worker in (one, other))
        assert granted == 10
        assert one.pass_gate("m", 1.0, 10, 1000.0) == pytest.approx(1.0)
        assert sum(one.pass_gate("n", 1.0, 10, 1000.0, share=0.5) == 0 for _ in range(10)) == 5
        assert other.pass_gate("n", 1.0, 10, 1000.0) == 0
        one.close_gate("n", 1060.0, "banned")
        assert other.pass_gate("n", 1.0, 10, 1000.0) == pytest.approx(60.0)


_KEY_OF_AN_ADDRESS = {
    "kuaishou": "openAddressId",
    "pinduoduo": "open_address_id",
    "tmall": "oaid",
    "xiaohongshu": "openAddressId",
}


@pytest.mark.parametrize("platform", sorted(_KEY_OF_AN_ADDRESS))
def test_an_erased_buyer_is_in_no_raw_page_and_the_orders_stay_as_they_are(platform: str, tmp_path: Path) -> None:
    trial = Trial(platform, tmp_path / "cell", frozenset(), SEED, orders=8, days=1)
    with SandboxServer(trial.sandbox()) as server:
        assert trial.run(server, hours=72) == []
        parts = trial.prepare(server)
        order = server.sandbox.platforms[platform].world.made[0]
        listed = tmp_path / "persons.csv"
        # Pinduoduo names no buyer: an order of the person does.
        named = order_sn(order) if platform == "pinduoduo" else order.buyer
        listed.write_text(f"person\n{named}\n", encoding="utf-8")
        shown = _raw_texts(trial, tmp_path, order.buyer)
        assert shown
        of_an_address = re.compile(rf'"{_KEY_OF_AN_ADDRESS[platform]}": ?"([^"]+)"')
        lines = [line for text in shown for line in text.splitlines() if order.buyer in line]
        found = {key for line in lines for key in of_an_address.findall(line)}
        # A page that holds whole orders names those of others too; there the simulated key names its buyer.
        keys = {key for key in found if len(found) == 1 or order.buyer in key}
        assert len(keys) == 1
        report = erase_persons(parts, persons_from_list(listed), "asked by letter", "Li Na")
        assert (report.persons, report.missing) == (1, ())
        assert _raw_texts(trial, tmp_path, order.buyer) == []
        assert _raw_texts(trial, tmp_path, keys.pop()) == []
        assert any(order.order_id in each for each in _raw_texts(trial, tmp_path, "[erased:"))
        replay(parts)
        assert differences(parts, server.sandbox.platforms[platform].truth()) == []


def _raw_texts(trial: Trial, folder: Path, value: str) -> list[str]:
    """Raw pages that hold a value."""
    found = []
    for path in sorted(trial.layout.blobs.rglob("*.zst")):
        RawLog(trial.layout).restore(path.stem, folder / "plain")
        text = (folder / "plain").read_text(encoding="utf-8")
        found += [text] if value in text else []
    return found
