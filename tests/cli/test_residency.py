"""`entrepot residency` as a person types it: counts, refusals, two languages, and no value of anybody."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.flows.asking import table_rows
from entrepot.flows.importing import import_paths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.testing.sample_company import SampleCompany

_WHY = ("--reason", "asked by letter", "--by", "Li Na")


@pytest.fixture(scope="module")
def home(small_company: SampleCompany, tmp_path_factory: pytest.TempPathFactory) -> Path:
    parts = small_company.new_cell(tmp_path_factory.mktemp("residency") / "home")
    import_paths(parts, small_company.data_files("tmall_orders"))
    return parts.layout.home


@pytest.fixture(scope="module")
def accounts(small_company: SampleCompany, home: Path) -> list[str]:
    rows = table_rows(small_company.new_cell(home), "persons").to_pylist()
    return sorted(row["platform_account"] for row in rows)


def test_holds_refuse_and_an_erasure_prints_counts_and_what_it_does_not_reach(
    run: Callable[..., Any], home: Path, accounts: list[str]
) -> None:
    person = ("--person", accounts[0], "--home", home)
    printed = []

    def said(*arguments: Any) -> tuple[int, str, str]:
        answer = run("residency", *arguments)
        printed.append(f"{answer.out}{answer.err}")
        return answer.code, answer.out, answer.err

    found = json.loads(said("find", *person, "--json")[1])
    assert (found["persons"], found["holds"], found["erasure"]) == (1, [], None)
    assert date.fromisoformat(found["answer_by"]) == (datetime.now(UTC) + timedelta(hours=8)).date() + timedelta(
        days=15
    )
    assert "人数: 1" in said("find", *person, "--lang", "zh")[1]
    assert "a refusal with its reasons (Personal Information Protection Law" in said("find", *person)[1]
    code, out, _ = said("hold", "add", *person, "--until", "2099-12-31", *_WHY, "--json")
    (hold,) = json.loads(out)["holds"]
    assert (code, hold["state"]) == (0, "in_force")
    assert "法定留存" in said("find", *person, "--lang", "zh")[1]
    code, _, err = said("erase", *person, *_WHY, "--json")
    assert (code, json.loads(err)["error"]["code"]) == (1, "residency.erasure_held")
    assert hold["id"] in err
    assert said("hold", "release", hold["id"], *_WHY, "--home", home)[0] == 0
    assert said("hold", "release", hold["id"], *_WHY, "--home", home)[0] == 1
    assert "released" in said("hold", "list", "--home", home)[1]
    code, out, _ = said("erase", *person, *_WHY, "--dry-run")
    assert (code, "nothing was erased" in out) == (0, True)
    code, out, _ = said("erase", *person, *_WHY)
    assert code == 0
    assert "outside the company folder" in out
    assert "same entries as before" in out
    code, _, err = said("find", *person)
    assert (code, "names nobody here" in err) == (1, True)
    assert [text for text in printed if accounts[0] in text] == []


def test_an_incident_starts_its_clocks_and_more_persons_start_more_of_them(run: Callable[..., Any], home: Path) -> None:
    asked = ("residency", "incident", "--aware", "2026-11-03T09:00+08:00", "--home", home)

    def told(*more: str) -> list[tuple[str, str]]:
        answer = run(*asked, *more, "--json")
        return [(each["rule"], each["by"]) for each in json.loads(answer.out)["deadlines"]]

    few = [("cn-remedy", "2026-11-03T01:00:00Z")]
    assert told("--persons", "999999") == few
    assert told("--persons", "1000000") == [*few, ("cn-major-report", "2026-11-03T05:00:00Z")]
    handled = ("--ciio", "--handled", "2026-11-05T00:00Z")
    assert told("--persons", "1000000", *handled) == [
        *few,
        ("cn-critical-report", "2026-11-03T02:00:00Z"),
        ("cn-closing-report", "2026-12-05T00:00:00Z"),
    ]
    assert "立即补救并通知主管部门和个人" in run(*asked, "--lang", "zh").out


@pytest.mark.parametrize(
    "arguments",
    [
        ("incident", "--aware", "yesterday"),
        ("incident", "--aware", "2026-11-03T09:00"),
        ("erase", "--reason", "", "--by", "Li Na", "--person", "x"),
        ("erase", *_WHY),
        ("erase", *_WHY, "--person", "x", "--file", "persons.csv"),
        ("find",),
        ("hold", "add", *_WHY, "--until", "soon", "--all"),
        ("hold", "add", *_WHY, "--until", "2099-12-31"),
        ("hold", "add", *_WHY, "--until", "2099-12-31", "--all", "--order", "1"),
    ],
)
def test_what_is_not_said_clearly_is_wrong_usage(
    run: Callable[..., Any], home: Path, arguments: tuple[str, ...]
) -> None:
    answer = run("residency", *arguments, "--home", home)
    assert answer.code == 2


def test_an_empty_company_has_nobody_to_erase(run: Callable[..., Any], tmp_path: Path) -> None:
    answer = run("residency", "erase", "--person", "x", *_WHY, "--home", tmp_path / "none", "--json")
    assert answer.code == 1
    assert "store.nothing_published" in answer.err
    answer = run("residency", "hold", "list", "--home", tmp_path / "none", "--json")
    assert json.loads(answer.out) == {"holds": []}
    assert not (tmp_path / "none").exists()
