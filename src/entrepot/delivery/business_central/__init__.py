"""Dynamics 365 Business Central."""

from entrepot.delivery.business_central.spec import LAYOUT

__all__ = ["LAYOUT"]
