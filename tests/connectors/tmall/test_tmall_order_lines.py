"""Tmall's detail list, and workbooks of both lists."""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from entrepot.assembly import open_cell
from entrepot.flows.importing import import_paths
from tests.connectors.casework import CaseFile, Imported, Translated, imported, lines_of, row_of, translated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HEADER = "订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码"
PLAIN = {
    "订单编号": '="289749893209214687"',
    "标题": "测试商品",
    "价格": "29.90",
    "购买数量": "2",
    "外部系统编号": "SPU-A",
    "商品属性": "颜色:红色;尺码:均码",
    "订单状态": "买家已付款，等待卖家发货",
    "商家编码": "SKU-A-RED",
}
LIST_HEADER = "订单编号,总金额,买家应付货款,买家实际支付金额,订单状态,订单创建时间,订单付款时间,店铺名称,退款金额"


def detail(stamp: str, *rows: dict[str, str]) -> CaseFile:
    return CaseFile(lines_of(HEADER, PLAIN, *rows), f"ExportOrderDetailList{stamp}.csv", "gb18030")


def read(*rows: dict[str, str]) -> Translated:
    return translated(detail("20260902001400", *rows))


def test_the_sample_line() -> None:
    found = read({})
    assert (set(found.formats.values()), found.rejects, found.rows) == ({"tmall_order_lines"}, {}, 1)
    found.shows(
        "order_lines",
        """
        order_key                | order_id           | sku_id    | spu_id | title    | quantity | currency | unit_price_minor | goods_minor
        tmall:289749893209214687 | 289749893209214687 | SKU-A-RED | SPU-A  | 测试商品 | 2        | CNY      | 2990             | 5980
    """,
    )
    assert not found.tables["orders"]


def test_a_line_without_a_code_stays_a_line_without_a_sku() -> None:
    read({"商家编码": "", "外部系统编号": ""}).shows("order_lines", "sku_id | spu_id | goods_minor\n | | 5980")


def test_twins_stay_two_lines_with_one_id_each() -> None:
    lines = read({}, {}, {"商品属性": "颜色:蓝色"}).tables["order_lines"]
    ids = {line["row_no"]: line["line_id"] for line in lines}
    assert ids[2].removesuffix("-1") == ids[3].removesuffix("-2")
    assert len(set(ids.values())) == 3
    assert ids[4].endswith("-1")


def test_twins_come_back_as_the_same_two(tmp_path: Path) -> None:
    cell = imported(tmp_path, [detail("20260902001400", {}, {})], [detail("20260903001400", {"备注": "急"}, {}, {})])
    assert len(cell.rows("order_lines")) == 3
    again = imported(
        tmp_path / "other", [detail("20260902001400", {}, {})], [detail("20260903001400", {"备注": "急"}, {})]
    )
    assert len(again.rows("order_lines")) == 2


REFUSED = {
    "no order number": ({"订单编号": ""}, "bad_id:订单编号"),
    "a ruined order number": ({"订单编号": "2.89749893209215E+17"}, "ruined_id:订单编号"),
    "a letter in the price": ({"价格": "29.9O"}, "bad_money:价格"),
    "no price": ({"价格": ""}, "bad_money:价格"),
    "a third decimal": ({"价格": "29.905"}, "bad_money:价格"),
    "half a unit": ({"购买数量": "0.5"}, "bad_number:购买数量"),
    "no quantity": ({"购买数量": ""}, "bad_number:购买数量"),
    "no unit": ({"购买数量": "0"}, "bad_number:购买数量"),
    "a price below nothing": ({"价格": "-29.90"}, "negative_amount:价格"),
    "units taken away": ({"购买数量": "-1"}, "bad_number:购买数量"),
}


@pytest.fixture(scope="module")
def refused() -> Translated:
    return read(*(cells for cells, _ in REFUSED.values()))


@pytest.mark.parametrize("case", REFUSED)
def test_a_line_that_cannot_be_trusted_is_quarantined_and_gives_nothing(refused: Translated, case: str) -> None:
    row = row_of(REFUSED, case)
    assert refused.rejects[str(row)] == REFUSED[case][1]
    assert refused.is_empty(row=row)


def workbook(*rows: Sequence[Any]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet, day = book.add_worksheet("export"), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(number, column, cell, day)
            else:
                sheet.write(number, column, cell)
    book.close()
    return out.getvalue()


def imported_books(home: Path, **books: bytes) -> Imported:
    files = home / "files"
    files.mkdir(parents=True)
    for name, content in books.items():
        (files / f"{name}.xlsx").write_bytes(content)
    cell = home / "cell"
    cell.mkdir()
    return Imported(cell, (import_paths(open_cell(cell), [files], shop="our shop"),))


def test_a_workbook_gives_dates_and_numbers_as_the_text_export_does(tmp_path: Path) -> None:
    placed, paid = datetime(2026, 9, 1, 12), datetime(2026, 9, 1, 12, 0, 18)  # noqa: DTZ001 (a workbook knows no zone)
    rows: list[list[Any]] = [
        LIST_HEADER.split(","),
        ["289749893209214687", 59.8, 59.8, 54.8, "买家已付款，等待卖家发货", placed, paid, "测试旗舰店", 0],
        ["289749893212214687", 100, 100, 100, "交易成功", placed, paid, "测试旗舰店", "无退款申请"],
        [289749893213214687, 100, 100, 100, "交易成功", placed, paid, "测试旗舰店", "无退款申请"],
    ]
    cell = imported_books(tmp_path, list=workbook(*rows))
    cell.shows(
        "orders",
        """
        order_id           | shop       | placed_at           | paid_at             | goods_minor | paid_minor | refund_stated_minor
        289749893209214687 | 测试旗舰店 | 2026-09-01 12:00:00 | 2026-09-01 12:00:18 | 5980        | 5480       | 0
        289749893212214687 | 测试旗舰店 | 2026-09-01 12:00:00 | 2026-09-01 12:00:18 | 10000       | 10000      | 0
    """,
    )
    assert cell.rejects() == {"4": "ruined_id:订单编号"}


def test_a_line_of_a_workbook_is_the_same_line_as_in_the_text_export(tmp_path: Path) -> None:
    cells = ["289749893209214687", "测试商品", 29.9, 2, "SPU-A", "颜色:红色;尺码:均码", "", "", "交易成功", "SKU-A-RED"]
    cell = imported_books(tmp_path, detail=workbook(HEADER.split(","), cells))
    folder = tmp_path / "text"
    folder.mkdir()
    file = detail("20260902001400", {})
    (folder / file.name).write_bytes(file.text.encode(file.encoding))
    report = import_paths(open_cell(cell.home), [folder], shop="our shop")
    assert [each.status for each in report.files] == ["imported"]
    cell.shows("order_lines", "sku_id | quantity | goods_minor\nSKU-A-RED | 2 | 5980")


def test_lines_that_do_not_add_up_to_the_order_are_an_exception(tmp_path: Path) -> None:
    order = "289749893209214687,59.80,59.80,59.80,买家已付款，等待卖家发货,2026-09-01 12:00:00,2026-09-01 12:00:18,测试旗舰店,0"
    orders = CaseFile(f"{LIST_HEADER}\r\n{order}\r\n", "ExportOrderList20260902001400.csv", "gb18030")
    cell = imported(tmp_path, [orders, detail("20260902001400", {"购买数量": "1"})])
    cell.shows("exceptions", "kind | channel | amount_minor\nlines_differ | tmall | 2990")
