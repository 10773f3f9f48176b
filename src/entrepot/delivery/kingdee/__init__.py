"""Kingdee."""

from entrepot.delivery.kingdee.spec import LAYOUT

__all__ = ["LAYOUT"]
