"""The tool that takes out rows of code lists: it notices one that matters and names one that nothing holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.proof.removals import Row, code_list_rows, page, unnoticed_by_cases, without
from tests.proof.titled_cases import titled_batches

if TYPE_CHECKING:
    from pathlib import Path


def test_a_row_that_a_case_holds_is_missed_and_one_that_nothing_holds_is_not(tmp_path: Path) -> None:
    tmall = next(each for each in titled_batches(tmp_path) if each.connector.spec.name == "tmall")
    files = dict(tmall.connector.mapping_files)
    held = next(row for row in code_list_rows([tmall.connector]) if row.text.startswith("等待买家付款"))
    files[held.file] += held.text.replace("等待买家付款", "无人使用的状态") + "\n"
    idle = Row("tmall", held.file, len(files[held.file].splitlines()), "无人使用的状态")
    longer = replace(tmall, connector=replace(tmall.connector, texts=files))
    assert unnoticed_by_cases([longer], [held, idle], tmp_path) == [idle]


def test_the_line_that_is_named_is_the_one_that_goes() -> None:
    assert without({"a.csv": "code\none\ntwo\n", "b.csv": "x\n"}, "a.csv", 2) == {
        "a.csv": "code\ntwo\n",
        "b.csv": "x\n",
    }


def test_a_piece_that_was_looked_at_again_replaces_its_line_of_the_page_only() -> None:
    first = page("", {"jd": (28, 27, 1, 0), "posting rules": (11, 0, 10, 1)})
    second = page(first, {"posting rules": (11, 0, 11, 0), "amazon": (1_512, 500, 12, 0)})
    assert [line for line in second.splitlines() if line.startswith("| ")][2:] == [
        "| amazon | 1,512 | 500 | 12 | 0 |",
        "| jd | 28 | 27 | 1 | 0 |",
        "| posting rules | 11 | 0 | 11 | 0 |",
    ]
