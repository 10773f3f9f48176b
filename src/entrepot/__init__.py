"""Entrepot: marketplace files in, one balanced ledger and one P&L out, personal data kept in its region.

The rooms and the direction of imports are described in ``docs/architecture.md``. This module holds nothing but the
version; every room's promise is the ``__all__`` of its own package.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
