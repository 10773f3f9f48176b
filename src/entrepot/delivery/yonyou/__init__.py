"""Yonyou."""

from entrepot.delivery.yonyou.spec import LAYOUT

__all__ = ["LAYOUT"]
