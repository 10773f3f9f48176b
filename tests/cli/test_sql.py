"""`entrepot sql`: no column is lost, and nothing is told of the machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.engine.duckdb.console import names_apart

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.testing.sample_company import ImportedCompany


def test_a_column_name_given_twice_is_numbered_and_keeps_its_values(
    run: Callable[..., Any], one_imported: ImportedCompany
) -> None:
    home = one_imported.parts.layout.home
    text = "select 1 as n, 2 as n, 3 as m, 4 as n"
    assert json.loads(run("sql", text, "--home", home, "--json").out) == {
        "rows": [{"n": 1, "n_2": 2, "m": 3, "n_3": 4}]
    }
    assert run("sql", text, "--home", home, "--csv").out == "n,n_2,m,n_3\n1,2,3,4\n"


@pytest.mark.parametrize(
    ("names", "apart"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a_2"], ["a", "a_3", "a_2"]),
        (["a_2", "a", "a"], ["a_2", "a", "a_3"]),
        ([], []),
    ],
)
def test_a_number_never_takes_a_name_that_is_there(names: list[str], apart: list[str]) -> None:
    assert names_apart(names) == apart


@pytest.mark.parametrize(
    "text",
    [
        "select current_setting('allowed_directories')",
        "select main.current_setting('temp_directory')",
        "select ('home_directory').current_setting()",
        "select \"CURRENT_SETTING\"('allowed_directories')",
        "select list_transform(['allowed_directories'], x -> current_setting(x))",
        "select count(*) from orders where shop = current_setting('allowed_directories')",
        "select pg_get_viewdef(1)",
        "select getvariable('x')",
    ],
)
def test_no_path_of_the_machine_leaks_through_settings(
    run: Callable[..., Any], one_imported: ImportedCompany, text: str
) -> None:
    home = one_imported.parts.layout.home
    told = run("sql", text, "--home", home, "--json")
    assert (told.code, told.out) == (1, "")
    assert json.loads(told.err)["error"]["code"] == "engine.select_refused"
    assert str(home) not in told.err


def test_the_type_of_a_value_may_still_be_asked(run: Callable[..., Any], one_imported: ImportedCompany) -> None:
    told = run("sql", "select pg_typeof(1) as t", "--home", one_imported.parts.layout.home, "--json")
    assert json.loads(told.out) == {"rows": [{"t": "integer"}]}
