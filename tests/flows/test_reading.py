"""Reading files: sheets of a workbook, files that come again, headers of broken files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import xlsxwriter

from entrepot.assembly import open_cell
from entrepot.flows.asking import select_rows
from entrepot.flows.importing import ImportReport, import_paths
from entrepot.flows.totals import Finding
from entrepot.testing.small_files import Move, alipay_text
from tests.connectors.casework import CaseFile, Imported, imported, lines_of
from tests.connectors.tmall import test_tmall_orders as tmall

if TYPE_CHECKING:
    from pathlib import Path

SKUS = [["sku_id", "unit_cost", "currency", "valid_from"], ["SKU-A", "12.50", "CNY", "2026-01-01"]]
COSTS_LATER = [SKUS[0], ["SKU-A", "13.00", "CNY", "2026-06-01"]]
NOTES = [["Remarks of the buyer's desk"], ["ask again in May"]]
LINES = [["订单编号", "标题", "价格", "购买数量", "商家编码"], ["289749893209214687", "面霜", "59.80", "1", "SKU-A"]]

SHOP_ASSUMED = [Finding("shop_assumed", "tmall")]


def workbook(**sheets: list[list[str]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def brought(home: Path, *contents: bytes) -> tuple[Imported, list[ImportReport]]:
    """A cell into which files of these contents were imported, one import each."""
    reports = []
    (home / "cell").mkdir()
    for number, content in enumerate(contents):
        (home / f"folder{number}").mkdir()
        path = home / f"folder{number}" / "book.xlsx"
        path.write_bytes(content)
        reports.append(import_paths(open_cell(home / "cell"), [path]))
    return Imported(home / "cell", tuple(reports)), reports


def told(report: ImportReport) -> list[tuple[str, str, str | None, int]]:
    return [(file.path.rsplit("/", 1)[-1], file.status, file.format, file.canonical) for file in report.files]


def test_every_sheet_of_a_known_format_is_a_file_of_its_own(tmp_path: Path) -> None:
    cell, (report,) = brought(tmp_path, workbook(Costs=SKUS, Later=COSTS_LATER, Orders=LINES))
    assert told(report) == [
        ("book.xlsx", "imported", "own_sku_list", 1),
        ("book.xlsx#Later", "imported", "own_sku_list", 1),
        ("book.xlsx#Orders", "imported", "tmall_order_lines", 1),
    ]
    assert len({file.raw_id for file in report.files}) == 3
    assert [file.findings for file in report.files] == [[], [], SHOP_ASSUMED]
    cell.shows("sku_costs", "valid_from | cost_minor\n2026-01-01 | 1250\n2026-06-01 | 1300")
    cell.shows("order_lines", "sku_id | goods_minor\nSKU-A | 5980")


def test_a_sheet_of_no_known_format_is_named(tmp_path: Path) -> None:
    _, (report,) = brought(tmp_path, workbook(Notes=NOTES, Costs=SKUS))
    assert told(report) == [("book.xlsx", "imported", "own_sku_list", 1)]
    assert [(finding.kind, finding.name) for finding in report.files[0].findings] == [("sheet_not_read", "Notes")]


def test_a_workbook_that_comes_again_changes_nothing_sheet_by_sheet(tmp_path: Path) -> None:
    content = workbook(Notes=NOTES, Costs=SKUS, Later=COSTS_LATER)
    cell, (first, second) = brought(tmp_path, content, content)
    assert [file.raw_id for file in first.files] == [file.raw_id for file in second.files]
    assert told(second) == [
        ("book.xlsx", "already_imported", "own_sku_list", 0),
        ("book.xlsx#Later", "already_imported", "own_sku_list", 0),
    ]
    assert [file.duplicates for file in second.files] == [1, 1]
    assert second.snapshot_id is None
    assert len(cell.rows("sku_costs")) == 2


def test_a_sheet_that_becomes_known_later_is_read_then_and_the_others_stay(tmp_path: Path) -> None:
    content = workbook(Spend=[["day", "where", "shop", "sum"], ["2026-09-01", "tmall", "one", "5.00"]], Costs=SKUS)
    cell, (first,) = brought(tmp_path, content)
    (cell.home / "declared").mkdir()
    (cell.home / "declared" / "spend.yaml").write_text(
        "format: spend\ntable: ad_spend\ncolumns: {day: date, where: channel, shop: shop, sum: amount}\n"
    )
    second = import_paths(open_cell(cell.home), [tmp_path / "folder0"])
    assert told(first) == [("book.xlsx", "imported", "own_sku_list", 1)]
    assert told(second) == [
        ("book.xlsx", "already_imported", "own_sku_list", 0),
        ("book.xlsx#Spend", "imported", "spend", 1),
    ]


def test_a_sheet_that_cannot_be_read_leaves_the_others_alone(tmp_path: Path) -> None:
    twice = [[*SKUS[0], "unit_cost"], [*SKUS[1], "99.00"]]
    _, (report,) = brought(tmp_path, workbook(Twice=twice, Costs=COSTS_LATER))
    assert [(file.status, file.error_code) for file in report.files] == [
        ("unreadable", "connector.column_twice"),
        ("imported", None),
    ]
    assert "book.xlsx" in str(report.files[0].error)


def test_a_file_that_comes_again_tells_again_what_is_doubtful_in_it(tmp_path: Path) -> None:
    text = lines_of(f"{tmall.HEADER},新列", {**tmall.PLAIN, "新列": "x"}, {}, {**tmall.CLOSED, "订单状态": "神秘状态"})
    file = CaseFile(text, "orders.csv", "gb18030")
    cell = imported(tmp_path, [file], [file])
    first, second = (report.files[0] for report in cell.reports)
    assert (first.status, first.canonical, first.duplicates, first.quarantined) == ("imported", 1, 0, 1)
    assert (second.status, second.canonical, second.duplicates, second.quarantined) == ("already_imported", 0, 1, 1)
    assert first.reasons == second.reasons == {"unknown_code": 1}
    assert [(finding.kind, finding.name) for finding in first.findings] == [("unknown_column", "新列")]
    assert second.findings == first.findings


def test_a_header_as_long_as_a_file_is_told_in_short(tmp_path: Path) -> None:
    text = lines_of(f"{tmall.HEADER},{'长' * 5_000}", tmall.PLAIN, {})
    cell = imported(tmp_path, [CaseFile(text, "orders.csv", "gb18030")])
    assert [finding.name for finding in cell.reports[0].files[0].findings] == ["长" * 80 + "…"]


def test_unknown_columns_beyond_the_fiftieth_are_counted(tmp_path: Path) -> None:
    more = ",".join(f"new{number}" for number in range(60))
    cell = imported(tmp_path, [CaseFile(lines_of(f"{tmall.HEADER},{more}", tmall.PLAIN, {}), "orders.csv", "gb18030")])
    names = [finding.name for finding in cell.reports[0].files[0].findings]
    assert names == [*(f"new{number}" for number in range(50)), "and 10 more"]


def test_a_file_of_no_known_format_is_told_with_short_headers(tmp_path: Path) -> None:
    text = f"订单编号,标题,价格,{'宽' * 3_000}\r\n1,2,3,4\r\n"
    cell = imported(tmp_path, [CaseFile(text, "strange.csv")])
    report = cell.reports[0].files[0]
    assert report.status == "not_recognised"
    assert "宽" * 80 + "…" in str(report.error)
    assert "宽" * 81 not in str(report.error)


def test_a_company_folder_may_have_blanks_and_chinese_in_its_name(tmp_path: Path) -> None:
    files, home = tmp_path / "files", tmp_path / "我的 公司"
    files.mkdir()
    move = Move("2026100100001", "289749893209214687", "在线支付", 23_450, "")
    (files / "ledger.csv").write_bytes(alipay_text([move]).encode("gb18030"))
    report = import_paths(open_cell(home), [files])
    assert [each.canonical for each in report.files] == [1]
    assert select_rows(open_cell(home), "select order_id, amount_minor from settlement_lines").to_pylist() == [
        {"order_id": "289749893209214687", "amount_minor": 23_450}
    ]
