"""Xiaohongshu (RED): order export by package and article, and settlement of goods; orders and cases by API."""

from entrepot.connectors.live.contract import LiveConnector
from entrepot.connectors.xiaohongshu.api import API
from entrepot.connectors.xiaohongshu.client import XiaohongshuClient
from entrepot.connectors.xiaohongshu.files import FORMATS
from entrepot.connectors.xiaohongshu.spec import SPEC

LIVE = LiveConnector(API, XiaohongshuClient())

__all__ = ["FORMATS", "LIVE", "SPEC"]
