"""Tryton."""

from entrepot.delivery.erp import Erp
from entrepot.delivery.tryton.adapter import connect
from entrepot.delivery.tryton.spec import SPEC

ERP = Erp(SPEC, connect)

__all__ = ["ERP"]
