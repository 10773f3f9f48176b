"""NetSuite: a file for its import, and journals by SuiteTalk REST."""

from entrepot.delivery.erp import Erp
from entrepot.delivery.netsuite.adapter import connect
from entrepot.delivery.netsuite.spec import LAYOUT, SPEC

ERP = Erp(SPEC, connect)

__all__ = ["ERP", "LAYOUT"]
