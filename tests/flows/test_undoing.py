"""A file that should not have been imported: out of the books as a reversal, and back in."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from entrepot.flows.asking import report_rows, table_rows
from entrepot.flows.importing import import_paths, replay
from entrepot.flows.undoing import counting_and_undone, undo
from entrepot.testing.equal_tables import hashes

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.parts import CellParts
    from entrepot.testing.sample_company import SampleCompany

_OF_THE_BOOKS = ("ledger_entries", "kept_entries")
"""Tables in which an undoing leaves its trace on purpose."""


def _batches(company: SampleCompany) -> tuple[list[Path], list[Path]]:
    files = sorted(company.data_files("tmall_orders", "alipay_ledger"), key=lambda path: path.name)
    return files[:-1], files[-1:]


def _observed(parts: CellParts) -> dict[str, str]:
    return {name: digest for name, digest in hashes(parts).items() if name not in _OF_THE_BOOKS}


def _trial_balance(parts: CellParts) -> dict[tuple[str, str, str], int]:
    rows = report_rows(parts, "trial_balance").to_pylist()
    return {
        (row["entity_id"], row["account"], row["currency"]): row["balance_minor"]
        for row in rows
        if row["balance_minor"]
    }


def _last_file(parts: CellParts, name: str) -> str:
    return next(file.raw_id for file in counting_and_undone(parts)[0] if file.file_name.endswith(name))


def _undone_cell(company: SampleCompany, home: Path) -> tuple[CellParts, list[Path], dict[str, Any]]:
    """A cell in which the last file was imported and undone, with what it was before."""
    parts = company.new_cell(home)
    first, last = _batches(company)
    import_paths(parts, first)
    before = {"tables": _observed(parts), "balance": _trial_balance(parts)}
    import_paths(parts, last)
    assert _observed(parts) != before["tables"]
    before["with_file"] = _trial_balance(parts)
    undo(parts, [_last_file(parts, last[0].name)], "wrong shop", "Li Na")
    return parts, last, before


def test_after_an_undoing_tables_and_balances_are_as_if_the_file_had_never_come(
    small_company: SampleCompany, tmp_path: Path
) -> None:
    parts, _, before = _undone_cell(small_company, tmp_path)
    assert _observed(parts) == before["tables"]
    assert _trial_balance(parts) == before["balance"]
    _every_entry_that_was_taken_back_stands_in_the_book_with_its_reversal(parts)


def _every_entry_that_was_taken_back_stands_in_the_book_with_its_reversal(parts: CellParts) -> None:
    kept = table_rows(parts, "kept_entries").to_pylist()
    assert kept
    by_rule = Counter(row["posting_rule"] for row in kept)
    assert by_rule["taken_back"] == by_rule["reversal"] == len(kept) // 2
    sums: Counter[tuple[str, str]] = Counter()
    for row in kept:
        original = row["reversal_of"] or row["entry_id"]
        sums[original, f"{row['line_no']} {row['account']} {row['currency']}"] += row["amount_minor"]
    assert set(sums.values()) == {0}
    book = {row["entry_id"] for row in table_rows(parts, "ledger_entries").to_pylist()}
    assert {row["entry_id"] for row in kept} <= book


def test_an_undone_file_does_not_come_back_by_itself(small_company: SampleCompany, tmp_path: Path) -> None:
    parts, last, before = _undone_cell(small_company, tmp_path)
    again = import_paths(parts, last)
    assert [file.status for file in again.files] == ["already_imported"]
    assert ("undone", "wrong shop") in [(each.kind, each.name) for each in again.files[0].findings]
    replay(parts)
    assert _observed(parts) == before["tables"]
    assert _trial_balance(parts) == before["balance"]


def test_an_undone_content_that_comes_under_a_later_name_stays_undone(
    small_company: SampleCompany, tmp_path: Path
) -> None:
    parts = small_company.new_cell(tmp_path / "company")
    file = small_company.data_files("tmall_orders")[0]
    import_paths(parts, [file])
    undo(parts, [_last_file(parts, file.name)], "wrong shop", "Li Na")
    # The later export time of the name makes the file pending again; it still counts for nothing.
    later = tmp_path / "ExportOrderList20991231235959.csv"
    later.write_bytes(file.read_bytes())
    again = import_paths(parts, [later])
    assert [(each.status, each.canonical) for each in again.files] == [("already_imported", 0)]
    assert table_rows(parts, "orders").num_rows == 0


def test_an_undoing_that_is_taken_back_gives_the_same_balances_again(
    small_company: SampleCompany, tmp_path: Path
) -> None:
    parts, last, before = _undone_cell(small_company, tmp_path)
    undone = [file.raw_id for file in counting_and_undone(parts)[1]]
    undo(parts, undone, "the shop was right", "Li Na", is_undone=False)
    assert counting_and_undone(parts)[1] == []
    assert _trial_balance(parts) == before["with_file"]
    direct = small_company.new_cell(tmp_path / "direct")
    first, _ = _batches(small_company)
    import_paths(direct, first)
    import_paths(direct, last)
    assert _observed(parts) == _observed(direct)
