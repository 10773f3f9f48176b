"""Files that platforms hand out by API: whatever happens on the way, they count as if a person had imported them.

Each sandbox runs over HTTP on loopback. What it does not prove: that the platforms behave as their manuals say.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.assembly import open_cell
from entrepot.connectors.live.errors import (
    BillDamaged,
    BillGone,
    BillUnread,
    CallRejected,
    ConnectionMissing,
    RightMissing,
)
from entrepot.flows import syncing
from entrepot.flows.bills import Together
from entrepot.flows.erasing import erase_persons, persons_from_list
from entrepot.flows.importing import import_paths
from entrepot.sandbox.http import amazon
from entrepot.sandbox.http.bills import day_start_s, private_key_text
from entrepot.store import CellLayout, RawFile, RawLog, State
from entrepot.testing.bill_suite import DAY, FAULTS, HOUR, BillTrial, lines_of, settings, write_files
from entrepot.testing.connector_suite import PASSPHRASE
from entrepot.testing.equal_tables import hashes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.connectors.live.extract import Extracted
    from entrepot.flows.parts import CellParts
    from entrepot.sandbox.http.pinduoduo_bills import Moved

PLATFORMS = ("alipay", "amazon", "douyin", "jzt", "pinduoduo", "wechatpay")
FIRST_DAY = "2026-11-01"


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "only for tests")


class Synced:
    """A cell that fetched every file with every fault on, and one into which a person brought them."""

    def __init__(self, folder: Path) -> None:
        with BillTrial(folder / "cell", PLATFORMS, FAULTS) as trial:
            self.parts, did = trial.run()
            self.late = sum(each.late for each in did)
            self.known = sum(each.known for each in did)
            self.fetched = sum(each.documents for each in did)
            self.troubles = [each for done in did for each in done.troubles]
            self.fired = {name: set(trial.sandbox(name).dial.fired) for name in PLATFORMS}
            syncing.publish_pending(self.parts)
            self.hand = trial.imported(folder / "hand")
            self.truth = {name: trial.simulated(name).truth() for name in PLATFORMS}
            self.settled: dict[str, int] = trial.sandbox("amazon").platforms["amazon"].settled_minor()  # type: ignore[attr-defined]
            self.moved: list[Moved] = trial.sandbox("pinduoduo").platforms["pinduoduo"].bills.moved(0, 1 << 40)  # type: ignore[attr-defined]
            self.files = {name: trial.simulated(name).files() for name in PLATFORMS}


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synced]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PASSPHRASE, "only for tests")
        yield Synced(tmp_path_factory.mktemp("bills"))


def test_files_by_api_give_every_table_that_the_same_files_give_by_hand(synced: Synced) -> None:
    by_api, by_hand = (hashes(parts, also_without=("file_name",)) for parts in (synced.parts, synced.hand))
    assert by_api == by_hand
    assert {"settlement_lines", "wallet_lines", "settlements", "ledger_entries", "ad_spend"} <= by_api.keys()
    assert synced.fetched == len(lines_of(synced.parts, "raw_files"))
    # Whatever was told passed with a later run.
    assert {type(each) for each in synced.troubles} <= {BillDamaged}


def test_every_fault_happened_to_every_platform_that_can_have_it(synced: Synced) -> None:
    # A list shows a report once it is done: nobody is told of one that is late.
    expected = {name: set(FAULTS) - {"clock_skew"} for name in PLATFORMS}
    expected["amazon"] = expected["amazon"] - {"file_late"} | {"token_expiry"}
    # Of a plain file nothing is stated that could be another one.
    for name in ("douyin", "jzt", "pinduoduo"):
        expected[name] = expected[name] - {"digest_wrong"} | {"token_expiry"}
    assert {name: expected[name] - synced.fired[name] for name in PLATFORMS} == {name: set() for name in PLATFORMS}
    assert synced.late > 0


def test_the_lines_are_those_that_happened(synced: Synced) -> None:
    fields = {
        "settlement_lines": ("order_id", "kind", "amount_minor"),
        "wallet_lines": ("amount_minor", "balance_minor"),
    }
    for table, names in fields.items():
        found = {
            row["line_id"]: tuple(row[name] for name in names)
            for row in lines_of(synced.parts, table)
            if row["channel"] in ("alipay", "wechatpay")
        }
        truth = [*synced.truth["alipay"][table], *synced.truth["wechatpay"][table]]
        assert found == {each["line_id"]: tuple(each[name] for name in names) for each in truth}
        assert found
    settled: dict[str, int] = {}
    for row in lines_of(synced.parts, "settlement_lines"):
        if row["channel"] == "amazon":
            settled[row["settlement_id"]] = settled.get(row["settlement_id"], 0) + row["amount_minor"]
    assert settled == {number: minor for number, minor in synced.settled.items() if minor}
    assert settled
    told = [
        (row["order_id"], row["kind"], row["amount_minor"])
        for row in lines_of(synced.parts, "settlement_lines")
        if row["channel"] == "pinduoduo"
    ]
    moved = [(each.order_sn or None, each.what.removesuffix("_back"), each.minor) for each in synced.moved]
    assert sorted(told, key=str) == sorted(moved, key=str)
    assert [row for row in lines_of(synced.parts, "exceptions") if row["kind"] == "control_total"] == []
    assert {each.what for each in synced.moved} == {"order_income", "order_refund", "fee", "fee_back", "withdrawal"}


def test_advertising_is_what_was_spent_in_the_end(synced: Synced) -> None:
    days = {name.removeprefix("jzt_ads_").removesuffix(".csv") for name in synced.files["jzt"]}
    names = ("campaign", "currency", "amount_minor")
    told = sorted((str(row["spent_on"]), *(row[name] for name in names)) for row in lines_of(synced.parts, "ad_spend"))
    truth = synced.truth["jzt"]["ad_spend"]
    assert told == sorted((row["spent_on"], *(row[name] for name in names)) for row in truth if row["spent_on"] in days)
    assert len(told) == 2 * len(days) > 0


def test_status_tells_how_far_each_feed_is_and_how_many_files_came(synced: Synced) -> None:
    found = {each.feed: each for each in syncing.status(synced.parts, time.time())}
    assert found.keys() == {
        "alipay_bills_ledger",
        "amazon_bills_settlements",
        "douyin_bills_funds",
        "douyin_bills_settlements",
        "jzt_bills_ads",
        "pinduoduo_bills_account",
        "wechatpay_bills_funds",
        "wechatpay_bills_trades",
    }
    for each in found.values():
        assert each.watermark_s is not None
        assert each.pages == each.documents > 0
    files = len(synced.files["alipay"])
    assert found["alipay_bills_ledger"].documents == files


def test_no_secret_and_no_link_is_kept(synced: Synced, tmp_path: Path) -> None:
    hidden = [
        b"token=t0",
        b"fileId=t0",
        b"sign=t0",
        b"x-signature=t0",
        b"Signature=t0",
        b"X-Amz-Signature",
        b"PRIVATE KEY",
        private_key_text()[40:80].encode(),
    ]
    for path in (path for path in synced.parts.layout.home.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix == ".zst":
            RawLog(synced.parts.layout).restore(path.stem, tmp_path / "plain")
            content = (tmp_path / "plain").read_bytes()
        assert not [value for value in hidden if value in content], path.name


def test_a_file_that_was_imported_by_hand_counts_once(tmp_path: Path) -> None:
    with BillTrial(tmp_path / "cell", ("wechatpay",), orders=6, days=1) as trial:
        parts = trial.prepare()
        trial.sandbox("wechatpay").clock.advance(4 * DAY)
        (tmp_path / "files").mkdir()
        brought = write_files(trial.simulated("wechatpay"), tmp_path / "files")
        import_paths(parts, brought, shop="wechatpay shop")
        before = lines_of(parts, "raw_files")
        did = trial.fetch(parts, "wechatpay")
        assert sum(each.documents for each in did.values()) == 0
        assert sum(each.known for each in did.values()) == len(brought) == len(before)
        assert syncing.publish_pending(parts) is None
        with contextlib.closing(State(parts.layout)) as state:
            assert len(state.files()) == len(brought)


def test_an_erased_payer_is_in_no_file_and_does_not_come_back_with_it(tmp_path: Path) -> None:
    with BillTrial(tmp_path / "cell", ("wechatpay",), orders=2, days=1) as trial:
        parts, order = trial.prepare(), trial.simulated("wechatpay").world.made[0]
        trial.sandbox("wechatpay").clock.advance(3 * DAY)
        trial.fetch(parts, "wechatpay")
        syncing.publish_pending(parts)
        payer = f"o{order.buyer}"
        (tmp_path / "persons.csv").write_text(f"person\n{payer}\n", encoding="utf-8")
        assert _holding(parts, payer, tmp_path) == 1
        erase_persons(parts, persons_from_list(tmp_path / "persons.csv"), "asked by letter", "Li Na")
        assert _holding(parts, payer, tmp_path) == 0
        # Somebody who fetches the days once more, as after a lost state, gets the same bytes, which are known.
        with contextlib.closing(State(parts.layout)) as state, state.engine.begin() as connection:
            connection.exec_driver_sql("delete from sync_versions")
            connection.exec_driver_sql("update sync_windows set done_at_s = null")
        did = trial.fetch(parts, "wechatpay")
        assert sum(each.known for each in did.values()) > 0
        assert _told(did)["documents"] == 0
        assert _holding(parts, payer, tmp_path) == 0


def _holding(parts: CellParts, value: str, folder: Path) -> int:
    """Raw files that hold a value."""
    with contextlib.closing(State(parts.layout)) as state:
        files = state.files()
    found = 0
    for file in files:
        RawLog(parts.layout).restore(file.raw_id, folder / "plain")
        found += value.encode() in (folder / "plain").read_bytes()
    return found


def test_what_came_meanwhile_and_was_cleaned_stays_as_it_is(tmp_path: Path) -> None:
    raw = RawLog(CellLayout(tmp_path / "cell"))
    plain, waiting = tmp_path / "plain", tmp_path / "waiting"
    plain.write_bytes(b"as it came")
    waiting.mkdir()
    file = RawFile("ab12", "f", "c", "fmt", "c", "s", None, None, 1, "", None, 0)
    for there, stays in ((b"", b"as it came"), (b"cleaned", b"cleaned")):
        filing = Together(raw, waiting)
        filing.staged_path("ab12", "fmt").write_bytes(b"rows")
        filing.keep(plain, file)
        if there:
            (tmp_path / "cleaned").write_bytes(there)
            raw.replace(tmp_path / "cleaned", "ab12")
        filing.put_in_place()
        raw.restore("ab12", tmp_path / "restored")
        assert (tmp_path / "restored").read_bytes() == stays
        assert raw.staged_path("ab12", "fmt").read_bytes() == b"rows"


def test_a_day_that_is_late_keeps_the_watermark_and_not_the_days_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with BillTrial(tmp_path / "cell", ("wechatpay",), orders=12, days=3) as trial:
        parts, simulated = trial.prepare(), trial.sandbox("wechatpay").platforms["wechatpay"]
        first = day_start_s(FIRST_DAY)
        assert first is not None
        is_made = type(simulated)._is_made  # type: ignore[attr-defined]
        monkeypatch.setattr(
            type(simulated), "_is_made", lambda self, start: start != first + DAY and is_made(self, start)
        )
        trial.sandbox("wechatpay").clock.advance(3 * DAY + 11 * HOUR)
        assert _told(trial.fetch(parts, "wechatpay")) == {"late": 2, "documents": 4, "troubles": 0}
        assert _marks(parts) == {first + DAY}
        assert _waits(parts, trial) == {"the file is not there yet"}
        # Nobody asks again within a quarter of an hour, and what was read is not read again.
        monkeypatch.setattr(type(simulated), "_is_made", is_made)
        assert _told(trial.fetch(parts, "wechatpay")) == {"late": 2, "documents": 0, "troubles": 0}
        trial.sandbox("wechatpay").clock.advance(HOUR)
        assert _told(trial.fetch(parts, "wechatpay")) == {"late": 0, "documents": 2, "troubles": 0}
        assert _marks(parts) == {first + 3 * DAY}


def test_a_day_without_movements_is_no_error_and_is_believed_a_day_later(tmp_path: Path) -> None:
    with BillTrial(tmp_path / "cell", ("alipay",), orders=1, days=1) as trial:
        parts = trial.prepare()
        # Before nine in the morning nobody asks.
        trial.sandbox("alipay").clock.advance(DAY + 8 * HOUR)
        assert _told(trial.fetch(parts, "alipay")) == {"late": 0, "documents": 0, "troubles": 0}
        assert _marks(parts) == {None}
        trial.sandbox("alipay").clock.advance(2 * HOUR)
        assert _told(trial.fetch(parts, "alipay"))["late"] == 1
        trial.sandbox("alipay").clock.advance(DAY)
        trial.fetch(parts, "alipay")
        first = day_start_s(FIRST_DAY)
        assert first is not None
        assert _marks(parts) == {first + DAY}


def test_a_file_of_an_unknown_format_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    with BillTrial(tmp_path / "cell", ("wechatpay",), orders=6, days=1) as trial:
        parts = trial.prepare()
        trial.sandbox("wechatpay").clock.advance(DAY + 11 * HOUR)
        funds = next(each for each in parts.connectors if each.spec.name == "wechatpay")
        known = tuple(each for each in funds.formats if each.name != "wechatpay_trades")
        blind = replace(
            parts,
            connectors=tuple(replace(each, formats=known) if each is funds else each for each in parts.connectors),
        )
        did = trial.fetch(blind, "wechatpay")
        assert [type(each) for each in did["wechatpay_bills_trades"].troubles] == [BillUnread]
        assert did["wechatpay_bills_funds"].documents == 1
        with contextlib.closing(State(parts.layout)) as state:
            assert [each.format for each in state.files()] == ["wechatpay_funds"]
        # Once the format is known the window, which stayed open, gives it.
        assert trial.fetch(parts, "wechatpay")["wechatpay_bills_trades"].documents == 1


def test_killed_between_download_and_record_nothing_is_lost_or_twice(tmp_path: Path) -> None:
    with BillTrial(tmp_path / "cell", ("wechatpay",), orders=6, days=1) as trial:
        parts = {moment: replace(trial, home=tmp_path / moment).prepare() for moment in MOMENTS}
        trial.sandbox("wechatpay").clock.advance(DAY + 11 * HOUR)
        assert _killed(tmp_path) == dict.fromkeys(MOMENTS, signal.SIGKILL)
        for moment in MOMENTS:
            kept = 1 if moment == "behind" else 0
            with contextlib.closing(State(parts[moment].layout)) as state:
                assert len(state.files()) == kept, moment
            links = trial.sandbox("wechatpay").platforms["wechatpay"]._links.given  # type: ignore[attr-defined]
            asked = len(links)
            did = trial.fetch(parts[moment], "wechatpay")
            # What is recorded is not even asked for.
            assert len(links) - asked == 2 - kept, moment
            assert (_told(did)["documents"], sum(each.known for each in did.values())) == (2 - kept, kept), moment
            with contextlib.closing(State(parts[moment].layout)) as state:
                files = state.files()
            assert sorted(each.format for each in files) == ["wechatpay_funds", "wechatpay_trades"], moment
            raw = RawLog(parts[moment].layout)
            assert all(raw.path(each.raw_id).exists() for each in files), moment
            assert all(raw.staged_path(each.raw_id, each.format).exists() for each in files), moment


MOMENTS = ("before", "within", "behind")
"""Before a file is recorded, when it has its name and the transaction is open, and when only the window is not done."""

_KILL = """
import os, signal, sys
from pathlib import Path
from entrepot.assembly import open_cell
from entrepot.flows import syncing
from entrepot.store import SyncState
from entrepot.testing.connector_suite import QuickClock

