"""Odoo."""

from entrepot.delivery.erp import Erp
from entrepot.delivery.odoo.adapter import connect
from entrepot.delivery.odoo.spec import SPEC

ERP = Erp(SPEC, connect)

__all__ = ["ERP"]
