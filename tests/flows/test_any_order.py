"""Files come in any order, in any batches, late, twice: the tables are the same (I18)."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from entrepot.flows.asking import table_rows
from entrepot.flows.importing import import_paths
from entrepot.testing.equal_tables import hashes

if TYPE_CHECKING:
    from entrepot.testing.sample_company import ImportedCompany, SampleCompany

# The file's name is that under which its content came first; the company holds one content under two names.
_NAMES = ("file_name", "where_found")


@pytest.fixture
def at_once(small_imported: ImportedCompany) -> ImportedCompany:
    """The company whose files were all imported at once."""
    return small_imported


def test_all_files_in_any_order_and_any_batches_give_the_same_tables(at_once: ImportedCompany, tmp_path: Path) -> None:
    small_company = at_once.company
    wanted = hashes(at_once.parts, also_without=_NAMES)
    assert {"orders", "order_lines", "settlement_lines", "ledger_entries", "exceptions", "raw_rows"} <= set(wanted)
    parts = small_company.new_cell(tmp_path)
    for batch in _batches(small_company.data_files(), seed=1):
        import_paths(parts, batch)
    assert hashes(parts, also_without=_NAMES) == wanted


@pytest.mark.parametrize("folder", ["tmall", "jd", "pdd", "douyin", "shopify-eu", "amazon-us"])
def test_files_of_one_shop_in_any_order_and_any_batches(
    small_company: SampleCompany, tmp_path: Path, folder: str
) -> None:
    files = [path for path in small_company.data_files() if path.parent.name == folder]
    lists = small_company.data_files("sku_list")
    together = small_company.new_cell(tmp_path / "together")
    import_paths(together, files + lists)
    wanted = hashes(together, also_without=_NAMES)
    shuffled = small_company.new_cell(tmp_path / "shuffled")
    for batch in _batches(files + lists, seed=len(folder)):
        import_paths(shuffled, batch)
    assert hashes(shuffled, also_without=_NAMES) == wanted


def _batches(files: list[Path], seed: int) -> list[list[Path]]:
    """The files in three batches in any order; some come again, on their own or with others."""
    dice = Random(seed)
    drawn = dice.sample(files, len(files))
    drawn += dice.sample(files, min(3, len(files)))
    cuts = sorted(dice.sample(range(1, len(drawn)), 2))
    return [drawn[: cuts[0]], drawn[cuts[0] : cuts[1]], drawn[cuts[1] :]]


def test_tmall_files_one_by_one_the_newest_first(small_company: SampleCompany, tmp_path: Path) -> None:
    files = sorted(small_company.data_files("tmall_orders"), key=lambda path: path.name)
    one_by_one, together = (small_company.new_cell(tmp_path / name) for name in ("one_by_one", "together"))
    for file in reversed(files):
        import_paths(one_by_one, [file])
    import_paths(together, files)
    assert hashes(one_by_one, also_without=_NAMES) == hashes(together, also_without=_NAMES)


def test_importing_twice_changes_nothing(at_once: ImportedCompany) -> None:
    before = hashes(at_once.parts)
    second = import_paths(at_once.parts, [at_once.company.folder / "files"])
    assert at_once.report.snapshot_id == 1
    assert second.snapshot_id is None
    assert {file.status for file in second.files} == {"already_imported"}
    assert hashes(at_once.parts) == before
    quarantined = {file.raw_id: file.quarantined for file in at_once.report.files}
    for file in second.files:
        refused = quarantined[file.raw_id]
        assert (file.canonical, file.duplicates, file.quarantined) == (0, file.rows - refused, refused)
    assert sum(quarantined.values()) > 0


def test_an_older_export_of_the_same_orders_never_takes_a_newer_state_back(
    small_company: SampleCompany,
    tmp_path: Path,
) -> None:
    earlier = next(file for file in small_company.written if file.kind == "tmall_orders" and file.role == "earlier")
    # The same month once more, a month later, as a workbook.
    final = next(file for file in small_company.written if file.kind == "tmall_orders" and file.path.endswith(".xlsx"))
    by_role = {file.role: small_company.folder / file.path for file in (earlier, final)}
    parts = small_company.new_cell(tmp_path)
    import_paths(parts, [by_role["final"]])
    newest = {row["order_id"]: row["platform_status"] for row in table_rows(parts, "orders").to_pylist()}
    report = import_paths(parts, [by_role["earlier"]])
    after = {row["order_id"]: row["platform_status"] for row in table_rows(parts, "orders").to_pylist()}
    assert newest
    assert {order: after[order] for order in newest} == newest
    assert report.files[0].rows == report.files[0].canonical + report.files[0].duplicates


def test_one_content_exported_under_two_times_counts_as_the_later_in_either_order(
    small_company: SampleCompany,
    tmp_path: Path,
) -> None:
    """Between the two lies another export: which of them decides must not depend on which name came first."""
    earlier = next(
        small_company.folder / file.path
        for file in small_company.written
        if file.kind == "tmall_orders" and file.role == "earlier"
    )
    text = earlier.read_bytes().decode("gb18030")
    assert "交易成功" in text
    between = text.replace("交易成功", "买家已签收")
    files = {
        "first": ("20261001001000", text),
        "between": ("20261001002000", between),
        "again": ("20261001003000", text),
    }
    found, states = [], set()
    for order in (
        ("first", "between", "again"),
        ("again", "between", "first"),
        ("between", "first", "again"),
    ):
        parts = small_company.new_cell(tmp_path / "-".join(order))
        for name in order:
            stamp, content = files[name]
            path = tmp_path / f"ExportOrderList{stamp}.csv"
            path.write_bytes(content.encode("gb18030"))
            import_paths(parts, [path])
            path.unlink()
        found.append(hashes(parts, also_without=_NAMES))
        states |= {row["platform_status"] for row in table_rows(parts, "orders").to_pylist()}
    assert all(each == found[0] for each in found)
    assert "交易成功" in states
    assert "买家已签收" not in states


def test_a_folder_an_archive_and_single_files_are_the_same_import(small_company: SampleCompany, tmp_path: Path) -> None:
    files = small_company.data_files("jd_orders", "jd_wallet")
    folder = tmp_path / "jd"
    folder.mkdir()
    for file in files:
        shutil.copy(file, folder)
    archive = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path, "jd"))
    found = []
    for name, paths in (("single", files), ("folder", [folder]), ("archive", [archive])):
        parts = small_company.new_cell(tmp_path / name)
        report = import_paths(parts, paths)
        assert {file.status for file in report.files} == {"imported"}
        found.append(hashes(parts, also_without=_NAMES))
    assert found[0] == found[1] == found[2]
