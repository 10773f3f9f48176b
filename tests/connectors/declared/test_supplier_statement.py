"""Goods that a platform buys (JD 1P), read by the shipped declared formats: receipts are sales, the statement settles them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from entrepot.assembly import open_cell
from entrepot.connectors.errors import FolderIsTheCompanys
from entrepot.flows.asking import report_rows, table_rows
from entrepot.flows.importing import import_paths

if TYPE_CHECKING:
    from entrepot.flows.parts import CellParts

_EXAMPLE = Path(__file__).parents[3] / "examples" / "jd-1p"


@pytest.fixture(scope="module")
def supplier(tmp_path_factory: pytest.TempPathFactory) -> CellParts:
    home = tmp_path_factory.mktemp("supplier")
    shutil.copytree(_EXAMPLE / "declared", home / "declared")
    shutil.copy(_EXAMPLE / "cell.toml", home)
    parts = open_cell(home)
    report = import_paths(parts, [_EXAMPLE / "files"])
    assert {(file.format, file.rows, file.canonical) for file in report.files} == {
        ("jd_1p_receipts", 3, 3),
        ("jd_1p_statement", 4, 4),
        ("own_sku_list", 2, 2),
    }
    return parts


def test_goods_count_as_sold_on_the_day_the_platform_takes_them_in(supplier: CellParts) -> None:
    found = {
        (row["month"], row["line"], row["sku_id"]): row["amount_minor"]
        for row in report_rows(supplier, "pnl").to_pylist()
    }
    assert found == {
        # 100 x 113.00 and 50 x 56.50 with 13 % VAT inside; what is ordered and not received is no sale.
        ("2026-09", "revenue_goods", "YX-SER-30"): 10_000_00,
        ("2026-09", "revenue_goods", "YX-CRM-50"): 2_500_00,
        ("2026-09", "cogs", "YX-SER-30"): -5_210_00,
        ("2026-09", "cogs", "YX-CRM-50"): -2_087_50,
        # 1,130.00 went back for both goods, 904.00 and 226.00 with VAT; 565.00 of charges have 6 % VAT inside.
        ("2026-10", "refunds", "YX-SER-30"): -800_00,
        ("2026-10", "refunds", "YX-CRM-50"): -200_00,
        ("2026-10", "fees", None): -533_02,
    }


def test_the_statement_settles_the_receipts_of_the_other_format(supplier: CellParts) -> None:
    states = {row["order_id"]: row["settlement_state"] for row in table_rows(supplier, "order_positions").to_pylist()}
    assert states == {"900001": "clawed_back", "900002": "not_due"}
    assert table_rows(supplier, "exceptions").to_pylist() == []
    balances = {row["account"]: row["balance_minor"] for row in report_rows(supplier, "trial_balance").to_pylist()}
    assert balances["cash_in_transit"] == 12_000_00
    assert balances["wallet"] == 14_125_00 - 1_130_00 - 565_00 - 12_000_00
    assert balances.get("platform_receivable", 0) == 0


def test_a_folder_inside_the_company_is_refused_and_not_passed_over(supplier: CellParts, tmp_path: Path) -> None:
    inside = supplier.layout.home / "files"
    shutil.copytree(_EXAMPLE / "files", inside)
    with pytest.raises(FolderIsTheCompanys, match="lies in the company folder"):
        import_paths(supplier, [inside])
    shutil.rmtree(inside)
