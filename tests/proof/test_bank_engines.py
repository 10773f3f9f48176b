"""The second engine matches payouts, the bank and invoices like the first, row for row, reports included."""

from __future__ import annotations

from typing import Any

from entrepot.engine import DuckDBEngine, SparkEngine
from entrepot.reports import run_report
from entrepot.testing.memory_tables import MemoryTables, derived_in_turn, typed
from entrepot.testing.sail import sail_session
from tests.ledger.test_banked import DOUBTS, MONTH, SETTINGS
from tests.ledger.test_invoiced import OBSERVED as INVOICED
from tests.reports.test_cash import OBSERVED as CASH

_HELD = ("payouts", "bank_matches", "invoice_matches", "fees", "ledger_entries", "exceptions")
_REPORTS = ("ageing", "cash_forecast", "invoicing")


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


def _reports(engine: DuckDBEngine | SparkEngine, derived: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    tables = MemoryTables({name: typed(name, rows) for name, rows in derived.items()})
    return {name: _sorted(run_report(engine, tables, name).to_pylist()) for name in _REPORTS}


def test_sail_matches_the_bank_and_invoices_like_duckdb() -> None:
    turns = [(MONTH, None), (DOUBTS, None), (INVOICED, None)]
    wanted = derived_in_turn(turns, SETTINGS)
    reported = [wanted[-1], *derived_in_turn([(CASH, None)], SETTINGS)]
    with DuckDBEngine(threads=1) as engine:
        shown = [_reports(engine, derived) for derived in reported]
    assert all(any(reports[name] for reports in shown) for name in _REPORTS)
    with sail_session() as address, SparkEngine(address) as sail:
        found = derived_in_turn(turns, SETTINGS, sail)
        assert [_reports(sail, derived) for derived in reported] == shown
    for turn, (ours, theirs) in enumerate(zip(wanted, found, strict=True)):
        for name in _HELD:
            assert _sorted(theirs[name]) == _sorted(ours[name]), (turn, name)
