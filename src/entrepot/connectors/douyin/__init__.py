"""Douyin Shop: order export by sub-order and settlement."""

from entrepot.connectors.douyin.files import FORMATS
from entrepot.connectors.douyin.spec import SPEC

__all__ = ["FORMATS", "SPEC"]
