"""A real Tryton server with a company, over one database that all tests of a worker share."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from entrepot.delivery.registry import erp_named
from entrepot.ledger import accounts
from entrepot.testing.tryton import TrytonServer, chart_of, tryton_python

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[3]
COMPANIES = [
    {"code": "cn-shanghai", "name": "上海", "currency": "CNY"},
    {"code": "hk-trading", "name": "Hong Kong", "currency": "HKD"},
    {"code": "us-inc", "name": "United States", "currency": "USD"},
    {"code": "de-gmbh", "name": "Deutschland", "currency": "EUR"},
]


@pytest.fixture(scope="session")
def tryton(tmp_path_factory: pytest.TempPathFactory, shared_folder: Path) -> Iterator[TrytonServer]:
    """The server; its companies are made once for all workers."""
    server = TrytonServer(tryton_python(REPOSITORY), tmp_path_factory.mktemp("tryton"))
    with (shared_folder / "tryton.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        template = shared_folder / "tryton.sqlite"
        is_made = template.exists()
        server.create(template if is_made else None)
        if not is_made:
            set_up(server)
            server.keep(template)
    server.keep(server.database.with_suffix(".empty"))
    server.start()
    yield server
    server.stop()


def set_up(server: TrytonServer) -> None:
    kinds = {each.account: (each.kind, each.name_en) for each in accounts()}
    server.set_up(
        {
            "companies": COMPANIES,
            "accounts": chart_of(erp_named("tryton").accounts, kinds),
            "currencies": ["CNY", "EUR", "HKD", "USD"],
            # Nobody's rates, so that an amount that Tryton made of them would show.
            "rates": {"CNY": "1", "EUR": "0.51", "HKD": "3.7", "USD": "0.77"},
            "years": [2026, 2026],
        }
    )
