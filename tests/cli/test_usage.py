"""Wrong usage leaves with 2, names what is known, and speaks JSON to programs."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from entrepot.cli import app_of
from entrepot.cli.app import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.testing.sample_company import ImportedCompany, SampleCompany


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("report", "pnl", "--colour", "red"), "--colour"),
        (("import",), "paths"),
        (("close-the-month",), "close-the-month"),
        (("report", "pnl", "--by", "weekday"), "weekday"),
        (("tables", "show", "nosuch"), "entrepot tables list"),
    ],
)
def test_wrong_usage_is_json_on_stderr_for_a_program_and_prose_for_a_person(
    run: Callable[..., Any], arguments: tuple[str, ...], problem: str
) -> None:
    told = run(*arguments, "--json")
    assert (told.code, told.out) == (2, "")
    assert json.loads(told.err)["error"]["code"] == "cli.wrong_usage"
    assert problem in json.loads(told.err)["error"]["message"]
    said = run(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Usage: ")
    assert problem in said.err


def test_a_refusal_is_json_on_stderr_too_and_stdout_stays_empty(run: Callable[..., Any], tmp_path: Path) -> None:
    told = run("report", "pnl", "--home", tmp_path, "--json")
    assert (told.code, told.out) == (1, "")
    assert json.loads(told.err)["error"]["code"] == "store.nothing_published"


def test_a_good_command_still_leaves_with_0_and_strict_with_1(
    run: Callable[..., Any], small_company: SampleCompany, tmp_path: Path
) -> None:
    assert run("--version").code == 0
    file = small_company.data_files("sku_list")[0]
    assert run("import", file, "--home", tmp_path, "--json").code == 0
    (tmp_path / "letter.csv").write_text("dear,all\n1,2\n", encoding="utf-8")
    assert run("import", tmp_path / "letter.csv", "--home", tmp_path, "--strict", "--json").code == 1


def _commands(group: Any, prefix: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    found: list[tuple[tuple[str, ...], Any]] = []
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found += _commands(command, (*prefix, name))
        else:
            found.append(((*prefix, name), command))
    return found


def test_a_command_loads_no_other_and_help_knows_them_all() -> None:
    """What starts a process decides what it loads, so this looks at a new one."""
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from entrepot.cli import main; main()"
    loaded = subprocess.run((sys.executable, "-c", code, "sql", "--help"), capture_output=True, text=True, check=True)
    modules = {f"entrepot.cli.{place.partition(':')[0]}" for place in COMMANDS.values()}
    assert modules & set(loaded.stdout.split()) == {"entrepot.cli.sql"}
    told = subprocess.run((sys.executable, "-m", "entrepot", "--help"), capture_output=True, text=True, check=True)
    assert {name for name in COMMANDS if name not in told.stdout} == set()


_BOTH_FORMS = [
    name
    for name, command in _commands(get_command(app_of()))
    if {"--json", "--csv"} <= {option for parameter in command.params for option in parameter.opts}
]


def test_nothing_is_frozen_when_a_command_ends() -> None:
    """Libraries that count their objects would take it for leaked, and tell the terminal so."""
    code = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count())); from entrepot.cli import main; main()"
    ended = subprocess.run((sys.executable, "-c", code, "--version"), capture_output=True, text=True, check=True)
    assert ended.stdout.split()[-1] == "0"


@pytest.mark.parametrize("name", _BOTH_FORMS, ids=" ".join)
def test_json_and_csv_at_once_are_refused_by_every_command_that_has_both(
    run: Callable[..., Any], one_imported: ImportedCompany, name: tuple[str, ...]
) -> None:
    period = ("--from", "2026-09-01", "--to", "2026-09-30")
    needed = {("sql",): ("select 1 as a",), ("report", "custom"): ("any",), ("gateway", "export"): period}
    asked = needed.get(name, ())
    told = run(*name, *asked, "--home", one_imported.parts.layout.home, "--json", "--csv")
    assert (told.code, told.out) == (2, "")
    assert "not both" in json.loads(told.err)["error"]["message"]


def test_there_are_commands_with_both_forms() -> None:
    assert len(_BOTH_FORMS) >= 7


def test_a_connector_that_is_not_there_is_named_with_those_that_are(
    run: Callable[..., Any], one_imported: ImportedCompany
) -> None:
    before = one_imported.parts.layout.state.read_bytes()
    told = run("replay", "--connector", "taobao", "--home", one_imported.parts.layout.home, "--json")
    assert (told.code, told.out) == (2, "")
    message = json.loads(told.err)["error"]["message"]
    assert "there is no taobao; known are " in message
    assert "pinduoduo" in message
    assert one_imported.parts.layout.state.read_bytes() == before


def test_a_kind_of_exception_that_is_not_there_is_named_with_those_that_are(
    run: Callable[..., Any], one_imported: ImportedCompany
) -> None:
    told = run("exceptions", "list", "--kind", "late", "--home", one_imported.parts.layout.home)
    assert (told.code, told.out) == (2, "")
    assert "there is no late" in told.err
    assert "settlement_missing" in told.err


def test_a_kind_is_known_by_its_chinese_name_too(run: Callable[..., Any], one_imported: ImportedCompany) -> None:
    home = one_imported.parts.layout.home
    by_code = run("exceptions", "list", "--kind", "settlement_missing", "--home", home, "--json")
    by_word = run("exceptions", "list", "--kind", "长期未结算", "--home", home, "--json")
    assert json.loads(by_word.out) == json.loads(by_code.out)
    assert {row["kind"] for row in json.loads(by_word.out)["exceptions"]} == {"settlement_missing"}


def test_a_negative_limit_is_wrong_usage_and_drops_no_row(
    run: Callable[..., Any], one_imported: ImportedCompany
) -> None:
    told = run("exceptions", "list", "--limit", "-3", "--home", one_imported.parts.layout.home)
    assert (told.code, told.out) == (2, "")


def test_a_misspelt_shop_imports_nothing_where_the_settings_name_shops(
    run: Callable[..., Any], small_company: SampleCompany, tmp_path: Path
) -> None:
    parts = small_company.new_cell(tmp_path / "home")
    file = small_company.data_files("pdd_orders")[0]
    told = run("import", file, "--shop", "pdd-yuxum", "--home", parts.layout.home, "--json")
    assert (told.code, told.out) == (2, "")
    assert "pdd-yuxun" in json.loads(told.err)["error"]["message"]
    assert not parts.layout.state.exists()


def test_without_shops_in_the_settings_any_shop_may_be_named(
    run: Callable[..., Any], small_company: SampleCompany, tmp_path: Path
) -> None:
    file = small_company.data_files("pdd_orders")[0]
    told = run("import", file, "--shop", "my-first-shop", "--home", tmp_path, "--json")
    assert told.code == 0
    assert [each["shop"] for each in json.loads(told.out)["files"]] == ["my-first-shop"]


def test_a_reporting_currency_without_a_rate_is_named_with_those_that_have_one(
    run: Callable[..., Any], one_imported: ImportedCompany
) -> None:
    told = run("report", "pnl", "--currency", "ZZZ", "--home", one_imported.parts.layout.home, "--json")
    assert (told.code, told.out) == (1, "")
    message = json.loads(told.err)["error"]["message"]
    assert message.startswith("there is no rate for ZZZ; currencies with a rate: AUD, ")
    assert "CNY" in message