record = SyncState.record_all

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def dying(moment):
    def recorded(self, files, window, digests, put_in_place, now_s):
        if moment == "before":
            die()
        if moment == "within":
            record(self, files, window, digests, lambda: (put_in_place(), die()), now_s)
        record(self, files, window, digests, put_in_place, now_s)
        die()
    return recorded

for moment in sys.argv[2:]:
    child = os.fork()
    if not child:
        SyncState.record_all = dying(moment)
        syncing.extract(open_cell(Path(sys.argv[1]) / moment), "wechatpay", 1_793_462_400, clock=QuickClock())
        os._exit(0)
    print(moment, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def _killed(folder: Path) -> dict[str, int]:
    """Run a sync in a process of its own for each moment, which dies then; moment to the signal that ended it."""
    source = str(Path(syncing.__file__).parents[2])
    said = subprocess.run(
        [sys.executable, "-c", _KILL, str(folder), *MOMENTS],
        env={**os.environ, "PYTHONPATH": source},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout
    return {moment: -int(code) for moment, code in (line.split() for line in said.splitlines())}


def test_an_app_without_the_right_to_files_syncs_its_orders_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> None:
        raise amazon._Refused(403, "Unauthorized", "Access to requested resource is denied.")

    monkeypatch.setattr(amazon.Amazon, "_of_reports", denied)
    with BillTrial(tmp_path / "cell", ("amazon",), orders=4, days=1) as trial:
        trial.prepare()
        trial.sandbox("amazon").clock.advance(2 * DAY)
        whole = open_cell(trial.home)
        did = trial.fetch(whole, "amazon")
        assert did["amazon_live_orders"].documents == 4
        assert [type(each) for each in did["amazon_bills_settlements"].troubles] == [RightMissing]
        told = (trial.home / "cell.toml").read_text(encoding="utf-8")
        (trial.home / "cell.toml").write_text(told + "bills = false\n", encoding="utf-8")
        quiet = trial.fetch(open_cell(trial.home), "amazon")
        assert "amazon_bills_settlements" not in quiet
        assert all(each.troubles == [] for each in quiet.values())
        asked = {each.feed for each in syncing.status(open_cell(trial.home), 0.0)}
        assert asked == quiet.keys()


def test_what_the_platform_keeps_no_more_is_not_asked_for_and_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with BillTrial(tmp_path / "cell", ("amazon", "wechatpay"), orders=4, days=1) as trial:
        parts, simulated = trial.prepare(), trial.sandbox("wechatpay").platforms["wechatpay"]
        monkeypatch.setattr(type(simulated), "_is_made", lambda *_: False)
        for name in trial.platforms:
            trial.sandbox(name).clock.advance(DAY + 11 * HOUR)
        assert _told(trial.fetch(parts, "wechatpay")) == {"late": 2, "documents": 0, "troubles": 0}
        for name in trial.platforms:
            trial.sandbox(name).clock.advance(90 * DAY)
        did = trial.fetch(parts, "wechatpay")
        # Both bills of the first days, which were late until they were gone.
        gone = [each for done in did.values() for each in done.troubles]
        assert {type(each) for each in gone} == {BillGone}
        assert {"2026-11-01"} <= {each.bill for each in gone if isinstance(each, BillGone)}
        assert _told(trial.fetch(parts, "wechatpay"))["troubles"] == 0
        # A list is refused that begins earlier than files are kept.
        since_s = 0
        found = syncing.extract(parts, "amazon", since_s, clock=trial.clock, transport=trial.transport)
        assert [each.troubles for each in found.values()] == [[]]
        assert found["amazon_bills_settlements"].windows > 1


def test_a_wrong_key_is_told_as_such_and_a_check_keeps_nothing(tmp_path: Path) -> None:
    with BillTrial(tmp_path / "cell", ("alipay", "wechatpay"), orders=6, days=1) as trial:
        parts = trial.prepare()
        for name in ("alipay", "wechatpay"):
            trial.sandbox(name).clock.advance(2 * DAY + 11 * HOUR)
            found = syncing.connect(parts, name)
            assert isinstance(found["listed"], dict)
            assert set(found["listed"].values()) <= {0, 1}
        store = syncing.secrets_of(parts, syncing.connection_of(parts, "wechatpay"))
        kept = store.read(("merchant_id", "serial_no", "private_key"))
        store.write({**kept, "serial_no": "another"})
        with pytest.raises(CallRejected, match="check private_key and serial_no"):
            syncing.connect(parts, "wechatpay")
        told = [each for done in trial.fetch(parts, "wechatpay").values() for each in done.troubles]
        assert [type(each) for each in told] == [CallRejected, CallRejected]
        with contextlib.closing(State(parts.layout)) as state:
            assert state.files() == []


def test_a_shop_and_who_pays_it_out_are_two_connections_with_secrets_of_their_own(tmp_path: Path) -> None:
    text = settings(("tmall",)) + "".join(
        f'[[connections]]\nshop = "tmall shop"\nchannel = "{channel}"\nregion = "CN"\ncredentials = "file"\n'
        for channel in ("alipay", "tmall")
    )
    (tmp_path / "cell.toml").write_text(text, encoding="utf-8")
    parts = open_cell(tmp_path)
    asked = {
        name: syncing.connection_of(parts, name).channel
        for name in ("tmall shop", "tmall", "alipay", "tmall shop:alipay")
    }
    assert asked == {"tmall shop": "tmall", "tmall": "tmall", "alipay": "alipay", "tmall shop:alipay": "alipay"}
    with pytest.raises(ConnectionMissing):
        syncing.connection_of(parts, "tmall shop:wechatpay")
    for name in ("tmall", "alipay"):
        syncing.secrets_of(parts, syncing.connection_of(parts, name)).write({"app_key": name})
    kept = [
        syncing.secrets_of(parts, syncing.connection_of(parts, name)).read(("app_key",)) for name in ("tmall", "alipay")
    ]
    assert kept == [{"app_key": "tmall"}, {"app_key": "alipay"}]


def _told(did: dict[str, Extracted]) -> dict[str, Any]:
    return {
        "late": sum(each.late for each in did.values()),
        "documents": sum(each.documents for each in did.values()),
        "troubles": sum(len(each.troubles) for each in did.values()),
    }


def _marks(parts: CellParts) -> set[int | None]:
    return {each.watermark_s for each in syncing.status(parts, time.time())}


def _waits(parts: CellParts, trial: BillTrial) -> set[str]:
    now_s = trial.sandbox("wechatpay").clock.now_s()
    return {reason for each in syncing.status(parts, now_s) for _, reason in each.closed.values()}
