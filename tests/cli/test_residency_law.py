"""`entrepot residency diff` and `adopt` as a person and a program see them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.residency.border.test_law_changes import lowered, sent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.residency.border.two_cells import TwoCells

__all__ = ["sent"]


def test_both_commands_speak_to_people_and_programs(
    run: Callable[..., Any],
    sent: TwoCells,
    tmp_path: Path,
) -> None:
    cells = sent.copied(tmp_path / "cells")
    path, home = lowered(tmp_path), ("--home", cells.folder / "cn")
    told = run("residency", "diff", "CN@2026-01", path, "--lang", "zh", *home).out
    assert "重新判定 1 次传输，1 次结论不同；1 项许可，1 项结论不同" in told
    keys = json.loads(run("residency", "diff", "CN@2026-01", path, "--json", *home).out)
    assert [each["changed"] for each in keys["transfers"]] == [True]
    assert json.loads(run("residency", "adopt", path, "--by", "counsel", "--json", *home).out)["roles"] == ["counsel"]
    assert "holds from" in run("residency", "adopt", path, "--by", "privacy-officer", *home).out
