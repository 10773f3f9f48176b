"""One CAP server for all tests of a worker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from entrepot.testing.cap import CapServer, cap_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[3]
COMPANIES = [
    {"CompanyCode": "1410", "CompanyCodeName": "上海", "Currency": "CNY", "ChartOfAccounts": "YCOA"},
    {"CompanyCode": "1710", "CompanyCodeName": "United States", "Currency": "USD", "ChartOfAccounts": "YCOA"},
]
ACCOUNTS = ("0000105000", "0000121000", "0000401000", "0000121090")


@pytest.fixture(scope="session")
def cap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CapServer]:
    """The server."""
    server = cap_server(tmp_path_factory.mktemp("cap"))
    server.start()
    yield server
    server.stop()


def cap_server(folder: Path) -> CapServer:
    """A server with two company codes, which is to be started."""
    customers, materials = ("17100001",), ("TG11", "TG12")
    return CapServer(
        cap_folder(REPOSITORY),
        folder,
        COMPANIES,
        ACCOUNTS,
        parties=customers,
        materials=materials,
        reconciled=ACCOUNTS[-1:],
    )
