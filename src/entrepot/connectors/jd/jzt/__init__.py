"""Jingzhuntong (京准通): what advertising of JD shops cost, day by day, as files and by API."""

from entrepot.connectors.jd.jzt.api import API
from entrepot.connectors.jd.jzt.client import JztClient
from entrepot.connectors.jd.jzt.files import FORMATS
from entrepot.connectors.jd.jzt.spec import SPEC
from entrepot.connectors.live.contract import LiveConnector

LIVE = LiveConnector(API, JztClient())

__all__ = ["FORMATS", "LIVE", "SPEC"]
