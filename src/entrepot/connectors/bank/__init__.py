"""Statements of bank accounts: what arrived, what left, and the balance that the bank states."""

from entrepot.connectors.bank.files import FORMATS
from entrepot.connectors.bank.spec import SPEC

__all__ = ["FORMATS", "SPEC"]
