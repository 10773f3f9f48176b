"""Lists that people write, imported beside a shop's files: opening balances, an adjustment, the company's own chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from entrepot.flows.asking import report_rows, table_rows
from entrepot.flows.importing import import_paths

if TYPE_CHECKING:
    from entrepot.flows.parts import CellParts
    from entrepot.testing.sample_company import SampleCompany

_ADJUSTMENT = """\
journal,kind,date,entity,account,debit,credit,currency,sku_id,reason,prepared_by,approved_by
ADJ-17,adjustment,2026-09-30,cn-shanghai,cogs,12.50,,CNY,TEA-01,stock count,Wang Lei,Li Na
ADJ-17,adjustment,2026-09-30,cn-shanghai,inventory,,12.50,CNY,TEA-01,stock count,Wang Lei,Li Na
"""
_CHART = "account,own_code,own_name\nwallet,1012.01,其他货币资金\nnot_there,9999,\n"


@pytest.fixture(scope="module")
def parts(small_company: SampleCompany, tmp_path_factory: pytest.TempPathFactory) -> CellParts:
    folder = tmp_path_factory.mktemp("lists")
    parts = small_company.new_cell(tmp_path_factory.mktemp("company"))
    import_paths(parts, sorted(small_company.data_files("tmall_orders", "alipay_ledger")))
    wallet = table_rows(parts, "wallet_lines")["wallet_id"][0].as_py()
    opening = (
        "journal,kind,date,entity,account,debit,credit,currency,wallet\n"
        f"OPEN,opening,2026-09-01,cn-shanghai,wallet,1000.00,,CNY,{wallet}\n"
    )
    for name, text in (("opening.csv", opening), ("adjustment.csv", _ADJUSTMENT), ("chart.csv", _CHART)):
        (folder / name).write_text(text, encoding="utf-8")
    report = import_paths(parts, [folder])
    assert {file.status for file in report.files} == {"imported"}
    return parts


def _trial_balance(parts: CellParts) -> dict[str, dict[str, Any]]:
    rows = report_rows(parts, "trial_balance").to_pylist()
    return {row["account"]: row for row in rows if row["currency"] == "CNY"}


def test_the_wallet_is_its_opening_balance_and_what_moved_since(parts: CellParts) -> None:
    moved = [
        row["amount_minor"]
        for row in table_rows(parts, "ledger_entries").to_pylist()
        if row["posting_rule"] == "settled" and row["account"] == "wallet"
    ]
    since = table_rows(parts, "settlement_lines").to_pylist()
    wanted = sum(row["amount_minor"] for row in since if f"{row['booked_at']:%Y-%m-%dT%H}" >= "2026-08-31T16")
    assert sum(moved) == wanted
    assert 0 < len(moved) < len(since)
    assert _trial_balance(parts)["wallet"]["balance_minor"] == 100_000 + wanted


def test_the_book_is_balanced_after_all_of_it(parts: CellParts) -> None:
    assert sum(row["balance_minor"] for row in _trial_balance(parts).values()) == 0


def test_an_adjustment_reaches_the_profit_and_loss_of_its_sku_and_period(parts: CellParts) -> None:
    rows = report_rows(parts, "pnl").to_pylist()
    found = [row for row in rows if row["sku_id"] == "TEA-01"]
    assert [(row["line"], row["amount_minor"], row["month"], row["fiscal_period"]) for row in found] == [
        ("cogs", -1_250, "2026-09", "FY2026-P09")
    ]


def test_the_trial_balance_says_what_the_companys_own_chart_calls_an_account(parts: CellParts) -> None:
    wallet = _trial_balance(parts)["wallet"]
    assert (wallet["own_code"], wallet["own_name"]) == ("1012.01", "其他货币资金")
    assert _trial_balance(parts)["inventory"]["own_code"] is None
