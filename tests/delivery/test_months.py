"""A month of the sample company in each simulated ERP, of every kind that it takes, and again after the books changed.

What Tryton makes of a month is in `tryton/test_books.py`, and what a folder holds in `folder/test_ubl.py`.
"""

from __future__ import annotations

import contextlib
import csv
import io
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from entrepot.assembly import open_cell
from entrepot.delivery.erp import JOURNAL, ORDER, PARTY, PAYMENT, PRODUCT
from entrepot.delivery.registry import erp_named
from entrepot.flows import delivering
from entrepot.flows.asking import select_rows
from entrepot.flows.undoing import undo
from entrepot.sandbox.erps.business_central import BusinessCentralSandbox
from entrepot.sandbox.erps.dynamics_fo import DynamicsFoSandbox
from entrepot.sandbox.erps.erpnext import ErpNextSandbox
from entrepot.sandbox.erps.netsuite import NetSuiteSandbox
from entrepot.sandbox.erps.odoo import OdooSandbox
from entrepot.sandbox.erps.serving import Books

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.testing.sample_company import ImportedCompany

PERIOD, _VARIABLE = "2026-09", "ENTREPOT_TEST_SECRET"
COMPANIES = {"cn-shanghai": "CNY", "hk-trading": "HKD", "us-inc": "USD", "de-gmbh": "EUR"}
_CURRENCIES = ("CNY", "EUR", "HKD", "USD")
_DOCUMENTS = 'invoices = "day"\ncredit_notes = "day"\nfields = ["text", "product"]\n'
_PAID = 'payments = "settlement"\n'
MORE = {
    "business_central": f"{_DOCUMENTS}sales_orders = true\n",
    "dynamics_fo": f'{_DOCUMENTS}sales_orders = true\nmaster_data = "expect"\n',
    "erpnext": f"{_DOCUMENTS}{_PAID}sales_orders = true\n",
    "netsuite": f"{_DOCUMENTS}{_PAID}sales_orders = true\n",
    "odoo": f"{_DOCUMENTS}{_PAID}sales_orders = true\n",
}


def _accounts(erp: str) -> tuple[tuple[str, ...], str]:
    """Accounts of an ERP's example of a mapping, and the one for what customers owe."""
    rows = [row for row in csv.DictReader(io.StringIO(erp_named(erp).accounts)) if row["kind"] == "account"]
    owed = next((row["theirs"] for row in rows if row["ours"] == "customer_clearing"), "")
    return tuple(dict.fromkeys(row["theirs"] for row in rows)), owed


def _site(erp: str) -> tuple[Any, dict[str, str]]:
    """A simulator, and what a target says of it."""
    accounts, owed = _accounts(erp)
    books = Books(COMPANIES, accounts)
    match erp:
        case "netsuite":
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
            site: Any = NetSuiteSandbox(books, key, receivable=(owed,), currencies=_CURRENCIES)
            told = {"database": site.realm, "user": ":".join(site.token_keys), "secret": ":".join(site.token_secrets)}
        case "odoo":
            site = OdooSandbox(books, (owed,), _CURRENCIES)
            site.ordering.pricelists |= dict(enumerate(range(1, len(_CURRENCIES) + 1), 1))
            told = {"database": site.database, "user": site.login, "secret": site.key}
        case "erpnext":
            site = ErpNextSandbox(COMPANIES, accounts, (owed,))
            site.selling.rates |= dict.fromkeys(_CURRENCIES, 1.5)
            told = {"user": site.key, "secret": site.secret}
        case "business_central":
            site = BusinessCentralSandbox(books, receivable=owed)
            told = {"user": site.clients.client_id, "secret": site.clients.secret, "token_url": site.token_url}
        case _:
            site = DynamicsFoSandbox(books, receivable=owed)
            told = {"user": site.clients.client_id, "secret": site.clients.secret, "token_url": site.token_url}
            told["database"] = site.journal_name
    return site, {"url": site.url, **told}


