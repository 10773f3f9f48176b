"""Shopify: exports of orders and payment transactions; orders, refunds and returns by API."""

from entrepot.connectors.live.contract import LiveConnector
from entrepot.connectors.shopify.api import API
from entrepot.connectors.shopify.client import ShopifyClient
from entrepot.connectors.shopify.files import FORMATS
from entrepot.connectors.shopify.spec import SPEC

LIVE = LiveConnector(API, ShopifyClient())

__all__ = ["FORMATS", "LIVE", "SPEC"]
