"""A month of the sample company in SAP's runtime: invoices, credit notes, payments and journals, read back and tied out."""

from __future__ import annotations

import csv
import io
import shutil
from typing import TYPE_CHECKING

import httpx

from entrepot.assembly import open_cell
from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, JOURNAL, PAYMENT
from entrepot.delivery.registry import erp_named
from entrepot.flows import delivering
from entrepot.flows.asking import select_rows
from entrepot.flows.undoing import undo
from entrepot.testing.cap import CapServer, cap_folder
from entrepot.testing.cap.server import PASSWORD, USER
from tests.delivery.sap.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from entrepot.testing.sample_company import ImportedCompany

PERIOD, VARIABLE = "2026-09", "ENTREPOT_TEST_SECRET"
CODES = {
    "cn-shanghai": ("1410", "CNY"),
    "hk-trading": ("1420", "HKD"),
    "us-inc": ("1710", "USD"),
    "de-gmbh": ("1010", "EUR"),
}


def _mapping() -> tuple[str, tuple[str, ...], str]:
    """The example with company codes, its accounts, and the one for what customers owe."""
    text = erp_named("sap").accounts
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["kind"] == "account"]
    (owed,) = (row["theirs"] for row in rows if row["ours"] == "customer_clearing")
    entities = "".join(f"entity,{ours},{theirs},,,\n" for ours, (theirs, _) in CODES.items())
    return text + entities, tuple(dict.fromkeys(row["theirs"] for row in rows)), owed


def _open_items(server: CapServer) -> int:
    """How many items of customers are open."""
    root = f"{server.url}/sap/opu/odata/sap/API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube"
    asked = {"$filter": "Customer ne '' and ClearingAccountingDocument eq ''", "$top": "5000", "$format": "json"}
    with httpx.Client(auth=(USER, PASSWORD), trust_env=False) as person:
        return len(person.get(root, params=asked).json()["d"]["results"])


def test_a_month_is_there_to_the_cent_and_follows_when_the_books_change(
    small_imported: ImportedCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "company"
    shutil.copytree(small_imported.parts.layout.home, home)
    text, accounts, owed = _mapping()
    channels = "select distinct channel from ledger_entries where channel is not null order by channel"
    parties = [row["channel"] for row in select_rows(small_imported.parts, channels).to_pylist()]
    companies = [
        {"CompanyCode": code, "CompanyCodeName": name, "Currency": currency, "ChartOfAccounts": "YCOA"}
        for name, (code, currency) in CODES.items()
    ]
    server = CapServer(
        cap_folder(REPOSITORY), tmp_path / "cap", companies, accounts, parties=parties, reconciled=(owed,)
    )
    server.folder.mkdir()
    server.start()
    try:
        with (home / "cell.toml").open("a", encoding="utf-8") as settings:
            settings.write(
                f'\n[[targets]]\nname = "erp"\nerp = "sap"\nregion = "cn"\nurl = "{server.url}"\nuser = "{USER}"\n'
                f'secret_env = "{VARIABLE}"\ninvoices = "day"\ncredit_notes = "day"\npayments = "day"\nfields = ["text", "product"]\n'
            )
        (home / "mappings").mkdir(exist_ok=True)
        (home / "mappings" / "erp.csv").write_text(text, encoding="utf-8")
        monkeypatch.setenv(VARIABLE, PASSWORD)
        parts = open_cell(home)
        sold = [each for each in delivering.planned_documents(parts, "erp", PERIOD) if each.kind == INVOICE]
        assert any(each.currency != each.functional_currency for each in sold), "of some in another currency too"
        planned = delivering.plan(parts, "erp", PERIOD)
        assert set(planned.kinds) == {INVOICE, CREDIT_NOTE, JOURNAL, PAYMENT}
        assert planned.foreign_journals == ()
        assert delivering.run(parts, "erp").open == 0
        audited = delivering.audit(parts, "erp", PERIOD)
        assert (audited.is_equal, audited.kinds) == (True, planned.kinds), audited
        assert _open_items(server) == 0, "every invoice is paid"
        first = "select raw_id from orders where channel = 'tmall' order by order_key limit 1"
        undo(parts, [select_rows(parts, first).to_pylist()[0]["raw_id"]], "test", "Li Na")
        assert delivering.plan(parts, "erp", PERIOD).reversed_ > 0
        assert delivering.run(parts, "erp").open == 0
        again = delivering.audit(parts, "erp", PERIOD)
        assert again.is_equal, again
        assert _open_items(server) == 0, "also those that were taken back and came anew"
    finally:
        server.stop()
