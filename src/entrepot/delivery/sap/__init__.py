"""SAP."""

from entrepot.delivery.sap.spec import LAYOUT

__all__ = ["LAYOUT"]
