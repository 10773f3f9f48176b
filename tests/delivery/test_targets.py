"""A target's settings on their way to its adapter: where tokens are got, and a secret that nothing shows."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import httpx
import pytest

from entrepot.assembly import open_cell
from entrepot.delivery.erp import ORDER
from entrepot.delivery.errors import KindDeclined, KindUnknown, SettingUnread
from entrepot.delivery.mapping import read_mapping
from entrepot.delivery.registry import ERPS, erp_named
from entrepot.flows import delivering
from entrepot.flows.asking import select_rows
from entrepot.store.errors import SettingsInvalid

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.delivery.erp import Erp
    from entrepot.errors import Refused
    from entrepot.testing.sample_company import ImportedCompany


@pytest.mark.parametrize("erp", ERPS, ids=[erp.spec.name for erp in ERPS])
def test_the_example_of_a_mapping_can_be_used_as_it_is_printed(erp: Erp) -> None:
    """What `entrepot deliver mapping` prints is what `plan` reads; dimensions belong to files."""
    assert read_mapping(erp.accounts, "erp.csv", 0).accounts.num_rows


def test_a_token_is_got_where_the_target_says_and_its_secret_is_told_to_nobody_else(
    small_imported: ImportedCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "company"
    shutil.copytree(small_imported.parts.layout.home, home)
    with (home / "cell.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            '\n[[targets]]\nname = "erp"\nerp = "business_central"\nregion = "cn"\nurl = "https://erp.example/api/v2.0"\n'
            'user = "client"\nsecret_env = "ERP_SECRET"\ntoken_url = "https://login.example/token"\n'
        )
    (home / "mappings").mkdir(exist_ok=True)
    (home / "mappings" / "erp.csv").write_text(erp_named("business_central").accounts, encoding="utf-8")
    monkeypatch.setenv("ERP_SECRET", "hush-hush")
    asked: list[tuple[str, bool]] = []

    def network(request: httpx.Request) -> httpx.Response:
        asked.append((str(request.url), b"hush-hush" in request.read()))
        return httpx.Response(401, json={"error": "invalid_client"})

    parts = open_cell(home)
    delivering.plan(parts, "erp", "2026-09")
    delivering.run(parts, "erp", transport=httpx.MockTransport(network))
    assert set(asked) == {("https://login.example/token", True)}
    assert "hush-hush" not in repr(delivering.status(parts, "erp"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ('payments = "day"', "payments settle invoices or credit notes, and it gets neither"),
        ("sales_orders = true", "a sales order says which SKU was sold"),
        ('movements = "day"', "a goods issue says which SKU left"),
    ],
)
def test_a_target_that_could_not_get_what_it_asks_for_is_refused(
    small_imported: ImportedCompany, tmp_path: Path, asked: str, said: str
) -> None:
    home = tmp_path / "company"
    home.mkdir()
    shutil.copy(small_imported.parts.layout.home / "cell.toml", home)
    with (home / "cell.toml").open("a", encoding="utf-8") as settings:
        target = '\n[[targets]]\nname = "erp"\nerp = "tryton"\nregion = "cn"\nurl = "https://erp.example"\n'
        settings.write(f"{target}{asked}\n")
    with pytest.raises(SettingsInvalid, match=said):
        open_cell(home)


def test_a_sales_order_is_planned_for_each_that_was_paid_in_the_month(
    small_imported: ImportedCompany, tmp_path: Path
) -> None:
    home = tmp_path / "company"
    shutil.copytree(small_imported.parts.layout.home, home)
    with (home / "cell.toml").open("a", encoding="utf-8") as settings:
        target = '\n[[targets]]\nname = "erp"\nerp = "sap"\nregion = "cn"\nurl = "https://erp.example"\n'
        settings.write(f'{target}sales_orders = true\nfields = ["product"]\n')
    (home / "mappings").mkdir(exist_ok=True)
    (home / "mappings" / "erp.csv").write_text(erp_named("sap").accounts, encoding="utf-8")
    parts = open_cell(home)
    paid = "select count(distinct order_id) as orders from ledger_entries where posting_rule = 'paid' and period = '2026-09'"
    planned = delivering.plan(parts, "erp", "2026-09", dry_run=True)
    assert planned.kinds[ORDER] == select_rows(parts, paid).to_pylist()[0]["orders"] > 10


@pytest.mark.parametrize(
    ("erp", "refused", "words"),
    [
        ("sap", KindDeclined, "S/4HANA posts what they cost with each"),
        ("netsuite", KindDeclined, "NetSuite posts what they cost with each"),
        ("dynamics_fo", KindUnknown, "does not write them yet"),
    ],
)
def test_an_erp_that_would_book_the_cost_of_goods_a_second_time_does_not_get_them(
    small_imported: ImportedCompany, tmp_path: Path, erp: str, refused: type[Refused], words: str
) -> None:
    home = tmp_path / "company"
    shutil.copytree(small_imported.parts.layout.home, home)
    target = f'\n[[targets]]\nname = "erp"\nerp = "{erp}"\nregion = "cn"\nurl = "https://erp.example"\n'
    with (home / "cell.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'{target}movements = "day"\nfields = ["product"]\n')
    (home / "mappings").mkdir(exist_ok=True)
    (home / "mappings" / "erp.csv").write_text(erp_named(erp).accounts, encoding="utf-8")
    with pytest.raises(refused, match=words):
        delivering.plan(open_cell(home), "erp", "2026-09")
    assert not (home / "delivery").exists(), "nothing was planned"


@pytest.mark.parametrize(
    ("erp", "asked", "said"),
    [
        ("business_central", 'storage_url = "https://store.example"', "erp sets `storage_url`, which business_central"),
        ("sap", 'format = "ubl"', "erp sets `format`, which sap does not read"),
        (
            "tryton",
            'token_url = "https://login.example"\nformat = "csv"',
            "erp sets `format`, `token_url`, which tryton",
        ),
        ("folder", 'storage_url = "https://store.example"', "erp sets `storage_url`, which folder does not read"),
    ],
)
def test_a_setting_that_the_erp_does_not_read_is_refused_and_not_passed_over(
    small_imported: ImportedCompany, tmp_path: Path, erp: str, asked: str, said: str
) -> None:
    home = tmp_path / "company"
    shutil.copytree(small_imported.parts.layout.home, home)
    with (home / "cell.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            f'\n[[targets]]\nname = "erp"\nerp = "{erp}"\nregion = "cn"\nurl = "https://e.example"\n{asked}\n'
        )
    (home / "mappings").mkdir(exist_ok=True)
    (home / "mappings" / "erp.csv").write_text(erp_named(erp).accounts, encoding="utf-8")
    parts = open_cell(home)
    for command in (lambda: delivering.plan(parts, "erp", "2026-09"), lambda: delivering.run(parts, "erp")):
        with pytest.raises(SettingUnread, match=said):
            command()
    assert not (home / "delivery").exists(), "nothing was planned"
