"""WeChat Store (微信小店): orders and after-sale cases by API."""

from entrepot.connectors.live.contract import LiveConnector
from entrepot.connectors.wechatstore.api import API
from entrepot.connectors.wechatstore.client import WechatStoreClient
from entrepot.connectors.wechatstore.spec import SPEC

FORMATS = ()
LIVE = LiveConnector(API, WechatStoreClient())

__all__ = ["FORMATS", "LIVE", "SPEC"]
