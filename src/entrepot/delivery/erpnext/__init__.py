"""ERPNext."""

from entrepot.delivery.erp import Erp
from entrepot.delivery.erpnext.adapter import connect
from entrepot.delivery.erpnext.spec import SPEC

ERP = Erp(SPEC, connect)

__all__ = ["ERP"]
