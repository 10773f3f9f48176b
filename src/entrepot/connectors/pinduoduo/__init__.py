"""Pinduoduo: order export and bill of the shop account."""

from entrepot.connectors.pinduoduo.files import FORMATS
from entrepot.connectors.pinduoduo.spec import SPEC

__all__ = ["FORMATS", "SPEC"]
