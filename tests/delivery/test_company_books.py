"""The sample company's books leave by file: every account, every month, every way of grouping, nothing missing."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from entrepot.delivery import GROUPINGS, LAYOUTS, JournalAsked, Layout, layout_named, mapping_text
from entrepot.delivery.errors import FileInTheWay, MappingMissing
from entrepot.flows import exporting
from entrepot.flows.asking import report_rows, select_rows
from entrepot.flows.exporting import export_journal
from entrepot.testing.sample_company import ImportedCompany

MONTHS = ("2026-08", "2026-09", "2026-10")


def _fen(text: str) -> int:
    whole, _, part = text.partition(".")
    assert len(part) == 2
    return int(whole) * 100 + int(part)


def _export(cell: ImportedCompany, out: Path, period: str, per: str, name: str = "plain", **more: Any) -> list[Any]:
    layout = layout_named(name)
    export_journal(cell.parts, JournalAsked(period, per, more.pop("entity", "")), layout, "csv", out=out, **more)
    with out.open(encoding=layout.text.encoding, newline="") as file:
        return list(csv.DictReader(file))


def _periods(cell: ImportedCompany) -> list[str]:
    rows = select_rows(cell.parts, "select distinct period from ledger_entries order by period").to_pylist()
    return [row["period"] for row in rows]


@pytest.mark.parametrize("per", GROUPINGS)
def test_all_journals_together_are_the_trial_balance(one_imported: ImportedCompany, tmp_path: Path, per: str) -> None:
    sums: Counter[tuple[str, ...]] = Counter()
    periods = _periods(one_imported)
    assert set(MONTHS) <= set(periods)
    for period in periods:
        for row in _export(one_imported, tmp_path / f"{period}.csv", period, per):
            key = (row["entity"], row["account"], row["currency"], row["functional_currency"])
            for side in ("debit", "credit"):
                sums[*key, side] += _fen(row[side]) if row[side] else 0
            sums[*key, "functional"] += _fen(row["functional_debit"]) if row["functional_debit"] else 0
            sums[*key, "functional"] -= _fen(row["functional_credit"]) if row["functional_credit"] else 0
    wanted: Counter[tuple[str, ...]] = Counter()
    for row in report_rows(one_imported.parts, "trial_balance").to_pylist():
        key = (row["entity_id"], row["account"], row["currency"], row["functional_currency"])
        for side in ("debit", "credit", "functional"):
            wanted[*key, side] += row[f"{side}_minor"]
    assert len(wanted) > 60
    assert {key: value for key, value in sums.items() if value} == {
        key: value for key, value in wanted.items() if value
    }


@pytest.mark.parametrize("per", GROUPINGS)
def test_every_journal_of_the_company_balances_in_both_currencies(
    one_imported: ImportedCompany, tmp_path: Path, per: str
) -> None:
    rows = _export(one_imported, tmp_path / "out.csv", "2026-09", per)
    rests: Counter[tuple[str, str]] = Counter()
    heads: dict[str, set[tuple[str, ...]]] = {}
    for row in rows:
        for kind in ("", "functional_"):
            rests[row["journal"], kind] += _fen(row[f"{kind}debit"] or "0.00") - _fen(row[f"{kind}credit"] or "0.00")
        head = (row["entity"], row["date"], row["currency"], row["number"], row["reference"])
        heads.setdefault(row["journal"], set()).add(head)
    assert len(heads) > 200
    assert set(rests.values()) == {0}
    assert {journal: found for journal, found in heads.items() if len(found) > 1} == {}
    assert all(row["date"].startswith("2026-09") for row in rows)


def test_an_order_per_journal_names_every_order_of_the_month(one_imported: ImportedCompany, tmp_path: Path) -> None:
    rows = _export(one_imported, tmp_path / "out.csv", "2026-09", "order")
    named = {row["reference"].removeprefix("order ") for row in rows if row["reference"].startswith("order ")}
    text = "select distinct replace(order_id, ':', ' ') as o from ledger_entries where period = '2026-09' and order_id is not null"
    assert named == {row["o"] for row in select_rows(one_imported.parts, text).to_pylist()}


def test_a_payout_per_journal_brings_to_the_wallet_what_the_payout_did(
    one_imported: ImportedCompany, tmp_path: Path
) -> None:
    found: Counter[str] = Counter()
    for period in _periods(one_imported):
        for row in _export(one_imported, tmp_path / f"{period}.csv", period, "settlement"):
            if row["reference"].startswith("settlement ") and row["account"] == "wallet":
                found[row["reference"]] += _fen(row["debit"] or "0.00") - _fen(row["credit"] or "0.00")
    text = (
        "select 'settlement ' || channel || ' ' || settlement_id as batch, sum(amount_minor) as amount "
        "from settlement_lines where settlement_id is not null group by 1"
    )
    wanted = {row["batch"]: int(row["amount"]) for row in select_rows(one_imported.parts, text).to_pylist()}
    assert len(wanted) > 5
    assert {batch: amount for batch, amount in found.items() if amount} == {
        batch: amount for batch, amount in wanted.items() if amount
    }


@pytest.mark.parametrize("layout", LAYOUTS, ids=[layout.name for layout in LAYOUTS])
def test_every_erp_is_given_the_same_totals(one_imported: ImportedCompany, tmp_path: Path, layout: Layout) -> None:
    mapping = tmp_path / "accounts.csv"
    mapping.write_text(mapping_text(layout), encoding="utf-8")
    asked = JournalAsked("2026-09", "day", "cn-shanghai")
    report = export_journal(one_imported.parts, asked, layout, "xlsx", mapping=mapping, out=tmp_path / "out.xlsx")
    text = (
        "select currency, sum(amount_minor) filter (where amount_minor > 0) as debit from ledger_entries "
        "where period = '2026-09' and entity_id = 'cn-shanghai' group by currency order by currency"
    )
    wanted = [
        ("cn-shanghai", row["currency"], int(row["debit"]), int(row["debit"]))
        for row in select_rows(one_imported.parts, text).to_pylist()
    ]
    assert list(report.totals.by_currency) == wanted
    assert wanted[0][2] > 100_000_00


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_repeat_writes_the_same_bytes_and_says_so(one_imported: ImportedCompany, tmp_path: Path, form: str) -> None:
    asked, layout = JournalAsked("2026-09", "order"), layout_named("plain")
    first = export_journal(one_imported.parts, asked, layout, form, out=tmp_path / "one")
    again = export_journal(one_imported.parts, asked, layout, form, out=tmp_path / "one")
    other = export_journal(one_imported.parts, asked, layout, form, out=tmp_path / "two")
    assert (first.is_new, again.is_new, other.is_new) == (True, False, True)
    assert first.sha256 == again.sha256 == other.sha256
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_another_file_of_that_name_stays_until_it_may_be_replaced(
    one_imported: ImportedCompany, tmp_path: Path
) -> None:
    target = tmp_path / "journal.csv"
    target.write_text("somebody's work", encoding="utf-8")
    asked, layout = JournalAsked("2026-09", "day"), layout_named("plain")
    with pytest.raises(FileInTheWay):
        export_journal(one_imported.parts, asked, layout, "csv", out=target)
    assert target.read_text(encoding="utf-8") == "somebody's work"
    assert [path.name for path in tmp_path.iterdir()] == ["journal.csv"]
    assert export_journal(one_imported.parts, asked, layout, "csv", out=target, replace=True).is_new
    assert target.read_text(encoding="utf-8").startswith("journal,number,line,")


def test_a_write_that_dies_leaves_the_earlier_file_and_no_half_one(
    one_imported: ImportedCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "journal.csv"
    target.write_text("last month", encoding="utf-8")

    def dies(_table: object, _layout: object, path: Path, _form: str) -> None:
        path.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "write_table", dies)
    with pytest.raises(OSError, match="No space left"):
        export_journal(
            one_imported.parts, JournalAsked("2026-09", "day"), layout_named("plain"), "csv", out=target, replace=True
        )
    assert target.read_text(encoding="utf-8") == "last month"
    assert [path.name for path in tmp_path.iterdir()] == ["journal.csv"]


def test_an_erp_without_a_mapping_is_given_nothing(one_imported: ImportedCompany, tmp_path: Path) -> None:
    with pytest.raises(MappingMissing, match="entrepot export mapping --layout sap"):
        _export(one_imported, tmp_path / "out.csv", "2026-09", "day", "sap")
    assert list(tmp_path.iterdir()) == []


def test_a_mapping_kept_in_the_company_folder_is_found(
    company_of: Callable[[int], ImportedCompany], tmp_path: Path
) -> None:
    cell = company_of(7)
    kept = cell.parts.layout.home / "mappings" / "netsuite.csv"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(mapping_text(layout_named("netsuite")).replace(",1050,", ",Kept 1050,"), encoding="utf-8")
    try:
        rows = _export(cell, tmp_path / "out.csv", "2026-09", "day", "netsuite")
    finally:
        kept.unlink()
    assert "Kept 1050" in {row["Account"] for row in rows}


def test_no_personal_value_leaves_with_the_journals(one_imported: ImportedCompany, tmp_path: Path) -> None:
    _export(one_imported, tmp_path / "out.csv", "2026-09", "order")
    text = (tmp_path / "out.csv").read_text(encoding="utf-8")
    personal = [value for value in one_imported.company.world.personal_values() if len(value) > 4]
    assert len(personal) > 1_000
    assert [value for value in personal if value in text] == []
