"""Copies of what left are kept as long as the law says, longer under a hold, and then no more."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from entrepot.flows import border
from entrepot.flows.border import clear, door_for
from entrepot.flows.border_records import copies_of, make_approver
from entrepot.flows.erasing import place_hold, release_hold
from entrepot.residency.border_errors import SaltErased
from entrepot.residency.border_state import Step
from entrepot.residency.gateway import Gateway
from entrepot.residency.profile import load_profile
from entrepot.residency.recording import commitment_in
from entrepot.residency.retention import _months_later, copies_kept
from entrepot.residency.transferlog import Commitments, entry_from_bytes
from entrepot_verify.cli import main as entrepot_verify
from tests.residency.border.two_cells import EVERY_EXPORT, TwoCells, two_cells

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> TwoCells:
    """Orders that left under two approvers, and journals that left before there were any."""
    made = two_cells(tmp_path_factory.mktemp("sent"))
    made.sell()
    made.put_on_file(*EVERY_EXPORT)
    made.permit(days=4000)
    assert len(clear(made.cn).cleared) == 1
    for name in ("officer", "counsel"):
        make_approver(made.cn, name, made.folder / f"{name}.key")
    made.permit("orders", "B", "planning", days=4000)
    assert len(clear(made.cn).cleared) == 1
    return made


@pytest.fixture
def cells(sent: TwoCells, tmp_path: Path) -> TwoCells:
    return sent.copied(tmp_path / "cells")


def kept(cells: TwoCells) -> list[str]:
    return sorted(path.name for path in (cells.folder / "cn" / "border" / "sent").iterdir())


def removals(cells: TwoCells) -> list[object]:
    with contextlib.closing(Gateway(door_for(cells.cn))) as gateway:
        entries = [entry_from_bytes(each) for each in gateway.log.entries(0, gateway.log.size)]
    return [each["hash"] for each in entries if each.get("statement") == "term-over"]


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    at = datetime.now(UTC) + timedelta(days=days)
    monkeypatch.setattr(border, "door_for", lambda parts: replace(door_for(parts), now=lambda: at))


def test_a_copy_is_there_until_its_last_day_and_gone_after_the_next_send(
    cells: TwoCells, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = copies_of(cells.cn)
    assert [(each["sealed"], each["held"], each["over"]) for each in found] == [(True, False, False)] * 2
    until = date.fromisoformat(found[0]["until"])
    today = datetime.now(UTC).date()
    assert until.year == today.year + 3
    before = kept(cells)
    later(monkeypatch, (until - today).days - 2)
    clear(cells.cn)
    assert kept(cells) == before
    assert removals(cells) == []
    later(monkeypatch, (until - today).days + 2)
    clear(cells.cn)
    assert kept(cells) == []
    with contextlib.closing(Gateway(door_for(cells.cn))) as gateway:
        closed = [each for each in gateway.state.transfers() if each.step is Step.CLOSED]
        assert removals(cells) == [each.envelope_hash for each in closed]
        said = commitment_in(closed[0].intent.encode())
    with pytest.raises(SaltErased):
        Commitments(cells.folder / "cn" / "border" / "salts.db").is_of(said, bytes(32))
    clear(cells.cn)
    assert len(removals(cells)) == 2
    log = str(cells.folder / "cn" / "border" / "log")
    assert entrepot_verify([log, "--key", border.verifier_of(cells.cn)]) == 0


def test_a_hold_keeps_every_copy_until_it_is_released(cells: TwoCells, monkeypatch: pytest.MonkeyPatch) -> None:
    (hold,) = place_hold(cells.cn, None, "2099-12-31", "lawsuit", "counsel")
    before = kept(cells)
    later(monkeypatch, 1200)
    clear(cells.cn)
    assert kept(cells) == before
    assert removals(cells) == []
    release_hold(cells.cn, hold.id, "settled", "counsel")
    clear(cells.cn)
    assert kept(cells) == []


def test_a_process_that_dies_between_saying_and_removing_is_followed_by_one_that_removes(cells: TwoCells) -> None:
    class Died(BaseException):
        pass

    def die(name: str) -> None:
        if name == "removal written":
            raise Died

    door = replace(door_for(cells.cn), now=lambda: datetime.now(UTC) + timedelta(days=1200))
    with contextlib.closing(Gateway(door, died_at=die)) as gateway, pytest.raises(Died):
        gateway.clear("orders")
    assert len(kept(cells)) == 2
    with contextlib.closing(Gateway(door)) as gateway:
        gateway.clear("orders")
    assert kept(cells) == []


def test_where_the_law_names_no_term_nothing_is_over(cells: TwoCells) -> None:
    silent = msgspec.structs.replace(load_profile("CN", date(2026, 11, 1)), records=())
    door = door_for(cells.cn)
    with contextlib.closing(Gateway(door)) as gateway:
        found = copies_kept(door, gateway.state, silent, datetime.now(UTC) + timedelta(days=36_500))
    assert [(each.until, each.is_over) for each in found] == [(None, False)] * 2


def test_months_end_on_a_day_that_there_is() -> None:
    assert _months_later(date(2024, 2, 29), 36) == date(2027, 2, 28)
    assert _months_later(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert _months_later(date(2026, 12, 31), 36) == date(2029, 12, 31)
