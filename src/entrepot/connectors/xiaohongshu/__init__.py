"""Xiaohongshu (RED): order export by package and article, and settlement of goods."""

from entrepot.connectors.xiaohongshu.files import FORMATS
from entrepot.connectors.xiaohongshu.spec import SPEC

__all__ = ["FORMATS", "SPEC"]
