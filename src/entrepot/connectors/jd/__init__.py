"""JD.com POP shops: order export and wallet statement; orders, cancellations and after-sale services by API."""

from entrepot.connectors.jd.api import API
from entrepot.connectors.jd.client import JdClient
from entrepot.connectors.jd.files import FORMATS
from entrepot.connectors.jd.spec import SPEC
from entrepot.connectors.live.contract import LiveConnector

LIVE = LiveConnector(API, JdClient())

__all__ = ["FORMATS", "LIVE", "SPEC"]
