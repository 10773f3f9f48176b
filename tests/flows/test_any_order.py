"""Files come in any order, in any batches, late, twice: the tables are the same (I18)."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from entrepot.flows.asking import table_rows
from entrepot.flows.importing import import_paths
from tests.flows.equal_tables import hashes

if TYPE_CHECKING:
    from entrepot.testing.sample_company import SampleCompany

# The file's name is that under which its content came first; the company holds one content under two names.
_NAMES = ("file_name", "where_found")


@pytest.fixture(scope="module")
def at_once(small_company: SampleCompany, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    parts = small_company.new_cell(tmp_path_factory.mktemp("at_once"))
    import_paths(parts, [small_company.folder / "files"])
    found = hashes(parts, also_without=_NAMES)
    assert {"orders", "order_lines", "settlement_lines", "ledger_entries", "exceptions", "raw_rows"} <= set(found)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_any_order_in_any_batches_gives_the_same_tables(
    small_company: SampleCompany,
    at_once: dict[str, str],
    tmp_path: Path,
    seed: int,
) -> None:
    dice = Random(seed)
    files = small_company.data_files()
    dice.shuffle(files)
    # Some come again, on their own or with others.
    files += dice.sample(files, 3)
    cuts = sorted(dice.sample(range(1, len(files)), 3))
    parts = small_company.new_cell(tmp_path)
    for start, end in zip([0, *cuts], [*cuts, len(files)], strict=True):
        import_paths(parts, files[start:end])
    assert hashes(parts, also_without=_NAMES) == at_once


@pytest.mark.parametrize("newest_first", [True, False])
def test_tmall_files_one_by_one_newest_or_oldest_first(
    small_company: SampleCompany,
    tmp_path: Path,
    *,
    newest_first: bool,
) -> None:
    files = sorted(
        small_company.data_files("tmall_orders", "tmall_order_lines", "alipay_ledger", "sku_list"),
        key=lambda path: path.name,
        reverse=newest_first,
    )
    one_by_one, together = (small_company.new_cell(tmp_path / name) for name in ("one_by_one", "together"))
    for file in files:
        import_paths(one_by_one, [file])
    import_paths(together, files)
    assert hashes(one_by_one, also_without=_NAMES) == hashes(together, also_without=_NAMES)


def test_importing_twice_changes_nothing(small_company: SampleCompany, tmp_path: Path) -> None:
    parts = small_company.new_cell(tmp_path)
    first = import_paths(parts, [small_company.folder / "files"])
    before = hashes(parts)
    second = import_paths(parts, [small_company.folder / "files"])
    assert first.snapshot_id == 1
    assert second.snapshot_id is None
    assert {file.status for file in second.files} == {"already_imported"}
    assert hashes(parts) == before
    for file in second.files:
        assert (file.canonical, file.duplicates, file.quarantined) == (0, file.rows, 0)


def test_an_older_export_of_the_same_orders_never_takes_a_newer_state_back(
    small_company: SampleCompany,
    tmp_path: Path,
) -> None:
    by_role = {
        file.role: small_company.folder / file.path
        for file in small_company.written
        if file.kind == "tmall_orders" and (file.role == "earlier" or "1200" in file.path)
    }
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
    between = text.replace("买家已付款，等待卖家发货", "卖家已发货，等待买家确认")
    assert between != text
    files = {
        "first": ("20261001001000", text),
        "between": ("20261001002000", between),
        "again": ("20261001003000", text),
    }
    found = []
    for order in (
        ("first", "between", "again"),
        ("again", "between", "first"),
        ("between", "first", "again"),
        ("between", "again", "first"),
    ):
        parts = small_company.new_cell(tmp_path / "-".join(order))
        for name in order:
            stamp, content = files[name]
            path = tmp_path / f"ExportOrderList{stamp}.csv"
            path.write_bytes(content.encode("gb18030"))
            import_paths(parts, [path])
            path.unlink()
        found.append(hashes(parts, also_without=_NAMES))
    assert all(each == found[0] for each in found)
    states = {row["platform_status"] for row in table_rows(parts, "orders").to_pylist()}
    assert "买家已付款，等待卖家发货" in states


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
