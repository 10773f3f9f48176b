"""One publisher at a time, and what is recorded of files."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from entrepot.store import CellLayout, RawFile, State
from entrepot.store import state as state_module
from entrepot.store.errors import CellBusy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with contextlib.closing(State(CellLayout(tmp_path))) as opened:
        yield opened


def _lease_of(state: State, holder: str, ends_in_s: float) -> None:
    with state._engine.begin() as connection:
        connection.execute(
            sa.insert(state_module._LEASES).values(name="publish", holder=holder, expires_at_s=time.time() + ends_in_s)
        )


def _host() -> str:
    return socket.gethostname()


def _holders(state: State) -> list[str]:
    with state._engine.connect() as connection:
        return [row.holder for row in connection.execute(sa.select(state_module._LEASES))]


def test_a_second_publisher_is_sent_away_and_may_come_when_the_first_has_left(state: State) -> None:
    with state.lease("publish"):
        with pytest.raises(CellBusy), state.lease("publish"):
            pytest.fail("two publishers at once")
        assert len(_holders(state)) == 1
    with state.lease("publish"):
        pass
    assert _holders(state) == []


def test_two_threads_of_one_process_do_not_publish_together(tmp_path: Path) -> None:
    layout, outcome = CellLayout(tmp_path), []

    def second() -> None:
        with contextlib.closing(State(layout)) as other:
            try:
                with other.lease("publish"):
                    outcome.append("in")
            except CellBusy:
                outcome.append("busy")

    with contextlib.closing(State(layout)) as first, first.lease("publish"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert outcome == ["busy"]


def test_a_publisher_that_died_leaves_no_lock_behind(state: State) -> None:
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    ).stdout.strip()
    _lease_of(state, f"{_host()}:{dead}:00", 900)
    with state.lease("publish"):
        assert len(_holders(state)) == 1


def test_the_lease_of_a_dead_namesake_of_our_own_process_does_not_count(state: State) -> None:
    _lease_of(state, f"{_host()}:{os.getpid()}:00", 900)
    with state.lease("publish"):
        assert _holders(state) != [f"{_host()}:{os.getpid()}:00"]


def test_a_live_process_and_another_machine_keep_their_lease(state: State) -> None:
    for holder in (f"{_host()}:{os.getppid()}:00", "elsewhere:1:00"):
        _lease_of(state, holder, 900)
        with pytest.raises(CellBusy), state.lease("publish"):
            pytest.fail("the lease of another one was ignored")
        with state._engine.begin() as connection:
            connection.execute(sa.delete(state_module._LEASES))


def test_a_machine_that_has_not_renewed_for_long_loses_its_lease(state: State) -> None:
    _lease_of(state, "elsewhere:1:00", -1)
    with state.lease("publish"):
        assert "elsewhere:1:00" not in _holders(state)


def test_of_two_that_find_the_same_dead_lease_one_gets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = CellLayout(tmp_path)
    barrier, outcomes = threading.Barrier(2), []
    _lease_of(State(layout), "elsewhere:1:00", -1)
    insert = sa.insert

    def both_at_once(table: sa.Table) -> sa.Insert:
        with contextlib.suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=0.3)
        return insert(table)

    monkeypatch.setattr(sa, "insert", both_at_once)

    def take(holder: str) -> None:
        with contextlib.closing(State(layout)) as mine:
            try:
                mine._take("publish", holder)
                outcomes.append("in")
            except CellBusy:
                outcomes.append("busy")

    threads = [threading.Thread(target=take, args=(f"elsewhere:{number}:00",)) for number in (2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["busy", "in"]


def test_long_work_keeps_its_lease(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_module, "LEASE_SECONDS", 0.15)
    with state.lease("publish"):
        threading.Event().wait(0.4)
        with state._engine.connect() as connection:
            ends = connection.execute(sa.select(state_module._LEASES.c.expires_at_s)).scalar_one()
        assert ends > time.time()


def _file(raw_id: str, exported_at_us: int | None) -> RawFile:
    return RawFile(
        raw_id,
        "a.csv",
        "tmall",
        "tmall_orders",
        "tmall",
        "our shop",
        None,
        "gb18030",
        1,
        "|a|",
        exported_at_us,
        1,
        "[]",
    )


@pytest.mark.parametrize("times", [(None, 5, 9), (9, 5, None), (5, 9, None), (9, None, 5)])
def test_a_content_under_several_names_counts_as_exported_at_the_last_of_their_times(
    state: State,
    times: tuple[int | None, ...],
) -> None:
    state.add_file(_file("a", times[0]))
    for time_us in times[1:]:
        if time_us is not None:
            state.raise_export_time("a", time_us)
    found = state.file("a")
    assert found is not None
    assert found.exported_at_us == 9


def test_a_snapshot_marks_its_files(state: State) -> None:
    state.add_file(_file("a", None))
    state.add_file(_file("b", None))
    assert state.newest_snapshot() is None
    made = state.publish({"orders": 3}, ["a"])
    newest = state.newest_snapshot()
    assert newest is not None
    assert (newest.id, newest.versions) == (made.id, {"orders": 3})
    assert [file.raw_id for file in state.files(published_only=True)] == ["a"]
    state.raise_export_time("a", 7)
    assert state.files(published_only=True) == []


def test_a_publisher_whose_lease_went_to_another_one_publishes_nothing(state: State) -> None:
    with state.lease("publish"):
        with state._engine.begin() as connection:
            connection.execute(sa.update(state_module._LEASES).values(holder="elsewhere:1:00"))
        with pytest.raises(CellBusy):
            state.publish({"orders": 1}, [])
        assert state.newest_snapshot() is None
    assert _holders(state) == ["elsewhere:1:00"]


def test_many_that_open_a_new_cell_at_once_all_find_its_tables(tmp_path: Path) -> None:
    for turn in range(5):
        layout = CellLayout(tmp_path / str(turn))
        at_once = threading.Barrier(8)
        problems: list[BaseException] = []

        def opens(layout: CellLayout = layout, at_once: threading.Barrier = at_once) -> None:
            at_once.wait()
            try:
                State(layout).close()
            except BaseException as error:  # noqa: BLE001 told to the test's own thread
                problems.append(error)  # noqa: B023 joined in the same turn

        threads = [threading.Thread(target=opens) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert problems == []
