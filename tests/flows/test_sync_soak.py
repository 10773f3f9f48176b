"""The soak of every connector: what it finds decides how it ends, and a run that was stopped goes on.

What the runs themselves hold is held by `test_syncing.py` on a small scale, and by `make soak-sync` on a large one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.testing import sync_soak

if TYPE_CHECKING:
    import pytest

FOUND = {"wrong": 0, "shown": [], "orders": 3, "cases": 1, "seconds": 1}


def test_one_difference_fails_the_soak_and_what_is_done_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[sync_soak.Asked] = []

    def ran(run: sync_soak.Asked) -> dict[str, object]:
        asked.append(run)
        lost = run.way == "killed"
        return {**FOUND, "wrong": int(lost), "shown": ["order 7 is lost"] * lost}

    monkeypatch.setattr(sync_soak, "_run", ran)
    options = ["--platform", "jd", "--log", str(tmp_path / "log")]
    assert sync_soak.main([*options, "--way", "plain"]) == 0
    assert sync_soak.main(options) == 1
    assert sync_soak.main(options) == 1
    assert [(run.platform, run.way, run.kills) for run in asked] == [
        ("jd", "plain", 0),
        ("jd", "two", 0),
        ("jd", "killed", 12),
    ]
    assert "order 7 is lost" in capsys.readouterr().out


def test_half_of_the_orders_come_with_the_sale() -> None:
    world = sync_soak.Asked("tmall", "plain", 10, 400, 1, 0)
    trial = world.trial(Path("nowhere"))
    made = trial.sandbox().platforms["tmall"].world.made
    placed = [event.at for order in made for event in order.events if event.what == "placed"]
    assert trial.rush_s is not None
    on_the_day = sum(trial.rush_s <= at < trial.rush_s + 86_400 for at in placed)
    assert 180 <= on_the_day <= 260
    assert (min(placed) - trial.start_s) // 86_400 == 0
    assert (max(placed) - trial.start_s) // 86_400 == 9
