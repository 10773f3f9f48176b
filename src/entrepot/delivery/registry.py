"""The layouts and ERPs there are. To add one: its folder, its tests, one line here, the changelog."""

from __future__ import annotations

from entrepot.delivery import (
    business_central,
    dynamics_fo,
    erpnext,
    folder,
    kingdee,
    netsuite,
    odoo,
    plain,
    sap,
    tryton,
    yonyou,
)
from entrepot.delivery.contract import Layout
from entrepot.delivery.erp import Erp
from entrepot.delivery.errors import ErpUnknown

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


ERPS: tuple[Erp, ...] = (
    tryton.ERP,
    erpnext.ERP,
    sap.ERP,
    odoo.ERP,
    netsuite.ERP,
    business_central.ERP,
    dynamics_fo.ERP,
    folder.ERP,
)


def erp_named(name: str) -> Erp:
    """The ERP of a name in `ERPS`.

    Raises:
        ErpUnknown: There is none.
    """
    found = next((erp for erp in ERPS if erp.spec.name == name), None)
    if found is None:
        raise ErpUnknown(name, tuple(erp.spec.name for erp in ERPS))
    return found
