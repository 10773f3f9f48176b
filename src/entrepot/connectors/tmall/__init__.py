"""Tmall and Taobao: seller-centre exports of orders and their lines, trades and refunds by API."""

from entrepot.connectors.live.contract import LiveConnector
from entrepot.connectors.tmall.api import API
from entrepot.connectors.tmall.client import TmallClient
from entrepot.connectors.tmall.files import FORMATS
from entrepot.connectors.tmall.messages import MESSAGES
from entrepot.connectors.tmall.spec import SPEC

LIVE = LiveConnector(API, TmallClient(), MESSAGES)

__all__ = ["FORMATS", "LIVE", "SPEC"]
