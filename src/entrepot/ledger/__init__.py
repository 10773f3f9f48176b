"""Balanced entries for everything that happened, and what follows from them. Never asks who reads."""

from entrepot.ledger.charts import Account, accounts
from entrepot.ledger.closing import CLOSING_RULES, ClosedPeriod, Decision, closed_periods
from entrepot.ledger.derivation import ShopDefaults, StatedTotal, Undoing, derive
from entrepot.ledger.rates import rate_rows

__all__ = [
    "CLOSING_RULES",
    "Account",
    "ClosedPeriod",
    "Decision",
    "ShopDefaults",
    "StatedTotal",
    "Undoing",
    "accounts",
    "closed_periods",
    "derive",
    "rate_rows",
]
