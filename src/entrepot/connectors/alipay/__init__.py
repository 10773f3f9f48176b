"""Alipay: the ledger of a merchant account, through which Tmall and Taobao orders are paid out."""

from entrepot.connectors.alipay.files import FORMATS
from entrepot.connectors.alipay.spec import SPEC

__all__ = ["FORMATS", "SPEC"]
