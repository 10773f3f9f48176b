"""Lists of tax invoices (全量发票查询) that the tax platform exports: issued and received."""

from entrepot.connectors.efapiao.files import FORMATS
from entrepot.connectors.efapiao.spec import SPEC

__all__ = ["FORMATS", "SPEC"]
