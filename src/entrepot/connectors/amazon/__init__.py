"""Amazon: settlement reports, from which orders, their money and their fees are read."""

from entrepot.connectors.amazon.files import FORMATS
from entrepot.connectors.amazon.spec import SPEC

__all__ = ["FORMATS", "SPEC"]
