"""Youzan (有赞): orders and after-sale cases of a shop of one's own by API."""

from entrepot.connectors.live.contract import LiveConnector
from entrepot.connectors.youzan.api import API
from entrepot.connectors.youzan.client import YouzanClient
from entrepot.connectors.youzan.spec import SPEC

FORMATS = ()
LIVE = LiveConnector(API, YouzanClient())

__all__ = ["FORMATS", "LIVE", "SPEC"]
