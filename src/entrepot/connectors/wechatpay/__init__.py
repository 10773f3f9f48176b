"""WeChat Pay: trade bill and fund flow of a merchant account, which pays own shops and mini programs; both by API."""

from entrepot.connectors.live.contract import LiveConnector
from entrepot.connectors.wechatpay.api import API
from entrepot.connectors.wechatpay.client import WeChatPayClient
from entrepot.connectors.wechatpay.files import FORMATS
from entrepot.connectors.wechatpay.spec import SPEC

LIVE = LiveConnector(API, WeChatPayClient())

__all__ = ["FORMATS", "LIVE", "SPEC"]
