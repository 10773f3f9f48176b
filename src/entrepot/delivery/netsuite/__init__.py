"""NetSuite."""

from entrepot.delivery.netsuite.spec import LAYOUT

__all__ = ["LAYOUT"]
