"""A cell comes up under each shipped law and judges by it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from entrepot.assembly import open_cell
from entrepot.flows.border import clear, door_for
from entrepot.flows.cells import init_cell
from entrepot.flows.duties import incident_deadlines
from entrepot.residency.duties import Incident
from entrepot.residency.judging import profile_of
from tests.residency.border.two_cells import two_cells
from tests.residency.law.more_regions import OTHERS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("region", OTHERS)
def test_a_cell_comes_up_under_the_law_and_knows_its_deadlines(region: str, tmp_path: Path) -> None:
    home = tmp_path / "cell"
    init_cell(home, "here", profile=region, region=region, entity="main", currency="USD")
    parts = open_cell(home)
    profile, _, _ = profile_of(door_for(parts), datetime.now(UTC))
    assert profile.name == region
    deadlines = incident_deadlines(parts, Incident(aware_at=datetime.now(UTC), persons=5_000))
    assert {"authority"} <= {told for each in deadlines for told in each["tell"]}
    assert all(each["en"] and each["zh"] and each["cite"] for each in deadlines)


def test_under_the_law_of_russia_a_cell_elsewhere_lets_nothing_out(tmp_path: Path) -> None:
    cells = two_cells(tmp_path)
    cells.sell()
    cells.permit("orders", "B", "planning")
    settings = cells.folder / "cn" / "cell.toml"
    text = settings.read_text(encoding="utf-8")
    assert text.count('profile = "CN"') == 1
    settings.write_text(text.replace('profile = "CN"', 'profile = "RU"'), encoding="utf-8")
    (refused,) = clear(cells.cn).refused
    assert "not_local" in [each.word for each in refused.reasons], "the first copy has to be in Russia"
    assert cells.envelopes() == []
