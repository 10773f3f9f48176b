"""Shopify: the orders export of a shop, and the transactions of its payouts."""

from entrepot.connectors.shopify.files import FORMATS
from entrepot.connectors.shopify.spec import SPEC

__all__ = ["FORMATS", "SPEC"]
