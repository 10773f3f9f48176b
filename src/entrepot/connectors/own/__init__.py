"""The merchant's own lists, in our own shape: SKUs with costs and tax rates."""

from entrepot.connectors.own.files import FORMATS
from entrepot.connectors.own.spec import SPEC

__all__ = ["FORMATS", "SPEC"]
