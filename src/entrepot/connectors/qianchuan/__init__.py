"""Qianchuan (Ocean Engine): what advertising of Douyin shops cost day by day, by API."""

from entrepot.connectors.live.contract import LiveConnector
from entrepot.connectors.qianchuan.api import API
from entrepot.connectors.qianchuan.client import QianchuanClient
from entrepot.connectors.qianchuan.spec import SPEC

FORMATS = ()
LIVE = LiveConnector(API, QianchuanClient())

__all__ = ["FORMATS", "LIVE", "SPEC"]
