"""Balanced entries for everything that happened, and what follows from them. Never asks who reads."""

from entrepot.ledger.charts import Account, accounts
from entrepot.ledger.derivation import ShopDefaults, StatedTotal, Undoing, derive
from entrepot.ledger.rates import rate_rows

__all__ = ["Account", "ShopDefaults", "StatedTotal", "Undoing", "accounts", "derive", "rate_rows"]
