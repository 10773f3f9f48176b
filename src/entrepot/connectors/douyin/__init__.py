"""Douyin Shop: order export by sub-order and settlement; orders and after-sale cases by API."""

from entrepot.connectors.douyin.api import API
from entrepot.connectors.douyin.client import DouyinClient
from entrepot.connectors.douyin.files import FORMATS
from entrepot.connectors.douyin.messages import MESSAGES
from entrepot.connectors.douyin.spec import SPEC
from entrepot.connectors.live.contract import LiveConnector

LIVE = LiveConnector(API, DouyinClient(), MESSAGES)

__all__ = ["FORMATS", "LIVE", "SPEC"]
