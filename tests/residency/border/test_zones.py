"""The published list of a free-trade zone is a dated file of its own; with it, data outside the list leaves freely."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from entrepot.flows.border import clear, receive
from entrepot.flows.border_records import declare_flow
from entrepot.flows.permits import accept_permit, check_permit
from entrepot.residency.law_errors import ProfileInvalid
from entrepot.residency.meter_reading import Persons
from entrepot.residency.profile import load_profile
from tests.residency.border.two_cells import EVERY_EXPORT, TwoCells, two_cells

if TYPE_CHECKING:
    from pathlib import Path

LIST = """\
# Invented for a test.
id: test-zone-2026
title: {en: list of a zone, zh: 某自贸区负面清单}
zone: test-zone
effective_from: 2026-02-01
entries:
  - {sector: retail, scenario: membership}
cite:
  instrument: an invented list
  article: retail, membership
  text_version: of 2026
  source: invented for a test
  checked_on: 2026-11-21
  mark: M
"""
STATED = {
    "zone": "test-zone",
    "list_id": "test-zone-2026",
    "is_registered": "true",
    "exports_from_zone": "true",
    "sector": "retail",
    "scenario": "membership",
    "is_on_list": "false",
    "filing": "F-1",
}


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> TwoCells:
    """Orders of a company that is over the line above which a contract has to be filed."""
    made = two_cells(tmp_path_factory.mktemp("zones"))
    made.sell()
    made.permit("orders", "B", "planning", accepted=False)
    made.put_on_file(*EVERY_EXPORT)
    declare_flow(made.cn, "main", "opening", Persons(0, 150_000), evidence="letter-4", role="privacy-officer")
    return made


@pytest.fixture
def cells(sold: TwoCells, tmp_path: Path) -> TwoCells:
    return sold.copied(tmp_path / "cells")


def publish(cells: TwoCells, *names: str, text: str = LIST, file: str = "CN.test-zone.yaml") -> None:
    for name in names:
        folder = cells.folder / name / "profiles" / "zones"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")


def state(cells: TwoCells, **changes: str) -> None:
    path = cells.folder / "cn" / "border" / "permits" / "orders.yaml"
    said = ", ".join(f"{name}: {value}" for name, value in (STATED | changes).items())
    text = path.read_text(encoding="utf-8")
    assert "  zone: null" in text
    path.write_text(text.replace("  zone: null", f"  zone: {{{said}}}"), encoding="utf-8")
    accept_permit(cells.abroad, path, "cn")


def test_data_outside_the_list_leaves_freely_and_the_other_cell_has_to_know_the_list(cells: TwoCells) -> None:
    state(cells)
    assert check_permit(cells.cn, "orders").route == "standard_contract_or_certification"
    publish(cells, "cn")
    (cleared,) = clear(cells.cn).cleared
    assert (cleared.judgement.verdict.row, cleared.manifest.route) == ("cn-7-free-trade-zone", "free")
    assert cleared.judgement.verdict.exempt
    assert [each.reason for each in receive(cells.abroad).refused] == ["other_profile"]
    publish(cells, "global", text=LIST.replace("membership", "parcels"))
    assert [each.reason for each in receive(cells.abroad).refused] == ["other_profile"]
    publish(cells, "global")
    assert [each.permit for each in receive(cells.abroad).applied] == ["orders"]


@pytest.mark.parametrize(
    "changes",
    [
        {"is_registered": "false"},
        {"exports_from_zone": "false"},
        {"is_on_list": "true"},
        {"filing": '""'},
        {"sector": "cars"},
        {"list_id": "another-list"},
    ],
)
def test_whoever_does_not_meet_every_condition_has_no_zone(cells: TwoCells, changes: dict[str, str]) -> None:
    publish(cells, "cn")
    state(cells, **changes)
    (refusal,) = clear(cells.cn).refused
    assert [each.word for each in refusal.reasons] == ["evidence_none_on_file"]
    assert cells.envelopes() == []


def test_a_list_holds_from_its_day_on_and_a_newer_one_takes_its_place(cells: TwoCells) -> None:
    newer = LIST.replace("2026-02-01", "2026-06-01").replace("membership", "parcels")
    publish(cells, "cn")
    publish(cells, "cn", text=newer, file="CN.test-zone-2.yaml")
    folder = cells.folder / "cn" / "profiles"

    def scenarios(day: date) -> list[str]:
        return [entry.scenario for each in load_profile("CN", day, folder).zones for entry in each.entries]

    assert scenarios(date(2026, 1, 31)) == []
    assert scenarios(date(2026, 5, 31)) == ["membership"]
    assert scenarios(date(2026, 6, 1)) == ["parcels"]
    digests = {load_profile("CN", date(2026, month, 2), folder).digest for month in (1, 3, 7)}
    assert len(digests) == 3
    assert load_profile("EU", date(2026, 7, 2), folder).zones == ()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("instrument: an invented list -> instrument: ''", "test-zone-2026"),
        ("zone: test-zone -> zones: test-zone", "zone"),
        ("scenario: membership} -> scenario: membership, thresholds: {cn-line-volume-contract: 5}}", "all or none"),
    ],
)
def test_a_list_without_a_citation_or_with_half_of_the_lines_is_refused_with_the_whole_law(
    cells: TwoCells, change: str, problem: str
) -> None:
    old, new = change.split(" -> ")
    assert old in LIST
    publish(cells, "cn", text=LIST.replace(old, new, 1))
    with pytest.raises(ProfileInvalid, match=problem):
        clear(cells.cn)
