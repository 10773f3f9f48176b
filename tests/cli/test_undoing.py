"""`entrepot undo` and `redo` as a person types them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.testing.sample_company import SampleCompany


def test_a_file_is_undone_and_brought_back_by_its_name_with_a_reason(
    run: Callable[..., Any], small_company: SampleCompany, tmp_path: Path
) -> None:
    file = small_company.data_files("sku_list")[0]
    why = ("--reason", "wrong list", "--approved-by", "Li Na", "--home", tmp_path, "--json")
    assert run("import", file, "--home", tmp_path, "--json").code == 0

    undone = json.loads(run("undo", file.name, *why).out)
    assert [each["path"].endswith(file.name) for each in undone["undone"]] == [True]
    assert json.loads(run("sql", "select count(*) as n from skus", "--home", tmp_path, "--json").out) == {
        "rows": [{"n": 0}]
    }
    listed = json.loads(run("files", "list", "--home", tmp_path, "--json").out)["files"]
    assert [(row["undone"], row["row_count"] > 0) for row in listed] == [(True, True)]

    raw_id = undone["undone"][0]["raw_id"]
    assert run("redo", raw_id[:8], *why).code == 0
    assert json.loads(run("sql", "select count(*) > 0 as some from skus", "--home", tmp_path, "--json").out) == {
        "rows": [{"some": True}]
    }


def test_a_name_that_means_no_file_or_no_reason_changes_nothing(
    run: Callable[..., Any], small_company: SampleCompany, tmp_path: Path
) -> None:
    file = small_company.data_files("sku_list")[0]
    assert run("import", file, "--home", tmp_path, "--json").code == 0
    before = run("files", "list", "--home", tmp_path, "--json").out
    strange = run("undo", "nosuch.csv", "--reason", "x", "--approved-by", "y", "--home", tmp_path)
    assert (strange.code, file.name in strange.err) == (2, True)
    silent = run("undo", file.name, "--reason", " ", "--approved-by", "y", "--home", tmp_path)
    assert (silent.code, "--reason" in silent.err) == (2, True)
    assert run("undo", file.name, "--home", tmp_path).code == 2
    assert run("files", "list", "--home", tmp_path, "--json").out == before
