"""What `make bench` measures still runs, and both sides still give the same: each compares contents before it counts.

Nothing here looks at a second: sizes are far too small for that.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import trades
from bench.result import Result
from bench.rows import ROWS

_OTHERS_NEEDED = {"trades-dlt", "extraction"}
"""Rows beside tools that only `make bench` sets up."""
_TAKES_TIME = {"freshness", "posting"}
"""Orders that come by the clock, and an ERP that is set up: `tests/flows/test_syncing.py` and `tests/delivery` do both."""
_SMALL = {row.name: row for row in ROWS if row.name not in _OTHERS_NEEDED | _TAKES_TIME}


@pytest.mark.parametrize("name", _SMALL)
def test_both_sides_of_a_measurement_give_the_same(name: str) -> None:
    found = _SMALL[name].in_small()
    assert found
    for each in found:
        sides = (each.our_seconds, each.their_seconds) if isinstance(each, Result) else (each.figures,)
        assert {len(side) for side in sides} == {1}


def test_trades_that_differ_are_not_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = Path("bench/baseline/trades.sql").read_text(encoding="utf-8")
    other = kept.replace("cast(l.num as bigint) as quantity", "cast(l.num as bigint) + 1 as quantity")
    assert other != kept
    (tmp_path / "trades.sql").write_text(other, encoding="utf-8")
    monkeypatch.setattr(trades, "_BASELINE", tmp_path / "trades.sql")
    with pytest.raises(AssertionError, match="the same rows"):
        trades.measure(400, 1)
