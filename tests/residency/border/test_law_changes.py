"""Another version of the law: what it would change, judged over the log, and how it comes into force."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from entrepot.flows.border import clear
from entrepot.flows.law_changes import adopt_law, compare_law
from entrepot.residency.law_changes import rule_changes
from entrepot.residency.law_errors import AdoptionRefused, VersionUnreadable
from entrepot.residency.profile import decode_profile, load_profile
from tests.residency.border.two_cells import EVERY_EXPORT, TwoCells, two_cells

if TYPE_CHECKING:
    from pathlib import Path

CN = (resources.files("entrepot.residency") / "profiles" / "CN.yaml").read_text(encoding="utf-8")
TODAY = datetime.now(UTC).date()
LATER = TODAY + timedelta(days=2)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> TwoCells:
    """A China cell from which three orders left under the shipped law."""
    made = two_cells(tmp_path_factory.mktemp("law"))
    made.sell()
    made.permit("orders", "B", "planning")
    made.put_on_file(*EVERY_EXPORT)
    assert len(clear(made.cn).cleared) == 1
    return made


@pytest.fixture
def cells(sent: TwoCells, tmp_path: Path) -> TwoCells:
    return sent.copied(tmp_path / "cells")


def draft(folder: Path, *changes: tuple[str, str], since: date = LATER) -> Path:
    """The shipped law with changes, as a lawyer would hand it over."""
    text = CN.replace("effective_from: 2026-01-01", f"effective_from: {since.isoformat()}")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "draft.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def lowered(folder: Path, since: date = LATER) -> Path:
    """A law whose lowest line is two persons."""
    threshold = next(
        each for each in load_profile("CN", date(2026, 6, 1)).thresholds().values() if each.persons == 100_000
    )
    return draft(folder, (f"persons: {threshold.persons}\n", "persons: 2\n"), since=since)


def test_a_lower_line_changes_what_left_and_what_would_leave(cells: TwoCells, tmp_path: Path) -> None:
    found = compare_law(cells.cn, "CN@2026-01", str(lowered(tmp_path)))
    (rule,) = [each for each in found.rules if each.section == "thresholds"]
    assert (rule.what, rule.fields) == ("changed", ("persons",))
    (again,) = found.transfers
    assert (again.before.route, again.before.is_allowed, again.is_as_told, again.same_terms) == (
        "free",
        True,
        True,
        True,
    )
    assert (again.after.route, again.after.is_allowed) == ("standard_contract_or_certification", False)
    assert again.is_changed
    (today,) = found.permits
    assert (today.transfer, today.before.route, today.is_changed) == ("", "free", True)


def test_the_same_law_changes_nothing_and_says_so(cells: TwoCells, tmp_path: Path) -> None:
    found = compare_law(cells.cn, "CN@2026-01", str(draft(tmp_path)))
    assert found.rules == ()
    assert [each.is_changed for each in (*found.permits, *found.transfers)] == [False, False]


def test_transfers_of_another_period_are_left_out(cells: TwoCells, tmp_path: Path) -> None:
    path = str(lowered(tmp_path))
    assert compare_law(cells.cn, "CN@2026-01", path, until=date(2026, 1, 1)).transfers == ()


def test_a_permit_that_was_changed_since_or_is_gone_is_told(cells: TwoCells, tmp_path: Path) -> None:
    permit = cells.folder / "cn" / "border" / "permits" / "orders.yaml"
    text = permit.read_text(encoding="utf-8")
    assert "purpose: planning" in text
    permit.write_text(text + "persons_max: 7\n", encoding="utf-8")
    path = str(lowered(tmp_path))
    (again,) = compare_law(cells.cn, "CN@2026-01", path).transfers
    assert not again.same_terms
    permit.unlink()
    found = compare_law(cells.cn, "CN@2026-01", path)
    assert (found.transfers, len(found.lost)) == ((), 1)


@pytest.mark.parametrize("version", ["CN@2026", "CN@2026-13", "no/such/file.yaml", "EU@2026-01"])
def test_what_is_no_version_is_named(cells: TwoCells, version: str) -> None:
    with pytest.raises(VersionUnreadable):
        compare_law(cells.cn, "CN@2026-01", version)


def test_rules_that_come_go_change_or_are_asked_earlier_are_told() -> None:
    old = decode_profile(CN, "CN")
    first, second, third, *rest = old.routes
    other: dict[str, Any] = {"routes": (second, first, *rest), "zone": "Asia/Shanghai"}

    found = {each.id: each.what for each in rule_changes(old, msgspec.structs.replace(old, **other))}
    assert found == {first.id: "moved", third.id: "removed"}
    back = {each.id: each.what for each in rule_changes(msgspec.structs.replace(old, **other), old)}
    assert back == {second.id: "moved", third.id: "added"}


def test_a_law_of_ones_own_holds_once_two_people_approved_its_text(cells: TwoCells, tmp_path: Path) -> None:
    path = lowered(tmp_path)
    first = adopt_law(cells.cn, path, "privacy-officer")
    assert (first.roles, first.path) == (("privacy-officer",), None)
    assert adopt_law(cells.cn, path, "privacy-officer").path is None, "one person twice is one person"
    second = adopt_law(cells.cn, path, "counsel")
    assert second.roles == ("counsel", "privacy-officer")
    folder = cells.cn.layout.profiles
    assert [each.name for each in folder.iterdir()] == [f"CN.{LATER.isoformat()}.yaml"]
    assert load_profile("CN", LATER, folder).digest == second.profile.digest
    assert load_profile("CN", TODAY, folder).digest == load_profile("CN", TODAY).digest


def test_a_law_that_nobody_approved_stops_every_transfer(cells: TwoCells, tmp_path: Path) -> None:
    """Somebody puts a milder law into the folder: nothing leaves under it."""
    path = draft(tmp_path, ("persons: 100000\n", "persons: 900000\n"), since=date(2026, 2, 1))
    folder = cells.cn.layout.profiles
    folder.mkdir(parents=True)
    mine = folder / "CN.2026-02-01.yaml"
    mine.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (refused,) = clear(cells.cn).refused
    assert [each.word for each in refused.reasons] == ["law_not_adopted"]
    for role in ("privacy-officer", "counsel"):
        adopt_law(cells.cn, mine, role)
    assert clear(cells.cn).refused == []
    mine.write_text(mine.read_text(encoding="utf-8").replace("900000", "900001"), encoding="utf-8")
    (refused,) = clear(cells.cn).refused
    assert [each.word for each in refused.reasons] == ["law_not_adopted"], "an approval is of a content"


def test_the_past_keeps_its_answer(cells: TwoCells, tmp_path: Path) -> None:
    with pytest.raises(AdoptionRefused, match="the past keeps its answer"):
        adopt_law(cells.cn, lowered(tmp_path, since=date(2026, 3, 1)), "counsel")
    assert not cells.cn.layout.profiles.exists()
