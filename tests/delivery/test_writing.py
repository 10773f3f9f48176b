"""A workbook's lines are written column by column: the cells are those that were given, however many and however odd."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pyarrow as pa
from python_calamine import CalamineWorkbook

from entrepot.delivery.registry import layout_named
from entrepot.delivery.writing import write_table

if TYPE_CHECKING:
    from pathlib import Path

_PLAIN = layout_named("plain")
_LINES = 25_001
"""More than are written at once, and the last batch is not full."""


def _sheet(path: Path) -> list[list[object]]:
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [list(row) for row in rows]


def test_every_line_of_a_long_journal_is_in_the_workbook_and_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    table = pa.table(
        {
            "reference": [f"订单 {number}" for number in range(_LINES)],
            "debit": [f"{number}.50" if number % 2 else "" for number in range(_LINES)],
            "credit": ["" if number % 2 else f"-{number}.25" for number in range(_LINES)],
        }
    )
    for name in ("one.xlsx", "two.xlsx"):
        write_table(table, _PLAIN, tmp_path / name, "xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    header, *lines = _sheet(tmp_path / "one.xlsx")
    assert header == ["reference", "debit", "credit"]
    assert lines == [
        [f"订单 {number}", number + 0.5, ""] if number % 2 else [f"订单 {number}", "", -(number + 0.25)]
        for number in range(_LINES)
    ]
    with ZipFile(tmp_path / "one.xlsx") as book:
        assert re.findall(r'<dimension ref="[^"]*"/>', book.read("xl/worksheets/sheet1.xml").decode()) == [
            f'<dimension ref="A1:C{_LINES + 1}"/>'
        ]


def test_texts_that_xml_and_spreadsheets_read_otherwise_come_back_as_they_were(tmp_path: Path) -> None:
    texts = [
        "a & b",
        "<tag>",
        "'=1+1",
        "=1+1",
        "  kept  ",
        "two\nlines",
        "_x0041_",
        "0042",
        "1e5",
        "bell\x07",
        "'",
        '"',
    ]
    numbers = [
        "12.50",
        "-0.01",
        "0042",
        "1234567890123456",
        "123456789012345",
        "text",
        "",
        ".5",
        "1.",
        "-",
        "NaN",
        "1,0",
    ]
    write_table(pa.table({"reference": texts, "debit": numbers}), _PLAIN, tmp_path / "odd.xlsx", "xlsx")
    _, *lines = _sheet(tmp_path / "odd.xlsx")
    assert [line[0] for line in lines] == texts
    kept = {"12.50": 12.5, "-0.01": -0.01, "123456789012345": 123456789012345.0}
    assert [line[1] for line in lines] == [kept.get(each, each) for each in numbers]


def test_a_journal_without_lines_is_a_sheet_with_its_header(tmp_path: Path) -> None:
    empty = pa.table({"reference": pa.array([], pa.string()), "debit": pa.array([], pa.string())})
    write_table(empty, _PLAIN, tmp_path / "empty.xlsx", "xlsx")
    assert _sheet(tmp_path / "empty.xlsx") == [["reference", "debit"]]
