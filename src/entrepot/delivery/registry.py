"""The layouts there are. To add one: its folder, its tests, one line here, the changelog."""

from __future__ import annotations

from entrepot.delivery import business_central, kingdee, netsuite, plain, sap, yonyou
from entrepot.delivery.contract import Layout

LAYOUTS: tuple[Layout, ...] = (
    plain.LAYOUT,
    netsuite.LAYOUT,
    sap.LAYOUT,
    business_central.LAYOUT,
    kingdee.LAYOUT,
    yonyou.LAYOUT,
)


def layout_named(name: str) -> Layout:
    """The layout of a name in `LAYOUTS`."""
    return next(layout for layout in LAYOUTS if layout.name == name)
