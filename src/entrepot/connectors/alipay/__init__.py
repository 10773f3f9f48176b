"""Alipay: the ledger of a merchant account, through which Tmall and Taobao orders are paid out; its bills by API."""

from entrepot.connectors.alipay.api import API
from entrepot.connectors.alipay.client import AlipayClient
from entrepot.connectors.alipay.files import FORMATS
from entrepot.connectors.alipay.spec import SPEC
from entrepot.connectors.live.contract import LiveConnector

LIVE = LiveConnector(API, AlipayClient())

__all__ = ["FORMATS", "LIVE", "SPEC"]