@pytest.fixture(params=[*sorted(MORE), "dynamics_fo in packages"])
def target(request: pytest.FixtureRequest) -> Iterator[tuple[str, Any, dict[str, str]]]:
    """The name of an ERP, its simulator, and what a target says of it."""
    erp, *in_packages = request.param.split(" ")
    site, told = _site(erp)
    if in_packages:
        told["storage_url"] = site.url
    yield erp, site, told
    site.close()


def _company(
    imported: ImportedCompany, home: Path, monkeypatch: pytest.MonkeyPatch, erp: str, told: dict[str, str], more: str
) -> CellParts:
    """A copy of the sample company with a target."""
    shutil.copytree(imported.parts.layout.home, home)
    monkeypatch.setenv(_VARIABLE, told.pop("secret"))
    facts = {"name": "erp", "erp": erp, "region": "cn", "secret_env": _VARIABLE, **told}
    with (home / "cell.toml").open("a", encoding="utf-8") as settings:
        lines = "".join(f'{name} = "{value}"\n' for name, value in facts.items())
        settings.write(f"\n[[targets]]\n{lines}{more}")
    (home / "mappings").mkdir(exist_ok=True)
    (home / "mappings" / "erp.csv").write_text(erp_named(erp).accounts, encoding="utf-8")
    return open_cell(home)


def test_a_month_is_there_to_the_cent_and_follows_when_the_books_change(
    small_imported: ImportedCompany,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    target: tuple[str, Any, dict[str, str]],
) -> None:
    erp, site, told = target
    parts = _company(small_imported, tmp_path / "company", monkeypatch, erp, told, MORE[erp])
    _keep_what_is_not_made(parts, erp, site)
    planned = delivering.plan(parts, "erp", PERIOD)
    # The company sells in other currencies than those of its books: as documents, or as journals that the plan names.
    currencies = {row[1] for row in planned.foreign_journals}
    assert currencies == (set() if erp_named(erp).spec.keeps_both_amounts else {"CNY"})
    assert {PAYMENT, ORDER} & set(planned.kinds) == {PAYMENT, ORDER} & set(erp_named(erp).spec.steps)
    assert delivering.run(parts, "erp").open == 0
    audited = delivering.audit(parts, "erp", PERIOD)
    assert (audited.is_equal, audited.kinds) == (True, planned.kinds), audited
    first = "select raw_id from orders where channel = 'tmall' order by order_key limit 1"
    undo(parts, [select_rows(parts, first).to_pylist()[0]["raw_id"]], "test", "Li Na")
    assert delivering.plan(parts, "erp", PERIOD).reversed_ > 0
    assert delivering.run(parts, "erp").open == 0
    again = delivering.audit(parts, "erp", PERIOD)
    assert again.is_equal, again
    if erp == "netsuite":
        assert site.open_items() == [], "every version of what was sold is paid"


def _keep_what_is_not_made(parts: CellParts, erp: str, site: Any) -> None:
    """What people keep in an ERP where the adapter makes none: customers, or items."""
    if erp == "dynamics_fo":
        channels = "select distinct channel from ledger_entries where channel is not null order by channel"
        site.customers = tuple(row["channel"] for row in select_rows(parts, channels).to_pylist())
    sold = "select distinct sku_id from order_pieces where kind = 'line' and sku_id is not null order by sku_id"
    if erp == "dynamics_fo":
        site.selling.items = tuple(row["sku_id"] for row in select_rows(parts, sold).to_pylist())
    if erp == "netsuite":
        for row in select_rows(parts, sold).to_pylist():
            site.edit("insert into item (itemid) values (?)", row["sku_id"])


def test_sales_orders_alone_bring_the_parties_and_products_that_they_name(
    small_imported: ImportedCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, told = _site("odoo")
    with contextlib.closing(site):
        orders = 'fields = ["text", "product"]\nsales_orders = true\n'
        parts = _company(small_imported, tmp_path / "company", monkeypatch, "odoo", told, orders)
        planned = delivering.plan(parts, "erp", PERIOD)
        assert set(planned.kinds) == {JOURNAL, ORDER, PARTY, PRODUCT}
        assert delivering.run(parts, "erp").open == 0
        audited = delivering.audit(parts, "erp", PERIOD)
        assert (audited.is_equal, audited.kinds) == (True, planned.kinds), audited
