"""WeChat Pay: trade bill and fund flow of a merchant account, through which own shops and mini programs are paid."""

from entrepot.connectors.wechatpay.files import FORMATS
from entrepot.connectors.wechatpay.spec import SPEC

__all__ = ["FORMATS", "SPEC"]
