"""A separator at the end of each row, or of the header alone, makes no cell; what stands behind it is no cell of ours."""

from __future__ import annotations

import pytest

from entrepot.connectors.reading.tabular import HEAD_ROWS
from tests.connectors.casework import CaseFile, lines_of, translated
from tests.connectors.pinduoduo import test_pinduoduo_orders as pinduoduo

ROWS = lines_of(pinduoduo.HEADER, pinduoduo.PLAIN, {}, {"订单号": "260901-9"}, {"订单号": "260901-8"}).splitlines()


def _orders(header: str, *rows: str) -> tuple[dict[str, str], int]:
    lines = [f"{line}{end}" for line, end in zip(ROWS, (header, *rows), strict=True)]
    found = translated(CaseFile("\r\n".join([*lines, ""]), "orders.csv"))
    return found.rejects, len(found.tables.get("orders", []))


@pytest.mark.parametrize(
    ("header", "rows"),
    [("", ("", "", "")), ("", (",", ",", ",")), ("", (",,", ", ,", ",,")), (",", ("", "", "")), (",", (",", ",", ","))],
    ids=["none", "on each row", "two on each row", "on the header alone", "on all lines"],
)
def test_a_separator_at_the_end_makes_no_cell(header: str, rows: tuple[str, ...]) -> None:
    assert _orders(header, *rows) == ({}, 3)


def test_a_row_far_below_with_something_behind_the_last_column_is_refused_and_the_others_go_on() -> None:
    many = [{"订单号": f"260901-{number}"} for number in range(HEAD_ROWS + 1)]
    header, *rows = lines_of(pinduoduo.HEADER, pinduoduo.PLAIN, *many).splitlines()
    lines = [header, *(f"{row},," for row in rows[:-2]), f"{rows[-2]},,x", f"{rows[-1]},,", ""]
    found = translated(CaseFile("\r\n".join(lines), "orders.csv"))
    assert found.rejects == {str(len(rows)): "wrong_columns"}
    assert len(found.tables["orders"]) == HEAD_ROWS


def test_where_some_rows_are_longer_than_others_the_longer_ones_are_refused() -> None:
    assert _orders("", ",", ",", "") == ({"2": "wrong_columns", "3": "wrong_columns"}, 1)
