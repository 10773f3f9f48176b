"""Microsoft Dynamics 365 Business Central: a file for its import, and journals by its API."""

from entrepot.delivery.business_central.adapter import connect
from entrepot.delivery.business_central.spec import LAYOUT, SPEC
from entrepot.delivery.erp import Erp

ERP = Erp(SPEC, connect)

__all__ = ["ERP", "LAYOUT"]
