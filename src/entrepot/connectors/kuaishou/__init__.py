"""Kuaishou Shop: orders and after-sale cases by API."""

from entrepot.connectors.kuaishou.api import API
from entrepot.connectors.kuaishou.client import KuaishouClient
from entrepot.connectors.kuaishou.spec import SPEC
from entrepot.connectors.live.contract import LiveConnector

FORMATS = ()
LIVE = LiveConnector(API, KuaishouClient())

__all__ = ["FORMATS", "LIVE", "SPEC"]
