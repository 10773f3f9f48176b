"""A folder of files, for an ERP that imports them."""

from entrepot.delivery.erp import Erp
from entrepot.delivery.folder.adapter import connect
from entrepot.delivery.folder.spec import SPEC

ERP = Erp(SPEC, connect)

__all__ = ["ERP"]
