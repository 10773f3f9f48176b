"""SAP: a file for posting tools, and journals into S/4HANA."""

from entrepot.delivery.erp import Erp
from entrepot.delivery.sap.adapter import connect
from entrepot.delivery.sap.spec import LAYOUT, SPEC

ERP = Erp(SPEC, connect)

__all__ = ["ERP", "LAYOUT"]
