"""A third regulated region is a profile and a cell: the journey works with no other code."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from entrepot.assembly import open_cell
from entrepot.flows.border import clear, receive, verifier_of
from entrepot.flows.cells import init_cell, pair_cells
from entrepot.flows.importing import import_paths
from entrepot.flows.law_changes import adopt_law
from entrepot.flows.permits import accept_permit, check_permit, new_permit
from entrepot.residency.law_errors import ProfileInvalid, ProfileUnknown
from entrepot.residency.permits.terms import Circumstances, Recipient
from entrepot.residency.profile import load_profile
from entrepot.testing.small_files import tmall_text
from tests.residency.border.two_cells import PERMISSION, SALES, SHOP, TwoCells

if TYPE_CHECKING:
    from pathlib import Path

# Invented: a region that wants an assessment of every export and lets nothing out without one.
LAW = """
name: XX
title: {en: Invented region, zh: 虚构地区}
effective_from: %(since)s
zone: UTC
routes:
  - id: xx-1-no-personal-data
    title: {en: no personal data, zh: 不含个人数据}
    when: {personal: false}
    route: free
    exempt: true
    cite: &law {instrument: Invented Act, article: "1", text_version: first, source: invented for a test, checked_on: 2026-11-28, mark: M}
  - id: xx-2-assessed
    title: {en: personal data with an assessment, zh: 经评估的个人数据}
    when: {personal: true}
    route: standard_contract_or_certification
    evidence_required: [[impact_assessment]]
    cite: {<<: *law, article: "2"}
evidence:
  - id: impact_assessment
    title: {en: assessment, zh: 评估}
    needed: route
    cite: {<<: *law, article: "3"}
counters:
  - id: xx-persons
    title: {en: persons, zh: 人数}
    unit: person
    window: calendar_year@UTC
    classes: [sensitive, non_sensitive]
    count_exempt: false
    warn_at_percent: [80]
    thresholds:
      - {id: xx-many, title: {en: many, zh: 多}, class: non_sensitive, persons: 100000, cite: {<<: *law, article: "4"}}
    cite: {<<: *law, article: "4"}
"""


def law(home: Path, since: str = "2026-01-01", name: str = "XX.yaml") -> None:
    folder = home / "profiles"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(LAW % {"since": since}, encoding="utf-8")
    if (home / "cell.toml").exists():
        for role in ("privacy-officer", "counsel"):
            adopt_law(open_cell(home), folder / name, role)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> TwoCells:
    """The small cells with one of an invented region in the place of the China cell; each test works on a copy."""
    folder = tmp_path_factory.mktemp("third") / "cells"
    for name, region, currency in (("cn", "XX", "CNY"), ("global", "EU", "EUR")):
        init_cell(folder / name, name, profile=region, region=region, entity="main", currency=currency)
    settings = folder / "cn" / "cell.toml"
    shop = f'\n[[shops]]\nshop = "{SHOP}"\nchannel = "tmall"\nentity = "main"\n'
    settings.write_text(settings.read_text(encoding="utf-8") + shop, encoding="utf-8")
    found = TwoCells(folder)
    keys = {"cn": verifier_of(found.cn), "global": verifier_of(found.abroad)}
    for name, other, region in (("cn", "global", "EU"), ("global", "cn", "XX")):
        mail = folder / "mail"
        send, arrives = mail / f"to-{other}", mail / f"to-{name}"
        pair_cells(folder / name, other, region=region, verifier=keys[other], send=send, receive=arrives)
    files = folder / "files"
    files.mkdir()
    (files / "orders.csv").write_text(tmall_text(SALES, SHOP), encoding="gb18030")
    import_paths(found.cn, [files])
    path = new_permit(
        found.cn,
        "orders",
        shape="B",
        to="global",
        purpose="planning",
        recipient=Recipient("Brand GmbH", "EU", "privacy@brand.example"),
        processor="main",
        circumstances=Circumstances(important_data=False),
        platforms=PERMISSION,
        days=365,
    )
    accept_permit(found.abroad, path, "cn")
    return found


@pytest.fixture
def cells(made: TwoCells, tmp_path: Path) -> TwoCells:
    return made.copied(tmp_path / "cells")


def test_with_a_profile_in_both_company_folders_orders_of_a_third_region_leave_and_arrive(cells: TwoCells) -> None:
    for name in ("cn", "global"):
        law(cells.folder / name)
    assert [each[0] for each in check_permit(cells.cn, "orders").reasons] == ["evidence_none_on_file"]
    assert [each.reasons[0].word for each in clear(cells.cn).refused] == ["evidence_none_on_file"]
    assert cells.envelopes() == []
    cells.put_on_file("impact_assessment")
    (cleared,) = clear(cells.cn).cleared
    assert (cleared.manifest.profile, cleared.manifest.route) == ("XX/2026-01-01", "standard_contract_or_certification")
    assert cleared.transfer.persons == 3
    (arrived,) = receive(cells.abroad).applied
    assert (arrived.permit, arrived.rows) == ("orders", cleared.manifest.rows)


def test_a_receiver_that_does_not_know_the_law_or_knows_another_text_of_it_applies_nothing(cells: TwoCells) -> None:
    law(cells.folder / "cn")
    cells.put_on_file("impact_assessment")
    clear(cells.cn)
    (refused,) = receive(cells.abroad).refused
    assert refused.reason == "other_profile"
    law(cells.folder / "global")
    path = cells.folder / "global" / "profiles" / "XX.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("100000", "100001"), encoding="utf-8")
    arrivals = receive(cells.abroad)
    assert [each.reason for each in arrivals.refused] == ["other_profile"]
    assert arrivals.applied == []


def test_an_unknown_profile_and_one_that_is_not_yet_in_force_refuse(cells: TwoCells) -> None:
    cells.put_on_file("impact_assessment")
    with pytest.raises(ProfileUnknown):
        clear(cells.cn)
    law(cells.folder / "cn", since="2099-01-01")
    with pytest.raises(ProfileUnknown) as refusal:
        clear(cells.cn)
    assert "2099-01-01" in str(refusal.value)
    assert cells.envelopes() == []


def test_a_profile_whose_rules_do_not_hold_together_refuses(cells: TwoCells) -> None:
    law(cells.folder / "cn")
    path = cells.folder / "cn" / "profiles" / "XX.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("[[impact_assessment]]", "[[no_such_paper]]"), encoding="utf-8"
    )
    with pytest.raises(ProfileInvalid):
        clear(cells.cn)
    assert cells.envelopes() == []


def test_a_newer_profile_of_ones_own_takes_the_place_of_the_older_from_its_day_on(tmp_path: Path) -> None:
    law(tmp_path)
    law(tmp_path, since="2027-01-01", name="XX.2027-01-01.yaml")
    folder = tmp_path / "profiles"
    for day, since in ((date(2026, 12, 31), date(2026, 1, 1)), (date(2027, 1, 1), date(2027, 1, 1))):
        assert load_profile("XX", day, folder).effective_from == since
