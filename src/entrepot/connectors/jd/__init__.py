"""JD.com POP shops: order export and wallet statement."""

from entrepot.connectors.jd.files import FORMATS
from entrepot.connectors.jd.spec import SPEC

__all__ = ["FORMATS", "SPEC"]
