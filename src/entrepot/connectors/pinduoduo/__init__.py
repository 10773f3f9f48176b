"""Pinduoduo: order export and bill of the shop account; orders, refunds, listings and bills by API."""

from entrepot.connectors.live.contract import LiveConnector
from entrepot.connectors.pinduoduo.api import API
from entrepot.connectors.pinduoduo.client import PinduoduoClient
from entrepot.connectors.pinduoduo.files import FORMATS
from entrepot.connectors.pinduoduo.messages import MESSAGES
from entrepot.connectors.pinduoduo.spec import SPEC

LIVE = LiveConnector(API, PinduoduoClient(), MESSAGES)

__all__ = ["FORMATS", "LIVE", "SPEC"]
