"""The second engine closes a month, restates it and opens it again like the first, row for row."""

from __future__ import annotations

from typing import Any

from entrepot.engine import SparkEngine
from entrepot.testing.memory_tables import derived_in_turn
from entrepot.testing.sail import sail_session
from tests.ledger.test_closing import HK, MONTH_END, REOPENED, SEPTEMBER, yen

_KEPT = ("ledger_entries", "kept_entries", "closings", "exceptions")


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


def test_sail_closes_restates_and_reopens_like_duckdb() -> None:
    more = {**MONTH_END, "orders": [*MONTH_END["orders"], yen("9", MONTH_END["orders"][0]["shipped_at"])]}
    turns = [(MONTH_END, SEPTEMBER), (more, None), (more, REOPENED)]
    wanted = derived_in_turn(turns, HK)
    assert {row["posting_rule"] for row in wanted[1]["ledger_entries"]} >= {
        "accrued_fees",
        "returns_provided",
        "unbilled_ads",
        "carried_forward",
        "fx_realised",
        "fx_unrealised",
        "restatement",
    }
    with sail_session() as address, SparkEngine(address) as sail:
        found = derived_in_turn(turns, HK, sail)
    for turn, (ours, theirs) in enumerate(zip(wanted, found, strict=True)):
        for name in _KEPT:
            assert _sorted(theirs[name]) == _sorted(ours[name]), (turn, name)
