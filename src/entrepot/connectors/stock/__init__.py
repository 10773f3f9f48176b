"""Stock lists of warehouses, in our own template."""

from entrepot.connectors.stock.files import FORMATS
from entrepot.connectors.stock.spec import SPEC

__all__ = ["FORMATS", "SPEC"]
