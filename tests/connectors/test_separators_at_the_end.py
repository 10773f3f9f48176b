"""A separator at the end makes no cell: of the header alone, or of each row where a format is known to write one there."""

from __future__ import annotations

import pytest

from entrepot.connectors.reading.tabular import HEAD_ROWS
from tests.connectors.bank import test_bank_statements as bank
from tests.connectors.casework import CaseFile, lines_of, translated
from tests.connectors.pinduoduo import test_pinduoduo_orders as pinduoduo

ROWS = lines_of(pinduoduo.HEADER, pinduoduo.PLAIN, {}, {"订单号": "260901-9"}, {"订单号": "260901-8"}).splitlines()
REFUSED = {"2": "wrong_columns", "3": "wrong_columns", "4": "wrong_columns"}
ICBC_HEADER, ICBC_ROW = bank.ICBC.splitlines()[-4:-2]


def _orders(header: str, *rows: str) -> tuple[dict[str, str], int]:
    lines = [f"{line}{end}" for line, end in zip(ROWS, (header, *rows), strict=True)]
    found = translated(CaseFile("\r\n".join([*lines, ""]), "orders.csv"))
    return found.rejects, len(found.tables.get("orders", []))


def _movements(*ends: str) -> tuple[dict[str, str], int]:
    """Rows of ICBC, each with what stands behind its last cell."""
    bare = ICBC_ROW.removesuffix(",")
    rows = [f"{bare.replace('1,234.56', f'{number + 1}.56')}{end}" for number, end in enumerate(ends)]
    found = translated(CaseFile("\r\n".join([ICBC_HEADER, *rows, ""]), "icbc.csv", shop="icbc"))
    return found.rejects, len(found.tables.get("bank_lines", []))


@pytest.mark.parametrize(
    ("header", "rows"),
    [("", ("", "", "")), (",", ("", "", "")), (",", (",", ",", ","))],
    ids=["none", "on the header alone", "on all lines"],
)
def test_a_separator_behind_the_header_makes_no_cell(header: str, rows: tuple[str, ...]) -> None:
    assert _orders(header, *rows) == ({}, 3)


def test_rows_that_are_longer_than_the_header_are_refused_where_no_source_knows_of_a_separator() -> None:
    assert _orders("", ",", ",", ",") == (REFUSED, 0)


def test_a_comma_in_an_amount_before_an_empty_last_column_moves_no_cell() -> None:
    header = "日期,计划ID,计划名字,花费,展现量,点击量,总成交金额,投入产出比,会员成交金额\r\n"
    rows = "2026-09-01,77,a,1,234.00,900,30,5000.00,4.05,\r\n2026-09-02,77,a,2,500.00,901,31,5000.00,4.05,\r\n"
    found = translated(CaseFile(header + rows, "ads.csv", "utf-8", "shop"))
    assert (found.formats, found.rejects) == (
        {"ads.csv": "tmall_ads"},
        {"2": "wrong_columns", "3": "wrong_columns"},
    )


@pytest.mark.parametrize("end", ["", ",", ", "], ids=["none", "one", "one and a blank"])
def test_a_format_that_ends_its_rows_in_a_separator_is_read_with_and_without_it(end: str) -> None:
    assert _movements(end, end, end) == ({}, 3)


def test_two_separators_at_the_end_of_such_rows_are_one_too_many() -> None:
    assert _movements(",,", ",,", ",,") == (REFUSED, 0)


def test_a_row_far_below_with_something_behind_the_last_column_is_refused_and_the_others_go_on() -> None:
    ends = [","] * (HEAD_ROWS + 1)
    refused = {str(len(ends) + 2): "wrong_columns"}
    assert _movements(*ends, ",x", ",") == (refused, len(ends) + 1)


def test_where_some_rows_are_longer_than_others_the_longer_ones_are_refused() -> None:
    longer = {"2": "wrong_columns", "3": "wrong_columns"}
    assert _movements(",", ",", "") == (longer, 1)
    assert _orders("", ",", ",", "") == (longer, 1)
