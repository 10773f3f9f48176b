"""A column that stands twice in a file: read once where both say the same, refused where money hangs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.casework import CaseFile, Imported, imported, lines_of
from tests.connectors.tmall import test_tmall_orders as tmall

if TYPE_CHECKING:
    from pathlib import Path

ROWS: tuple[dict[str, str], ...] = ({}, tmall.CLOSED)


def with_column(home: Path, header: str, *cells: str) -> Imported:
    """The two sample orders with one more column at the end of each line."""
    lines = lines_of(tmall.HEADER, tmall.PLAIN, *ROWS).splitlines()
    text = "".join(f"{line},{cell}\r\n" for line, cell in zip(lines, (header, *cells), strict=True))
    return imported(home, [CaseFile(text, "orders.csv", "gb18030")])


def test_an_amount_that_stands_twice_and_differs_refuses_the_file(tmp_path: Path) -> None:
    cell = with_column(tmp_path, "总金额", "59.80", "77.00")
    report = cell.reports[0].files[0]
    assert (report.status, report.error_code) == ("unreadable", "connector.column_twice")
    assert str(report.error).endswith(
        "orders.csv: the column 总金额 stands twice, and in row 3 its two cells differ; delete the wrong one and import "
        "the file again"
    )
    assert cell.rows("orders") == []
    assert not list((cell.home / "raw").rglob("*.partial"))


@pytest.mark.parametrize("cells", [("59.80", ""), ("", "59.80")], ids=["empty in the second row", "empty in the first"])
def test_an_amount_beside_an_empty_cell_differs_too(tmp_path: Path, cells: tuple[str, str]) -> None:
    report = with_column(tmp_path, "总金额", *cells).reports[0].files[0]
    assert report.error_code == "connector.column_twice"


def test_an_amount_that_stands_twice_with_the_same_cells_is_a_finding(tmp_path: Path) -> None:
    cell = with_column(tmp_path, "总金额", "59.80", " 59.80 ")
    report = cell.reports[0].files[0]
    assert (report.status, report.canonical) == ("imported", 2)
    assert [(finding.kind, finding.name) for finding in report.findings] == [("repeated_column", "总金额")]
    cell.shows("orders", "goods_minor\n5980\n5980")


def test_an_order_number_that_stands_twice_and_differs_refuses_the_file(tmp_path: Path) -> None:
    report = with_column(tmp_path, "订单编号", "289749893209214687", "1").reports[0].files[0]
    assert report.error_code == "connector.column_twice"


def test_a_column_that_decides_nothing_may_differ_and_the_first_one_is_read(tmp_path: Path) -> None:
    cell = with_column(tmp_path, "物流公司", "甲", "乙")
    report = cell.reports[0].files[0]
    assert (report.status, [finding.kind for finding in report.findings]) == ("imported", ["repeated_column"])
