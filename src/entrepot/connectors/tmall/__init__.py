"""Tmall and Taobao: seller-centre exports of orders and their lines."""

from entrepot.connectors.tmall.files import FORMATS
from entrepot.connectors.tmall.spec import SPEC

__all__ = ["FORMATS", "SPEC"]
