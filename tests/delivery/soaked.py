"""The ERPs of the delivery soak, as the suites have them: how each is opened, and which kinds share their steps."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa

from entrepot.delivery.erp import JOURNAL
from entrepot.testing.cap import cap_folder
from entrepot.testing.tryton import TrytonServer, tryton_python
from tests.delivery.business_central import test_suite as business_central
from tests.delivery.dynamics_fo import test_suite as dynamics_fo
from tests.delivery.erpnext import test_suite as erpnext
from tests.delivery.folder import test_suite as folder
from tests.delivery.netsuite import test_suite as netsuite
from tests.delivery.odoo import test_suite as odoo
from tests.delivery.sap import test_suite as sap
from tests.delivery.sap.conftest import cap_server
from tests.delivery.tryton import test_suite as tryton
from tests.delivery.tryton.conftest import REPOSITORY, set_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from entrepot.testing.delivery_bench import ErpUnderTest


@dataclass(frozen=True)
class Soaked:
    """An ERP under soak.

    Attributes:
        kinds: Kinds that share their steps.
        opened: Gives it, with its server in a folder, and closes it.
        settle_s: How long its server may go on with a call whose caller died, seconds.
        is_there: Whether what it needs is installed.
    """

    kinds: tuple[tuple[str, ...], ...]
    opened: Callable[[Path], contextlib.AbstractContextManager[ErpUnderTest]]
    settle_s: float = 0.1
    is_there: Callable[[], bool] = lambda: True


@contextlib.contextmanager
def _odoo(_folder: Path) -> Iterator[ErpUnderTest]:
    with contextlib.closing(odoo.sandbox()) as site:
        yield odoo.under_test(site)


@contextlib.contextmanager
def _erpnext(_folder: Path) -> Iterator[ErpUnderTest]:
    with contextlib.closing(erpnext.sandbox()) as site:
        yield erpnext.under_test(site)


@contextlib.contextmanager
def _netsuite(_folder: Path) -> Iterator[ErpUnderTest]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    with contextlib.closing(netsuite.sandbox(key)) as account:
        yield netsuite.under_test(account)


@contextlib.contextmanager
def _business_central(_folder: Path) -> Iterator[ErpUnderTest]:
    with contextlib.closing(business_central.sandbox()) as site:
        yield business_central.under_test(site)


@contextlib.contextmanager
def _dynamics_fo(_folder: Path) -> Iterator[ErpUnderTest]:
    with contextlib.closing(dynamics_fo.sandbox()) as site:
        yield dynamics_fo.under_test(site)


@contextlib.contextmanager
def _dynamics_fo_packages(_folder: Path) -> Iterator[ErpUnderTest]:
    with contextlib.closing(dynamics_fo.sandbox()) as site:
        yield dynamics_fo.under_test(site, in_packages=True)


@contextlib.contextmanager
def _files(root: Path) -> Iterator[ErpUnderTest]:
    yield folder.under_test(root, "ubl")


@contextlib.contextmanager
def _sap(root: Path) -> Iterator[ErpUnderTest]:
    server = cap_server(root)
    server.start()
    try:
        yield sap.under_test(server)
    finally:
        server.stop()


@contextlib.contextmanager
def _tryton(root: Path) -> Iterator[ErpUnderTest]:
    server = TrytonServer(tryton_python(REPOSITORY), root)
    server.create()
    set_up(server)
    server.start()
    try:
        yield tryton.under_test(server)
    finally:
        server.stop()


ADAPTERS: dict[str, Soaked] = {
    "folder": Soaked(tuple(folder.TestUbl.kinds), _files),
    "odoo": Soaked((*odoo.TestOdoo.kinds, (JOURNAL,)), _odoo),
    "erpnext": Soaked((*erpnext.TestErpNext.kinds, (JOURNAL,)), _erpnext),
    "netsuite": Soaked((*netsuite.TestNetSuite.kinds, (JOURNAL,)), _netsuite),
    "business_central": Soaked((*business_central.TestBusinessCentral.kinds, (JOURNAL,)), _business_central),
    "dynamics_fo": Soaked((*dynamics_fo.TestDynamicsFo.kinds, (JOURNAL,)), _dynamics_fo),
    "dynamics_fo_packages": Soaked((*dynamics_fo.TestDynamicsFo.kinds, (JOURNAL,)), _dynamics_fo_packages),
    "sap": Soaked((*sap.TestSap.kinds, (JOURNAL,)), _sap, 1.0, lambda: cap_folder(REPOSITORY).exists()),
    "tryton": Soaked(tuple(tryton.TestTryton.kinds), _tryton, 3.0, lambda: tryton_python(REPOSITORY).exists()),
}
"""By name; what is real stands last, for it takes longest."""
