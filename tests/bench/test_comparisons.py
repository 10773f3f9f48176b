"""What `make bench` measures still runs, and both sides still give the same: each compares contents before it counts.

Nothing here looks at a second: sizes are far too small for that.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench import clearing, pnl, reading, trades, transferlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.result import Result

_SMALL: dict[str, Callable[[], Result]] = {
    "reading": lambda: reading.measure(500, 1),
    "trades": lambda: trades.measure(400, 1),
    "pnl": lambda: pnl.measure(2_000, 1),
    "clearing": lambda: clearing.measure(400, 1),
    "transferlog": lambda: transferlog.measure_verifying(200, 1),
}


@pytest.mark.parametrize("name", _SMALL)
def test_both_sides_of_a_measurement_give_the_same(name: str) -> None:
    found = _SMALL[name]()
    assert len(found.our_seconds) == len(found.their_seconds) == 1


def test_trades_that_differ_are_not_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = Path("bench/baseline/trades.sql").read_text(encoding="utf-8")
    other = kept.replace("cast(l.num as bigint) as quantity", "cast(l.num as bigint) + 1 as quantity")
    assert other != kept
    (tmp_path / "trades.sql").write_text(other, encoding="utf-8")
    monkeypatch.setattr(trades, "_BASELINE", tmp_path / "trades.sql")
    with pytest.raises(AssertionError, match="the same rows"):
        trades.measure(400, 1)
