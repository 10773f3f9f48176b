"""Closing periods: month-end postings, entries that stay as they are, and taking a closing back.

A period is closed by a decision. Everything up to its last day is then kept as it stands, with voucher numbers; what
the tables say otherwise afterwards is a restatement on the first open day (`derived/open_entries.sql`). The rules of
this folder post what no file says yet; all but realised exchange differences turn back on the next day.
"""

from entrepot.ledger.closing.decisions import (
    CLOSING_RULES,
    ClosedPeriod,
    Decision,
    apply_decision,
    books_open_from,
    closed_periods,
    define_open_entries,
    standing_checks,
)

__all__ = [
    "CLOSING_RULES",
    "ClosedPeriod",
    "Decision",
    "apply_decision",
    "books_open_from",
    "closed_periods",
    "define_open_entries",
    "standing_checks",
]
