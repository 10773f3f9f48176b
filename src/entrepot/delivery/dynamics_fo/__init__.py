"""Microsoft Dynamics 365 Finance and Operations."""

from entrepot.delivery.dynamics_fo.adapter import connect
from entrepot.delivery.dynamics_fo.spec import SPEC
from entrepot.delivery.erp import Erp

ERP = Erp(SPEC, connect)

__all__ = ["ERP"]
