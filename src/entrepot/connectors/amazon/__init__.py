"""Amazon: settlement and transaction reports; orders, items, refunds, claims and chargebacks by API."""

from entrepot.connectors.amazon.api import API
from entrepot.connectors.amazon.client import AmazonClient
from entrepot.connectors.amazon.files import FORMATS
from entrepot.connectors.amazon.spec import SPEC
from entrepot.connectors.live.contract import LiveConnector

LIVE = LiveConnector(API, AmazonClient())

__all__ = ["FORMATS", "LIVE", "SPEC"]
