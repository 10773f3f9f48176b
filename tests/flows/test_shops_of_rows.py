"""Files that name their shop on each row, in a company with several shops there: a row that names none is nobody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.assembly import open_cell
from entrepot.engine import SparkEngine
from entrepot.flows.erasing import erase_persons
from entrepot.flows.erasing_find import Asked
from entrepot.flows.importing import import_paths
from entrepot.testing.sail import sail_session
from tests.connectors.casework import CaseFile, Imported, lines_of, translated
from tests.connectors.douyin import test_douyin_commissions as douyin
from tests.connectors.jd import test_jd_wallet as jd
from tests.connectors.tmall import test_tmall_orders as tmall
from tests.connectors.xiaohongshu import test_xiaohongshu_orders as xiaohongshu

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.flows.reading import FileReport

CHANNELS = ("tmall", "douyin", "xiaohongshu", "jd", "own_shop")
SAID = """\
format: till
table: orders
columns: {number: order_id, at: placed_at, code: sku_id, units: quantity, price: unit_price, "shop's name": shop}
personal: {name: buyer_name}
"""
TILL = "number,at,code,units,price,shop's name,name"
SOLD = {"number": "1001", "at": "2026-09-01 12:00:00", "code": "A", "units": "1", "price": "9.90", "name": "张三丰"}
# Format to its file, its column of the shop, and what tells two of its rows apart.
FORMATS = {
    "tmall_orders": (tmall.HEADER, tmall.PLAIN, "店铺名称", {"订单编号": "289749893209214699"}),
    "douyin_commissions": (douyin.HEADER, douyin.PLAIN, "店铺名称", {"订单id": "6930000000000000999"}),
    "xiaohongshu_orders": (xiaohongshu.HEADER, xiaohongshu.PLAIN, "店铺名称", {"订单号": "P700000000000000999"}),
    "jd_wallet": (jd.HEADER, jd.PLAIN, "店铺号", {"单据编号": '="310000000999"'}),
    "till": (TILL, SOLD, "shop's name", {"number": "1002"}),
}


def cell_of(home: Path, shops: int = 2) -> Path:
    (home / "declared").mkdir(parents=True)
    (home / "declared" / "till.yaml").write_text(SAID, encoding="utf-8")
    named = "".join(
        f'[[shops]]\nshop = "{channel} {number}"\nchannel = "{channel}"\nentity = "ours"\nfolder = "{channel}-{number}"\n'
        for channel in CHANNELS
        for number in range(1, shops + 1)
    )
    (home / "cell.toml").write_text(f'[[entities]]\nid = "ours"\n{named}', encoding="utf-8")
    return home


def brought(
    home: Path, name: str, *shops: str, folder: str = "files", shop: str | None = None
) -> tuple[FileReport, Imported]:
    """A file of a format with one row per shop, imported into a cell."""
    header, plain, column, other = FORMATS[name]
    rows = [{column: said, **(other if number else {})} for number, said in enumerate(shops)]
    path = home.parent / folder / "export.csv"
    path.parent.mkdir()
    path.write_text(lines_of(header, plain, *rows), encoding="utf-8-sig")
    report = import_paths(open_cell(home), [path.parent.parent / folder], shop=shop)
    return report.files[0], Imported(home, (report,))


def shop_of_file(cell: Imported) -> str | None:
    (row,) = cell.rows("raw_files")
    found: str | None = row["shop"]
    return found


@pytest.mark.parametrize("name", FORMATS)
def test_of_several_shops_none_is_taken_for_a_row_that_names_none(tmp_path: Path, name: str) -> None:
    report, cell = brought(cell_of(tmp_path / "cell"), name, "the second", "")
    assert (report.format, report.canonical, report.quarantined) == (name, 1, 1)
    assert cell.rejects() == {"3": f"missing_value:{FORMATS[name][2]}"}
    tables = ("orders", "settlement_lines", "wallet_lines", "attributions")
    assert {row["shop"] for table in tables for row in cell.rows(table) if "shop" in row} <= {"the second"}
    assert (report.shop, shop_of_file(cell)) == (None, None)


@pytest.mark.parametrize("name", FORMATS)
def test_a_shop_that_somebody_said_is_that_of_a_row_that_names_none(tmp_path: Path, name: str) -> None:
    channel = CHANNELS[list(FORMATS).index(name)]
    for number, (shops, folder, shop) in enumerate(
        ((1, "files", None), (2, "files", f"{channel} 1"), (2, f"{channel}-1", None))
    ):
        home = cell_of(tmp_path / str(number) / "cell", shops)
        report, cell = brought(home, name, "the second", "", folder=folder, shop=shop)
        assert (report.canonical, report.quarantined, cell.rejects()) == (2, 0, {})
        assert shop_of_file(cell) == f"{channel} 1"


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_whose_rows_name_no_shop_at_all_is_refused_and_says_what_to_do(tmp_path: Path, name: str) -> None:
    report, cell = brought(cell_of(tmp_path / "cell"), name, "", "")
    assert (report.status, report.error_code) == ("refused", "connector.shop_undecided")
    assert "--shop" in str(report.error)
    assert cell.rows("raw_files") == []


def test_a_file_whose_rows_all_name_one_shop_is_that_shops(tmp_path: Path) -> None:
    report, cell = brought(cell_of(tmp_path / "cell"), "tmall_orders", "the second", "the second")
    assert (report.canonical, report.shop, shop_of_file(cell)) == (2, "the second", "the second")


def test_a_file_of_two_shops_is_neithers(tmp_path: Path) -> None:
    report, cell = brought(cell_of(tmp_path / "cell"), "tmall_orders", "tmall 1", "tmall 2")
    assert (report.canonical, report.shop, shop_of_file(cell)) == (2, None, None)


def test_a_person_in_a_file_of_two_shops_is_erased_by_a_short_number(tmp_path: Path) -> None:
    home = cell_of(tmp_path / "cell")
    brought(home, "till", "own_shop 1", "own_shop 2")
    done = erase_persons(open_cell(home), [Asked("1002", shop="own_shop 2")], "asked", "head")
    assert done.rows == 1


def test_another_engine_refuses_the_same_rows() -> None:
    header, plain, column, other = FORMATS["tmall_orders"]
    file = CaseFile(lines_of(header, plain, {}, {column: "", **other}), "orders.csv", shop="")
    wanted = {"3": f"missing_value:{column}"}
    assert translated(file).rejects == wanted
    with sail_session() as address:
        assert translated(file, engine=SparkEngine(address)).rejects == wanted
