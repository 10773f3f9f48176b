"""Goods of a shop that is synced by API, in simulated ERPs: what stands there is what happened, and the audit agrees.

What this does not prove: anything of the real servers beyond what their simulators are written from.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from entrepot.assembly import open_cell
from entrepot.delivery.erp import GOODS_ISSUE, GOODS_RECEIPT
from entrepot.delivery.registry import erp_named
from entrepot.flows import delivering
from entrepot.flows.asking import select_rows
from entrepot.sandbox.erps.erpnext import ErpNextSandbox
from entrepot.sandbox.erps.odoo import OdooSandbox
from entrepot.sandbox.erps.serving import Books
from entrepot.sandbox.http import SandboxServer
from entrepot.testing.connector_suite import PASSPHRASE, Trial
from tests.delivery.folder.test_live_goods import _happened

if TYPE_CHECKING:
    from pathlib import Path

TARGET = """
[[targets]]
name = "books"
erp = "{erp}"
region = "{region}"
url = "{url}"
database = "{database}"
user = "{user}"
secret_env = "ERP_SECRET"
movements = "day"
fields = ["text", "product"]
"""


def _accounts(erp: str) -> tuple[str, ...]:
    """Numbers of the example of a mapping."""
    rows = csv.DictReader(io.StringIO(erp_named(erp).accounts))
    return tuple(dict.fromkeys(row["theirs"] for row in rows if row["kind"] == "account"))


def _moved_in_odoo(site: OdooSandbox) -> Counter[tuple[str, str, str]]:
    codes = {number: row["default_code"] for number, row in site.selling.tables["product.product"].items()}
    moved: Counter[tuple[str, str, str]] = Counter()
    for row in site.stocking.moves.values():
        transfer = site.stocking.transfers[row["picking_id"][0]]
        assert (row["state"], row["date"]) == ("done", transfer["date_done"])
        is_issue = transfer["picking_type_code"] == "outgoing"
        kind, pieces = (GOODS_ISSUE, 1) if is_issue else (GOODS_RECEIPT, -1)
        moved[row["date"][:7], kind, codes[row["product_id"][0]]] += pieces * int(row["quantity"])
    return moved


def _moved_in_erpnext(site: ErpNextSandbox) -> Counter[tuple[str, str, str]]:
    moved: Counter[tuple[str, str, str]] = Counter()
    for row in site.selling.tables["Stock Entry"].values():
        is_issue = row["stock_entry_type"] == "Material Issue"
        kind, pieces = (GOODS_ISSUE, 1) if is_issue else (GOODS_RECEIPT, -1)
        assert row["docstatus"] == 1
        for item in row["items"]:
            moved[row["posting_date"][:7], kind, item["item_code"]] += pieces * int(item["transfer_qty"])
    return moved


@pytest.mark.parametrize("erp", ["odoo", "erpnext"])
def test_what_left_a_shop_and_came_back_stands_in_the_erp_and_nothing_is_booked_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, erp: str
) -> None:
    monkeypatch.setenv(PASSPHRASE, "only for tests")
    trial = Trial("shopify", tmp_path / "cell", orders=40, days=2, span_s=24 * 3600)
    with SandboxServer(trial.sandbox()) as server:
        assert trial.run(server, hours=24 * 40) == []
        shop = server.sandbox.platforms["shopify"]
        happened = _happened(shop.world.views(shop.now))
    parts = trial.opened()
    books = select_rows(parts, "select distinct entity_id, functional_currency from ledger_entries").to_pylist()
    companies = {str(row["entity_id"]): str(row["functional_currency"]) for row in books}
    site: OdooSandbox | ErpNextSandbox
    if erp == "odoo":
        site = OdooSandbox(Books(companies, _accounts(erp)), ())
    else:
        site = ErpNextSandbox(companies, _accounts(erp), warehouses=("Stores",), unkeyed=())
    with closing(site):
        is_odoo = isinstance(site, OdooSandbox)
        monkeypatch.setenv("ERP_SECRET", site.key if isinstance(site, OdooSandbox) else site.secret)
        at = {"url": site.url, "database": site.database if isinstance(site, OdooSandbox) else ""}
        user = site.login if isinstance(site, OdooSandbox) else site.key
        with (trial.home / "cell.toml").open("a", encoding="utf-8") as settings:
            settings.write(TARGET.format(erp=erp, region=parts.settings.cell.region, user=user, **at))
        (trial.home / "mappings").mkdir()
        (trial.home / "mappings" / "books.csv").write_text(erp_named(erp).accounts, encoding="utf-8")
        parts = open_cell(trial.home)
        for row in select_rows(parts, "select distinct period from ledger_entries order by period").to_pylist():
            delivering.plan(parts, "books", row["period"])
            report = delivering.run(parts, "books")
            assert (report.open, delivering.waiting_for_people(parts, "books")) == (0, []), report
            audit = delivering.audit(parts, "books", row["period"])
            assert audit.is_equal, audit
            assert audit.goods.sums
        moved = _moved_in_odoo(site) if isinstance(site, OdooSandbox) else _moved_in_erpnext(site)
        assert dict(moved) == dict(happened)
        assert is_odoo == (erp == "odoo")
